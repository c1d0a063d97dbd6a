//! Shows the books of both banks, and the requests they got.

use serde::Serialize;
use serde_json::{Value, json};

use crate::calls::Call;
use crate::ctbc::{Came, CardRefund, Txn};
use crate::simulator::Simulator;
use crate::sinopac::{NoticeLine, Order, Refund, State};
use crate::time::BankTime;

use super::args::bank;
use super::error::ControlError;

/// One order in SinoPac's books. Amounts are whole dollars, times RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookLine {
    /// `sinopac`.
    pub bank: &'static str,
    /// The shop number.
    pub shop: String,
    /// The order number.
    pub order: String,
    /// The bank's own number.
    pub ts_no: String,
    /// `A` or `C`.
    pub pay_type: &'static str,
    /// Whole dollars.
    pub amount: i64,
    /// The bank's state code, such as `1A400`.
    pub state: String,
    /// When it was created.
    pub created_at: String,
    /// The first moment at which it could no longer be paid.
    pub expires_at: String,
    /// When a card was approved.
    pub approved_at: Option<String>,
    /// When it was paid or captured.
    pub pay_date: Option<String>,
    /// What was collected.
    pub captured: i64,
    /// Whole dollars that went back.
    pub refunded: i64,
    /// Every refund, oldest first.
    pub refunds: Vec<RefundLine>,
    /// The virtual account; empty for cards.
    pub account: String,
    /// It was planted; no request created it.
    pub planted: bool,
}

/// One refund in the books of a bank. Amounts are whole dollars, times RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundLine {
    /// SinoPac: RefundNo. CTBC: `BatchID/BatchSeq` of its line.
    pub no: String,
    /// Whole dollars.
    pub amount: i64,
    /// SinoPac: the state's code, such as `2C900`. CTBC: `queued`, `locked`, `done`, `failed`, or
    /// `reversed` where it was taken out of the file.
    pub state: String,
    /// The money went back.
    pub done: bool,
    /// When it was asked.
    pub asked_at: String,
    /// When the bank was through with it.
    pub ended_at: Option<String>,
    /// Made at the bank's own back office, not by a request.
    pub by_hand: bool,
}

/// One card transaction in CTBC's books. Amounts are whole dollars, times RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardLine {
    /// `ctbc`.
    pub bank: &'static str,
    /// The MERID.
    pub shop: String,
    /// The lidm; several transactions may have the same.
    pub order: String,
    /// The bank's own number.
    pub xid: String,
    /// As authorized.
    pub amount: i64,
    /// `CurrentState`, such as `12`.
    pub state: String,
    /// When it was authorized or declined.
    pub at: String,
    /// Empty when it was declined.
    pub auth_code: String,
    /// `TermSeq` of the authorization.
    pub term_seq: u64,
    /// Instalments; 0 = one-off.
    pub periods: u8,
    /// What a batch has collected.
    pub captured: i64,
    /// When a batch collected it.
    pub captured_at: Option<String>,
    /// What batches have given back.
    pub refunded: i64,
    /// What waits in the file to be given back.
    pub refund_queued: i64,
    /// Every refund, oldest first.
    pub refunds: Vec<RefundLine>,
    /// `BatchID` of its line.
    pub batch_id: Option<u64>,
    /// `BatchSeq` of its line.
    pub batch_seq: Option<u64>,
    /// First six and last four digits.
    pub pan: String,
    /// It was planted; no form asked for it.
    pub planted: bool,
}

impl Simulator {
    /// One order of the bank's books.
    pub fn book(&self, shop: &str, order: &str) -> Option<BookLine> {
        let id = self.order_id(shop, order).ok()?;
        self.bank.ledger.get(id).map(|order| self.book_line(order))
    }

    /// The whole books, oldest order first.
    pub fn books(&self) -> impl Iterator<Item = BookLine> {
        self.bank.ledger.all().map(|order| self.book_line(order))
    }

