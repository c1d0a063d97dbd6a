//! When a Date moves the clock of a bank, and what it makes sure.

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

/// The computer was ten years behind, is right again, and the bank's first Dates are two days
/// ahead: only what is past by all of them is past.
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
fn a_start_without_an_answer_knows_the_time_where_the_clock_was_right_before() {
    let at_start = |offset_ms, known_ms, wall_off_ms| {
        BankClock::open(after(0, wall_off_ms), Some(kept(offset_ms, bank(known_ms)))).is_known()
    };
    assert!(at_start(59_999, -HOUR_MS, 0));
    assert!(!at_start(60_000, -HOUR_MS, 0), "it was a minute off");
    assert!(!at_start(0, -HOUR_MS, -2 * HOUR_MS), "it shows what is past");
    let unsure = KeptClock { behind_ms: MOVE_MS, ..kept(0, bank(-HOUR_MS)) };
    assert!(!BankClock::open(after(0, 0), Some(unsure)).is_known());
    let mut first = BankClock::open(after(0, 0), None);
    assert!(!first.is_known());
    told(&mut first, 1_000, 0, 0);
    assert!(first.is_known());
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
    assert_eq!(again.sure(Mono::from_millis(HELD_FOR_MS)), bank(HELD_FOR_MS), "a start keeps what is sure");
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

/// The half hour runs on while the program is closed.
#[test]
fn a_start_keeps_the_old_line_for_the_rest_of_its_half_hour() {
    let start = |behind_ms, offset_ms, moved_ms| {
        let moved_at = Some(bank(moved_ms));
        let kept = KeptClock { behind_ms, moved_at, ..kept(offset_ms, bank(-DAY_MS)) };
        BankClock::open(after(0, 0), Some(kept))
    };
    let minute = 60_000 - HELD_FOR_MS;
    let mut clock = start(MOVE_MS, 0, minute);
    assert_eq!((clock.is_held(), clock.sure(Mono::from_millis(0))), (true, bank(-MOVE_MS)));
    told(&mut clock, 59_999, 0, 0);
    assert!(clock.is_held());
    assert!(told(&mut clock, 60_000, 0, 0).keep, "the end of it is worth keeping");
    assert!(!clock.is_held());
    assert!(!start(MOVE_MS - 1, 0, minute).is_held(), "it had not moved");
    assert!(!start(MOVE_MS, -2 * DAY_MS, minute).is_held(), "the computer was put right since");
}

/// Only what changes the next start is kept: an answer that agrees is not.
#[test]
fn an_answer_that_agrees_is_not_worth_keeping() {
    let mut clock = BankClock::open(after(0, -60_000), None);
    assert_eq!(clock.settled(Mono::from_millis(0)), None);
    assert!(told(&mut clock, 1_000, -60_000, 0).keep, "the first");
    clock.keep(after(1_000, -60_000));
    assert_eq!(told(&mut clock, 2_000, -60_000, 0), Told::default());
    assert_eq!(clock.settled(Mono::from_millis(3_000)), Some(bank(3_000)));
    // nor one that is a little off, and one that is too far off unsettles the time
    assert!(!told(&mut clock, 4_000, -60_000, MOVE_MS - 1).keep);
    assert!(!told(&mut clock, 5_000, -60_000, DAY_MS).keep);
    assert_eq!(clock.settled(Mono::from_millis(6_000)), None);
}

/// Up to two days three answers over a minute prove a time, also many years after the program was
/// made.
#[test]
fn two_days_are_proved_like_an_hour_and_nineteen_years_like_three_days() {
    let mut clock = BankClock::open(after(0, 0), None);
    for ms in [0, 30_000] {
        assert!(!told(&mut clock, ms, -HOUR_MS, 2 * DAY_MS).keep);
    }
    assert!(told(&mut clock, 60_000, -HOUR_MS, 2 * DAY_MS).keep);
    let mut clock = BankClock::open(after(0, 0), None);
    for n in 0..=20 {
        told(&mut clock, n * 30_000, 0, 19 * 366 * DAY_MS);
    }
    assert_eq!(clock.at(Mono::from_millis(600_000)), bank(600_000 + 19 * 366 * DAY_MS));
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
