//! What one answered window of the sweep means (money rules 7): count it, split it, or ask
//! differently.

use std::collections::BTreeSet;

use crate::coverage::MinuteSpan;
use crate::ids::{BankOrderNo, PaymentId};

/// A bank shows at most this many rows (sinopac.md 4.4). What happens beyond is unknown, so a full
/// page never counts.
pub const ROWS_MAX: usize = 300;
/// A window with a verified, known payment missing is asked this often before that payment is asked
/// by number.
pub const MISSES_MAX: u32 = 3;
/// A window that is refused without saying why is asked this often before another question finds
/// out.
pub const REFUSALS_MAX: u32 = 3;
/// Minutes until a window without a clear answer is asked whole again.
pub const RETRY_MINS: [i64; 3] = [1, 5, 15];
/// Days after which each bank day is asked again whole.
pub const AGAIN_AFTER_DAYS: [u8; 2] = [1, 3];

/// What came back for a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowAnswer {
    /// Verified rows; the numbers they carry.
    Rows(Vec<BankOrderNo>),
    /// A verified refusal of this very question.
    Refused,
    /// No clear answer.
    Silent,
}

/// What to do with a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowVerdict {
    /// It is covered.
    Counts,
    /// Ask both halves.
    Split(MinuteSpan, MinuteSpan),
    /// Ask it whole again later.
    AskAgain,
    /// These known payments are missing from it: once too often they are asked by number.
    Missing(BTreeSet<PaymentId>),
    /// One minute that cannot be shown: ask for every unpaid number of ours.
    ByNumber,
}

/// Judges a window's answer. `known`: payments that are known to be paid in it, with their numbers.
pub fn judge_window(
    span: MinuteSpan,
    answer: &WindowAnswer,
    known: &[(PaymentId, BankOrderNo)],
) -> WindowVerdict {
    let split = || span.halves().map_or(WindowVerdict::ByNumber, |(a, b)| WindowVerdict::Split(a, b));
    match answer {
        WindowAnswer::Silent => WindowVerdict::AskAgain,
        WindowAnswer::Refused => split(),
        WindowAnswer::Rows(rows) if rows.len() >= ROWS_MAX => split(),
        WindowAnswer::Rows(rows) => {
            let rows: BTreeSet<&BankOrderNo> = rows.iter().collect();
            let missing: BTreeSet<PaymentId> =
                known.iter().filter(|(_, no)| !rows.contains(no)).map(|(id, _)| *id).collect();
            if missing.is_empty() { WindowVerdict::Counts } else { WindowVerdict::Missing(missing) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BankMinute;

    fn span(from: i64, to: i64) -> MinuteSpan {
        MinuteSpan::new(BankMinute::from_minutes(from), BankMinute::from_minutes(to)).unwrap()
    }

    fn rows(n: usize) -> WindowAnswer {
        WindowAnswer::Rows((0..n).map(|i| BankOrderNo::from_text(format!("N{i}"))).collect())
    }

    #[test]
    fn windows() {
        let id = PaymentId::from_bytes([7; 16]);
        let known = [(id, BankOrderNo::from_text("N299"))];
        assert_eq!(judge_window(span(0, 9), &rows(299), &[]), WindowVerdict::Counts);
        assert_eq!(judge_window(span(0, 9), &rows(300), &[]), WindowVerdict::Split(span(0, 4), span(5, 9)));
        assert_eq!(judge_window(span(3, 3), &rows(300), &[]), WindowVerdict::ByNumber);
        assert_eq!(
            judge_window(span(0, 9), &WindowAnswer::Refused, &[]),
            WindowVerdict::Split(span(0, 4), span(5, 9))
        );
        assert_eq!(judge_window(span(3, 3), &WindowAnswer::Refused, &[]), WindowVerdict::ByNumber);
        assert_eq!(judge_window(span(0, 9), &WindowAnswer::Silent, &[]), WindowVerdict::AskAgain);
        // "nothing found" also means "conditions do not match": it counts only when nothing known
        // is missing
        assert_eq!(judge_window(span(0, 9), &rows(0), &known), WindowVerdict::Missing(BTreeSet::from([id])));
    }
}
