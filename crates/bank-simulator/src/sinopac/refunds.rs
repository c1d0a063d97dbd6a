//! Refunds (sinopac.md 4.3, 8, 9.3, 14): every check with its code, the two calls of an account,
//! and what becomes of a refund as time goes on.
//!
//! Promises that a refused refund changed nothing, and that the refunds of an order never add up to
//! more than the bank collected. Where the paper names no code or no time, the README says which
//! was chosen.

use serde_json::{Map, Value};

use crate::switches::{RefundDigits, RefundRule};
use crate::time::BankTime;

use super::bank::{Bank, Event, World, late_until};
use super::fields::{Code, number, text};
use super::ledger::{Kind, Order, OrderId, State};

/// How long the token of a first call lives.
const TOKEN_MS: i64 = 120_000;
/// The grid of the job that pays accounts back.
const JOB_MS: i64 = 300_000;

/// The state of a refund (sinopac.md 9.3), by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundState {
    A400,
    A900,
    A260,
    A290,
    C200,
    C400,
    C900,
}

/// Every state with its code.
const STATES: [(RefundState, &str); 7] = [
    (RefundState::A400, "2A400"),
    (RefundState::A900, "2A900"),
    (RefundState::A260, "2A260"),
    (RefundState::A290, "2A290"),
    (RefundState::C200, "2C200"),
    (RefundState::C400, "2C400"),
    (RefundState::C900, "2C900"),
];

impl RefundState {
    pub(crate) fn code(self) -> &'static str {
        STATES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        STATES.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::A400 | Self::A900 | Self::A260 | Self::A290 => Kind::Account,
            Self::C200 | Self::C400 | Self::C900 => Kind::Card,
        }
    }

    /// The money went back.
    pub(crate) fn is_done(self) -> bool {
        matches!(self, Self::A900 | Self::C900)
    }

    /// The bank still works on it.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::A400 | Self::A260 | Self::C200 | Self::C400)
    }

    /// It takes from what can be refunded: all but one that failed for good.
    pub(crate) fn counts(self) -> bool {
        self != Self::A290
    }
}

/// One refund in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refund {
    /// `RefundNo`.
    pub(crate) no: String,
    /// Dollars x 100.
    pub(crate) amount: i64,
    pub(crate) state: RefundState,
    pub(crate) asked: BankTime,
    /// When it reached a state that the bank does not leave by itself.
    pub(crate) ended: Option<BankTime>,
    /// Made at the bank's own back office.
    pub(crate) by_hand: bool,
    /// Put into its state by a control call: it stays there.
    pub(crate) fixed: bool,
}

/// The first call of an account refund. No `Debug`: its token is the key of the map.
pub(crate) struct FirstCall {
    order: OrderId,
    amount: i64,
    at: BankTime,
    used: bool,
}

/// What an accepted call came to.
pub(crate) struct Asked {
    /// Dollars x 100.
    pub(crate) amount: i64,
    /// `RefundToken` of a first call.
    pub(crate) token: Option<String>,
}

/// `Amount` of a refund: E0400 form, E0401 no whole dollars, E3601 nothing. Absent = in full.
pub(crate) fn amount(fields: &Map<String, Value>) -> Result<Option<i64>, Code> {
    let Some(amount) = number(fields, "Amount", "E0400")? else { return Ok(None) };
    if amount % 100 != 0 {
        return Err("E0401");
    }
    if amount == 0 {
        return Err("E3601");
    }
    Ok(Some(amount))
}

