//! What a person changes about the shop: settings, contracts with banks, and keys.

use std::path::Path;

use counterfoil_commands::{Code, CommandError, Exit, SettingsChange, SettingsView};
use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::{Actor, Bank, Right};
use counterfoil_engine::shop::{CtbcSettings, ShopRecord};

use crate::composition::Composition;
use crate::contracts::keys_trouble;
use crate::run_loop::Desk;

impl Desk {
    /// Saves settings; they hold from now on. If they change what the CTBC client was made with,
    /// the shop is composed again.
    ///
    /// # Errors
    /// `shop-field` with the field, or the data file.
    pub fn save_settings(&mut self, change: &SettingsChange, who: Actor) -> Result<(), CommandError> {
        let to = counterfoil_commands::changed_settings(self.engine.shop(), change)?;
        self.working()?;
        let made_with = |shop: &ShopRecord| {
            // of the batch only the engine knows
            shop.ctbc.clone().map(|ctbc| CtbcSettings { batch: BankCalendar::default(), ..ctbc })
        };
        let before = made_with(self.engine.shop());
        self.engine.change_settings(self.from.clock.now(), to, who)?;
        if made_with(self.engine.shop()) != before {
            self.again();
        }
        Ok(())
    }

    /// Records that the program starts at sign-in from now on, or no longer.
    ///
    /// # Errors
    /// `role-may-not`, or of the data file.
    pub fn note_start_at_login(&mut self, on: bool, who: Actor) -> Result<(), CommandError> {
        Ok(self.engine.note_start_at_login(self.from.clock.now(), on, who)?)
    }

    /// Adds a contract with one more bank, with its keys already in the vault; the shop is composed
    /// again with it.
    ///
    /// # Errors
    /// Of the data file.
    pub fn add_bank(&mut self, with: ShopRecord, who: Actor) -> Result<(), CommandError> {
        self.working()?;
        self.engine.add_bank(self.from.clock.now(), with, who)?;
        self.again();
        Ok(())
    }

    /// What a check of the keys needs, to be done away from the desk: the keyring may ask a person,
    /// and the bank takes its time.
    pub fn parts(&self) -> (Composition, ShopRecord) {
        (self.from.clone(), self.engine.shop().clone())
    }

    /// What a check of typed keys needs, as [`Desk::parts`]. The shop's number at that bank may
    /// change until the first sale there.
    ///
    /// # Errors
    /// `role-may-not`, `shop-no-in-use`, `mer-id-in-use`, or the data file.
    pub fn parts_for_keys(
        &self,
        bank: Bank,
        number: &str,
        who: Actor,
    ) -> Result<(Composition, ShopRecord), CommandError> {
        self.allowed(who, Right::Keys)?;
        let is_other = number_at(self.engine.shop(), bank).is_some_and(|ours| ours != number.trim());
        if is_other && self.engine.has_sold_at(bank)? {
            return Err(number_in_use(bank));
        }
        Ok(self.parts())
    }

    /// The keys in the vault belong to this record's number: composes the shop again with both.
    ///
    /// # Errors
    /// As above.
    pub fn keys_replaced_with(
        &mut self,
        bank: Bank,
        with: &ShopRecord,
        who: Actor,
    ) -> Result<(), CommandError> {
        let (new, now) = (number_at(with, bank), self.from.clock.now());
        if let Some(new) = new.filter(|new| number_at(self.engine.shop(), bank) != Some(*new))
            && !self.engine.correct_number(now, bank, new, who)?
        {
            return Err(number_in_use(bank));
        }
        self.engine.keys_changed(now, who)?;
        self.again();
        Ok(())
    }
}

/// The settings of a shop with the state of its keys. Asks the keyring, which may ask a person: not
/// at the desk.
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
