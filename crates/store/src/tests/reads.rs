//! What is written is read back, whole and in the order that the trait promises.

use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{
    Actor, Bank, BankMinute, BankState, Closing, CoverageSpan, Discrepancy, DiscrepancyKind, Issued,
    MinuteSpan, OperationState, OrderId, PaymentState, Query, Reading, Seen, Shows, Twd, View,
};
use counterfoil_engine::ports::{Change, ForeignKind, ForeignLine, ForeignMoney, Page, Store};
use counterfoil_engine::shop::{
    ACCOUNT_LIMIT, CtbcSettings, Environment, ReplyMac, ReturnAddress, ShopRecord, SinopacSettings,
};

use super::support::*;
use crate::{Mode, SqliteStore};

#[test]
fn a_sale_is_read_back_also_after_a_restart() {
    let place = Place::new();
    let mut full = payment(1);
    full.issued = Some(Issued {
        account: Some("99922512345678".to_owned()),
        link: None,
        web_atm: Some("https://example.invalid/a?b=c".to_owned()),
        bank_ref: Some("TS1".to_owned()),
    });
    full.state = PaymentState::Paid;
    full.shown = true;
    full.paid_minute = Some(at(9).minute());
    full.confirmed_at = Some(at(9));
    full.return_port = Some(65_535);
    full.return_path = Some("p".to_owned());
    let mut sent = operation(1);
    sent.state = OperationState::Unknown;
    sent.attempts = 2;
    sent.sent_at = Some(at(2));
    sent.snapshot = Some(Seen::of_sinopac(BankState::Waiting));
    sent.code = Some("E9999".to_owned());
    let reading = |n: u32, shows| Reading {
        operation: sent.id,
        at: at(n + 1),
        asked_at: at(n),
        query: Query::ByNumber,
        scheduled: n > 3,
        shows,
    };
    let readings =
        [reading(3, Shows::Order(Seen::of_sinopac(BankState::Waiting))), reading(4, Shows::NotThere)];
    full.late = true;
    let proof = evidence(9, 1);
    let (full, steps) = arrived(9, full);
    let all = [Change::OrderAdded(order(1))].into_iter().chain(steps);
    let kept = readings.clone().map(Change::ReadingAdded);
    commit(&mut place.writer(), all.chain([Change::OperationAdded(sent.clone())]).chain(kept)).unwrap();

    let store = place.writer();
    assert_eq!(store.readings_of(sent.id).unwrap(), readings);
    assert_eq!(store.order(full.order).unwrap(), Some(order(1)));
    assert_eq!(store.payment(full.id).unwrap(), Some(full.clone()));
    assert_eq!(store.payment_by_number(&full.bank_order_no).unwrap(), Some(full.clone()));
    assert_eq!(store.payment_by_bank_ref(Bank::Sinopac, "TS1").unwrap(), Some(full.clone()));
    assert_eq!(store.payment_by_bank_ref(Bank::Sinopac, "TS2").unwrap(), None);
    assert_eq!(store.payments_of(full.order).unwrap(), std::slice::from_ref(&full));
    assert_eq!(store.operation(sent.id).unwrap(), Some(sent.clone()));
    assert_eq!(store.operations_of(full.id).unwrap(), [sent]);
    assert_eq!(store.evidence_of(full.id).unwrap(), [proof]);
    assert_eq!(store.order(OrderId::from_bytes([9; 16])).unwrap(), None);
}

#[test]
fn a_change_writes_the_next_version() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    let change = changed(&store, 1, |p| {
        p.state = PaymentState::Awaiting;
        // nothing of the bank's, and yet issued: not the same as not issued
        p.issued = Some(Issued { account: None, link: None, web_atm: None, bank_ref: None });
    });
    let sending = moved(&store, 1, OperationState::Sending);
    commit(&mut store, [change.clone(), sending]).unwrap();
    let Change::PaymentChanged(mut expected) = change else { unreachable!() };
    expected.version = 2;
    assert_eq!(store.payment(expected.id).unwrap(), Some(expected.clone()));
    assert_eq!(store.operations_of(expected.id).unwrap()[0].version, 2);
}

