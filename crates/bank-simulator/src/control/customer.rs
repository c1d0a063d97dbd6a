//! Lets a customer of SinoPac pay, or declines the card.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::simulator::Simulator;
use crate::sinopac::OrderId;
use crate::sinopac::bank::Event;
use crate::time::BankTime;

use super::error::ControlError;

/// What the browser would post to the shop's return address. No `Debug`: a token or a result is in
/// it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct BrowserReturn {
    /// `ReturnURL` or `AuthResURL` of the order.
    pub url: String,
    /// The fields of the form.
    pub fields: BTreeMap<String, String>,
}

impl Simulator {
    /// The customer pays: money arrives on the account, or the card is approved. Also after the end
    /// (late money). With a time in the past the payment carries that time; with one in the future
    /// it happens then (and gives `None`).
    ///
    /// # Errors
    /// When shop or order is unknown, or the order is paid already.
    pub fn pay(
        &mut self,
        shop: &str,
        order: &str,
        at: Option<BankTime>,
    ) -> Result<Option<BrowserReturn>, ControlError> {
        let id = self.order_id(shop, order)?;
        if let Some(later) = at.filter(|at| *at > self.now) {
            self.bank.plan(later, Event::Pay(id));
            return Ok(None);
        }
        let at = at.unwrap_or(self.now);
        let (bank, mut world) = self.parts();
        let token = bank.pay(&mut world, id, at)?;
        self.run_to(self.now);
        Ok(self.browser_return(id, token))
    }

    /// The card is declined; the order waits on while its link lives.
    ///
    /// # Errors
    /// When shop or order is unknown, or the order is no waiting card order.
    pub fn decline(&mut self, shop: &str, order: &str) -> Result<Option<BrowserReturn>, ControlError> {
        let id = self.order_id(shop, order)?;
        let (bank, mut world) = self.parts();
        let token = bank.decline(&mut world, id, "E2700")?;
        Ok(self.browser_return(id, token))
    }

    pub(crate) fn shop_at(&self, shop: &str) -> Result<usize, ControlError> {
        let by_name = || self.bank.shops.iter().position(|known| known.name == shop);
        self.bank.shop(shop).or_else(by_name).ok_or(ControlError::UnknownShop)
    }

    pub(crate) fn order_id(&self, shop: &str, order: &str) -> Result<OrderId, ControlError> {
        let shop = self.shop_at(shop)?;
        self.bank.ledger.by_number(shop, order).ok_or(ControlError::UnknownOrder)
    }

    fn browser_return(&self, id: OrderId, token: String) -> Option<BrowserReturn> {
        let order = self.bank.ledger.get(id)?;
        let shop = self.bank.shops.get(order.shop)?;
        // no browser waits when money arrives on an account
        (order.account.is_empty()).then(|| BrowserReturn {
            url: order.return_url.clone(),
            fields: BTreeMap::from([
                ("ShopNo".to_owned(), shop.number.clone()),
                ("PayToken".to_owned(), token),
            ]),
        })
    }
}
