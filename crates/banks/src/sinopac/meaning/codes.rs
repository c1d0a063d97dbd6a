//! The whole code list of the bank (sinopac.md 9.1), one row per code. No ranges and no pattern: a code without a row is `Unknown`
//! for a write.
//!
//! How the columns were filled (money rules 3). `D` only where the code names a check of a field, a status, a limit or a
//! permission that this very operation goes through, so that it was surely not done. `N` for the nonce codes. `U` for
//! everything else: codes of services that we do not call, codes of the paying side, failures in the middle of the work, and
//! what the rules list as `Unknown` by name. The columns of a row say what its code means beside Status F; beside Status S
//! only S0000 is ever a success, so the S rows are `U` here too.
//!
//! The last column (money rules 3, "a verified refusal of a question"). `P`, of the shop: the sign, the shop's number and state,
//! the nonce, version, service and envelope, the bank's own failures (E99xx) and maintenance: every question meets them.
//! `Q`, of the question: codes that name a condition that our questions carry, a window, an order number, a pay type, a
//! state or a token. `V`: everything else, E2199 too, which only says that the query failed. `S`: the codes of success, which
//! mean nothing beside Status F.
//!
//! Two that deserve a word:
//! - E0302 (number used before) on a create is `D`: it is a check of a field, made before the bank acts, and our numbers are
//!   random and used once. Should an earlier copy of the same request have arrived after all, the account it opened was never
//!   shown to anybody; the payment ends as not issued, stays watched by its number, and the clerk goes on with a new one.
//! - E0304 (the number is being confirmed) is `U`: an earlier attempt may be in flight, so it is read out, never sent again.

use counterfoil_domain::operation::OperationKind;

/// What a code means for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Surely not done, and would be refused again.
    Declined,
    /// Surely not done, may be asked later.
    NotNow,
    /// Nobody knows.
    Unknown,
}

/// What a code means for a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The bank answers no question of this shop.
    OfShop,
    /// The bank will not answer this question; it may answer another.
    OfQuestion,
    /// The bank refuses, and the code does not tell which of the two.
    Unclear,
    /// No refusal, and no answer either.
    Silent,
}

/// One code.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// A letter and four digits.
    pub code: &'static str,
    /// For a question.
    pub asked: Asked,
    writes: [Written; 4],
}

impl Row {
    /// For a write of this kind.
    pub const fn written(&self, kind: OperationKind) -> Written {
        let [create, cancel_account, capture, cancel_authorization] = self.writes;
        match kind {
            // a form is the other bank's
            OperationKind::IssueAccount | OperationKind::CreateLink | OperationKind::PostForm => create,
            OperationKind::CancelAccount => cancel_account,
            OperationKind::Capture => capture,
            OperationKind::CancelAuthorization => cancel_authorization,
        }
    }
}

/// The row of a code, if it is listed.
pub fn row(code: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.code == code)
}

const fn row_of(code: &'static str, writes: [Written; 4], asked: Asked) -> Row {
    Row { code, asked, writes }
}

const D: Written = Written::Declined;
const N: Written = Written::NotNow;
const U: Written = Written::Unknown;
const P: Asked = Asked::OfShop;
const Q: Asked = Asked::OfQuestion;
const V: Asked = Asked::Unclear;
const S: Asked = Asked::Silent;

