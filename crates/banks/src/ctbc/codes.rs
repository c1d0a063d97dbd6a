//! The whole list of status and errcode (ctbc.md 7), one row per pair. No ranges and no pattern: a
//! pair without a row is `Unknown` for a write.
//!
//! Longer than 500 lines because the bank's whole list is one table, and its tests stay beside it.
//!
//! How the columns were filled (money rules 3). `N` for the nine pairs that the rules name,
//! whatever the operation: a verified refusal that surely did nothing. `D` only where the pair
//! names a check of a field, status, limit or permission that this very operation goes through. `U`
//! for everything else: the † of ctbc.md 7, failures in the middle of the work, pairs of the card
//! page and of authorizations, of batches that are opened and closed, and what the rules list as
//! `Unknown` by name.
//!
//! The last column (money rules 3, "a verified refusal of a question"). `P`, of the shop: merchant,
//! terminal, address, MAC, permission, the state of the shop's batch, and failures of the gateway
//! or the page server as a whole. `Q`, of the question: the pair names the number, the amount or
//! the transaction. `S`: the † of ctbc.md 7, an outcome that the bank itself does not know. `V`:
//! everything else, above all reserved pairs, the words of card page and issuer (an inquiry reaches
//! neither), and fields that no inquiry carries.
//!
//! Those that deserve a word:
//! - 3/52 to 3/56 and 9/ne (duplicate, already captured) on our only send: another hand acted. They
//!   are read out. For the same reason 3/3 and 3/17 (void already) are `U` on the two steps of an
//!   undo, and `D` on what a void sale cannot have.
//! - Statuses 4 and 8 are the words of the host and the issuer. Only a reversal goes to them; on
//!   operations of the capture file they are nonsense, hence `U`. 8/05 is a plain no that names no
//!   check, and starred in the manual without a reason: `U`.
//! - 3/34 and 3/43 (batch must be opened) name a status, and no operation of ours opens one: `D`.
//!   3/41 (in use) and the unclear ones (3/27 to 3/30, 3/42) say nothing about this operation: `U`.
//! - 1/00 (bad data, not written), 2/8 (format), 9/nd (data differs) and 9/nm (bad data) may mean
//!   our data or the bank's: `U`.
//! - 10/98 (MAC generation) may be about the bank's own answer to a thing done: `U`; 10/96 (our
//!   MAC) comes before it: `D`.

use crate::meaning::{D, Group, N, P, Q, Row, S, U, V, Writes};

/// The row of a pair, if it is listed. Leading zeros of numbers do not matter: the papers print
/// both forms.
pub fn row(status: &str, errcode: &str) -> Option<&'static Row> {
    let same = |listed: &str, said: &str| listed == said || unpadded(listed) == unpadded(said);
    TABLE
        .iter()
        .find(|row| row.code.split_once('/').is_some_and(|(s, e)| same(s, status) && same(e, errcode)))
}

/// A number without its leading zeros; anything else as it is, and `00` too, which is a word of its
/// own.
fn unpadded(text: &str) -> &str {
    let number = text.bytes().all(|b| b.is_ascii_digit());
    let rest = text.trim_start_matches('0');
    if number && !rest.is_empty() { rest } else { text }
}

const REVERSAL: Writes = Writes::DeclinedFor(Group::Reversal);
const FROM_1: Writes = Writes::DeclinedFor(Group::FromAuthorized);
const OF_FILE: Writes = Writes::DeclinedFor(Group::OfFile);
const BUT_UNDO: Writes = Writes::DeclinedFor(Group::ButUndo);
const WITH_MONEY: Writes = Writes::DeclinedFor(Group::WithMoney);
const CAP: Writes = Writes::DeclinedFor(Group::Cap);
const AFTER_CAP: Writes = Writes::DeclinedFor(Group::AfterCap);
const REFUND: Writes = Writes::DeclinedFor(Group::Refund);

