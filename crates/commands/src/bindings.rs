//! TypeScript types of every view and request, for `ui/src/bindings/`. Types only.

use ts_rs::{Config, TS};

use crate::contracts::{
    BanksTyped, BatchView, CardKeyTyped, CtbcChange, CtbcSettingsView, CtbcTyped, KeysTyped, ProofView,
    ShopTyped, SinopacChange, SinopacSettingsView, SinopacTyped,
};
use crate::desk::SellRequest;
use crate::settings::{
    Failure, HealthView, PollingView, SettingsChange, SettingsView, SilenceView, ViewCount,
};
use crate::views::{
    AuditView, CoverageView, CustomerView, DiscrepancyView, EvidenceView, GapView, OrderInFull, OrderRowView,
    OrderView, PaymentRowView, PaymentView, ShopView, SoldView, Why, WorkView,
};

/// The text of `ui/src/bindings/commands.ts`.
pub fn bindings() -> String {
    let cfg = Config::new().with_large_int("number");
    let mut text = String::from(
        "// Written by `cargo xtask bindings` from crates/commands. Do not edit.\n\
         // Longer than 500 lines because it holds every type that passes between the program and its screens.\n",
    );
    macro_rules! declare {
        ($($view:ty),*) => { $( text.push_str(&format!("\nexport {}\n", <$view as TS>::decl(&cfg))); )* };
    }
    declare!(
        SellRequest,
        Why,
        SoldView,
        EvidenceView,
        PaymentView,
        DiscrepancyView,
        PaymentRowView,
        CustomerView,
        OrderView,
        OrderRowView,
        OrderInFull,
        WorkView,
        GapView,
        CoverageView,
        AuditView,
        ShopView,
        Failure,
        PollingView,
        SettingsView,
        SinopacSettingsView,
        CtbcSettingsView,
        BatchView,
        SettingsChange,
        SinopacChange,
        CtbcChange,
        KeysTyped,
        CardKeyTyped,
        SinopacTyped,
        CtbcTyped,
        BanksTyped,
        ShopTyped,
        ProofView,
        HealthView,
        SilenceView,
        ViewCount
    );
    text
}
