//! Selling and cancelling: one `Commit` holds order, payment, the planned operation and the audit
//! line. Nothing is sent here.

use chrono::NaiveDate;
use counterfoil_domain::card::PAGE_LIFE_MINS;
use counterfoil_domain::operation::{OperationKind, OperationState};
use counterfoil_domain::payment::{Replaced, may_reissue};
use counterfoil_domain::time::{day_plus, days_between};
use counterfoil_domain::{
    Actor, Bank, BankOrderNo, Customer, CustomerId, Issued, Moment, Mono, Now, Operation, OperationId, Order,
    OrderId, PageLeft, Payment, PaymentId, PaymentState, Rail, Right, Twd,
};

use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{AuditLine, Change, Guard, Store, StoreError};
use crate::shop::{Environment, ReturnAddress};

/// Longest life of an account: the bank's risk limit (sinopac.md 5).
pub const ACCOUNT_DAYS_MAX: i64 = 30;
/// Default life of an account.
pub const ACCOUNT_DAYS: i64 = 3;
/// Longest life of a card link, minutes (sinopac.md 6).
pub const LINK_MINUTES_MAX: u8 = 30;
/// Default life of a card link.
pub const LINK_MINUTES: u8 = 10;
/// A sale waits this long at most for the bank to name its time.
pub const SALE_WAITS_MS: i64 = 3_000;

/// How long the customer can pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The rail's default.
    Default,
    /// Through this bank day (account).
    Day(NaiveDate),
    /// This many minutes (card).
    Minutes(u8),
}

/// Where the customer's browser returns to, bound before the order is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReturnSpot {
    /// The loopback port, when the shop uses loopback.
    pub port: Option<u16>,
    /// The random path segment of this payment.
    pub path: Option<String>,
}

/// What was typed about who buys; both may be empty. Checked by `customer::check_customer`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Buyer {
    /// As [`Customer::name`].
    pub name: String,
    /// As [`Customer::note`].
    pub note: String,
}

/// A wish to sell.
#[derive(Debug, Clone)]
pub struct Sale {
    /// Made by the screen, before anything else: the same id twice is one sale.
    pub order: OrderId,
    /// A further payment of an order that exists (re-issue).
    pub again: bool,
    /// By which way.
    pub rail: Rail,
    /// Positive, within the rail's limit.
    pub amount: Twd,
    /// Checked by `order::check_description`.
    pub description: String,
    /// Who buys, for the shop alone: not sent to a bank. Not looked at for a further payment.
    pub customer: Buyer,
    /// How long.
    pub expiry: Expiry,
    /// Where to return to.
    pub return_spot: ReturnSpot,
    /// Who sells.
    pub who: Actor,
}

/// What was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sold {
    /// The order.
    pub order: OrderId,
    /// Its new payment (or the one it had, when the same sale came twice).
    pub payment: PaymentId,
}

/// Why a sale was not begun. Nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SaleRefused {
    /// The shop has no contract for this rail, or it is not spoken yet.
    #[error("the shop has no {rail:?}")]
    NoRail {
        /// Which.
        rail: Rail,
    },
    /// Amount outside 1..=limit.
    #[error("the amount is outside 1..={limit}")]
    Amount {
        /// The rail's limit.
        limit: Twd,
    },
    /// Not a day from today to 30 days on, not 1 to 30 minutes, or the other rail's kind of expiry.
    #[error("the expiry is out of range")]
    Expiry,
    /// The same id with other content.
    #[error("this order id was used for something else")]
    OrderIdUsed,
    /// The order has a payment that can still be paid, or that was paid.
    #[error("the order has a payment that is open or paid")]
    StillOpen,
}

/// What a cancellation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelStarted {
    /// The bank will be asked.
    Planned(OperationId),
    /// A card link cannot be recalled: it runs out then.
    RunsOut(Moment),
    /// A person says that CTBC's page is closed on this computer. Once the bank knows of no card,
    /// the order may be reissued.
    PageClosed,
    /// There is nothing to cancel in this state.
    Nothing(PaymentState),
}

/// May this order be reissued? (money rules 2, re-issue; the rule itself: [`may_reissue`])
///
/// # Errors
/// Of the store.
pub fn may_issue_again<S: Store>(store: &S, order: OrderId) -> Result<bool, StoreError> {
    let payments = store.payments_of(order)?;
    let mut replaced = Vec::with_capacity(payments.len());
    for payment in &payments {
        let create = store.operations_of(payment.id)?.into_iter().find(|op| op.kind.is_create());
        let (create, left) = (create.map(|op| op.state), store.page_left(payment.id)?);
        replaced.push(Replaced { payment, create, left });
    }
    Ok(may_reissue(&replaced))
}

