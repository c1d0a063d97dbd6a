//! The whole code list of the bank (sinopac.md 9.1, 14), one row per code. No ranges and no
//! pattern: a code without a row is `Unknown` for a write.
//!
//! How the columns were filled (money rules 3). `D` only where the code names a check of a field, a
//! status, a limit or a permission that this very operation goes through, so that it was surely not
//! done. `N` for the nonce codes. `U` for everything else: codes of services that we do not call,
//! codes of the paying side, failures in the middle of the work, and what the rules list as
//! `Unknown` by name. The columns of a row say what its code means beside Status F; beside Status S
//! only S0000 is ever a success, so the S rows are `U` here too.
//!
//! The last column (money rules 3, "a verified refusal of a question"). `P`, of the shop: the sign,
//! the shop's number and state, version, service and envelope, the bank's own failures (E99xx) and
//! maintenance: every question meets them. `O`, of the nonce: used up, and the next one is not.
//! `Q`, of the question: codes that name a condition that our questions carry, a window, an order
//! number, a pay type, a state or a token. `V`: everything else, E2199 too, which only says that
//! the query failed. `S`: the codes of success, which mean nothing beside Status F.
//!
//! Those that deserve a word:
//! - E0302 (number used before) on a create is `D`: it is a check of a field, made before the bank
//!   acts, and our numbers are random and used once. Should an earlier copy of the same request
//!   have arrived after all, the account it opened was never shown to anybody; the payment ends as
//!   not issued, stays watched by its number, and the clerk goes on with a new one.
//! - E0304 (number being confirmed) on a create is `U`: an earlier attempt may be in flight. What
//!   follows on each class of a create is under "How codes are classed" in
//!   `docs/banks/sinopac.md`; `e0304_is_asked_about_and_never_sent_again` in
//!   `tests/journeys/faults.rs` follows it to its end.
//! - E3604 (day limit), E3610 and E3611 (V2.5: later) and E3609 (no token could be made) are `N`,
//!   as the rules name them, but for refunds alone: on any other operation they are nonsense, hence
//!   `U`.
//! - E9918 is `U`, as the rules name it: a refund is under way or the number of refunds is used up,
//!   and after our only send the first may be ours.
//! - E3605 (the token is too old) and E3607 (the token is wrong) are `D` for the second call of an
//!   account refund, the only one that carries a token. The refund may be started again.
//! - E3600 (not in part) is `D` for cards, E3603 (no payer account) for accounts: the other kind of
//!   refund has no such check.
//! - E0404 (the amounts differ) is `U`: the paper names it on the paying side only.

use crate::meaning::{D, Group, N, O, P, Q, Row, S, U, V, Writes};

/// The row of a code, if it is listed.
pub fn row(code: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.code == code)
}

const CREATE: Writes = Writes::DeclinedFor(Group::Create);
const MAINTAIN: Writes = Writes::DeclinedFor(Group::Maintain);
const CANCEL_ACCOUNT: Writes = Writes::DeclinedFor(Group::CancelAccount);
const AMOUNT: Writes = Writes::DeclinedFor(Group::WithAmount);
const GIVE_BACK: Writes = Writes::DeclinedFor(Group::GiveBack);
const CARD_BACK: Writes = Writes::DeclinedFor(Group::GiveBackCard);
const ACCOUNT_BACK: Writes = Writes::DeclinedFor(Group::GiveBackAccount);
const SECOND_CALL: Writes = Writes::DeclinedFor(Group::SecondCall);
const BACK_LATER: Writes = Writes::NotNowFor(Group::GiveBack);
const ACCOUNT_LATER: Writes = Writes::NotNowFor(Group::GiveBackAccount);

