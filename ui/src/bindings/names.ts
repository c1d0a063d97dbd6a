// Written by `cargo xtask bindings` from crates/commands. Do not edit.

export const BANKS = ["sinopac", "ctbc"] as const;
export type Bank = (typeof BANKS)[number];

export const RAILS = ["sinopac-account", "sinopac-card", "ctbc-card"] as const;
export type Rail = (typeof RAILS)[number];

export const PAYMENT_STATES = ["issuing", "awaiting", "authorized", "paid", "settled", "released", "not-issued", "expired", "cancelled", "failed", "paid-late"] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

export const ORDER_STATES = ["open", "paid", "paid-twice", "ended"] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const CARD_STATES = ["failed", "cancelled", "authorized", "capture-queued", "capture-locked", "captured", "capture-failed", "refund-queued", "refund-locked", "refunded", "refund-failed", "unlisted"] as const;
export type CardState = (typeof CARD_STATES)[number];

export const REFUND_MEANINGS = ["nothing-collected", "cancel-whole", "withdraw-tonight", "wait-batch", "refund-whole-or-part", "refund-queued", "refunded", "ask-person"] as const;
export type RefundMeaning = (typeof REFUND_MEANINGS)[number];

export const REFUND_REASONS = ["returned", "duplicate", "mistake", "unavailable", "other"] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

export const REFUND_STATES = ["requested", "approved", "waiting", "working", "at-bank", "done", "declined", "withdrawn", "needs-person"] as const;
export type RefundState = (typeof REFUND_STATES)[number];

export const ROLES = ["clerk", "accountant", "owner"] as const;
export type Role = (typeof ROLES)[number];

export const RIGHTS = ["sell", "cancel", "acknowledge", "ask-refund", "approve-refund", "withdraw-refund", "decide-refund", "book-refund", "close-discrepancy", "see-customers", "correct-customer", "erase-customer", "export-audit", "settings", "keys", "people"] as const;
export type Right = (typeof RIGHTS)[number];

export const QUERIES = ["create", "maintain", "by-number", "by-window", "by-token", "uncaptured", "bill"] as const;
export type Query = (typeof QUERIES)[number];

export const DISCREPANCY_KINDS = ["amount-differs", "echo-differs", "paid-before-created", "went-back", "unlisted-state", "refunded-outside", "refund-not-shown", "capture-failed", "charged-twice", "paid-twice", "not-captured", "covered-by-number", "stays-unknown", "paid-late", "foreign-money"] as const;
export type DiscrepancyKind = (typeof DISCREPANCY_KINDS)[number];

export const NOTES = ["runs-out", "nothing-to-cancel", "being-cancelled", "paid-not-cancelled", "old-page-open"] as const;
export type Note = (typeof NOTES)[number];

export const VIEWS = ["needs-me", "unpaid-ends-today", "unpaid", "paid", "all"] as const;
export type View = (typeof VIEWS)[number];

export const ENVIRONMENTS = ["demo", "sandbox", "production", "custom"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export const REPLY_MACS = ["check", "require", "ignore"] as const;
export type ReplyMac = (typeof REPLY_MACS)[number];

export const DEMO_ACTIONS = ["pay", "decline", "expire", "lose-answer", "hour", "day"] as const;
export type DemoAction = (typeof DEMO_ACTIONS)[number];

export const CODES = ["above-limit-of-person", "address-not-listed", "amount-above-account-limit", "amount-above-limit", "amount-decimals", "amount-empty", "amount-not-a-number", "amount-not-positive", "audit-key-missing", "bank-exists", "browser-absent", "card-text", "clock-refused", "copy-stays", "ctbc-address-not-listed", "ctbc-base-url-wrong", "ctbc-key-unproved", "ctbc-mac-key-wrong", "ctbc-mer-id-wrong", "ctbc-not-sealed", "ctbc-vault-missing", "ctbc-vault-unreadable", "ctbc-wrong", "customer-control", "customer-too-long", "demo-in-window", "demo-not-opened", "description-control", "description-too-long", "disk-full", "expiry-out-of-range", "file-damaged", "file-denied", "file-exists", "file-exposed", "file-foreign", "file-linked", "file-locked", "file-missing", "file-moved", "file-moved-unsaved", "file-newer", "file-not-private", "file-older", "file-place", "filter-day", "filter-days", "filter-rail", "filter-state", "in-use", "keys-exchanged", "keys-unproved", "keys-wrong", "link-refused", "listener", "locked", "login-start", "mer-id-in-use", "no-shop", "no-tls", "not-allowed", "not-found", "note-control", "note-too-long", "order-id-used", "order-still-open", "output-lost", "person-approves-nothing", "person-first-is-owner", "person-last-owner", "person-limit-negative", "person-name-control", "person-name-empty", "person-name-reserved", "person-name-retired", "person-name-taken", "person-name-too-long", "person-no-owner", "person-retired", "person-role", "person-unproved", "pin-digits", "pin-guessable", "pin-locked", "pin-missing", "pin-same", "pin-sign-in-again", "pin-to-change", "pins-lost", "pin-wrong", "rail-absent", "rail-unknown", "reason-control", "reason-empty", "reason-too-long", "record-nothing", "record-older", "record-other-shop", "record-people", "record-people-gone", "record-unread", "refund-above-left", "refund-amount-again", "refund-bank-time", "refund-booked-before", "refund-cooling", "refund-id-used", "refund-no-people", "refund-no-wrong", "refund-not-a-choice", "refund-note-missing", "refund-nothing-collected", "refund-nothing-to-decide", "refund-one-hand", "refund-one-is-open", "refund-own-request", "refund-own-word", "refund-reason", "refund-sent", "refund-state", "refund-unproved", "role-may-not", "shop-elsewhere", "shop-exists", "shop-field", "shop-file-encoding", "shop-file-json", "shop-file-long", "shop-file-read", "shop-name-differs", "shop-no-in-use", "storage", "storage-conflict", "storage-refused", "usage", "vault-absent", "vault-denied", "vault-locked", "vault-missing", "vault-plain-text", "vault-too-long", "vault-unanswered", "vault-unavailable", "vault-unreadable", "view-unknown"] as const;
export type Code = (typeof CODES)[number];
