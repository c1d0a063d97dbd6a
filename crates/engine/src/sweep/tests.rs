//! What the sweep's plan says by itself, without a store.

use super::*;

fn at(mins: i64) -> Mono {
    Mono::from_millis(mins * 60_000)
}

fn span() -> MinuteSpan {
    MinuteSpan { from: BankMinute::from_minutes(1), to: BankMinute::from_minutes(5) }
}

/// Nothing is to be asked before minute 60.
fn quiet() -> Sweep {
    Sweep { run_at: Some(at(60)), uncaptured_at: Some(at(60)), ..Sweep::default() }
}

/// One window, from minute 10 on.
fn with_window() -> (Sweep, u64) {
    let mut sweep = quiet();
    let id = sweep.add(span(), PaidPart::default(), Goal::Cover(0), at(10));
    (sweep, id)
}

fn with_numbers(under_way: bool) -> Sweep {
    let numbers =
        Numbers { left: BTreeSet::new(), serves: vec![(span(), 0)], not_before: at(10), tries: 0, under_way };
    Sweep { numbers: Some(numbers), ..quiet() }
}

#[test]
fn a_sweep_is_due_from_its_first_question_until_the_answer() {
    let due = |sweep: &Sweep| [9, 10, 11].map(|mins| sweep.is_due(at(mins)));
    assert_eq!(due(&quiet()), [false; 3]);
    assert_eq!(due(&Sweep { uncaptured_at: Some(at(10)), ..quiet() }), [false, true, true]);
    assert_eq!(due(&Sweep { uncaptured_at: None, ..quiet() }), [true; 3]);
    let (mut sweep, id) = with_window();
    assert_eq!(due(&sweep), [false, true, true]);
    sweep.tasks.get_mut(&id).unwrap().under_way = true;
    assert_eq!(due(&sweep), [true; 3]);
    assert_eq!(due(&with_numbers(false)), [false, true, true]);
    assert_eq!(due(&with_numbers(true)), [true; 3]);
    // minutes that wait for a pass over the numbers begin one, unless one is under way
    let waiting = |sweep: Sweep| Sweep { by_number: vec![(span(), 0)], ..sweep };
    assert_eq!(due(&waiting(quiet())), [true; 3]);
    assert_eq!(due(&waiting(with_numbers(false))), [false, true, true]);
}

#[test]
fn what_is_under_way_is_not_next() {
    assert_eq!(quiet().next(at(0)), at(60));
    assert_eq!(Sweep { run_at: None, ..quiet() }.next(at(1)), at(1));
    assert_eq!(Sweep { uncaptured_at: Some(at(7)), ..quiet() }.next(at(1)), at(7));
    let (mut sweep, id) = with_window();
    assert_eq!(sweep.next(at(0)), at(10));
    sweep.tasks.get_mut(&id).unwrap().under_way = true;
    assert_eq!(sweep.next(at(0)), at(60));
    assert_eq!((with_numbers(false).next(at(0)), with_numbers(true).next(at(0))), (at(10), at(60)));
    let waiting = Sweep { by_number: vec![(span(), 0)], ..quiet() };
    assert_eq!(waiting.next(at(2)), at(2));
    let mut sold = quiet();
    sold.sold(PaymentId::from_bytes([1; 16]), at(0));
    assert_eq!(sold.next(at(2)), at(2), "one looks for what was just sold");
    assert_eq!(Sweep { look_at: Some(at(3)), ..sold }.next(at(2)), at(3));
}

#[test]
fn a_bank_that_answers_is_asked_again_within_a_sweep() {
    let (mut sweep, id) = with_window();
    sweep.bank_answers();
    assert_eq!(sweep.tasks[&id].not_before, at(10), "it was not silent");
    let task = sweep.tasks.get_mut(&id).unwrap();
    (task.silent_at, task.not_before) = (Some(at(1)), at(60));
    sweep.bank_answers();
    assert_eq!(sweep.tasks[&id].not_before, at(1 + PERIOD_MINS));
    sweep.tasks.get_mut(&id).unwrap().not_before = at(2);
    sweep.bank_answers();
    assert_eq!(sweep.tasks[&id].not_before, at(2), "never later");
}

#[test]
fn the_list_of_authorized_cards_is_asked_for_once_a_day() {
    let mut sweep = quiet();
    let noon = Moment::from_millis(4 * 3_600_000);
    let now = |mins| At { bank: noon.plus_mins(mins), asking: noon.plus_mins(mins), mono: at(mins) };
    assert_eq!([59, 60, 61].map(|mins| sweep.takes_uncaptured(now(mins))), [false, true, false]);
    assert_eq!(sweep.uncaptured_at, Some(at(12 * 60 + 30)), "half an hour after midnight");
}

#[test]
fn a_moved_clock_plans_again_but_not_what_is_under_way() {
    let (mut sweep, id) = with_window();
    let other = sweep.add(span(), PaidPart::default(), Goal::Cover(1), at(10));
    let proof = sweep.add(span(), PaidPart::default(), Goal::Cover(3), at(10));
    sweep.tasks.get_mut(&id).unwrap().under_way = true;
    sweep.tasks.get_mut(&proof).unwrap().proof = Some(Proof { left: BTreeSet::new(), failed: false });
    sweep.ran_at = Some(at(5));
    sweep.replan();
    assert_eq!(sweep.tasks.keys().copied().collect::<Vec<_>>(), [id, proof], "{other} is found again");
    assert_eq!((sweep.run_at, sweep.uncaptured_at), (Some(at(6)), Some(at(20))));
}

#[test]
fn one_call_of_the_rest_in_four_is_the_background_s() {
    let mut sweep = Sweep { turns: BACKGROUND_ONE_IN - 2, ..quiet() };
    assert!(!sweep.is_backgrounds_turn());
    sweep.turns += 1;
    assert!(sweep.is_backgrounds_turn());
    sweep.gives_turn();
    assert_eq!(sweep.turns, 0);
}

#[test]
fn looks_go_before_the_running_sweep_past_days_and_numbers() {
    let mut sweep = quiet();
    let [look, running, past, proof] = [Goal::Look, Goal::Cover(0), Goal::Cover(3), Goal::Cover(0)]
        .map(|goal| sweep.add(span(), PaidPart::default(), goal, at(0)));
    sweep.tasks.get_mut(&proof).unwrap().proof = Some(Proof { left: BTreeSet::new(), failed: false });
    let ranks = [look, running, past, proof].map(|id| sweep.tasks[&id].rank());
    assert!(ranks.is_sorted_by(|first, then| first > then), "{ranks:?}");
}
