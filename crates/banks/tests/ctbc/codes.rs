//! The table of codes against the bank's list (ctbc.md 7), one test per class, and each row through
//! a whole call.

use std::collections::BTreeSet;

use counterfoil_banks::ctbc::codes::{TABLE, row};
use counterfoil_banks::ctbc::{Action, Found};
use counterfoil_banks::meaning::Row;
use counterfoil_domain::{BankAnswer, Twd};
use counterfoil_engine::ports::RefusalOf;

use super::script::*;

const LIST: &str = include_str!("../data/ctbc-codes.txt");
/// What every operation goes through: the shop, its key and address, the amounts and handles that
/// each message has.
const EVERY: &str = "2/15 3/1 3/2 3/4 3/7 3/8 3/9 3/10 3/18 3/21 3/24 3/25 3/32 9/ng 9/ns 9/nt 9/nw 9/nx 9/nz 10/18 10/21 10/24 10/26 \
                     10/27 10/80 10/96 10/97 10/101 10/102 12/24 12/27 12/28 12/29";
const NOT_NOW: &str = "2/40 3/15 3/31 3/40 3/48 3/70 3/71 3/72 8/90";
/// Members that only a travel agency's captures and refunds have.
const TRAVEL: &str = "3/73 3/74 3/75 3/76 3/77 3/78 3/79 3/80 3/81 9/ta 9/tb 9/tc 9/td 9/te 9/tf";

fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    texts.into_iter().flat_map(str::split_whitespace).collect()
}

fn codes_where(pick: impl Fn(&Row) -> bool) -> BTreeSet<&'static str> {
    TABLE.iter().filter(|row| pick(row)).map(|row| row.code).collect()
}

fn declined(action: Action) -> BTreeSet<&'static str> {
    codes_where(|row| row.written(action.kind()) == BankAnswer::Declined)
}

fn find(code: &str) -> &'static Row {
    let (status, errcode) = code.split_once('/').unwrap();
    row(status, errcode).unwrap_or_else(|| panic!("{code} is not listed"))
}

#[test]
fn the_table_holds_just_the_codes_of_the_bank() {
    let listed: BTreeSet<&str> = LIST.lines().filter_map(|line| line.split(' ').next()).collect();
    let table: BTreeSet<&str> = TABLE.iter().map(|row| row.code).collect();
    assert_eq!((table.len(), LIST.lines().count()), (TABLE.len(), TABLE.len()), "no code twice");
    assert_eq!(table, listed);
    for code in &table {
        assert_eq!(find(code).code, *code);
    }
    for (status, errcode) in [
        ("0", "00"),
        ("0", "40"),
        ("3", "49"),
        ("3", "00"),
        ("3", "0"),
        ("5", "1"),
        ("8", "00"),
        ("9", "NT"),
        ("10", "e1"),
        ("", ""),
        ("3", ""),
        ("1240", ""),
    ] {
        assert!(row(status, errcode).is_none(), "{status}/{errcode}");
    }
    for (status, errcode, code) in
        [("3", "01", "3/1"), ("03", "40", "3/40"), ("8", "5", "8/05"), ("1", "00", "1/00")]
    {
        assert_eq!(row(status, errcode).map(|row| row.code), Some(code));
    }
}

#[test]
fn a_reversal_is_declined_by_what_it_goes_through_host_and_issuer_included() {
    let issuer = "3/19 4/9 4/13 8/03 8/12 8/13 8/14 8/15 8/21 8/30 8/57 8/58 8/61 8/62 8/64 8/89";
    assert_eq!(declined(Action::ReverseAuthorization), set([EVERY, issuer]));
}

#[test]
fn a_capture_is_declined_by_what_it_goes_through() {
    let own = "3/3 3/17 3/19 3/34 3/35 3/36 3/43 3/45 3/46 3/51";
    assert_eq!(declined(Action::Capture), set([EVERY, TRAVEL, own]));
}

#[test]
fn a_capture_taken_back_is_declined_by_what_it_goes_through() {
    assert_eq!(declined(Action::ReverseCapture), set([EVERY, "3/33 3/34 3/43 10/29"]));
}

#[test]
fn a_refund_is_declined_by_what_it_goes_through() {
    let own = "3/3 3/17 3/20 3/33 3/34 3/35 3/36 3/43 3/45 3/47 3/51 10/29";
    let refund = |dollars| Action::Refund { amount: Twd::new(dollars) };
    assert_eq!(declined(refund(1)), set([EVERY, TRAVEL, own]));
    assert_eq!(declined(refund(1)), declined(refund(9_999_999)));
}

#[test]
fn a_refund_taken_back_is_declined_by_what_it_goes_through() {
    assert_eq!(declined(Action::ReverseRefund), set([EVERY, "3/3 3/17 3/33 3/34 3/43 10/29"]));
}

#[test]
fn just_the_nine_that_the_rules_name_may_be_asked_later() {
    for action in ACTIONS {
        assert_eq!(
            codes_where(|row| row.written(action.kind()) == BankAnswer::NotNow),
            set([NOT_NOW]),
            "{action:?}"
        );
    }
}

