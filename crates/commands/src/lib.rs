//! Asks. Every command of the screens and of the command line, without a window: checks what was typed, calls the engine, and
//! gives views. A caller gets a code with values, never a library's sentence; [`text`] turns codes into sentences.
//!
//! Left out: waiting for a bank (the composition drives the engine), printing, and everything that knows Tauri.

mod bindings;
mod code;
mod contracts;
mod coverage;
mod desk;
mod error;
mod every_command;
mod filter;
mod settings;
pub mod shop_file;
pub mod text;
mod told;
mod views;

pub use bindings::bindings;
pub use code::Code;
pub use contracts::{
    BanksTyped, BatchView, CardKeyTyped, CtbcChange, CtbcSettingsView, CtbcTyped, KeysTyped, ProofView,
    ShopTyped, SinopacChange, SinopacSettingsView, SinopacTyped,
};
pub use counterfoil_domain::card_refund::RefundMeaning;
pub use counterfoil_domain::{Bank, CardState, DiscrepancyKind, OrderState, PaymentState, Query, Rail, View};
pub use counterfoil_engine::shop::{Environment, ReplyMac};
pub use coverage::{CoverageAlarm, CoverageAlarmView, CoverageNow, CoverageView, GapView, coverage};
pub use desk::{
    NEWEST_MAX, PAGE_ROWS, SellRequest, checked_sale, order_in_full, order_show, orders_in, orders_search,
    payment_result, payment_view, sale_result, sold_view, view_named, work_view,
};
pub use error::{CommandError, Exit};
pub use filter::FilterTyped;
pub use settings::{
    COUNT_MAX, ClockView, Failure, HealthView, PollingView, SettingsChange, SettingsView, SilenceView,
    ViewCount, changed_settings, health_view, settings_view, view_counts,
};
pub use views::{
    AuditView, CardView, CustomerView, DemoAction, DiscrepancyView, EvidenceView, Note, OrderInFull,
    OrderRowView, OrderView, PaymentRowView, PaymentView, ShopNow, ShopView, SoldView, Why, WorkView,
};

/// Who acts until a shop has people.
pub const OWNER: &str = "owner";