#[test]
fn the_shop_is_read_back() {
    let record = ShopRecord {
        name: "demo".to_owned(),
        payee_name: "存根茶行".to_owned(),
        sinopac: Some(SinopacSettings {
            environment: Environment::Demo,
            base_url: None,
            shop_no: "NA0249_001".to_owned(),
            return_address: ReturnAddress::Loopback { port: 0 },
            auto_billing: true,
            account_limit: ACCOUNT_LIMIT,
            paper: counterfoil_domain::refund::SinopacPaper::V25,
            own_prefixes: Vec::new(),
        }),
        polling: Polling::default(),
        ctbc: Some(CtbcSettings {
            environment: Environment::Sandbox,
            base_url: None,
            mer_id: "1".to_owned(),
            merchant_id: "8220000000001".to_owned(),
            terminal_id: "90000001".to_owned(),
            return_address: ReturnAddress::Page { url: "https://shop.example/thanks".to_owned() },
            reply_mac: ReplyMac::Require,
            iv: CtbcSettings::IV,
            refund_remainder: false,
            batch: BankCalendar::default(),
        }),
        added_at: at(1),
        begins_by_bank: true,
        typed_at: None,
        one_person: false,
        lock_after_mins: 5,
        customer_days: 0,
    };
    let place = Place::new();
    let mut store = place.writer();
    assert_eq!(store.shop().unwrap(), None);
    commit(&mut store, [Change::ShopAdded(record.clone())]).unwrap();
    assert_eq!(store.shop().unwrap(), Some(record.clone()));
    let later = ShopRecord { payee_name: "別名".to_owned(), ..record };
    commit(&mut store, [Change::ShopChanged(later.clone())]).unwrap();
    assert_eq!(store.shop().unwrap(), Some(later));
}

#[test]
fn orders_come_newest_first_page_by_page() {
    let place = Place::new();
    let mut store = place.writer();
    for n in 1..=7 {
        commit(&mut store, sale(n)).unwrap();
    }
    // two of one millisecond are not lost at the edge of a page
    let mut twin = order(8);
    twin.created_at = at(4);
    commit(&mut store, [Change::OrderAdded(twin.clone())]).unwrap();

    let expected = [(7, 1), (6, 1), (5, 1), (8, 0), (4, 1), (3, 1), (2, 1), (1, 1)];
    let expected = expected.map(|(n, payments)| (format!("茶葉 {n}"), payments));
    for limit in 1..=9 {
        let mut seen = Vec::new();
        let mut page = Page { limit, ..Page::default() };
        loop {
            let rows = store.orders_in(View::All, at(0), page).unwrap();
            assert!(rows.len() <= usize::try_from(limit).unwrap());
            let Some((last, _)) = rows.last() else { break };
            page.after = Some((last.created_at, last.id));
            seen.extend(rows);
        }
        let numbers: Vec<_> = seen.iter().map(|(o, p)| (o.description.clone(), p.len())).collect();
        assert_eq!(numbers, expected, "pages of {limit}");
        assert_eq!(seen[4].1, [payment(4)]);
    }
}

#[test]
fn no_list_is_longer_than_its_limit() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, (1..=501).flat_map(sale)).unwrap();
    let discrepancies = (1..=501).map(|n| Change::DiscrepancyAdded(discrepancy(n, None, &n.to_string())));
    commit(&mut store, discrepancies).unwrap();
    assert_eq!(
        store.orders_in(View::All, at(0), Page { limit: u32::MAX, ..Page::default() }).unwrap().len(),
        500
    );
    assert_eq!(store.orders_in(View::All, at(0), Page::default()).unwrap().len(), 1);
    assert_eq!(store.discrepancies(u32::MAX).unwrap().len(), 500);
}

/// The lists of states in the queries are those of the domain.
#[test]
fn what_is_watched_and_open_is_what_the_domain_says() {
    let place = Place::new();
    let mut store = place.writer();
    for (n, state) in (1..).zip(PaymentState::ALL) {
        let mut p = payment(n);
        p.state = state;
        p.confirmed_at = Some(at(n));
        commit(&mut store, [Change::OrderAdded(order(n))].into_iter().chain(arrived(n, p).1)).unwrap();
    }
    let states =
        |since| -> Vec<_> { store.payments_to_watch(since).unwrap().into_iter().map(|p| p.state).collect() };
    let expected =
        |keep: fn(PaymentState) -> bool| PaymentState::ALL.into_iter().filter(|s| keep(*s)).collect();
    let both: Vec<_> = expected(|s| s.is_open() || s.has_ended());
    let open: Vec<_> = expected(PaymentState::is_open);
    assert_eq!(states(at(0)), both);
    assert_eq!(states(at(99).plus_days(3)), open);
    // the edge is not included
    assert!(!states(payment(8).expires_at).contains(&PaymentState::ALL[7]));

    let everything = MinuteSpan::new(BankMinute::from_minutes(0), at(99).minute()).unwrap();
    assert_eq!(store.payments_paid_in(everything).unwrap(), []);

    for (n, state) in (1..).zip(OperationState::ALL) {
        let mut op = operation(n);
        op.state = state;
        commit(&mut store, [Change::OperationAdded(op)]).unwrap();
    }
    let open: Vec<_> = store.open_operations().unwrap().into_iter().map(|op| op.state).collect();
    let expected: Vec<_> = OperationState::ALL.into_iter().filter(|s| !s.is_final()).collect();
    assert_eq!(open, expected);
}

