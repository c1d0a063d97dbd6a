//! The clock of one bank (money rules 6): its last anchor + the monotonic clock. A jump of this
//! computer's clock changes nothing; that clock, with the offset that was kept, counts at a start
//! only.
//!
//! A Date is the header of an answer that verified. It counts for the whole way of its question: it
//! moves the clock only when bank time lies outside. A small move is believed at once, a large one
//! needs proof. Until then what is asked follows the newest Date, since asking early harms no one;
//! coverage, ends and writes follow the anchor.

use counterfoil_domain::{Moment, Mono, Now};

use crate::ports::KeptClock;

/// The Date header counts whole seconds.
const GRAIN_MS: i64 = 1_000;
/// A move of this much has everything that is planned made again.
const MOVE_MS: i64 = 5_000;
/// A Date this close to bank time is an anchor at once; further off it needs proof.
const NEAR_MS: i64 = 300_000;
/// Dates that name the same bank time differ by no more.
pub(crate) const AGREE_MS: i64 = 30_000;
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
/// After a move forward, what lies beyond the old line is sure only when answers of this long
/// agree.
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
    /// This computer's clock at the start, without the offset that was kept: it may have been put
    /// right since.
    plain: Line,
    /// An answer of this run has set the anchor.
    anchored: bool,
    /// At the end of the run before, this computer's clock was right, and it shows nothing earlier
    /// now.
    was_right: bool,
    claim: Option<Claim>,
    /// The line before a move forward, until answers have agreed with the new one for long enough.
    held: Option<(Line, Mono)>,
    kept: Option<KeptClock>,
    /// What an unverified answer named: for a sale that cannot wait.
    heard: Option<Line>,
}

impl BankClock {
    /// At a start: this computer's clock with the offset that was kept, and never earlier than what
    /// was known to be past.
    pub(crate) fn open(now: Now, kept: Option<KeptClock>) -> Self {
        let line = |bank| Line { mono: now.mono, bank };
        let bank = kept.map_or(now.wall, |kept| kept.bank_time(now.wall));
        let plain = line(kept.map_or(now.wall, |kept| now.wall.max(kept.bank_now)));
        let held = kept.filter(|kept| kept.behind_ms >= MOVE_MS && !kept.is_stale(now.wall)).map(|kept| {
            let since_ms = kept.moved_at.map_or(0, |moved| bank.ms_since(moved).max(0));
            (line(bank.plus_ms(-kept.behind_ms)), now.mono.plus_ms(-since_ms))
        });
        let is_right = |kept: KeptClock| {
            kept.offset_ms.abs() < SKEW_WARNING_MS && kept.behind_ms < MOVE_MS && now.wall >= kept.bank_now
        };
        let was_right = kept.is_some_and(is_right);
        Self { anchor: line(bank), plain, anchored: false, was_right, claim: None, held, kept, heard: None }
    }

    /// In the run before, answers named a time that was never believed.
    pub(crate) fn was_doubted(&mut self) {
        self.was_right = false;
    }

    /// Bank time: what ends, stamps and writes go by.
    pub(crate) fn at(&self, mono: Mono) -> Moment {
        self.anchor.at(mono)
    }

    /// Bank time that is surely past: what coverage and lag go by. Before the first anchor of a run
    /// it is past by this computer's clock with and without the offset.
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

    /// The day of a sale: bank time, or before the first anchor of this run whatever the bank has
    /// said.
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

    /// An answer of this run has named a time, believed or not.
    pub(crate) fn has_been_told(&self) -> bool {
        self.anchored || self.claim.is_some()
    }

    /// What has surely passed, once an answer of this run has named a time: the earliest of that
    /// time, believed or not, and what this program reckons with. Days are counted by it in a run
    /// that is too short to prove a large move.
    pub(crate) fn passed(&self, mono: Mono) -> Option<Moment> {
        self.has_been_told().then(|| self.sure(mono).min(self.asking(mono)))
    }

    /// What a screen may say: the bank has told its time, or nothing speaks against this computer's
    /// clock.
    pub(crate) fn is_known(&self) -> bool {
        self.anchored || self.was_right
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

    /// A time was named that further answers prove, or do not: they are worth asking for, for a
    /// while.
    pub(crate) fn wants_answers(&self, mono: Mono) -> bool {
        self.claim.is_some_and(|claim| mono.ms_since(claim.since) <= CLAIM_ASKED_FOR_MS)
    }

    /// Add it to this computer's clock to have bank time.
    pub(crate) fn offset_ms(&self, now: Now) -> i64 {
        self.at(now.mono).ms_since(now.wall)
    }

    /// For the next start: bank time, and what of it is sure, so that a start does not make sure
    /// what a wrong Date has just moved.
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

    /// Moves the anchor. Forward, the `old` line stays the sure one for a while; back, what was
    /// beyond never was.
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

/// By how much a line misses a Date that was named at some time between `sent` and `arrived`; 0
/// when it meets it.
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
mod tests;
