//! Whether the bank answers at all, and whether this computer's clock is right: what a screen warns about.

use counterfoil_domain::{Bank, BankAnswer, Moment};

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
    /// SinoPac's, until a question is answered again.
    pub silence: Option<Silence>,
    /// CTBC's.
    pub ctbc_silence: Option<Silence>,
    /// By how much this computer's clock is behind the bank's, when it is more than a minute.
    pub clock_off_ms: Option<i64>,
}

impl Health {
    /// After an answer, or none, at bank time `at`.
    pub(crate) fn after(&self, bank: Bank, reply: &BankReply, at: Moment, offset_ms: i64) -> Self {
        let mut after = self.clone();
        let place = match bank {
            Bank::Sinopac => &mut after.silence,
            Bank::Ctbc => &mut after.ctbc_silence,
        };
        // CTBC is asked about each payment alone, and nothing else would find its money: a refusal to answer is said like no answer
        let refused = bank == Bank::Ctbc && matches!(reply.said, Said::Refused);
        *place = (refused || is_silent(reply)).then(|| {
            let since = place.as_ref().map_or(at, |silence| silence.since);
            Silence { since, code: reply.code.clone() }
        });
        Self { clock_off_ms: Some(offset_ms).filter(|ms| ms.abs() >= SKEW_WARNING_MS), ..after }
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
        | Said::Unequal(..)
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
        let first = Health::default().after(Bank::Sinopac, &lost("timeout"), at(1), 0);
        let second = first.after(Bank::Sinopac, &lost("connect"), at(2), 0);
        assert_eq!(second.silence, Some(Silence { since: at(1), code: "connect".into() }));
        let write = |meaning, code| reply(Said::Write { meaning, issued: None, unequal: None }, code);
        assert!(second.after(Bank::Sinopac, &write(BankAnswer::NotSent, "dns"), at(3), 0).silence.is_some());
        assert!(
            second.after(Bank::Sinopac, &write(BankAnswer::Unknown, "E9999"), at(3), 0).silence.is_none()
        );
        assert!(second.after(Bank::Sinopac, &reply(Said::Rows(vec![]), "S0001"), at(3), 0).silence.is_none());
        // who refuses to answer about a payment is as good as silent, where no sweep would find the money
        let refused = reply(Said::Refused, "9/nz");
        assert!(Health::default().after(Bank::Ctbc, &refused, at(3), 0).ctbc_silence.is_some());
        assert!(Health::default().after(Bank::Sinopac, &refused, at(3), 0).silence.is_none());
        // the other bank's answer is not this one's
        let both = second.after(Bank::Ctbc, &lost("timeout"), at(3), 0);
        let other = both.after(Bank::Sinopac, &reply(Said::Rows(vec![]), "S0001"), at(4), 0);
        assert!(other.silence.is_none() && other.ctbc_silence.is_some());
    }

    #[test]
    fn a_clock_that_is_a_minute_off_is_said_in_both_directions() {
        let off = |ms| {
            Health::default().after(Bank::Sinopac, &reply(Said::Refused, "E0001"), Moment::from_millis(1), ms)
        };
        assert_eq!(off(59_999).clock_off_ms, None);
        assert_eq!(off(60_000).clock_off_ms, Some(60_000));
        assert_eq!(off(-86_400_000).clock_off_ms, Some(-86_400_000));
    }
}
