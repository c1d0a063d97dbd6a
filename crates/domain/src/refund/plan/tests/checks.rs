//! What holds for every cell that would send.

use super::*;

fn sends() -> Vec<(Case, Seen)> {
    [WHOLE, PART]
        .into_iter()
        .flat_map(|amount| {
            [
                (case(CtbcCard, amount), Seen::of_ctbc(C::Captured)),
                (case(SinopacCard, amount), Seen::of_sinopac(BankState::Collected)),
                (case(SinopacAccount, amount), Seen::of_sinopac(BankState::Settled)),
            ]
        })
        .chain([
            (case(CtbcCard, WHOLE), Seen::of_ctbc(C::Authorized)),
            (case(CtbcCard, WHOLE), Seen::of_ctbc(C::CaptureQueued)),
            (case(SinopacCard, WHOLE), Seen::of_sinopac(BankState::Authorized)),
        ])
        .collect()
}

#[test]
fn a_write_follows_only_a_reading_that_fits() {
    for (case, seen) in sends() {
        assert!(matches!(case.plan(Some(&seen)), Plan::Step(_)));
        let doubtful = Case { fits: false, ..case };
        assert_eq!(doubtful.plan(Some(&seen)), Plan::NeedsPerson(P::DoubtfulReading));
    }
}

#[test]
fn nothing_is_sent_where_somebody_refunded_outside() {
    for (case, seen) in sends() {
        let outside = Case { refunded_outside: true, ..case };
        assert_eq!(outside.plan(Some(&seen)), Plan::Discrepancy(D::RefundedOutside));
    }
    let done = Case { refunded_outside: true, ..case(CtbcCard, WHOLE).with(ours(K::Reversal)) };
    assert_eq!(done.ctbc(C::Cancelled), Plan::Discrepancy(D::RefundedOutside), "nor is anything done");
    let doubtful = Case { fits: false, ..case(CtbcCard, WHOLE).with(ours(K::Reversal)) };
    assert_eq!(doubtful.ctbc(C::Cancelled), Plan::NeedsPerson(P::DoubtfulReading));
}

#[test]
fn never_more_than_was_captured() {
    for (case, seen) in sends() {
        let full = case.after(1, RefundState::Done);
        let over = full.refund.amount == Twd::new(WHOLE);
        let planned = full.plan(Some(&seen));
        assert_eq!(planned == Plan::NeedsPerson(P::OverCaptured), over, "{planned:?}");
    }
}

/// A step that is unclear, of any refund of the target, keeps every other one back.
#[test]
fn one_money_operation_at_a_time() {
    for (case, seen) in sends() {
        let rail = case.rail;
        let kind = if rail == CtbcCard { K::Refund } else { K::AccountRefund };
        for (state, expected) in [
            (O::Sending, Plan::ReadOut),
            (O::Pending, Plan::ReadOut),
            (O::Unknown, Plan::ReadOut),
            (O::NeedsPerson, Plan::NeedsPerson(P::Undecided)),
            (O::Planned, wait("23T14:31", W::OtherStep)),
        ] {
            let op = Operation { state, ..earlier(kind, "20T10:00") };
            let blocked = super::case(rail, case.refund.amount.dollars()).with(op);
            assert_eq!(blocked.plan(Some(&seen)), expected, "{rail:?} {state:?}");
        }
        // an old cancel, capture or create that a person decides blocks nothing
        for kind in [K::CancelAccount, K::Capture, K::Cap, K::CreateLink, K::CancelAuthorization] {
            let op = Operation { state: O::NeedsPerson, refund: None, ..earlier(kind, "20T10:00") };
            let free = super::case(rail, case.refund.amount.dollars()).with(op);
            assert!(matches!(free.plan(Some(&seen)), Plan::Step(_)), "{kind:?}");
        }
    }
    // one that is its own step does
    let own = sent(K::CancelAuthorization, O::NeedsPerson, "23T10:00");
    let planned = case(SinopacCard, WHOLE).with(own).sinopac(BankState::Authorized, RefundsSeen::default());
    assert_eq!(planned, Plan::NeedsPerson(P::Undecided));
    let duplicate = Operation { code: Some("3/53".into()), ..sent(K::Refund, O::NeedsPerson, "23T10:00") };
    let planned = case(CtbcCard, WHOLE).with(duplicate).ctbc(C::RefundQueued);
    assert_eq!(planned, Plan::NeedsPerson(P::AnotherHand));
}

/// The void was refused: another path may go, the same one does not go again (fault F19).
#[test]
fn a_declined_step_is_not_repeated() {
    let declined = |kind| Operation { code: Some("3/3".into()), ..sent(kind, O::Declined, "23T14:00") };
    let person = |why| Plan::NeedsPerson(why);
    let case = |kind| case(CtbcCard, WHOLE).with(declined(kind));
    assert_eq!(case(K::CapReversal).ctbc(C::CaptureQueued), person(P::StepDeclined));
    assert_eq!(case(K::CapReversal).ctbc(C::Captured), step(K::Refund, WHOLE));
    assert_eq!(case(K::Reversal).ctbc(C::Authorized), person(P::StepDeclined));
    let half = super::case(CtbcCard, WHOLE).with(ours(K::CapReversal)).with(declined(K::Reversal));
    assert_eq!(half.ctbc(C::Authorized), person(P::HalfReversed));
}