#[test]
fn payments_with_money_are_found_by_their_minute() {
    let place = Place::new();
    let mut store = place.writer();
    let minute = |n: i64| BankMinute::from_minutes(29_916_000 + n);
    let with = |n: u32, state, paid| {
        let mut p = payment(n);
        (p.state, p.paid_minute, p.confirmed_at) = (state, paid, Some(at(n)));
        [Change::OrderAdded(order(n))].into_iter().chain(arrived(n, p).1)
    };
    let rows = [
        with(1, PaymentState::Paid, Some(minute(3))),
        with(2, PaymentState::Settled, Some(minute(1))),
        with(3, PaymentState::PaidLate, Some(minute(2))),
        with(4, PaymentState::Authorized, Some(minute(2))),
        with(5, PaymentState::Paid, None),
        with(6, PaymentState::Paid, Some(minute(4))),
        with(7, PaymentState::Paid, Some(minute(0))),
    ];
    commit(&mut store, rows.into_iter().flatten()).unwrap();
    let found = store.payments_paid_in(MinuteSpan::new(minute(1), minute(3)).unwrap()).unwrap();
    assert_eq!(found.iter().map(|p| p.id).collect::<Vec<_>>(), [2, 3, 1].map(|n| payment(n).id));
}

#[test]
fn coverage_discrepancies_and_foreign_lines() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    let span = |from: i64, to: i64, pass| CoverageSpan {
        bank: Bank::Sinopac,
        span: MinuteSpan::new(BankMinute::from_minutes(from), BankMinute::from_minutes(to)).unwrap(),
        at: at(1),
        by_number: pass == 3,
        pass,
    };
    let spans = [span(10, 19, 0), span(0, 9, 0), span(20, 29, 0), span(0, 29, 1), span(5, 6, 3)];
    commit(&mut store, spans.map(Change::CoverageAdded)).unwrap();
    let from = BankMinute::from_minutes;
    assert_eq!(store.coverage(Bank::Sinopac, 0, from(0)).unwrap(), [spans[1], spans[0], spans[2]]);
    assert_eq!(store.coverage(Bank::Sinopac, 0, from(19)).unwrap(), [spans[0], spans[2]]);
    assert_eq!(store.coverage(Bank::Sinopac, 3, from(0)).unwrap(), [spans[4]]);

    let ours = Some(payment(1).id);
    let discrepancies = [
        discrepancy(1, ours, "ours 1, bank 2"),
        discrepancy(2, None, "ours 1, bank 2"),
        discrepancy(3, ours, "ours 1, bank 3"),
    ];
    commit(&mut store, discrepancies.clone().map(Change::DiscrepancyAdded)).unwrap();
    // the same once more, with another id and time, is no change
    let again = [discrepancy(4, ours, "ours 1, bank 2"), discrepancy(5, None, "ours 1, bank 2")];
    commit(&mut store, again.map(Change::DiscrepancyAdded)).unwrap();
    assert_eq!(
        store.discrepancies_of(payment(1).id).unwrap(),
        [discrepancies[0].clone(), discrepancies[2].clone()]
    );
    let newest: Vec<_> = store.discrepancies(2).unwrap().into_iter().map(|d| d.id).collect();
    assert_eq!(newest, [discrepancies[2].id, discrepancies[1].id]);

    let line = |n, kind| ForeignLine {
        bank: Bank::Sinopac,
        kind,
        bank_order_no: "X1".to_owned(),
        amount: None,
        said: format!("1A{n}"),
        paid_minute: None,
        seen_at: at(n),
    };
    // the same once more is no change; a later state, a refund or another bank's row of that number
    // is a row of its own
    let payment = line(1, ForeignKind::Payment);
    let again = ForeignLine { seen_at: at(9), ..payment.clone() };
    let others = [line(2, ForeignKind::Payment), line(1, ForeignKind::Refund)];
    let other_bank = ForeignLine { bank: Bank::Ctbc, said: "12".to_owned(), ..payment.clone() };
    let minute = ForeignLine { paid_minute: Some(at(1).minute()), said: "1A4".to_owned(), ..payment.clone() };
    let lines = [payment, again].into_iter().chain(others).chain([other_bank, minute]);
    commit(&mut store, lines.map(Change::ForeignLineAdded)).unwrap();
    let kept: Vec<String> = store
        .conn()
        .prepare("SELECT said FROM foreign_lines ORDER BY seq")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(kept, ["1A1", "1A2", "1A1", "12", "1A4"]);
    // money is what was paid at some minute; a later state of a number is the same money
    let later = |n, order: &str, said: &str| ForeignLine {
        bank_order_no: order.to_owned(),
        paid_minute: Some(at(n).minute().plus(n.into())),
        said: said.to_owned(),
        ..line(1, ForeignKind::Payment)
    };
    let back = ForeignLine { kind: ForeignKind::Refund, ..later(4, "X3", "R") };
    let more = [later(2, "X1", "1A9"), later(3, "X2", "1A4"), back];
    commit(&mut store, more.map(Change::ForeignLineAdded)).unwrap();
    let money = |store: &SqliteStore, which| -> Vec<String> {
        let lines = store.foreign_money(which).unwrap().into_iter();
        lines.map(|line| line.bank_order_no + &line.said).collect()
    };
    let untold = |since| ForeignMoney::Untold { since };
    assert_eq!(money(&store, untold(at(1).minute())), ["X21A4", "X11A9"]);
    assert_eq!(money(&store, untold(at(3).minute().plus(3))), ["X21A4"]);
    // told of once, and looked at until it is closed
    let told = Discrepancy { kind: DiscrepancyKind::ForeignMoney, ..discrepancy(6, None, "X2") };
    commit(&mut store, [Change::DiscrepancyAdded(told.clone())]).unwrap();
    assert_eq!(money(&store, untold(at(3).minute().plus(3))), Vec::<String>::new());
    assert_eq!(money(&store, ForeignMoney::Open), ["X21A4"]);
    let reason = "the web shop".to_owned();
    let closing = Closing { discrepancy: told.id, at: at(9), who: Actor::Owner, second: None, reason };
    commit(&mut store, [Change::DiscrepancyClosed(closing)]).unwrap();
    assert_eq!(money(&store, ForeignMoney::Open), Vec::<String>::new());
    assert_eq!(money(&store, untold(at(3).minute().plus(3))), Vec::<String>::new());
    assert_eq!(money(&store, ForeignMoney::Number("X2")), ["X21A4"]);
    let paid = ForeignLine { amount: Some(Twd::new(700)), ..later(5, "WEB-0007", "1A4") };
    commit(&mut store, [Change::ForeignLineAdded(paid)]).unwrap();
    let found = |part, amount: Option<i64>| {
        let found = ForeignMoney::Found { part, amount: amount.map(Twd::new) };
        money(&store, found)
    };
    for (part, amount) in [("web-0", None), ("0007", None), ("", Some(700)), ("zzz", Some(700))] {
        assert_eq!(found(part, amount), ["WEB-00071A4"], "{part}");
    }
    assert_eq!(found("", None), Vec::<String>::new());
    assert_eq!(found("0008", Some(7)), Vec::<String>::new());
}

