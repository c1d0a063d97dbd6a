//! How far the minutes are covered, against the slow ways of the domain.

use counterfoil_domain::coverage::gaps;
use counterfoil_domain::sweep::AGAIN_AFTER_DAYS;
use counterfoil_domain::{Bank, BankMinute, CoverageSpan, MinuteSpan};
use counterfoil_engine::ports::{Change, Store};

use super::support::*;
use crate::rows::ASKED;
use crate::{Mode, SqliteStore};

/// Minute `n` of the shop.
fn m(n: i64) -> BankMinute {
    at(0).minute().plus(n)
}

fn span(from: i64, to: i64) -> MinuteSpan {
    MinuteSpan::new(m(from), m(to)).unwrap()
}

fn covered(pass: u8, from: i64, to: i64) -> CoverageSpan {
    CoverageSpan { bank: Bank::Sinopac, span: span(from, to), at: at(0), by_number: false, pass }
}

fn cover(store: &mut SqliteStore, pass: u8, from: i64, to: i64) {
    commit(store, [Change::CoverageAdded(covered(pass, from, to))]).unwrap();
}

fn with_shop() -> (Place, SqliteStore) {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, [Change::ShopAdded(shop(at(0)))]).unwrap();
    (place, store)
}

fn marks(store: &SqliteStore) -> i64 {
    store.conn().query_row("SELECT count(*) FROM coverage_marks", [], |row| row.get(0)).unwrap()
}

/// Numbers that look drawn, the same in every run.
fn numbers(seed: u64) -> impl FnMut(i64) -> i64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap() % below
    }
}

/// The slow way.
fn walked(store: &SqliteStore, pass: u8) -> Option<BankMinute> {
    let first = store.shop().unwrap()?.added_at.minute();
    let spans = store.coverage(Bank::Sinopac, pass, m(-10_000)).unwrap();
    let hole = gaps(first, m(10_000), spans.into_iter().map(|c| c.span)).first().map(|gap| gap.from);
    hole.filter(|hole| *hole > first)
}

#[test]
fn the_mark_is_the_first_minute_that_no_span_holds() {
    let (_place, mut store) = with_shop();
    assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), None);
    for (from, to, before) in [
        (5, 9, None),
        (-9, -1, None),
        // up to the first minute, and a hole of one behind it
        (-3, 0, Some(1)),
        (2, 4, Some(1)),
        (1, 1, Some(10)),
        (10, 10, Some(11)),
        (12, 30, Some(11)),
        (25, 40, Some(11)),
        (42, 50, Some(11)),
        (3, 11, Some(41)),
        (0, 20, Some(41)),
    ] {
        cover(&mut store, 0, from, to);
        assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), before.map(m), "{from} to {to}");
        assert_eq!(store.covered_before(Bank::Sinopac, 1).unwrap(), None);
    }
    cover(&mut store, 1, 0, 3);
    let both = [0, 1].map(|pass| store.covered_before(Bank::Sinopac, pass).unwrap());
    assert_eq!(both, [Some(m(41)), Some(m(4))]);
}

#[test]
fn the_mark_is_right_after_every_span_and_change_of_the_shop() {
    for seed in 0..20 {
        let (place, mut store) = with_shop();
        let mut draw = numbers(seed);
        for _ in 0..60 {
            let (pass, from) = (if draw(4) == 0 { 3 } else { 0 }, draw(160) - 20);
            let span = Change::CoverageAdded(covered(pass, from, from + draw(15)));
            let added = draw(40) - 20;
            let moved = (draw(6) == 0).then(|| Change::ShopChanged(shop(m(added).start())));
            commit(&mut store, [span].into_iter().chain(moved)).unwrap();
            let reader = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
            for pass in [0, 1, 3] {
                assert_eq!(
                    store.covered_before(Bank::Sinopac, pass).unwrap(),
                    walked(&store, pass),
                    "seed {seed}"
                );
                assert_eq!(
                    reader.covered_before(Bank::Sinopac, pass).unwrap(),
                    walked(&store, pass),
                    "seed {seed}"
                );
            }
            assert_eq!(store.marks_that_lie().unwrap(), []);
        }
    }
}

/// A shop that was there earlier than it said has minutes that no mark may claim.
#[test]
fn another_first_minute_makes_the_marks_anew() {
    let (_place, mut store) = with_shop();
    cover(&mut store, 0, 0, 9);
    commit(&mut store, [Change::ShopChanged(shop(at(0)))]).unwrap();
    assert_eq!((store.covered_before(Bank::Sinopac, 0).unwrap(), marks(&store)), (Some(m(10)), 1));
    commit(&mut store, [Change::ShopChanged(shop(m(-5).start()))]).unwrap();
    assert_eq!((store.covered_before(Bank::Sinopac, 0).unwrap(), marks(&store)), (None, 0));
    cover(&mut store, 0, -5, -1);
    assert_eq!((store.covered_before(Bank::Sinopac, 0).unwrap(), marks(&store)), (Some(m(10)), 1));
    commit(&mut store, [Change::ShopChanged(shop(m(20).start()))]).unwrap();
    assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), None);
}

