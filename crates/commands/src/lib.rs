//! Asks. Every command of the screens and of the command line, without a window: checks what was
//! typed, calls the engine, and gives views. A caller gets a code with values, never a library's
//! sentence; [`text`] turns codes into sentences.
//!
//! Left out: waiting for a bank (the composition drives the engine), printing, and everything that
//! knows Tauri.

mod acts;
mod audit;
mod audit_page;
mod bindings;
mod code;
mod contracts;
mod coverage;
mod customers;
mod discrepancies;
mod error;
mod every_command;
mod failure;
mod filter;
mod health;
mod orders;
mod people;
mod refunds;
mod sale;
mod settings;
pub mod shop_file;
pub mod terminal;
pub mod text;
mod told;
mod unfinished;
mod views;

pub use acts::ActView;
pub use audit::{AuditCsv, AuditExported, AuditRowView, RecordAccepted, audit_csv, audit_rows};
pub use audit_page::{AuditAsked, AuditLineView, AuditPage, audit_page};
pub use bindings::bindings;
pub use code::Code;
pub use contracts::{
    BanksTyped, BatchView, CardKeyTyped, CtbcChange, CtbcSettingsView, CtbcTyped, KeysTyped, ProofView,
    ShopTyped, SinopacChange, SinopacSettingsView, SinopacTyped,
};
pub use counterfoil_domain::card_refund::RefundMeaning;
pub use counterfoil_domain::{
    Bank, CardState, DiscrepancyKind, OrderState, PaymentState, Query, Rail, RefundState, Role, View,
};
pub use counterfoil_engine::shop::{Environment, ReplyMac};
pub use coverage::{
    CoverageAlarm, CoverageAlarmView, CoverageNow, CoverageView, GapView, SweepView, SweptRowView, coverage,
    sweep_view,
};
pub use customers::{
    CustomerRowView, CustomersFound, ErasedByName, Names, checked_buyer, customer_id, customers_found,
    customers_named, erased_by_name,
};
pub use discrepancies::{
    DiscrepancyRowView, ForeignRowView, checked_reason, discrepancy_id, discrepancy_row, discrepancy_rows,
    foreign_rows,
};
pub use error::{CommandError, Exit, Sent};
pub use failure::Failure;
pub use filter::FilterTyped;
pub use health::{
    ClockView, CopiesView, FileDoubtView, ForeignSumView, HealthView, ShutView, SilenceView, foreign_sum,
    health_view, work_view,
};
pub use orders::{
    COUNT_MAX, NEWEST_MAX, PAGE_ROWS, ViewCount, order_in_full, order_show, orders_in, orders_search,
    payment_result, payment_view, sale_result, sold_view, view_counts, view_named,
};
pub use people::{
    ArrivedView, PersonView, PinTyped, WhoView, checked_person, people_rows, person_id, person_view, who_view,
};
pub use refunds::before::{RefundAlarmView, RefundPreview, refund_alarms, refund_preview};
pub use refunds::beside::checked_refund_no;
pub use refunds::queue::{
    ApproveView, ApproverView, DecisionTyped, ForeignView, Looks, RefundRowView, RefundsView, refund_queue,
    refund_row,
};
pub use refunds::room::{BookingTyped, RefundRequest, RefundRoom, RefundTotals, refund_room};
pub use refunds::{
    RefundTyped, RefundView, RefundWhyView, SaidView, StepView, ToldView, WaitingView, WordView,
    checked_amount, checked_refund, operation_text, refund_id, refund_result, refund_rows, refund_view,
    refunded_of, refunds_of,
};
pub use sale::{SellRequest, checked_sale};
pub use settings::{
    PollingView, SettingsChange, SettingsView, changed_settings, checked_days, settings_view,
};
pub use unfinished::{UnfinishedView, Waits, unfinished};
pub use views::{
    AuditView, CardView, CustomerView, DemoAction, DiscrepancyView, EvidenceView, Note, OrderInFull,
    OrderRowView, OrderView, PageLeftView, PaymentRowView, PaymentView, ShopNow, ShopView, SoldView, Why,
    WorkView,
};