/// F28: texts are kept as they are; what shows them makes them harmless.
#[test]
fn hostile_texts_are_kept_byte_by_byte() {
    let texts = [
        "=HYPERLINK(\"http://evil\")",
        "＝1+1",
        "<img src=x onerror=alert(1)>",
        "'); DROP TABLE orders; --",
        "\u{202e}gnp.exe",
        "🍵👩‍👩‍👧‍👦",
        "a\0b",
        "\u{1b}[2J\u{7}",
        "%s %n \\ \" ' ` ; \r\n\t",
    ];
    let long = "茶".repeat(10_000);
    let place = Place::new();
    let mut store = place.writer();
    for (n, text) in (1..).zip(texts.into_iter().chain([long.as_str()])) {
        let mut sold = order(n);
        text.clone_into(&mut sold.description);
        let mut written = commit_of([Change::OrderAdded(sold.clone())]);
        text.clone_into(&mut written.audit.subject);
        text.clone_into(&mut written.audit.detail);
        store.commit(written).unwrap();
        assert_eq!(store.order(sold.id).unwrap(), Some(sold), "{text:?}");
    }
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}

#[test]
fn a_name_that_nobody_knows_is_an_error_and_never_a_guess() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    drop(store);
    place
        .raw()
        .execute_batch("DROP TRIGGER operations_step; UPDATE operations SET state = 'sent', version = 2")
        .unwrap();
    let store = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
    let error = store.operation(operation(1).id).unwrap_err().to_string();
    assert!(error.contains("not known to this program: \"sent\""), "{error}");
}

#[test]
fn news_stand_in_their_order_until_they_are_seen() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, (1..=3).flat_map(sale)).unwrap();
    let id = |n| payment(n).id;
    commit(&mut store, [3, 1, 2, 3].map(|n| Change::NewsAdded(id(n)))).unwrap();
    assert_eq!(store.news(2).unwrap(), [id(3), id(1)]);
    commit(&mut store, [Change::NewsSeen(id(1)), Change::NewsSeen(id(1))]).unwrap();
    assert_eq!(store.news(9).unwrap(), [id(3), id(2)]);
}
