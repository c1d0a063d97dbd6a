// Written by `cargo xtask bindings` from crates/commands. Do not edit.

import type { Bank, Role, Right, View, Environment, ReplyMac, Code } from "./names";

export type Failure = { 
/** Which sentence. */
code: Code, 
/** What the sentence speaks of. */
values: Record<string, unknown>, 
/** Cause and way out. */
zh: string, 
/** Cause and way out. */
en: string, };

export type PollingView = { 
/** Seconds, on screen. */
screen_s: number, 
/** Seconds, on screen after two minutes. */
screen_later_s: number, 
/** Days after expiry in which late money is looked for. */
after_expiry_days: number, };

export type SettingsView = { 
/** Of the shop. */
name: string, 
/** The payee name that the customer's bank app will show. */
payee_name: string, 
/** `null`: the shop has no contract with this bank. */
sinopac: SinopacSettingsView | null, 
/** `null`: the shop has no contract with this bank. */
ctbc: CtbcSettingsView | null, 
/** How often. */
polling: PollingView, 
/** Where the data file is. */
folder: string, 
/** The demo shop is open because there is no other yet. */
can_add: boolean, 
/** One-person mode is on: the requester of a refund may approve it alone, slowly. */
one_person?: boolean, 
/** Minutes without a key or a touch until the window locks; 0: never. */
lock_after_mins: number, 
/** Days after the end of an order until its customer is erased by itself; 0: never. */
customer_days: number, 
/** The program starts when whoever uses this computer signs in to it; absent where it cannot:
 * it was started for a folder that was named. */
start_at_login?: boolean, };

export type SinopacSettingsView = { 
/** Which world. */
environment: Environment, 
/** The shop's number at the bank. */
shop_no: string, 
/** Of a `custom` shop. */
base_url: string | null, 
/** `loopback`, or the shop's own page. */
return_url: string, 
/** 0 = any. */
loopback_port: number, 
/** Cards are captured at once. */
auto_billing: boolean, 
/** Single limit of the account rail, whole dollars. */
account_limit: number, 
/** `v2.4` or `v2.5`: which paper of the bank the contract follows. */
paper?: string, 
/** What is wrong with the keys; `null` when all are there and can be read. */
keys: Failure | null, };

export type CtbcSettingsView = { 
/** Which world; the bank's test system is `sandbox` here. */
environment: Environment, 
/** Of a `custom` shop. */
base_url: string | null, 
/** MerID 網站特店編號. */
mer_id: string, 
/** MerchantID 特店代號. */
merchant_id: string, 
/** TerminalID 端末機代號. */
terminal_id: string, 
/** `loopback`, or the shop's own page. */
return_url: string, 
/** 0 = any. */
loopback_port: number, 
/** What the MAC of an answer has to be. */
reply_mac: ReplyMac, 
/** A further part may be refunded after a part was. */
refund_remainder: boolean, 
/** When the bank's nightly batch runs. */
batch: BatchView, 
/** Years, this one or one that is near, without a holiday in the list. */
unlisted_years: Array<number>, 
/** What is wrong with the key; `null` when it is there and can be read. */
key: Failure | null, };

export type BatchView = { 
/** `20:00` */
start: string, 
/** How long it takes. */
minutes: number, 
/** Before and after it. */
margin_minutes: number, 
/** 1 Monday to 7 Sunday. */
weekdays: number[], 
/** Weekdays without a batch. As typed they are lines, empty ones too: `2026-01-01` or
 * `2026/1/1`. */
holidays: Array<string>, 
/** Other days with a batch 補班日. */
extra_workdays: Array<string>, 
/** The shop's contract says that no batch runs on public holidays. */
no_batch_on_public_holidays: boolean, };

export type SettingsChange = { 
/** As in [`SettingsView`]. */
payee_name: string, 
/** `null`: stays as it is, or is not there. */
sinopac: SinopacChange | null, 
/** `null`: stays as it is, or is not there. */
ctbc: CtbcChange | null, 
/** As in [`SettingsView`]. */
polling: PollingView, 
/** Absent: one-person mode stays as it is. */
one_person?: boolean, 
/** Absent: stays as it is. */
lock_after_mins?: number, 
/** Absent: stays as it is. */
customer_days?: number, 
/** Absent: stays as it is. It is the computer's, and no setting of the shop. */
start_at_login?: boolean, };

export type SinopacChange = { 
/** See there. */
return_url: string, 
/** See there. */
loopback_port: number, 
/** See there. */
account_limit: number, 
/** See there. Left out: it stays. */
paper?: string, };

