//! The table of CTBC, a test per cell.

use super::*;

const OUTSIDE: Plan = Plan::Discrepancy(D::RefundedOutside);

#[test]
fn authorized_whole() {
    assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Authorized), step(K::Reversal, WHOLE));
    // CapRev done, Reversal not: only Reversal is resumed
    assert_eq!(
        case(CtbcCard, WHOLE).with(ours(K::CapReversal)).ctbc(C::Authorized),
        step(K::Reversal, WHOLE)
    );
}

#[test]
fn authorized_part() {
    assert_eq!(case(CtbcCard, PART).ctbc(C::Authorized), Plan::NeedsPerson(P::PartOfAuthorization));
}

#[test]
fn capture_queued_whole() {
    assert_eq!(case(CtbcCard, WHOLE).ctbc(C::CaptureQueued), step(K::CapReversal, WHOLE));
}

#[test]
fn capture_queued_part() {
    assert_eq!(case(CtbcCard, PART).ctbc(C::CaptureQueued), wait("23T22:10", W::Capture));
    let friday_night = case(CtbcCard, PART).at("27T22:30");
    assert_eq!(friday_night.ctbc(C::CaptureQueued), wait("30T22:10", W::Capture));
}

#[test]
fn locked_whole_and_part() {
    for amount in [WHOLE, PART] {
        for state in [C::CaptureLocked, C::RefundLocked] {
            let planned = |now| case(CtbcCard, amount).at(now).ctbc(state);
            assert_eq!(planned("23T20:30"), wait("23T22:10", W::Locked), "the end of the lock");
            assert_eq!(planned("23T21:50"), wait("23T22:20", W::Locked), "half an hour, where that is later");
            assert_eq!(planned("23T14:30"), wait("23T15:00", W::Locked));
            assert_eq!(planned("23T19:30"), wait("23T22:10", W::Locked), "into the next one");
        }
    }
    // ours at 21: at the bank, and the same wait is shown
    let ours = case(CtbcCard, PART).with(ours(K::Refund)).at("23T20:30");
    assert_eq!(ours.ctbc(C::RefundLocked), track("23T22:10", W::Locked));
}

#[test]
fn captured_whole() {
    assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Captured), step(K::Refund, WHOLE));
}

#[test]
fn captured_part() {
    assert_eq!(case(CtbcCard, PART).ctbc(C::Captured), step(K::Refund, PART));
}

#[test]
fn refund_queued_whole() {
    assert_eq!(case(CtbcCard, WHOLE).with(ours(K::Refund)).ctbc(C::RefundQueued), Plan::Track(None));
    assert_eq!(case(CtbcCard, WHOLE).ctbc(C::RefundQueued), OUTSIDE);
}

#[test]
fn refund_queued_part() {
    let ours = || case(CtbcCard, PART).after(40, RefundState::AtBank).with(earlier(K::Refund, "23T10:00"));
    assert_eq!(ours().ctbc(C::RefundQueued), wait("23T22:10", W::EarlierQueued));
    assert_eq!(case(CtbcCard, PART).ctbc(C::RefundQueued), OUTSIDE);
    // an earlier one that is done explains nothing that is queued now
    let done = case(CtbcCard, PART).after(40, RefundState::Done).with(earlier(K::Refund, "20T10:00"));
    assert_eq!(done.ctbc(C::RefundQueued), OUTSIDE);
    // nor does one whose step surely did nothing, or gave nothing back
    let asked = |op| case(CtbcCard, PART).after(40, RefundState::NeedsPerson).with(op);
    let declined = Operation { state: O::Declined, ..earlier(K::Refund, "20T10:00") };
    assert_eq!(asked(declined).ctbc(C::RefundQueued), OUTSIDE);
    assert_eq!(asked(earlier(K::CapReversal, "20T10:00")).ctbc(C::RefundQueued), OUTSIDE);
    assert_eq!(case(CtbcCard, PART).with(super::ours(K::Refund)).ctbc(C::RefundQueued), Plan::Track(None));
}

