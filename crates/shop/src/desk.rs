//! The verbs of the desk: what a person asks of the running shop. None of them waits.
//! Left out: refunds (`refunds.rs`), settings, contracts and keys (`settings.rs`).

use counterfoil_banks::addresses::loopback_base;
use counterfoil_banks::opener::{self, PayPages};
use counterfoil_commands::{
    Code, CommandError, CopiesView, CoverageNow, Exit, Failure, FileDoubtView, FilterTyped, ForeignRowView,
    HealthView, Names, Note, OrderInFull, OrderRowView, PaymentView, SellRequest, Sent, ShopView, ShutView,
    ViewCount,
};
use counterfoil_domain::{
    Actor, Bank, Filter, MinuteSpan, Operation, OperationState, OrderId, PaymentId, Rail, Twd, View,
};
use counterfoil_engine::ports::{Page, Store};
use counterfoil_engine::shop::{ReturnAddress, ShopRecord};
use counterfoil_engine::{CancelStarted, NameLeft, Notice, ReturnSpot};

use crate::card_page::form_page;
use crate::moved::is_moved;
use crate::return_listener::ReturnListener;
use crate::run_loop::Desk;

/// News that are told at once; who has not looked for longer has a list to work off.
const NEWS_MAX: u32 = 50;

impl Desk {
    /// Begins a sale: the return address is bound first, then everything is committed. Nothing is
    /// waited for.
    ///
    /// # Errors
    /// What was typed, the listener, or the data file.
    pub fn begin_sale(&mut self, request: &SellRequest, who: Actor) -> Result<PaymentId, CommandError> {
        let taken = self.returns.port_taken();
        let sold = self.look_at_file().and_then(|()| self.sell(request, who));
        if self.returns.port_taken() != taken {
            self.hear(Notice::Health);
        }
        sold.map_err(|why| self.not_sent(why))
    }

    /// An error before anything could leave. What the disk did not take may still be in the file
    /// when it is opened again.
    pub(crate) fn not_sent(&self, why: CommandError) -> CommandError {
        why.sent(Sent::No, self.engine.store().trouble().is_some())
    }

    /// An error after operations of this payment were planned: whether one of them may have left.
    pub fn sent_so_far(
        &self,
        payment: PaymentId,
        one_of_them: impl Fn(&Operation) -> bool,
        why: CommandError,
    ) -> CommandError {
        let stayed = |op: &Operation| matches!(op.state, OperationState::Planned | OperationState::NotSent);
        let ops = self.engine.store().operations_of(payment);
        let none = ops.is_ok_and(|ops| ops.iter().filter(|op| one_of_them(op)).all(stayed));
        why.sent(if none { Sent::No } else { Sent::Maybe }, true)
    }

