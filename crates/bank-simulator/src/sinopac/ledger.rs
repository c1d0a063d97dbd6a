//! The bank's own books: every order, found by number, by bank number, by creation minute and by
//! pay minute.
//!
//! Promises that the indexes always agree with the orders (all changes go through `change`), and
//! that a query can be shown an older view of an order (rows that turn up late). Leaves out why a
//! state changes; that is `bank.rs`.

use std::collections::{BTreeMap, BTreeSet};

use crate::switches::LateScope;
use crate::time::BankTime;

use super::refunds::Refund;

/// How an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Account,
    Card,
}

impl Kind {
    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::Account => "A",
            Self::Card => "C",
        }
    }
}

/// The state of an order (sinopac.md 9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    /// Also an account that was disabled.
    Expired,
    Authorized,
    Lapsed,
    Released,
    Paid,
    Settled,
}

impl State {
    pub(crate) fn code(self, kind: Kind) -> &'static str {
        match (kind, self) {
            (Kind::Account, Self::Waiting) => "1A200",
            (Kind::Account, Self::Expired | Self::Lapsed | Self::Released) => "1A250",
            (Kind::Account, Self::Paid | Self::Authorized) => "1A400",
            (Kind::Account, Self::Settled) => "1A900",
            (Kind::Card, Self::Waiting) => "1C200",
            (Kind::Card, Self::Expired) => "1C250",
            (Kind::Card, Self::Authorized) => "1C300",
            (Kind::Card, Self::Lapsed) => "1C350",
            (Kind::Card, Self::Released) => "1C351",
            (Kind::Card, Self::Paid) => "1C400",
            (Kind::Card, Self::Settled) => "1C900",
        }
    }

    /// The kind and state of a code, for planting.
    pub(crate) fn from_code(code: &str) -> Option<(Kind, Self)> {
        let all = [
            Self::Waiting,
            Self::Expired,
            Self::Authorized,
            Self::Lapsed,
            Self::Released,
            Self::Paid,
            Self::Settled,
        ];
        [Kind::Account, Kind::Card]
            .into_iter()
            .flat_map(|kind| all.into_iter().map(move |state| (kind, state)))
            .find(|(kind, state)| state.code(*kind) == code)
    }
}

/// The place of an order in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OrderId(usize);

/// The part of an order that changes, as a query shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) state: State,
    /// A state code that replaces the one of `state`, planted.
    pub(crate) odd_code: Option<String>,
    /// Dollars x 100.
    pub(crate) amount: i64,
    pub(crate) approved: Option<BankTime>,
    pub(crate) paid: Option<BankTime>,
    /// Oldest first.
    pub(crate) refunds: Vec<Refund>,
}

/// An order as the checks leave it.
pub(crate) struct NewOrder {
    pub(crate) number: String,
    pub(crate) kind: Kind,
    pub(crate) amount: i64,
    pub(crate) product: String,
    pub(crate) memo: Option<String>,
    pub(crate) params: [Option<String>; 3],
    pub(crate) return_url: String,
    pub(crate) backend_url: Option<String>,
    pub(crate) ends: BankTime,
    pub(crate) expire_shown: String,
    pub(crate) auto_billing: bool,
    pub(crate) billing_days: Option<i64>,
    pub(crate) planted: bool,
}

/// One order.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) shop: usize,
    pub(crate) number: String,
    pub(crate) ts_no: String,
    /// `TK` of the page addresses.
    pub(crate) ticket: String,
    pub(crate) kind: Kind,
    pub(crate) facts: Facts,
    pub(crate) product: String,
    pub(crate) memo: Option<String>,
    pub(crate) params: [Option<String>; 3],
    pub(crate) return_url: String,
    pub(crate) backend_url: Option<String>,
    pub(crate) created: BankTime,
    /// The first moment at which it can no longer be paid.
    pub(crate) ends: BankTime,
    /// `ExpireDate` of the query.
    pub(crate) expire_shown: String,
    /// `AtmPayNo`; empty for cards.
    pub(crate) account: String,
    pub(crate) auto_billing: bool,
    pub(crate) billing_days: Option<i64>,
    pub(crate) auth_code: Option<String>,
    /// The first moment at which an authorization has lapsed.
    pub(crate) auth_ends: BankTime,
    /// What the card page was told, kept until the OTP step; the number itself is never kept.
    pub(crate) page_verdict: Option<bool>,
    /// Planted: no request of the shop created it.
    pub(crate) planted: bool,
    /// An instalment, bonus or UnionPay payment: refunded in full only. Planted.
    pub(crate) whole_only: bool,
    /// The bank knows the account that paid.
    pub(crate) has_payer: bool,
    /// Lateness of this order's changes in queries, in milliseconds.
    pub(crate) late_ms: Option<i64>,
    /// Filled by the ledger: since when a query shows which facts.
    pub(crate) views: Vec<(BankTime, Facts)>,
}

impl Order {
    /// What a query sees now; `None` when it does not see the order yet.
    pub(crate) fn seen(&self, now: BankTime, by_number: bool, scope: LateScope) -> Option<&Facts> {
        if by_number && scope == LateScope::Range {
            return Some(&self.facts);
        }
        self.views.iter().rev().find(|view| view.0 <= now).map(|view| &view.1)
    }
}

impl Facts {
    /// What was collected and is not asked back, dollars x 100.
    pub(crate) fn left(&self) -> i64 {
        let counting = self.refunds.iter().filter(|refund| refund.state.counts());
        self.amount - counting.map(|refund| refund.amount).sum::<i64>()
    }