impl<S: Store> Engine<S> {
    /// The limit of a rail in this shop; `None` when the shop does not have it.
    pub fn limit(&self, rail: Rail) -> Option<Twd> {
        match rail {
            Rail::SinopacAccount => Some(self.shop.sinopac.as_ref()?.account_limit),
            Rail::SinopacCard => self.shop.sinopac.as_ref().map(|_| Twd::WIRE_MAX),
            Rail::CtbcCard => self.shop.ctbc.as_ref().map(|_| Twd::WIRE_MAX),
        }
    }

    /// Whether the bank has named its time in this run, so that a sale there can take its day, end
    /// and number from it. If not it is asked for it at once; the sale waits for that, and no
    /// longer than [`SALE_WAITS_MS`].
    pub fn has_bank_time(&mut self, now: Now, bank: Bank) -> bool {
        let lane = self.lanes.get_mut(bank);
        lane.pressed = None;
        lane.time_wanted = !lane.clock.has_heard(now.mono);
        !lane.time_wanted
    }

    /// The sale that has waited since waits no longer, and is begun now.
    pub fn waits_no_longer(&mut self, bank: Bank, since: Mono) {
        let lane = self.lanes.get_mut(bank);
        lane.time_wanted = false;
        lane.pressed = Some(since);
    }

    /// A clerk types an amount: questions to SinoPac wait for some seconds, and its nonce is
    /// fetched, so that the sale finds a free line.
    pub fn sale_nears(&mut self, now: Now) {
        self.lanes.get_mut(Bank::Sinopac).sale_nears(now.mono);
    }

    /// The amount was taken back: questions go on.
    pub fn sale_is_off(&mut self) {
        let lane = self.lanes.get_mut(Bank::Sinopac);
        (lane.quiet_until, lane.nonce_wanted) = (None, false);
    }

    /// The day of a sale: the bank's time, or where it has told none in this run, the other bank's.
    pub(crate) fn for_sale(&self, bank: Bank, mono: Mono) -> Moment {
        let clock = &self.lanes.get(bank).clock;
        let mut others = Bank::ALL.into_iter().filter(|other| *other != bank && !clock.has_heard(mono));
        let told = others.find_map(|other| self.lanes.get(other).clock.settled(mono));
        told.unwrap_or_else(|| clock.for_sale(mono))
    }

    /// Commits order, payment and the planned operation. The worker sends it.
    ///
    /// # Errors
    /// [`EngineError::Sale`] with nothing written, or of the store.
    pub fn sell(&mut self, now: Now, sale: &Sale) -> Result<Sold, EngineError> {
        self.deciding(|engine| engine.decide_sale(now, sale.clone()))
    }

