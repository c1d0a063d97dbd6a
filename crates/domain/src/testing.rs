//! What the tests of this crate are built from.

use crate::actor::Actor;
use crate::bank_state::BankState;
use crate::ids::{BankOrderNo, OperationId, OrderId, PaymentId, RefundId};
use crate::judge::Known;
use crate::money::Twd;
use crate::operation::readings::Facts;
use crate::operation::{Operation, OperationKind, OperationState};
use crate::payment::{Payment, PaymentState};
use crate::rail::Rail;
use crate::reading::BankRow;
use crate::refund::{Refund, RefundReason, RefundState};
use crate::seen::Seen;
use crate::time::{BankMinute, Moment};

pub(crate) fn payment(state: PaymentState) -> Payment {
    Payment {
        id: PaymentId::from_bytes([1; 16]),
        order: OrderId::from_bytes([2; 16]),
        rail: Rail::SinopacAccount,
        bank_order_no: BankOrderNo::from_text("T1A"),
        amount: Twd::new(100),
        state,
        shown: true,
        issued: None,
        created_at: Moment::from_millis(0),
        expires_at: Moment::from_millis(0),
        paid_minute: None,
        confirmed_at: Some(Moment::from_millis(0)),
        proof: None,
        late: false,
        asked_at: None,
        return_port: None,
        return_path: None,
        card: None,
        card_tail: None,
        version: 1,
    }
}

pub(crate) fn row(state: BankState) -> BankRow {
    BankRow {
        bank_order_no: "T1A".into(),
        seen: Seen::of_sinopac(state),
        said: "1A???".into(),
        amount: Some(Twd::new(100)),
        created_minute: Some(BankMinute::from_minutes(10)),
        paid_minute: Some(BankMinute::from_minutes(10)),
        paid_at: None,
        expires_at: None,
        issued: None,
        card_tail: None,
        handles: None,
    }
}

/// Unclear, sent at 0.
pub(crate) fn operation(kind: OperationKind) -> Operation {
    Operation {
        id: OperationId::from_bytes([1; 16]),
        payment: PaymentId::from_bytes([1; 16]),
        kind,
        refund: None,
        step: None,
        amount: None,
        state: OperationState::Unknown,
        planned_at: Moment::from_millis(0),
        due_at: Moment::from_millis(0),
        attempts: 1,
        sent_at: Some(Moment::from_millis(0)),
        snapshot: None,
        code: None,
        version: 1,
    }
}

/// Approved, of the payment of [`payment`]; its id is the one of no operation.
pub(crate) fn refund(dollars: i64) -> Refund {
    Refund {
        id: RefundId::from_bytes([7; 16]),
        payment: PaymentId::from_bytes([1; 16]),
        xid: String::new(),
        amount: Twd::new(dollars),
        reason: RefundReason::Returned,
        note: None,
        requester: Actor::Owner,
        approver: Some(Actor::Owner),
        alone: true,
        asked_mono: None,
        state: RefundState::Approved,
        until: None,
        why: None,
        told: None,
        ran: None,
        word: None,
        wish: None,
        requested_at: Moment::from_millis(0),
        since: Some(Moment::from_millis(0)),
        version: 2,
    }
}

/// Nothing but the payment and these operations.
pub(crate) fn known<'a>(payment: &'a Payment, operations: &'a [Operation]) -> Known<'a> {
    Known {
        payment,
        operations,
        readings: &[],
        ref_taken_by: None,
        superseded: false,
        order_is_paid: false,
        facts: Facts { calendar: None, attempts_closed: true, refunded_outside: false },
        booked: &[],
        not_done: &[],
        said_done: &[],
    }
}
