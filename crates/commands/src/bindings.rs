//! TypeScript for `ui/src/bindings/`: the names that an enum of a view may have, and the types of views and requests.

use counterfoil_domain::card_refund::RefundMeaning;
use counterfoil_domain::{Bank, CardState, DiscrepancyKind, OrderState, PaymentState, Query, Rail, View};
use counterfoil_engine::shop::{Environment, ReplyMac};
use ts_rs::{Config, TS};

use crate::code::Code;
use crate::contracts::{
    BanksTyped, BatchView, CardKeyTyped, CtbcChange, CtbcSettingsView, CtbcTyped, KeysTyped, ProofView,
    ShopTyped, SinopacChange, SinopacSettingsView, SinopacTyped,
};
use crate::coverage::{CoverageView, GapView};
use crate::desk::SellRequest;
use crate::filter::FilterTyped;
use crate::settings::{
    ClockView, Failure, HealthView, PollingView, SettingsChange, SettingsView, SilenceView, ViewCount,
};
use crate::views::{
    AuditView, CardView, CustomerView, DiscrepancyView, EvidenceView, Note, OrderInFull, OrderRowView,
    OrderView, PaymentRowView, PaymentView, ShopView, SoldView, Why, WorkView,
};

const HEAD: &str = "// Written by `cargo xtask bindings` from crates/commands. Do not edit.\n";

/// The files of `ui/src/bindings/` and their texts.
pub fn bindings() -> [(&'static str, String); 3] {
    macro_rules! types {
        ($($view:ty),* $(,)?) => {{
            let cfg = Config::new().with_large_int("number");
            [$( format!("\nexport {}\n", <$view as TS>::decl(&cfg)) ),*].concat()
        }};
    }
    let views = types!(
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
        CoverageView,
        AuditView,
        ShopView,
    );
    let settings = types!(
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
    );
    let files = [("names.ts", names()), ("views.ts", views), ("settings.ts", settings)];
    files.clone().map(|(file, text)| (file, format!("{HEAD}{}{text}", imports(file, &text, &files))))
}

/// A list of the names of each enum, and the type of one of them.
fn names() -> String {
    macro_rules! names {
        ($($enum:ident: $list:ident,)*) => {
            [$( format!(
                "\nexport const {list} = {names:?} as const;\nexport type {name} = (typeof {list})[number];\n",
                list = stringify!($list),
                names = $enum::ALL.map($enum::name),
                name = stringify!($enum),
            ) ),*].concat()
        };
    }
    names! {
        Bank: BANKS,
        Rail: RAILS,
        PaymentState: PAYMENT_STATES,
        OrderState: ORDER_STATES,
        CardState: CARD_STATES,
        RefundMeaning: REFUND_MEANINGS,
        Query: QUERIES,
        DiscrepancyKind: DISCREPANCY_KINDS,
        Note: NOTES,
        View: VIEWS,
        Environment: ENVIRONMENTS,
        ReplyMac: REPLY_MACS,
        Code: CODES,
    }
}

/// What a file takes from the others: every type of theirs that a line of its code names.
fn imports(file: &str, text: &str, files: &[(&'static str, String)]) -> String {
    let code = || text.lines().filter(|line| !line.starts_with(" *")).flat_map(words);
    let from = |(other, declares): &(&str, String)| {
        let types = declares.lines().filter_map(|line| words(line.strip_prefix("export type ")?).next());
        let used: Vec<_> = types.filter(|name| code().any(|word| word == *name)).collect();
        let path = other.trim_end_matches(".ts");
        let any = *other != file && !used.is_empty();
        any.then(|| format!("\nimport type {{ {} }} from \"./{path}\";", used.join(", ")))
    };
    let lines: String = files.iter().filter_map(from).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lists are made of `name`, the JSON of a view by serde.
    #[test]
    fn an_enum_has_the_same_names_in_json_as_in_the_bindings() {
        macro_rules! same {
            ($($enum:ident),*) => { $( for one in $enum::ALL {
                assert_eq!(serde_json::json!(one), one.name());
            } )* };
        }
        same!(Bank, Rail, PaymentState, OrderState, CardState, RefundMeaning, Query, DiscrepancyKind);
        same!(Note, View, Environment, ReplyMac, Code);
    }

    #[test]
    fn a_file_imports_what_its_code_names_and_nothing_for_its_comments() {
        let other = ("a.ts", "\nexport type Bank = string;\nexport type Rail = string;\n".to_owned());
        let file = ("b.ts", "/**\n * Rail\n */\nbank: Array<Bank>,\n".to_owned());
        let files = [other, file.clone()];
        assert_eq!(imports(file.0, &file.1, &files), "\nimport type { Bank } from \"./a\";\n");
        assert_eq!(imports(files[0].0, &files[0].1, &files), "");
    }
}
