//! The bank behind the dialect: what happens to an order, and what happens by itself as time goes
//! on.
//!
//! Promises that every change of an order goes through here, that jobs run in the order of their
//! times, and that nothing here reads a clock, a network or random numbers other than the ones
//! handed in. Leaves out the wire.

use std::collections::{BTreeMap, VecDeque};

use crate::dice::Dice;
use crate::shops::Shop;
use crate::switches::Switches;
use crate::time::BankTime;

use super::ledger::{Facts, Kind, Ledger, NewOrder, Order, OrderId, State};
use super::nonces::Nonces;
use super::notices::Notices;
use super::refunds::FirstCall;

/// Five minutes: the grid of the paying job.
const JOB_MS: i64 = 300_000;
/// An authorization lapses at the end of this day after creation.
const AUTH_DAYS: i64 = 21;

/// What a step of the bank may use.
pub(crate) struct World<'a> {
    pub(crate) now: BankTime,
    pub(crate) dice: &'a mut Dice,
    pub(crate) switches: &'a Switches,
    /// Address of the hosted pages, without a slash at the end.
    pub(crate) base: &'a str,
}

impl World<'_> {
    /// The signed `Date` of an answer.
    pub(crate) fn date(&self) -> String {
        self.now.plus_ms(self.switches.signed_off_ms()).minute()
    }
}

/// Something the bank does by itself at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Expire(OrderId),
    Capture(OrderId),
    Lapse(OrderId),
    Settle(OrderId),
    Pay(OrderId),
    /// The next step of an order's refund.
    Refund(OrderId, usize),
    /// Sends a notice.
    Send(usize),
    PayJob,
}

/// The result behind a `PayToken`.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) order: OrderId,
    pub(crate) ap_type: &'static str,
    /// `None` = paid; else the code of the failure.
    pub(crate) failure: Option<&'static str>,
    pub(crate) at: BankTime,
    /// Of a refund, dollars x 100; else it is the order's.
    pub(crate) amount: Option<i64>,
}

/// Why the bank did not do what was asked of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The order is not in a state for that.
    State,
    /// No such order.
    Unknown,
}

/// One SinoPac with its shops.
pub(crate) struct Bank {
    pub(crate) shops: Vec<Shop>,
    pub(crate) ledger: Ledger,
    pub(crate) nonces: Nonces,
    pub(crate) notices: Notices,
    pub(crate) tokens: BTreeMap<String, Token>,
    /// Good sealed answers, newest last, for replays: shop, service, order, body.
    pub(crate) recent: VecDeque<(usize, String, Option<String>, Vec<u8>)>,
    agenda: BTreeMap<(BankTime, u64), Event>,
    agenda_next: u64,
    ts_next: BTreeMap<usize, u64>,
    account_next: u64,
    pub(super) refund_next: u64,
    /// First calls of account refunds by their tokens.
    pub(super) first_calls: BTreeMap<String, FirstCall>,
    /// The token of each order's newest first call.
    pub(super) last_call: BTreeMap<OrderId, String>,
}

impl Bank {
    pub(crate) fn new(shops: Vec<Shop>) -> Self {
        Self {
            shops,
            ledger: Ledger::default(),
            nonces: Nonces::default(),
            notices: Notices::default(),
            tokens: BTreeMap::new(),
            recent: VecDeque::new(),
            agenda: BTreeMap::new(),
            agenda_next: 0,
            ts_next: BTreeMap::new(),
            account_next: 530_000_000,
            refund_next: 0,
            first_calls: BTreeMap::new(),
            last_call: BTreeMap::new(),
        }
    }

    /// The shop of a number.
    pub(crate) fn shop(&self, shop_no: &str) -> Option<usize> {
        self.shops.iter().position(|shop| shop.number == shop_no)
    }

    /// Plans something for a time.
    pub(crate) fn plan(&mut self, at: BankTime, event: Event) {
        self.agenda.insert((at, self.agenda_next), event);
        self.agenda_next += 1;
    }

    /// When the next thing happens by itself.
    pub(crate) fn next_event(&self) -> Option<BankTime> {
        self.agenda.first_key_value().map(|row| row.0.0)
    }

