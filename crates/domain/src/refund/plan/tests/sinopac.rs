//! The table of SinoPac, a test per cell.

use super::*;
use BankState as B;

const OUTSIDE: Plan = Plan::Discrepancy(D::RefundedOutside);

fn none() -> RefundsSeen {
    RefundsSeen::default()
}

#[test]
fn not_paid_whole_and_part() {
    for amount in [WHOLE, PART] {
        for (rail, state) in [
            (SinopacAccount, B::Waiting),
            (SinopacAccount, B::Expired),
            (SinopacCard, B::Waiting),
            (SinopacCard, B::Expired),
        ] {
            let planned = case(rail, amount).sinopac(state, none());
            assert_eq!(planned, Plan::NothingCollected, "{rail:?} {state:?}");
            let op = if rail == SinopacCard { K::CardRefund } else { K::AccountRefund };
            let planned = case(rail, amount).with(ours(op)).sinopac(state, none());
            assert_eq!(planned, Plan::NeedsPerson(P::Vanished));
        }
    }
}

#[test]
fn authorized_whole() {
    let cancel = step(K::CancelAuthorization, WHOLE);
    assert_eq!(case(SinopacCard, WHOLE).sinopac(B::Authorized, none()), cancel);
    let taken = |now| case(SinopacCard, WHOLE).with(ours(K::CancelAuthorization)).at(now);
    assert_eq!(taken("23T14:09").sinopac(B::Authorized, none()), track("23T14:10", W::Lag));
    assert_eq!(taken("23T14:10").sinopac(B::Authorized, none()), Plan::NeedsPerson(P::Vanished));
    assert_eq!(taken("23T14:10").sinopac(B::Collected, none()), Plan::NeedsPerson(P::Vanished));
    let account = case(SinopacAccount, WHOLE).sinopac(B::Authorized, none());
    assert_eq!(account, Plan::NeedsPerson(P::Unforeseen), "no account is ever authorized");
}

#[test]
fn authorized_part() {
    let planned = case(SinopacCard, PART).sinopac(B::Authorized, none());
    assert_eq!(planned, Plan::NeedsPerson(P::PartOfAuthorization));
}

#[test]
fn released_whole() {
    let ours = case(SinopacCard, WHOLE).with(ours(K::CancelAuthorization));
    assert_eq!(ours.sinopac(B::Released, none()), Plan::Done);
    assert_eq!(case(SinopacCard, WHOLE).sinopac(B::Released, none()), OUTSIDE);
}

#[test]
fn released_part() {
    assert_eq!(case(SinopacCard, PART).sinopac(B::Released, none()), OUTSIDE);
    let ours = case(SinopacCard, PART).with(ours(K::CancelAuthorization));
    assert_eq!(ours.sinopac(B::Released, none()), OUTSIDE);
}

/// 1x400, 1x900: R, with the amount, on both rails and by both papers.
#[test]
fn collected_whole_and_part() {
    for amount in [WHOLE, PART] {
        for state in [B::Collected, B::Settled] {
            for paper in SinopacPaper::ALL {
                for (rail, kind) in [(SinopacCard, K::CardRefund), (SinopacAccount, K::AccountRefundToken)] {
                    let contract = Contract { refund_remainder: false, paper };
                    let case = Case { contract, ..case(rail, amount) };
                    assert_eq!(case.sinopac(state, none()), step(kind, amount), "{rail:?} {state:?}");
                }
            }
        }
    }
}

/// 2x900 and every refund ours: R again, by both papers.
#[test]
fn collected_after_refunds_of_ours() {
    for paper in SinopacPaper::ALL {
        for (rail, first, kind, done) in [
            (SinopacCard, K::CardRefund, K::CardRefund, "2C900"),
            (SinopacAccount, K::AccountRefund, K::AccountRefundToken, "2A900"),
        ] {
            let op = Operation { amount: Some(Twd::new(70)), ..earlier(first, "20T10:00") };
            let contract = Contract { refund_remainder: false, paper };
            let case = || Case { contract, ..case(rail, PART).after(70, RefundState::Done) };
            let row = row(&[("R1", one(done, 70))]);
            assert_eq!(case().with(op).sinopac(B::Settled, row.clone()), step(kind, PART));
            assert_eq!(case().sinopac(B::Settled, row), OUTSIDE, "none of ours");
        }
    }
}

