//! Whether the bank answers at all, and whether this computer's clock is right: what a screen warns about.

use counterfoil_domain::{BankAnswer, Moment};

use crate::bank_clock::SKEW_WARNING_MS;
use crate::ports::{BankReply, Said};

/// A bank that does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Of the first question without an answer.
    pub since: Moment,
    /// What came instead, of the last one: as [`BankReply::code`].
    pub code: String,
}

/// What is wrong now; nothing is the normal case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Until a question is answered again.
    pub silence: Option<Silence>,
    /// By how much this computer's clock is behind the bank's, when it is more than a minute.
    pub clock_off_ms: Option<i64>,
}

impl Health {
    /// After an answer, or none, at bank time `at`.
    pub(crate) fn after(&self, reply: &BankReply, at: Moment, offset_ms: i64) -> Self {
        let silence = is_silent(reply).then(|| {
            let since = self.silence.as_ref().map_or(at, |silence| silence.since);
            Silence { since, code: reply.code.clone() }
        });
        Self { silence, clock_off_ms: Some(offset_ms).filter(|ms| ms.abs() >= SKEW_WARNING_MS) }
    }
}

/// Nothing verified came back. A bank that answers a write with a code nobody can read is there.
fn is_silent(reply: &BankReply) -> bool {
    let ours = reply.code.starts_with(|c: char| c.is_ascii_lowercase());
    match reply.said {
        Said::Silent => true,
        Said::Write { meaning: BankAnswer::NotSent | BankAnswer::Unknown, .. } => ours,
        Said::Rows(_)
        | Said::Refused
        | Said::Write {
            meaning: BankAnswer::Accepted | BankAnswer::Declined | BankAnswer::NotNow | BankAnswer::Pending,
            ..
        } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(said: Said, code: &str) -> BankReply {
        BankReply { said, bank_now: None, code: code.into(), transcript: String::new() }
    }

    #[test]
    fn silence_lasts_from_the_first_lost_answer_to_the_next_clear_one() {
        let at = Moment::from_millis;
        let lost = |code| reply(Said::Silent, code);
        let first = Health::default().after(&lost("timeout"), at(1), 0);
        let second = first.after(&lost("connect"), at(2), 0);
        assert_eq!(second.silence, Some(Silence { since: at(1), code: "connect".into() }));
        let write = |meaning, code| reply(Said::Write { meaning, issued: None, unequal: None }, code);
        assert!(second.after(&write(BankAnswer::NotSent, "dns"), at(3), 0).silence.is_some());
        assert!(second.after(&write(BankAnswer::Unknown, "E9999"), at(3), 0).silence.is_none());
        assert!(second.after(&reply(Said::Rows(vec![]), "S0001"), at(3), 0).silence.is_none());
    }

    #[test]
    fn a_clock_that_is_a_minute_off_is_said_in_both_directions() {
        let off = |ms| Health::default().after(&reply(Said::Refused, "E0001"), Moment::from_millis(1), ms);
        assert_eq!(off(59_999).clock_off_ms, None);
        assert_eq!(off(60_000).clock_off_ms, Some(60_000));
        assert_eq!(off(-86_400_000).clock_off_ms, Some(-86_400_000));
    }
}
