//! The clock of one bank (money rules 6): its last anchor + the monotonic clock. A jump of this computer's clock changes nothing;
//! that clock, with the offset that was kept, counts at a start only.
//!
//! A Date is the header of an answer that verified. It counts for the whole way of its question: it moves the clock only when
//! bank time lies outside. A small move is believed at once, a large one needs proof. Until then what is asked follows the
//! newest Date, since asking early harms no one; coverage, ends and writes follow the anchor.

use counterfoil_domain::{Moment, Mono, Now};

use crate::ports::KeptClock;

/// The Date header counts whole seconds.
const GRAIN_MS: i64 = 1_000;
/// A move of this much has everything that is planned made again.
const MOVE_MS: i64 = 5_000;
/// A Date this close to bank time is an anchor at once; further off it needs proof.
const NEAR_MS: i64 = 300_000;
/// Dates that name the same bank time differ by no more.
const AGREE_MS: i64 = 30_000;
/// Proof of a large move: so many answers that agree …
const ANSWERS_MIN: u32 = 3;
/// … over this long …
const AGREED_FOR_MS: i64 = 60_000;
/// … or, for one beyond this …
const FAR_MS: i64 = 2 * 24 * 3_600_000;
/// … over this long.
const FAR_AGREED_FOR_MS: i64 = 600_000;
/// Further answers are asked for so long.
const CLAIM_ASKED_FOR_MS: i64 = 900_000;
/// After a move forward, what lies beyond the old line is sure only when answers of this long agree.
const HELD_FOR_MS: i64 = 1_800_000;
/// Before the first anchor a sale takes a time that was named so long ago at most.
const HEARD_FOR_MS: i64 = 10_000;
/// A computer clock this far off deserves a warning.
pub const SKEW_WARNING_MS: i64 = 60_000;
/// No bank time lies before this version of the program was made. A release moves it.
pub const MADE_AT: Moment = Moment::from_millis(1_793_491_200_000); // 2026-11-01T00:00:00Z
/// Nor this long after.
const YEARS_MAX_MS: i64 = 20 * 366 * 24 * 3_600_000;

/// Bank time as a line: it was `bank` when the monotonic clock was `mono`.
#[derive(Debug, Clone, Copy)]
struct Line {
    mono: Mono,
    bank: Moment,
}

impl Line {
    fn at(self, mono: Mono) -> Moment {
        self.bank.plus_ms(mono.ms_since(self.mono))
    }
}

/// Answers that agree on a time far from the anchor's.
#[derive(Debug, Clone, Copy)]
struct Claim {
    line: Line,
    since: Mono,
    answers: u32,
}

/// What an answer did to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Told {
    /// What is asked next must be planned again.
    pub(crate) replan: bool,
    /// The anchor is worth keeping.
    pub(crate) keep: bool,
}

/// One bank's clock.
#[derive(Debug)]
pub(crate) struct BankClock {
    anchor: Line,
    /// This computer's clock at the start, without the offset that was kept: it may have been put right since.
    plain: Line,
    /// An answer of this run has set the anchor.
    anchored: bool,
    claim: Option<Claim>,
    /// The line before a move forward, until answers have agreed with the new one for long enough.
    held: Option<(Line, Mono)>,
    kept: Option<KeptClock>,
    /// What an unverified answer named: for a sale that cannot wait.
    heard: Option<Line>,
}

impl BankClock {
    /// At a start: this computer's clock with the offset that was kept, and never earlier than what was known to be past.
    pub(crate) fn open(now: Now, kept: Option<KeptClock>) -> Self {
        let line = |bank| Line { mono: now.mono, bank };
        let bank = kept.map_or(now.wall, |kept| kept.bank_time(now.wall));
        let plain = line(kept.map_or(now.wall, |kept| now.wall.max(kept.bank_now)));
        let held = kept.filter(|kept| kept.behind_ms >= MOVE_MS && !kept.is_stale(now.wall)).map(|kept| {
            let since_ms = kept.moved_at.map_or(0, |moved| bank.ms_since(moved).max(0));
            (line(bank.plus_ms(-kept.behind_ms)), now.mono.plus_ms(-since_ms))
        });
        Self { anchor: line(bank), plain, anchored: false, claim: None, held, kept, heard: None }
    }