#[test]
fn after_twenty_attempts_or_fourteen_days_a_person_is_asked() {
    for (case, seen) in sends() {
        let refused = |count: usize, at_text: &str| {
            vec![Refused { at: at(at_text), refusal: None, is_proved: false }; count]
        };
        let planned = |refused| {
            let case = Case { refused, ..super::case(case.rail, case.refund.amount.dollars()) };
            case.plan(Some(&seen))
        };
        assert!(matches!(planned(refused(19, "23T10:00")), Plan::Step(_)));
        assert_eq!(planned(refused(20, "23T10:00")), Plan::NeedsPerson(P::TooOften));
        assert!(matches!(planned(refused(1, "09T14:31")), Plan::Step(_)));
        assert_eq!(planned(refused(1, "09T14:30")), Plan::NeedsPerson(P::TooOften));
    }
}

/// Whatever is planned, the row can follow: each state that planning starts from, each plan.
#[test]
fn every_plan_has_a_state_that_the_table_allows() {
    use RefundState as S;
    let plans = [
        step(K::Refund, 1),
        wait("23T22:10", W::Batch),
        Plan::Track(None),
        track("23T22:10", W::Locked),
        Plan::ReadOut,
        Plan::Done,
        Plan::Withdrawn,
        Plan::NothingCollected,
        Plan::Refused,
        Plan::ByHand(ByHandWhy::TooOld),
        Plan::NeedsPerson(P::UsedUp),
        Plan::Discrepancy(D::RefundedOutside),
    ];
    for state in S::ALL {
        let row = Refund { state, ..refund(1) };
        for plan in plans {
            let to = plan.refund_state(state);
            let planned_from = !state.is_final() && state != S::Requested;
            assert!(to == state || (planned_from && state.may_become(to)), "{state:?} {plan:?} {to:?}");
            if let Some(next) = row.after(plan, None).filter(|_| planned_from) {
                assert_eq!((next.version, next.state), (row.version + 1, to));
                assert_eq!(next.state == S::NeedsPerson, next.state == S::NeedsPerson && next.why.is_some());
                assert_eq!(
                    next.after(plan, None).filter(|again| again.state == next.state),
                    None,
                    "{plan:?}"
                );
            }
        }
    }
    assert_eq!(Plan::Wait(Wait { until: at("23T22:10"), why: W::Lag }).refund_state(S::AtBank), S::AtBank);
    assert_eq!(step(K::Refund, 1).refund_state(S::AtBank), S::NeedsPerson);
    assert_eq!(Plan::Done.refund_state(S::Working), S::Done);
}

/// The reason and the instant of a plan are in the row, and go with the next plan.
#[test]
fn what_a_plan_leaves_in_the_row() {
    use RefundState as S;
    let kept = |row: &Refund| (row.state, row.until, row.why, row.version);
    let until = at("23T22:10");
    let batch = wait("23T22:10", W::Batch);
    assert_eq!((batch.step(), batch.wait().map(|wait| wait.until)), (None, Some(until)));
    let waits = refund(1).after(batch, None).unwrap();
    assert_eq!(kept(&waits), (S::Waiting, Some(until), Some(RefundWhy::Wait(W::Batch)), 3));
    assert_eq!(waits.after(batch, None), None, "nothing changes");
    let sends = step(K::Refund, 1);
    let sent = Some(Step { kind: K::Refund, amount: Twd::new(1) });
    assert_eq!((sends.step(), sends.wait().map(|wait| wait.until), sends.why()), (sent, None, None));
    let works = waits.after(sends, None).unwrap();
    assert_eq!(kept(&works), (S::Working, None, None, 4));
    let locked = works.after(track("23T22:10", W::Locked), None).unwrap();
    assert_eq!(kept(&locked), (S::AtBank, Some(until), Some(RefundWhy::Wait(W::Locked)), 5));
    // what it would send again is for a person, though the plan gives no reason
    let asked = locked.after(sends, None).unwrap();
    assert_eq!(kept(&asked), (S::NeedsPerson, None, Some(RefundWhy::Person(P::Unforeseen)), 6));
    for (plan, why) in [
        (Plan::NothingCollected, RefundWhy::NothingCollected),
        (Plan::Refused, RefundWhy::Refused),
        (Plan::ByHand(ByHandWhy::TooOld), RefundWhy::ByHand(ByHandWhy::TooOld)),
        (Plan::NeedsPerson(P::UsedUp), RefundWhy::Person(P::UsedUp)),
        (Plan::Discrepancy(D::RefundedOutside), RefundWhy::Discrepancy(D::RefundedOutside)),
    ] {
        assert_eq!(
            (plan.why(), plan.step(), plan.wait().map(|wait| wait.until)),
            (Some(why), None, None),
            "{plan:?}"
        );
        let row = waits.after(plan, None).unwrap();
        assert_eq!((row.until, row.why), (None, Some(why)), "{plan:?}");
    }
    for plan in [Plan::Track(None), Plan::ReadOut, Plan::Done, Plan::Withdrawn] {
        assert_eq!(
            (plan.why(), plan.step(), plan.wait().map(|wait| wait.until)),
            (None, None, None),
            "{plan:?}"
        );
    }
}

