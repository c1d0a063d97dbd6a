//! Ends an attempt at the card page, and writes it into the books. Every authorization goes
//! through here.

use crate::time::BankTime;

use super::bank::Bank;
use super::ledger::{State, Txn, TxnId};
use super::reply::{self, Reply};
use super::world::{Asked, Kept, Refused, Verdict, World};

impl Bank {
    /// Ends an opened page with a verdict and gives what the browser brings back, if there is an
    /// address for it.
    pub(crate) fn conclude(
        &mut self,
        world: &mut World<'_>,
        form: usize,
        verdict: Verdict,
        masked: Option<String>,
        at: BankTime,
    ) -> Result<Option<Reply>, Refused> {
        let entry = self.forms.get_mut(form).ok_or(Refused::Unknown)?;
        if entry.done {
            return Err(Refused::State);
        }
        let verdict = if world.now < entry.ends { verdict } else { Verdict::TIMED_OUT };
        entry.done = true;
        entry.pending = None;
        let (shop, asked) = (entry.shop, entry.asked.clone());
        let masked = masked.unwrap_or_else(|| "412345******3312".to_owned());
        let txn = match verdict.kept {
            Kept::Nothing => None,
            Kept::Failed => Some(self.write(world, shop, &asked, (State::Failed, masked), at)),
            Kept::Approved => Some(self.write(world, shop, &asked, (State::Authorized, masked), at)),
        };
        if let Some(id) = txn.filter(|_| verdict.kept == Kept::Approved && asked.auto_cap) {
            self.enter_capture(id, asked.amount, world.now);
        }
        let reply = reply::build(self, world, shop, &asked, verdict.code, txn);
        if let Some(reply) = reply.as_ref().filter(|_| world.switches.second_reply && txn.is_some()) {
            let due = world.now.plus_ms(world.switches.second_reply_seconds * 1_000);
            self.plan_second_reply(due, reply.push());
        }
        Ok(reply.filter(|reply| !reply.lost))
    }

    /// Puts an approved sale into the open batch.
    pub(crate) fn enter_capture(&mut self, id: TxnId, amount: i64, now: BankTime) {
        let Some(shop) = self.ledger.get(id).map(|txn| txn.shop) else { return };
        let slot = self.slot(shop, amount, now);
        if let Some(txn) = self.ledger.get_mut(id) {
            txn.capture = Some(slot);
            txn.state = State::CaptureQueued;
        }
    }

    /// Writes a transaction that no form asked for, or changes the newest one of an order number.
    pub(crate) fn plant(
        &mut self,
        world: &mut World<'_>,
        shop: usize,
        lidm: &str,
        amount: Option<i64>,
        state: Option<&str>,
    ) {
        let known = self.ledger.by_lidm(shop, lidm).last().copied();
        let id = known.unwrap_or_else(|| {
            let asked = Asked {
                lidm: lidm.to_owned(),
                amount: amount.unwrap_or(100),
                periods: 0,
                option: "1".to_owned(),
                auto_cap: false,
                merchant_name: String::new(),
                detail: String::new(),
                return_url: None,
            };
            let card = (State::Authorized, "412345******3312".to_owned());
            let id = self.write(world, shop, &asked, card, world.now);
            if let Some(txn) = self.ledger.get_mut(id) {
                txn.planted = true;
            }
            id
        });
        let slot = self.slot(shop, 0, world.now);
        let Some(txn) = self.ledger.get_mut(id) else { return };
        if let Some(amount) = amount {
            (txn.authorized, txn.open) = (amount, amount);
        }
        if let Some(text) = state {
            match State::from_number(text) {
                Some(state) => txn.settle_as(state, slot, world.now),
                None => txn.odd_state = Some(text.to_owned()),
            }
        }
    }

    fn write(
        &mut self,
        world: &mut World<'_>,
        shop: usize,
        asked: &Asked,
        (state, masked): (State, String),
        at: BankTime,
    ) -> TxnId {
        let term_seq = self.fresh_term_seq(shop);
        let approved = state == State::Authorized;
        let auth_code = if approved { format!("{:06}", world.dice.below(1_000_000)) } else { String::new() };
        let serial = world.dice.next();
        self.ledger.add(Txn {
            shop,
            lidm: asked.lidm.clone(),
            xid: format!("{serial:016X}{:04X}_{}", term_seq & 0xFFFF, asked.lidm),
            authorized: asked.amount,
            open: asked.amount,
            periods: asked.periods,
            state,
            odd_state: None,
            masked,
            auth_code,
            term_seq,
            retr_ref: format!("{:06}{:06}", world.dice.below(1_000_000), term_seq % 1_000_000),
            at,
            capture: None,
            capture_reversed: false,
            captured: 0,
            captured_at: None,
            refund: None,
            refund_reversed: false,
            refunded: 0,
            refunds: Vec::new(),
            busy_until: None,
            planted: false,
        })
    }
}