    /// What was asked of the bank, oldest first.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.lines()
    }

    /// The notices so far.
    pub fn notices(&self) -> Vec<NoticeLine> {
        self.bank.notices.lines()
    }

    /// CTBC's books, oldest transaction first.
    pub fn cards(&self) -> impl Iterator<Item = CardLine> {
        self.ctbc.ledger.all().map(|txn| self.card_line(txn))
    }

    /// The newest transaction of an order number at CTBC.
    pub fn card(&self, shop: &str, order: &str) -> Option<CardLine> {
        let shop = self.ctbc_shop_at(shop).ok()?;
        let id = self.ctbc.ledger.by_lidm(shop, order).last().copied()?;
        self.ctbc.ledger.get(id).map(|txn| self.card_line(txn))
    }

    pub(super) fn show_books(&self, args: &Value) -> Result<Value, ControlError> {
        let bank = bank(args)?;
        let shop = args.get("shop").and_then(Value::as_str);
        let order = args.get("order").and_then(Value::as_str);
        // `None` = no shop of this bank is meant
        let place = |of: &str, found: Result<usize, ControlError>| match shop {
            _ if bank.is_some_and(|bank| bank != of) => None,
            None => Some(None),
            Some(_) => found.ok().map(Some),
        };
        let name = shop.unwrap_or_default();
        let (sinopac, cards) = (place("sinopac", self.shop_at(name)), place("ctbc", self.ctbc_shop_at(name)));
        if shop.is_some() && sinopac.is_none() && cards.is_none() {
            return Err(ControlError::UnknownShop);
        }
        let wanted = |shop: Option<Option<usize>>, at: usize, number: &str| {
            shop.is_some_and(|shop| shop.is_none_or(|shop| shop == at))
                && order.is_none_or(|order| order == number)
        };
        let orders = self.bank.ledger.all().filter(|line| wanted(sinopac, line.shop, &line.number));
        let txns = self.ctbc.ledger.all().filter(|txn| wanted(cards, txn.shop, &txn.lidm));
        let orders = orders.map(|order| json!(self.book_line(order)));
        Ok(json!({
            "at": self.now.rfc3339(),
            "orders": orders.chain(txns.map(|txn| json!(self.card_line(txn)))).collect::<Vec<_>>(),
            "forms": cards.map_or_else(Vec::new, |shop| self.forms(shop)),
            "batches": self.ctbc.batches,
            "notices": self.notices(),
            "requests": self.calls.requests,
            "busiest_second": self.calls.busiest_second,
        }))
    }

    pub(super) fn show_calls(&self, args: &Value) -> Value {
        let wanted = |name: &str, value: Option<&str>| {
            args.get(name).and_then(Value::as_str).is_none_or(|wanted| value == Some(wanted))
        };
        let lines = self.calls.lines().filter(|call| {
            wanted("order", call.order.as_deref())
                && wanted("service", Some(&call.service))
                && wanted("shop", call.shop.as_deref())
        });
        json!({ "calls": lines.collect::<Vec<_>>() })
    }

    fn book_line(&self, order: &Order) -> BookLine {
        let collected = matches!(order.facts.state, State::Paid | State::Settled);
        BookLine {
            bank: "sinopac",
            shop: self.bank.shops.get(order.shop).map(|shop| shop.number.clone()).unwrap_or_default(),
            order: order.number.clone(),
            ts_no: order.ts_no.clone(),
            pay_type: order.kind.letter(),
            amount: order.facts.amount / 100,
            state: order.facts.code(order.kind).to_owned(),
            created_at: order.created.rfc3339(),
            expires_at: order.ends.rfc3339(),
            approved_at: order.facts.approved.map(BankTime::rfc3339),
            pay_date: order.facts.paid.map(BankTime::rfc3339),
            captured: if collected { order.facts.amount / 100 } else { 0 },
            refunded: order.facts.refunded() / 100,
            refunds: order.facts.refunds.iter().map(refund_line).collect(),
            account: order.account.clone(),
            planted: order.planted,
        }
    }

    /// The pages that were opened, newest last.
    fn forms(&self, shop: Option<usize>) -> Vec<Value> {
        let wanted = self.ctbc.forms.iter().filter(|form| shop.is_none_or(|shop| form.shop == shop));
        wanted
            .map(|form| {
                let open = !form.done && self.now < form.ends;
                json!({
                    "shop": self.ctbc.shops.get(form.shop).map(|shop| &shop.mer_id),
                    "order": form.asked.lidm,
                    "amount": form.asked.amount,
                    "open": open,
                    "opened_at": form.opened.rfc3339(),
                    "ends_at": form.ends.rfc3339(),
                })
            })
            .collect()
    }

    fn card_line(&self, txn: &Txn) -> CardLine {
        let slot = txn.shown_slot();
        CardLine {
            bank: "ctbc",
            shop: self.ctbc.shops.get(txn.shop).map(|shop| shop.mer_id.clone()).unwrap_or_default(),
            order: txn.lidm.clone(),
            xid: txn.xid.clone(),
            amount: txn.authorized,
            state: txn.state_text().to_owned(),
            at: txn.at.rfc3339(),
            auth_code: txn.auth_code.clone(),
            term_seq: txn.term_seq,
            periods: txn.periods,
            captured: txn.captured,
            captured_at: txn.captured_at.map(BankTime::rfc3339),
            refunded: txn.refunded,
            refund_queued: txn.refund.map_or(0, |queued| queued.slot.amount),
            refunds: txn.refunds.iter().map(card_refund_line).collect(),
            batch_id: slot.map(|slot| slot.batch),
            batch_seq: slot.map(|slot| slot.seq),
            pan: txn.masked.clone(),
            planted: txn.planted,
        }
    }
}

fn refund_line(refund: &Refund) -> RefundLine {
    RefundLine {
        no: refund.no.clone(),
        amount: refund.amount / 100,
        state: refund.state.code().to_owned(),
        done: refund.state.is_done(),
        asked_at: refund.asked.rfc3339(),
        ended_at: refund.ended.map(BankTime::rfc3339),
        by_hand: refund.by_hand,
    }
}

fn card_refund_line(refund: &CardRefund) -> RefundLine {
    RefundLine {
        no: format!("{}/{}", refund.slot.batch, refund.slot.seq),
        amount: refund.slot.amount,
        state: refund.came.name().to_owned(),
        done: refund.came == Came::Done,
        asked_at: refund.asked.rfc3339(),
        ended_at: refund.ended.map(BankTime::rfc3339),
        by_hand: refund.by_hand,
    }
}