    /// Bank time: what ends, stamps and writes go by.
    pub(crate) fn at(&self, mono: Mono) -> Moment {
        self.anchor.at(mono)
    }

    /// Bank time that is surely past: what coverage and lag go by. Before the first anchor of a run it is past by this computer's
    /// clock with and without the offset.
    pub(crate) fn sure(&self, mono: Mono) -> Moment {
        let at = self.at(mono);
        let plain = (!self.anchored).then(|| self.plain.at(mono));
        let held = self.held.map(|(old, _)| old.at(mono));
        plain.into_iter().chain(held).chain([at]).min().unwrap_or(at)
    }

    /// What schedules go by: the newest Date.
    pub(crate) fn asking(&self, mono: Mono) -> Moment {
        self.claim.map_or_else(|| self.at(mono), |claim| claim.line.at(mono))
    }

    /// The day of a sale: bank time, or before the first anchor of this run whatever the bank has said.
    pub(crate) fn for_sale(&self, mono: Mono) -> Moment {
        match self.heard.filter(|_| !self.anchored) {
            Some(heard) => heard.at(mono),
            None => self.at(mono),
        }
    }

    /// The bank's time is known, or it has just named one.
    pub(crate) fn has_heard(&self, mono: Mono) -> bool {
        let just = |heard: Line| mono.ms_since(heard.mono) <= HEARD_FOR_MS;
        self.anchored || self.heard.is_some_and(just)
    }

    /// An answer of this run has set the anchor.
    pub(crate) fn is_anchored(&self) -> bool {
        self.anchored
    }

    /// Bank time, when an answer of this run has set it and none contradicts it.
    pub(crate) fn settled(&self, mono: Mono) -> Option<Moment> {
        (self.anchored && self.claim.is_none()).then(|| self.at(mono))
    }

    /// The clock has moved forward, and answers have not agreed with it for long enough.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Answers name a time that is not believed yet.
    pub(crate) fn doubted(&self, mono: Mono) -> Option<Moment> {
        self.claim.map(|claim| claim.line.at(mono))
    }

    /// A time was named that further answers prove, or do not: they are worth asking for, for a while.
    pub(crate) fn wants_answers(&self, mono: Mono) -> bool {
        self.claim.is_some_and(|claim| mono.ms_since(claim.since) <= CLAIM_ASKED_FOR_MS)
    }

    /// Add it to this computer's clock to have bank time.
    pub(crate) fn offset_ms(&self, now: Now) -> i64 {
        self.at(now.mono).ms_since(now.wall)
    }

    /// For the next start: bank time, and what of it is sure, so that a start does not make sure what a wrong Date has just moved.
    pub(crate) fn keep(&mut self, now: Now) -> KeptClock {
        let (at, sure) = (self.at(now.mono), self.sure(now.mono));
        let moved_at = self.held.map(|(_, since)| at.plus_ms(-now.mono.ms_since(since)));
        let (offset_ms, behind_ms) = (at.ms_since(now.wall), at.ms_since(sure));
        let kept = KeptClock { offset_ms, bank_now: sure, behind_ms, moved_at };
        self.kept = Some(kept);
        kept
    }

    /// Any answer, verified or not, named this time.
    pub(crate) fn hears(&mut self, arrived: Mono, date: Moment) {
        self.heard = Some(Line { mono: arrived, bank: date });
    }

