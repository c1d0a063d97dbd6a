//! The settings of a shop as a screen shows and changes them. Keys are never in a view.

use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{Bank, Moment};
use counterfoil_engine::shop::{CUSTOMER_DAYS_MAX, LOCK_AFTER_MINS_MAX, ShopRecord};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::contracts::{
    CtbcChange, CtbcSettingsView, SinopacChange, SinopacSettingsView, change_ctbc, change_sinopac, ctbc_view,
    sinopac_view,
};
use crate::error::CommandError;
use crate::shop_file::{named, wrong_field};
use crate::views::is_false;

/// How often the bank is asked; the bounds are those of `schedule::Polling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PollingView {
    /// Seconds, on screen.
    pub screen_s: u16,
    /// Seconds, on screen after two minutes.
    pub screen_later_s: u16,
    /// Days after expiry in which late money is looked for.
    pub after_expiry_days: u16,
}

impl From<Polling> for PollingView {
    fn from(Polling { screen_s, screen_later_s, after_expiry_days }: Polling) -> Self {
        Self { screen_s, screen_later_s, after_expiry_days }
    }
}

impl From<PollingView> for Polling {
    fn from(PollingView { screen_s, screen_later_s, after_expiry_days }: PollingView) -> Self {
        Self { screen_s, screen_later_s, after_expiry_days }
    }
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SettingsView {
    /// Of the shop.
    pub name: String,
    /// The payee name that the customer's bank app will show.
    pub payee_name: String,
    /// `null`: the shop has no contract with this bank.
    pub sinopac: Option<SinopacSettingsView>,
    /// `null`: the shop has no contract with this bank.
    pub ctbc: Option<CtbcSettingsView>,
    /// How often.
    pub polling: PollingView,
    /// Where the data file is.
    pub folder: String,
    /// The demo shop is open because there is no other yet.
    pub can_add: bool,
    /// One-person mode is on: the requester of a refund may approve it alone, slowly.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub one_person: bool,
    /// Minutes without a key or a touch until the window locks; 0: never.
    pub lock_after_mins: u16,
    /// Days after the end of an order until its customer is erased by itself; 0: never.
    pub customer_days: u16,
    /// The program starts when whoever uses this computer signs in to it; absent where it cannot:
    /// it was started for a folder that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub start_at_login: Option<bool>,
}

/// The settings that a person wants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// As in [`SettingsView`].
    pub payee_name: String,
    /// `null`: stays as it is, or is not there.
    pub sinopac: Option<SinopacChange>,
    /// `null`: stays as it is, or is not there.
    pub ctbc: Option<CtbcChange>,
    /// As in [`SettingsView`].
    pub polling: PollingView,
    /// Absent: one-person mode stays as it is.
    #[serde(default)]
    #[ts(optional)]
    pub one_person: Option<bool>,
    /// Absent: stays as it is.
    #[serde(default)]
    #[ts(optional)]
    pub lock_after_mins: Option<u16>,
    /// Absent: stays as it is.
    #[serde(default)]
    #[ts(optional)]
    pub customer_days: Option<u16>,
    /// Absent: stays as it is. It is the computer's, and no setting of the shop.
    #[serde(default)]
    #[ts(optional)]
    pub start_at_login: Option<bool>,
}

/// The settings of a shop at a time, without what only the composition knows. `trouble`: what is
/// wrong with the keys of a bank.
pub fn settings_view(
    shop: &ShopRecord,
    trouble: impl Fn(Bank) -> Option<CommandError>,
    folder: String,
    at: Moment,
) -> SettingsView {
    SettingsView {
        name: shop.name.clone(),
        payee_name: shop.payee_name.clone(),
        sinopac: shop.sinopac.as_ref().map(|s| sinopac_view(s, trouble(Bank::Sinopac))),
        ctbc: shop.ctbc.as_ref().map(|c| ctbc_view(c, trouble(Bank::Ctbc), at)),
        polling: shop.polling.into(),
        folder,
        can_add: false,
        one_person: shop.one_person,
        lock_after_mins: shop.lock_after_mins,
        customer_days: shop.customer_days,
        start_at_login: None,
    }
}

/// Days until a customer is erased by itself.
///
/// # Errors
/// `shop-field`.
pub fn checked_days(days: u16) -> Result<u16, CommandError> {
    if days > CUSTOMER_DAYS_MAX {
        return Err(wrong_field("customer_days", &format!("0-{CUSTOMER_DAYS_MAX}")));
    }
    Ok(days)
}

/// The shop with the change, checked as `shop add` checks it.
///
/// # Errors
/// `shop-field` with the field, `rail-absent` for a bank that the shop has no contract with.
pub fn changed_settings(shop: &ShopRecord, change: &SettingsChange) -> Result<ShopRecord, CommandError> {
    let polling = Polling::from(change.polling);
    if let Some((name, least, most)) = polling.out_of_bounds() {
        return Err(wrong_field("polling", &format!("{name} {least}-{most}")));
    }
    let mut shop =
        ShopRecord { payee_name: named("payee_name", &change.payee_name)?, polling, ..shop.clone() };
    shop.one_person = change.one_person.unwrap_or(shop.one_person);
    shop.lock_after_mins = change.lock_after_mins.unwrap_or(shop.lock_after_mins);
    if shop.lock_after_mins > LOCK_AFTER_MINS_MAX {
        return Err(wrong_field("lock_after_mins", &format!("0-{LOCK_AFTER_MINS_MAX}")));
    }
    shop.customer_days = checked_days(change.customer_days.unwrap_or(shop.customer_days))?;
    change.sinopac.as_ref().map(|change| change_sinopac(&mut shop, change)).transpose()?;
    change.ctbc.as_ref().map(|change| change_ctbc(&mut shop, change)).transpose()?;
    Ok(shop)
}
