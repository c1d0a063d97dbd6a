//! What the search box and the views find, page by page.

use std::collections::BTreeSet;

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{
    BankMinute, Customer, CustomerId, Filter, Issued, LookIn, Moment, OperationState, Order, OrderId,
    Payment, PaymentState, Search, Twd, View,
};
use counterfoil_engine::ports::{Change, OrderRow, Page, Store};

use super::support::*;
use crate::{Mode, SqliteStore};

const ALL: Page =
    Page { after: None, limit: 500, only: Filter { rail: None, state: None, from: None, to: None } };

pub(super) fn customer(n: u32, name: &str, note: &str) -> Customer {
    Customer {
        id: CustomerId::from_bytes(bytes(n)),
        name: name.to_owned(),
        note: note.to_owned(),
        salt: [7; 16],
    }
}

/// Sale `n` to this customer, with a description.
pub(super) fn sale_to(n: u32, name: &str, note: &str, description: &str) -> Vec<Change> {
    let buyer = customer(n, name, note);
    let order = Order { customer: Some(buyer.id), description: description.to_owned(), ..order(n) };
    vec![Change::CustomerAdded(buyer), Change::OrderAdded(order), Change::PaymentAdded(payment(n))]
}

fn numbers(rows: &[OrderRow]) -> Vec<u32> {
    rows.iter().map(|(order, _)| number(order.id)).collect()
}

fn number(id: OrderId) -> u32 {
    u32::from_be_bytes(id.as_bytes()[12..].try_into().unwrap())
}

pub(super) fn found(store: &SqliteStore, typed: &str) -> Vec<u32> {
    Search::read(typed, at(0).day())
        .map_or(Vec::new(), |search| numbers(&store.search(&search, ALL).unwrap()))
}

/// "That transfer of 12,600 last Tuesday": the day of the sale, or the one of the payment.
#[test]
fn a_day_is_that_of_the_sale_or_of_the_payment() {
    let place = Place::new();
    let mut store = place.writer();
    let today = at(0).day();
    let next = Moment::start_of(day_plus(today, 3)).millis() / 60_000;
    let sale = |n: u32, dollars: i64, paid: Option<i64>| {
        let (mut order, mut payment) = (order(n), payment(n));
        order.amount = Twd::new(dollars);
        let Some(minute) = paid else {
            return vec![Change::OrderAdded(order), Change::PaymentAdded(payment)];
        };
        (payment.state, payment.confirmed_at) = (PaymentState::Paid, Some(at(n)));
        payment.paid_minute = Some(BankMinute::from_minutes(next + minute));
        [Change::OrderAdded(order)].into_iter().chain(arrived(n, payment).1).collect()
    };
    let rows = [
        sale(1, 12_600, Some(0)),
        sale(2, 12_600, Some(1_439)),
        sale(3, 12_600, Some(1_440)),
        sale(4, 12_600, Some(-1)),
        sale(5, 800, Some(9)),
        sale(6, 12_600, None),
    ];
    commit(&mut store, rows.into_iter().flatten()).unwrap();
    let day = |days| day_plus(today, days).format("%Y/%m/%d").to_string();
    assert_eq!(found(&store, &day(3)), [5, 2, 1]);
    assert_eq!(found(&store, &format!("12600 {}", day(3))), [2, 1]);
    assert_eq!(found(&store, &format!("{} 800元", day(3))), [5]);
    assert_eq!(found(&store, &format!("12600 {}", day(0))), [6, 4, 3, 2, 1]);
    assert_eq!(found(&store, &format!("12600 {}", day(-1))), Vec::<u32>::new());
}

/// Once while the orders wait for the index of words, and once when they are in it.
fn waiting_and_in_the_index(store: &SqliteStore, look: impl Fn()) {
    look();
    crate::words::index(store.conn()).unwrap();
    look();
}

/// Pages of three until one is empty; also a change of place within a page would show.
fn walked(mut page: impl FnMut(Page) -> Vec<OrderRow>) -> Vec<u32> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let rows = page(Page { after, limit: 3, ..Page::default() });
        let Some((last, _)) = rows.last() else { return seen };
        after = Some((last.created_at, last.id));
        seen.extend(numbers(&rows));
        assert!(seen.len() < 10_000, "the walk does not end");
    }
}

/// SplitMix64: names from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(below).unwrap()).unwrap()
    }

    fn text(&mut self, of: &[char], longest: usize) -> String {
        let chars = 1 + self.below(longest);
        (0..chars).map(|_| of[self.below(of.len())]).collect()
    }
}

