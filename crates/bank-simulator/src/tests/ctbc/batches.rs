//! The batch and its lock by the clock: workdays, holidays, late, long, failed and skipped batches,
//! and by hand.

use std::time::Duration;

use super::*;

fn with_batch(data: Value) -> Simulator {
    let mut shop = demo_ctbc();
    shop["batch"] = data;
    bank_of(&json!([{ "ctbc": shop }]))
}

#[test]
fn the_batch_runs_on_workdays_from_eight_to_ten() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    authorized(&mut bank, "A2", "500");
    bank.run_to(at("2026-11-23T19:59:59+08:00"));
    assert_eq!(state(&bank, "A1"), "10");
    bank.run_to(at("2026-11-23T20:00:00+08:00"));
    assert_eq!(state(&bank, "A1"), "11");
    for (lidm, operation, amount) in [
        ("A1", "CapRev", 0),
        ("A1", "Refund", 500),
        ("A1", "RefundRev", 0),
        ("A1", "Reversal", 0),
        ("A2", "Cap", 500),
    ] {
        refused(&mut bank, lidm, operation, amount, "3/40");
    }
    bank.run_to(at("2026-11-23T21:59:59+08:00"));
    refused(&mut bank, "A2", "Cap", 500, "3/40");
    bank.run_to(at("2026-11-23T22:00:00+08:00"));
    let line = bank.card(SHOP, "A1").unwrap();
    assert_eq!(
        (line.state.as_str(), line.captured_at.as_deref()),
        ("12", Some("2026-11-23T22:00:00.000+08:00"))
    );
    assert_eq!(acted(&mut bank, "A2", "Cap", 500), "0/00");
}

#[test]
fn sales_and_questions_go_on_and_belong_to_the_next_batch() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    bank.run_to(at("2026-11-23T20:30:00+08:00"));
    let late = sold(&mut bank, "A2", "500");
    assert_eq!((late.state.as_str(), late.batch_id), ("10", Some(2)));
    assert_eq!(inquiry(&mut bank, "A1", 500).text("CurrentState"), "11");
    refused(&mut bank, "A2", "CapRev", 0, "3/40");
    bank.run_to(at("2026-11-24T19:00:00+08:00"));
    assert_eq!((state(&bank, "A1").as_str(), state(&bank, "A2").as_str()), ("12", "10"));
    bank.run_to(at("2026-11-24T22:00:00+08:00"));
    assert_eq!(state(&bank, "A2"), "12");
}

#[test]
fn a_reversal_of_what_is_in_no_file_is_taken_in_the_batch_by_default() {
    let mut bank = bank();
    authorized(&mut bank, "A1", "500");
    authorized(&mut bank, "A2", "500");
    bank.run_to(at("2026-11-23T20:30:00+08:00"));
    assert_eq!(acted(&mut bank, "A1", "Reversal", 0), "0/00");
    switch(&mut bank, "reversal_in_batch", false);
    refused(&mut bank, "A2", "Reversal", 0, "3/40");
}

#[test]
fn there_is_none_at_the_weekend_and_on_holidays_but_on_make_up_days() {
    let data = json!({"start": "15:30", "minutes": 60, "holidays": ["2026-11-24"], "extra_workdays": ["2026-11-28"]});
    let mut bank = with_batch(data);
    bank.run_to(at("2026-11-23T18:00:00+08:00"));
    sold(&mut bank, "A1", "500");
    bank.run_to(at("2026-11-25T15:29:59+08:00"));
    assert_eq!(state(&bank, "A1"), "10", "Tuesday is a holiday");
    bank.run_to(at("2026-11-25T16:30:00+08:00"));
    assert_eq!(state(&bank, "A1"), "12");
    bank.run_to(at("2026-11-27T18:00:00+08:00"));
    sold(&mut bank, "A2", "500");
    bank.run_to(at("2026-11-28T16:30:00+08:00"));
    assert_eq!(state(&bank, "A2"), "12", "a Saturday that is worked");
    sold(&mut bank, "A3", "500");
    bank.run_to(at("2026-11-30T15:30:00+08:00"));
    assert_eq!(state(&bank, "A3"), "11");
}

#[test]
fn a_batch_may_start_late_end_late_or_not_run() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    let late = json!({"start_late_minutes": 30, "end_late_minutes": 60});
    bank.control("batch", &late).unwrap();
    bank.run_to(at("2026-11-23T20:29:59+08:00"));
    assert_eq!(state(&bank, "A1"), "10");
    assert_eq!(acted(&mut bank, "A1", "CapRev", 0), "0/00", "not locked before it starts");
    assert_eq!(acted(&mut bank, "A1", "Cap", 500), "0/00");
    bank.run_to(at("2026-11-23T20:30:00+08:00"));
    assert_eq!(state(&bank, "A1"), "11");
    bank.run_to(at("2026-11-23T23:29:59+08:00"));
    refused(&mut bank, "A1", "CapRev", 0, "3/40");
    bank.run_to(at("2026-11-23T23:30:00+08:00"));
    assert_eq!(state(&bank, "A1"), "12");
    sold(&mut bank, "A2", "500");
    bank.control("batch", &json!({"skip": true})).unwrap();
    bank.run_to(at("2026-11-25T19:59:59+08:00"));
    assert_eq!(state(&bank, "A2"), "10", "Tuesday's did not run");
    bank.run_to(at("2026-11-25T22:00:00+08:00"));
    assert_eq!(state(&bank, "A2"), "12");
}