    /// A verified answer to a question of `sent` named this time. It arrived now.
    pub(crate) fn told(&mut self, sent: Mono, now: Now, date: Moment) -> Told {
        let off = off_by(self.anchor, sent, now.mono, date);
        let was = self.asking(now.mono);
        if off.abs() <= NEAR_MS {
            let first = !self.anchored;
            self.anchored = true;
            self.claim = None;
            self.moves(now.mono, off, self.anchor);
            let was_held = self.held.is_some();
            self.release(now.mono);
            let released = was_held && self.held.is_none();
            let replan = self.asking(now.mono).ms_since(was).abs() >= MOVE_MS;
            // this computer's clock has jumped
            let other = self.kept.is_none_or(|kept| (kept.offset_ms - self.offset_ms(now)).abs() >= MOVE_MS);
            return Told { replan, keep: first || released || other || off.abs() >= MOVE_MS };
        }
        let claim = match self.claim {
            Some(claim) if off_by(claim.line, sent, now.mono, date).abs() <= AGREE_MS => {
                Claim { answers: claim.answers.saturating_add(1), ..claim }
            }
            Some(_) | None => {
                Claim { line: Line { mono: now.mono, bank: date }, since: now.mono, answers: 1 }
            }
        };
        if self.is_proved(claim, now, off) {
            let sure = Line { mono: now.mono, bank: self.sure(now.mono) };
            self.anchored = true;
            self.claim = None;
            self.moves(now.mono, claim.line.at(now.mono).ms_since(self.at(now.mono)), sure);
            return Told { replan: true, keep: true };
        }
        self.claim = Some(claim);
        Told { replan: self.asking(now.mono).ms_since(was).abs() >= MOVE_MS, keep: false }
    }

    fn is_proved(&self, claim: Claim, now: Now, off: i64) -> bool {
        let date = claim.line.at(now.mono);
        let agreed_for = now.mono.ms_since(claim.since);
        let near = |at: Moment| date.ms_since(at).abs() <= NEAR_MS;
        if off.abs() > FAR_MS {
            let known = self.kept.map_or(MADE_AT, |kept| kept.bank_now.max(MADE_AT));
            let possible = date >= known && date.ms_since(MADE_AT) <= YEARS_MAX_MS;
            let agreed = claim.answers >= ANSWERS_MIN && agreed_for >= FAR_AGREED_FOR_MS;
            return possible && (agreed || near(now.wall));
        }
        let kept = self.kept.is_some_and(|kept| near(now.wall.plus_ms(kept.offset_ms)));
        near(now.wall) || kept || (claim.answers >= ANSWERS_MIN && agreed_for >= AGREED_FOR_MS)
    }

    /// Moves the anchor. Forward, the `old` line stays the sure one for a while; back, what was beyond never was.
    fn moves(&mut self, mono: Mono, by_ms: i64, old: Line) {
        self.anchor = Line { mono, bank: self.at(mono).plus_ms(by_ms) };
        if self.at(mono).ms_since(old.at(mono)) >= MOVE_MS {
            self.held = Some((self.held.map_or(old, |(older, _)| older), mono));
        }
    }

    fn release(&mut self, mono: Mono) {
        let agreed =
            |(old, since): &(Line, Mono)| old.at(mono) < self.at(mono) && mono.ms_since(*since) < HELD_FOR_MS;
        self.held = self.held.filter(agreed);
    }
}