#[test]
fn refunded_whole() {
    let snapshot = Some(Seen::of_ctbc(C::Captured));
    let op = Operation { snapshot, ..ours(K::Refund) };
    assert_eq!(case(CtbcCard, WHOLE).with(op).ctbc(C::Refunded), Plan::Done);
    assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Refunded), OUTSIDE);
}

#[test]
fn refunded_part() {
    let remainder = |enabled| Case {
        contract: Contract { refund_remainder: enabled, paper: SinopacPaper::V25 },
        ..case(CtbcCard, PART).after(70, RefundState::Done).with(earlier(K::Refund, "20T10:00"))
    };
    assert_eq!(remainder(true).ctbc(C::Refunded), step(K::Refund, PART), "the exact remainder");
    assert_eq!(remainder(false).ctbc(C::Refunded), Plan::NeedsPerson(P::RemainderNotEnabled));
    assert_eq!(Case { others: Vec::new(), ..remainder(true) }.ctbc(C::Refunded), OUTSIDE);
    let outside = Case { refunded_outside: true, ..remainder(true) };
    assert_eq!(outside.ctbc(C::Refunded), OUTSIDE, "one of them is not ours");
    let booked = vec![Booked { refund_no: None, amount: Twd::new(70), at: Moment::from_millis(0) }];
    let booked = Case { others: Vec::new(), booked, ..remainder(true) };
    assert_eq!(booked.ctbc(C::Refunded), step(K::Refund, PART), "a person has booked it");
    // a booking explains what is on its way for as long as that takes, and no later one
    let at = |days: i64| {
        let case = remainder(true);
        let at = super::at(case.now).plus_days(-days);
        let booked = vec![Booked { refund_no: None, amount: Twd::new(70), at }];
        Case { others: Vec::new(), booked, ..case }.ctbc(C::RefundQueued)
    };
    assert!(matches!(at(6), Plan::Wait(_)), "{:?}", at(6));
    assert_eq!(at(8), OUTSIDE);
}

/// 22 of a remainder may be the 22 of the refund before.
#[test]
fn the_end_of_a_remainder_is_a_new_one() {
    let op = Operation { snapshot: Some(Seen::of_ctbc(C::Refunded)), ..ours(K::Refund) };
    let at = |now| case(CtbcCard, PART).after(70, RefundState::Done).with(op.clone()).at(now);
    assert_eq!(at("23T14:30").ctbc(C::Refunded), Plan::Track(None));
    assert_eq!(at("23T22:09").ctbc(C::Refunded), Plan::Track(None));
    assert_eq!(at("23T22:10").ctbc(C::Refunded), Plan::Done, "after a completed batch");
    let queued = Case { queued_since_send: true, ..at("23T14:30") };
    assert_eq!(queued.ctbc(C::Refunded), Plan::Done, "20 or 21 was read");
    // from 12 after an earlier one, as after a RefundRev
    let op = Operation { snapshot: Some(Seen::of_ctbc(C::Captured)), ..op };
    let again = case(CtbcCard, PART).after(70, RefundState::Done).with(op);
    assert_eq!(again.ctbc(C::Refunded), Plan::Track(None));
}

#[test]
fn cancelled_whole() {
    assert_eq!(case(CtbcCard, WHOLE).with(ours(K::Reversal)).ctbc(C::Cancelled), Plan::Done);
    assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Cancelled), OUTSIDE);
    assert_eq!(case(CtbcCard, WHOLE).with(ours(K::CapReversal)).ctbc(C::Cancelled), OUTSIDE);
}

#[test]
fn cancelled_part() {
    assert_eq!(case(CtbcCard, PART).ctbc(C::Cancelled), OUTSIDE);
    assert_eq!(case(CtbcCard, PART).with(ours(K::Reversal)).ctbc(C::Cancelled), OUTSIDE);
}

