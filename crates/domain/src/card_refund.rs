//! What the state of a card at CTBC means for a refund now, and the times that go with it (money
//! rules 4 and 5).
//!
//! Promise: it explains and plans nothing, and a refund begins with a fresh inquiry whatever it
//! shows. Every time is bank time by the shop's calendar, and none is too early. Left out: the
//! sentences (the screen), and refunds themselves.

use serde::Serialize;

use crate::calendar::BankCalendar;
use crate::card::CardState;
use crate::discrepancy::DiscrepancyKind;
use crate::named::named;
use crate::time::Moment;

/// At a locked state the earliest next try is this far away (money rules 4).
const LOCKED_MINS: i64 = 30;

named! {
    /// What can be given back now.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum RefundMeaning {
        /// -1, 0, 13: the bank has collected nothing, so nothing is given back.
        NothingCollected = "nothing-collected",
        /// 1: only the whole authorization, by Reversal.
        CancelWhole = "cancel-whole",
        /// 10: the whole now, by CapRev and Reversal, unseen by the cardholder; a part after the
        /// batch.
        WithdrawTonight = "withdraw-tonight",
        /// 11, 21, or 10 beside the batch: nothing can be done until it is over.
        WaitBatch = "wait-batch",
        /// 12: the whole or a part; the cardholder sees a charge and a credit.
        RefundWholeOrPart = "refund-whole-or-part",
        /// 20: the bank has a refund in its file; no second one until it is through.
        RefundQueued = "refund-queued",
        /// 22: refunded, wholly or in part: the bank does not say.
        Refunded = "refunded",
        /// 23, an unlisted number, or the bank shows what does not fit: a person finds out first.
        AskPerson = "ask-person",
    }
}

/// The meaning with its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundNow {
    /// What can be given back.
    pub meaning: RefundMeaning,
    /// When the batch starts that it hangs on: the one that collects, that gives back, or that is
    /// in the way.
    pub batch_at: Option<Moment>,
    /// Before that nothing may be sent; `None`: it may be sent now, or nothing is to be sent.
    pub earliest: Option<Moment>,
}

/// What a state read from the bank means at bank time `now`; `discrepancies` are the payment's.
pub fn refund_now(
    state: CardState,
    discrepancies: &[DiscrepancyKind],
    now: Moment,
    calendar: &BankCalendar,
) -> RefundNow {
    use RefundMeaning as M;
    let meaning =
        if discrepancies.iter().any(|kind| leaves_unclear(*kind)) { M::AskPerson } else { of_state(state) };
    let blocked = calendar.wait(now, 0);
    let held = blocked.map(|wait| wait.earliest);
    let starts = |at| Some(calendar.next_batch(at).starts);
    let (meaning, batch_at, earliest) = match (meaning, blocked) {
        (M::CancelWhole, _) => (meaning, blocked.map(|wait| wait.batch.starts), held),
        (M::WithdrawTonight, Some(wait)) => (M::WaitBatch, Some(wait.batch.starts), held),
        (M::WithdrawTonight, None) => {
            (meaning, starts(now), calendar.wait_for_capture(now, 0).map(|wait| wait.earliest))
        }
        (M::WaitBatch, _) => {
            (meaning, blocked.map(|wait| wait.batch.starts), calendar.earliest(now.plus_mins(LOCKED_MINS), 0))
        }
        (M::RefundWholeOrPart, _) => (meaning, starts(held.unwrap_or(now)), held),
        (M::RefundQueued, _) => (meaning, starts(now), None),
        (M::NothingCollected | M::Refunded | M::AskPerson, _) => (meaning, None, None),
    };
    RefundNow { meaning, batch_at, earliest: earliest.map(whole_minute) }
}

const fn of_state(state: CardState) -> RefundMeaning {
    match state {
        CardState::Failed | CardState::Cancelled | CardState::CaptureFailed => {
            RefundMeaning::NothingCollected
        }
        CardState::Authorized => RefundMeaning::CancelWhole,
        CardState::CaptureQueued => RefundMeaning::WithdrawTonight,
        CardState::CaptureLocked | CardState::RefundLocked => RefundMeaning::WaitBatch,
        CardState::Captured => RefundMeaning::RefundWholeOrPart,
        CardState::RefundQueued => RefundMeaning::RefundQueued,
        CardState::Refunded => RefundMeaning::Refunded,
        CardState::RefundFailed | CardState::Unlisted => RefundMeaning::AskPerson,
    }
}

/// The state that is kept may not be the whole truth about this sale.
const fn leaves_unclear(kind: DiscrepancyKind) -> bool {
    match kind {
        DiscrepancyKind::AmountDiffers
        | DiscrepancyKind::EchoDiffers
        | DiscrepancyKind::WentBack
        | DiscrepancyKind::UnlistedState
        | DiscrepancyKind::RefundNotShown
        | DiscrepancyKind::ChargedTwice
        | DiscrepancyKind::StaysUnknown => true,
        DiscrepancyKind::PaidBeforeCreated
        | DiscrepancyKind::RefundedOutside
        | DiscrepancyKind::CaptureFailed
        | DiscrepancyKind::PaidTwice
        | DiscrepancyKind::NotCaptured
        | DiscrepancyKind::CoveredByNumber
        | DiscrepancyKind::PaidLate
        | DiscrepancyKind::ForeignMoney => false,
    }
}