/// Code, which writes it declines, then: question.
pub const TABLE: [Row; 181] = [
    Row::of("E0000", D, P),
    Row::of("E0001", D, P),
    Row::of("E0100", D, P),
    Row::of("E0101", D, P),
    Row::of("E0102", D, P),
    Row::of("E0300", D, Q),
    Row::of("E0301", D, Q),
    Row::of("E0302", CREATE, Q),
    Row::of("E0303", D, Q),
    Row::of("E0304", U, Q),
    Row::of("E0400", AMOUNT, V),
    Row::of("E0401", AMOUNT, V),
    Row::of("E0402", CREATE, V),
    Row::of("E0403", CREATE, V),
    Row::of("E0404", U, V),
    Row::of("E0405", AMOUNT, V),
    Row::of("E0406", CREATE, V),
    Row::of("E0407", CREATE, V),
    Row::of("E0408", CREATE, V),
    Row::of("E0409", CREATE, V),
    Row::of("E0410", CREATE, V),
    Row::of("E0500", CREATE, V),
    Row::of("E0600", CREATE, Q),
    Row::of("E0601", CREATE, Q),
    Row::of("E0602", CREATE, Q),
    Row::of("E0700", CREATE, V),
    Row::of("E0701", CREATE, V),
    Row::of("E0702", CREATE, V),
    Row::of("E0800", CREATE, V),
    Row::of("E0801", CREATE, V),
    Row::of("E0802", CREATE, V),
    Row::of("E0900", CREATE, V),
    Row::of("E0901", CREATE, V),
    Row::of("E1000", CREATE, V),
    Row::of("E1001", CREATE, V),
    Row::of("E1100", CREATE, V),
    Row::of("E1101", CREATE, V),
    Row::of("E1200", CREATE, V),
    Row::of("E1201", CREATE, V),
    Row::of("E1202", CREATE, V),
    Row::of("E1301", CREATE, V),
    Row::of("E1302", CREATE, V),
    Row::of("E1400", CREATE, V),
    Row::of("E1401", CREATE, V),
    Row::of("E1402", CREATE, V),
    Row::of("E1501", CREATE, V),
    Row::of("E1502", CREATE, V),
    Row::of("E1601", CREATE, V),
    Row::of("E1602", CREATE, V),
    Row::of("E1701", CREATE, V),
    Row::of("E1702", CREATE, V),
    Row::of("E1800", MAINTAIN, V),
    Row::of("E1801", MAINTAIN, V),
    Row::of("E1802", MAINTAIN, V),
    Row::of("E1803", U, V),
    Row::of("E1901", U, Q),
    Row::of("E1902", U, Q),
    Row::of("E1903", U, Q),
    Row::of("E1904", U, Q),
    Row::of("E2001", U, Q),
    Row::of("E2002", CANCEL_ACCOUNT, Q),
    Row::of("E2003", MAINTAIN, Q),
    Row::of("E2004", MAINTAIN, Q),
    Row::of("E2005", U, Q),
    Row::of("E2006", U, Q),
    Row::of("E2007", U, Q),
    Row::of("E2101", U, Q),
    Row::of("E2199", U, V),
    Row::of("E2200", U, V),
    Row::of("E2201", U, V),
    Row::of("E2301", U, V),
    Row::of("E2401", U, Q),
    Row::of("E2501", U, Q),
    Row::of("E2601", MAINTAIN, Q),
    Row::of("E2700", U, V),
    Row::of("E2704", U, V),
    Row::of("E2706", U, V),
    Row::of("E2709", U, V),
    Row::of("E2710", U, V),
    Row::of("E2711", U, V),
    Row::of("E2712", U, V),
    Row::of("E2713", U, V),
    Row::of("E2720", U, V),
    Row::of("E2730", U, V),
    Row::of("E2740", U, V),
    Row::of("E2801", U, V),
    Row::of("E2802", U, V),
    Row::of("E2901", U, Q),
    Row::of("E2902", U, Q),
    Row::of("E2903", U, Q),
    Row::of("E3001", N, O),
    Row::of("E3002", N, O),
    Row::of("E3003", N, O),
    Row::of("E3100", U, Q),
    Row::of("E3101", U, Q),
    Row::of("E3102", U, Q),
    Row::of("E3103", U, Q),
    Row::of("E3201", U, Q),
    Row::of("E3202", U, Q),
    Row::of("E3203", U, Q),
    Row::of("E3204", U, Q),
    Row::of("E3301", D, P),
    Row::of("E3401", D, P),
    Row::of("E3501", D, P),
    Row::of("E3600", CARD_BACK, V),
    Row::of("E3601", GIVE_BACK, V),
    Row::of("E3602", GIVE_BACK, V),
    Row::of("E3603", ACCOUNT_BACK, V),
    Row::of("E3604", BACK_LATER, V),
    Row::of("E3605", SECOND_CALL, V),
    Row::of("E3606", D, V),
    Row::of("E3607", SECOND_CALL, V),
    Row::of("E3608", GIVE_BACK, V),
    Row::of("E3609", ACCOUNT_LATER, V),
    Row::of("E3610", BACK_LATER, V),
    Row::of("E3611", BACK_LATER, V),
    Row::of("E3700", U, V),
    Row::of("E3701", U, V),
    Row::of("E3702", U, V),
    Row::of("E3703", U, V),
    Row::of("E3704", U, V),
    Row::of("E3705", U, V),
    Row::of("E3706", U, V),
    Row::of("E3707", U, V),
    Row::of("E3801", U, V),
    Row::of("E3900", U, V),
    Row::of("E3901", U, V),
    Row::of("E5001", U, V),
    Row::of("E5002", U, V),
    Row::of("E5003", U, V),
    Row::of("E5101", U, V),
    Row::of("E5201", U, V),
    Row::of("E5301", U, V),
    Row::of("E5401", U, V),
    Row::of("E5501", U, V),
    Row::of("E6000", U, V),
    Row::of("E6001", U, V),
    Row::of("E6002", U, V),
    Row::of("E6003", U, V),
    Row::of("E6010", U, V),
    Row::of("E6011", U, V),
    Row::of("E6012", U, V),
    Row::of("E6013", U, V),
    Row::of("E9900", U, P),
    Row::of("E9901", U, P),
    Row::of("E9902", U, P),
    Row::of("E9903", U, P),
    Row::of("E9904", U, P),
    Row::of("E9905", U, P),
    Row::of("E9906", U, P),
    Row::of("E9907", U, P),
    Row::of("E9908", U, P),
    Row::of("E9909", U, P),
    Row::of("E9910", U, P),
    Row::of("E9911", U, P),
    Row::of("E9912", U, P),
    Row::of("E9913", U, P),
    Row::of("E9914", U, P),
    Row::of("E9915", U, P),
    Row::of("E9916", U, P),
    Row::of("E9917", U, P),
    Row::of("E9918", U, P),
    Row::of("E9919", GIVE_BACK, P),
    Row::of("E9920", U, P),
    Row::of("E9921", U, P),
    Row::of("E9922", GIVE_BACK, P),
    Row::of("E9923", U, P),
    Row::of("E9924", U, P),
    Row::of("E9925", U, P),
    Row::of("E9926", U, P),
    Row::of("E9927", U, P),
    Row::of("E9928", U, P),
    Row::of("E9933", U, P),
    Row::of("E9934", U, P),
    Row::of("E9935", U, P),
    Row::of("E9936", U, P),
    Row::of("E9999", U, P),
    Row::of("M0001", U, P),
    Row::of("S0000", U, S),
    Row::of("S0001", U, S),
    Row::of("S0002", U, S),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use counterfoil_domain::BankAnswer;
    use counterfoil_domain::operation::OperationKind;
    use counterfoil_engine::ports::RefusalOf;

    use super::*;

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
    fn no_code_has_two_rows_and_an_unlisted_one_none() {
        let table: BTreeSet<&str> = TABLE.iter().map(|row| row.code).collect();
        assert_eq!(table.len(), TABLE.len());
        for unlisted in ["E9929", "E9930", "E9931", "E9932", "E0002", "E1300", "E3603x", "", "S0003", "e0302"]
        {
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
    fn a_refused_question_is_of_the_shop_its_nonce_the_question_or_unclear() {
        let of_shop = ["E00", "E01", "E33", "E34", "E35", "E99", "M0001"];
        let of_nonce = ["E3001", "E3002", "E3003"];
        // windows, numbers, pay types, states and tokens: the conditions that a question of ours
        // carries
        let of_question = ["E03", "E06", "E19", "E20", "E2101", "E24", "E25", "E26", "E29", "E31", "E32"];
        for row in &TABLE {
            let begins = |list: &[&str]| list.iter().any(|prefix| row.code.starts_with(prefix));
            let expected = match (begins(&of_shop), begins(&of_question)) {
                (true, false) => Some(RefusalOf::Shop),
                (false, true) => Some(RefusalOf::Question),
                (false, false) if row.code.starts_with('S') => None,
                (false, false) if begins(&of_nonce) => Some(RefusalOf::Nonce),
                (false, false) => Some(RefusalOf::Unclear),
                (true, true) => panic!("{} is in both lists", row.code),
            };
            assert_eq!(row.asked, expected, "{}", row.code);
        }
        // and some by name, so that a slip in a prefix shows
        for (code, expected) in [
            ("E0102", Some(RefusalOf::Shop)),
            ("E3002", Some(RefusalOf::Nonce)),
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
        let all = [RefusalOf::Shop, RefusalOf::Nonce, RefusalOf::Question, RefusalOf::Unclear];
        assert_eq!((all.map(|of| count(Some(of))), count(None)), ([43, 3, 34, 98], 3));
    }
}
