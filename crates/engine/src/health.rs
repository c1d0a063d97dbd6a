//! Whether each bank answers this shop, and whether this computer's clock is right: what a screen
//! warns about.

use counterfoil_domain::{Bank, BankAnswer, Mono, Now, PerBank};

use crate::bank_clock::SKEW_WARNING_MS;
use crate::lane::{Lane, Lanes};
use crate::memory::Silence;
use crate::ports::{BankReply, RefusalOf, Said};

/// What is wrong with one bank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BankHealth {
    /// Until a question is answered again.
    pub silence: Option<Silence>,
    /// It refuses everything that this shop asks, until a question is answered again.
    pub refused: Option<Silence>,
    /// Its answers name a time that is too far off to be believed yet.
    pub clock_doubted: bool,
}

/// What is wrong now; nothing is the normal case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Of each bank.
    pub banks: PerBank<BankHealth>,
    /// By how much this computer's clock is behind the bank's, when it is more than a minute.
    pub clock_off_ms: Option<i64>,
}

impl Health {
    /// Of one bank.
    pub fn of(&self, bank: Bank) -> &BankHealth {
        self.banks.get(bank)
    }

    /// After an answer of a bank, or none, to a question of `sent`, when the lanes are as they are
    /// now.
    pub(crate) fn after(&self, bank: Bank, reply: &BankReply, lanes: &Lanes, sent: Mono, now: Now) -> Self {
        let lane = lanes.get(bank);
        let mut after = self.clone();
        let place = after.banks.get_mut(bank);
        *place = place.after(bank, reply, lane, sent, now);
        let anchored = Bank::ALL.into_iter().map(|bank| &lanes.get(bank).clock).find(|c| c.is_anchored());
        let off_ms = anchored.map(|clock| clock.offset_ms(now));
        after.clock_off_ms = off_ms.filter(|ms| ms.abs() >= SKEW_WARNING_MS);
        after
    }
}

impl BankHealth {
    fn after(&self, bank: Bank, reply: &BankReply, lane: &Lane, sent: Mono, now: Now) -> Self {
        let at = lane.clock.at(sent);
        let since = |was: &Option<Silence>| {
            let since = was.as_ref().map_or(at, |silence| silence.since);
            Silence { since, code: reply.code.clone() }
        };
        // we ask CTBC about each payment alone, and nothing else would find its money: a refusal to
        // answer counts like no answer
        let refuses_one = bank == Bank::Ctbc && matches!(reply.said, Said::Refused(_));
        let refused = match (lane.probe_at(), &reply.said) {
            (None, _) => None,
            (Some(_), Said::Refused(_)) => Some(since(&self.refused)),
            (
                Some(_),
                Said::Rows(_) | Said::Bill(_) | Said::Write { .. } | Said::Unequal(..) | Said::Silent,
            ) => self.refused.clone(),
        };
        let silent = refused.is_none() && (refuses_one || is_silent(reply));
        Self {
            silence: silent.then(|| since(&self.silence)),
            refused,
            clock_doubted: lane.clock.doubted(now.mono).is_some(),
        }
    }
}

