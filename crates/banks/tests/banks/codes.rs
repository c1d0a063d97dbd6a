//! The table of codes against the bank's list, one test per class, and the error book against the table.

use std::collections::BTreeSet;

use counterfoil_banks::sinopac::meaning::codes::{Asked, Row, TABLE, Written, row};
use counterfoil_domain::operation::OperationKind;
use serde_json::Value;

const LIST: &str = include_str!("../data/sinopac-codes.txt");
const BOOKS: [&str; 2] = [
    include_str!("../../../commands/src/text/sinopac.zh-TW.json"),
    include_str!("../../../commands/src/text/sinopac.en.json"),
];
/// What we call answers that have no code of the bank's.
const OURS: [&str; 26] = [
    "http-401",
    "http-403",
    "http-404",
    "http-405",
    "http-415",
    "http-429",
    "http-499",
    "http-5xx",
    "http",
    "html",
    "bad-json",
    "bad-sign",
    "too-large",
    "timeout",
    "reset",
    "dns",
    "connect",
    "tls",
    "nonce",
    "echo-differs",
    "account-refused",
    "link-refused",
    "unsendable",
    "form",
    "unlisted",
    "S0001",
];

fn listed() -> BTreeSet<&'static str> {
    LIST.lines().filter_map(|line| line.split_once(' ')).map(|(code, _)| code).collect()
}

fn codes_where(pick: impl Fn(&Row) -> bool) -> Vec<&'static str> {
    TABLE.iter().filter(|row| pick(row)).map(|row| row.code).collect()
}

fn declined(kind: OperationKind) -> Vec<&'static str> {
    codes_where(|row| row.written(kind) == Written::Declined)
}

/// The codes of a written list.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn the_table_holds_just_the_codes_of_the_dossier() {
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

#[test]
fn only_nonce_codes_may_be_asked_again_later() {
    for kind in OperationKind::ALL {
        let later = codes_where(|row| row.written(kind) == Written::NotNow);
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
            assert_eq!(row.written(kind), Written::Unknown, "{code} {kind:?}");
        }
    }
}

#[test]
fn a_question_is_answered_another_time_only_after_nonce_busy_and_maintenance() {
    let silent = codes_where(|row| row.asked == Asked::Silent);
    assert_eq!(silent, ["E3001", "E3002", "E3003", "E9900", "M0001", "S0000", "S0001", "S0002"]);
}

#[test]
fn the_error_book_has_cause_and_step_for_every_code_that_selling_and_asking_meet() {
    let books = BOOKS.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    let keys = books.clone().map(|book| book.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>());
    assert_eq!(keys[0], keys[1], "both languages hold the same codes");
    let met = TABLE.iter().filter(|row| {
        OperationKind::ALL.iter().any(|kind| row.written(*kind) != Written::Unknown)
            || row.asked == Asked::Silent
            || ["E0304", "E1803", "E2101", "E2199", "E2401", "E2501", "E2601", "E2704", "E2706", "E2720"]
                .contains(&row.code)
            || (row.code.starts_with("E99")
                && !["E9918", "E9919", "E9922", "E9923", "E9924"].contains(&row.code))
    });
    for code in met.map(|row| row.code).chain(OURS) {
        for book in &books {
            for part in ["cause", "step"] {
                let text = book[code][part].as_str().unwrap_or_else(|| panic!("{code} lacks its {part}"));
                assert!(text.chars().count() >= 4, "{code} {part}");
            }
        }
    }
    for key in &keys[0] {
        assert!(listed().contains(key.as_str()) || OURS.contains(&key.as_str()), "{key} is nobody's code");
    }
}

#[test]
fn the_error_book_names_the_way_out() {
    let [zh, en] = BOOKS.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    for (codes, zh_words, en_words) in [
        ("E1200 E1201 E1202", "轉入網址", "return address"),
        ("E0403 E0408", "刷卡連結", "card link"),
        ("E0403 E0408", "30,000", "30,000"),
        ("E3501 E0000 bad-sign", "A1、A2、B1、B2", "A1, A2, B1 and B2"),
        ("http-499", "IP", "IP"),
        ("http-401", "X-KeyID", "X-KeyID"),
        ("http-429", "放慢", "slows down"),
    ] {
        for code in words(codes) {
            assert!(zh[code]["step"].as_str().unwrap().contains(zh_words), "{code}");
            assert!(en[code]["step"].as_str().unwrap().contains(en_words), "{code}");
        }
    }
    for (book, empty_words) in [(&zh, ["請洽客服", "聯絡客服"]), (&en, ["contact support", "call support"])]
    {
        for (code, entry) in book.as_object().unwrap() {
            let step = entry["step"].as_str().unwrap().to_lowercase();
            assert!(empty_words.iter().all(|words| !step.contains(words)), "{code} sends the owner away");
        }
    }
}
