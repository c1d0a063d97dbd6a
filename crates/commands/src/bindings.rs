//! TypeScript types of every view and request, for `ui/src/bindings/`. Types only.

use ts_rs::{Config, TS};

use crate::desk::SellRequest;
use crate::views::{
    AuditView, CoverageView, CustomerView, DiscrepancyView, EvidenceView, GapView, OrderRowView, OrderView,
    PaymentRowView, PaymentView, ShopView, SoldView, Why, WorkView,
};

/// The text of `ui/src/bindings/commands.ts`.
pub fn bindings() -> String {
    let cfg = Config::new().with_large_int("number");
    let mut text = String::from("// Written by `cargo xtask bindings` from crates/commands. Do not edit.\n");
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
        WorkView,
        GapView,
        CoverageView,
        AuditView,
        ShopView
    );
    text
}