#[test]
fn what_the_rules_and_the_bank_s_page_call_unknown_is_unknown_for_every_write() {
    let another_hand = "3/52 3/53 3/54 3/55 3/56 9/ne";
    let dagger = "2/4 2/5 2/7 4/1 4/4 4/10 4/11 4/12 8/68 9/ni 9/no 9/np 9/nq 9/nr 10/10 10/31";
    let doubtful: Vec<String> = (30..=43).map(|n| format!("4/{n}")).collect();
    let codes = set([another_hand, dagger, "-1/-1"]);
    for code in codes.into_iter().chain(doubtful.iter().map(String::as_str)) {
        for action in ACTIONS {
            assert_eq!(find(code).written(action.kind()), BankAnswer::Unknown, "{code} {action:?}");
        }
    }
    // void already: for the two steps of an undo, another hand may have done it
    for code in ["3/3", "3/17"] {
        for action in [Action::ReverseAuthorization, Action::ReverseCapture] {
            assert_eq!(find(code).written(action.kind()), BankAnswer::Unknown);
        }
    }
}

/// Merchant, terminal, address, MAC, permission, the shop's batch, and the gateway as a whole.
const OF_SHOP: &str = "2/1 2/2 2/3 2/9 2/10 2/11 2/12 2/14 2/16 2/20 2/21 2/22 2/30 2/40 \
                       3/1 3/8 3/9 3/27 3/28 3/29 3/30 3/31 3/32 3/34 3/35 3/36 3/37 3/38 3/40 3/41 3/42 3/43 3/48 \
                       4/6 4/13 4/14 8/03 8/58 8/89 8/90 9/nc 9/ns 9/nx 9/nz 10/1 10/2 10/3 10/4 10/12 10/18 10/25 \
                       10/95 10/96 10/97 10/98 10/100 10/101 10/102 10/105 12/24 12/27 12/28 12/29";
/// Number, amount and transaction.
const OF_QUESTION: &str = "2/15 3/2 3/3 3/5 3/6 3/7 3/14 3/15 3/17 3/18 3/19 3/20 3/21 3/22 3/23 3/24 3/25 3/26 3/33 \
                           3/45 3/46 3/47 3/51 3/52 3/53 3/54 3/55 3/56 3/70 3/71 3/72 4/7 4/9 8/12 8/13 8/14 8/19 \
                           8/56 8/61 8/64 8/94 9/nd 9/ne 9/ng 9/nt 9/nw 9/ed 10/7 10/11 10/15 10/19 10/20 10/21 10/24 \
                           10/26 10/27 10/28 10/29 10/80 10/E1 10/E2";
/// The † of ctbc.md 7: the bank itself has no outcome.
const NO_OUTCOME: &str = "2/4 2/5 2/7 4/1 4/4 4/10 4/11 4/12 8/68 9/ni 9/no 9/np 9/nq 9/nr 10/10 10/31";

#[test]
fn a_refused_question_is_of_the_shop_of_the_question_or_unclear() {
    let lists = [set([OF_SHOP]), set([OF_QUESTION]), set([NO_OUTCOME])];
    for row in &TABLE {
        let expected = match lists.each_ref().map(|list| list.contains(row.code)) {
            [true, false, false] => Some(RefusalOf::Shop),
            [false, true, false] => Some(RefusalOf::Question),
            [false, false, true] => None,
            [false, false, false] => Some(RefusalOf::Unclear),
            several => panic!("{}: {several:?}", row.code),
        };
        assert_eq!(row.asked, expected, "{}", row.code);
    }
    for code in lists.into_iter().flatten() {
        assert_eq!(find(code).code, code, "as the table writes it");
    }
}

#[tokio::test]
async fn each_row_means_the_same_through_a_whole_call() {
    for row in &TABLE {
        let answer = sealed(&refusal(row.code));
        for action in ACTIONS {
            let reply = act(action, answer.clone()).await;
            let meaning = row.written(action.kind());
            assert_eq!((write(&reply), reply.code.as_str()), ((meaning, None), row.code), "{action:?}");
        }
        let asked = ask([answer.clone(), answer]).await;
        let found = match row.asked {
            // said both ways, the bank has no such order
            Some(RefusalOf::Question) if row.code == "10/11" => Found::Nothing,
            Some(of) => Found::Refused(of),
            None => Found::Silent,
        };
        assert_eq!((asked.found, asked.code.as_str()), (found, row.code));
    }
}

#[tokio::test]
async fn a_code_without_a_row_is_unknown_for_a_write_and_refuses_a_question() {
    for code in ["3/49", "5/1", "9/zz", "7/00", "3/999999", "99/99"] {
        for action in ACTIONS {
            let reply = act(action, sealed(&refusal(code))).await;
            assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, code));
        }
        assert_eq!(ask([sealed(&refusal(code))]).await.found, Found::Refused(RefusalOf::Unclear), "{code}");
    }
    // what is no code is not shown as one
    for code in ["3/4 0", "<b>/1", "3/1234567", "---/1"] {
        let reply = act(Action::Capture, sealed(&refusal(code))).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "bad-json"), "{code}");
    }
}