/// Code, then: create, cancel account, capture, cancel authorization; then: question.
pub const TABLE: [Row; 179] = [
    row_of("E0000", [D, D, D, D], P),
    row_of("E0001", [D, D, D, D], P),
    row_of("E0100", [D, D, D, D], P),
    row_of("E0101", [D, D, D, D], P),
    row_of("E0102", [D, D, D, D], P),
    row_of("E0300", [D, D, D, D], Q),
    row_of("E0301", [D, D, D, D], Q),
    row_of("E0302", [D, U, U, U], Q),
    row_of("E0303", [D, D, D, D], Q),
    row_of("E0304", [U, U, U, U], Q),
    row_of("E0400", [D, U, U, U], V),
    row_of("E0401", [D, U, U, U], V),
    row_of("E0402", [D, U, U, U], V),
    row_of("E0403", [D, U, U, U], V),
    row_of("E0404", [U, U, U, U], V),
    row_of("E0405", [D, U, U, U], V),
    row_of("E0406", [D, U, U, U], V),
    row_of("E0407", [D, U, U, U], V),
    row_of("E0408", [D, U, U, U], V),
    row_of("E0409", [D, U, U, U], V),
    row_of("E0410", [D, U, U, U], V),
    row_of("E0500", [D, U, U, U], V),
    row_of("E0600", [D, U, U, U], Q),
    row_of("E0601", [D, U, U, U], Q),
    row_of("E0602", [D, U, U, U], Q),
    row_of("E0700", [D, U, U, U], V),
    row_of("E0701", [D, U, U, U], V),
    row_of("E0702", [D, U, U, U], V),
    row_of("E0800", [D, U, U, U], V),
    row_of("E0801", [D, U, U, U], V),
    row_of("E0802", [D, U, U, U], V),
    row_of("E0900", [D, U, U, U], V),
    row_of("E0901", [D, U, U, U], V),
    row_of("E1000", [D, U, U, U], V),
    row_of("E1001", [D, U, U, U], V),
    row_of("E1100", [D, U, U, U], V),
    row_of("E1101", [D, U, U, U], V),
    row_of("E1200", [D, U, U, U], V),
    row_of("E1201", [D, U, U, U], V),
    row_of("E1202", [D, U, U, U], V),
    row_of("E1301", [D, U, U, U], V),
    row_of("E1302", [D, U, U, U], V),
    row_of("E1400", [D, U, U, U], V),
    row_of("E1401", [D, U, U, U], V),
    row_of("E1402", [D, U, U, U], V),
    row_of("E1501", [D, U, U, U], V),
    row_of("E1502", [D, U, U, U], V),
    row_of("E1601", [D, U, U, U], V),
    row_of("E1602", [D, U, U, U], V),
    row_of("E1701", [D, U, U, U], V),
    row_of("E1702", [D, U, U, U], V),
    row_of("E1800", [U, D, D, D], V),
    row_of("E1801", [U, D, D, D], V),
    row_of("E1802", [U, D, D, D], V),
    row_of("E1803", [U, U, U, U], V),
    row_of("E1901", [U, U, U, U], Q),
    row_of("E1902", [U, U, U, U], Q),
    row_of("E1903", [U, U, U, U], Q),
    row_of("E1904", [U, U, U, U], Q),
    row_of("E2001", [U, U, U, U], Q),
    row_of("E2002", [U, D, U, U], Q),
    row_of("E2003", [U, D, D, D], Q),
    row_of("E2004", [U, D, D, D], Q),
    row_of("E2005", [U, U, U, U], Q),
    row_of("E2006", [U, U, U, U], Q),
    row_of("E2007", [U, U, U, U], Q),
    row_of("E2101", [U, U, U, U], Q),
    row_of("E2199", [U, U, U, U], V),
    row_of("E2200", [U, U, U, U], V),
    row_of("E2201", [U, U, U, U], V),
    row_of("E2301", [U, U, U, U], V),
    row_of("E2401", [U, U, U, U], Q),
    row_of("E2501", [U, U, U, U], Q),
    row_of("E2601", [U, D, D, D], Q),
    row_of("E2700", [U, U, U, U], V),
    row_of("E2704", [U, U, U, U], V),
    row_of("E2706", [U, U, U, U], V),
    row_of("E2709", [U, U, U, U], V),
    row_of("E2710", [U, U, U, U], V),
    row_of("E2711", [U, U, U, U], V),
    row_of("E2712", [U, U, U, U], V),
    row_of("E2713", [U, U, U, U], V),
    row_of("E2720", [U, U, U, U], V),
    row_of("E2730", [U, U, U, U], V),
    row_of("E2740", [U, U, U, U], V),
    row_of("E2801", [U, U, U, U], V),
    row_of("E2802", [U, U, U, U], V),
    row_of("E2901", [U, U, U, U], Q),
    row_of("E2902", [U, U, U, U], Q),
    row_of("E2903", [U, U, U, U], Q),
    row_of("E3001", [N, N, N, N], P),
    row_of("E3002", [N, N, N, N], P),
    row_of("E3003", [N, N, N, N], P),
    row_of("E3100", [U, U, U, U], Q),
    row_of("E3101", [U, U, U, U], Q),
    row_of("E3102", [U, U, U, U], Q),
    row_of("E3103", [U, U, U, U], Q),
    row_of("E3201", [U, U, U, U], Q),
    row_of("E3202", [U, U, U, U], Q),
    row_of("E3203", [U, U, U, U], Q),
    row_of("E3204", [U, U, U, U], Q),
    row_of("E3301", [D, D, D, D], P),
    row_of("E3401", [D, D, D, D], P),
    row_of("E3501", [D, D, D, D], P),
    row_of("E3600", [U, U, U, U], V),
    row_of("E3601", [U, U, U, U], V),
    row_of("E3602", [U, U, U, U], V),
    row_of("E3603", [U, U, U, U], V),
    row_of("E3604", [U, U, U, U], V),
    row_of("E3605", [U, U, U, U], V),
    row_of("E3606", [D, D, D, D], V),
    row_of("E3607", [U, U, U, U], V),
    row_of("E3608", [U, U, U, U], V),
    row_of("E3609", [U, U, U, U], V),
    row_of("E3700", [U, U, U, U], V),
    row_of("E3701", [U, U, U, U], V),
    row_of("E3702", [U, U, U, U], V),
    row_of("E3703", [U, U, U, U], V),
    row_of("E3704", [U, U, U, U], V),
    row_of("E3705", [U, U, U, U], V),
    row_of("E3706", [U, U, U, U], V),
    row_of("E3707", [U, U, U, U], V),
    row_of("E3801", [U, U, U, U], V),
    row_of("E3900", [U, U, U, U], V),
    row_of("E3901", [U, U, U, U], V),
    row_of("E5001", [U, U, U, U], V),
    row_of("E5002", [U, U, U, U], V),
    row_of("E5003", [U, U, U, U], V),
    row_of("E5101", [U, U, U, U], V),
    row_of("E5201", [U, U, U, U], V),
    row_of("E5301", [U, U, U, U], V),
    row_of("E5401", [U, U, U, U], V),
    row_of("E5501", [U, U, U, U], V),
    row_of("E6000", [U, U, U, U], V),
    row_of("E6001", [U, U, U, U], V),
    row_of("E6002", [U, U, U, U], V),
    row_of("E6003", [U, U, U, U], V),
    row_of("E6010", [U, U, U, U], V),
    row_of("E6011", [U, U, U, U], V),
    row_of("E6012", [U, U, U, U], V),
    row_of("E6013", [U, U, U, U], V),
    row_of("E9900", [U, U, U, U], P),
    row_of("E9901", [U, U, U, U], P),
    row_of("E9902", [U, U, U, U], P),
    row_of("E9903", [U, U, U, U], P),
    row_of("E9904", [U, U, U, U], P),
    row_of("E9905", [U, U, U, U], P),
    row_of("E9906", [U, U, U, U], P),
    row_of("E9907", [U, U, U, U], P),
    row_of("E9908", [U, U, U, U], P),
    row_of("E9909", [U, U, U, U], P),
    row_of("E9910", [U, U, U, U], P),
    row_of("E9911", [U, U, U, U], P),
    row_of("E9912", [U, U, U, U], P),
    row_of("E9913", [U, U, U, U], P),
    row_of("E9914", [U, U, U, U], P),
    row_of("E9915", [U, U, U, U], P),
    row_of("E9916", [U, U, U, U], P),
    row_of("E9917", [U, U, U, U], P),
    row_of("E9918", [U, U, U, U], P),
    row_of("E9919", [U, U, U, U], P),
    row_of("E9920", [U, U, U, U], P),
    row_of("E9921", [U, U, U, U], P),
    row_of("E9922", [U, U, U, U], P),
    row_of("E9923", [U, U, U, U], P),
    row_of("E9924", [U, U, U, U], P),
    row_of("E9925", [U, U, U, U], P),
    row_of("E9926", [U, U, U, U], P),
    row_of("E9927", [U, U, U, U], P),
    row_of("E9928", [U, U, U, U], P),
    row_of("E9933", [U, U, U, U], P),
    row_of("E9934", [U, U, U, U], P),
    row_of("E9935", [U, U, U, U], P),
    row_of("E9936", [U, U, U, U], P),
    row_of("E9999", [U, U, U, U], P),
    row_of("M0001", [U, U, U, U], P),
    row_of("S0000", [U, U, U, U], S),
    row_of("S0001", [U, U, U, U], S),
    row_of("S0002", [U, U, U, U], S),
];