    fn decide_sale(&mut self, now: Now, sale: Sale) -> Result<Sold, EngineError> {
        self.allowed(sale.who, Right::Sell)?;
        let at = self.for_sale(sale.rail.bank(), now.mono);
        let limit = self.limit(sale.rail).ok_or(SaleRefused::NoRail { rail: sale.rail })?;
        sale.amount.in_range(limit).map_err(|_| SaleRefused::Amount { limit })?;
        let expires_at = expires_at(sale.rail, sale.expiry, at)?;
        let known = self.store.order(sale.order)?;
        let old = self.store.payments_of(sale.order)?;
        if let Some(order) = &known {
            if order.amount != sale.amount {
                return Err(SaleRefused::OrderIdUsed.into());
            }
            let last = old.last().ok_or(EngineError::NotFound("payment"))?;
            if !sale.again {
                let repeated = last.rail == sale.rail
                    && order.description == sale.description
                    && self.may_be(&sale, order.customer)?;
                let sold = Sold { order: order.id, payment: last.id };
                return if repeated { Ok(sold) } else { Err(SaleRefused::OrderIdUsed.into()) };
            }
            if !may_issue_again(&self.store, sale.order)? {
                return Err(SaleRefused::StillOpen.into());
            }
        }
        let (kind, state, issued) = opened(sale.rail, &sale.return_spot);
        let payment = Payment {
            id: PaymentId::new(at, self.random()),
            order: sale.order,
            rail: sale.rail,
            bank_order_no: BankOrderNo::make(at, self.random(), sale.rail),
            amount: sale.amount,
            state,
            shown: state == PaymentState::Awaiting,
            issued,
            created_at: at,
            expires_at,
            paid_minute: None,
            confirmed_at: None,
            proof: None,
            late: false,
            asked_at: None,
            return_port: sale.return_spot.port,
            return_path: sale.return_spot.path,
            card: None,
            card_tail: None,
            version: 1,
        };
        let op = planned(self.operation_id(at), payment.id, kind, at);
        let sold = Sold { order: sale.order, payment: payment.id };
        let (op_id, detail) =
            (op.id, format!("{} {} {}", sale.rail.name(), sale.amount, payment.bank_order_no));
        let mut changes = Vec::new();
        if known.is_none() {
            let Buyer { name, note } = sale.customer;
            let customer = (!name.is_empty() || !note.is_empty()).then(|| Customer {
                id: CustomerId::new(at, self.random()),
                name,
                note,
                salt: self.random(),
            });
            let order = Order {
                version: 1,
                id: sale.order,
                amount: sale.amount,
                description: sale.description,
                customer: customer.as_ref().map(|c| c.id),
                created_at: at,
            };
            changes.extend(customer.map(Change::CustomerAdded));
            changes.push(Change::OrderAdded(order));
        }
        changes.extend([Change::PaymentAdded(payment), Change::OperationAdded(op)]);
        let audit =
            AuditLine { at, who: sale.who, what: "sell".into(), subject: sold.payment.to_string(), detail };
        // of two clerks who issue again, one decides
        let guards = known.iter().map(|order| Guard::Order(order.id, order.version)).collect();
        self.commit_on(audit, guards, changes)?;
        self.born.insert(sold.payment, now.mono);
        if sale.rail != Rail::SinopacAccount {
            self.ends.insert(sold.payment, now.mono.plus_ms(expires_at.ms_since(at)));
        }
        if kind == OperationKind::PostForm {
            self.reschedule(sold.payment, now)?;
        } else {
            let lane = self.lanes.get_mut(sale.rail.bank());
            lane.quiet_until = None;
            let pressed = lane.pressed.take();
            self.patience.insert(op_id, pressed.unwrap_or(now.mono));
            self.turn(sale.rail.bank(), op_id, now.mono);
            self.sweep.sold(sold.payment, now.mono);
            self.sweep.looks_soon(now.mono);
        }
        Ok(sold)
    }