/// One a day: by our own send of today in each state, or by a RefundDate of today.
#[test]
fn a_second_refund_of_a_card_waits_for_the_next_bank_day() {
    for paper in SinopacPaper::ALL {
        for amount in [20, PART] {
            let contract = Contract { refund_remainder: false, paper };
            let tomorrow = wait("24T00:10", W::OneADay);
            let case = || Case { contract, ..case(SinopacCard, amount).after(70, RefundState::Done) };
            for state in O::ALL {
                let op = Operation { state, ..earlier(K::CardRefund, "23T00:00") };
                let planned = case().with(op).sinopac(B::Collected, none());
                let expected = match state {
                    O::Accepted => tomorrow,
                    O::Declined | O::DidNotHappen | O::Abandoned => step(K::CardRefund, amount),
                    O::Planned | O::NotNow | O::NotSent => wait("23T14:31", W::OtherStep),
                    O::Sending | O::Pending | O::Unknown => Plan::ReadOut,
                    O::NeedsPerson => Plan::NeedsPerson(P::Undecided),
                };
                assert_eq!(planned, expected, "{state:?}");
            }
            let yesterday = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "22T23:59") };
            let dated = |text: &str| {
                let date = Some(at(text).minute());
                RefundsSeen { date, ..row(&[("R1", RefundSeen { date, ..one("2C900", 70) })]) }
            };
            let planned = |text| case().with(yesterday.clone()).sinopac(B::Collected, dated(text));
            assert_eq!(planned("22T23:59"), step(K::CardRefund, amount));
            assert_eq!(planned("23T00:00"), tomorrow, "{paper:?}");
        }
    }
    // either date will do: of the row where it has no list, or of one line
    let op = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
    let case = || super::case(SinopacCard, PART).after(70, RefundState::Done).with(op.clone());
    let date = Some(at("23T00:00").minute());
    let status = Some("2C900".to_owned());
    let without_list = RefundsSeen { flag: true, status, date, ..RefundsSeen::default() };
    let of_a_line = row(&[("R1", RefundSeen { date, ..one("2C900", 70) })]);
    for row in [without_list, of_a_line] {
        assert_eq!(case().sinopac(B::Collected, row), wait("24T00:10", W::OneADay));
    }
    // our clock is ahead: the bank's day counts
    let op = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "23T22:00") };
    let ahead = super::case(SinopacCard, PART).after(70, RefundState::Done).with(op).at("24T00:20");
    let ahead = Case { read_at: Some("23T23:00"), ..ahead };
    let planned = ahead.sinopac(B::Collected, row(&[("R1", one("2C900", 70))]));
    assert_eq!(planned, wait("25T00:10", W::OneADay));
    // our clock is behind, by a Date of the bank that was believed: the bank's day counts
    let yesterday = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
    let behind = super::case(SinopacCard, PART).after(70, RefundState::Done).with(yesterday);
    let date = Some(at("25T09:00").minute());
    let planned = behind.sinopac(B::Collected, row(&[("R1", RefundSeen { date, ..one("2C900", 70) })]));
    assert_eq!(planned, wait("24T00:10", W::OneADay));
    // an account has no such limit
    let op = Operation { amount: Some(Twd::new(70)), ..earlier(K::AccountRefund, "23T10:00") };
    let account = super::case(SinopacAccount, PART).after(70, RefundState::Done).with(op);
    let planned = account.sinopac(B::Collected, row(&[("R1", one("2A900", 70))]));
    assert_eq!(planned, step(K::AccountRefundToken, PART));
}