    /// Lets the next planned thing happen; `world.now` is its time.
    pub(crate) fn run_event(&mut self, world: &mut World<'_>) {
        let Some((_, event)) = self.agenda.pop_first() else { return };
        match event {
            Event::Expire(id) => {
                // an end that was moved meanwhile has an event of its own
                if self.ledger.get(id).is_some_and(|order| world.now >= order.ends) {
                    self.step(world, id, State::Waiting, State::Expired);
                }
            }
            Event::Refund(id, place) => self.move_refund(world, id, place),
            Event::Lapse(id) => self.step(world, id, State::Authorized, State::Lapsed),
            Event::Settle(id) => self.step(world, id, State::Paid, State::Settled),
            Event::Capture(id) => {
                // refused when it was captured, cancelled or lapsed meanwhile
                let _done = self.capture(world, id);
            }
            Event::Pay(id) => {
                // refused when it was paid meanwhile
                let _done = self.pay(world, id, world.now);
            }
            Event::Send(notice) => {
                if let Some(again) = self.notices.send(notice, world.now, world.switches.drop_notices) {
                    self.plan(again, Event::Send(notice));
                }
            }
            Event::PayJob => self.pay_job(world),
        }
    }

    /// Plans the next run of the paying job.
    pub(crate) fn plan_pay_job(&mut self, now: BankTime) {
        let planned = self.agenda.values().any(|event| matches!(event, Event::PayJob));
        if !planned {
            self.plan(now.plus_ms(JOB_MS - now.unix_ms().rem_euclid(JOB_MS)), Event::PayJob);
        }
    }

    /// Writes a new order into the books.
    pub(crate) fn open(&mut self, world: &mut World<'_>, shop: usize, new: NewOrder) -> OrderId {
        let prefix: String =
            self.shops.get(shop).map(|shop| shop.number.chars().take(6).collect()).unwrap_or_default();
        let count = self.ts_next.entry(shop).or_insert(0);
        *count += 1;
        let ts_no = format!("{prefix}{count:08}");
        let account = match new.kind {
            Kind::Account => {
                self.account_next += 1;
                format!("99922{:09}", self.account_next)
            }
            Kind::Card => String::new(),
        };
        let order = Order {
            shop,
            number: new.number,
            ts_no,
            ticket: world.dice.guid(),
            kind: new.kind,
            facts: Facts {
                state: State::Waiting,
                odd_code: None,
                amount: new.amount,
                approved: None,
                paid: None,
                refunds: Vec::new(),
            },
            product: new.product,
            memo: new.memo,
            params: new.params,
            return_url: new.return_url,
            backend_url: new.backend_url,
            created: world.now,
            ends: new.ends,
            expire_shown: new.expire_shown,
            account,
            auto_billing: new.auto_billing,
            billing_days: new.billing_days,
            auth_code: None,
            auth_ends: world.now.start_of_day().plus_days(AUTH_DAYS + 1),
            page_verdict: None,
            planted: new.planted,
            whole_only: false,
            has_payer: true,
            late_ms: None,
            views: Vec::new(),
        };
        let visible = late_until(world, None);
        let ends = order.ends;
        let id = self.ledger.add(order, visible);
        self.plan(ends, Event::Expire(id));
        id
    }

    /// Money arrives, or the card is approved. Late money is taken too: an expired or disabled
    /// order can be paid.
    pub(crate) fn pay(
        &mut self,
        world: &mut World<'_>,
        id: OrderId,
        at: BankTime,
    ) -> Result<String, Refused> {
        let order = self.ledger.get(id).ok_or(Refused::Unknown)?;
        if !matches!(order.facts.state, State::Waiting | State::Expired) {
            return Err(Refused::State);
        }
        let kept = order.kind == Kind::Card && !order.auto_billing;
        let (days, auth_ends) = (order.billing_days, order.auth_ends);
        let card = order.kind == Kind::Card;
        let visible = late_until(world, order.late_ms);
        self.ledger.change(id, visible, |facts| {
            facts.state = if kept { State::Authorized } else { State::Paid };
            facts.approved = card.then_some(at);
            facts.paid = (!kept).then_some(at);
        });
        if card && let Some(order) = self.ledger.get_mut(id) {
            order.auth_code = Some(format!("{:06}", world.dice.below(1_000_000)));
        }
        if kept {
            self.plan(auth_ends, Event::Lapse(id));
            if let Some(days) = days {
                self.plan(at.plus_days(days), Event::Capture(id));
            }
        } else {
            self.plan_settlement(world, id, at);
        }
        Ok(self.tell(world, id, "PayOut", at))
    }

    /// The card is refused; the order stays as it is. Gives the token for the browser.
    pub(crate) fn decline(
        &mut self,
        world: &mut World<'_>,
        id: OrderId,
        code: &'static str,
    ) -> Result<String, Refused> {
        let order = self.ledger.get(id).ok_or(Refused::Unknown)?;
        if order.kind != Kind::Card || order.facts.state != State::Waiting {
            return Err(Refused::State);
        }
        Ok(self.token(world, id, "PayOut", Some(code), world.now))
    }

