// Written by `cargo xtask bindings` from crates/commands. Do not edit.
// Longer than 500 lines because it holds every type that passes between the program and its screens.

export type SellRequest = { 
/**
 * UUID, made by the screen: the same id twice is one sale.
 */
order: string, 
/**
 * `sinopac-account`, `sinopac-card`, `ctbc-card`.
 */
rail: string, 
/**
 * As typed: digits, full-width digits and thousands commas are read.
 */
amount: string, 
/**
 * As typed; may be empty.
 */
description?: string, 
/**
 * Who buys, at most 60 characters; no bank is told.
 */
customer?: string, 
/**
 * Anything else about it, at most 200 characters; no bank is told.
 */
note?: string, 
/**
 * `YYYY-MM-DD` for an account, minutes for a card.
 */
expires?: string, 
/**
 * A further payment of the same order (re-issue).
 */
again?: boolean, };

export type Why = { 
/**
 * The bank's code, or ours about its answer.
 */
code: string, 
/**
 * What happened.
 */
cause_zh: string, 
/**
 * What to do now.
 */
step_zh: string, 
/**
 * What happened.
 */
cause_en: string, 
/**
 * What to do now.
 */
step_en: string, };

export type SoldView = { 
/**
 * UUID.
 */
order: string, 
/**
 * UUID.
 */
payment: string, 
/**
 * `sinopac-account`, `sinopac-card`, `ctbc-card`.
 */
rail: string, 
/**
 * The number the bank sees.
 */
bank_order_no: string, 
/**
 * Whole dollars.
 */
amount: number, 
/**
 * Kebab-case.
 */
state: string, 
/**
 * 14 digits, once the bank gave them.
 */
account: string | null, 
/**
 * The bank's page, once the bank gave it.
 */
link: string | null, 
/**
 * Until when the customer can pay, as we asked for it.
 */
expires_at: string, 
/**
 * Why there is no account or link.
 */
why: Why | null, };

export type EvidenceView = { 
/**
 * Which question: `create`, `by-number`, `by-window`, `by-token`, `maintain`, `uncaptured`.
 */
query: string, 
/**
 * When it was answered.
 */
at: string, 
/**
 * The bank's own code.
 */
said: string, };

export type PaymentView = { 
/**
 * UUID.
 */
payment: string, 
/**
 * UUID.
 */
order: string, 
/**
 * As in [`SoldView`].
 */
rail: string, 
/**
 * The number the bank sees.
 */
bank_order_no: string, 
/**
 * Kebab-case.
 */
state: string, 
/**
 * Whole dollars.
 */
amount: number, 
/**
 * 14 digits.
 */
account: string | null, 
/**
 * The bank's page.
 */
link: string | null, 
/**
 * The payee name that the customer's bank app will show.
 */
payee_name: string, 
/**
 * Until when the customer can pay.
 */
expires_at: string, 
/**
 * A card at CTBC, as the bank showed it last: `capture-queued` and `capture-locked` are "tonight's batch".
 */
card?: string, 
/**
 * Oldest first.
 */
evidence: Array<EvidenceView>, 
/**
 * What does not fit.
 */
discrepancies: Array<DiscrepancyView>, 
/**
 * The last answer of the bank that was not a yes.
 */
why: Why | null, 
/**
 * What a person should know now: `runs-out` when a card link cannot be recalled, `nothing-to-cancel`.
 */
note: string | null, };

export type DiscrepancyView = { 
/**
 * Kebab-case.
 */
kind: string, 
/**
 * First seen.
 */
at: string, 
/**
 * The facts side by side.
 */
detail: string, };

export type PaymentRowView = { 
/**
 * UUID.
 */
payment: string, 
/**
 * As in [`SoldView`].
 */
rail: string, 
/**
 * The number the bank sees.
 */
bank_order_no: string, 
/**
 * Kebab-case.
 */
state: string, 
/**
 * Whole dollars.
 */
amount: number, 
/**
 * Whole dollars given back and confirmed; refunds are not built yet, so 0.
 */
refunded: number, 
/**
 * 14 digits.
 */
account: string | null, 
/**
 * The bank's page.
 */
link: string | null, 
/**
 * When the answer that the state rests on was received.
 */
confirmed_at: string | null, };

export type CustomerView = { 
/**
 * May be empty.
 */
name: string, 
/**
 * May be empty.
 */
note: string, };

