//! What a screen learns at once. Left out: who listens.

use counterfoil_domain::operation::OperationState;
use counterfoil_domain::{OperationKind, PaymentId, PaymentState, RefundId};

use crate::ports::Change;

/// What a screen may want to know at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A payment is in a new state.
    Moved(PaymentId, PaymentState),
    /// The outcome of a request is unknown; the engine is asking.
    Unclear(PaymentId),
    /// A request never left, or the bank put it off: it goes again by itself, unless a further
    /// notice says what it came to.
    Retrying(PaymentId),
    /// The bank has answered about a payment for the first time since it came on the screen,
    /// whatever it said.
    Asked(PaymentId),
    /// A customer came back from a card page, or it was said to be closed; or the bank was asked
    /// about that.
    PageLeft(PaymentId),
    /// Something does not fit.
    Discrepancy(Option<PaymentId>),
    /// Minutes of bank time were covered.
    Covered,
    /// The counter must see this payment: money came, or will not come.
    News(PaymentId),
    /// The payment's news was acknowledged.
    Seen(PaymentId),
    /// A request was given up before it was sent: the bank shows that it would be pointless.
    Dropped(PaymentId),
    /// A refund, or one of its steps, is new or has moved on.
    Refund(RefundId),
    /// What [`crate::Engine::health`] says is new.
    Health,
}

/// The refund that a change is about. Its payment may have a notice of its own beside it.
pub(crate) fn refund_of(change: &Change) -> Option<Notice> {
    let id = match change {
        Change::RefundAdded(refund) | Change::RefundChanged(refund) => Some(refund.id),
        Change::OperationAdded(op) | Change::OperationChanged(op) => op.refund,
        Change::ReadingAdded(_)
        | Change::RefundBooked(_)
        | Change::RefundUnbooked(_)
        | Change::ShopAdded(_)
        | Change::ShopChanged(_)
        | Change::CustomerAdded(_)
        | Change::CustomerErased(_)
        | Change::OrderErased(_)
        | Change::PersonAdded(..)
        | Change::PersonChanged(..)
        | Change::PeopleAccepted
        | Change::CustomerCorrected(_)
        | Change::OrderAdded(_)
        | Change::PaymentAdded(_)
        | Change::PaymentChanged(_)
        | Change::AnswerAdded(_)
        | Change::EvidenceAdded(_)
        | Change::EntryAdded(_)
        | Change::CaptureAdded(_)
        | Change::ChargeAdded(_)
        | Change::PageLeft(_)
        | Change::PageUndated(..)
        | Change::CoverageAdded(_)
        | Change::NewsAdded(_)
        | Change::NewsSeen(_)
        | Change::DiscrepancyAdded(_)
        | Change::DiscrepancyClosed(_)
        | Change::ForeignLineAdded(_) => None,
    };
    id.map(Notice::Refund)
}

/// The notice to a screen about a change that is in the file.
pub(crate) fn notice_of(change: &Change) -> Option<Notice> {
    match change {
        Change::PaymentChanged(p) => Some(Notice::Moved(p.id, p.state)),
        Change::DiscrepancyAdded(d) => Some(Notice::Discrepancy(d.payment)),
        Change::NewsAdded(id) => Some(Notice::News(*id)),
        Change::NewsSeen(id) => Some(Notice::Seen(*id)),
        Change::CoverageAdded(_) => Some(Notice::Covered),
        Change::PageLeft(left) => Some(Notice::PageLeft(left.payment)),
        Change::OperationChanged(op) => match op.state {
            OperationState::Unknown => Some(Notice::Unclear(op.payment)),
            OperationState::NotSent | OperationState::NotNow => Some(Notice::Retrying(op.payment)),
            OperationState::Abandoned if !op.kind.is_create() && op.kind != OperationKind::PostForm => {
                Some(Notice::Dropped(op.payment))
            }
            OperationState::Planned
            | OperationState::Sending
            | OperationState::Accepted
            | OperationState::Declined
            | OperationState::Pending
            | OperationState::DidNotHappen
            | OperationState::NeedsPerson
            | OperationState::Abandoned => None,
        },
        Change::ReadingAdded(_)
        | Change::RefundAdded(_)
        | Change::RefundChanged(_)
        | Change::RefundBooked(_)
        | Change::RefundUnbooked(_)
        | Change::ShopAdded(_)
        | Change::ShopChanged(_)
        | Change::CustomerAdded(_)
        | Change::CustomerErased(_)
        | Change::OrderErased(_)
        | Change::PersonAdded(..)
        | Change::PersonChanged(..)
        | Change::PeopleAccepted
        | Change::CustomerCorrected(_)
        | Change::OrderAdded(_)
        | Change::PaymentAdded(_)
        | Change::OperationAdded(_)
        | Change::AnswerAdded(_)
        | Change::EvidenceAdded(_)
        | Change::EntryAdded(_)
        | Change::CaptureAdded(_)
        | Change::ChargeAdded(_)
        | Change::PageUndated(..)
        | Change::DiscrepancyClosed(_)
        | Change::ForeignLineAdded(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::{Moment, Operation, OperationId, OperationKind};

    use super::*;

    /// A person waits for what they have pressed a key for: not for a sale that was given up.
    #[test]
    fn only_what_a_person_asked_for_is_told_as_dropped() {
        let payment = PaymentId::from_bytes([1; 16]);
        let told = |kind, state| {
            notice_of(&Change::OperationChanged(Operation {
                id: OperationId::from_bytes([1; 16]),
                payment,
                kind,
                state,
                planned_at: Moment::from_millis(0),
                due_at: Moment::from_millis(0),
                attempts: 1,
                sent_at: None,
                snapshot: None,
                code: None,
                version: 2,
                refund: None,
                step: None,
                amount: None,
            }))
        };
        let dropped = |kind| told(kind, OperationState::Abandoned);
        assert_eq!(dropped(OperationKind::CancelAccount), Some(Notice::Dropped(payment)));
        assert_eq!(dropped(OperationKind::IssueAccount), None);
        assert_eq!(dropped(OperationKind::PostForm), None);
        let kind = OperationKind::IssueAccount;
        assert_eq!(told(kind, OperationState::Unknown), Some(Notice::Unclear(payment)));
        assert_eq!(told(kind, OperationState::NotNow), Some(Notice::Retrying(payment)));
        assert_eq!(told(kind, OperationState::Accepted), None);
    }

    #[test]
    fn a_refund_is_told_with_each_of_its_steps() {
        let (id, payment) = (RefundId::from_bytes([2; 16]), PaymentId::from_bytes([1; 16]));
        let op = Operation {
            id: OperationId::from_bytes([1; 16]),
            payment,
            kind: OperationKind::CardRefund,
            state: OperationState::Planned,
            planned_at: Moment::from_millis(0),
            due_at: Moment::from_millis(0),
            attempts: 0,
            sent_at: None,
            snapshot: None,
            code: None,
            version: 1,
            refund: Some(id),
            step: Some(1),
            amount: None,
        };
        let sale = Operation { refund: None, ..op.clone() };
        for (change, wanted) in [
            (Change::OperationAdded(op.clone()), Some(Notice::Refund(id))),
            (Change::OperationChanged(op), Some(Notice::Refund(id))),
            (Change::OperationChanged(sale), None),
            (Change::NewsSeen(payment), None),
        ] {
            assert_eq!(refund_of(&change), wanted);
        }
    }
}
