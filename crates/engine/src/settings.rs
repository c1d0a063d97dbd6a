//! The settings of the shop while it is open, and what the counter has acknowledged.

use counterfoil_domain::{Actor, Bank, Filter, Now, PaymentId, Rail, Right, View};

use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{AuditLine, Change, Page, Store};
use crate::shop::{CtbcSettings, ShopRecord};

/// What of the settings differs, for the audit. Values are not told: a payee may be a person.
fn changed(from: &ShopRecord, to: &ShopRecord) -> Vec<&'static str> {
    let one_person = if to.one_person { "one-person-on" } else { "one-person-off" };
    let parts = [
        (one_person, from.one_person != to.one_person),
        ("lock", from.lock_after_mins != to.lock_after_mins),
        ("retention", from.customer_days != to.customer_days),
        ("payee", from.payee_name != to.payee_name),
        ("polling", from.polling != to.polling),
        ("sinopac", from.sinopac != to.sinopac),
        ("ctbc", from.ctbc != to.ctbc),
    ];
    parts.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

impl<S: Store> Engine<S> {
    /// Takes settings as they shall be; they hold from now on. What makes the shop this shop stays
    /// as it is: its name, since when it is asked about, its environments and the numbers by which
    /// it is asked about. Keys are not settings.
    ///
    /// # Errors
    /// Of the store.
    pub fn change_settings(&mut self, now: Now, to: ShopRecord, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::Settings)?;
        let mut shop = self.shop.clone();
        shop.payee_name = to.payee_name;
        shop.polling = to.polling;
        shop.one_person = to.one_person;
        shop.lock_after_mins = to.lock_after_mins;
        shop.customer_days = to.customer_days;
        if let (Some(old), Some(new)) = (&mut shop.sinopac, to.sinopac) {
            old.return_address = new.return_address;
            old.account_limit = new.account_limit;
            old.paper = new.paper;
        }
        if let (Some(old), Some(new)) = (&mut shop.ctbc, to.ctbc) {
            let CtbcSettings { environment, base_url, mer_id, iv, .. } = old.clone();
            *old = CtbcSettings { environment, base_url, mer_id, iv, ..new };
        }
        let detail = changed(&self.shop, &shop).join(" ");
        self.shop_is(now, shop, "settings", &detail, who)
    }

    /// The program starts when somebody signs in to this computer, or no longer. The system keeps
    /// that; the record keeps who chose it.
    ///
    /// # Errors
    /// Of the store.
    pub fn note_start_at_login(&mut self, now: Now, on: bool, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::Settings)?;
        let detail = if on { "start-at-login-on" } else { "start-at-login-off" };
        let at = self.bank_time(now);
        self.note(AuditLine { who, ..by_engine(at, "settings", &self.shop.name, detail) })
    }

    /// Takes the contract with a bank that the shop has had none with, and nothing else. A bank
    /// that is there stays as it is. Of a bank that is swept, everything since the shop was added
    /// is asked about.
    ///
    /// # Errors
    /// Of the store.
    pub fn add_bank(&mut self, now: Now, with: ShopRecord, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::Keys)?;
        let mut shop = self.shop.clone();
        shop.sinopac = shop.sinopac.or(with.sinopac);
        shop.ctbc = shop.ctbc.or(with.ctbc);
        let added = Bank::ALL.into_iter().find(|bank| shop.has(*bank) && !self.shop.has(*bank));
        self.shop_is(now, shop, "bank-add", added.map_or("", Bank::name), who)
    }

    /// The bank knows the shop by another number than was typed (SinoPac ShopNo, CTBC MerID):
    /// possible until the first sale there, which is asked about by it. False: it is too late.
    ///
    /// # Errors
    /// Of the store.
    pub fn correct_number(
        &mut self,
        now: Now,
        bank: Bank,
        number: &str,
        who: Actor,
    ) -> Result<bool, EngineError> {
        self.allowed(who, Right::Keys)?;
        if self.has_sold_at(bank)? {
            return Ok(false);
        }
        let mut shop = self.shop.clone();
        let (what, ours) = match bank {
            Bank::Sinopac => ("shop-no", shop.sinopac.as_mut().map(|sinopac| &mut sinopac.shop_no)),
            Bank::Ctbc => ("mer-id", shop.ctbc.as_mut().map(|ctbc| &mut ctbc.mer_id)),
        };
        if let Some(ours) = ours {
            number.clone_into(ours);
        }
        self.shop_is(now, shop, what, number, who)?;
        Ok(true)
    }

    /// Some payment is, or was, to be collected there.
    ///
    /// # Errors
    /// Of the store.
    pub fn has_sold_at(&self, bank: Bank) -> Result<bool, EngineError> {
        for rail in Rail::ALL.into_iter().filter(|rail| rail.bank() == bank) {
            let only = Filter { rail: Some(rail), ..Filter::default() };
            let page = Page { limit: 1, only, ..Page::default() };
            if !self.store.orders_in(View::All, self.shop.added_at, page)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn shop_is(
        &mut self,
        now: Now,
        shop: ShopRecord,
        what: &str,
        detail: &str,
        who: Actor,
    ) -> Result<(), EngineError> {
        if shop == self.shop {
            return Ok(());
        }
        let at = self.bank_time(now);
        let audit = AuditLine { who, ..by_engine(at, what, &shop.name, detail) };
        self.commit(audit, vec![Change::ShopChanged(shop.clone())])?;
        self.shop = shop;
        self.rebuild(now)
    }

    /// Writes down what happened outside of the data file, for example in a browser.
    ///
    /// # Errors
    /// Of the store.
    pub fn note(&mut self, audit: AuditLine) -> Result<(), EngineError> {
        self.commit(audit, vec![])
    }

    /// Acknowledges the news about a payment; twice is the same as once.
    ///
    /// # Errors
    /// Of the store.
    pub fn seen(&mut self, now: Now, payment: PaymentId, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::Acknowledge)?;
        let at = self.bank_time(now);
        let audit = AuditLine { who, ..by_engine(at, "seen", payment, "") };
        self.commit(audit, vec![Change::NewsSeen(payment)])
    }
}