/// Never before its time: what does not fall on a minute is rounded up.
const fn whole_minute(at: Moment) -> Moment {
    at.plus_ms(59_999).minute().start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::CalendarFile;
    use CardState as C;
    use RefundMeaning as M;

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(&format!("2026-11-{text}+08:00")).unwrap()
    }

    /// CTBC's usual, in a year with known holidays: 2026-11-23 is a Monday.
    fn usual() -> BankCalendar {
        BankCalendar::new(&CalendarFile { holidays: vec!["2026-12-25".into()], ..CalendarFile::default() })
            .unwrap()
    }

    fn told(state: C, now: &str) -> (M, Option<String>, Option<String>) {
        let text = |at: Option<Moment>| at.map(|at| at.to_string()[8..16].to_owned());
        let RefundNow { meaning, batch_at, earliest } = refund_now(state, &[], at(now), &usual());
        (meaning, text(batch_at), text(earliest))
    }

    /// Money rules 4, a row per state, on a Monday afternoon.
    #[test]
    fn the_table_of_states() {
        let monday = Some("23T20:00");
        let rows = [
            (C::Failed, M::NothingCollected, None, None),
            (C::Cancelled, M::NothingCollected, None, None),
            (C::Authorized, M::CancelWhole, None, None),
            (C::CaptureQueued, M::WithdrawTonight, monday, Some("23T22:10")),
            (C::CaptureLocked, M::WaitBatch, None, Some("23T15:00")),
            (C::Captured, M::RefundWholeOrPart, monday, None),
            (C::CaptureFailed, M::NothingCollected, None, None),
            (C::RefundQueued, M::RefundQueued, monday, None),
            (C::RefundLocked, M::WaitBatch, None, Some("23T15:00")),
            (C::Refunded, M::Refunded, None, None),
            (C::RefundFailed, M::AskPerson, None, None),
            (C::Unlisted, M::AskPerson, None, None),
        ];
        assert_eq!(rows.len(), C::ALL.len());
        for (state, meaning, batch, earliest) in rows {
            let expected = (meaning, batch.map(str::to_owned), earliest.map(str::to_owned));
            assert_eq!(told(state, "23T14:30:00"), expected, "{state:?}");
        }
    }

    /// Ten minutes before the batch until ten minutes after it nothing is sent.
    #[test]
    fn beside_the_batch_everything_waits() {
        let texts = |meaning, batch: &str, earliest: &str| {
            let some = |text: &str| Some(text).filter(|t| !t.is_empty()).map(str::to_owned);
            (meaning, some(batch), some(earliest))
        };
        for now in ["23T19:50:00", "23T20:30:00", "23T22:09:59"] {
            assert_eq!(told(C::CaptureQueued, now), texts(M::WaitBatch, "23T20:00", "23T22:10"), "{now}");
            assert_eq!(told(C::Authorized, now), texts(M::CancelWhole, "23T20:00", "23T22:10"), "{now}");
            assert_eq!(told(C::Captured, now), texts(M::RefundWholeOrPart, "24T20:00", "23T22:10"), "{now}");
        }
        assert_eq!(told(C::CaptureQueued, "23T19:49:59").0, M::WithdrawTonight);
        assert_eq!(told(C::CaptureQueued, "23T22:10:00"), texts(M::WithdrawTonight, "24T20:00", "24T22:10"));
        // a locked one waits at least half an hour, and is never told a second too early
        assert_eq!(told(C::CaptureLocked, "23T20:30:00"), texts(M::WaitBatch, "23T20:00", "23T22:10"));
        assert_eq!(told(C::CaptureLocked, "23T22:00:01"), texts(M::WaitBatch, "23T20:00", "23T22:31"));
        assert_eq!(told(C::RefundLocked, "23T19:40:00"), texts(M::WaitBatch, "", "23T22:10"));
    }

    #[test]
    fn over_a_weekend_it_is_the_batch_of_monday() {
        let expected = (M::WithdrawTonight, Some("23T20:00".to_owned()), Some("23T22:10".to_owned()));
        assert_eq!(told(C::CaptureQueued, "21T10:00:00"), expected);
        assert_eq!(told(C::CaptureQueued, "20T22:10:00"), expected, "Friday night");
    }

    /// Several rows, another amount, an earlier state: a person finds out first, whatever the
    /// state.
    #[test]
    fn what_does_not_fit_is_for_a_person() {
        use DiscrepancyKind as D;
        for kind in D::ALL {
            let unclear = matches!(
                kind,
                D::AmountDiffers
                    | D::EchoDiffers
                    | D::WentBack
                    | D::UnlistedState
                    | D::RefundNotShown
                    | D::ChargedTwice
                    | D::StaysUnknown
            );
            let told = refund_now(C::Captured, &[kind], at("23T14:30:00"), &usual());
            assert_eq!(told.meaning == M::AskPerson, unclear, "{kind:?}");
            assert_eq!(told.batch_at.is_none(), unclear, "{kind:?}");
        }
    }
}
