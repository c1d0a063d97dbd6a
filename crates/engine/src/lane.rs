//! One lane per bank: its clock, its pace, its agenda, and how many calls are under way. A bank
//! that stalls holds up nothing but itself.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::{Mono, Now, OperationId, PaymentId, PerBank, Seen};

use crate::agenda::Agenda;
use crate::bank_clock::BankClock;
use crate::limiter::{CALLS_APART_MS, Limiter};
use crate::ports::KeptClock;

/// Calls to one bank under way at once …
const CALLS_MAX: usize = 4;
/// … of which reads: the last place is a write's, so that slow answers do not hold up a sale.
const READS_MAX: usize = 3;
/// A nonce is not used after this; at the bank it lives a minute.
const NONCE_LASTS_MS: i64 = 20_000;
/// Nothing is asked for so long while an amount is typed.
const QUIET_MS: i64 = 5_000;
/// The rest, the sweep first of all, has one call in so many.
const REST_ONE_IN: u32 = 10;
/// Minutes until a shop that was refused asks its one question again.
const PROBE_MINS: [i64; 3] = [1, 5, 15];

/// The bank refuses everything that this shop asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused {
    next: Mono,
    tries: usize,
}

/// What one bank is asked, and how fast.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) clock: BankClock,
    pub(crate) limiter: Limiter,
    pub(crate) agenda: Agenda,
    /// Not asked about before, since the last question got no answer.
    pub(crate) held: BTreeMap<PaymentId, Mono>,
    /// When each operation that waits goes next. The store knows which wait; their turns are kept
    /// by the monotonic clock.
    pub(crate) turns: BTreeSet<(Mono, OperationId)>,
    /// What was read before an attempt, and when it was asked for.
    pub(crate) fresh: BTreeMap<OperationId, (Mono, Seen)>,
    /// Confirmed while the clock was in doubt or unset, and when by the monotonic clock: the stamp
    /// may be wrong.
    pub(crate) misdated: BTreeMap<PaymentId, Mono>,
    /// When the key was pressed for the sale that has just waited for the bank's time: its patience
    /// runs since.
    pub(crate) pressed: Option<Mono>,
    /// A sale waits for the bank's time.
    pub(crate) time_wanted: bool,
    /// A nonce is wanted for the sale that is being typed.
    pub(crate) nonce_wanted: bool,
    /// When a nonce was fetched for the next sale.
    pub(crate) nonce: Option<Mono>,
    /// It was the last call, so that the sale may follow at once.
    pub(crate) prepaid: bool,
    /// A sale is being typed: questions wait until then.
    pub(crate) quiet_until: Option<Mono>,
    /// When the clock was kept last.
    pub(crate) kept_at: Option<Mono>,
    /// What the store remembers of a time that is not believed ([`crate::ports::Jot::Doubted`]).
    pub(crate) doubt_kept: Option<i64>,
    refused: Option<Refused>,
    /// Refusals in a row that do not say of what.
    unclear_in_row: u32,
    under_way: usize,
    since_rest: u32,
}

impl Lane {
    pub(crate) fn open(now: Now, kept: Option<KeptClock>) -> Self {
        Self {
            clock: BankClock::open(now, kept),
            limiter: Limiter::default(),
            agenda: Agenda::default(),
            held: BTreeMap::new(),
            misdated: BTreeMap::new(),
            pressed: None,
            turns: BTreeSet::new(),
            fresh: BTreeMap::new(),
            time_wanted: false,
            nonce_wanted: false,
            nonce: None,
            prepaid: false,
            quiet_until: None,
            kept_at: None,
            doubt_kept: None,
            refused: None,
            unclear_in_row: 0,
            under_way: 0,
            since_rest: 0,
        }
    }

    /// There is a place for a write, or the reading before it.
    pub(crate) fn has_place(&self) -> bool {
        self.under_way < CALLS_MAX
    }

    /// There is a place for any other question.
    pub(crate) fn has_place_to_read(&self) -> bool {
        self.under_way < READS_MAX
    }

