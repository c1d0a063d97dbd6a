// Written by `cargo xtask bindings` from crates/commands. Do not edit.

import type { Bank, Rail, Role, DiscrepancyKind } from "./names";
import type { CustomerView, SaidView, RefundView, WaitingView, ToldView, RefundWhyView, RefundTotals } from "./views";
import type { Failure } from "./settings";

export type RefundPreview = { 
/** UUID. */
payment: string, 
/** Of which transaction at CTBC; absent for the only one. */
xid?: string, 
/** Whole dollars. */
amount: number, 
/** What asking does at once: who approves. */
now: SaidView, 
/** What happens at the bank then. */
then: SaidView, 
/** What the payer will see, by what is known now. */
told: ToldView, 
/** What it will wait for. */
waiting: WaitingView | null, 
/** The workday on which Counterfoil reminds a person of it, where the bank gets it now. */
reminds: string, 
/** What to know before: `second-may-be-refused`, `remainder-not-enabled`. */
warnings: Array<RefundWhyView>, };

export type RefundsView = { 
/** Open ones, oldest first; then those that ended today. */
rows: Array<RefundRowView>, 
/** CTBC's batch, while it holds up everything that is sent. */
batch?: HoldView, 
/** What the banks have that does not fit, and that a refund may settle. */
discrepancies: Array<DiscrepancyRowView>, 
/** Money of the last 30 days at the bank that no order of this shop explains, newest first. */
foreign?: Array<ForeignView>, };

export type RefundRowView = { 
/** The refund. */
refund: RefundView, 
/** UUID of its order. */
order: string, 
/** The number the bank sees. */
bank_order_no: string, 
/** The payment method. */
rail: Rail, 
/** Who bought; `null` when nothing was typed, or when it was erased. */
customer: CustomerView | null, 
/** What came, and where it has gone; this refund included. */
totals: RefundTotals, 
/** Everything that was captured goes back. */
whole: boolean, 
/** What has to happen, in its order, with what has. */
progress: Array<ProgressView>, 
/** When the bank is asked next. */
next_at: string | null, 
/** Since when it is in its state. */
since: string | null, 
/** The workday on which Counterfoil reminds a person of it. */
reminds: string, 
/** Whoever looks is the person who asked. */
own: boolean, 
/** Whoever looks may withdraw it. */
withdraw: boolean, 
/** Whether whoever looks may approve it; absent when it is approved. */
approve?: ApproveView, 
/** Other refunds to the same customer in the last 30 days, newest first. */
others: Array<OtherRefundView>, 
/** What we sent and what the bank has shown, oldest first. */
sides?: Array<SideView>, };

export type ProgressView = { 
/** `done`, `now` or `next`. */
state: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type ApproveView = { 
/** It is the person's own, in one-person mode: the amount is typed again. */
alone?: boolean, 
/** Not before this time. */
cooled_at?: string, 
/** Who may approve it now, other than the requester. */
others: Array<ApproverView>, 
/** Why not. */
refused?: Failure, };

export type ApproverView = { 
/** As the shop calls this person. */
name: string, 
/** Role of this person. */
role: Role, };

export type OtherRefundView = { 
/** UUID. */
refund: string, 
/** Of which sale. */
bank_order_no: string, 
/** Whole dollars. */
amount: number, 
/** When it was asked for. */
requested_at: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type SideView = { 
/** When. */
at: string, 
/** The bank said it. */
bank: boolean, 
/** The bank's code. */
code?: string, 
/** In zh-TW. */
text_zh: string, 
/** In English. */
text_en: string, };

export type HoldView = { 
/** From then on nothing was sent. */
from: string, 
/** The batch itself. */
starts: string, 
/** Its end. */
ends: string, 
/** Not before. */
until: string, };

export type DecisionTyped = { 
/** Its name. */
choice: string, 
/** The bank's reference, who told it, or what shows the transfer. */
text: string, };

export type BookingTyped = { 
/** UUID. */
payment: string, 
/** Of which transaction at CTBC; left out for the only one. */
xid?: string, 
/** As typed. */
amount: string, 
/** SinoPac's RefundNo; empty where the bank shows none. */
refund_no: string, 
/** In one's own words. */
reason: string, };

export type ForeignView = { 
/** The number that the bank shows. */
bank_order_no: string, 
/** Whole dollars; `null`: the bank did not say. */
amount: number | null, 
/** When it was paid. */
paid_at: string | null, };

export type ForeignRowView = { 
/** `null`: no order explains it. */
order: string | null, 
/** `true`. */
foreign: boolean, 
/** Of which bank. */
bank: Bank, 
/** The number that the bank sees. */
bank_order_no: string, 
/** Whole dollars; `null`: the bank names none. */
amount: number | null, 
/** When it was paid. */
paid_at: string | null, };

export type DiscrepancyRowView = { 
/** UUID; `discrepancies close` takes it. */
discrepancy: string, 
/** What does not fit. */
kind: DiscrepancyKind, 
/** The facts side by side. */
detail: string, 
/** When it was first seen. */
since: string, 
/** UUID of the order; absent when it is about no payment. */
order: string | null, 
/** UUID. */
payment: string | null, 
/** The payment's bank. */
bank: Bank | null, 
/** The number that the bank sees. */
bank_order_no: string | null, 
/** Whole dollars of the payment, or of money that is not ours. */
amount: number | null, 
/** When money that is not ours was paid. */
paid_at?: string, 
/** What `refund request` can give back to settle it. */
refunds: Array<ProposalView>, 
/** How a person closed it; absent while it is open. */
closed: ClosingView | null, };

export type ProposalView = { 
/** UUID. */
payment: string, 
/** Of which transaction at CTBC; absent for the only one. */
xid?: string, 
/** Whole dollars. */
amount: number, 
/** `duplicate`. */
reason: string, };

export type ClosingView = { 
/** When. */
at: string, 
/** Who. */
who: string, 
/** Why. */
reason: string, };
