//! Both golden tables of money rules 4, a test per cell; then what holds for every cell.

mod checks;
mod ctbc;
mod sinopac;

use super::*;
use crate::bank_state::BankState;
use crate::calendar::CalendarFile;
use crate::card::CardState;
use crate::ids::{OperationId, RefundId};
use crate::seen::{RefundSeen, RefundsSeen};
use crate::testing::{operation, refund};
use CardState as C;
use DiscrepancyKind as D;
use OperationKind as K;
use OperationState as O;
use PersonWhy as P;
use Rail::{CtbcCard, SinopacAccount, SinopacCard};
use WaitWhy as W;

const CAPTURED: i64 = 100;

/// 2026-11-23 is a Monday.
fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2026-11-{text}:00+08:00")).unwrap()
}

fn calendar() -> BankCalendar {
    BankCalendar::new(&CalendarFile { holidays: vec!["2026-12-25".into()], ..CalendarFile::default() })
        .unwrap()
}

/// A case to be varied; planned on Monday at 14:30.
struct Case {
    rail: Rail,
    refund: Refund,
    others: Vec<Refund>,
    operations: Vec<Operation>,
    refused: Vec<Refused>,
    booked: Vec<Booked>,
    refunded_outside: bool,
    fits: bool,
    queued_since_send: bool,
    now: &'static str,
    /// By the bank's own time, where ours is another.
    read_at: Option<&'static str>,
    contract: Contract,
}

fn case(rail: Rail, amount: i64) -> Case {
    Case {
        rail,
        refund: refund(amount),
        others: Vec::new(),
        operations: Vec::new(),
        refused: Vec::new(),
        booked: Vec::new(),
        refunded_outside: false,
        fits: true,
        queued_since_send: false,
        now: "23T14:30",
        read_at: None,
        contract: Contract { refund_remainder: false, paper: SinopacPaper::V25 },
    }
}

impl Case {
    fn plan(&self, seen: Option<&Seen>) -> Plan {
        self.asked(seen, plan)
    }

    fn asked<T>(&self, seen: Option<&Seen>, ask: impl Fn(&RefundCase<'_>) -> T) -> T {
        ask(&RefundCase {
            refund: &self.refund,
            rail: self.rail,
            captured: Twd::new(CAPTURED),
            others: &self.others,
            operations: &self.operations,
            refused: &self.refused,
            booked: &self.booked,
            refunded_outside: self.refunded_outside,
            reading: Fresh { seen, asked_at: at(self.read_at.unwrap_or(self.now)), fits: self.fits },
            queued_since_send: self.queued_since_send,
            now: at(self.now),
            calendar: &calendar(),
            contract: self.contract,
        })
    }

    fn ctbc(&self, state: C) -> Plan {
        self.plan(Some(&Seen::of_ctbc(state)))
    }

    fn sinopac(&self, state: BankState, refunds: RefundsSeen) -> Plan {
        self.plan(Some(&Seen::Sinopac { state, refunds }))
    }

    fn with(mut self, op: Operation) -> Self {
        self.operations.push(op);
        self
    }

    fn at(self, now: &'static str) -> Self {
        Self { now, ..self }
    }

    /// An earlier refund of the target, in this state.
    fn after(mut self, amount: i64, state: RefundState) -> Self {
        self.others.push(Refund { id: earlier_id(), state, ..refund(amount) });
        self
    }
}

fn earlier_id() -> RefundId {
    RefundId::from_bytes([8; 16])
}

/// Ours, Accepted, sent on Monday at 14:00.
fn ours(kind: K) -> Operation {
    sent(kind, O::Accepted, "23T14:00")
}

fn sent(kind: K, state: O, at_text: &str) -> Operation {
    Operation {
        id: OperationId::from_bytes([kind_no(kind); 16]),
        refund: Some(refund(1).id),
        state,
        sent_at: Some(at(at_text)),
        ..operation(kind)
    }
}

fn kind_no(kind: K) -> u8 {
    u8::try_from(K::ALL.iter().position(|one| *one == kind).unwrap()).unwrap()
}

/// Of the earlier refund.
fn earlier(kind: K, at_text: &str) -> Operation {
    Operation {
        id: OperationId::from_bytes([99; 16]),
        refund: Some(earlier_id()),
        ..sent(kind, O::Accepted, at_text)
    }
}

fn step(kind: K, amount: i64) -> Plan {
    Plan::Step(Step { kind, amount: Twd::new(amount) })
}

fn wait(until: &str, why: W) -> Plan {
    Plan::Wait(Wait { until: at(until), why })
}

fn track(until: &str, why: W) -> Plan {
    Plan::Track(Some(Wait { until: at(until), why }))
}

fn one(status: &str, amount: i64) -> RefundSeen {
    RefundSeen { status: status.into(), amount: Some(Twd::new(amount)), date: None }
}

fn row(list: &[(&str, RefundSeen)]) -> RefundsSeen {
    let list = list.iter().map(|(no, one)| ((*no).to_owned(), one.clone())).collect();
    RefundsSeen { flag: true, list, ..RefundsSeen::default() }
}

const WHOLE: i64 = CAPTURED;
const PART: i64 = 30;

/// E3606, E3603, E9922; CTBC 3/1, 3/20, 9/nx: whole and part, whatever the bank shows now.
#[test]
fn by_hand() {
    use ByHandWhy as H;
    for amount in [WHOLE, PART] {
        for (rail, kind, code, why) in [
            (SinopacCard, K::CardRefund, "E3606", H::NotActivated),
            (SinopacAccount, K::AccountRefundToken, "E3606", H::NotActivated),
            (SinopacAccount, K::AccountRefundToken, "E3603", H::NoPayerAccount),
            (SinopacCard, K::CardRefund, "E9922", H::TooOld),
            (CtbcCard, K::Refund, "3/1", H::NotInContract),
            (CtbcCard, K::Refund, "3/20", H::TooOld),
            (CtbcCard, K::Refund, "9/nx", H::NotInContract),
        ] {
            let op = Operation { code: Some(code.into()), ..sent(kind, O::Declined, "23T14:00") };
            let case = case(rail, amount).with(op);
            let seen = if rail == CtbcCard {
                Seen::of_ctbc(C::Captured)
            } else {
                Seen::of_sinopac(BankState::Settled)
            };
            assert_eq!(case.plan(Some(&seen)), Plan::ByHand(why), "{code}");
            let read_out = Operation { state: O::DidNotHappen, ..case.operations[0].clone() };
            let case = super::tests::case(rail, amount).with(read_out);
            assert_eq!(case.plan(Some(&seen)), Plan::ByHand(why), "{code}, where its class is Unknown");
        }
    }
}
