//! What the window asks of the desk beside selling: lists, news, settings, health. Nothing is waited for in here.

use std::path::Path;

use counterfoil_commands::{
    Code, CommandError, CoverageView, Exit, FilterTyped, HealthView, Note, OWNER, OrderInFull, OrderRowView,
    PaymentView, SettingsChange, SettingsView, ShopView, ViewCount,
};
use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::{Bank, Filter, OrderId, PaymentId, Rail, Twd, View};
use counterfoil_engine::CancelStarted;
use counterfoil_engine::ports::{AuditLine, Page, Store};
use counterfoil_engine::shop::{CtbcSettings, ShopRecord};

use crate::compose::Composition;
use crate::contracts::keys_trouble;
use crate::desk::{Desk, Over, shop_view};

/// News that are told at once; who has not looked for longer has a list to work off.
const NEWS_MAX: u32 = 50;

impl Desk {
    /// The shop, as a screen shows it.
    pub fn shop(&self) -> ShopView {
        ShopView { link_qr: self.engine.link_qr_allowed(), ..shop_view(self.engine.shop()) }
    }

    /// The most that a rail takes at once, whole dollars; `None`: the shop does not have it.
    pub fn limit(&self, rail: Rail) -> Option<i64> {
        self.engine.limit(rail).map(Twd::dollars)
    }

    /// A payment as it stands.
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

    /// A page of a built-in view, or of what a search finds when something was typed, newest first, of those that a filter leaves.
    ///
    /// # Errors
    /// Those of [`FilterTyped::read`], `not-found` of the row before the page, or the data file.
    pub fn orders(
        &mut self,
        view: View,
        typed: &str,
        filter: &FilterTyped,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<OrderRowView>, CommandError> {
        let at = self.bank_time();
        let store = self.engine.store();
        let page = page_after(store, after, limit, filter.read(at)?)?;
        if typed.trim().is_empty() {
            counterfoil_commands::orders_in(store, view, at, page)
        } else {
            counterfoil_commands::orders_search(store, typed, at, page)
        }
    }

    /// One order with its payments; nobody is asked for it.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn order(&self, order: &str) -> Result<OrderInFull, CommandError> {
        counterfoil_commands::order_in_full(self.engine.store(), order, self.bank_time())
    }

    /// How many orders stand in the views that a person works off.
    ///
    /// # Errors
    /// Of the data file.
    pub fn view_counts(&mut self) -> Result<Vec<ViewCount>, CommandError> {
        let at = self.bank_time();
        counterfoil_commands::view_counts(self.engine.store(), at)
    }

    /// How far the bank has been asked.
    ///
    /// # Errors
    /// Of the data file.
    pub fn coverage(&mut self) -> Result<CoverageView, CommandError> {
        let at = self.bank_time();
        counterfoil_commands::coverage(self.engine.store(), at)
    }

    /// What is wrong now.
    pub fn health(&self) -> HealthView {
        let now = self.from.clock.now();
        let has = |bank: &Bank| self.engine.shop().has(*bank);
        let times = |bank| (bank, self.engine.bank_times(bank, now));
        let clocks: Vec<_> = Bank::ALL.into_iter().filter(has).map(times).collect();
        counterfoil_commands::health_view(self.engine.health(), &clocks, now.wall, self.paused.as_ref())
    }

    /// Payments with news that nobody has seen yet, oldest first.
    ///
    /// # Errors
    /// Of the data file.
    pub fn news(&self) -> Result<Vec<PaymentView>, CommandError> {
        let (store, at) = (self.engine.store(), self.bank_time());
        let view = |id: PaymentId| counterfoil_commands::payment_view(store, id, at, None);
        store.news(NEWS_MAX)?.into_iter().map(view).collect()
    }

    /// Somebody has seen the news about a payment.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn seen(&mut self, payment: &str) -> Result<(), CommandError> {
        let id = self.known_payment(payment)?;
        self.working()?;
        Ok(self.engine.seen(self.from.clock.now(), id, OWNER)?)
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