    /// What has gone back, dollars x 100.
    pub(crate) fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.state.is_done()).map(|refund| refund.amount).sum()
    }

    pub(crate) fn code(&self, kind: Kind) -> &str {
        self.odd_code.as_deref().unwrap_or_else(|| self.state.code(kind))
    }
}

/// The books.
#[derive(Default)]
pub(crate) struct Ledger {
    orders: Vec<Order>,
    by_number: BTreeMap<usize, BTreeMap<String, OrderId>>,
    by_ts_no: BTreeMap<String, OrderId>,
    by_created: BTreeSet<(usize, BankTime, OrderId)>,
    by_paid: BTreeSet<(usize, BankTime, OrderId)>,
    /// By each minute at which a refund was asked.
    by_refund: BTreeSet<(usize, BankTime, OrderId)>,
    waiting_accounts: BTreeSet<OrderId>,
}

impl Ledger {
    /// Adds an order, visible in queries from a moment on.
    pub(crate) fn add(&mut self, mut order: Order, visible: BankTime) -> OrderId {
        let id = OrderId(self.orders.len());
        order.views = vec![(visible, order.facts.clone())];
        self.by_number.entry(order.shop).or_default().insert(order.number.clone(), id);
        self.by_ts_no.insert(order.ts_no.clone(), id);
        self.by_created.insert((order.shop, order.created.start_of_minute(), id));
        self.orders.push(order);
        self.index(id);
        id
    }

    /// Changes the facts of an order, visible in queries from a moment on.
    pub(crate) fn change(&mut self, id: OrderId, visible: BankTime, change: impl FnOnce(&mut Facts)) {
        self.unindex(id);
        if let Some(order) = self.orders.get_mut(id.0) {
            change(&mut order.facts);
            order.views.push((visible, order.facts.clone()));
            // an older change that would show later than this one shows with it
            for view in &mut order.views {
                view.0 = view.0.min(visible);
            }
        }
        self.index(id);
    }

    /// Hides what is known so far from queries until a moment.
    pub(crate) fn hide_until(&mut self, id: OrderId, visible: BankTime) {
        if let Some(order) = self.orders.get_mut(id.0) {
            order.views = vec![(visible, order.facts.clone())];
        }
    }

    /// The parts that no index holds.
    pub(crate) fn get_mut(&mut self, id: OrderId) -> Option<&mut Order> {
        self.orders.get_mut(id.0)
    }

    pub(crate) fn get(&self, id: OrderId) -> Option<&Order> {
        self.orders.get(id.0)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Order> {
        self.orders.iter()
    }

    pub(crate) fn by_number(&self, shop: usize, number: &str) -> Option<OrderId> {
        self.by_number.get(&shop)?.get(number).copied()
    }

    pub(crate) fn by_ts_no(&self, ts_no: &str) -> Option<OrderId> {
        self.by_ts_no.get(ts_no).copied()
    }

    pub(crate) fn waiting_accounts(&self) -> Vec<OrderId> {
        self.waiting_accounts.iter().copied().collect()
    }

    /// Orders of a shop created in these minutes, both ends included, oldest first.
    pub(crate) fn created_within(
        &self,
        shop: usize,
        from: BankTime,
        to: BankTime,
    ) -> impl Iterator<Item = (OrderId, &Order)> {
        Self::within(&self.by_created, shop, from, to).filter_map(|id| Some((id, self.orders.get(id.0)?)))
    }

    /// Orders of a shop paid in these minutes, both ends included, oldest payment first.
    pub(crate) fn paid_within(
        &self,
        shop: usize,
        from: BankTime,
        to: BankTime,
    ) -> impl Iterator<Item = (OrderId, &Order)> {
        Self::within(&self.by_paid, shop, from, to).filter_map(|id| Some((id, self.orders.get(id.0)?)))
    }

    /// Orders of a shop with a refund asked in these minutes, both ends included, each once.
    pub(crate) fn refunded_within(
        &self,
        shop: usize,
        from: BankTime,
        to: BankTime,
    ) -> impl Iterator<Item = (OrderId, &Order)> {
        let ids: BTreeSet<OrderId> = Self::within(&self.by_refund, shop, from, to).collect();
        ids.into_iter().filter_map(|id| Some((id, self.orders.get(id.0)?)))
    }

    fn within(
        index: &BTreeSet<(usize, BankTime, OrderId)>,
        shop: usize,
        from: BankTime,
        to: BankTime,
    ) -> impl Iterator<Item = OrderId> {
        index
            .range((shop, from, OrderId(0))..)
            .take_while(move |row| row.0 == shop && row.1 <= to)
            .map(|row| row.2)
    }

    fn index(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(id.0) else { return };
        if let Some(paid) = order.facts.paid {
            self.by_paid.insert((order.shop, paid.start_of_minute(), id));
        }
        for refund in &order.facts.refunds {
            self.by_refund.insert((order.shop, refund.asked.start_of_minute(), id));
        }
        if order.kind == Kind::Account && order.facts.state == State::Waiting {
            self.waiting_accounts.insert(id);
        }
    }

    fn unindex(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(id.0) else { return };
        if let Some(paid) = order.facts.paid {
            self.by_paid.remove(&(order.shop, paid.start_of_minute(), id));
        }
        self.waiting_accounts.remove(&id);
    }
}
