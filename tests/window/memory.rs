//! Scrolling far costs little memory: what the window holds after ten thousand rows, against what
//! it held after five hundred.

use counterfoil_domain::{
    Actor, BankOrderNo, Moment, Order, OrderId, Payment, PaymentId, PaymentState, Rail, Twd,
};
use counterfoil_engine::ports::{AuditLine, Change, Commit, Store as _};
use counterfoil_store::{Mode, SqliteStore};
use counterfoil_tests::outside::process;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::PAGE_DOWN;
use counterfoil_vault::{FileVault, open_audit_key};
use serde_json::json;

const ORDERS: u32 = 12_000;
/// The first sale; then one every ten minutes.
const BEGAN_MS: i64 = 1_780_000_000_000;

fn sale(n: u32) -> [Change; 2] {
    let mut id = [0; 16];
    id[12..].copy_from_slice(&n.to_be_bytes());
    let at = Moment::from_millis(BEGAN_MS + i64::from(n) * 600_000);
    let order = Order {
        id: OrderId::from_bytes(id),
        amount: Twd::new(i64::from(n % 900) + 1),
        description: format!("凍頂烏龍 {n}"),
        customer: None,
        created_at: at,
        version: 1,
    };
    let payment = Payment {
        id: PaymentId::from_bytes(id),
        order: order.id,
        rail: Rail::SinopacAccount,
        bank_order_no: BankOrderNo::from_text(format!("OLD{n}A")),
        amount: order.amount,
        state: PaymentState::NotIssued,
        shown: false,
        issued: None,
        created_at: at,
        expires_at: at.plus_days(3),
        paid_minute: None,
        confirmed_at: None,
        proof: None,
        late: false,
        asked_at: None,
        return_port: None,
        return_path: None,
        card: None,
        card_tail: None,
        version: 1,
    };
    [Change::OrderAdded(order), Change::PaymentAdded(payment)]
}

fn fill(shop: &Shop) {
    let mut store =
        SqliteStore::open(std::path::Path::new(shop.options()[1]), Mode::Writer).expect("it opens");
    let keys = shop.options()[3].strip_prefix("file:").expect("keys in a file");
    let vault = FileVault::open(std::path::Path::new(keys)).expect("it opens");
    let file = format!("file {}", store.file_id().expect("it has one"));
    let key = open_audit_key(&vault, &file).expect("it was made with the shop");
    store.link_with(&key, None, Moment::from_millis(BEGAN_MS)).expect("it is the file's key");
    for first in (0..ORDERS).step_by(1_000) {
        let audit = AuditLine {
            at: Moment::from_millis(BEGAN_MS),
            who: Actor::Owner,
            what: "sell".into(),
            subject: first.to_string(),
            detail: String::new(),
        };
        let changes = (first..first + 1_000).flat_map(sale).collect();
        store.commit(Commit { audit, guards: Vec::new(), changes }).expect("it is written");
    }
}

/// Keys of a step.
const KEYS: usize = 20;

/// Rows that the list knows.
fn known(window: &Window) -> u64 {
    let script = "return Number(document.querySelector('[data-held]').dataset.known);";
    window.run(script, &json!([])).as_u64().expect("a number")
}

/// Pages on until the list knows so many rows.
fn page_to(window: &Window, rows: u64) {
    while known(window) < rows {
        window.press(&PAGE_DOWN.repeat(KEYS));
    }
}

#[test]
fn ten_thousand_rows_take_no_more_memory_than_five_hundred() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    fill(&shop);
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    window.press("go");
    window.see("[data-held] [role=option]");
    page_to(&window, 500);
    let before = process::memory_kb(shop.folder());
    page_to(&window, 10_000);
    let after = process::memory_kb(shop.folder());
    let rows = window.run(
        "return [Number(document.querySelector('[data-held]').dataset.held), document.querySelectorAll('[role=option]').length];",
        &json!([]),
    );
    let held = |at: usize| rows[at].as_u64().expect("a number");
    assert!(held(0) <= 360 && held(1) <= 120, "rows in memory and on the page: {rows}");

    assert!(after * 10 <= before * 12, "{before} kB after 500 rows, {after} kB after 10,000");
}