/// Our own attempt of today that came to nothing is no refund of today.
#[test]
fn an_attempt_of_today_that_did_nothing_does_not_count() {
    for state in [O::NotNow, O::NotSent, O::DidNotHappen] {
        let case = case(SinopacCard, PART).with(sent(K::CardRefund, state, "23T10:00"));
        assert_eq!(case.sinopac(B::Collected, none()), step(K::CardRefund, PART), "{state:?}");
    }
}

#[test]
fn card_answered_used_up() {
    let op = |state| Operation { code: Some("E9918".into()), ..sent(K::CardRefund, state, "23T10:00") };
    for amount in [WHOLE, PART] {
        let case = |state| case(SinopacCard, amount).with(op(state));
        assert_eq!(case(O::Unknown).sinopac(B::Collected, none()), Plan::ReadOut);
        let asked = case(O::NeedsPerson);
        assert_eq!(asked.sinopac(B::Collected, none()), Plan::NeedsPerson(P::UsedUp));
        let new = row(&[("R1", one("2C200", amount))]);
        assert_eq!(asked.sinopac(B::Collected, new), Plan::NeedsPerson(P::SomebodyRefunded));
    }
    // and when a person has decided that it was not done, it does not go again
    let decided = case(SinopacCard, PART).with(op(O::DidNotHappen)).at("24T10:00");
    assert_eq!(decided.sinopac(B::Collected, none()), Plan::NeedsPerson(P::UsedUp));
    // nor does the second call of an account's refund
    let second = Operation { kind: K::AccountRefund, ..op(O::DidNotHappen) };
    let decided = case(SinopacAccount, PART).with(second).at("24T10:00");
    assert_eq!(decided.sinopac(B::Settled, none()), Plan::NeedsPerson(P::UsedUp));
    // an earlier refund of ours under way: tracked by its own row, then the next bank day
    let busy = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
    let case =
        super::case(SinopacCard, PART).after(70, RefundState::AtBank).with(busy).with(op(O::DidNotHappen));
    let planned = case.sinopac(B::Collected, row(&[("R1", one("2C400", 70))]));
    assert_eq!(planned, wait("24T00:10", W::OtherUnderway));
    // then it goes again: that one was meant
    let status = Some("2C400".to_owned());
    let snapshot = RefundsSeen { status, ..row(&[("R1", one("2C400", 70))]) };
    let snapshot = Some(Seen::Sinopac { state: B::Collected, refunds: snapshot });
    let meant = Operation { snapshot, ..op(O::DidNotHappen) };
    let busy = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
    let case =
        super::case(SinopacCard, PART).after(70, RefundState::Done).with(busy).with(meant).at("24T00:10");
    let planned = case.sinopac(B::Collected, row(&[("R1", one("2C900", 70))]));
    assert_eq!(planned, step(K::CardRefund, PART));
}

#[test]
fn account_answered_used_up() {
    let call = |at| {
        let op = sent(K::AccountRefundToken, O::DidNotHappen, at);
        Operation { code: Some("E9918".into()), ..op }
    };
    for amount in [WHOLE, PART] {
        let case = |now| case(SinopacAccount, amount).at(now).with(call("23T14:00"));
        assert_eq!(case("23T14:02").plan(Some(&Seen::of_sinopac(B::Settled))), {
            let until = at("23T14:02").plus_secs(30);
            Plan::Wait(Wait { until, why: W::FirstCall })
        });
        let again = step(K::AccountRefundToken, amount);
        assert_eq!(case("23T14:03").sinopac(B::Settled, none()), again);
        let twice = || case("23T14:30").with(call("23T14:05"));
        assert_eq!(twice().sinopac(B::Settled, none()), again);
        let thrice = twice().with(call("23T14:10"));
        assert_eq!(thrice.sinopac(B::Settled, none()), Plan::NeedsPerson(P::FirstCallLives));
    }
}