export type OrderView = { 
/**
 * UUID.
 */
order: string, 
/**
 * Whole dollars.
 */
amount: number, 
/**
 * As typed.
 */
description: string, 
/**
 * Who buys; `null` when nothing was typed, or when it was erased.
 */
customer: CustomerView | null, 
/**
 * When.
 */
created_at: string, 
/**
 * `open`, `paid`, `paid-twice`, `ended`.
 */
state: string, 
/**
 * Oldest first.
 */
payments: Array<PaymentRowView>, 
/**
 * None yet.
 */
refunds: never[], 
/**
 * Oldest first.
 */
discrepancies: Array<DiscrepancyView>, };

export type OrderRowView = { 
/**
 * UUID.
 */
order: string, 
/**
 * Whole dollars.
 */
amount: number, 
/**
 * As typed.
 */
description: string, 
/**
 * Who buys; `null` when nothing was typed, or when it was erased.
 */
customer: CustomerView | null, 
/**
 * When.
 */
created_at: string, 
/**
 * As in [`OrderView`].
 */
state: string, 
/**
 * Oldest first.
 */
payments: Array<PaymentRowView>, };

export type OrderInFull = { 
/**
 * The order.
 */
order: OrderView, 
/**
 * Its payments, oldest first.
 */
payments: Array<PaymentView>, };

export type WorkView = { 
/**
 * Turns of the engine.
 */
steps: number, 
/**
 * Requests that may change something at a bank.
 */
sent: number, 
/**
 * Questions answered.
 */
read: number, 
/**
 * Operations that wait for a time or a reading.
 */
waiting: number, 
/**
 * Operations that wait for a person.
 */
needs_person: number, };

export type GapView = { 
/**
 * First minute.
 */
from: string, 
/**
 * Last minute.
 */
to: string, };

export type CoverageView = { 
/**
 * When the shop was added.
 */
from: string, 
/**
 * The last minute that counts.
 */
to: string, 
/**
 * Oldest first; any is an alarm.
 */
gaps: Array<GapView>, };

export type AuditView = { 
/**
 * Every row fits.
 */
ok: boolean, 
/**
 * Rows walked.
 */
rows: number, 
/**
 * Hash of the last row: write it down elsewhere, and nobody can shorten the chain unseen.
 */
head: string, 
/**
 * The first row that does not fit.
 */
broken_at: number | null, };

export type ShopView = { 
/**
 * Its name.
 */
name: string, 
/**
 * The payee name that the customer's bank app will show.
 */
payee_name: string, 
/**
 * `demo`, `sandbox`, `production`, `custom`; of the SinoPac part.
 */
environment: string | null, 
/**
 * Single limit of the account rail, whole dollars.
 */
account_limit: number | null, 
/**
 * A QR of the card link may be shown for the customer's phone.
 */
link_qr: boolean, 
/**
 * The rails that the shop can sell by.
 */
rails?: string[], };

export type Failure = { 
/**
 * Stable.
 */
code: string, 
/**
 * What the sentence speaks of.
 */
values: Record<string, unknown>, 
/**
 * Cause and way out.
 */
zh: string, 
/**
 * Cause and way out.
 */
en: string, };

export type PollingView = { 
/**
 * Seconds, on screen.
 */
screen_s: number, 
/**
 * Seconds, on screen after two minutes.
 */
screen_later_s: number, 
/**
 * Days after expiry in which late money is looked for.
 */
after_expiry_days: number, };

export type SettingsView = { 
/**
 * Of the shop.
 */
name: string, 
/**
 * The payee name that the customer's bank app will show.
 */
payee_name: string, 
/**
 * `null`: the shop has no contract with this bank.
 */
sinopac: SinopacSettingsView | null, 
/**
 * `null`: the shop has no contract with this bank.
 */
ctbc: CtbcSettingsView | null, 
/**
 * How often.
 */
polling: PollingView, 
/**
 * Where the data file is.
 */
folder: string, 
/**
 * The demo shop is open because there is no other yet.
 */
can_add: boolean, };

export type SinopacSettingsView = { 
/**
 * `demo`, `sandbox`, `production`, `custom`.
 */
environment: string, 
/**
 * The shop's number at the bank.
 */
shop_no: string, 
/**
 * Of a `custom` shop.
 */
base_url: string | null, 
/**
 * `loopback`, or the shop's own page.
 */
return_url: string, 
/**
 * 0 = any.
 */
loopback_port: number, 
/**
 * Cards are captured at once.
 */
auto_billing: boolean, 
/**
 * Single limit of the account rail, whole dollars.
 */
account_limit: number, 
/**
 * What is wrong with the keys; `null` when all are there and can be read.
 */
keys: Failure | null, };

