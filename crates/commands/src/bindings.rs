//! TypeScript types of every view and request, for `ui/src/bindings/`. Types only.

use ts_rs::{Config, TS};

use crate::contracts::{
    BanksTyped, BatchView, CardKeyTyped, CtbcChange, CtbcSettingsView, CtbcTyped, KeysTyped, ProofView,
    ShopTyped, SinopacChange, SinopacSettingsView, SinopacTyped,
};
use crate::failure::Failure;
use crate::filter::FilterTyped;
use crate::health::{ClockView, HealthView, SilenceView};
use crate::orders::ViewCount;
use crate::sale::SellRequest;
use crate::settings::{PollingView, SettingsChange, SettingsView};
use crate::views::{
    AuditView, CardView, CoverageView, CustomerView, DiscrepancyView, EvidenceView, GapView, OrderInFull,
    OrderRowView, OrderView, PaymentRowView, PaymentView, ShopView, SoldView, Why, WorkView,
};

/// The files of `ui/src/bindings/` and their texts. No type of one is named in another.
pub fn bindings() -> [(&'static str, String); 2] {
    macro_rules! file {
        ($($view:ty),*) => {{
            let cfg = Config::new().with_large_int("number");
            let mut text = HEAD.to_owned();
            $( text.push_str(&format!("\nexport {}\n", <$view as TS>::decl(&cfg))); )*
            text
        }};
    }
    let commands = file!(
        SellRequest,
        Why,
        SoldView,
        EvidenceView,
        CardView,
        PaymentView,
        DiscrepancyView,
        PaymentRowView,
        CustomerView,
        OrderView,
        OrderRowView,
        OrderInFull,
        FilterTyped,
        WorkView,
        GapView,
        CoverageView
    );
    let settings = file!(
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
        ClockView,
        SilenceView,
        ViewCount,
        AuditView,
        ShopView
    );
    [("commands.ts", commands), ("settings.ts", settings)]
}

const HEAD: &str = "// Written by `cargo xtask bindings` from crates/commands. Do not edit.\n";