/// Spans from before the shop was added count once it is.
#[test]
fn without_a_shop_there_is_no_mark() {
    let place = Place::new();
    let mut store = place.writer();
    cover(&mut store, 0, 0, 9);
    assert_eq!((store.covered_before(Bank::Sinopac, 0).unwrap(), marks(&store)), (None, 0));
    commit(&mut store, [Change::ShopAdded(shop(at(0)))]).unwrap();
    assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), Some(m(10)));
    cover(&mut store, 0, 20, 29);
    assert_eq!((store.covered_before(Bank::Sinopac, 0).unwrap(), marks(&store)), (Some(m(10)), 1));
}

#[test]
fn a_refused_batch_moves_no_mark() {
    let (_place, mut store) = with_shop();
    let refused = [Change::CoverageAdded(covered(0, 0, 9)), Change::PaymentAdded(payment(9))];
    commit(&mut store, refused).unwrap_err();
    assert_eq!((store.covered_before(Bank::Sinopac, 0).unwrap(), marks(&store)), (None, 0));
}

/// The marks follow from what the digest holds: with or without them the chain has one head.
#[test]
fn the_audit_chain_leaves_the_marks_out() {
    let heads = [false, true].map(|forgets| {
        let place = Place::new();
        let mut store = place.plain_writer();
        commit(&mut store, [Change::ShopAdded(shop(at(0)))]).unwrap();
        cover(&mut store, 0, 0, 9);
        if forgets {
            place.raw().execute_batch("DELETE FROM coverage_marks").unwrap();
        }
        cover(&mut store, 0, 10, 19);
        assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), Some(m(20)));
        store.verify_audit().unwrap().head
    });
    assert_eq!(heads[0], heads[1]);
}

#[test]
fn a_mark_that_is_not_what_the_spans_say_is_found() {
    let (place, mut store) = with_shop();
    for pass in [0, 1, 3] {
        cover(&mut store, pass, 0, 9);
    }
    cover(&mut store, 3, 11, 20);
    assert_eq!(store.marks_that_lie().unwrap(), []);
    let conn = place.raw();
    conn.execute_batch("UPDATE coverage_marks SET before_minute = before_minute - 3 WHERE pass = 1").unwrap();
    assert_eq!(store.marks_that_lie().unwrap(), [(Bank::Sinopac, 1)], "an older one");
    conn.execute_batch("UPDATE coverage_marks SET before_minute = before_minute + 1 WHERE pass <> 1")
        .unwrap();
    assert_eq!(store.marks_that_lie().unwrap(), [0, 1, 3].map(|pass| (Bank::Sinopac, pass)));
    conn.execute_batch("DROP TRIGGER shop_stays; DELETE FROM shop").unwrap();
    assert_eq!(store.marks_that_lie().unwrap(), [0, 1, 3].map(|pass| (Bank::Sinopac, pass)));
}

/// A mark that a hand moves forward would hide what was paid in between: it is named, and believed
/// by nobody, also not by the next span.
#[test]
fn a_mark_that_a_hand_moves_covers_nothing() {
    let (place, mut store) = with_shop();
    cover(&mut store, 0, 0, 9);
    let covered = |store: &SqliteStore| store.covered_before(Bank::Sinopac, 0).unwrap();
    for sql in [
        "UPDATE coverage_marks SET before_minute = before_minute + 30",
        "UPDATE coverage_marks SET mark = NULL, before_minute = before_minute + 30",
        "INSERT OR REPLACE INTO coverage_marks (bank, pass, before_minute) VALUES ('sinopac', 0, 99999999)",
    ] {
        place.raw().execute_batch(sql).unwrap();
        assert_eq!(covered(&store), Some(m(10)), "{sql}");
        let named = store.verify_audit().unwrap().found;
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["coverage_marks sinopac 0: changed or put in by another hand"], "{sql}");
    }
    cover(&mut store, 0, 30, 39);
    assert_eq!(covered(&store), Some(m(10)));
    cover(&mut store, 0, 10, 19);
    assert_eq!(covered(&store), Some(m(20)));
    assert_eq!(store.verify_audit().unwrap().found, []);
    // of another bank or pass it is another one
    cover(&mut store, 1, 0, 9);
    let swap = "UPDATE coverage_marks SET before_minute = (SELECT max(before_minute) FROM coverage_marks),
        mark = (SELECT mark FROM coverage_marks WHERE pass = 0) WHERE pass = 1";
    place.raw().execute_batch(swap).unwrap();
    assert_eq!(store.covered_before(Bank::Sinopac, 1).unwrap(), Some(m(10)));
}