/// The pair, which writes it declines, then: question.
pub const TABLE: [Row; 298] = [
    Row::of("-1/-1", U, V),
    Row::of("1/00", U, V),
    Row::of("2/1", U, P),
    Row::of("2/2", U, P),
    Row::of("2/3", U, P),
    Row::of("2/4", U, S),
    Row::of("2/5", U, S),
    Row::of("2/6", U, V),
    Row::of("2/7", U, S),
    Row::of("2/8", U, V),
    Row::of("2/9", U, P),
    Row::of("2/10", U, P),
    Row::of("2/11", U, P),
    Row::of("2/12", U, P),
    Row::of("2/13", U, V),
    Row::of("2/14", U, P),
    Row::of("2/15", D, Q),
    Row::of("2/16", U, P),
    Row::of("2/20", U, P),
    Row::of("2/21", U, P),
    Row::of("2/22", U, P),
    Row::of("2/30", U, P),
    Row::of("2/40", N, P),
    Row::of("3/1", D, P),
    Row::of("3/2", D, Q),
    Row::of("3/3", BUT_UNDO, Q),
    Row::of("3/4", D, V),
    Row::of("3/5", U, Q),
    Row::of("3/6", U, Q),
    Row::of("3/7", D, Q),
    Row::of("3/8", D, P),
    Row::of("3/9", D, P),
    Row::of("3/10", D, V),
    Row::of("3/11", U, V),
    Row::of("3/12", U, V),
    Row::of("3/13", U, V),
    Row::of("3/14", U, Q),
    Row::of("3/15", N, Q),
    Row::of("3/16", U, V),
    Row::of("3/17", BUT_UNDO, Q),
    Row::of("3/18", D, Q),
    Row::of("3/19", FROM_1, Q),
    Row::of("3/20", REFUND, Q),
    Row::of("3/21", D, Q),
    Row::of("3/22", U, Q),
    Row::of("3/23", U, Q),
    Row::of("3/24", D, Q),
    Row::of("3/25", D, Q),
    Row::of("3/26", U, Q),
    Row::of("3/27", U, P),
    Row::of("3/28", U, P),
    Row::of("3/29", U, P),
    Row::of("3/30", U, P),
    Row::of("3/31", N, P),
    Row::of("3/32", D, P),
    Row::of("3/33", AFTER_CAP, Q),
    Row::of("3/34", OF_FILE, P),
    Row::of("3/35", WITH_MONEY, P),
    Row::of("3/36", WITH_MONEY, P),
    Row::of("3/37", U, P),
    Row::of("3/38", U, P),
    Row::of("3/39", U, V),
    Row::of("3/40", N, P),
    Row::of("3/41", U, P),
    Row::of("3/42", U, P),
    Row::of("3/43", OF_FILE, P),
    Row::of("3/44", U, V),
    Row::of("3/45", WITH_MONEY, Q),
    Row::of("3/46", CAP, Q),
    Row::of("3/47", REFUND, Q),
    Row::of("3/48", N, P),
    Row::of("3/51", WITH_MONEY, Q),
    Row::of("3/52", U, Q),
    Row::of("3/53", U, Q),
    Row::of("3/54", U, Q),
    Row::of("3/55", U, Q),
    Row::of("3/56", U, Q),
    Row::of("3/61", U, V),
    Row::of("3/62", U, V),
    Row::of("3/63", U, V),
    Row::of("3/70", N, Q),
    Row::of("3/71", N, Q),
    Row::of("3/72", N, Q),
    Row::of("3/73", WITH_MONEY, V),
    Row::of("3/74", WITH_MONEY, V),
    Row::of("3/75", WITH_MONEY, V),
    Row::of("3/76", WITH_MONEY, V),
    Row::of("3/77", WITH_MONEY, V),
    Row::of("3/78", WITH_MONEY, V),
    Row::of("3/79", WITH_MONEY, V),
    Row::of("3/80", WITH_MONEY, V),
    Row::of("3/81", WITH_MONEY, V),
    Row::of("3/nm", U, V),
    Row::of("4/1", U, S),
    Row::of("4/2", U, V),
    Row::of("4/3", U, V),
    Row::of("4/4", U, S),
    Row::of("4/5", U, V),
    Row::of("4/6", U, P),
    Row::of("4/7", U, Q),
    Row::of("4/8", U, V),
    Row::of("4/9", REVERSAL, Q),
    Row::of("4/10", U, S),
    Row::of("4/11", U, S),
    Row::of("4/12", U, S),
    Row::of("4/13", REVERSAL, P),
    Row::of("4/14", U, P),
    Row::of("4/30", U, V),
    Row::of("4/31", U, V),
    Row::of("4/32", U, V),
    Row::of("4/33", U, V),
    Row::of("4/34", U, V),
    Row::of("4/35", U, V),
    Row::of("4/36", U, V),
    Row::of("4/37", U, V),
    Row::of("4/38", U, V),
    Row::of("4/39", U, V),
    Row::of("4/40", U, V),
    Row::of("4/41", U, V),
    Row::of("4/42", U, V),
    Row::of("4/43", U, V),
    Row::of("8/01", U, V),
    Row::of("8/02", U, V),
    Row::of("8/03", REVERSAL, P),
    Row::of("8/04", U, V),
    Row::of("8/05", U, V),
    Row::of("8/06", U, V),
    Row::of("8/07", U, V),
    Row::of("8/08", U, V),
    Row::of("8/09", U, V),
    Row::of("8/10", U, V),
    Row::of("8/11", U, V),
    Row::of("8/12", REVERSAL, Q),
    Row::of("8/13", REVERSAL, Q),
    Row::of("8/14", REVERSAL, Q),
    Row::of("8/15", REVERSAL, V),
    Row::of("8/16", U, V),
    Row::of("8/17", U, V),
    Row::of("8/18", U, V),
    Row::of("8/19", U, Q),
    Row::of("8/21", REVERSAL, V),
    Row::of("8/30", REVERSAL, V),
    Row::of("8/33", U, V),
    Row::of("8/34", U, V),
    Row::of("8/35", U, V),
    Row::of("8/36", U, V),
    Row::of("8/37", U, V),
    Row::of("8/38", U, V),
    Row::of("8/39", U, V),
    Row::of("8/40", U, V),
    Row::of("8/41", U, V),
    Row::of("8/43", U, V),
    Row::of("8/44", U, V),
    Row::of("8/45", U, V),
    Row::of("8/46", U, V),
    Row::of("8/47", U, V),
    Row::of("8/48", U, V),
    Row::of("8/49", U, V),
    Row::of("8/50", U, V),
    Row::of("8/51", U, V),
    Row::of("8/54", U, V),
    Row::of("8/55", U, V),
    Row::of("8/56", U, Q),
    Row::of("8/57", REVERSAL, V),
    Row::of("8/58", REVERSAL, P),
    Row::of("8/59", U, V),
    Row::of("8/61", REVERSAL, Q),
    Row::of("8/62", REVERSAL, V),
    Row::of("8/63", U, V),
    Row::of("8/64", REVERSAL, Q),
    Row::of("8/65", U, V),
    Row::of("8/68", U, S),
    Row::of("8/69", U, V),
    Row::of("8/70", U, V),
    Row::of("8/71", U, V),
    Row::of("8/72", U, V),
    Row::of("8/73", U, V),
    Row::of("8/74", U, V),
    Row::of("8/75", U, V),
    Row::of("8/76", U, V),
    Row::of("8/77", U, V),
    Row::of("8/78", U, V),
    Row::of("8/79", U, V),
    Row::of("8/80", U, V),
    Row::of("8/81", U, V),
    Row::of("8/82", U, V),
    Row::of("8/83", U, V),
    Row::of("8/84", U, V),
    Row::of("8/85", U, V),
    Row::of("8/86", U, V),
    Row::of("8/87", U, V),
    Row::of("8/88", U, V),
    Row::of("8/89", REVERSAL, P),
    Row::of("8/90", N, P),
    Row::of("8/91", U, V),
    Row::of("8/92", U, V),
    Row::of("8/93", U, V),
    Row::of("8/94", U, Q),
    Row::of("8/95", U, V),
    Row::of("8/96", U, V),
    Row::of("8/N0", U, V),
    Row::of("8/O6", U, V),
    Row::of("8/P1", U, V),
    Row::of("8/T8", U, V),
    Row::of("9/nc", U, P),
    Row::of("9/nd", U, Q),
    Row::of("9/ne", U, Q),
    Row::of("9/ng", D, Q),
    Row::of("9/ni", U, S),
    Row::of("9/nm", U, V),
    Row::of("9/no", U, S),
    Row::of("9/np", U, S),
    Row::of("9/nq", U, S),
    Row::of("9/nr", U, S),
    Row::of("9/ns", D, P),
    Row::of("9/nt", D, Q),
    Row::of("9/nv", U, V),
    Row::of("9/nw", D, Q),
    Row::of("9/nx", D, P),
    Row::of("9/nz", D, P),
    Row::of("9/ed", U, Q),
    Row::of("9/bc", U, V),
    Row::of("9/bo", U, V),
    Row::of("9/ta", WITH_MONEY, V),
    Row::of("9/tb", WITH_MONEY, V),
    Row::of("9/tc", WITH_MONEY, V),
    Row::of("9/td", WITH_MONEY, V),
    Row::of("9/te", WITH_MONEY, V),
    Row::of("9/tf", WITH_MONEY, V),
    Row::of("10/1", U, P),
    Row::of("10/2", U, P),
    Row::of("10/3", U, P),
    Row::of("10/4", U, P),
    Row::of("10/5", U, V),
    Row::of("10/6", U, V),
    Row::of("10/7", U, Q),
    Row::of("10/8", U, V),
    Row::of("10/10", U, S),
    Row::of("10/11", U, Q),
    Row::of("10/12", U, P),
    Row::of("10/13", U, V),
    Row::of("10/14", U, V),
    Row::of("10/15", U, Q),
    Row::of("10/16", U, V),
    Row::of("10/17", U, V),
    Row::of("10/18", D, P),
    Row::of("10/19", U, Q),
    Row::of("10/20", U, Q),
    Row::of("10/21", D, Q),
    Row::of("10/22", U, V),
    Row::of("10/23", U, V),
    Row::of("10/24", D, Q),
    Row::of("10/25", U, P),
    Row::of("10/26", D, Q),
    Row::of("10/27", D, Q),
    Row::of("10/28", U, Q),
    Row::of("10/29", AFTER_CAP, Q),
    Row::of("10/30", U, V),
    Row::of("10/31", U, S),
    Row::of("10/32", U, V),
    Row::of("10/69", U, V),
    Row::of("10/70", U, V),
    Row::of("10/71", U, V),
    Row::of("10/72", U, V),
    Row::of("10/77", U, V),
    Row::of("10/80", D, Q),
    Row::of("10/88", U, V),
    Row::of("10/95", U, P),
    Row::of("10/96", D, P),
    Row::of("10/97", D, P),
    Row::of("10/98", U, P),
    Row::of("10/99", U, V),
    Row::of("10/100", U, P),
    Row::of("10/101", D, P),
    Row::of("10/102", D, P),
    Row::of("10/105", U, P),
    Row::of("10/E0", U, V),
    Row::of("10/E1", U, Q),
    Row::of("10/E2", U, Q),
    Row::of("12/11", U, V),
    Row::of("12/21", U, V),
    Row::of("12/22", U, V),
    Row::of("12/23", U, V),
    Row::of("12/24", D, P),
    Row::of("12/25", U, V),
    Row::of("12/26", U, V),
    Row::of("12/27", D, P),
    Row::of("12/28", D, P),
    Row::of("12/29", D, P),
    Row::of("12/40", U, V),
    Row::of("12/41", U, V),
    Row::of("12/42", U, V),
    Row::of("12/43", U, V),
    Row::of("12/44", U, V),
    Row::of("12/45", U, V),
    Row::of("12/46", U, V),
    Row::of("12/47", U, V),
    Row::of("12/48", U, V),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use counterfoil_domain::{BankAnswer, Twd};
    use counterfoil_engine::ports::RefusalOf;

    use super::*;
    use crate::ctbc::Action;

    const ACTIONS: [Action; 5] = [
        Action::Capture,
        Action::ReverseCapture,
        Action::ReverseAuthorization,
        Action::Refund { amount: Twd::new(40) },
        Action::ReverseRefund,
    ];

    const LIST: &str = include_str!("../../tests/data/ctbc-codes.txt");
    /// What every operation goes through: the shop, its key and address, the amounts and handles
    /// that each message has.
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
}
