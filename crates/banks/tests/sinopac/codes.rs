//! The table of codes against the bank's list, one test per class.

use std::collections::BTreeSet;

use counterfoil_banks::meaning::Row;
use counterfoil_banks::sinopac::codes::{TABLE, row};
use counterfoil_domain::BankAnswer;
use counterfoil_domain::operation::OperationKind;
use counterfoil_engine::ports::RefusalOf;

const LIST: &str = include_str!("../data/sinopac-codes.txt");
fn listed() -> BTreeSet<&'static str> {
    LIST.lines().filter_map(|line| line.split_once(' ')).map(|(code, _)| code).collect()
}

fn codes_where(pick: impl Fn(&Row) -> bool) -> Vec<&'static str> {
    TABLE.iter().filter(|row| pick(row)).map(|row| row.code).collect()
}

fn declined(kind: OperationKind) -> Vec<&'static str> {
    codes_where(|row| row.written(kind) == BankAnswer::Declined)
}

/// The codes of a written list.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn the_table_holds_just_the_codes_of_the_bank() {
    let table: BTreeSet<&str> = TABLE.iter().map(|row| row.code).collect();
    assert_eq!(table.len(), TABLE.len(), "no code twice");
    assert_eq!(table, listed());
    for unlisted in ["E9929", "E9930", "E9931", "E9932", "E0002", "E1300", "E3603x", "", "S0003", "e0302"] {
        assert!(row(unlisted).is_none(), "{unlisted}");
    }
}

#[test]
fn a_create_is_declined_by_checks_of_its_fields_limits_and_permissions() {
    let expected = words(
        "E0000 E0001 E0100 E0101 E0102 E0300 E0301 E0302 E0303 E0400 E0401 E0402 E0403 E0405 E0406 E0407 E0408 E0409 \
         E0410 E0500 E0600 E0601 E0602 E0700 E0701 E0702 E0800 E0801 E0802 E0900 E0901 E1000 E1001 E1100 E1101 E1200 \
         E1201 E1202 E1301 E1302 E1400 E1401 E1402 E1501 E1502 E1601 E1602 E1701 E1702 E3301 E3401 E3501 E3606",
    );
    assert_eq!(declined(OperationKind::IssueAccount), expected);
    assert_eq!(declined(OperationKind::CreateLink), expected);
}

#[test]
fn a_cancelled_account_is_declined_by_checks_of_its_state() {
    let expected = words(
        "E0000 E0001 E0100 E0101 E0102 E0300 E0301 E0303 E1800 E1801 E1802 E2002 E2003 E2004 E2601 E3301 E3401 E3501 \
         E3606",
    );
    assert_eq!(declined(OperationKind::CancelAccount), expected);
}

#[test]
fn a_capture_and_a_cancelled_authorization_are_declined_by_checks_of_their_state() {
    let expected = words(
        "E0000 E0001 E0100 E0101 E0102 E0300 E0301 E0303 E1800 E1801 E1802 E2003 E2004 E2601 E3301 E3401 E3501 E3606",
    );
    assert_eq!(declined(OperationKind::Capture), expected);
    assert_eq!(declined(OperationKind::CancelAuthorization), expected);
}

const REFUNDS: [OperationKind; 3] =
    [OperationKind::CardRefund, OperationKind::AccountRefundToken, OperationKind::AccountRefund];

#[test]
fn a_refund_is_declined_by_checks_of_its_amount_its_state_and_its_limits() {
    let every = "E0000 E0001 E0100 E0101 E0102 E0300 E0301 E0303 E0400 E0401 E0405 E1800 E1801 E1802 E2003 E2004 \
                 E2601 E3301 E3401 E3501 E3601 E3602 E3606 E3608 E9919 E9922";
    for (kind, own) in REFUNDS.into_iter().zip(["E3600", "E3603", "E3603 E3605 E3607"]) {
        let mut expected = words(every);
        expected.extend(words(own));
        expected.sort_unstable();
        assert_eq!(declined(kind), expected, "{kind:?}");
    }
}

