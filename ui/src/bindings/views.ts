// Written by `cargo xtask bindings` from crates/commands. Do not edit.
// Longer than 500 lines because what the window is given is one file.

import type { Rail, PaymentState, OrderState, CardState, RefundMeaning, RefundState, Query, DiscrepancyKind, Note, Environment } from "./names";
import type { Failure } from "./settings";

export type SellRequest = { 
/** UUID, made by the screen: the same id twice is one sale. */
order: string, 
/** The payment method. */
rail: Rail, 
/** As typed: digits, full-width digits and thousands commas are read. */
amount: string, 
/** As typed; may be empty. */
description?: string, 
/** Who buys, at most 60 characters; not sent to a bank. */
customer?: string, 
/** Anything else about it, at most 200 characters; not sent to a bank. */
note?: string, 
/** `YYYY-MM-DD` for an account, minutes for a card. */
expires?: string, 
/** A further payment of the same order (re-issue). */
again?: boolean, };

export type Why = { 
/** The bank's code, or ours about its answer. */
code: string, 
/** What happened. */
cause_zh: string, 
/** What to do now. */
step_zh: string, 
/** What happened. */
cause_en: string, 
/** What to do now. */
step_en: string, };

export type SoldView = { 
/** UUID. */
order: string, 
/** UUID. */
payment: string, 
/** The payment method. */
rail: Rail, 
/** The number the bank sees. */
bank_order_no: string, 
/** Whole dollars. */
amount: number, 
/** How far it is. */
state: PaymentState, 
/** 14 digits, once the bank gave them. */
account: string | null, 
/** The bank's page, once the bank gave it. */
link: string | null, 
/** Until when the customer can pay, as we asked for it. */
expires_at: string, 
/** Why there is no account or link. */
why: Why | null, };

export type EvidenceView = { 
/** Which query. */
query: Query, 
/** When it was answered. */
at: string, 
/** The bank's own code. */
said: string, 
/** What the code means, where the bank's error book holds it. */
cause_zh?: string, 
/** What the code means. */
cause_en?: string, };

export type CardView = { 
/** `capture-queued` and `capture-locked` are "tonight's batch". */
state: CardState, 
/** The bank's number of it: `10`, `-1`. */
number: string, 
/** The bank's own number of the transaction, once it was approved. */
xid: string | null, 
/** The last four digits of the card. */
card_tail: string | null, 
/** What it means for a refund now. */
refund: RefundMeaning, 
/** When the batch starts that this hangs on. */
batch_at: string | null, 
/** Before that nothing may be sent. */
earliest: string | null, };

export type PageLeftView = { 
/** When it was said. */
at: string, 
/** Who says it: `browser`, or a person. */
who: string, 
/** The bank's code, as `8/05`; absent: a person says that the page is closed. */
code?: string, 
/** The bank was asked since, and knows of no card, or of one that failed. */
read: boolean, };

export type PaymentView = { 
/** UUID. */
payment: string, 
/** UUID. */
order: string, 
/** The payment method. */
rail: Rail, 
/** The number the bank sees. */
bank_order_no: string, 
/** How far it is. */
state: PaymentState, 
/** Whole dollars. */
amount: number, 
/** 14 digits. */
account: string | null, 
/** The bank's page. */
link: string | null, 
/** The payee name that the customer's bank app will show. */
payee_name: string, 
/** Until when the customer can pay. */
expires_at: string, 
/** When it was made, whatever the bank has answered since. */
created_at: string, 
/** Of a card at CTBC, once the bank has shown one. */
card?: CardView, 
/** A card at CTBC that was never approved is no longer asked about by itself since then. */
stopped_at?: string, 
/** Oldest first, by the time that the bank's clock showed at each. */
evidence: Array<EvidenceView>, 
/** The one that the state rests on, whichever is the newest. */
proof?: EvidenceView, 
/** How CTBC's page was left, while it may still be paid. */
left?: PageLeftView, 
/** CTBC's page was given to a browser. That is done once. */
opened?: boolean, 
/** What does not fit. */
discrepancies: Array<DiscrepancyView>, 
/** The last answer of the bank that was not a yes. */
why: Why | null, 
/** The order may be reissued, with a new number (money rules 2). */
reissue: boolean, 
/** It was paid after its end, by the bank's own times. */
late: boolean, 
/** The minute in which it was paid, where the bank names one. */
paid_at?: string, 
/** What a person should know now. */
note: Note | null, };

export type ArrivedView = { 
/** UUID. */
payment: string, 
/** How far it is. */
state: PaymentState, 
/** It was paid after its end. */
late: boolean, };