/// Recall against LIKE is whole: every two characters of any name, note or description find all
/// that hold them.
#[test]
fn every_two_characters_of_a_text_find_it() {
    let few: Vec<char> = "王李陳林小明美華𠮷雅さ김".chars().collect();
    let mut dice = Dice(7);
    let place = Place::new();
    let mut store = place.writer();
    let mut texts = Vec::new();
    for n in 1..=400 {
        let three = [dice.text(&few, 4), dice.text(&few, 8), dice.text(&few, 8)];
        commit(&mut store, sale_to(n, &three[0], &three[1], &three[2])).unwrap();
        texts.push((n, three));
    }
    let like = |part: &str| -> Vec<u32> {
        let holds = |three: &[String; 3]| three.iter().any(|text| text.contains(part));
        texts.iter().rev().filter(|(_, three)| holds(three)).map(|(n, _)| *n).collect()
    };
    let mut asked = 0;
    for a in &few {
        for b in &few {
            let part = format!("{a}{b}");
            assert_eq!(found(&store, &part), like(&part), "{part}");
            asked += like(&part).len();
        }
    }
    assert!(asked > 1_000, "{asked}");
    let three = &texts[99].1[1];
    assert!(found(&store, three).contains(&100), "{three}");
}

#[test]
fn words_amounts_ends_of_accounts_and_numbers_are_found() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale_to(1, "林小姐 Amy", "LINE: amy_lin 轉帳 1200", "阿里山烏龍 2 包")).unwrap();
    commit(&mut store, sale_to(2, "Ａｍｙ", "", "紅茶")).unwrap();
    let issued = |account: &str| {
        Some(Issued { account: Some(account.to_owned()), link: None, web_atm: None, bank_ref: None })
    };
    let mut order = Order { amount: Twd::new(1_200), description: String::new(), ..order(3) };
    let mut paid = Payment { amount: order.amount, ..payment(3) };
    paid.bank_order_no = counterfoil_domain::BankOrderNo::from_text("TK3X9A00000001A");
    let again = Payment { order: order.id, bank_order_no: payment(4).bank_order_no, ..payment(4) };
    commit(
        &mut store,
        [Change::OrderAdded(order.clone()), Change::PaymentAdded(paid), Change::PaymentAdded(again)],
    )
    .unwrap();
    for n in [3, 4] {
        let change = changed(&store, n, |p| {
            (p.issued, p.state) = (issued("99922512345678"), PaymentState::Awaiting);
        });
        commit(&mut store, [change]).unwrap();
    }
    (order.id, order.created_at) = (OrderId::from_bytes(bytes(5)), at(5));
    commit(&mut store, [Change::OrderAdded(order)]).unwrap();

    let typed = [
        ("小姐", vec![1]),
        ("姐小", vec![]),
        ("amy", vec![2, 1]),
        ("AM", vec![2, 1]),
        ("my", vec![]),
        ("ａｍｙ", vec![2, 1]),
        ("烏龍 林", vec![1]),
        ("紅茶 林", vec![]),
        // the end of one text and the beginning of the next are not side by side
        ("amy line", vec![1]),
        ("包林", vec![]),
        ("1,200", vec![5, 3]),
        // also a word of a note
        ("１２００", vec![5, 3, 1]),
        ("120", vec![1]),
        // an order with two such accounts is one order
        ("678", vec![3]),
        ("5678", vec![3]),
        ("99922512345678", vec![3]),
        ("9992 2512-3456 78", vec![3]),
        ("679", vec![]),
        ("tk3x9a", vec![3]),
        ("TK3X9A00000001A", vec![3]),
        ("TK3X9B", vec![]),
    ];
    waiting_and_in_the_index(&store, || {
        for (typed, expected) in &typed {
            assert_eq!(&found(&store, typed), expected, "{typed}");
        }
    });
}

/// Whoever may not see a name finds no order by it, also where the description holds it; by
/// everything that they are shown they do.
#[test]
fn a_search_of_what_is_shown_confirms_no_hidden_text() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale_to(1, "王小明", "樓上鄰居", "蛋糕")).unwrap();
    commit(&mut store, sale_to(2, "陳大文", "0912345678", "陳大文的茶葉禮盒 0912345678")).unwrap();
    commit(&mut store, sale_to(3, "Amy", "", "茶葉 陳大文")).unwrap();
    // in all texts, in descriptions, in what is shown
    let typed = [
        ("王小明", vec![1], vec![], vec![]),
        ("小", vec![1], vec![], vec![]),
        ("樓上", vec![1], vec![], vec![]),
        ("王 蛋糕", vec![1], vec![], vec![]),
        ("蛋糕", vec![1], vec![1], vec![1]),
        ("180", vec![3, 2, 1], vec![3, 2, 1], vec![3, 2, 1]),
        // the customer of the third order is another one
        ("陳大文", vec![3, 2], vec![3, 2], vec![3]),
        ("大文的茶", vec![2], vec![2], vec![]),
        ("禮", vec![2], vec![2], vec![]),
        ("0912345678", vec![2], vec![2], vec![]),
        ("0912", vec![2], vec![2], vec![]),
        ("陳 盒", vec![2], vec![2], vec![2]),
    ];
    waiting_and_in_the_index(&store, || {
        for (typed, all, described, shown) in &typed {
            for (look_in, found) in
                [(LookIn::All, all), (LookIn::Descriptions, described), (LookIn::Shown, shown)]
            {
                let search = Search { look_in, ..Search::read(typed, at(0).day()).unwrap() };
                assert_eq!(&numbers(&store.search(&search, ALL).unwrap()), found, "{typed} {look_in:?}");
            }
        }
    });
}