#[test]
fn nothing_collected_whole_and_part() {
    for amount in [WHOLE, PART] {
        for state in [C::Failed, C::CaptureFailed] {
            assert_eq!(case(CtbcCard, amount).ctbc(state), Plan::NothingCollected, "{state:?}");
            let ours = case(CtbcCard, amount).with(ours(K::Refund));
            assert_eq!(ours.ctbc(state), Plan::NeedsPerson(P::Vanished), "{state:?}");
            let doubtful = Case { fits: false, ..case(CtbcCard, amount) };
            // 13 raises a discrepancy of its own, and that is the reason
            let person = Plan::NeedsPerson(P::DoubtfulReading);
            let expected = if state == C::CaptureFailed { Plan::NothingCollected } else { person };
            assert_eq!(doubtful.ctbc(state), expected, "{state:?}");
        }
    }
}

#[test]
fn for_a_person_whole_and_part() {
    for amount in [WHOLE, PART] {
        let case = || case(CtbcCard, amount);
        assert_eq!(case().ctbc(C::RefundFailed), Plan::NeedsPerson(P::RefundFailed));
        assert_eq!(case().ctbc(C::Unlisted), Plan::NeedsPerson(P::UnlistedState));
        for state in C::ALL {
            let several = Seen::Ctbc { state, several: true };
            assert_eq!(case().plan(Some(&several)), Plan::NeedsPerson(P::SeveralTransactions), "{state:?}");
        }
        assert_eq!(case().plan(None), Plan::NeedsPerson(P::NotThere));
        let other_bank = Seen::of_sinopac(BankState::Collected);
        assert_eq!(case().plan(Some(&other_bank)), Plan::NeedsPerson(P::Unforeseen));
    }
}

/// The bank took a step and shows that it did not: lag for ten minutes, then a person.
#[test]
fn a_step_that_vanished_is_never_repeated() {
    let vanished = Plan::NeedsPerson(P::Vanished);
    let at = |now, kind| case(CtbcCard, WHOLE).with(ours(kind)).at(now);
    assert_eq!(at("23T14:09", K::CapReversal).ctbc(C::CaptureQueued), wait("23T14:10", W::Lag));
    assert_eq!(at("23T14:10", K::CapReversal).ctbc(C::CaptureQueued), vanished);
    assert_eq!(at("23T14:09", K::Reversal).ctbc(C::Authorized), track("23T14:10", W::Lag));
    assert_eq!(at("23T14:10", K::Reversal).ctbc(C::Authorized), vanished);
    assert_eq!(at("23T14:30", K::Reversal).ctbc(C::CaptureQueued), vanished);
    assert_eq!(at("23T14:30", K::CapReversal).ctbc(C::Captured), vanished);
    assert_eq!(at("23T14:30", K::Refund).ctbc(C::CaptureQueued), vanished);
    assert_eq!(at("23T14:30", K::Refund).ctbc(C::Authorized), vanished);
    assert_eq!(at("23T14:30", K::Refund).ctbc(C::Captured), Plan::Track(None));
    assert_eq!(at("23T22:09", K::Refund).ctbc(C::Captured), Plan::Track(None));
    assert_eq!(at("23T22:10", K::Refund).ctbc(C::Captured), vanished, "a batch has run");
}

#[test]
fn a_refund_taken_back_is_withdrawn() {
    let case = case(CtbcCard, PART).with(ours(K::Refund)).with(ours(K::RefundReversal));
    assert_eq!(case.ctbc(C::Captured), Plan::Withdrawn);
    assert_eq!(case.ctbc(C::RefundQueued), Plan::Track(None));
}

