//! The page of a card sale at CTBC: checked before the sale is written, handed out once.

use counterfoil_commands::CommandError;
use counterfoil_domain::{BankOrderNo, Payment, PaymentId, Rail};
use counterfoil_engine::Sale;
use counterfoil_engine::ports::{CardForm, CardSale, FormRefused};
use tokio::sync::oneshot;

use crate::desk::Desk;

/// Where a form goes that a browser waits for.
type Answer = oneshot::Sender<CardForm>;

impl Desk {
    /// What cannot stand on the bank's page is found before anything is written.
    pub(crate) fn check_form(&self, sale: &Sale) -> Result<(), CommandError> {
        let sale = CardSale {
            bank_order_no: BankOrderNo::from_text("CHECK"),
            amount: sale.amount,
            merchant_name: self.engine.shop().payee_name.clone(),
            description: sale.description.clone(),
            return_url: "https://127.0.0.1/".to_owned(),
        };
        self.form(&sale).map(drop)
    }

    fn form(&self, sale: &CardSale) -> Result<CardForm, CommandError> {
        let forms = self.banks.forms.as_ref();
        let forms = forms.ok_or_else(|| CommandError::input("rail-absent").with("rail", "ctbc-card"))?;
        forms.form(sale).map_err(|FormRefused { field, why }| {
            CommandError::input("card-text").with("field", field).with("why", why)
        })
    }

    /// A browser wants the form of a sale: written down first, then handed out, and never again.
    pub(crate) fn hand_out(&mut self, id: PaymentId, answer: Answer) -> Result<(), CommandError> {
        // nothing may be written
        if self.paused.is_some() {
            return Ok(());
        }
        let now = self.from.clock.now();
        let Some(sale) = self.engine.form_wanted(now, id)? else { return Ok(()) };
        // checked when it was sold; without a form there is the page that everybody gets
        let Ok(form) = self.form(&sale) else { return Ok(()) };
        if answer.is_closed() {
            return Ok(());
        }
        self.engine.form_handed_out(now, id)?;
        // the browser may have gone meanwhile: it may also have come this far
        let _ = answer.send(form);
        Ok(())
    }
}

/// The loopback page of a card sale at CTBC.
pub(crate) fn form_page(payment: &Payment) -> Option<String> {
    let link = payment.issued.as_ref()?.link.clone();
    link.filter(|_| payment.rail == Rail::CtbcCard)
}