/// A page holds what is shown, however much is hidden before it, and the next one has the rest.
#[test]
fn hidden_orders_leave_no_gap_in_a_page() {
    let place = Place::new();
    let mut store = place.writer();
    for n in 1..=40 {
        let name = if n % 10 == 0 { "陳大文" } else { "王小明" };
        commit(&mut store, sale_to(n, name, "", "王小明的蛋糕")).unwrap();
    }
    let search = Search { look_in: LookIn::Shown, ..Search::read("小明", at(0).day()).unwrap() };
    waiting_and_in_the_index(&store, || {
        assert_eq!(walked(|page| store.search(&search, page).unwrap()), [40, 30, 20, 10]);
    });
}

/// Nothing that is typed is a command to the index.
#[test]
fn hostile_texts_find_nothing_and_break_nothing() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale_to(1, "王小明", "", "茶")).unwrap();
    let long = ["\"", "王", "a ", "(((", "* "].map(|text| text.repeat(10_000));
    let hostile = [
        "\"",
        "\"\"\"",
        "王\" OR \"小",
        "name:王",
        "{name note}: 茶",
        "NEAR(王 明, 5)",
        "王 NOT 明",
        "王 AND",
        "-王^茶",
        "*",
        "('",
        "\0",
        "王\0李",
        "'; DROP TABLE orders; --",
        "\u{1b}[2J",
        "\u{202e}\u{200d}",
    ];
    waiting_and_in_the_index(&store, || {
        for typed in hostile.into_iter().chain(long.iter().map(String::as_str)) {
            assert_eq!(found(&store, typed), [0; 0], "{:?}", typed.chars().take(40).collect::<String>());
        }
        assert_eq!(found(&store, "\"王\" (小明)*"), [1]);
        assert_eq!(found(&store, "王-小:明"), [1]);
    });
}

#[test]
fn pages_have_no_gap_and_no_order_twice() {
    let place = Place::new();
    let mut store = place.writer();
    for n in 1..=40_u32 {
        let mut changes = sale_to(n, "林", "", "");
        let Change::OrderAdded(order) = &mut changes[1] else { panic!("an order") };
        // eight of them in one millisecond, and the clock goes back in between
        order.created_at = at(if n < 8 { 9 } else { 100 - n });
        let again = order.id;
        changes.push(Change::PaymentAdded(Payment {
            order: again,
            bank_order_no: counterfoil_domain::BankOrderNo::from_text(format!("M{n}A")),
            ..payment(100 + n)
        }));
        commit(&mut store, changes).unwrap();
    }
    let everything: BTreeSet<u32> = (1..=40).collect();
    let listed = walked(|page| store.orders_in(View::All, at(0), page).unwrap());
    assert_eq!(listed.len(), 40);
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), everything);
    let search = |typed: &str| Search::read(typed, at(0).day()).unwrap();
    let day = at(1).day().to_string();
    assert!(at(40).day() == at(1).day(), "all on one day");
    waiting_and_in_the_index(&store, || {
        for typed in ["林", "180", "林 ", &day, "今天"] {
            assert_eq!(walked(|page| store.search(&search(typed), page).unwrap()), listed, "{typed}");
        }
    });
    let before = day_plus(at(1).day(), -1).to_string();
    assert_eq!(walked(|page| store.search(&search(&before), page).unwrap()), Vec::<u32>::new());
    assert_eq!(walked(|page| store.orders_in(View::Unpaid, at(0), page).unwrap()), listed);
    assert_eq!(walked(|page| store.orders_in(View::All, at(0), page).unwrap()), listed);
}