    /// Begins to cancel an unpaid account; what the bank answers moves the payment. The note says what cannot be done.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn begin_cancel(&mut self, payment: &str) -> Result<PaymentView, CommandError> {
        let id = self.known_payment(payment)?;
        self.working()?;
        let note = match self.engine.cancel(self.from.clock.now(), id, OWNER)? {
            CancelStarted::RunsOut(_) => Some(Note::RunsOut),
            CancelStarted::Nothing(_) => Some(Note::NothingToCancel),
            CancelStarted::Planned(_) => None,
        };
        counterfoil_commands::payment_view(self.engine.store(), id, self.bank_time(), note)
    }

    /// Forgets who bought an order.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn erase_customer(&mut self, order: &str) -> Result<OrderInFull, CommandError> {
        let missing = || CommandError::input(Code::NotFound).with("what", "order");
        let id = OrderId::parse(order).ok_or_else(missing)?;
        let customer = self.engine.store().order(id)?.ok_or_else(missing)?.customer;
        self.working()?;
        if let Some(customer) = customer {
            self.engine.erase_customer(self.from.clock.now(), customer, OWNER)?;
        }
        self.order(order)
    }

    /// Takes settings; they hold from now on. What the speaker of CTBC was made with has the shop composed anew.
    ///
    /// # Errors
    /// `shop-field` with the field, or the data file.
    pub fn save_settings(&mut self, change: &SettingsChange) -> Result<(), CommandError> {
        let to = counterfoil_commands::changed_settings(self.engine.shop(), change)?;
        self.working()?;
        let made_with = |shop: &ShopRecord| {
            // of the batch only the engine knows
            shop.ctbc.clone().map(|ctbc| CtbcSettings { batch: BankCalendar::default(), ..ctbc })
        };
        let before = made_with(self.engine.shop());
        self.engine.change_settings(self.from.clock.now(), to, OWNER)?;
        if made_with(self.engine.shop()) != before {
            self.again();
        }
        Ok(())
    }

    /// The shop has a contract with one more bank, whose keys are in the vault; it is composed anew with it.
    ///
    /// # Errors
    /// Of the data file.
    pub fn add_bank(&mut self, with: ShopRecord) -> Result<(), CommandError> {
        self.working()?;
        self.engine.add_bank(self.from.clock.now(), with, OWNER)?;
        self.again();
        Ok(())
    }

    /// What a check of the keys needs, to be done away from the desk: the keyring may ask a person, and the bank takes its time.
    pub fn place(&self) -> (Composition, ShopRecord) {
        (self.from.clone(), self.engine.shop().clone())
    }

    /// What a check of typed keys needs, as [`Desk::place`]. Another number of the shop at that bank is taken until the first sale there.
    ///
    /// # Errors
    /// `shop-no-in-use`, `mer-id-in-use`, or the data file.
    pub fn place_of_keys(&self, bank: Bank, number: &str) -> Result<(Composition, ShopRecord), CommandError> {
        let is_other = number_at(self.engine.shop(), bank).is_some_and(|ours| ours != number.trim());
        if is_other && self.engine.has_sold_at(bank)? {
            return Err(number_in_use(bank));
        }
        Ok(self.place())
    }

    /// The keys in the vault belong to the number of this record: the shop is composed anew with both.
    ///
    /// # Errors
    /// As above.
    pub fn keys_replaced_with(&mut self, bank: Bank, with: &ShopRecord) -> Result<(), CommandError> {
        let (new, now) = (number_at(with, bank), self.from.clock.now());
        if let Some(new) = new.filter(|new| number_at(self.engine.shop(), bank) != Some(*new))
            && !self.engine.correct_number(now, bank, new, OWNER)?
        {
            return Err(number_in_use(bank));
        }
        self.keys_replaced()
    }

    /// The keys were replaced: the shop is composed anew with them.
    ///
    /// # Errors
    /// Of the data file.
    fn keys_replaced(&mut self) -> Result<(), CommandError> {
        let at = self.bank_time();
        let name = self.engine.shop().name.clone();
        let audit = AuditLine {
            at,
            who: OWNER.into(),
            what: "shop-keys".into(),
            subject: name,
            detail: String::new(),
        };
        self.engine.note(audit)?;
        self.again();
        Ok(())
    }

    /// The shop is composed anew, or another one in its place.
    pub fn again(&mut self) {
        self.over = Some(Over::Again);
    }
}

/// The settings of a shop with the state of its keys. Asks the keyring, which may ask a person: not at the desk.
pub fn settings(from: &Composition, shop: &ShopRecord, can_add: bool) -> SettingsView {
    let folder = Path::display(&from.data).to_string();
    let trouble = |bank| keys_trouble(from, shop, bank);
    let view = counterfoil_commands::settings_view(shop, trouble, folder, from.clock.wall());
    SettingsView { can_add, ..view }
}

/// The number by which a bank knows the shop.
fn number_at(shop: &ShopRecord, bank: Bank) -> Option<&str> {
    match bank {
        Bank::Sinopac => shop.sinopac.as_ref().map(|sinopac| sinopac.shop_no.as_str()),
        Bank::Ctbc => shop.ctbc.as_ref().map(|ctbc| ctbc.mer_id.as_str()),
    }
}

fn number_in_use(bank: Bank) -> CommandError {
    let code = match bank {
        Bank::Sinopac => Code::ShopNoInUse,
        Bank::Ctbc => Code::MerIdInUse,
    };
    CommandError::new(code, Exit::NotAllowed)
}

/// The page of at most `limit` rows that begins behind an order.
pub(crate) fn page_after<S: Store>(
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