/// By how much a line misses a Date that was named at some time between `sent` and `arrived`; 0 when it meets it.
fn off_by(line: Line, sent: Mono, arrived: Mono, date: Moment) -> i64 {
    let (first, last) = (line.at(sent), line.at(arrived));
    let end = date.plus_ms(GRAIN_MS - 1);
    if date > last {
        date.ms_since(last)
    } else if end < first {
        end.ms_since(first)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;
    /// What both clocks show at the start.
    const START: i64 = 1_795_000_000_000;

    /// So long after the start; the wall clock is off by so much.
    fn after(ms: i64, wall_off_ms: i64) -> Now {
        Now { wall: Moment::from_millis(START + ms + wall_off_ms), mono: Mono::from_millis(ms) }
    }

    fn kept(offset_ms: i64, bank_now: Moment) -> KeptClock {
        KeptClock { offset_ms, bank_now, behind_ms: 0, moved_at: None }
    }

    fn bank(ms: i64) -> Moment {
        Moment::from_millis(START + ms)
    }

    /// A question that took no time, answered by a bank clock that is off by so much.
    fn told(clock: &mut BankClock, ms: i64, wall_off_ms: i64, date_off_ms: i64) -> Told {
        clock.told(Mono::from_millis(ms), after(ms, wall_off_ms), bank(ms + date_off_ms))
    }

    #[test]
    fn a_jump_of_the_wall_clock_changes_nothing() {
        let mut clock = BankClock::open(after(0, 0), None);
        told(&mut clock, 1_000, 0, 0);
        assert_eq!(clock.at(Mono::from_millis(5_000)), bank(5_000));
        assert_eq!(clock.offset_ms(after(5_000, -DAY_MS)), DAY_MS, "it is the computer that is off");
    }

    #[test]
    fn a_date_counts_for_the_whole_way_of_its_question() {
        let mut clock = BankClock::open(after(0, 0), None);
        // sent at 0, named at 1 s, arrived at 28 s
        let late = clock.told(Mono::from_millis(0), after(28_000, 0), bank(1_000));
        assert_eq!((late.replan, clock.at(Mono::from_millis(28_000))), (false, bank(28_000)));
        // outside of it: by as much as it is outside
        clock.told(Mono::from_millis(0), after(28_000, 0), bank(-11_000));
        assert_eq!(clock.at(Mono::from_millis(28_000)), bank(28_000 - 10_001));
    }

    #[test]
    fn within_five_minutes_one_answer_moves_it_beyond_three_over_a_minute_do() {
        let mut clock = BankClock::open(after(0, 0), None);
        assert_eq!(told(&mut clock, 1_000, 0, 4_999), Told { replan: false, keep: true });
        let mut clock = BankClock::open(after(0, 0), None);
        assert_eq!(told(&mut clock, 1_000, 0, NEAR_MS), Told { replan: true, keep: true });
        assert_eq!(clock.at(Mono::from_millis(1_000)), bank(1_000 + NEAR_MS));

        let far = NEAR_MS + 2_000;
        let mut clock = BankClock::open(after(0, 0), None);
        // the computer is as far off as the bank says: no second opinion
        assert!(told(&mut clock, 0, -HOUR_MS, far).replan, "it is asked by the newest Date");
        assert_eq!(clock.asking(Mono::from_millis(0)), bank(far));
        assert_eq!(clock.at(Mono::from_millis(0)), bank(0));
        told(&mut clock, 59_000, -HOUR_MS, far);
        told(&mut clock, 59_999, -HOUR_MS, far);
        assert_eq!(clock.at(Mono::from_millis(59_999)), bank(59_999), "three, and not a minute");
        assert!(told(&mut clock, 60_000, -HOUR_MS, far).keep);
        assert_eq!(clock.at(Mono::from_millis(60_000)), bank(60_000 + far));
        let mut clock = BankClock::open(after(0, 0), None);
        for ms in [0, 60_000] {
            told(&mut clock, ms, -HOUR_MS, far);
        }
        assert_eq!(clock.at(Mono::from_millis(60_000)), bank(60_000), "a minute, and not three");
    }

    #[test]
    fn one_odd_date_is_forgotten_by_the_next_good_one() {
        let mut clock = BankClock::open(after(0, 0), None);
        told(&mut clock, 0, 0, 0);
        for ms in [1_000, 40_000, 80_000, 120_000] {
            told(&mut clock, ms, 0, HOUR_MS);
            assert!(clock.doubted(Mono::from_millis(ms)).is_some());
            assert!(clock.wants_answers(Mono::from_millis(ms + CLAIM_ASKED_FOR_MS)));
            assert!(!clock.wants_answers(Mono::from_millis(ms + CLAIM_ASKED_FOR_MS + 1)));
            told(&mut clock, ms + 1_000, 0, 0);
        }
        assert_eq!(clock.doubted(Mono::from_millis(121_000)), None);
        assert_eq!(clock.sure(Mono::from_millis(121_000)), bank(121_000));
        // nor do answers that disagree with each other prove anything
        for n in 0..9 {
            told(&mut clock, 200_000 + n * 30_000, 0, HOUR_MS + n * 40_000);
        }
        assert_eq!(clock.at(Mono::from_millis(600_000)), bank(600_000));
    }

    #[test]
    fn a_second_opinion_of_the_wall_clock_or_of_the_kept_offset_proves_it_at_once() {
        // started ahead, put right while running
        let mut clock = BankClock::open(after(0, 8 * HOUR_MS), None);
        assert_eq!(told(&mut clock, 9_000, 8 * HOUR_MS, 0), Told { replan: true, keep: false });
        assert!(told(&mut clock, 10_000, 0, 0).keep);
        assert_eq!(clock.at(Mono::from_millis(10_000)), bank(10_000));
        // ahead as it was the last time, and started before the battery lost the day
        let kept = kept(-8 * HOUR_MS, bank(-HOUR_MS));
        let mut clock = BankClock::open(after(0, 8 * HOUR_MS), Some(kept));
        assert_eq!(clock.at(Mono::from_millis(0)), bank(0));
        assert_eq!(told(&mut clock, 1, 8 * HOUR_MS, 0), Told { replan: false, keep: true });
    }

    /// The computer was ten years behind, is right again, and the bank's first Dates are two days ahead: only what is past by all of
    /// them is past.
    #[test]
    fn before_the_first_anchor_a_kept_offset_makes_nothing_sure() {
        let years = 10 * 366 * DAY_MS;
        let mut clock = BankClock::open(after(0, 0), Some(kept(years, bank(-HOUR_MS))));
        assert_eq!((clock.at(Mono::from_millis(0)), clock.sure(Mono::from_millis(0))), (bank(0), bank(0)));
        for n in 0..=20 {
            told(&mut clock, n * 30_000, 0, 46 * HOUR_MS);
        }
        let late = Mono::from_millis(600_000);
        assert_eq!((clock.at(late), clock.sure(late)), (bank(600_000 + 46 * HOUR_MS), bank(600_000)));
        // always behind, and as far as the last time: the first Date says so
        let mut clock = BankClock::open(after(0, -8 * HOUR_MS), Some(kept(8 * HOUR_MS, bank(-DAY_MS))));
        told(&mut clock, 1_000, -8 * HOUR_MS, 0);
        assert_eq!(clock.sure(Mono::from_millis(1_000)), bank(1_000));
    }

    /// A battery was empty once: the offset of that day counts no longer when the clock is right again.
    #[test]
    fn a_computer_that_was_put_right_starts_with_its_own_clock() {
        let years = 16 * 366 * DAY_MS;
        let at_start = |offset_ms, wall_off_ms| {
            let kept = kept(offset_ms, bank(-HOUR_MS));
            BankClock::open(after(0, wall_off_ms), Some(kept)).at(Mono::from_millis(0))
        };
        assert_eq!(at_start(years, 0), bank(0));
        assert_eq!(at_start(years, -years), bank(0), "as wrong as it was");
        assert_eq!(at_start(-8 * HOUR_MS, 0), bank(0), "it was ahead");
        assert_eq!(at_start(-8 * HOUR_MS, 8 * HOUR_MS), bank(0), "as wrong as it was");
        // what was kept while the clock was wrong follows it when it is put right
        let mut clock = BankClock::open(after(0, -years), None);
        for n in 0..=20 {
            told(&mut clock, n * 30_000, -years, 0);
        }
        clock.keep(after(600_000, -years));
        assert!(told(&mut clock, 660_000, 0, 0).keep);
        assert_eq!(clock.keep(after(660_000, 0)).offset_ms, 0);
        // years off, and the Date agrees with the clock itself
        let mut clock = BankClock::open(after(0, -years), None);
        assert!(told(&mut clock, 1_000, 0, 0).keep);
    }

    #[test]
    fn bank_time_never_starts_before_what_was_known() {
        let kept = kept(0, bank(-5));
        let clock = BankClock::open(after(0, -16 * 366 * DAY_MS), Some(kept));
        assert_eq!(clock.at(Mono::from_millis(0)), bank(-5));
    }

    #[test]
    fn beyond_two_days_ten_minutes_of_answers_prove_what_is_possible() {
        let years = 16 * 366 * DAY_MS;
        let mut clock = BankClock::open(after(0, -years), None);
        for n in 0..20 {
            told(&mut clock, n * 30_000, -years, 0);
            assert_eq!(clock.at(Mono::from_millis(0)), bank(-years), "answer {n}");
        }
        assert!(told(&mut clock, 600_000, -years, 0).keep);
        assert_eq!(clock.at(Mono::from_millis(600_000)), bank(600_000));
        // never before the program was made, or what is known to be past, nor in twenty years
        let agreed = |kept: Option<KeptClock>, off_ms: i64| {
            let mut clock = BankClock::open(after(0, 0), kept);
            for n in 0..=40 {
                told(&mut clock, n * 60_000, 0, off_ms);
            }
            clock.at(Mono::from_millis(0)) != bank(0)
        };
        assert!(agreed(None, 3 * DAY_MS) && !agreed(None, 21 * 366 * DAY_MS));
        let made_ago = MADE_AT.ms_since(bank(0));
        assert!(agreed(None, made_ago + 1_000) && !agreed(None, made_ago - HOUR_MS));
        let kept = kept(0, bank(-DAY_MS));
        assert!(!agreed(Some(kept), -3 * DAY_MS));
    }

    #[test]
    fn after_a_move_forward_the_old_line_is_the_sure_one_for_half_an_hour() {
        let mut clock = BankClock::open(after(0, 0), None);
        told(&mut clock, 0, 0, MOVE_MS);
        assert_eq!(clock.sure(Mono::from_millis(0)), bank(0));
        told(&mut clock, HELD_FOR_MS - 1, 0, MOVE_MS);
        assert_eq!(clock.sure(Mono::from_millis(HELD_FOR_MS - 1)), bank(HELD_FOR_MS - 1));
        assert_eq!(clock.sure(Mono::from_millis(HELD_FOR_MS)), bank(HELD_FOR_MS), "no answer has agreed");
        let kept = clock.keep(after(HELD_FOR_MS, 0));
        assert_eq!((kept.offset_ms, kept.behind_ms, kept.moved_at), (MOVE_MS, MOVE_MS, Some(bank(MOVE_MS))));
        let again = BankClock::open(after(HELD_FOR_MS, 0), Some(kept));
        assert_eq!(
            again.sure(Mono::from_millis(HELD_FOR_MS)),
            bank(HELD_FOR_MS),
            "a start keeps what is sure"
        );
        assert!(told(&mut clock, HELD_FOR_MS, 0, MOVE_MS).keep);
        assert_eq!(clock.keep(after(HELD_FOR_MS, 0)).behind_ms, 0);
        assert_eq!(clock.sure(Mono::from_millis(HELD_FOR_MS)), bank(HELD_FOR_MS + MOVE_MS));
        // creeping forward in small steps leaves the first line the sure one
        let mut clock = BankClock::open(after(0, 0), None);
        for n in 1..=5 {
            told(&mut clock, n, 0, n * 200_000);
        }
        assert_eq!(clock.sure(Mono::from_millis(6)), bank(6));
        // and back: nothing is sure beyond bank time
        told(&mut clock, 10, 0, 800_000);
        told(&mut clock, 11, 0, 600_000);
        told(&mut clock, 12, 0, 350_000);
        told(&mut clock, 13, 0, 60_000);
        told(&mut clock, 14, 0, -60_000);
        assert!(clock.sure(Mono::from_millis(15)) <= clock.at(Mono::from_millis(15)));
    }

    #[test]
    fn a_sale_before_the_first_anchor_takes_what_was_heard() {
        let mut clock = BankClock::open(after(0, DAY_MS), None);
        assert!(!clock.has_heard(Mono::from_millis(0)));
        assert_eq!(clock.for_sale(Mono::from_millis(0)), bank(DAY_MS));
        clock.hears(Mono::from_millis(10), bank(10));
        let heard = |clock: &BankClock, ms| clock.has_heard(Mono::from_millis(ms));
        assert!(heard(&clock, 10 + HEARD_FOR_MS) && !heard(&clock, 11 + HEARD_FOR_MS));
        assert!(!clock.is_anchored());
        assert_eq!(clock.for_sale(Mono::from_millis(20)), bank(20));
        assert_eq!(clock.at(Mono::from_millis(20)), bank(DAY_MS + 20), "and nothing else does");
        told(&mut clock, 30, 0, 0);
        clock.hears(Mono::from_millis(40), bank(9 * DAY_MS));
        assert_eq!(clock.for_sale(Mono::from_millis(50)), bank(50));
    }
}