export type CtbcSettingsView = { 
/**
 * As in [`SinopacSettingsView`]; the bank's test system is `sandbox` here.
 */
environment: string, 
/**
 * Of a `custom` shop.
 */
base_url: string | null, 
/**
 * MerID 網站特店編號.
 */
mer_id: string, 
/**
 * MerchantID 特店代號.
 */
merchant_id: string, 
/**
 * TerminalID 端末機代號.
 */
terminal_id: string, 
/**
 * `loopback`, or the shop's own page.
 */
return_url: string, 
/**
 * 0 = any.
 */
loopback_port: number, 
/**
 * `check`, `require`, `ignore`.
 */
reply_mac: string, 
/**
 * A further part may be refunded after a part was.
 */
refund_remainder: boolean, 
/**
 * When the bank's nightly batch runs.
 */
batch: BatchView, 
/**
 * Years, this one or one that is near, in whose list no holiday stands.
 */
unlisted_years: Array<number>, 
/**
 * What is wrong with the key; `null` when it is there and can be read.
 */
key: Failure | null, };

export type BatchView = { 
/**
 * `20:00`
 */
start: string, 
/**
 * How long it takes.
 */
minutes: number, 
/**
 * Before and after it.
 */
margin_minutes: number, 
/**
 * 1 Monday to 7 Sunday.
 */
weekdays: number[], 
/**
 * Weekdays without a batch. As typed they are lines, empty ones too: `2026-01-01` or `2026/1/1`.
 */
holidays: Array<string>, 
/**
 * Other days with a batch 補班日.
 */
extra_workdays: Array<string>, };

export type SettingsChange = { 
/**
 * As in [`SettingsView`].
 */
payee_name: string, 
/**
 * `null`: stays as it is, or is not there.
 */
sinopac: SinopacChange | null, 
/**
 * `null`: stays as it is, or is not there.
 */
ctbc: CtbcChange | null, 
/**
 * As in [`SettingsView`].
 */
polling: PollingView, };

export type SinopacChange = { 
/**
 * See there.
 */
return_url: string, 
/**
 * See there.
 */
loopback_port: number, 
/**
 * See there.
 */
account_limit: number, };

export type CtbcChange = { 
/**
 * See there.
 */
merchant_id: string, 
/**
 * See there.
 */
terminal_id: string, 
/**
 * See there.
 */
return_url: string, 
/**
 * See there.
 */
loopback_port: number, 
/**
 * See there.
 */
reply_mac: string, 
/**
 * See there.
 */
refund_remainder: boolean, 
/**
 * See there.
 */
batch: BatchView, };

export type KeysTyped = { 
/**
 * X-KeyID.
 */
key_id: string, 
/**
 * 16 hex digits, like the following.
 */
a1: string, 
/**
 * A2.
 */
a2: string, 
/**
 * B1.
 */
b1: string, 
/**
 * B2.
 */
b2: string, };

export type CardKeyTyped = { 
/**
 * 壓碼字串, 24 characters.
 */
mac_key: string, };

export type SinopacTyped = { environment: string, shop_no: string, keys: KeysTyped, return_url: string, loopback_port: number, };

export type CtbcTyped = { environment: string, mer_id: string, merchant_id: string, terminal_id: string, keys: CardKeyTyped, return_url: string, loopback_port: number, };

export type BanksTyped = { sinopac: SinopacTyped | null, ctbc: CtbcTyped | null, };

export type ShopTyped = { name: string, payee_name: string, banks: BanksTyped, };

export type ProofView = { 
/**
 * `sinopac`, `ctbc`.
 */
bank: string, 
/**
 * The bank has answered as it answers right keys.
 */
ok: boolean, 
/**
 * What was typed is kept from now on.
 */
kept: boolean, 
/**
 * The fields that are wrong, or among which the wrong one is: `a1`, `shop_no`, `mac_key` …
 */
fields: Array<string>, 
/**
 * Why it is not proved.
 */
failure: Failure | null, };

export type HealthView = { 
/**
 * The bank, or the way to it, does not answer.
 */
bank: SilenceView | null, 
/**
 * CTBC, or the way to it, does not answer.
 */
ctbc?: SilenceView, 
/**
 * By how many seconds this computer's clock is behind the bank's; more than a minute either way.
 */
clock_off_s: number | null, 
/**
 * Why nothing is sold or asked for the time being; what is there can be looked at.
 */
paused: Failure | null, };

export type SilenceView = { 
/**
 * The first question without an answer.
 */
since: string, 
/**
 * Ours: `timeout`, `dns`, `http-502` …
 */
code: string, 
/**
 * What it means.
 */
zh: string, 
/**
 * What it means.
 */
en: string, };

export type ViewCount = { 
/**
 * Its name.
 */
view: string, 
/**
 * Up to [`COUNT_MAX`].
 */
count: number, 
/**
 * There are more.
 */
more: boolean, };