#[test]
fn a_refund_that_is_not_ours_whole_and_part() {
    for rail in [SinopacCard, SinopacAccount] {
        for status in ["2C900", "2A900", "2X999"] {
            for amount in [WHOLE, PART] {
                let planned = case(rail, amount).sinopac(B::Collected, row(&[("R1", one(status, 40))]));
                assert_eq!(planned, OUTSIDE, "{status}");
            }
            let booked = vec![Booked {
                refund_no: Some("R1".into()),
                amount: Twd::new(40),
                at: Moment::from_millis(0),
            }];
            let booked = Case { booked, ..case(rail, PART) };
            let planned = booked.sinopac(B::Collected, row(&[("R1", one(status, 40))]));
            if status == "2X999" {
                assert_eq!(planned, Plan::NeedsPerson(P::UnlistedState));
            } else {
                assert!(matches!(planned, Plan::Step(_)), "booked: {planned:?}");
            }
            let too_much = Case { booked: booked.booked.clone(), ..case(rail, 61) };
            let planned = too_much.sinopac(B::Collected, row(&[("R1", one("2C900", 40))]));
            assert_eq!(planned, Plan::NeedsPerson(P::OverCaptured), "it counts as refunded");
        }
        // one that failed for good gave nothing back
        let failed = case(rail, PART).sinopac(B::Collected, row(&[("R1", one("2A290", 40))]));
        assert!(matches!(failed, Plan::Step(_)), "{failed:?}");
    }
}

#[test]
fn underway_ours_is_tracked_and_else_waits() {
    for (rail, kind, codes) in [
        (SinopacCard, K::CardRefund, &["2C200", "2C400"][..]),
        (SinopacAccount, K::AccountRefund, &["2A400"][..]),
    ] {
        for (code, amount) in codes.iter().flat_map(|code| [(code, WHOLE), (code, PART)]) {
            let row = row(&[("R1", one(code, amount))]);
            let op = Operation { amount: Some(Twd::new(amount)), ..ours(kind) };
            assert_eq!(case(rail, amount).with(op).sinopac(B::Collected, row.clone()), Plan::Track(None));
            let other = wait("24T00:10", W::OtherUnderway);
            assert_eq!(case(rail, amount).sinopac(B::Collected, row), other, "not ours");
        }
    }
}

#[test]
fn money_that_comes_back_is_waited_for() {
    for amount in [WHOLE, PART] {
        let row = row(&[("R1", one("2A260", amount))]);
        let waits = wait("24T00:10", W::MoneyReturning);
        assert_eq!(case(SinopacAccount, amount).sinopac(B::Collected, row.clone()), waits);
        let op = Operation { amount: Some(Twd::new(amount)), ..ours(K::AccountRefund) };
        let ours = case(SinopacAccount, amount).with(op);
        assert_eq!(ours.sinopac(B::Collected, row), track("24T00:10", W::MoneyReturning));
    }
}

#[test]
fn failed_for_good_is_for_a_person_and_a_new_one_is_allowed() {
    for amount in [WHOLE, PART] {
        let row = row(&[("R1", one("2A290", amount))]);
        let op = Operation { amount: Some(Twd::new(amount)), ..ours(K::AccountRefund) };
        let ours = case(SinopacAccount, amount).with(op.clone());
        assert_eq!(ours.sinopac(B::Collected, row.clone()), Plan::NeedsPerson(P::FailedForGood));
        let new = case(SinopacAccount, amount).after(amount, RefundState::Declined);
        let new = new.with(Operation { refund: Some(earlier_id()), ..op });
        assert_eq!(new.sinopac(B::Collected, row), step(K::AccountRefundToken, amount));
    }
}