export type CtbcChange = { 
/** See there. */
merchant_id: string, 
/** See there. */
terminal_id: string, 
/** See there. */
return_url: string, 
/** See there. */
loopback_port: number, 
/** See there. */
reply_mac: string, 
/** See there. */
refund_remainder: boolean, 
/** See there. */
batch: BatchView, };

export type KeysTyped = { 
/** X-KeyID. */
key_id: string, 
/** 16 hex digits, like the following. */
a1: string, 
/** A2. */
a2: string, 
/** B1. */
b1: string, 
/** B2. */
b2: string, };

export type CardKeyTyped = { 
/** 壓碼字串, 24 characters. */
mac_key: string, };

export type SinopacTyped = { environment: string, shop_no: string, keys: KeysTyped, return_url: string, loopback_port: number, };

export type CtbcTyped = { environment: string, mer_id: string, merchant_id: string, terminal_id: string, keys: CardKeyTyped, return_url: string, loopback_port: number, };

export type BanksTyped = { sinopac: SinopacTyped | null, ctbc: CtbcTyped | null, };

export type ShopTyped = { name: string, payee_name: string, banks: BanksTyped, };

export type ProofView = { 
/** Which bank. */
bank: Bank, 
/** The bank has answered as it answers right keys. */
ok: boolean, 
/** What was typed is kept from now on. */
kept: boolean, 
/** The fields that are wrong, or among which the wrong one is: `a1`, `shop_no`, `mac_key` … */
fields: Array<string>, 
/** Why it is not proved. */
failure: Failure | null, };

export type HealthView = { 
/** The bank, or the way to it, does not answer. */
bank: SilenceView | null, 
/** CTBC, or the way to it, does not answer. */
ctbc?: SilenceView, 
/** By how many seconds this computer's clock is behind the bank's; more than a minute either
 * way. */
clock_off_s: number | null, 
/** The clocks of the banks that the shop has. */
clocks?: Array<ClockView>, 
/** Refunds that rest at a bank for too long. */
refunds?: Array<RefundAlarmView>, 
/** Owners whose lost PIN was replaced from this computer's account in the last 30 days. */
recovered?: Array<PersonView>, 
/** One-person mode is on. */
one_person?: boolean, 
/** A customer was erased while another program read the data file: until that ends, the log
 * beside the file still holds the name. */
erasure_unfinished?: boolean, 
/** Copies of the data file that erasing does not reach. */
copies?: CopiesView, 
/** Money at the bank that this data file does not know. */
foreign?: ForeignSumView, 
/** The data file is not the one that this computer had last. */
file?: FileDoubtView, 
/** Banks of the shop whose keys are lost. The other one goes on. */
shut?: Array<ShutView>, 
/** The port of the shop's return address that another program has: no browser comes back to
 * this one, and a CTBC page cannot be handed out. */
port_taken?: number, 
/** Why nothing is sold or asked for the time being; what is there can be looked at. */
paused: Failure | null, };

export type CopiesView = { 
/** Their names. */
files: Array<string>, 
/** What they are, and what to do. */
zh: string, 
/** What they are, and what to do. */
en: string, };

export type FileDoubtView = { 
/** `older-file` or `other-file`. */
kind: "older-file" | "other-file", 
/** The last that the file knows of the time before. */
from: string, 
/** When it was opened. */
to: string, };

export type ShutView = { 
/** Which one. */
bank: Bank, 
/** Why. */
why: Failure, };

export type ForeignSumView = { 
/** How many numbers. */
count: number, 
/** Whole dollars of those that the bank names an amount of. */
sum: number, };