export type DiscrepancyView = { 
/** UUID; `discrepancies close` takes it. */
discrepancy: string, 
/** Which discrepancy. */
kind: DiscrepancyKind, 
/** First seen. */
at: string, 
/** The facts side by side. */
detail: string, };

export type PaymentRowView = { 
/** UUID. */
payment: string, 
/** The payment method. */
rail: Rail, 
/** The number the bank sees. */
bank_order_no: string, 
/** How far it is. */
state: PaymentState, 
/** Whole dollars. */
amount: number, 
/** Whole dollars given back and confirmed. */
refunded: number, 
/** How far its open refund is, or that the bank has refused the last one. */
refund?: RefundState, 
/** 14 digits. */
account: string | null, 
/** The bank's page. */
link: string | null, 
/** Until when the customer can pay, as we asked for it. */
expires_at: string, 
/** It was paid after its end, by the bank's own times. */
late: boolean, 
/** The minute in which it was paid, where the bank names one. */
paid_at?: string, 
/** When the answer that first showed the money was received. */
seen_at?: string, 
/** When the answer that the state rests on was received. */
confirmed_at: string | null, 
/** Which query it answered. */
confirmed_by?: Query, 
/** The shop has asked to cancel it, and the outcome is not known yet. */
cancelling?: boolean, };

export type CustomerView = { 
/** May be empty. */
name: string, 
/** May be empty. */
note: string, };