/// Asked at 19:55: nothing is sent before 22:10, and then by the new state.
#[test]
fn beside_the_batch_every_step_waits() {
    for (state, kind) in
        [(C::Authorized, K::Reversal), (C::CaptureQueued, K::CapReversal), (C::Captured, K::Refund)]
    {
        let planned = |now| case(CtbcCard, WHOLE).at(now).ctbc(state);
        assert_eq!(planned("23T19:55"), wait("23T22:10", W::Batch), "{state:?}");
        assert_eq!(planned("23T22:10"), step(kind, WHOLE), "{state:?}");
    }
    // CapRev takes its Reversal along
    let planned = |now, state| case(CtbcCard, WHOLE).at(now).ctbc(state);
    assert_eq!(planned("23T19:46", C::CaptureQueued), step(K::CapReversal, WHOLE));
    assert_eq!(planned("23T19:47", C::CaptureQueued), wait("23T22:10", W::Batch));
    assert_eq!(planned("23T19:48", C::Captured), step(K::Refund, WHOLE));
    assert_eq!(planned("23T19:49", C::Captured), wait("23T22:10", W::Batch));
}

/// 12 after 20 or 21, or a week after the send: another hand took it out of the file. Until then a
/// shop without a holiday list knows of no batch, and reads on.
#[test]
fn a_refund_that_left_the_file_is_for_a_person() {
    let refund = || case(CtbcCard, PART).with(sent(K::Refund, O::Accepted, "21T14:00")).at("21T23:00");
    assert_eq!(refund().ctbc(C::Captured), Plan::Track(None), "a Saturday");
    let queued = Case { queued_since_send: true, ..refund() };
    assert_eq!(queued.ctbc(C::Captured), Plan::NeedsPerson(P::Vanished));
    let lags = Case { queued_since_send: true, ..refund().at("21T14:05") };
    assert_eq!(lags.ctbc(C::Captured), Plan::Track(None));
}

/// "No refunds in the contract" to a card that is only authorized: nothing is there to transfer.
#[test]
fn what_is_only_authorized_is_not_transferred_by_hand() {
    for (state, expected) in [(O::Declined, "9/nx"), (O::DidNotHappen, "3/20")] {
        let refused = Operation { code: Some(expected.into()), ..sent(K::Reversal, state, "23T14:10") };
        let alone = case(CtbcCard, WHOLE).with(refused.clone());
        assert_eq!(alone.ctbc(C::Authorized), Plan::NeedsPerson(P::StepDeclined));
        let half = case(CtbcCard, WHOLE).with(ours(K::CapReversal)).with(refused);
        assert_eq!(half.ctbc(C::Authorized), Plan::NeedsPerson(P::HalfReversed));
    }
}

/// The card stays authorized and will not be charged, whatever the reason that a person is told; by
/// itself nothing more happens to it.
#[test]
fn half_a_reversal_leaves_the_sale_uncollected() {
    let left = |case: &Case, state| {
        case.asked(Some(&Seen::of_ctbc(state)), |case| case.is_left_uncollected(plan(case)))
    };
    let refused = Operation { code: Some("3/2".into()), ..sent(K::Reversal, O::Declined, "23T14:10") };
    let half = || case(CtbcCard, WHOLE).with(ours(K::CapReversal)).with(refused.clone());
    assert!(left(&half(), C::Authorized));
    let too_often = vec![Refused { at: at("23T14:10"), refusal: None, is_proved: false }; 20];
    let tried = Case { refused: too_often, ..case(CtbcCard, WHOLE).with(ours(K::CapReversal)) };
    assert!(left(&tried, C::Authorized), "{:?}", tried.ctbc(C::Authorized));
    // it goes on, has ended, was never in the file, or the reading says something else as well
    assert!(!left(&case(CtbcCard, WHOLE).with(ours(K::CapReversal)), C::Authorized));
    assert!(!left(&half(), C::CaptureQueued) && !left(&half(), C::Captured));
    assert!(!left(&case(CtbcCard, WHOLE).with(refused.clone()), C::Authorized));
    assert!(!left(&Case { fits: false, ..half() }, C::Authorized));
}