/// Whatever the bank shows, and however late: what may have given money back is followed by no
/// other step of that refund.
#[test]
fn never_twice() {
    let statuses =
        [None, Some("2C200"), Some("2C900"), Some("2A260"), Some("2A290"), Some("2A900"), Some("2X1")];
    let refunds =
        statuses.map(|status| status.map_or(RefundsSeen::default(), |s| row(&[("R1", one(s, WHOLE))])));
    let sinopac = BankState::ALL
        .into_iter()
        .flat_map(|state| refunds.clone().map(|refunds| Seen::Sinopac { state, refunds }));
    let sinopac: Vec<Seen> = sinopac.collect();
    let ctbc: Vec<Seen> = C::ALL.map(Seen::of_ctbc).to_vec();
    let mut planned = 0;
    for (rail, kind, shown) in [
        (CtbcCard, K::Reversal, &ctbc),
        (CtbcCard, K::Refund, &ctbc),
        (SinopacCard, K::CancelAuthorization, &sinopac),
        (SinopacCard, K::CardRefund, &sinopac),
        (SinopacAccount, K::AccountRefund, &sinopac),
    ] {
        for state in O::ALL.into_iter().filter(|state| state.may_have_acted()) {
            for (now, amount) in
                [("23T14:05", WHOLE), ("23T14:30", WHOLE), ("25T10:00", WHOLE), ("25T10:00", PART)]
            {
                for seen in shown {
                    let op = Operation { amount: Some(Twd::new(amount)), ..sent(kind, state, "23T14:00") };
                    let contract = Contract { refund_remainder: true, paper: SinopacPaper::V25 };
                    let case = Case { contract, ..case(rail, amount).with(op).at(now) };
                    let plan = case.plan(Some(seen));
                    assert!(!matches!(plan, Plan::Step(_)), "{kind:?} {state:?} {now} {seen:?}: {plan:?}");
                    planned += 1;
                }
            }
        }
    }
    assert_eq!(planned, 5 * 4 * (2 * C::ALL.len() + 3 * statuses.len() * BankState::ALL.len()));
}

/// What the bank said about when to come again holds whoever asks earlier: a start, a person who
/// has closed a discrepancy, another reading.
#[test]
fn a_refusal_for_now_holds_until_its_time() {
    for (case, seen) in sends() {
        let Plan::Step(planned) = case.plan(Some(&seen)) else { panic!("{seen:?}") };
        let (code, refusal, why, until) = match case.rail {
            CtbcCard => ("3/31", Refusal::Locked, W::BankBusy, "23T14:40"),
            SinopacCard | SinopacAccount => ("E3610", Refusal::NotYet, W::NotYet, "24T00:10"),
        };
        let refused = Refused { at: at("23T14:10"), refusal: Some(refusal), is_proved: false };
        let op = Operation { code: Some(code.into()), ..sent(planned.kind, O::NotNow, "23T14:10") };
        let mut case = Case { refused: vec![refused], ..case }.with(op);
        for now in ["23T14:11", "23T14:30"] {
            case = case.at(now);
            assert_eq!(case.plan(Some(&seen)), wait(until, why), "{seen:?} {now}");
        }
        let case = case.at(until);
        assert_eq!(case.plan(Some(&seen)), Plan::Step(planned), "{seen:?}");
        // stamped by a clock that was days ahead
        let ahead = Refused { at: at("29T14:10"), refusal: Some(refusal), is_proved: false };
        let case = Case { refused: vec![ahead], ..case };
        assert_eq!(case.plan(Some(&seen)), Plan::Step(planned), "{seen:?}");
    }
}

/// The second call of an account's refund is refused: the first does not go again before its time.
#[test]
fn a_refused_second_call_holds_the_first_up() {
    let refused = vec![Refused { at: at("23T14:10"), refusal: Some(Refusal::DayLimit), is_proved: false }];
    let op = Operation { code: Some("E3604".into()), ..sent(K::AccountRefund, O::NotNow, "23T14:10") };
    let case = Case { refused, ..case(SinopacAccount, PART) };
    let case = case.with(sent(K::AccountRefundToken, O::Accepted, "23T14:09")).with(op);
    let collected = Seen::of_sinopac(BankState::Collected);
    assert_eq!(case.plan(Some(&collected)), wait("24T00:10", W::DayLimit));
    assert_eq!(case.at("24T00:10").plan(Some(&collected)), step(K::AccountRefundToken, PART));
}