    /// A call goes now; `of_rest`: for the sweep or the background.
    pub(crate) fn goes(&mut self, mono: Mono, of_rest: bool) {
        self.limiter.spend(mono);
        self.prepaid = false;
        self.under_way += 1;
        self.since_rest = if of_rest { 0 } else { self.since_rest.saturating_add(1) };
    }

    /// Nothing has gone since this call.
    pub(crate) fn is_last(&self, sent: Mono) -> bool {
        self.limiter.ready_at(sent) <= sent.plus_ms(CALLS_APART_MS)
    }

    /// A nonce is at hand, and young by the clock that counts sleep.
    pub(crate) fn has_nonce(&self, mono: Mono) -> bool {
        self.nonce.is_some_and(|at| (0..=NONCE_LASTS_MS).contains(&mono.ms_since(at)))
    }

    /// A sale is being typed: questions leave the line to it, and where the bank wants one its
    /// nonce is fetched. One that grows too old is fetched again.
    pub(crate) fn sale_nears(&mut self, mono: Mono) {
        self.quiet_until = Some(mono.plus_ms(QUIET_MS));
        let is_young = self.nonce.is_some_and(|at| (0..=NONCE_LASTS_MS / 2).contains(&mono.ms_since(at)));
        self.nonce_wanted = !is_young && self.refused.is_none();
    }

    /// Questions wait so long for a sale that is being typed.
    pub(crate) fn is_quiet_until(&self, mono: Mono) -> Option<Mono> {
        self.quiet_until.filter(|until| *until > mono)
    }

    /// And has come back.
    pub(crate) fn came_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// The rest has waited for its turn long enough.
    pub(crate) fn is_rests_turn(&self) -> bool {
        self.since_rest + 1 >= REST_ONE_IN
    }

    /// While the shop is refused: when its one question may be asked.
    pub(crate) fn probe_at(&self) -> Option<Mono> {
        self.refused.map(|refused| refused.next)
    }

    /// The one question goes.
    pub(crate) fn probes(&mut self, mono: Mono) {
        if let Some(refused) = &mut self.refused {
            let wait = PROBE_MINS.get(refused.tries).or(PROBE_MINS.last()).copied().unwrap_or(15);
            refused.next = mono.plus_mins(wait);
            refused.tries += 1;
        }
    }

    /// A question was refused for the whole shop.
    pub(crate) fn is_refused(&mut self, mono: Mono) {
        if self.refused.is_none() {
            self.refused = Some(Refused { next: mono, tries: 0 });
            self.probes(mono);
        }
    }

    /// A question was refused, and the code does not say that all are: how often in a row.
    pub(crate) fn is_refused_somehow(&mut self) -> u32 {
        self.unclear_in_row = self.unclear_in_row.saturating_add(1);
        self.unclear_in_row
    }

    /// A question was answered: the bank speaks to this shop.
    pub(crate) fn is_answered(&mut self) {
        self.refused = None;
        self.unclear_in_row = 0;
    }

    /// Takes the next operation that is due, if any is.
    pub(crate) fn take_turn(&mut self, mono: Mono) -> Option<OperationId> {
        let turn = self.turns.first().copied().filter(|turn| turn.0 <= mono)?;
        self.turns.remove(&turn);
        Some(turn.1)
    }

    /// When the next operation goes.
    pub(crate) fn next_turn(&self) -> Option<Mono> {
        self.turns.first().map(|turn| turn.0)
    }

    /// Something is to be asked by now.
    pub(crate) fn is_due(&self, mono: Mono) -> bool {
        self.agenda.next().is_some_and(|next| next <= mono)
    }
}

/// The lane of each bank.
pub(crate) type Lanes = PerBank<Lane>;

#[cfg(test)]
mod tests {
    use counterfoil_domain::Moment;

    use super::*;
    use crate::agenda::Why;

    const START: Now = Now { wall: Moment::from_millis(0), mono: Mono::from_millis(0) };

    fn at(mins: i64) -> Mono {
        Mono::from_millis(mins * 60_000)
    }

