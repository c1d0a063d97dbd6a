//! The whole list of status and errcode (ctbc.md 7), one row per pair. No ranges and no pattern: a pair without a row is
//! `Unknown` for a write.
//!
//! How the columns were filled (money rules 3). `N` for the nine pairs that the rules name, whatever the operation: a
//! verified refusal that surely did nothing. `D` only where the pair names a check of a field, status, limit or permission
//! that this very operation goes through. `U` for everything else: the † of ctbc.md 7, failures in the middle of the work,
//! pairs of the card page and of authorisations, of batches that are opened and closed, and what the rules list as
//! `Unknown` by name.
//!
//! The last column (money rules 3, "a verified refusal of a question"). `P`, of the shop: merchant, terminal, address, MAC,
//! permission, the state of the shop's batch, and failures of the gateway or the page server as a whole. `Q`, of the
//! question: the pair names the number, the amount or the transaction. `S`: the † of ctbc.md 7, an outcome that the bank itself
//! does not know. `V`: everything else, above all reserved pairs, the words of card page and issuer (an inquiry reaches
//! neither), and fields that no inquiry carries.
//!
//! Those that deserve a word:
//! - 3/52 to 3/56 and 9/ne (duplicate, already captured) on our only send: another hand acted. They are read out. For the
//!   same reason 3/3 and 3/17 (void already) are `U` on the two steps of an undo, and `D` on what a void sale cannot have.
//! - Statuses 4 and 8 are the words of the host and the issuer. Only a reversal goes to them; on operations of the capture
//!   file they are nonsense, hence `U`. 8/05 is a plain no that names no check, and starred in the manual without a reason:
//!   `U`.
//! - 3/34 and 3/43 (batch must be opened) name a status, and no operation of ours opens one: `D`. 3/41 (in use) and the
//!   unclear ones (3/27 to 3/30, 3/42) say nothing about this operation: `U`.
//! - 1/00 (bad data, not written), 2/8 (format), 9/nd (data differs) and 9/nm (bad data) do not say whose data: `U`.
//! - 10/98 (MAC generation) may be about the bank's own answer to a thing done: `U`; 10/96 (our MAC) comes before it: `D`.

use crate::ctbc::Action;

/// What a pair means for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Surely not done, and would be refused again.
    Declined,
    /// Surely not done, may be asked later.
    NotNow,
    /// Nobody knows.
    Unknown,
}

/// What a pair means for a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The bank answers no question of this shop.
    OfShop,
    /// The bank will not answer this question; it may answer another.
    OfQuestion,
    /// The bank refuses, and the pair does not tell which of the two.
    Unclear,
    /// No refusal: the bank itself has no outcome.
    Silent,
}

/// One pair.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Status, a slash, errcode, as the bank's list prints them.
    pub code: &'static str,
    /// For a question.
    pub asked: Asked,
    writes: [Written; 5],
}

impl Row {
    /// For a write.
    pub const fn written(&self, action: Action) -> Written {
        let [reversal, capture, capture_reversal, refund, refund_reversal] = self.writes;
        match action {
            Action::ReverseAuthorization => reversal,
            Action::Capture => capture,
            Action::ReverseCapture => capture_reversal,
            Action::Refund { .. } => refund,
            Action::ReverseRefund => refund_reversal,
        }
    }
}

/// The row of a pair, if it is listed. Leading zeros of numbers do not matter: the papers print both forms.
pub fn row(status: &str, errcode: &str) -> Option<&'static Row> {
    let same = |listed: &str, said: &str| listed == said || unpadded(listed) == unpadded(said);
    TABLE
        .iter()
        .find(|row| row.code.split_once('/').is_some_and(|(s, e)| same(s, status) && same(e, errcode)))
}

/// A number without its leading zeros; anything else as it is, and `00` too, which is a word of its own.
fn unpadded(text: &str) -> &str {
    let number = text.bytes().all(|b| b.is_ascii_digit());
    let rest = text.trim_start_matches('0');
    if number && !rest.is_empty() { rest } else { text }
}

const fn row_of(code: &'static str, writes: [Written; 5], asked: Asked) -> Row {
    Row { code, asked, writes }
}

const D: Written = Written::Declined;
const N: Written = Written::NotNow;
const U: Written = Written::Unknown;
const P: Asked = Asked::OfShop;
const Q: Asked = Asked::OfQuestion;
const V: Asked = Asked::Unclear;
const S: Asked = Asked::Silent;

