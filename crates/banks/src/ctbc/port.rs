//! This bank as the engine asks it: questions, writes and forms in the engine's words. Requests of
//! the other bank are not sent.

use counterfoil_domain::{
    BankAnswer, BankOrderNo, BankRow, CardState, DiscrepancyKind, Issued, OperationKind, Seen, Twd,
};
use counterfoil_engine::ports::{
    BankPort, BankReply, BankRequest, BoxFuture, CardForm, CardSale, FormPort, FormRefused, Fuse, Inquiry,
    Said, Write,
};

use super::wire::DESCRIPTION_CHARS_MAX;
use super::{Action, CardRow, Ctbc, Differs, Found, Sale};
use crate::transport::Transport;

/// Never authorized, in the bank's words.
const NOTHING: &str = "QueryCode 0";

impl<T: Transport> BankPort for Ctbc<T> {
    fn call_while(&self, request: BankRequest, fuse: Fuse) -> BoxFuture<'_, BankReply> {
        Box::pin(async move {
            match request {
                BankRequest::Ask(Inquiry::Card { bank_order_no, amount, xid }) => {
                    self.ask_card(&bank_order_no, amount, xid.as_deref()).await
                }
                BankRequest::Ask(Inquiry::Time { bank_order_no }) => self.time(&bank_order_no).await,
                BankRequest::Write(Write::Card { kind, bank_order_no, authorized, amount, handles }) => {
                    match action(kind, amount) {
                        Some(action) => {
                            self.manage_order(action, Some(&bank_order_no), authorized, &handles, &fuse).await
                        }
                        None => unsendable(super::written(BankAnswer::NotSent, None)),
                    }
                }
                BankRequest::Write(
                    Write::IssueAccount { .. }
                    | Write::CreateLink { .. }
                    | Write::Manage { .. }
                    | Write::Refund { .. },
                ) => unsendable(super::written(BankAnswer::NotSent, None)),
                BankRequest::Ask(
                    Inquiry::Order { .. }
                    | Inquiry::Token { .. }
                    | Inquiry::Paid { .. }
                    | Inquiry::Bill { .. }
                    | Inquiry::Uncaptured,
                ) => unsendable(Said::Silent),
            }
        })
    }
}

/// A refund has an amount and nothing else has one. `None`: it cannot be sent.
fn action(kind: OperationKind, amount: Option<Twd>) -> Option<Action> {
    let whole =
        [Action::Capture, Action::ReverseCapture, Action::ReverseAuthorization, Action::ReverseRefund];
    match amount {
        Some(amount) => Some(Action::Refund { amount }).filter(|action| action.kind() == kind),
        None => whole.into_iter().find(|action| action.kind() == kind),
    }
}

/// A request of the other bank: not one byte left.
fn unsendable(said: Said) -> BankReply {
    let (code, transcript) = ("unsendable".to_owned(), "nothing was sent".to_owned());
    BankReply { said, bank_now: None, heard: None, code, transcript }
}

impl<T: Transport> Ctbc<T> {
    async fn ask_card(&self, bank_order_no: &BankOrderNo, amount: Twd, xid: Option<&str>) -> BankReply {
        let inquired = self.inquire(bank_order_no, amount, xid).await;
        // the code of success says nothing about what was found
        let code = if inquired.found == Found::Nothing { NOTHING.to_owned() } else { inquired.code };
        let said = match inquired.found {
            Found::Row(row) => {
                let others = inquired.others.into_iter().map(|xid| named_only(bank_order_no, xid));
                let latest = std::iter::once(in_our_words(bank_order_no, row));
                Said::Rows(latest.chain(others).collect())
            }
            Found::Nothing => Said::Rows(Vec::new()),
            Found::Unequal(Differs::Amount, facts) => Said::Unequal(DiscrepancyKind::AmountDiffers, facts),
            Found::Unequal(Differs::Number | Differs::Shop, facts) => {
                Said::Unequal(DiscrepancyKind::EchoDiffers, facts)
            }
            Found::Refused(of) => Said::Refused(of),
            Found::Silent => Said::Silent,
        };
        let (bank_now, heard) = (inquired.bank_now, inquired.heard);
        BankReply { said, bank_now, heard, code, transcript: inquired.transcript }
    }
}

/// Number, amount and shop have been compared where the answer carries them.
fn in_our_words(bank_order_no: &BankOrderNo, row: CardRow) -> BankRow {
    let bank_ref = row.handles.as_ref().map(|handles| handles.xid.clone());
    BankRow {
        bank_order_no: bank_order_no.to_string(),
        seen: Seen::Ctbc { state: row.state, several: row.several },
        said: row.said,
        amount: row.amount,
        created_minute: None,
        paid_minute: None,
        paid_at: row.paid_at,
        expires_at: None,
        issued: bank_ref.map(|xid| Issued { account: None, link: None, web_atm: None, bank_ref: Some(xid) }),
        card_tail: row.tail,
        handles: row.handles,
    }
}

/// A transaction of which the bank told its name and nothing that can be relied on.
fn named_only(bank_order_no: &BankOrderNo, xid: String) -> BankRow {
    BankRow {
        bank_order_no: bank_order_no.to_string(),
        seen: Seen::Ctbc { state: CardState::Unlisted, several: true },
        said: "Data".to_owned(),
        amount: None,
        created_minute: None,
        paid_minute: None,
        paid_at: None,
        expires_at: None,
        issued: Some(Issued { account: None, link: None, web_atm: None, bank_ref: Some(xid) }),
        card_tail: None,
        handles: None,
    }
}

impl<T: Send + Sync> FormPort for Ctbc<T> {
    fn form(&self, sale: &CardSale) -> Result<CardForm, FormRefused> {
        let sale = Sale {
            bank_order_no: sale.bank_order_no.clone(),
            amount: sale.amount,
            merchant_name: widened(&sale.merchant_name),
            description: widened(&sale.description).chars().take(DESCRIPTION_CHARS_MAX).collect(),
            return_url: sale.return_url.clone(),
        };
        let refused =
            |bad: super::BadInput| FormRefused { field: bad.field().to_owned(), why: bad.to_string() };
        let form = Self::form(self, &sale).map_err(refused)?;
        Ok(CardForm { action: form.action.into(), mer_id: form.mer_id, url_enc: form.url_enc })
    }
}

/// What would end a field goes in its full width; the file keeps what was typed.
fn widened(text: &str) -> String {
    let wide = |c| match c {
        '&' => '＆',
        '=' => '＝',
        '|' => '｜',
        other => other,
    };
    text.chars().map(wide).collect()
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::operation::rules::Message;

    use super::*;

    /// A refund with its amount, any other without.
    #[test]
    fn each_command_on_a_card_can_be_sent() {
        for kind in OperationKind::ALL {
            let rule = kind.rule();
            let is_card = rule.message == Message::Card;
            let whole = (is_card && !rule.gives_back()).then_some(kind);
            let part = (is_card && rule.gives_back()).then_some(kind);
            let sent = [None, Some(Twd::new(5))].map(|amount| action(kind, amount).map(Action::kind));
            assert_eq!(sent, [whole, part], "{kind:?}");
        }
    }
}