#[test]
fn a_refund_may_be_asked_again_later_by_the_codes_that_the_rules_name() {
    for (kind, own) in REFUNDS.into_iter().zip(["", "E3609", "E3609"]) {
        let mut expected = words("E3001 E3002 E3003 E3604 E3610 E3611");
        expected.extend(words(own));
        expected.sort_unstable();
        assert_eq!(codes_where(|row| row.written(kind) == BankAnswer::NotNow), expected, "{kind:?}");
    }
}

/// On our only send, the refund that the bank speaks of may be ours.
#[test]
fn an_earlier_refund_is_unknown_for_every_refund() {
    for kind in REFUNDS {
        assert_eq!(row("E9918").expect("listed").written(kind), BankAnswer::Unknown, "{kind:?}");
    }
}

#[test]
fn of_other_writes_only_nonce_codes_may_be_asked_again_later() {
    for kind in OperationKind::ALL.into_iter().filter(|kind| !REFUNDS.contains(kind)) {
        let later = codes_where(|row| row.written(kind) == BankAnswer::NotNow);
        assert_eq!(later, ["E3001", "E3002", "E3003"], "{kind:?}");
    }
}

#[test]
fn what_the_rules_call_unknown_is_unknown_for_every_write() {
    let mut unknown = words(
        "S0000 S0001 S0002 M0001 E0304 E1803 E2199 E2706 E9920 E9921 E9925 E9926 E9927 E9928 E9933 E9934 E9935 E9936 E9999",
    );
    let busy: Vec<String> = (9900..=9917).map(|n| format!("E{n}")).collect();
    unknown.extend(busy.iter().map(String::as_str));
    for code in unknown {
        let row = row(code).expect(code);
        for kind in OperationKind::ALL {
            assert_eq!(row.written(kind), BankAnswer::Unknown, "{code} {kind:?}");
        }
    }
}

/// The classes as money rules 3 write them, for each code of the table.
#[test]
fn a_refused_question_is_of_the_shop_of_the_question_or_unclear() {
    let of_shop = ["E00", "E01", "E33", "E34", "E35", "E99", "E3001", "E3002", "E3003", "M0001"];
    // windows, numbers, pay types, states and tokens: the conditions that a question of ours
    // carries
    let of_question = ["E03", "E06", "E19", "E20", "E2101", "E24", "E25", "E26", "E29", "E31", "E32"];
    for row in &TABLE {
        let begins = |list: &[&str]| list.iter().any(|prefix| row.code.starts_with(prefix));
        let expected = match (begins(&of_shop), begins(&of_question)) {
            (true, false) => Some(RefusalOf::Shop),
            (false, true) => Some(RefusalOf::Question),
            (false, false) if row.code.starts_with('S') => None,
            (false, false) => Some(RefusalOf::Unclear),
            (true, true) => panic!("{} is in both lists", row.code),
        };
        assert_eq!(row.asked, expected, "{}", row.code);
    }
    // and some by name, so that a slip in a prefix shows
    for (code, expected) in [
        ("E0102", Some(RefusalOf::Shop)),
        ("E3002", Some(RefusalOf::Shop)),
        ("E9999", Some(RefusalOf::Shop)),
        ("E0300", Some(RefusalOf::Question)),
        ("E0602", Some(RefusalOf::Question)),
        ("E3204", Some(RefusalOf::Question)),
        ("E2199", Some(RefusalOf::Unclear)),
        ("E2200", Some(RefusalOf::Unclear)),
        ("E3604", Some(RefusalOf::Unclear)),
        ("E5401", Some(RefusalOf::Unclear)),
        ("S0001", None),
    ] {
        assert_eq!(row(code).expect(code).asked, expected, "{code}");
    }
    let count = |asked| codes_where(|row| row.asked == asked).len();
    let all = [Some(RefusalOf::Shop), Some(RefusalOf::Question), Some(RefusalOf::Unclear), None].map(count);
    assert_eq!(all, [46, 34, 98, 3]);
}