#[test]
fn a_scripted_failure_is_for_one_batch() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    acted(&mut bank, "A1", "Refund", 500);
    sold(&mut bank, "A2", "500");
    bank.control("batch", &json!({"fail": "all"})).unwrap();
    bank.run_to(at("2026-11-23T22:00:00+08:00"));
    assert_eq!((state(&bank, "A1").as_str(), state(&bank, "A2").as_str()), ("23", "13"));
    captured(&mut bank, "A3", "500");
    acted(&mut bank, "A3", "Refund", 500);
    sold(&mut bank, "A4", "500");
    bank.control("batch", &json!({"fail": "refunds"})).unwrap();
    bank.run_to(at("2026-11-24T22:00:00+08:00"));
    assert_eq!((state(&bank, "A3").as_str(), state(&bank, "A4").as_str()), ("23", "12"));
    let books = bank.control("books", &json!({})).unwrap();
    let counts: Vec<_> = books["batches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            ["captured", "capture_failed", "refunded", "refund_failed"]
                .map(|name| line[name].as_u64().unwrap())
        })
        .collect();
    assert_eq!(counts, [[1, 0, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0], [1, 0, 0, 1]]);
}

#[test]
fn by_hand_it_runs_on_any_day_in_one_step_or_two() {
    let mut bank = bank();
    bank.run_to(at("2026-11-29T10:00:00+08:00"));
    sold(&mut bank, "A1", "500");
    let run = |bank: &mut Simulator, phase: &str| bank.control("run_batch", &json!({ "phase": phase }));
    assert_eq!(run(&mut bank, "end").err(), Some(crate::ControlError::State));
    assert_eq!(run(&mut bank, "start").unwrap(), json!({"batches": []}));
    assert_eq!(state(&bank, "A1"), "11");
    assert_eq!(run(&mut bank, "start").err(), Some(crate::ControlError::State));
    let ended = run(&mut bank, "end").unwrap();
    assert_eq!((&ended["batches"][0]["captured"], &ended["batches"][0]["shop"]), (&json!(1), &json!(SHOP)));
    run(&mut bank, "start").unwrap();
    sold(&mut bank, "A2", "500");
    assert_eq!(run(&mut bank, "both").unwrap()["batches"].as_array().unwrap().len(), 2);
    assert_eq!(state(&bank, "A2"), "12", "the one that ran is ended, then a whole one runs");
    assert_eq!(run(&mut bank, "half").err(), Some(crate::ControlError::Member("phase")));
    run(&mut bank, "start").unwrap();
    bank.advance(Duration::from_hours(2));
    assert_eq!(run(&mut bank, "end").err(), Some(crate::ControlError::State), "the clock ended it");
}

#[test]
fn a_batch_by_hand_does_not_stand_for_the_nightly_one() {
    let mut bank = bank();
    batch(&mut bank);
    sold(&mut bank, "A1", "500");
    bank.run_to(at("2026-11-23T22:00:00+08:00"));
    assert_eq!(state(&bank, "A1"), "12");
}

#[test]
fn each_shop_has_its_own_batch() {
    let mut second = demo_ctbc();
    second["mer_id"] = json!("20000");
    second["batch"] = json!({"start": "15:30"});
    let shops = json!([{"ctbc": demo_ctbc()}, {"name": "two", "ctbc": second}]);
    let mut bank = bank_of(&shops);
    sold(&mut bank, "A1", "500");
    bank.run_to(at("2026-11-23T15:30:00+08:00"));
    let told = bank.control("batch", &json!({})).unwrap();
    assert_eq!(told["batches"][0]["running_until"], Value::Null);
    assert_eq!(told["batches"][1]["running_until"], "2026-11-23T17:30:00.000+08:00");
    assert_eq!(told["batches"][0]["next_start"], "2026-11-23T20:00:00.000+08:00");
    assert_eq!(state(&bank, "A1"), "10");
    assert_eq!(acted(&mut bank, "A1", "CapRev", 0), "0/00", "another shop's batch does not lock this one");
    bank.control("run_batch", &json!({"shop": "10000", "phase": "start"})).unwrap();
    bank.control("run_batch", &json!({"shop": "two", "phase": "end"})).unwrap();
    let unknown = bank.control("run_batch", &json!({"shop": "three"}));
    assert_eq!(unknown.err(), Some(crate::ControlError::UnknownShop));
}

#[test]
fn a_clock_that_was_set_back_has_its_batches_again() {
    let mut bank = bank();
    bank.run_to(at("2026-11-24T23:00:00+08:00"));
    bank.set_clock(at("2026-11-23T10:00:00+08:00"));
    sold(&mut bank, "A1", "500");
    bank.run_to(at("2026-11-23T20:30:00+08:00"));
    bank.set_clock(at("2026-11-23T10:00:00+08:00"));
    assert_eq!(state(&bank, "A1"), "11", "what happened stays");
    bank.run_to(at("2026-11-23T12:00:00+08:00"));
    assert_eq!(state(&bank, "A1"), "12", "no batch is longer than itself");
}

#[test]
fn a_wrong_script_names_its_member() {
    let mut bank = bank();
    for (args, member) in [
        (json!({"fail": "some"}), "fail"),
        (json!({"fail": [1]}), "fail"),
        (json!({"start_late_minutes": -1}), "start_late_minutes"),
        (json!({"end_late_minutes": "60"}), "end_late_minutes"),
        (json!({"skip": 1}), "skip"),
    ] {
        let refused = bank.control("batch", &args).err();
        assert_eq!(refused, Some(crate::ControlError::Member(member)), "{args}");
    }
}