    #[test]
    fn the_last_place_is_a_write_s() {
        let mut lane = Lane::open(START, None);
        for calls in 0..CALLS_MAX {
            assert_eq!((lane.has_place(), lane.has_place_to_read()), (true, calls < READS_MAX), "{calls}");
            lane.goes(at(0), false);
        }
        assert!(!lane.has_place() && !lane.has_place_to_read());
        lane.came_back();
        assert!(lane.has_place() && !lane.has_place_to_read());
        lane.came_back();
        assert!(lane.has_place_to_read());
    }

    #[test]
    fn a_nonce_is_fetched_for_a_sale_that_is_typed_and_used_while_it_is_young() {
        let secs = |secs: i64| Mono::from_millis(secs * 1_000);
        let mut lane = Lane::open(START, None);
        lane.sale_nears(secs(0));
        assert!(lane.nonce_wanted && !lane.has_nonce(secs(0)));
        assert_eq!([0, 4, 5].map(|at| lane.is_quiet_until(secs(at)).is_some()), [true, true, false]);
        lane.nonce = Some(secs(1));
        // also after a sleep, and after a start of the computer
        assert_eq!([0, 1, 21, 22].map(|at| lane.has_nonce(secs(at))), [false, true, true, false]);
        for (typed, again) in [(11, false), (12, true)] {
            lane.sale_nears(secs(typed));
            assert_eq!(lane.nonce_wanted, again, "{typed}");
        }
        lane.is_refused(secs(12));
        lane.sale_nears(secs(12));
        assert!(!lane.nonce_wanted, "a bank that refuses the shop is asked for none");
    }

    #[test]
    fn a_call_spends_the_place_that_a_nonce_has_paid() {
        let mut lane = Lane { prepaid: true, ..Lane::open(START, None) };
        assert!(lane.limiter.is_unused());
        lane.goes(at(0), false);
        assert!(!lane.prepaid && !lane.limiter.is_unused());
        assert_eq!(lane.limiter.ready_at(at(0)), Mono::from_millis(1_000));
        assert_eq!(lane.limiter.ready_at(at(1)), at(1));
    }

    #[test]
    fn one_call_in_ten_is_of_the_rest() {
        let mut lane = Lane::open(START, None);
        for call in 1..REST_ONE_IN {
            assert!(!lane.is_rests_turn(), "{call}");
            lane.goes(at(0), false);
        }
        assert!(lane.is_rests_turn());
        lane.goes(at(0), true);
        assert!(!lane.is_rests_turn());
    }

    #[test]
    fn a_refused_shop_asks_less_and_less_often_until_an_answer() {
        let mut lane = Lane::open(START, None);
        lane.probes(at(0));
        assert_eq!(lane.probe_at(), None, "it is not refused");
        lane.is_refused(at(0));
        assert_eq!(lane.probe_at(), Some(at(1)));
        lane.is_refused(at(1));
        assert_eq!(lane.probe_at(), Some(at(1)), "refused again is refused still");
        for (asked, next) in [(1, 6), (6, 21), (21, 36), (36, 51)] {
            lane.probes(at(asked));
            assert_eq!(lane.probe_at(), Some(at(next)));
        }
        assert_eq!((lane.is_refused_somehow(), lane.is_refused_somehow()), (1, 2));
        lane.is_answered();
        assert_eq!((lane.probe_at(), lane.is_refused_somehow()), (None, 1));
    }

    #[test]
    fn turns_are_taken_when_they_are_due_and_once() {
        let mut lane = Lane::open(START, None);
        let id = OperationId::from_bytes([1; 16]);
        assert_eq!((lane.next_turn(), lane.is_due(at(9))), (None, false));
        lane.turns.insert((at(2), id));
        assert_eq!((lane.take_turn(at(1)), lane.next_turn()), (None, Some(at(2))));
        assert_eq!((lane.take_turn(at(2)), lane.take_turn(at(2))), (Some(id), None));
        lane.agenda.set(PaymentId::from_bytes([1; 16]), Some((Why::Background, at(3))));
        assert_eq!([2, 3, 4].map(|mins| lane.is_due(at(mins))), [false, true, true]);
    }
}