/// One order for each state of a payment, and one for each thing that waits for a person.
#[test]
fn each_view_shows_what_the_domain_says() {
    let place = Place::new();
    let mut store = place.writer();
    let today = at(0);
    for (n, state) in (1..).zip(PaymentState::ALL) {
        let mut p = payment(n);
        (p.state, p.confirmed_at) = (state, Some(at(n)));
        p.expires_at = Moment::end_of(today.day()).plus_days(i64::from(n % 2));
        commit(&mut store, [Change::OrderAdded(order(n))].into_iter().chain(arrived(n, p).1)).unwrap();
    }
    let states = PaymentState::ALL.len();
    let next = u32::try_from(states).unwrap() + 1;
    // paid, and open once more by a second payment
    let paid = (1..).zip(PaymentState::ALL).find(|(_, s)| *s == PaymentState::Paid).unwrap().0;
    commit(&mut store, [Change::PaymentAdded(Payment { order: order(paid).id, ..payment(50) })]).unwrap();
    let mut stuck = operation(next);
    stuck.state = OperationState::NeedsPerson;
    let odd = discrepancy(1, Some(payment(next + 1).id), "odd");
    commit(&mut store, sale(next).into_iter().take(2).chain([Change::OperationAdded(stuck)])).unwrap();
    commit(&mut store, sale(next + 1).into_iter().chain([Change::DiscrepancyAdded(odd)])).unwrap();
    commit(&mut store, [Change::DiscrepancyAdded(discrepancy(2, None, "of nobody"))]).unwrap();

    let of = |view| numbers(&store.orders_in(view, today, ALL).unwrap());
    let with = |keep: &dyn Fn(u32, PaymentState) -> bool| -> Vec<u32> {
        let mut kept: Vec<u32> =
            (1..).zip(PaymentState::ALL).filter(|(n, s)| keep(*n, *s)).map(|(n, _)| n).collect();
        kept.reverse();
        kept
    };
    let doubtful = [next + 1, next];
    let and = |more: &[u32], rest: Vec<u32>| more.iter().copied().chain(rest).collect::<Vec<u32>>();
    assert_eq!(of(View::All), and(&doubtful, with(&|_, _| true)));
    assert_eq!(of(View::Unpaid), and(&doubtful, with(&|_, s| s.is_open())));
    assert_eq!(of(View::UnpaidEndsToday), with(&|n, s| s.is_open() && n % 2 == 0));
    assert_eq!(of(View::Paid), with(&|_, s| s.has_money()));
    let a_person = |_, s| matches!(s, PaymentState::Authorized | PaymentState::PaidLate);
    assert_eq!(of(View::NeedsMe), and(&doubtful, with(&a_person)));

    for view in View::ALL.into_iter().filter(|view| *view != View::All) {
        let all = u32::try_from(of(view).len()).unwrap();
        assert_eq!(store.count_in(view, today, 100).unwrap(), all, "{view:?}");
        assert_eq!(store.count_in(view, today, all - 1).unwrap(), all - 1, "{view:?}");
    }
}

/// A sale leaves its words in one row, and every 32nd takes those of all into the index.
#[test]
fn the_index_takes_the_words_of_many_orders_at_once() {
    let place = Place::new();
    let mut store = place.writer();
    let kept = |store: &SqliteStore| {
        let sql = "SELECT (SELECT count(*) FROM words_due), (SELECT count(*) FROM order_places)";
        store.conn().query_row(sql, [], |row| Ok([row.get::<_, u32>(0)?, row.get(1)?])).unwrap()
    };
    for n in 1..=70 {
        // an order without texts takes no place
        let description = if n == 2 { "…" } else { "茶" };
        let order = Order { description: description.to_owned(), ..order(n) };
        commit(&mut store, [Change::OrderAdded(order)]).unwrap();
        let places = n / 32 * 32;
        assert_eq!(kept(&store), [n - places, places.saturating_sub(1)], "after {n}");
    }
    let expected: Vec<u32> = (1..=70).rev().filter(|n| *n != 2).collect();
    assert_eq!(found(&store, "茶"), expected);
    // also for a program that reads beside it, and for the next one that writes
    let reader = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
    assert_eq!(found(&reader, "茶"), expected);
    drop((store, reader));
    assert_eq!(found(&place.writer(), "茶"), expected);
}

/// Ids of version 7 begin with their instant; those of one millisecond still stand in order.
#[test]
fn ids_of_one_millisecond_are_in_the_order_of_the_list() {
    let place = Place::new();
    let mut store = place.writer();
    let ids = [9, 1, 5, 200, 7, 3].map(|byte| OrderId::new(at(1), [byte; 16]));
    for id in ids {
        let order = Order { id, created_at: at(1), description: "茶".to_owned(), ..order(1) };
        commit(&mut store, [Change::OrderAdded(order)]).unwrap();
    }
    let search = Search::read("茶", at(0).day()).unwrap();
    let mut expected = ids.to_vec();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    waiting_and_in_the_index(&store, || {
        let (mut seen, mut after) = (Vec::new(), None);
        while let Some((order, _)) =
            store.search(&search, Page { after, limit: 1, ..Page::default() }).unwrap().pop()
        {
            after = Some((order.created_at, order.id));
            seen.push(order.id);
        }
        assert_eq!(seen, expected);
    });
}