/// A long life costs no more than a short one. A span that does not hold the mark reads one row,
/// and one at the edge no spans below it.
#[test]
fn a_mark_moves_without_a_walk_from_the_beginning() {
    let (_place, mut store) = with_shop();
    for n in 0..50 {
        cover(&mut store, 0, n * 10, n * 10 + 9);
    }
    ASKED.with_borrow_mut(Vec::clear);
    cover(&mut store, 0, 600, 609);
    store.covered_before(Bank::Sinopac, 0).unwrap();
    let walks = |asked: &[String]| asked.iter().filter(|sql| sql.contains("FROM coverage\n")).count();
    assert_eq!(ASKED.with_borrow_mut(|asked| walks(asked)), 0, "neither the add nor the question");
    cover(&mut store, 0, 500, 509);
    assert_eq!(ASKED.with_borrow_mut(|asked| walks(asked)), 1);
    assert_eq!(store.covered_before(Bank::Sinopac, 0).unwrap(), Some(m(510)));
}

#[test]
fn what_was_covered_by_number_stays_until_a_window_has_shown_it() {
    let (_place, mut store) = with_shop();
    assert_eq!(store.covered_by_number(Bank::Sinopac).unwrap(), []);
    let numbered = |pass, from, to| CoverageSpan { by_number: true, ..covered(pass, from, to) };
    for coverage in [numbered(0, 30, 39), numbered(0, 10, 12), numbered(0, 10, 12), numbered(1, 50, 59)] {
        commit(&mut store, [Change::CoverageAdded(coverage)]).unwrap();
    }
    assert_eq!(store.covered_by_number(Bank::Sinopac).unwrap(), [span(10, 12), span(30, 39)]);
    cover(&mut store, 2, 0, 100);
    assert_eq!(
        store.covered_by_number(Bank::Sinopac).unwrap(),
        [span(10, 12), span(30, 39)],
        "no pass of the sweep"
    );
    cover(&mut store, 0, 9, 11);
    cover(&mut store, 1, 33, 34);
    assert_eq!(store.covered_by_number(Bank::Sinopac).unwrap(), [span(12, 12), span(30, 32), span(35, 39)]);
    cover(&mut store, 3, 12, 35);
    assert_eq!(store.covered_by_number(Bank::Sinopac).unwrap(), [span(36, 39)]);
    // the whole day, which ends long after
    cover(&mut store, 3, 36, 36 + 24 * 60 - 1);
    assert_eq!(store.covered_by_number(Bank::Sinopac).unwrap(), []);
}

/// What was asked by window is read only around a span by number.
#[test]
fn what_was_covered_by_number_is_found_without_the_other_spans() {
    let (_place, mut store) = with_shop();
    let numbered = CoverageSpan { by_number: true, ..covered(0, 0, 9) };
    commit(&mut store, [Change::CoverageAdded(numbered)]).unwrap();
    ASKED.with_borrow_mut(Vec::clear);
    store.covered_by_number(Bank::Sinopac).unwrap();
    let plans = ASKED.with_borrow_mut(std::mem::take).into_iter().map(|sql| {
        let mut explain = store.conn().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let zeros = vec![0; explain.parameter_count()];
        let plan = explain.query_map(rusqlite::params_from_iter(zeros), |row| row.get::<_, String>(3));
        plan.unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    });
    let expected = [
        ["SEARCH coverage USING COVERING INDEX coverage_by_number (bank=?)"],
        ["SEARCH coverage USING INDEX coverage_ends (bank=? AND pass=? AND to_minute>? AND to_minute<?)"],
    ];
    assert_eq!(plans.collect::<Vec<_>>(), expected);
}

#[test]
fn what_was_covered_by_number_is_what_no_window_has_shown() {
    let (_place, mut store) = with_shop();
    let mut draw = numbers(7);
    for _ in 0..150 {
        let (pass, by_number) = ([0, 0, 1, 3][usize::try_from(draw(4)).unwrap()], draw(3) == 0);
        let from = draw(3_000);
        let length = if by_number { draw(20) } else { draw(12) };
        let coverage = CoverageSpan { by_number, ..covered(pass, from, from + length) };
        commit(&mut store, [Change::CoverageAdded(coverage)]).unwrap();
        let spans = |pass| store.coverage(Bank::Sinopac, pass, m(0)).unwrap();
        let all: Vec<_> = [0].into_iter().chain(AGAIN_AFTER_DAYS).flat_map(spans).collect();
        let windows = || all.iter().filter(|c| !c.by_number).map(|c| c.span);
        let numbered = all.iter().filter(|c| c.by_number && c.pass == 0).map(|c| c.span);
        let mut expected: Vec<_> = numbered.flat_map(|span| gaps(span.from, span.to, windows())).collect();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(store.covered_by_number(Bank::Sinopac).unwrap(), expected);
    }
}