/// The pair, then: cancel an authorisation, capture, take a capture back, refund, take a refund back; then: question.
pub const TABLE: [Row; 298] = [
    row_of("-1/-1", [U, U, U, U, U], V),
    row_of("1/00", [U, U, U, U, U], V),
    row_of("2/1", [U, U, U, U, U], P),
    row_of("2/2", [U, U, U, U, U], P),
    row_of("2/3", [U, U, U, U, U], P),
    row_of("2/4", [U, U, U, U, U], S),
    row_of("2/5", [U, U, U, U, U], S),
    row_of("2/6", [U, U, U, U, U], V),
    row_of("2/7", [U, U, U, U, U], S),
    row_of("2/8", [U, U, U, U, U], V),
    row_of("2/9", [U, U, U, U, U], P),
    row_of("2/10", [U, U, U, U, U], P),
    row_of("2/11", [U, U, U, U, U], P),
    row_of("2/12", [U, U, U, U, U], P),
    row_of("2/13", [U, U, U, U, U], V),
    row_of("2/14", [U, U, U, U, U], P),
    row_of("2/15", [D, D, D, D, D], Q),
    row_of("2/16", [U, U, U, U, U], P),
    row_of("2/20", [U, U, U, U, U], P),
    row_of("2/21", [U, U, U, U, U], P),
    row_of("2/22", [U, U, U, U, U], P),
    row_of("2/30", [U, U, U, U, U], P),
    row_of("2/40", [N, N, N, N, N], P),
    row_of("3/1", [D, D, D, D, D], P),
    row_of("3/2", [D, D, D, D, D], Q),
    row_of("3/3", [U, D, U, D, D], Q),
    row_of("3/4", [D, D, D, D, D], V),
    row_of("3/5", [U, U, U, U, U], Q),
    row_of("3/6", [U, U, U, U, U], Q),
    row_of("3/7", [D, D, D, D, D], Q),
    row_of("3/8", [D, D, D, D, D], P),
    row_of("3/9", [D, D, D, D, D], P),
    row_of("3/10", [D, D, D, D, D], V),
    row_of("3/11", [U, U, U, U, U], V),
    row_of("3/12", [U, U, U, U, U], V),
    row_of("3/13", [U, U, U, U, U], V),
    row_of("3/14", [U, U, U, U, U], Q),
    row_of("3/15", [N, N, N, N, N], Q),
    row_of("3/16", [U, U, U, U, U], V),
    row_of("3/17", [U, D, U, D, D], Q),
    row_of("3/18", [D, D, D, D, D], Q),
    row_of("3/19", [D, D, U, U, U], Q),
    row_of("3/20", [U, U, U, D, U], Q),
    row_of("3/21", [D, D, D, D, D], Q),
    row_of("3/22", [U, U, U, U, U], Q),
    row_of("3/23", [U, U, U, U, U], Q),
    row_of("3/24", [D, D, D, D, D], Q),
    row_of("3/25", [D, D, D, D, D], Q),
    row_of("3/26", [U, U, U, U, U], Q),
    row_of("3/27", [U, U, U, U, U], P),
    row_of("3/28", [U, U, U, U, U], P),
    row_of("3/29", [U, U, U, U, U], P),
    row_of("3/30", [U, U, U, U, U], P),
    row_of("3/31", [N, N, N, N, N], P),
    row_of("3/32", [D, D, D, D, D], P),
    row_of("3/33", [U, U, D, D, D], Q),
    row_of("3/34", [U, D, D, D, D], P),
    row_of("3/35", [U, D, U, D, U], P),
    row_of("3/36", [U, D, U, D, U], P),
    row_of("3/37", [U, U, U, U, U], P),
    row_of("3/38", [U, U, U, U, U], P),
    row_of("3/39", [U, U, U, U, U], V),
    row_of("3/40", [N, N, N, N, N], P),
    row_of("3/41", [U, U, U, U, U], P),
    row_of("3/42", [U, U, U, U, U], P),
    row_of("3/43", [U, D, D, D, D], P),
    row_of("3/44", [U, U, U, U, U], V),
    row_of("3/45", [U, D, U, D, U], Q),
    row_of("3/46", [U, D, U, U, U], Q),
    row_of("3/47", [U, U, U, D, U], Q),
    row_of("3/48", [N, N, N, N, N], P),
    row_of("3/51", [U, D, U, D, U], Q),
    row_of("3/52", [U, U, U, U, U], Q),
    row_of("3/53", [U, U, U, U, U], Q),
    row_of("3/54", [U, U, U, U, U], Q),
    row_of("3/55", [U, U, U, U, U], Q),
    row_of("3/56", [U, U, U, U, U], Q),
    row_of("3/61", [U, U, U, U, U], V),
    row_of("3/62", [U, U, U, U, U], V),
    row_of("3/63", [U, U, U, U, U], V),
    row_of("3/70", [N, N, N, N, N], Q),
    row_of("3/71", [N, N, N, N, N], Q),
    row_of("3/72", [N, N, N, N, N], Q),
    row_of("3/73", [U, D, U, D, U], V),
    row_of("3/74", [U, D, U, D, U], V),
    row_of("3/75", [U, D, U, D, U], V),
    row_of("3/76", [U, D, U, D, U], V),
    row_of("3/77", [U, D, U, D, U], V),
    row_of("3/78", [U, D, U, D, U], V),
    row_of("3/79", [U, D, U, D, U], V),
    row_of("3/80", [U, D, U, D, U], V),
    row_of("3/81", [U, D, U, D, U], V),
    row_of("3/nm", [U, U, U, U, U], V),
    row_of("4/1", [U, U, U, U, U], S),
    row_of("4/2", [U, U, U, U, U], V),
    row_of("4/3", [U, U, U, U, U], V),
    row_of("4/4", [U, U, U, U, U], S),
    row_of("4/5", [U, U, U, U, U], V),
    row_of("4/6", [U, U, U, U, U], P),
    row_of("4/7", [U, U, U, U, U], Q),
    row_of("4/8", [U, U, U, U, U], V),
    row_of("4/9", [D, U, U, U, U], Q),
    row_of("4/10", [U, U, U, U, U], S),
    row_of("4/11", [U, U, U, U, U], S),
    row_of("4/12", [U, U, U, U, U], S),
    row_of("4/13", [D, U, U, U, U], P),
    row_of("4/14", [U, U, U, U, U], P),
    row_of("4/30", [U, U, U, U, U], V),
    row_of("4/31", [U, U, U, U, U], V),
    row_of("4/32", [U, U, U, U, U], V),
    row_of("4/33", [U, U, U, U, U], V),
    row_of("4/34", [U, U, U, U, U], V),
    row_of("4/35", [U, U, U, U, U], V),
    row_of("4/36", [U, U, U, U, U], V),
    row_of("4/37", [U, U, U, U, U], V),
    row_of("4/38", [U, U, U, U, U], V),
    row_of("4/39", [U, U, U, U, U], V),
    row_of("4/40", [U, U, U, U, U], V),
    row_of("4/41", [U, U, U, U, U], V),
    row_of("4/42", [U, U, U, U, U], V),
    row_of("4/43", [U, U, U, U, U], V),
    row_of("8/01", [U, U, U, U, U], V),
    row_of("8/02", [U, U, U, U, U], V),
    row_of("8/03", [D, U, U, U, U], P),
    row_of("8/04", [U, U, U, U, U], V),
    row_of("8/05", [U, U, U, U, U], V),
    row_of("8/06", [U, U, U, U, U], V),
    row_of("8/07", [U, U, U, U, U], V),
    row_of("8/08", [U, U, U, U, U], V),
    row_of("8/09", [U, U, U, U, U], V),
    row_of("8/10", [U, U, U, U, U], V),
    row_of("8/11", [U, U, U, U, U], V),
    row_of("8/12", [D, U, U, U, U], Q),
    row_of("8/13", [D, U, U, U, U], Q),
    row_of("8/14", [D, U, U, U, U], Q),
    row_of("8/15", [D, U, U, U, U], V),
    row_of("8/16", [U, U, U, U, U], V),
    row_of("8/17", [U, U, U, U, U], V),
    row_of("8/18", [U, U, U, U, U], V),
    row_of("8/19", [U, U, U, U, U], Q),
    row_of("8/21", [D, U, U, U, U], V),
    row_of("8/30", [D, U, U, U, U], V),
    row_of("8/33", [U, U, U, U, U], V),
    row_of("8/34", [U, U, U, U, U], V),
    row_of("8/35", [U, U, U, U, U], V),
    row_of("8/36", [U, U, U, U, U], V),
    row_of("8/37", [U, U, U, U, U], V),
    row_of("8/38", [U, U, U, U, U], V),
    row_of("8/39", [U, U, U, U, U], V),
    row_of("8/40", [U, U, U, U, U], V),
    row_of("8/41", [U, U, U, U, U], V),
    row_of("8/43", [U, U, U, U, U], V),
    row_of("8/44", [U, U, U, U, U], V),
    row_of("8/45", [U, U, U, U, U], V),
    row_of("8/46", [U, U, U, U, U], V),
    row_of("8/47", [U, U, U, U, U], V),
    row_of("8/48", [U, U, U, U, U], V),
    row_of("8/49", [U, U, U, U, U], V),
    row_of("8/50", [U, U, U, U, U], V),
    row_of("8/51", [U, U, U, U, U], V),
    row_of("8/54", [U, U, U, U, U], V),
    row_of("8/55", [U, U, U, U, U], V),
    row_of("8/56", [U, U, U, U, U], Q),
    row_of("8/57", [D, U, U, U, U], V),
    row_of("8/58", [D, U, U, U, U], P),
    row_of("8/59", [U, U, U, U, U], V),
    row_of("8/61", [D, U, U, U, U], Q),
    row_of("8/62", [D, U, U, U, U], V),
    row_of("8/63", [U, U, U, U, U], V),
    row_of("8/64", [D, U, U, U, U], Q),
    row_of("8/65", [U, U, U, U, U], V),
    row_of("8/68", [U, U, U, U, U], S),
    row_of("8/69", [U, U, U, U, U], V),
    row_of("8/70", [U, U, U, U, U], V),
    row_of("8/71", [U, U, U, U, U], V),
    row_of("8/72", [U, U, U, U, U], V),
    row_of("8/73", [U, U, U, U, U], V),
    row_of("8/74", [U, U, U, U, U], V),
    row_of("8/75", [U, U, U, U, U], V),
    row_of("8/76", [U, U, U, U, U], V),
    row_of("8/77", [U, U, U, U, U], V),
    row_of("8/78", [U, U, U, U, U], V),
    row_of("8/79", [U, U, U, U, U], V),
    row_of("8/80", [U, U, U, U, U], V),
    row_of("8/81", [U, U, U, U, U], V),
    row_of("8/82", [U, U, U, U, U], V),
    row_of("8/83", [U, U, U, U, U], V),
    row_of("8/84", [U, U, U, U, U], V),
    row_of("8/85", [U, U, U, U, U], V),
    row_of("8/86", [U, U, U, U, U], V),
    row_of("8/87", [U, U, U, U, U], V),
    row_of("8/88", [U, U, U, U, U], V),
    row_of("8/89", [D, U, U, U, U], P),
    row_of("8/90", [N, N, N, N, N], P),
    row_of("8/91", [U, U, U, U, U], V),
    row_of("8/92", [U, U, U, U, U], V),
    row_of("8/93", [U, U, U, U, U], V),
    row_of("8/94", [U, U, U, U, U], Q),
    row_of("8/95", [U, U, U, U, U], V),
    row_of("8/96", [U, U, U, U, U], V),
    row_of("8/N0", [U, U, U, U, U], V),
    row_of("8/O6", [U, U, U, U, U], V),
    row_of("8/P1", [U, U, U, U, U], V),
    row_of("8/T8", [U, U, U, U, U], V),
    row_of("9/nc", [U, U, U, U, U], P),
    row_of("9/nd", [U, U, U, U, U], Q),
    row_of("9/ne", [U, U, U, U, U], Q),
    row_of("9/ng", [D, D, D, D, D], Q),
    row_of("9/ni", [U, U, U, U, U], S),
    row_of("9/nm", [U, U, U, U, U], V),
    row_of("9/no", [U, U, U, U, U], S),
    row_of("9/np", [U, U, U, U, U], S),
    row_of("9/nq", [U, U, U, U, U], S),
    row_of("9/nr", [U, U, U, U, U], S),
    row_of("9/ns", [D, D, D, D, D], P),
    row_of("9/nt", [D, D, D, D, D], Q),
    row_of("9/nv", [U, U, U, U, U], V),
    row_of("9/nw", [D, D, D, D, D], Q),
    row_of("9/nx", [D, D, D, D, D], P),
    row_of("9/nz", [D, D, D, D, D], P),
    row_of("9/ed", [U, U, U, U, U], Q),
    row_of("9/bc", [U, U, U, U, U], V),
    row_of("9/bo", [U, U, U, U, U], V),
    row_of("9/ta", [U, D, U, D, U], V),
    row_of("9/tb", [U, D, U, D, U], V),
    row_of("9/tc", [U, D, U, D, U], V),
    row_of("9/td", [U, D, U, D, U], V),
    row_of("9/te", [U, D, U, D, U], V),
    row_of("9/tf", [U, D, U, D, U], V),
    row_of("10/1", [U, U, U, U, U], P),
    row_of("10/2", [U, U, U, U, U], P),
    row_of("10/3", [U, U, U, U, U], P),
    row_of("10/4", [U, U, U, U, U], P),
    row_of("10/5", [U, U, U, U, U], V),
    row_of("10/6", [U, U, U, U, U], V),
    row_of("10/7", [U, U, U, U, U], Q),
    row_of("10/8", [U, U, U, U, U], V),
    row_of("10/10", [U, U, U, U, U], S),
    row_of("10/11", [U, U, U, U, U], Q),
    row_of("10/12", [U, U, U, U, U], P),
    row_of("10/13", [U, U, U, U, U], V),
    row_of("10/14", [U, U, U, U, U], V),
    row_of("10/15", [U, U, U, U, U], Q),
    row_of("10/16", [U, U, U, U, U], V),
    row_of("10/17", [U, U, U, U, U], V),
    row_of("10/18", [D, D, D, D, D], P),
    row_of("10/19", [U, U, U, U, U], Q),
    row_of("10/20", [U, U, U, U, U], Q),
    row_of("10/21", [D, D, D, D, D], Q),
    row_of("10/22", [U, U, U, U, U], V),
    row_of("10/23", [U, U, U, U, U], V),
    row_of("10/24", [D, D, D, D, D], Q),
    row_of("10/25", [U, U, U, U, U], P),
    row_of("10/26", [D, D, D, D, D], Q),
    row_of("10/27", [D, D, D, D, D], Q),
    row_of("10/28", [U, U, U, U, U], Q),
    row_of("10/29", [U, U, D, D, D], Q),
    row_of("10/30", [U, U, U, U, U], V),
    row_of("10/31", [U, U, U, U, U], S),
    row_of("10/32", [U, U, U, U, U], V),
    row_of("10/69", [U, U, U, U, U], V),
    row_of("10/70", [U, U, U, U, U], V),
    row_of("10/71", [U, U, U, U, U], V),
    row_of("10/72", [U, U, U, U, U], V),
    row_of("10/77", [U, U, U, U, U], V),
    row_of("10/80", [D, D, D, D, D], Q),
    row_of("10/88", [U, U, U, U, U], V),
    row_of("10/95", [U, U, U, U, U], P),
    row_of("10/96", [D, D, D, D, D], P),
    row_of("10/97", [D, D, D, D, D], P),
    row_of("10/98", [U, U, U, U, U], P),
    row_of("10/99", [U, U, U, U, U], V),
    row_of("10/100", [U, U, U, U, U], P),
    row_of("10/101", [D, D, D, D, D], P),
    row_of("10/102", [D, D, D, D, D], P),
    row_of("10/105", [U, U, U, U, U], P),
    row_of("10/E0", [U, U, U, U, U], V),
    row_of("10/E1", [U, U, U, U, U], Q),
    row_of("10/E2", [U, U, U, U, U], Q),
    row_of("12/11", [U, U, U, U, U], V),
    row_of("12/21", [U, U, U, U, U], V),
    row_of("12/22", [U, U, U, U, U], V),
    row_of("12/23", [U, U, U, U, U], V),
    row_of("12/24", [D, D, D, D, D], P),
    row_of("12/25", [U, U, U, U, U], V),
    row_of("12/26", [U, U, U, U, U], V),
    row_of("12/27", [D, D, D, D, D], P),
    row_of("12/28", [D, D, D, D, D], P),
    row_of("12/29", [D, D, D, D, D], P),
    row_of("12/40", [U, U, U, U, U], V),
    row_of("12/41", [U, U, U, U, U], V),
    row_of("12/42", [U, U, U, U, U], V),
    row_of("12/43", [U, U, U, U, U], V),
    row_of("12/44", [U, U, U, U, U], V),
    row_of("12/45", [U, U, U, U, U], V),
    row_of("12/46", [U, U, U, U, U], V),
    row_of("12/47", [U, U, U, U, U], V),
    row_of("12/48", [U, U, U, U, U], V),
];