/// Command R on an order of the books.
pub(crate) fn ask(
    bank: &mut Bank,
    world: &mut World<'_>,
    id: OrderId,
    amount: Option<i64>,
    fields: &Map<String, Value>,
) -> Result<Asked, Code> {
    let token = text(fields, "RefundToken")?;
    let order = bank.ledger.get(id).ok_or("E0300")?;
    if !matches!(order.facts.state, State::Paid | State::Settled) {
        return Err("E1802");
    }
    match (order.kind, token) {
        (Kind::Card, Some(_)) => Err("E3607"),
        (Kind::Card, None) => {
            let amount = amount.unwrap_or(order.facts.amount);
            check(bank, world, order, amount, false)?;
            bank.refund(world, id, amount, false);
            Ok(Asked { amount, token: None })
        }
        (Kind::Account, None) => {
            let amount = amount.unwrap_or(order.facts.amount);
            check(bank, world, order, amount, bank.lives(world, id))?;
            let text = world.dice.hex64();
            let call = FirstCall { order: id, amount, at: world.now, used: false };
            bank.first_calls.insert(text.clone(), call);
            bank.last_call.insert(id, text.clone());
            Ok(Asked { amount, token: Some(text) })
        }
        (Kind::Account, Some(token)) => {
            let call = bank.first_calls.get(token).filter(|call| call.order == id).ok_or("E3607")?;
            if call.used {
                return Err("E3608");
            }
            if world.now >= call.at.plus_ms(TOKEN_MS) {
                return Err("E3605");
            }
            if amount.is_some_and(|amount| amount != call.amount) {
                return Err("E3601");
            }
            let amount = call.amount;
            check(bank, world, order, amount, false)?;
            if let Some(call) = bank.first_calls.get_mut(token) {
                call.used = true;
            }
            bank.refund(world, id, amount, false);
            Ok(Asked { amount, token: None })
        }
    }
}

/// What is checked of every refund, in the order of the codes. `waits`: a first call of the order
/// waits for its second.
fn check(bank: &Bank, world: &World<'_>, order: &Order, amount: i64, waits: bool) -> Result<(), Code> {
    let switches = world.switches;
    let refunds = &order.facts.refunds;
    let counting = || refunds.iter().filter(|refund| refund.state.counts());
    let today = world.now.start_of_day();
    if order.whole_only && amount != order.facts.amount {
        return Err("E3600");
    }
    if amount > order.facts.amount {
        return Err("E3602");
    }
    if order.kind == Kind::Account && !order.has_payer {
        return Err("E3603");
    }
    let limit = switches.refund_day_limit * 100;
    if limit > 0 && bank.refunded_since(order.shop, today) + amount > limit {
        return Err("E3604");
    }
    if bank.shops.get(order.shop).is_some_and(|shop| !shop.refunds) {
        return Err("E3606");
    }
    let one_a_day = order.kind == Kind::Card && switches.refunds == RefundRule::ManyOneADay;
    if one_a_day && counting().any(|refund| refund.asked >= today) {
        return Err("E3610");
    }
    let only_one = switches.refunds == RefundRule::One && counting().next().is_some();
    let used_up = switches.refunds_max > 0 && counting().count() >= switches.refunds_max;
    let under_way = order.kind == Kind::Account && refunds.iter().any(|refund| refund.state.is_open());
    if only_one || used_up || under_way || waits {
        return Err("E9918");
    }
    if amount > order.facts.left() {
        return Err("E9919");
    }
    let ends = order.facts.paid.map(|paid| paid.plus_days(switches.order_refund_days));
    if ends.is_some_and(|ends| world.now >= ends) {
        return Err("E9922");
    }
    Ok(())
}

impl Bank {
    /// Writes a refund into the books, and plans what becomes of it.
    pub(crate) fn refund(&mut self, world: &mut World<'_>, id: OrderId, amount: i64, by_hand: bool) {
        self.refund_next += 1;
        let month: String = world.now.day().chars().take(6).collect();
        let no = format!("C{month}{:010}", self.refund_next);
        let Some(order) = self.ledger.get(id) else { return };
        let (state, next) = match order.kind {
            Kind::Account => {
                let mark = world.now.plus_ms(JOB_MS - world.now.unix_ms().rem_euclid(JOB_MS));
                (RefundState::A400, mark)
            }
            Kind::Card => (RefundState::C200, world.now.plus_minutes(world.switches.refund_work_minutes)),
        };
        let visible = late_until(world, order.late_ms);
        let place = order.facts.refunds.len();
        let refund = Refund { no, amount, state, asked: world.now, ended: None, by_hand, fixed: false };
        self.ledger.change(id, visible, |facts| facts.refunds.push(refund));
        self.plan(next, Event::Refund(id, place));
    }