/// Nothing verified came back. A bank that answers a write with a code we cannot read is there.
fn is_silent(reply: &BankReply) -> bool {
    let ours = reply.code.starts_with(|c: char| c.is_ascii_lowercase());
    match reply.said {
        Said::Silent => true,
        Said::Write { meaning: BankAnswer::NotSent | BankAnswer::Unknown, .. } => ours,
        Said::Rows(_)
        | Said::Bill(_)
        | Said::Refused(RefusalOf::Shop | RefusalOf::Question | RefusalOf::Unclear | RefusalOf::Nonce)
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
    use counterfoil_domain::Moment;

    fn reply(said: Said, code: &str) -> BankReply {
        BankReply { said, bank_now: None, heard: None, code: code.into(), transcript: String::new() }
    }

    fn now(ms: i64) -> Now {
        Now { wall: Moment::from_millis(ms), mono: Mono::from_millis(ms) }
    }

    #[test]
    fn silence_lasts_from_the_first_lost_answer_to_the_next_clear_one() {
        let lanes = Lanes::from_fn(|_| Lane::open(now(0), None));
        let lost = |code| reply(Said::Silent, code);
        let after = |health: &Health, bank, reply: &BankReply, ms| {
            // each answer took a millisecond
            health.after(bank, reply, &lanes, now(ms).mono, now(ms + 1))
        };
        let first = after(&Health::default(), Bank::Sinopac, &lost("timeout"), 1);
        let second = after(&first, Bank::Sinopac, &lost("connect"), 2);
        let silence = Silence { since: Moment::from_millis(1), code: "connect".into() };
        assert_eq!(second.of(Bank::Sinopac).silence, Some(silence));
        let write =
            |meaning, code| reply(Said::Write { meaning, issued: None, unequal: None, token: None }, code);
        let next = |reply| after(&second, Bank::Sinopac, &reply, 3).of(Bank::Sinopac).silence.is_some();
        assert!(next(write(BankAnswer::NotSent, "dns")));
        assert!(!next(write(BankAnswer::Unknown, "E9999")));
        assert!(!next(reply(Said::Rows(vec![]), "S0001")));
        // who refuses to answer about a payment is as good as silent, where no sweep would find the
        // money
        let refused = reply(Said::Refused(RefusalOf::Question), "9/nz");
        assert!(after(&Health::default(), Bank::Ctbc, &refused, 3).of(Bank::Ctbc).silence.is_some());
        assert!(after(&Health::default(), Bank::Sinopac, &refused, 3).of(Bank::Sinopac).silence.is_none());
        // the other bank's answer is not this one's
        let both = after(&second, Bank::Ctbc, &lost("timeout"), 3);
        let other = after(&both, Bank::Sinopac, &reply(Said::Rows(vec![]), "S0001"), 4);
        assert!(other.of(Bank::Sinopac).silence.is_none() && other.of(Bank::Ctbc).silence.is_some());
    }

    #[test]
    fn a_refusal_of_the_shop_is_said_with_its_cause_until_an_answer() {
        let mut lanes = Lanes::from_fn(|_| Lane::open(now(0), None));
        let refusal = reply(Said::Refused(RefusalOf::Shop), "E0102");
        lanes.get_mut(Bank::Sinopac).is_refused(Mono::from_millis(1));
        let refused = Health::default().after(Bank::Sinopac, &refusal, &lanes, now(1).mono, now(1));
        let said = Some(Silence { since: Moment::from_millis(1), code: "E0102".into() });
        assert_eq!((&refused.of(Bank::Sinopac).refused, &refused.of(Bank::Sinopac).silence), (&said, &None));
        let still =
            refused.after(Bank::Sinopac, &reply(Said::Silent, "timeout"), &lanes, now(2).mono, now(2));
        assert_eq!(still.of(Bank::Sinopac).refused, said);
        lanes.get_mut(Bank::Sinopac).is_answered();
        let well =
            still.after(Bank::Sinopac, &reply(Said::Rows(vec![]), "S0001"), &lanes, now(3).mono, now(3));
        assert_eq!(*well.of(Bank::Sinopac), BankHealth::default());
    }

    #[test]
    fn a_clock_that_is_a_minute_off_is_said_in_both_directions() {
        let off = |ms: i64| {
            let mut lanes = Lanes::from_fn(|_| Lane::open(now(0), None));
            lanes.get_mut(Bank::Sinopac).clock.told(Mono::from_millis(0), now(0), Moment::from_millis(0));
            let behind =
                Now { wall: Moment::from_millis(1_000_000 - ms), mono: Mono::from_millis(1_000_000) };
            let answer = reply(Said::Rows(vec![]), "S0001");
            Health::default().after(Bank::Sinopac, &answer, &lanes, behind.mono, behind).clock_off_ms
        };
        assert_eq!(off(59_999), None);
        assert_eq!(off(60_000), Some(60_000));
        assert_eq!(off(-86_400_000), Some(-86_400_000));
    }
}