export type RefundAlarmView = { 
/** UUID. */
refund: string, 
/** UUID. */
payment: string, 
/** `locked-too-long`, `pending-too-long` or `unanswered-too-long`. */
kind: string, 
/** Since when. */
since: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type WorkView = { 
/** Turns of the engine. */
steps: number, 
/** Requests that may change something at a bank. */
sent: number, 
/** Questions answered. */
read: number, 
/** Operations that wait for a time or a reading. */
waiting: number, 
/** Operations that wait for a person. */
needs_person: number, };

export type GapView = { 
/** First minute. */
from: string, 
/** Last minute. */
to: string, };

export type CoverageView = { 
/** When the shop was added. */
from: string, 
/** The last minute that counts. */
to: string, 
/** Oldest first; any is an alarm. */
gaps: Array<GapView>, 
/** Minutes that the bank never showed as a whole: only our own numbers were asked about. Any is
 * an alarm too. */
by_number?: Array<GapView>, };

export type CoverageNow = { 
/** Bank time. */
now: string, 
/** When SinoPac is swept next; absent where it is not. */
next_at?: string, 
/** When the shop was added. */
from: string, 
/** The last minute that counts. */
to: string, 
/** Oldest first; any is an alarm. */
gaps: Array<GapView>, 
/** Minutes that the bank never showed as a whole: only our own numbers were asked about. Any is
 * an alarm too. */
by_number?: Array<GapView>, };

export type AuditView = { 
/** Everything fits. */
ok: boolean, 
/** Rows walked. */
rows: number, 
/** Hash of the last row: a copy kept elsewhere reveals a shortened chain. */
head: string, 
/** Rows when the head was kept beside the keys last; that row is among them, or it is found. */
kept: number | null, 
/** The first row that does not fit. */
broken_at: number | null, 
/** Everything that another hand has touched, and a mark of the coverage that claims too much. */
found: Array<string>, 
/** What an owner has accepted of it, so that it is found no more. */
accepted?: Array<string>, 
/** The folder takes no file, so the data file was read as one that nobody writes. */
read_only?: boolean, 
/** Files in the shop's folder that this program did not write, by name. */
strangers?: Array<string>, 
/** Copies of the data file beside it. The record is whole all the same. */
copies?: CopiesView, };

export type AuditAsked = { 
/** Part of a person's name, or `engine`, `browser`, `owner`. */
who: string, 
/** What was done, as the rows name it. */
what: Array<string>, 
/** The first day, as people write it. */
from: string, 
/** The last day. */
to: string, 
/** What the orders' search finds an order by, for example the bank's number. */
order: string, };

export type AuditLineView = { 
/** Its number, from 1. */
row: number, 
/** When, by bank time. */
at: string, 
/** A person's name, or `engine`, `browser`, `owner`. */
who: string, 
/** What was done. */
what: string, 
/** The bank's order number or the person that it is about. */
about: string | null, 
/** What the row says beside it. */
detail: string, };

export type AuditPage = { 
/** Newest first. */
rows: Array<AuditLineView>, 
/** Whether older ones follow. */
more: boolean, 
/** Rows of the whole record. */
total: number, 
/** Hash of its last row, hex. */
head: string, };

export type AuditExported = { 
/** Where it is. */
out: string, 
/** Rows in it. */
rows: number, 
/** Rows of the whole record then. */
chain: number, 
/** Hash of the last one, hex. */
head: string, };

export type PersonView = { 
/** UUID. */
person: string, 
/** As typed. */
name: string, 
/** What the person may do. */
role: Role, 
/** The largest refund to ask for, whole dollars; `null`: any. */
ask_max: number | null, 
/** The largest refund to approve, whole dollars; `null`: any, if the role approves at all. */
approve_max: number | null, 
/** Acts no more. */
retired: boolean, 
/** A lost PIN was replaced then from this computer's account; shown for 30 days. */
recovered_at?: string, 
/** Who set the PIN in the person's place; shown until the person has set another, and for 30
 * days. */
pin_given_by?: string, 
/** When that was. */
pin_given_at?: string, 
/** The PIN was changed a short time ago. Until then who set it and this person count as one
 * hand. */
pin_apart_at?: string, 
/** The person does nothing more before setting another PIN. */
pin_to_change?: boolean, 
/** The record does not prove the row: another hand may have changed it. It gives no right until
 * the person has a new PIN. */
unproved?: boolean, };

export type WhoView = { 
/** Who has signed in; `null`: no one. */
person: PersonView | null, 
/** The shop has people: without signing in nothing is done. */
people: boolean, 
/** What whoever is at the counter may do; the rest is refused, offered or not. */
rights: Right[], 
/** Minutes without a key or a touch until the window locks; 0: never. */
lock_after_mins: number, };

export type PinTyped = string;

export type ClockView = { 
/** Which bank. */
bank: Bank, 
/** Bank time. */
now: string, 
/** The bank has told it since the start, or this computer's clock was right in the run before. */
known: boolean, 
/** By how many seconds this computer's clock is behind the time that the bank names, while
 * that is too far off to be believed at once. Whether it is right shows within minutes. */
doubted_by_s: number | null, };

export type SilenceView = { 
/** The first question without an answer. */
since: string, 
/** Ours: `timeout`, `dns`, `http-502` … */
code: string, 
/** What it means. */
zh: string, 
/** What it means. */
en: string, 
/** What a person can do about it. */
step_zh: string | null, 
/** What a person can do about it. */
step_en: string | null, 
/** The bank answers, and refuses to serve this shop. */
refused: boolean, 
/** When it is asked next, where that is known. */
next_at: string | null, };

export type ViewCount = { 
/** Which view. */
view: View, 
/** Up to [`COUNT_MAX`]. */
count: number, 
/** There are more. */
more: boolean, };

export type UnfinishedView = { 
/** Refunds that have not ended. */
refunds: number, 
/** Other requests that must still be sent, or asked about. */
requests: number, };