export type SaidView = { 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type RefundView = { 
/** UUID. */
refund: string, 
/** UUID. */
payment: string, 
/** Of which transaction at CTBC; absent for the only one. */
xid?: string, 
/** Whole dollars. */
amount: number, 
/** Why it was asked for. */
reason: string, 
/** The requester's own words. */
note: string | null, 
/** Who asked, and when. */
requester: string, 
/** RFC 3339. */
requested_at: string, 
/** Who agreed. */
approver: string | null, 
/** When, by bank time; absent where the audit does not tell it. */
approved_at?: string, 
/** The requester approved it alone. */
alone?: boolean, 
/** How far it is. */
state: string, 
/** The state in words, zh-TW and English. */
state_zh: string, 
/** English. */
state_en: string, 
/** What it waits for. */
waiting: WaitingView | null, 
/** What a person has to do, or why it came to nothing. */
why: RefundWhyView | null, 
/** What the requester was told that the payer will see; absent in rows of older programs. */
told?: ToldView, 
/** What became of that, where a batch came between. */
changed?: ToldView, 
/** What the bank has confirmed to a person. */
word?: WordView, 
/** What comes of a person's wish to have it back from the bank. */
wish?: RefundWhyView, 
/** The decisions that it leaves, where it needs a person. */
choices?: Array<ChoiceView>, 
/** Its steps, oldest first. */
steps: Array<StepView>, };

export type WaitingView = { 
/** Not before. */
until: string, 
/** The reason's name. */
why: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type ToldView = { 
/** `cancel`: no charge; `refund`: a purchase and a refund. */
way: string, 
/** CTBC: the day of the batch that takes the refund along. */
batch?: string, 
/** When it came to this; only of what differs from what was told. */
at?: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type WordView = { 
/** `done` or `not-done`. */
confirmed: string, 
/** In zh-TW. */
confirmed_zh: string, 
/** In English. */
confirmed_en: string, 
/** As typed: the bank's reference, or who told it and when. */
text: string, 
/** Who typed it. */
who: string, };

export type ChoiceView = { 
/** Its name. */
choice: string, 
/** How it is typed. */
typed: string, 
/** The words on its key, zh-TW. */
key_zh: string, 
/** English. */
key_en: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type BookingView = { 
/** UUID. */
payment: string, 
/** Of which transaction at CTBC; absent for the only one. */
xid?: string, 
/** Whole dollars. */
amount: number, 
/** SinoPac's `RefundNo`, where it was typed. */
refund_no?: string, 
/** By whom. */
who: string, 
/** When. */
at: string, 
/** In that person's words. */
reason: string, };

export type ChargeView = { 
/** UUID. */
payment: string, 
/** CTBC's name of it. */
xid: string, 
/** Whole dollars. */
amount: number, 
/** When it was read first. */
at: string, };

export type RefundWhyView = { 
/** Its name. */
why: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type StepView = { 
/** Which request. */
operation: string, 
/** In zh-TW. */
operation_zh: string, 
/** In English. */
operation_en: string, 
/** How far it is. */
state: string, 
/** The bank's code of the last answer. */
code: string | null, 
/** When the last attempt was sent. */
sent_at: string | null, };

export type RefundRequest = { 
/** UUID, made by the screen: the same id twice is one refund. */
refund: string, 
/** UUID. */
payment: string, 
/** Of which transaction at CTBC; left out for the only one. */
xid?: string, 
/** As typed. */
amount: string, 
/** One of the reasons. */
reason: string, 
/** In one's own words. */
note?: string, };

export type RefundRoom = { 
/** UUID. */
payment: string, 
/** Of which transaction at CTBC; absent for the only one. */
xid?: string, 
/** UUID of its order. */
order: string, 
/** When it was sold, by bank time: two orders of one amount look alike. */
sold_at: string, 
/** The number the bank sees. */
bank_order_no: string, 
/** The payment method. */
rail: Rail, 
/** Who bought; `null` when nothing was typed, or when it was erased. */
customer: CustomerView | null, 
/** What came, and where it has gone. */
totals: RefundTotals, 
/** The most that whoever asks may ask for at once; `null`: any. */
ask_max: number | null, 
/** Why nothing can be asked for now. */
refused?: Failure, };

export type RefundTotals = { 
/** What came. */
captured: number, 
/** The bank has given it back, and says so. */
returned: number, 
/** A person has recorded it: transferred by the shop, or booked from the bank's back office. */
by_hand: number, 
/** Asked for, and not over. */
in_flight: number, 
/** What is left. */
left: number, };

export type ActView = { 
/** By bank time. */
at: string, 
/** The name. */
who: string, 
/** As the audit names it. */
what: string, 
/** The payment that it is about, if it is about one. */
payment: string | null, };

export type OrderView = { 
/** UUID. */
order: string, 
/** Whole dollars. */
amount: number, 
/** As typed. */
description: string, 
/** Who buys; `null` when nothing was typed, or when it was erased. */
customer: CustomerView | null, 
/** It was typed, and erased since. */
customer_erased?: boolean, 
/** When. */
created_at: string, 
/** Follows from its payments. */
state: OrderState, 
/** Oldest first. */
payments: Array<PaymentRowView>, 
/** Of all payments, oldest first. */
refunds: Array<RefundView>, 
/** Refunds that were made elsewhere and booked here, oldest first. */
bookings?: Array<BookingView>, 
/** Other charges under the number of a payment, oldest first: `refund --xid` gives one back. */
charges?: Array<ChargeView>, 
/** Oldest first. */
discrepancies: Array<DiscrepancyView>, 
/** What people did about it, oldest first; the refunds say theirs. */
acts?: Array<ActView>, };

export type OrderRowView = { 
/** UUID. */
order: string, 
/** Whole dollars. */
amount: number, 
/** As typed. */
description: string, 
/** Who buys; `null` when nothing was typed, or when it was erased. */
customer: CustomerView | null, 
/** It was typed, and erased since. */
customer_erased?: boolean, 
/** When. */
created_at: string, 
/** Follows from its payments. */
state: OrderState, 
/** Oldest first. */
payments: Array<PaymentRowView>, };

export type OrderInFull = { 
/** The order. */
order: OrderView, 
/** Its payments, oldest first. */
payments: Array<PaymentView>, 
/** The money of all of them, and where it has gone. */
totals: RefundTotals, };

export type FilterTyped = { 
/** The payment method. */
rail: Rail | "", 
/** How far a payment is. */
state: PaymentState | "", 
/** The first day, as people write it: `11/21`, `2026-11-21`, `115/11/21`, today. */
from: string, 
/** The last day. */
to: string, };

export type ShopView = { 
/** Its name. */
name: string, 
/** The payee name that the customer's bank app will show. */
payee_name: string, 
/** Of its contracts, which all have the same. */
environment: Environment | null, 
/** Single limit of the account rail, whole dollars. */
account_limit: number | null, 
/** A QR of the card link may be shown for the customer's phone. */
link_qr: boolean, 
/** The rails that the shop can sell by. */
rails?: Rail[], };

export type ShopNow = { 
/** Bank time. */
now: string, 
/** The most that a card link takes at once; of the account the shop says it. */
card_limit: number | null, 
/** The most that CTBC's card page takes at once. */
ctbc_limit: number | null, 
/** A customer can be played. */
demo: boolean, 
/** Its name. */
name: string, 
/** The payee name that the customer's bank app will show. */
payee_name: string, 
/** Of its contracts, which all have the same. */
environment: Environment | null, 
/** Single limit of the account rail, whole dollars. */
account_limit: number | null, 
/** A QR of the card link may be shown for the customer's phone. */
link_qr: boolean, 
/** The rails that the shop can sell by. */
rails?: Rail[], };