    /// The next step of a refund, by itself.
    pub(crate) fn move_refund(&mut self, world: &mut World<'_>, id: OrderId, place: usize) {
        let refund = self.ledger.get(id).and_then(|order| order.facts.refunds.get(place));
        let Some(refund) = refund.filter(|refund| !refund.fixed) else { return };
        match refund.state {
            RefundState::C200 => {
                let done = refund.asked.plus_minutes(world.switches.refund_done_minutes);
                self.end_refund(world, id, place, RefundState::C400);
                self.plan(done.max(world.now), Event::Refund(id, place));
            }
            RefundState::C400 => self.end_refund(world, id, place, RefundState::C900),
            RefundState::A400 => {
                let to = outcome(refund, world.switches.refund_digits);
                self.end_refund(world, id, place, to);
                if to == RefundState::A260 {
                    let back = world.now.plus_minutes(world.switches.refund_return_minutes);
                    self.plan(back, Event::Refund(id, place));
                }
            }
            RefundState::A260 => self.end_refund(world, id, place, RefundState::A290),
            // the bank is through with it
            RefundState::A900 | RefundState::A290 | RefundState::C900 => {}
        }
    }

    /// Puts a refund into a state for good.
    pub(crate) fn fix_refund(&mut self, world: &mut World<'_>, id: OrderId, place: usize, to: RefundState) {
        self.end_refund(world, id, place, to);
        self.ledger.change(id, world.now, |facts| {
            if let Some(refund) = facts.refunds.get_mut(place) {
                refund.fixed = true;
            }
        });
    }

    /// Puts a refund into a state. The shop is told when an account was paid back.
    pub(crate) fn end_refund(&mut self, world: &mut World<'_>, id: OrderId, place: usize, to: RefundState) {
        let Some(order) = self.ledger.get(id) else { return };
        let amount = order.facts.refunds.get(place).map_or(0, |refund| refund.amount);
        let visible = late_until(world, order.late_ms);
        let now = world.now;
        self.ledger.change(id, visible, |facts| {
            if let Some(refund) = facts.refunds.get_mut(place) {
                refund.state = to;
                refund.ended = (!to.is_open()).then_some(now);
            }
        });
        if to == RefundState::A900 {
            self.tell_refund(world, id, amount);
        }
    }

    /// Dollars x 100 that a shop asked back since a moment.
    fn refunded_since(&self, shop: usize, since: BankTime) -> i64 {
        let orders = self.ledger.refunded_within(shop, since, BankTime::from_unix_ms(i64::MAX));
        let refunds = orders.flat_map(|(_, order)| &order.facts.refunds);
        refunds
            .filter(|refund| refund.state.counts() && refund.asked >= since)
            .map(|refund| refund.amount)
            .sum()
    }

    /// A first call of this order waits for its second.
    fn lives(&self, world: &World<'_>, id: OrderId) -> bool {
        let call = self.last_call.get(&id).and_then(|token| self.first_calls.get(token));
        call.is_some_and(|call| !call.used && world.now < call.at.plus_ms(TOKEN_MS))
    }
}

/// What the job makes of an account refund, by a last digit (sinopac.md 8).
fn outcome(refund: &Refund, digits: RefundDigits) -> RefundState {
    let digit = match digits {
        RefundDigits::Off => return RefundState::A900,
        RefundDigits::Number => refund.no.bytes().last().map_or(0, |byte| i64::from(byte) - i64::from(b'0')),
        RefundDigits::Amount => refund.amount / 100 % 10,
    };
    match digit {
        3 | 8 => RefundState::A260,
        4 | 9 => RefundState::A290,
        _ => RefundState::A900,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_code() {
        for (state, code) in STATES {
            assert_eq!((state.code(), RefundState::from_code(code)), (code, Some(state)));
            assert_eq!(code.contains('A'), state.kind() == Kind::Account);
        }
        assert_eq!(RefundState::from_code("2C260"), None);
    }
}