    /// Plans a cancellation of an unpaid account. A card link runs out by itself, and of a page
    /// that was opened it is the person's word that it is closed.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn cancel(&mut self, now: Now, id: PaymentId, who: Actor) -> Result<CancelStarted, EngineError> {
        self.deciding(|engine| engine.decide_cancel(now, id, who))
    }

    fn decide_cancel(&mut self, now: Now, id: PaymentId, who: Actor) -> Result<CancelStarted, EngineError> {
        self.allowed(who, Right::Cancel)?;
        let payment = self.payment(id)?;
        let at = self.at(payment.rail.bank(), now).bank;
        if payment.state != PaymentState::Awaiting {
            return Ok(CancelStarted::Nothing(payment.state));
        }
        if payment.rail == Rail::CtbcCard && self.planned_form(&payment)?.is_none() {
            let left = PageLeft { payment: id, at, who, code: None, ends: true, read_at: None };
            let number = payment.bank_order_no.to_string();
            let audit = AuditLine { who, ..by_engine(at, "page-closed", id, number) };
            self.take_page_left(now, left, audit)?;
            return Ok(CancelStarted::PageClosed);
        }
        if payment.rail != Rail::SinopacAccount {
            return Ok(CancelStarted::RunsOut(payment.expires_at));
        }
        // one that waits for a person does not keep another from being tried
        let is_open = |op: &Operation| !op.state.is_final() && op.state != OperationState::NeedsPerson;
        if let Some(open) = self.store.operations_of(id)?.into_iter().find(is_open) {
            return Ok(CancelStarted::Planned(open.id));
        }
        let op = planned(self.operation_id(at), id, OperationKind::CancelAccount, at);
        let op_id = op.id;
        let audit = AuditLine { who, ..by_engine(at, "cancel", id, payment.bank_order_no.to_string()) };
        let guards = vec![Guard::Payment(id, payment.version)];
        self.commit_on(audit, guards, vec![Change::OperationAdded(op)])?;
        self.turn(payment.rail.bank(), op_id, now.mono);
        Ok(CancelStarted::Planned(op_id))
    }

    /// Whether the order's customer is the one of the sale. Whoever may not see customers is not
    /// told: the answer would confirm a guess.
    fn may_be(&self, sale: &Sale, id: Option<CustomerId>) -> Result<bool, EngineError> {
        match self.allowed(sale.who, Right::SeeCustomers) {
            Ok(()) => Ok(self.buyer(id)? == sale.customer),
            Err(EngineError::Denied(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn buyer(&self, id: Option<CustomerId>) -> Result<Buyer, EngineError> {
        let Some(id) = id else { return Ok(Buyer::default()) };
        let known = self.store.customer(id)?.map(|c| Buyer { name: c.name, note: c.note });
        Ok(known.unwrap_or_default())
    }

    /// The address the customer's browser returns to: the shop's page, or our listener.
    pub fn return_url(&self, payment: &Payment) -> String {
        match self.shop.return_address(payment.rail.bank()) {
            Some(ReturnAddress::Page { url }) => url.clone(),
            Some(ReturnAddress::Loopback { .. }) | None => {
                let (port, path) =
                    (payment.return_port.unwrap_or(80), payment.return_path.as_deref().unwrap_or(""));
                format!("http://127.0.0.1:{port}/{path}")
            }
        }
    }

    /// With a loopback return address a QR for the customer's phone is for practice only: the phone
    /// would post to itself.
    pub fn link_qr_allowed(&self) -> bool {
        self.shop.sinopac.as_ref().is_some_and(|s| match s.return_address {
            ReturnAddress::Page { .. } => true,
            ReturnAddress::Loopback { .. } => {
                matches!(s.environment, Environment::Demo | Environment::Custom)
            }
        })
    }
}

/// A new operation, due at once.
pub(crate) fn planned(id: OperationId, payment: PaymentId, kind: OperationKind, at: Moment) -> Operation {
    Operation {
        id,
        payment,
        kind,
        state: OperationState::Planned,
        planned_at: at,
        due_at: at,
        attempts: 0,
        sent_at: None,
        snapshot: None,
        code: None,
        version: 1,
        refund: None,
        step: None,
        amount: None,
    }
}

/// With what a payment begins. A card page of CTBC is ready as soon as its listener is bound:
/// nothing is sent by us.
fn opened(rail: Rail, spot: &ReturnSpot) -> (OperationKind, PaymentState, Option<Issued>) {
    match rail {
        Rail::SinopacAccount => (OperationKind::IssueAccount, PaymentState::Issuing, None),
        Rail::SinopacCard => (OperationKind::CreateLink, PaymentState::Issuing, None),
        Rail::CtbcCard => {
            let link = spot.port.zip(spot.path.as_ref());
            let link = link.map(|(port, path)| format!("http://127.0.0.1:{port}/{path}"));
            let issued = Issued { account: None, link, web_atm: None, bank_ref: None };
            (OperationKind::PostForm, PaymentState::Awaiting, Some(issued))
        }
    }
}

fn expires_at(rail: Rail, expiry: Expiry, at: Moment) -> Result<Moment, SaleRefused> {
    match (rail, expiry) {
        (Rail::SinopacAccount, Expiry::Default) => Ok(Moment::end_of(day_plus(at.day(), ACCOUNT_DAYS))),
        (Rail::SinopacAccount, Expiry::Day(day)) => {
            let days = days_between(at.day(), day);
            if (0..=ACCOUNT_DAYS_MAX).contains(&days) {
                Ok(Moment::end_of(day))
            } else {
                Err(SaleRefused::Expiry)
            }
        }
        (Rail::SinopacCard, Expiry::Default) => Ok(at.plus_mins(i64::from(LINK_MINUTES))),
        // the bank's page has its own life
        (Rail::CtbcCard, Expiry::Default) => Ok(at.plus_mins(PAGE_LIFE_MINS)),
        (Rail::SinopacCard, Expiry::Minutes(minutes @ 1..=LINK_MINUTES_MAX)) => {
            Ok(at.plus_mins(i64::from(minutes)))
        }
        (Rail::SinopacAccount, Expiry::Minutes(_))
        | (Rail::SinopacCard | Rail::CtbcCard, Expiry::Day(_) | Expiry::Minutes(_)) => {
            Err(SaleRefused::Expiry)
        }
    }
}