    /// Whether the bank is spoken to.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn opens(&self, bank: Bank) -> Result<(), CommandError> {
        self.banks.shut.get(bank).clone().map_or(Ok(()), Err)
    }

    /// The same of a payment's bank.
    ///
    /// # Errors
    /// Why not, or of the data file.
    pub(crate) fn opens_for(&self, payment: PaymentId) -> Result<(), CommandError> {
        self.engine.store().payment(payment)?.map_or(Ok(()), |payment| self.opens(payment.rail.bank()))
    }

    fn sell(&mut self, request: &SellRequest, who: Actor) -> Result<PaymentId, CommandError> {
        self.working()?;
        Rail::parse(&request.rail).map_or(Ok(()), |rail| self.opens(rail.bank()))?;
        let mut sale = counterfoil_commands::checked_sale(&self.engine, request, ReturnSpot::default(), who)?;
        let loopback = match self.engine.shop().return_address(sale.rail.bank()) {
            Some(ReturnAddress::Loopback { port }) => Some(*port),
            // the form is handed out here wherever the browser returns to
            Some(ReturnAddress::Page { .. }) if sale.rail == Rail::CtbcCard => Some(0),
            Some(ReturnAddress::Page { .. }) | None => None,
        };
        if sale.rail == Rail::CtbcCard {
            self.check_form(&sale)?;
        }
        if let Some(port) = loopback {
            sale.return_spot = match self.returns.new_spot(port) {
                // there polling does the work, and the bank takes the address as a text
                Err(_) if port != 0 && sale.rail != Rail::CtbcCard => Ok(ReturnListener::unbound_spot(port)),
                spot => spot,
            }?;
        }
        let (spot, rail) = (sale.return_spot.clone(), sale.rail);
        let sold = self.engine.sell(self.from.clock.now(), &sale)?;
        if let (Some(port), Some(path)) = (spot.port, spot.path) {
            self.returns.listen_for(rail, port, path, sold.payment);
        }
        Ok(sold.payment)
    }

    /// Opens a payment's own link in the person's browser. The address was checked when the bank
    /// gave it, and is checked again.
    ///
    /// # Errors
    /// `not-found`, `link-refused`.
    pub fn open_link(&self, payment: &str) -> Result<(), CommandError> {
        let id = self.known_payment(payment)?;
        let shown = counterfoil_commands::sold_view(self.engine.store(), id)?;
        let refused = || CommandError::new(Code::LinkRefused, Exit::NotAllowed);
        if let Some(page) = self.engine.store().payment(id)?.as_ref().and_then(form_page) {
            let url = loopback_base(&page).ok_or_else(refused)?;
            return opener::open(&url).map(drop).map_err(|_| CommandError::input(Code::BrowserAbsent));
        }
        let settings = self.engine.shop().sinopac.as_ref().ok_or_else(refused)?;
        let link = shown.link.ok_or_else(refused)?;
        let url = PayPages::sinopac(settings).checked_link(&link).map_err(|_| refused())?;
        opener::open(&url).map(drop).map_err(|_| CommandError::input(Code::BrowserAbsent))
    }

    /// The shop, as a screen shows it.
    pub fn shop(&self) -> ShopView {
        ShopView { link_qr: self.engine.link_qr_allowed(), ..shop_view(self.engine.shop()) }
    }

    /// The most that a rail takes at once, whole dollars; `None`: the shop does not have it.
    pub fn limit(&self, rail: Rail) -> Option<i64> {
        self.engine.limit(rail).map(Twd::dollars)
    }

    /// A payment in its current state.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn payment(&self, payment: &str) -> Result<PaymentView, CommandError> {
        counterfoil_commands::payment_view(
            self.engine.store(),
            self.known_payment(payment)?,
            self.bank_time(),
            None,
        )
    }

    /// A page of a built-in view, or of what a search finds when something was typed, newest first,
    /// of those that a filter leaves, as `who` may see them.
    ///
    /// # Errors
    /// Those of [`FilterTyped::read`], `not-found` of the row before the page, or the data file.
    pub fn orders(
        &mut self,
        view: View,
        typed: &str,
        filter: &FilterTyped,
        (after, limit): (Option<&str>, u32),
        who: Actor,
    ) -> Result<Vec<OrderRowView>, CommandError> {
        let at = self.bank_time();
        let store = self.engine.store();
        let names = Names::seen_by(store, who)?;
        let page = page_after(store, after, limit, filter.read(at)?)?;
        if typed.trim().is_empty() {
            counterfoil_commands::orders_in(store, view, at, page, names)
        } else {
            counterfoil_commands::orders_search(store, typed, at, page, names)
        }
    }

    /// Money that is in no order: what a search finds of it, or what is among a view's tasks.
    ///
    /// # Errors
    /// Of the data file.
    pub fn foreign_found(&self, view: View, typed: &str) -> Result<Vec<ForeignRowView>, CommandError> {
        match (typed.trim(), view) {
            ("", View::NeedsMe) => counterfoil_commands::foreign_rows(self.engine.store(), None),
            ("", _) => Ok(Vec::new()),
            (typed, _) => counterfoil_commands::foreign_rows(self.engine.store(), Some(typed)),
        }
    }

    /// One order with its payments, as `who` may see it; asks no bank for it.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn order(&self, order: &str, who: Actor) -> Result<OrderInFull, CommandError> {
        let (store, at) = (self.engine.store(), self.bank_time());
        counterfoil_commands::order_in_full(store, order, at, Names::seen_by(store, who)?)
    }

    /// How many orders are in the views that a person works off.
    ///
    /// # Errors
    /// Of the data file.
    pub fn view_counts(&mut self) -> Result<Vec<ViewCount>, CommandError> {
        let at = self.bank_time();
        counterfoil_commands::view_counts(self.engine.store(), at)
    }

    /// How far the bank has been asked, and when it is asked next.
    ///
    /// # Errors
    /// Of the data file.
    pub fn coverage(&mut self) -> Result<CoverageNow, CommandError> {
        let now = self.from.clock.now();
        let at = self.engine.bank_time(now);
        // what lies after the time that the bank names is no gap, believed or not
        let named = self.engine.bank_times(Bank::Sinopac, now).named;
        let upto = named.map_or(at, |named| named.min(at));
        let mut coverage = counterfoil_commands::coverage(self.engine.store(), upto)?;
        if let Some(doubt) = self.file_doubt() {
            coverage.doubt(self.engine.shop(), &doubt);
        }
        let next = self.engine.sweeps_next_at(now).filter(|_| self.working().is_ok());
        Ok(CoverageNow { coverage, now: at.to_string(), next_at: next.map(|at| at.to_string()) })
    }

    /// What is wrong now.
    pub fn health(&self) -> HealthView {
        let now = self.from.clock.now();
        let has = |bank: &Bank| self.engine.shop().has(*bank);
        let times = |bank| (bank, self.engine.bank_times(bank, now));
        let clocks: Vec<_> = Bank::ALL.into_iter().filter(has).map(times).collect();
        // a file that cannot be read is what `paused` is about
        let refunds = counterfoil_commands::refund_alarms(self.engine.store(), self.bank_time());
        let (health, refunds) = (self.engine.health(), refunds.unwrap_or_default());
        let view =
            counterfoil_commands::health_view(health, &clocks, now.wall, refunds, self.paused.as_ref());
        let (store, at) = (self.engine.store(), self.bank_time());
        let recovered = counterfoil_engine::recovered(store, at).unwrap_or_default();
        let recovered = recovered
            .iter()
            .filter_map(|one| counterfoil_commands::person_view(store, one, at).ok())
            .collect();
        let one_person = self.engine.shop().one_person && store.has_people().unwrap_or_default();
        let erasure_unfinished = store.is_erasure_unfinished().unwrap_or_default();
        let foreign = counterfoil_commands::foreign_sum(store).unwrap_or_default();
        let file = self.file_doubt().map(FileDoubtView::from);
        // a copy may be the file that is looked for: nobody is told to delete it
        let is_sought = file.is_some() || self.paused.as_ref().is_some_and(is_moved);
        let copies = self.copies_by_hand().filter(|_| !is_sought);
        let port_taken = self.returns.port_taken();
        let failure = |bank| self.banks.shut.get(bank).clone().map(Failure::from);
        let shut = |bank| failure(bank).map(|why| ShutView { bank, why });
        let shut = Bank::ALL.into_iter().filter_map(shut).collect();
        HealthView {
            recovered,
            one_person,
            erasure_unfinished,
            copies,
            foreign,
            file,
            port_taken,
            shut,
            ..view
        }
    }

    /// Copies of the data file in its folder that erasing does not reach.
    pub fn copies_by_hand(&self) -> Option<CopiesView> {
        CopiesView::of(counterfoil_store::copies_by_hand(&self.from.data))
    }

    /// Payments with news not acknowledged yet, oldest first.
    ///
    /// # Errors
    /// Of the data file.
    pub fn news(&self) -> Result<Vec<PaymentView>, CommandError> {
        let (store, at) = (self.engine.store(), self.bank_time());
        let view = |id: PaymentId| counterfoil_commands::payment_view(store, id, at, None);
        store.news(NEWS_MAX)?.into_iter().map(view).collect()
    }

    /// Acknowledges the news about a payment.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn seen(&mut self, payment: &str, who: Actor) -> Result<(), CommandError> {
        let id = self.known_payment(payment)?;
        self.working()?;
        Ok(self.engine.seen(self.from.clock.now(), id, who)?)
    }

    /// The payment of this id.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn known_payment(&self, text: &str) -> Result<PaymentId, CommandError> {
        let missing = || CommandError::input(Code::NotFound).with("what", "payment");
        let id = PaymentId::parse(text).ok_or_else(missing)?;
        self.engine.store().payment(id)?.map(|p| p.id).ok_or_else(missing)
    }

    /// Puts a payment on the screen: it is asked about every few seconds.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn show(&mut self, payment: &str) -> Result<(), CommandError> {
        let id = self.known_payment(payment)?;
        Ok(self.engine.watch(self.from.clock.now(), id)?)
    }

    /// Seconds until the customer's time is over; nothing is left when it is.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn left_s(&mut self, payment: &str) -> Result<i64, CommandError> {
        let id = self.known_payment(payment)?;
        let at = self.bank_time();
        let ends = self.engine.store().payment(id)?.map_or(at, |payment| payment.expires_at);
        Ok(ends.ms_since(at).max(0) / 1000)
    }

    /// It is no longer on the screen.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn leave(&mut self, payment: &str) -> Result<(), CommandError> {
        let id = self.known_payment(payment)?;
        Ok(self.engine.unwatch(self.from.clock.now(), id)?)
    }

    /// A clerk types an amount, or has taken it back: what the sale needs of the bank is fetched,
    /// and nothing is in its way.
    pub fn sale_nears(&mut self, typed: bool) {
        if typed {
            self.engine.sale_nears(self.from.clock.now());
        } else {
            self.engine.sale_is_off();
        }
    }

    /// Begins to cancel an unpaid account; what the bank answers moves the payment.
    ///
    /// # Errors
    /// Of the data file.
    pub fn cancel(&mut self, payment: PaymentId, who: Actor) -> Result<CancelStarted, CommandError> {
        self.working()?;
        self.opens_for(payment)?;
        let cancelled = self.engine.cancel(self.from.clock.now(), payment, who);
        cancelled.map_err(|why| self.not_sent(why.into()))
    }

    /// The same, and returns the payment as it is then. The note says what cannot be done.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn begin_cancel(&mut self, payment: &str, who: Actor) -> Result<PaymentView, CommandError> {
        let id = self.known_payment(payment)?;
        let note = match self.cancel(id, who)? {
            CancelStarted::RunsOut(_) => Some(Note::RunsOut),
            CancelStarted::Nothing(_) => Some(Note::NothingToCancel),
            CancelStarted::Planned(_) | CancelStarted::PageClosed => None,
        };
        counterfoil_commands::payment_view(self.engine.store(), id, self.bank_time(), note)
    }

    /// Forgets who bought an order.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn erase_customer(&mut self, order: &str, who: Actor) -> Result<OrderInFull, CommandError> {
        let missing = || CommandError::input(Code::NotFound).with("what", "order");
        let id = OrderId::parse(order).ok_or_else(missing)?;
        let customer = self.engine.store().order(id)?.ok_or_else(missing)?.customer;
        self.working()?;
        if let Some(customer) = customer {
            self.engine.erase_customer(self.from.clock.now(), customer, who)?;
        }
        self.order(order, who)
    }

    /// Puts the right name and note in the place of an order's wrong ones. A member that is left
    /// out stays. Returns where people typed the wrong ones too.
    ///
    /// # Errors
    /// What was typed, `not-found`, also of an order without a customer, or the data file.
    pub fn correct_customer(
        &mut self,
        order: &str,
        name: Option<&str>,
        note: Option<&str>,
        who: Actor,
    ) -> Result<(OrderInFull, Vec<NameLeft>), CommandError> {
        let missing = |what| CommandError::input(Code::NotFound).with("what", what);
        let id = OrderId::parse(order).ok_or_else(|| missing("order"))?;
        let store = self.engine.store();
        let customer = store.order(id)?.ok_or_else(|| missing("order"))?.customer;
        let known = customer.map(|id| store.customer(id)).transpose()?.flatten();
        let known = known.ok_or_else(|| missing("customer"))?;
        let (name, note) = (name.unwrap_or(&known.name), note.unwrap_or(&known.note));
        let to = counterfoil_commands::checked_buyer(name, note)?;
        self.working()?;
        let left = self.engine.correct_customer(self.from.clock.now(), known.id, to, who)?;
        Ok((self.order(order, who)?, left))
    }

    /// Forgets customers, all with one audit line.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn erase_customers(&mut self, customers: &[String], who: Actor) -> Result<(), CommandError> {
        self.working()?;
        let store = self.engine.store();
        let ids = customers.iter().map(|typed| counterfoil_commands::customer_id(store, typed));
        let ids = ids.collect::<Result<_, _>>()?;
        Ok(self.engine.erase_customers(self.from.clock.now(), &ids, who)?)
    }

    /// Forgets what people typed about an order, and its customer, whose id it returns.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn erase_order(&mut self, order: &str, who: Actor) -> Result<Option<String>, CommandError> {
        self.working()?;
        let missing = || CommandError::input(Code::NotFound).with("what", "order");
        let id = OrderId::parse(order).ok_or_else(missing)?;
        let customer = self.engine.store().order(id)?.ok_or_else(missing)?.customer;
        self.engine.erase_order(self.from.clock.now(), id, who)?;
        Ok(customer.map(|id| id.to_string()))
    }

    /// Has customers erased by themselves so many days after the end of their orders; 0: never.
    ///
    /// # Errors
    /// `shop-field`, `role-may-not`, or the data file.
    pub fn set_customer_days(&mut self, days: u16, who: Actor) -> Result<(), CommandError> {
        let customer_days = counterfoil_commands::checked_days(days)?;
        let to = ShopRecord { customer_days, ..self.engine.shop().clone() };
        Ok(self.engine.change_settings(self.from.clock.now(), to, who)?)
    }

    /// Closes a discrepancy: a person has settled it.
    ///
    /// # Errors
    /// `not-found`, `reason-empty`, `reason-too-long`, `reason-control`, or the data file.
    pub fn close_discrepancy(
        &mut self,
        discrepancy: &str,
        reason: &str,
        who: Actor,
    ) -> Result<(), CommandError> {
        let id = counterfoil_commands::discrepancy_id(discrepancy)?;
        let reason = counterfoil_commands::checked_reason(reason)?;
        self.working()?;
        self.engine.close_discrepancy(self.from.clock.now(), id, who, reason)?;
        Ok(())
    }

    /// Has the bank asked about a span of minutes.
    pub fn sweep(&mut self, span: MinuteSpan) {
        self.engine.sweep_span(self.from.clock.now(), span);
    }
}

/// The page of at most `limit` rows that begins behind an order.
///
/// # Errors
/// `not-found`, or the data file.
pub fn page_after<S: Store>(
    store: &S,
    after: Option<&str>,
    limit: u32,
    only: Filter,
) -> Result<Page, CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "order");
    let place = |id: &str| {
        let order = store.order(OrderId::parse(id).ok_or_else(missing)?)?.ok_or_else(missing)?;
        Ok::<_, CommandError>((order.created_at, order.id))
    };
    Ok(Page { after: after.map(place).transpose()?, limit: limit.clamp(1, 500), only })
}

/// A shop as a screen shows it.
pub fn shop_view(shop: &ShopRecord) -> ShopView {
    let sinopac = shop.sinopac.as_ref();
    ShopView {
        rails: Rail::ALL.into_iter().filter(|r| shop.has(r.bank())).collect(),
        name: shop.name.clone(),
        payee_name: shop.payee_name.clone(),
        environment: sinopac.map(|s| s.environment).or(shop.ctbc.as_ref().map(|c| c.environment)),
        account_limit: sinopac.map(|s| s.account_limit.dollars()),
        link_qr: false,
    }
}