    /// Captures an authorized card order.
    pub(crate) fn capture(&mut self, world: &mut World<'_>, id: OrderId) -> Result<(), Refused> {
        let order = self.ledger.get(id).ok_or(Refused::Unknown)?;
        if order.kind != Kind::Card || order.facts.state != State::Authorized {
            return Err(Refused::State);
        }
        let visible = late_until(world, order.late_ms);
        let now = world.now;
        self.ledger.change(id, visible, |facts| {
            facts.state = State::Paid;
            facts.paid = Some(now);
        });
        self.plan_settlement(world, id, now);
        self.tell(world, id, "CaptureOut", now);
        Ok(())
    }

    /// Command C: cancels an authorization, or disables an account that waits.
    pub(crate) fn cancel(&mut self, world: &mut World<'_>, id: OrderId) -> Result<(), Refused> {
        let order = self.ledger.get(id).ok_or(Refused::Unknown)?;
        let to = match (order.kind, order.facts.state) {
            (Kind::Card, State::Authorized) => State::Released,
            (Kind::Account, State::Waiting) => State::Expired,
            (Kind::Card | Kind::Account, _) => return Err(Refused::State),
        };
        let visible = late_until(world, order.late_ms);
        self.ledger.change(id, visible, |facts| facts.state = to);
        Ok(())
    }

    /// Command M: another end of an account. One that has expired waits again.
    pub(crate) fn extend(
        &mut self,
        world: &mut World<'_>,
        id: OrderId,
        ends: BankTime,
        shown: &str,
    ) -> Result<(), Refused> {
        let order = self.ledger.get_mut(id).ok_or(Refused::Unknown)?;
        let open = matches!(order.facts.state, State::Waiting | State::Expired);
        if order.kind != Kind::Account || !open {
            return Err(Refused::State);
        }
        order.ends = ends;
        shown.clone_into(&mut order.expire_shown);
        let visible = late_until(world, order.late_ms);
        self.ledger.change(id, visible, |facts| facts.state = State::Waiting);
        self.plan(ends, Event::Expire(id));
        Ok(())
    }

    fn step(&mut self, world: &mut World<'_>, id: OrderId, from: State, to: State) {
        let Some(order) = self.ledger.get(id) else { return };
        if order.facts.state == from {
            let visible = late_until(world, order.late_ms);
            self.ledger.change(id, visible, |facts| facts.state = to);
        }
    }

    fn pay_job(&mut self, world: &mut World<'_>) {
        if !world.switches.pay_job {
            return;
        }
        for id in self.ledger.waiting_accounts() {
            let spared = self.ledger.get(id).is_none_or(|order| order.number.ends_with('9'));
            if !spared {
                // only waiting ones are listed, so it cannot be refused
                let _done = self.pay(world, id, world.now);
            }
        }
        self.plan_pay_job(world.now);
    }

    fn plan_settlement(&mut self, world: &World<'_>, id: OrderId, at: BankTime) {
        if world.switches.settle_days > 0 {
            self.plan(at.plus_days(world.switches.settle_days), Event::Settle(id));
        }
    }

    /// Makes a token and, when the order has a `BackendURL`, a notice.
    fn tell(&mut self, world: &mut World<'_>, id: OrderId, ap_type: &'static str, at: BankTime) -> String {
        let token = self.token(world, id, ap_type, None, at);
        self.notify(world, id, &token);
        token
    }

    /// The same about an account that was paid back.
    pub(super) fn tell_refund(&mut self, world: &mut World<'_>, id: OrderId, amount: i64) {
        let token = self.token(world, id, "VARefundOut", None, world.now);
        if let Some(result) = self.tokens.get_mut(&token) {
            result.amount = Some(amount);
        }
        self.notify(world, id, &token);
    }

    fn notify(&mut self, world: &World<'_>, id: OrderId, token: &str) {
        let target = self.ledger.get(id).and_then(|order| {
            let url = order.backend_url.clone()?;
            Some((url, self.shops.get(order.shop)?.number.clone()))
        });
        if let Some((url, shop_no)) = target {
            let notice = self.notices.add(url, &shop_no, token);
            self.plan(world.now, Event::Send(notice));
        }
    }

    fn token(
        &mut self,
        world: &mut World<'_>,
        order: OrderId,
        ap_type: &'static str,
        failure: Option<&'static str>,
        at: BankTime,
    ) -> String {
        let text = world.dice.hex64();
        self.tokens.insert(text.clone(), Token { order, ap_type, failure, at, amount: None });
        text
    }
}

/// From when on a change made now is seen by queries.
pub(crate) fn late_until(world: &mut World<'_>, own_ms: Option<i64>) -> BankTime {
    if let Some(ms) = own_ms {
        return world.now.plus_ms(ms);
    }
    let most = world.switches.late_seconds.saturating_mul(1_000);
    let ms = if world.switches.late_random { world.dice.below(most.saturating_add(1)) } else { most };
    world.now.plus_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}
