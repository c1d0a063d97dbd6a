//! The page of a card sale at CTBC: checked before the sale is written, handed out once; and what
//! the browser brings back from it.

use counterfoil_banks::ctbc::Returned;
use counterfoil_commands::{Code, CommandError};
use counterfoil_domain::{Actor, BankOrderNo, Payment, PaymentId, Rail};
use counterfoil_engine::Sale;
use counterfoil_engine::ports::{AuditLine, CardForm, CardSale, FormPort, FormRefused, Store};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use crate::run_loop::Desk;

/// Where a form goes that a browser waits for.
type Answer = oneshot::Sender<CardForm>;

impl Desk {
    /// After a start: listens again on the port stored with each open card payment. Where that
    /// fails, polling does the work.
    ///
    /// # Errors
    /// Of the data file.
    pub fn listen_again(&mut self) -> Result<(), CommandError> {
        let since = self.bank_time();
        for p in self.engine.store().payments_to_watch(since)? {
            let returns = matches!(p.rail, Rail::SinopacCard | Rail::CtbcCard);
            if let (true, Some(port), Some(path)) = (returns, p.return_port, p.return_path) {
                self.returns.reopen(port);
                self.returns.listen_for(p.rail, port, path, p.id);
            }
        }
        Ok(())
    }

    /// Finds what the bank's page cannot show, before anything is written.
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
        let card = self.banks.card.as_deref();
        let card = card.ok_or_else(|| CommandError::input(Code::RailAbsent).with("rail", "ctbc-card"))?;
        FormPort::form(card, sale).map_err(|FormRefused { field, why }| {
            CommandError::input(Code::CardText).with("field", field).with("why", why)
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

    /// A browser came back. Whatever it brought, the bank is asked, and only its answer moves the
    /// payment (money rules 3). What was signed is written down: it tells the clerk why nothing was
    /// paid, and lets the page be replaced once the bank has answered.
    pub(crate) fn came_back(
        &mut self,
        id: PaymentId,
        mer_id: String,
        sealed: &SecretString,
    ) -> Result<(), CommandError> {
        let now = self.from.clock.now();
        self.engine.browser_returned(now, id)?;
        let card = self.banks.card.as_deref().filter(|_| self.paused.is_none());
        let (Some(card), Some(payment)) = (card, self.engine.store().payment(id)?) else { return Ok(()) };
        let fields =
            [("merID".to_owned(), mer_id), ("URLResEnc".to_owned(), sealed.expose_secret().to_owned())];
        let detail = match card.read_return(&fields) {
            Returned::Verified(brought) if brought.bank_order_no == payment.bank_order_no.as_str() => {
                return Ok(self.engine.page_came_back(now, id, brought.code, brought.ends)?);
            }
            Returned::Verified(brought) => format!("verified {}, of another sale", brought.code),
            Returned::Unverified => "not verified".to_owned(),
        };
        // of what is not signed the journal says nothing
        let at = self.engine.bank_time(now);
        let (what, subject) = ("return".to_owned(), id.to_string());
        Ok(self.engine.note(AuditLine { at, who: Actor::Browser, what, subject, detail })?)
    }
}

/// The loopback page of a card sale at CTBC.
pub(crate) fn form_page(payment: &Payment) -> Option<String> {
    let link = payment.issued.as_ref()?.link.clone();
    link.filter(|_| payment.rail == Rail::CtbcCard)
}
