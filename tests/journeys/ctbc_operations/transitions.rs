//! Every transition of ctbc.md 6.2, by the client's operations and by the bank's clock, and what
//! holds one up.

use std::collections::BTreeSet;

use counterfoil_domain::BankAnswer::{self, Accepted, Declined, NotNow, Unknown};
use serde_json::json;

use super::*;

/// One event and what comes of it.
struct Row {
    from: &'static str,
    /// How the sale gets there.
    way: &'static [Step],
    event: Step,
    /// Class and code, where the event is a write.
    answer: Option<(BankAnswer, &'static str)>,
    to: &'static str,
    money: Money,
}

const OK: Option<(BankAnswer, &str)> = Some((Accepted, "0/00"));
const DAYS: i64 = 86_400;

const fn moves(from: &'static str, way: &'static [Step], event: Step, to: &'static str, money: Money) -> Row {
    let answer = if matches!(event, Do(_)) { OK } else { None };
    Row { from, way, event, answer, to, money }
}

const fn stays(
    state: &'static str,
    way: &'static [Step],
    event: Step,
    answer: (BankAnswer, &'static str),
) -> Row {
    let collected = matches!(state.as_bytes(), b"12" | b"20" | b"21" | b"22" | b"23");
    Row {
        from: state,
        way,
        event,
        answer: Some(answer),
        to: state,
        money: (if collected { 500 } else { 0 }, 0, 0),
    }
}

/// In the order of ctbc.md 6.2. A refund needs captures of the same day beside it (3/71), hence the
/// other sale.
const ROWS: &[Row] = &[
    moves("none", &[], Authorized, "1", (0, 0, 0)),
    moves("none", &[], Sold, "10", (0, 0, 0)),
    moves("none", &[], DeclinedCard("8/05"), "-1", (0, 0, 0)),
    moves("none", &[], DeclinedCard("12/40"), "-1", (0, 0, 0)),
    moves("none", &[], DeclinedCard("10/88"), "none", (0, 0, 0)),
    moves("none", &[], DeclinedCard("10/E0"), "none", (0, 0, 0)),
    moves("1", &[Authorized], Do(REVERSAL), "0", (0, 0, 0)),
    moves("1", &[Sold, Do(CAP_REV)], Do(REVERSAL), "0", (0, 0, 0)),
    stays("0", &[Authorized, Do(REVERSAL)], Do(CAP), (Declined, "3/17")),
    moves("1", &[Authorized], Do(CAP), "10", (0, 0, 0)),
    moves("1", &[Sold, Do(CAP_REV)], Do(CAP), "10", (0, 0, 0)),
    moves("10", &[Sold], Do(CAP_REV), "1", (0, 0, 0)),
    moves("10", &[Authorized, Do(CAP)], Do(CAP_REV), "1", (0, 0, 0)),
    moves("10", &[Sold], BatchStarts, "11", (0, 0, 0)),
    moves("11", &[Sold, BatchStarts], BatchEnds, "12", (500, 0, 0)),
    moves("11", &[Sold, Fails("captures"), BatchStarts], BatchEnds, "13", (0, 0, 0)),
    moves("12", &[Sold, Batch, Other(500)], Do(refund(500)), "20", (500, 0, 500)),
    moves("12", &[Sold, Batch, Other(200)], Do(refund(200)), "20", (500, 0, 200)),
    moves("12", &[Sold, Batch, Switch("refund_cover", false)], Do(refund(1)), "20", (500, 0, 1)),
    moves("20", &[Sold, Batch, Other(500), Do(refund(500))], Do(REFUND_REV), "12", (500, 0, 0)),
    moves("20", &[Sold, Batch, Other(500), Do(refund(200))], BatchStarts, "21", (500, 0, 200)),
    moves("21", &[Sold, Batch, Other(500), Do(refund(200)), BatchStarts], BatchEnds, "22", (500, 200, 0)),
    moves("21", &[Sold, Batch, Other(500), Do(refund(500)), BatchStarts], BatchEnds, "22", (500, 500, 0)),
    moves(
        "21",
        &[Sold, Batch, Other(500), Do(refund(500)), Fails("refunds"), BatchStarts],
        BatchEnds,
        "23",
        (500, 0, 0),
    ),
    moves(
        "22",
        &[Sold, Batch, Other(500), Do(refund(200)), Batch, Other(300)],
        Do(refund(300)),
        "20",
        (500, 200, 300),
    ),
    moves(
        "20",
        &[Sold, Batch, Other(500), Do(refund(200)), Batch, Other(300), Do(refund(300))],
        Do(REFUND_REV),
        "22",
        (500, 200, 0),
    ),
    Row {
        money: (500, 200, 0),
        ..stays(
            "22",
            &[Switch("refund_remainder", false), Sold, Batch, Other(500), Do(refund(200)), Batch, Other(300)],
            Do(refund(300)),
            (Unknown, "3/53"),
        )
    },
    moves("13", &[Sold, Fails("all"), Batch], Do(CAP), "10", (0, 0, 0)),
    moves("13", &[Sold, Fails("all"), Batch], Do(REVERSAL), "0", (0, 0, 0)),
    stays("13", &[Switch("retry_failed", false), Sold, Fails("all"), Batch], Do(CAP), (Declined, "3/2")),
    stays("13", &[Switch("retry_failed", false), Sold, Fails("all"), Batch], Do(REVERSAL), (Declined, "3/2")),
    moves(
        "23",
        &[Sold, Batch, Other(500), Do(refund(500)), Fails("refunds"), Batch, Other(500)],
        Do(refund(500)),
        "20",
        (500, 0, 500),
    ),
    stays(
        "23",
        &[
            Switch("retry_failed", false),
            Sold,
            Batch,
            Other(500),
            Do(refund(500)),
            Fails("refunds"),
            Batch,
            Other(500),
        ],
        Do(refund(500)),
        (Declined, "3/2"),
    ),
    // the authorization expires, and may still be taken back
    moves("1", &[Authorized, Later(30 * DAYS - 1)], Do(CAP), "10", (0, 0, 0)),
    moves("1", &[Authorized], Later(30 * DAYS), "1", (0, 0, 0)),
    stays("1", &[Authorized, Later(30 * DAYS)], Do(CAP), (Declined, "3/19")),
    stays("1", &[Authorized, Limit("capture_days", 3), Later(3 * DAYS)], Do(CAP), (Declined, "3/19")),
    moves("1", &[Authorized, Later(30 * DAYS)], Do(REVERSAL), "0", (0, 0, 0)),
    // a batch that starts late, ends late or does not run; what is sold while one runs belongs to
    // the next
    moves("10", &[Sold, StartsLate(30)], BatchStarts, "10", (0, 0, 0)),
    moves("10", &[Sold, StartsLate(30), BatchStarts], Do(CAP_REV), "1", (0, 0, 0)),
    moves("10", &[Sold, StartsLate(30), BatchStarts], BatchStarts, "11", (0, 0, 0)),
    moves("11", &[Sold, EndsLate(90), BatchStarts], Later(7_200), "11", (0, 0, 0)),
    stays("11", &[Sold, EndsLate(90), BatchStarts, Later(7_200)], Do(CAP_REV), (NotNow, "3/40")),
    moves("11", &[Sold, EndsLate(90), BatchStarts, Later(7_200)], BatchEnds, "12", (500, 0, 0)),
    moves("10", &[Sold, Skipped], BatchStarts, "10", (0, 0, 0)),
    moves("none", &[BatchStarts], Sold, "10", (0, 0, 0)),
    moves("10", &[BatchStarts, Sold], BatchEnds, "10", (0, 0, 0)),
    moves("10", &[BatchStarts, Sold, BatchEnds], BatchStarts, "11", (0, 0, 0)),
    moves("1", &[Authorized, BatchStarts], Do(REVERSAL), "0", (0, 0, 0)),
    stays(
        "1",
        &[Switch("reversal_in_batch", false), Authorized, BatchStarts],
        Do(REVERSAL),
        (NotNow, "3/40"),
    ),
];

/// The arrows of ctbc.md 6.2, and last the one it leaves open: a remainder's refund that is taken
/// out goes back to 22.
const ARROWS: [(&str, &str); 19] = [
    ("none", "1"),
    ("none", "10"),
    ("none", "-1"),
    ("1", "0"),
    ("1", "10"),
    ("10", "1"),
    ("10", "11"),
    ("11", "12"),
    ("11", "13"),
    ("12", "20"),
    ("20", "12"),
    ("20", "21"),
    ("21", "22"),
    ("21", "23"),
    ("22", "20"),
    ("13", "10"),
    ("13", "0"),
    ("23", "20"),
    ("20", "22"),
];

#[test]
fn the_table_has_every_arrow_of_the_bank_s_page_and_no_other() {
    let rows: BTreeSet<_> =
        ROWS.iter().filter(|row| row.from != row.to).map(|row| (row.from, row.to)).collect();
    assert_eq!(rows, BTreeSet::from(ARROWS));
}

/// The arrows that an operation of ours makes, by its name.
pub(super) fn by_client() -> BTreeSet<(&'static str, &'static str, &'static str)> {
    let done = ROWS.iter().filter(|row| row.answer == OK);
    done.filter_map(
        |row| if let Do(action) = row.event { Some((row.from, service(action), row.to)) } else { None },
    )
    .collect()
}

fn holds(row: &Row, switches: &[(&str, serde_json::Value)]) {
    let what = format!("{} by {:?} {:?} {switches:?}", row.from, row.way, row.event);
    let mut shop = Shop::new();
    for (name, value) in switches {
        shop.bank.lock().unwrap().control("switch", &json!({ *name: value })).unwrap();
    }
    for step in row.way {
        if let Some(reply) = shop.step(*step) {
            assert_eq!(said(&reply), (Accepted, "0/00"), "{what}: on the way");
        }
    }
    assert_eq!(shop.state(), row.from, "{what}: before");
    let (books, writes) = (shop.line_of_sale(), shop.writes());
    let reply = shop.step(row.event);
    assert_eq!(reply.as_ref().map(said), row.answer, "{what}");
    assert_eq!(shop.writes() - writes, usize::from(reply.is_some()), "{what}: sent once");
    assert_eq!(shop.state(), row.to, "{what}");
    assert_eq!(shop.money(), row.money, "{what}");
    if row.answer.is_some() && row.answer != OK {
        assert_eq!(shop.line_of_sale(), books, "{what}: a refusal changes nothing in the books");
    }
}

#[test]
fn each_event_moves_the_sale_to_where_the_bank_s_page_says() {
    for row in ROWS {
        holds(row, &[]);
    }
}

/// What the papers leave open of an answer's form makes no difference.
#[test]
fn each_event_does_so_in_every_form_of_the_answers() {
    let odd = [("xid_spaces", json!(20)), ("long_resp_code", json!(true)), ("api_enc_first", json!(true))];
    let odd: Vec<_> =
        odd.into_iter().chain([("html_type", json!(false)), ("check_fields", json!(false))]).collect();
    for row in ROWS {
        holds(row, &odd);
    }
}

/// The whole of a sale's life that a shop may see, one bank's books from end to end.
#[test]
fn a_sale_is_sold_collected_given_back_in_parts_and_nothing_is_left() {
    let mut shop =
        Shop::after(&[Sold, Do(CAP_REV), Do(CAP), Batch, Other(500), Do(refund(200)), Do(REFUND_REV)]);
    assert_eq!((shop.state().as_str(), shop.money()), ("12", (500, 0, 0)));
    for (step, state, money) in [
        (Do(refund(200)), "20", (500, 0, 200)),
        (Batch, "22", (500, 200, 0)),
        (Other(500), "22", (500, 200, 0)),
        (Do(refund(300)), "20", (500, 200, 300)),
        (Batch, "22", (500, 500, 0)),
    ] {
        shop.step(step);
        assert_eq!((shop.state().as_str(), shop.money()), (state, money), "{step:?}");
    }
    shop.step(Other(500));
    assert_eq!(said(&shop.write(refund(1))), (Unknown, "3/53"), "nothing is left");
    assert_eq!((shop.state().as_str(), shop.money()), ("22", (500, 500, 0)));
}
