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
//! the shop's number and state, the nonce, version, service and envelope, the bank's own failures
//! (E99xx) and maintenance: every question meets them. `Q`, of the question: codes that name a
//! condition that our questions carry, a window, an order number, a pay type, a state or a token.
//! `V`: everything else, E2199 too, which only says that the query failed. `S`: the codes of
//! success, which mean nothing beside Status F.
//!
//! Those that deserve a word:
//! - E0302 (number used before) on a create is `D`: it is a check of a field, made before the bank
//!   acts, and our numbers are random and used once. Should an earlier copy of the same request
//!   have arrived after all, the account it opened was never shown to anybody; the payment ends as
//!   not issued, stays watched by its number, and the clerk goes on with a new one.
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

use crate::meaning::{D, Group, N, P, Q, Row, S, U, V, Writes};

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
    Row::of("E3001", N, P),
    Row::of("E3002", N, P),
    Row::of("E3003", N, P),
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
