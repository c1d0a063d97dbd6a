//! Writes the TypeScript in `ui/src/bindings/`: the names of each enum in a view, the rules that a
//! screen applies before it asks, the types of views and requests, and the commands.

use counterfoil_domain::card_refund::RefundMeaning;
use counterfoil_domain::person::{ACCOUNTANT_APPROVES, PIN_DIGITS_MAX};
use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{
    Bank, CardState, DiscrepancyKind, OrderState, PaymentState, Query, Rail, RefundReason, RefundState,
    Right, Role, View,
};
use counterfoil_engine::shop::{CUSTOMER_DAYS_MAX, Environment, LOCK_AFTER_MINS_MAX, ReplyMac};
use ts_rs::{Config, TS};

use crate::acts::ActView;
use crate::audit::AuditExported;
use crate::audit_page::{AuditAsked, AuditLineView, AuditPage};
use crate::code::Code;
use crate::contracts::{
    BanksTyped, BatchView, CardKeyTyped, CtbcChange, CtbcSettingsView, CtbcTyped, KeysTyped, ProofView,
    ShopTyped, SinopacChange, SinopacSettingsView, SinopacTyped,
};
use crate::coverage::{CoverageNow, CoverageView, GapView};
use crate::discrepancies::{ClosingView, DiscrepancyRowView, ForeignRowView, ProposalView};
use crate::failure::Failure;
use crate::filter::FilterTyped;
use crate::health::{
    ClockView, CopiesView, FileDoubtView, ForeignSumView, HealthView, ShutView, SilenceView,
};
use crate::orders::{NEWEST_MAX, PAGE_ROWS, ViewCount};
use crate::people::{ArrivedView, PersonView, PinTyped, WhoView};
use crate::refunds::before::{RefundAlarmView, RefundPreview};
use crate::refunds::beside::{BookingView, ChargeView};
use crate::refunds::queue::{
    ApproveView, ApproverView, DecisionTyped, ForeignView, HoldView, OtherRefundView, ProgressView,
    RefundRowView, RefundsView, SideView,
};
use crate::refunds::room::{BookingTyped, RefundRequest, RefundRoom, RefundTotals};
use crate::refunds::{
    ChoiceView, RefundView, RefundWhyView, SaidView, StepView, ToldView, WaitingView, WordView,
};
use crate::sale::SellRequest;
use crate::settings::{PollingView, SettingsChange, SettingsView};
use crate::unfinished::UnfinishedView;
use crate::views::{
    AuditView, CardView, CustomerView, DemoAction, DiscrepancyView, EvidenceView, Note, OrderInFull,
    OrderRowView, OrderView, PageLeftView, PaymentRowView, PaymentView, ShopNow, ShopView, SoldView, Why,
    WorkView,
};

const HEAD: &str = "// Written by `cargo xtask bindings` from crates/commands. Do not edit.\n";
/// The head goes on so where the house asks for a reason.
const LONG: &str = "// Longer than 500 lines because what the window is given is one file.\n";
/// With head and imports a file of so many lines is longer than the house allows without a reason.
const LINES_MAX: usize = 480;

macro_rules! types {
    ($($view:ty),* $(,)?) => {{
        let cfg = Config::new().with_large_int("number");
        let text = [$( format!("\nexport {}\n", <$view as TS>::decl(&cfg)) ),*].concat();
        // a comment of one line takes one line
        text.replace("/**\n * ", "/** ").replace("\n */", " */")
    }};
}