#[test]
fn done_is_a_refund_number_that_is_new() {
    for (rail, kind, code) in
        [(SinopacCard, K::CardRefund, "2C900"), (SinopacAccount, K::AccountRefund, "2A900")]
    {
        let before = row(&[("R1", one(code, 70))]);
        let snapshot = Some(Seen::Sinopac { state: B::Collected, refunds: before.clone() });
        let op = Operation { amount: Some(Twd::new(PART)), snapshot, ..ours(kind) };
        let first = Operation { amount: Some(Twd::new(70)), ..earlier(kind, "20T10:00") };
        let case = case(rail, PART).after(70, RefundState::Done).with(first).with(op);
        assert_eq!(case.sinopac(B::Collected, before), Plan::Track(None), "the end of the one before");
        let after = row(&[("R1", one(code, 70)), ("R2", one(code, PART))]);
        assert_eq!(case.sinopac(B::Settled, after), Plan::Done);
        let more = row(&[("R1", one(code, 70)), ("R2", one(code, PART)), ("R3", one(code, 5))]);
        assert_eq!(case.sinopac(B::Settled, more), OUTSIDE);
    }
}

/// Without a list the date of the last one tells.
#[test]
fn done_without_a_list_is_a_later_date() {
    let dated = |text: &str| RefundsSeen {
        flag: true,
        status: Some("2C900".into()),
        date: Some(at(text).minute()),
        ..RefundsSeen::default()
    };
    let before = dated("20T10:00");
    let snapshot = Some(Seen::Sinopac { state: B::Collected, refunds: before.clone() });
    let op = Operation { amount: Some(Twd::new(PART)), snapshot, ..ours(K::CardRefund) };
    let first = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
    let case = case(SinopacCard, PART).after(70, RefundState::Done).with(first).with(op);
    assert_eq!(case.sinopac(B::Collected, before), Plan::Track(None));
    assert_eq!(case.sinopac(B::Collected, dated("23T14:00")), Plan::Done);
    let more = RefundsSeen { sum: Some(Twd::new(101)), ..dated("23T14:00") };
    assert_eq!(case.sinopac(B::Collected, more), OUTSIDE, "more than all of ours");
    let none = super::case(SinopacCard, PART);
    assert_eq!(none.sinopac(B::Collected, dated("23T14:00")), OUTSIDE);
}

/// The row's own status is of its last refund: what it says counts beside the list.
#[test]
fn a_status_that_no_line_of_the_list_has_counts_too() {
    let before = row(&[("R1", one("2C900", 70))]);
    let first = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
    let case = || case(SinopacCard, PART).after(70, RefundState::Done).with(first.clone());
    let status = |code: &str| RefundsSeen { status: Some(code.into()), ..before.clone() };
    assert_eq!(case().sinopac(B::Collected, status("2C900")), step(K::CardRefund, PART));
    assert_eq!(case().sinopac(B::Collected, status("2C400")), wait("24T00:10", W::OtherUnderway));
    assert_eq!(case().sinopac(B::Collected, status("2X111")), Plan::NeedsPerson(P::UnlistedState));
    // beside ours that is done too
    let ours = Operation { amount: Some(Twd::new(PART)), ..ours(K::CardRefund) };
    let both = row(&[("R1", one("2C900", 70)), ("R2", one("2C900", PART))]);
    let case = case().with(ours);
    assert_eq!(case.sinopac(B::Collected, both.clone()), Plan::Done);
    let unlisted = RefundsSeen { status: Some("2X111".into()), ..both };
    assert_eq!(case.sinopac(B::Collected, unlisted), Plan::NeedsPerson(P::UnlistedState));
}

#[test]
fn a_first_call_is_over_before_the_next() {
    let case = |now| case(SinopacAccount, PART).at(now).with(ours(K::AccountRefundToken));
    let until = at("23T14:02").plus_secs(30);
    let alive = Plan::Wait(Wait { until, why: W::FirstCall });
    assert_eq!(case("23T14:02").sinopac(B::Collected, none()), alive);
    assert_eq!(case("23T14:03").sinopac(B::Collected, none()), step(K::AccountRefundToken, PART));
    // at this very instant it is over
    let sent_at = Some(at("23T13:57").plus_secs(30));
    let call = Operation { sent_at, ..ours(K::AccountRefundToken) };
    let over = super::case(SinopacAccount, PART).at("23T14:00").with(call);
    assert_eq!(over.sinopac(B::Collected, none()), step(K::AccountRefundToken, PART));
}
