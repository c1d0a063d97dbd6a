//! Refunds in uneven days: what people ask for, withdraw and decide, what the bank's own back
//! office does, and how a write fares on its way.

use counterfoil_domain::{
    Actor, Bank, OperationState, PaymentId, PaymentState, RefundId, RefundReason, RefundState, Twd,
};
use counterfoil_engine::ports::{BankRequest, Entropy, Store, Write};
use counterfoil_engine::{Decision, EngineError, RefundAsked};
use serde_json::json;

use super::given::number_of;
use super::plan::{Event, HOUR_MS, MINUTE_MS};
use super::{Days, Kind};
use crate::world::Seeded;

/// The shop at SinoPac.
const SHOP: &str = "NA0249_001";
/// From here on nothing new is asked for.
const ASKED_UNTIL_MS: i64 = 4 * 24 * HOUR_MS;

/// How much of a payment a person wants back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Hundredths(i64),
    /// What is left after the others.
    Rest,
}

/// What happens to a write on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Well,
    /// The program dies before the first byte leaves.
    DiesBefore,
    /// It dies with the answer on its way.
    DiesAfter,
    /// The lid is shut between the commit and the first byte.
    Sleeps,
    /// The thread that sends gets its turn so many milliseconds late; the engine goes on.
    Late(i64),
    /// The simulator spoils the answer so.
    Spoilt(&'static str),
    /// It never arrives, or its answer is lost or late.
    Hangs,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::DiesBefore | Self::DiesAfter => "died",
            Self::Sleeps => "slept",
            Self::Late(_) => "late-sender",
            Self::Spoilt(_) => "spoilt",
            Self::Hangs => "lost",
        }
    }

    /// One write in three meets something.
    fn of(dice: &mut Seeded) -> Self {
        match dice.below(100) {
            0..=2 => Self::DiesBefore,
            3..=6 => Self::DiesAfter,
            7..=11 => Self::Sleeps,
            12..=15 => Self::Late(16_000 + dice.below(2 * 3_600_000).cast_signed()),
            16..=23 => Self::Spoilt(
                ["drop-before", "drop-after", "html-502", "truncated", "unequal-amount", "unlisted-code"]
                    [usize::try_from(dice.below(6)).unwrap()],
            ),
            24..=25 => Self::Spoilt("not-now"),
            26 => Self::Spoilt("was-done"),
            27..=33 => Self::Hangs,
            _ => Self::Well,
        }
    }
}

impl Days {
    /// A paid sale of a day of refunds: what becomes of it.
    pub(super) fn plans_refunds(&mut self, payment: PaymentId) {
        if self.dice.below(100) < 4 {
            let when = self.now + MINUTE_MS + self.dice.below(20 * 3_600_000).cast_signed();
            self.plan.add(when, Event::BankActs(payment));
        }
        if self.dice.below(5) == 0 {
            return;
        }
        let wait = match self.dice.below(3) {
            0 => 5 * MINUTE_MS + self.dice.below(4 * 3_600_000).cast_signed(),
            1 => self.dice.below(36 * 3_600_000).cast_signed(),
            // around the batch of the first evening
            _ => (11 * HOUR_MS + self.dice.below(4 * 3_600_000).cast_signed() - self.now).max(MINUTE_MS),
        };
        let part = [Part::Whole, Part::Whole, Part::Hundredths(40), Part::Hundredths(60)]
            [usize::try_from(self.dice.below(4)).unwrap()];
        self.plan.add(self.now + wait, Event::Refund(payment, part));
    }

    /// A person asks for money back; what the rules refuse is asked for again later.
    pub(super) fn refund(&mut self, payment: PaymentId, part: Part) {
        if self.now > ASKED_UNTIL_MS {
            return;
        }
        if !self.is_open() {
            self.plan.add(self.now + HOUR_MS, Event::Refund(payment, part));
            return;
        }
        let whole = self.world.payment(payment).amount.dollars();
        let amount = match part {
            Part::Whole => whole,
            Part::Hundredths(hundredths) => whole * hundredths / 100,
            Part::Rest => {
                let refunds = self.world.engine().store().refunds_of(payment).unwrap();
                let spent = refunds
                    .iter()
                    .filter(|refund| !matches!(refund.state, RefundState::Declined | RefundState::Withdrawn));
                whole - spent.map(|refund| refund.amount.dollars()).sum::<i64>()
            }
        };
        let mut id = [0; 16];
        self.dice.fill(&mut id);
        let id = RefundId::from_random(id);
        let asked = RefundAsked {
            id,
            payment,
            xid: String::new(),
            amount: Twd::new(amount),
            reason: RefundReason::Returned,
            note: None,
            who: Actor::Owner,
        };
        let clocks = self.world.clocks();
        let taken = self.world.engine().request_refund(clocks, &asked);
        let taken = match taken {
            Err(EngineError::Refund(_)) => false,
            other => match self.did(other) {
                Some(_) => true,
                None => return,
            },
        };
        self.take_commits();
        if taken {
            self.judge.refund_asked();
            if self.dice.below(12) == 0 {
                let when = self.now + 1 + self.dice.below(6 * 3_600_000).cast_signed();
                self.plan.add(when, Event::Withdraw(id));
            }
        }
        // what is left is wanted too: often on the same day, while the first is under way
        let rest = taken && part != Part::Whole && self.dice.below(3) > 0;
        let again = !taken && amount > 0 && part == Part::Rest;
        if rest || again {
            let when = self.now + MINUTE_MS + self.dice.below(30 * 3_600_000).cast_signed();
            self.plan.add(when, Event::Refund(payment, Part::Rest));
        }
    }