/// The files of `ui/src/bindings/` and their texts.
pub fn bindings() -> [(&'static str, String); 6] {
    macro_rules! commands {
        ($($module:ident::$name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
            [$( command(
                stringify!($name),
                &[$( (stringify!($arg), stringify!($type)) ),*],
                stringify!($answer),
            ) ),*].concat()
        };
    }
    let commands = crate::every_command!(commands);
    let views = types!(
        SellRequest,
        Why,
        SoldView,
        EvidenceView,
        CardView,
        PageLeftView,
        PaymentView,
        ArrivedView,
        DiscrepancyView,
        PaymentRowView,
        CustomerView,
        SaidView,
        RefundView,
        WaitingView,
        ToldView,
        WordView,
        ChoiceView,
        BookingView,
        ChargeView,
        RefundWhyView,
        StepView,
        RefundRequest,
        RefundRoom,
        RefundTotals,
        ActView,
        OrderView,
        OrderRowView,
        OrderInFull,
        FilterTyped,
        ShopView,
        ShopNow,
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
        CopiesView,
        FileDoubtView,
        ShutView,
        ForeignSumView,
        RefundAlarmView,
        WorkView,
        GapView,
        CoverageView,
        CoverageNow,
        AuditView,
        AuditAsked,
        AuditLineView,
        AuditPage,
        AuditExported,
        PersonView,
        WhoView,
        PinTyped,
        ClockView,
        SilenceView,
        ViewCount,
        UnfinishedView,
    );
    let files = [
        ("names.ts", names()),
        ("rules.ts", rules()),
        ("views.ts", views),
        ("settings.ts", settings),
        ("refunds.ts", refunds()),
        (
            "commands.ts",
            format!(
                "\n/** What each command takes and answers. */\nexport interface Commands {{\n{commands}}}\n"
            ),
        ),
    ];
    files.clone().map(|(file, text)| {
        let long = if text.lines().count() > LINES_MAX { LONG } else { "" };
        (file, format!("{HEAD}{long}{}{text}", imports(file, &text, &files)))
    })
}

/// What people work off.
fn refunds() -> String {
    types!(
        RefundPreview,
        RefundsView,
        RefundRowView,
        ProgressView,
        ApproveView,
        ApproverView,
        OtherRefundView,
        SideView,
        HoldView,
        DecisionTyped,
        BookingTyped,
        ForeignView,
        ForeignRowView,
        DiscrepancyRowView,
        ProposalView,
        ClosingView,
    )
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
        RefundReason: REFUND_REASONS,
        RefundState: REFUND_STATES,
        Role: ROLES,
        Right: RIGHTS,
        Query: QUERIES,
        DiscrepancyKind: DISCREPANCY_KINDS,
        Note: NOTES,
        View: VIEWS,
        Environment: ENVIRONMENTS,
        ReplyMac: REPLY_MACS,
        DemoAction: DEMO_ACTIONS,
        Code: CODES,
    }
}

/// Bounds, lengths of lists, and what the states of a payment mean.
fn rules() -> String {
    let bounds =
        Polling::BOUNDS.map(|(name, least, most)| format!("  {name}: [{least}, {most}],\n")).concat();
    let accountant = ACCOUNTANT_APPROVES.dollars();
    let numbers = format!(
        "
/** Orders of the recent strip. */
export const NEWEST_MAX = {NEWEST_MAX};

/** Rows of a page of the list of orders; a page with fewer is the last one. */
export const PAGE_ROWS = {PAGE_ROWS};

/** The longest PIN, in digits. */
export const PIN_DIGITS_MAX = {PIN_DIGITS_MAX};

/** What an accountant approves without an own limit, whole dollars. */
export const ACCOUNTANT_APPROVES = {accountant};

/** Minutes until the window locks, at most. */
export const LOCK_AFTER_MINS_MAX = {LOCK_AFTER_MINS_MAX};

/** Days until a customer is erased by itself, at most. */
export const CUSTOMER_DAYS_MAX = {CUSTOMER_DAYS_MAX};

/** Least and most of the polling numbers. */
export const POLLING_BOUNDS = {{
{bounds}}} as const;
"
    );
    [
        numbers,
        rule("isOpen", "The bank can still be expected to say something new.", PaymentState::is_open),
        rule("hasEnded", "Ended without money; only late money can still come.", PaymentState::has_ended),
        rule("hasMoney", "The bank has confirmed money.", PaymentState::has_money),
        rule(
            "canBeHandedOut",
            "The customer may still be given its account or link.",
            PaymentState::can_be_handed_out,
        ),
    ]
    .concat()
}

/// A function that says whether something holds for a state.
fn rule(name: &str, about: &str, holds: fn(PaymentState) -> bool) -> String {
    let states: Vec<_> =
        PaymentState::ALL.into_iter().filter(|state| holds(*state)).map(PaymentState::name).collect();
    format!(
        "
/** {about} */
export function {name}(state: PaymentState): boolean {{
  return ({states:?} as PaymentState[]).includes(state);
}}
"
    )
}

/// A line of `Commands`.
fn command(name: &str, takes: &[(&str, &str)], answer: &str) -> String {
    let takes: Vec<_> =
        takes.iter().map(|(name, rust)| format!("{}: {}", camel_case(name), typescript(rust))).collect();
    let takes = if takes.is_empty() { String::new() } else { format!("takes: {{ {} }}", takes.join("; ")) };
    format!("  {name}({takes}): {};\n", typescript(answer))
}

/// The TypeScript of a type in the list of commands, however the compiler spaces it.
fn typescript(rust: &str) -> String {
    let rust = rust.replace(' ', "");
    let inside = |of: &str| Some(typescript(rust.strip_prefix(of)?.strip_suffix('>')?));
    match rust.as_str() {
        "()" => "void".to_owned(),
        "String" => "string".to_owned(),
        "i64" | "u64" => "number".to_owned(),
        "bool" => "boolean".to_owned(),
        _ => inside("Vec<")
            .map(|each| each + "[]")
            .or_else(|| inside("Option<").map(|some| some + " | null"))
            .unwrap_or(rust),
    }
}

/// `shop_no` as Tauri calls it: `shopNo`.
fn camel_case(name: &str) -> String {
    let mut capital = false;
    let written = |c: char| {
        let begins = std::mem::replace(&mut capital, c == '_');
        (c != '_').then(|| if begins { c.to_ascii_uppercase() } else { c })
    };
    name.chars().filter_map(written).collect()
}

/// What a file takes from the others: every type of theirs that a line of its code names.
fn imports(file: &str, text: &str, files: &[(&'static str, String)]) -> String {
    let code =
        || text.lines().filter(|line| !line.starts_with("/**") && !line.starts_with(" *")).flat_map(words);
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
    fn what_a_command_takes_and_answers_is_written_as_typescript() {
        for (rust, wanted) in [
            ("()", "void"),
            ("Vec < OrderRowView >", "OrderRowView[]"),
            ("Option<String>", "string | null"),
            ("Bank", "Bank"),
        ] {
            assert_eq!(typescript(rust), wanted);
        }
        assert_eq!((camel_case("shop_no"), camel_case("order")), ("shopNo".into(), "order".into()));
    }

    #[test]
    fn a_file_imports_what_its_code_names_and_nothing_for_its_comments() {
        let other = ("a.ts", "\nexport type Bank = string;\nexport type Rail = string;\n".to_owned());
        let file = ("b.ts", "/** Rail\n * Rail */\nbank: Array<Bank>,\n".to_owned());
        let files = [other, file.clone()];
        assert_eq!(imports(file.0, &file.1, &files), "\nimport type { Bank } from \"./a\";\n");
        assert_eq!(imports(files[0].0, &files[0].1, &files), "");
    }
}