    pub(super) fn withdraw(&mut self, refund: RefundId) {
        if self.is_open() {
            let clocks = self.world.clocks();
            let taken = self.world.engine().withdraw_refund(clocks, refund, Actor::Owner);
            if !matches!(taken, Err(EngineError::Refund(_))) {
                self.did(taken);
            }
            self.take_commits();
        }
    }

    /// A person asks the bank about what is unclear, and writes down what it says.
    pub(super) fn decide(&mut self) {
        if !self.is_open() {
            return;
        }
        let asked = self.world.engine().store().open_refunds().unwrap();
        for refund in asked.into_iter().filter(|refund| refund.state == RefundState::NeedsPerson) {
            let operations = self.world.engine().store().operations_of(refund.payment).unwrap();
            let unclear = operations
                .iter()
                .find(|op| op.refund == Some(refund.id) && op.state == OperationState::NeedsPerson);
            let decision = match unclear {
                Some(op) if !self.judge.has_acted(op.id) => Decision::NotDone { told_by: "a person".into() },
                Some(op) if self.judge.is_ended(&self.world, op) => {
                    Decision::Done { reference: "as told".into() }
                }
                Some(_) | None => Decision::KeepAsking,
            };
            let clocks = self.world.clocks();
            let taken = self.world.engine().decide_refund(clocks, refund.id, Actor::Owner, &decision);
            if !matches!(taken, Err(EngineError::Refund(_))) && self.did(taken).is_none() {
                return;
            }
            self.take_commits();
        }
    }

    /// A person acts at the bank's own back office on a payment that we know as paid.
    pub(super) fn bank_acts(&mut self, payment: PaymentId) {
        let Some((rail, number, state)) = self.judge.sold_as(payment) else { return };
        if state != PaymentState::Paid {
            return;
        }
        let act = self.dice.below(4);
        let (call, args) = match (rail.bank(), act) {
            (Bank::Sinopac, 0) => {
                ("plant", json!({ "shop": SHOP, "order": number, "paid_at": "2026-11-20T10:00:00+08:00" }))
            }
            (Bank::Sinopac, 1) => ("refund", json!({ "shop": SHOP, "order": number })),
            (Bank::Sinopac, _) => ("refund", json!({ "shop": SHOP, "order": number, "amount": 30 })),
            (Bank::Ctbc, _) => {
                let operation = ["Reversal", "CapRev", "Refund", "Refund"][usize::try_from(act).unwrap()];
                let mut args =
                    json!({ "bank": "ctbc", "shop": "10000", "order": number, "operation": operation });
                if operation == "Refund" {
                    args["amount"] = 30.into();
                }
                ("refund", args)
            }
        };
        if self.world.try_control(call, &args).is_some() {
            self.judge.disturbed("outside");
            self.judge.bank_acted(payment, self.now, call == "plant");
        }
    }

    /// What happens to this write on its way.
    pub(super) fn way_of(&mut self, request: &BankRequest) -> Way {
        let BankRequest::Write(write) = request else { return Way::Well };
        if self.kind != Kind::Refunds {
            return Way::Well;
        }
        // a sale meets less than a refund does
        let less = |way: &Way| !matches!(way, Way::Spoilt(_) | Way::DiesBefore | Way::DiesAfter);
        let way = Some(Way::of(&mut self.dice)).filter(|way| !write.kind().is_create() || less(way));
        // one thread may hang; all of them together are a computer that sleeps
        let hung = |way: &Way| matches!(way, Way::Late(_)) && !self.senders.is_empty();
        let way = way.filter(|way| !hung(way)).unwrap_or(Way::Well);
        if way != Way::Well {
            self.judge.disturbed(way.name());
        }
        way
    }

    /// The simulator spoils the answer to this write.
    pub(super) fn spoil(&mut self, kind: &str, bank: Bank, write: &Write) {
        let kind = match (kind, bank) {
            ("not-now", Bank::Sinopac) => "code:E3611",
            ("not-now", Bank::Ctbc) => "code:3/15",
            ("was-done", Bank::Sinopac) => "code:E9918",
            ("was-done", Bank::Ctbc) => "code:3/53",
            (other, _) => other,
        };
        let bank = match bank {
            Bank::Sinopac => "sinopac",
            Bank::Ctbc => "ctbc",
        };
        let number = number_of(write);
        self.judge.spoilt(number);
        let faults = json!({ "kind": kind, "bank": bank, "order": number });
        self.world.control("fault", &faults);
    }
}
