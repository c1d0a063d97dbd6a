//! The bank behind the dialect: its shops, opened card pages, the books, and what happens by itself.
//!
//! Promises that every authorisation goes through here and that nothing reads a clock, a network or random numbers other
//! than the ones handed in. Leaves out the wire, the batch and the operations on the capture file.

use std::collections::{BTreeMap, VecDeque};

use crate::dice::Dice;
use crate::faults::Faults;
use crate::push::Push;
use crate::time::BankTime;

use super::batch::{BatchLine, Desk};
use super::codes::Code;
use super::ledger::{Ledger, Slot, State, Txn, TxnId};
use super::reply::{self, Reply};
use super::shop::Shop;
use super::switches::Switches;

/// Stands for every second reply: nobody repeats them, so nobody needs to know which one was answered.
const SECOND_REPLY: usize = usize::MAX;
/// First terminal sequence of a shop.
const TERM_SEQ_FIRST: u64 = 49;

/// What a step of the bank may use.
pub(crate) struct World<'a> {
    pub(crate) now: BankTime,
    pub(crate) dice: &'a mut Dice,
    pub(crate) switches: &'a Switches,
    pub(crate) faults: &'a mut Faults,
}

/// What stays in the books of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Nothing: it never came to an authorisation.
    Nothing,
    Failed,
    Approved,
}

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What the shop is told.
    pub(crate) code: Code,
    pub(crate) kept: Kept,
}

impl Verdict {
    pub(crate) const APPROVED: Self = Self { code: Code::OK, kept: Kept::Approved };
    pub(crate) const CANCELLED: Self = Self { code: Code("10", "88"), kept: Kept::Nothing };
    pub(crate) const TIMED_OUT: Self = Self { code: Code("10", "E0"), kept: Kept::Nothing };

    pub(crate) const fn declined(code: Code) -> Self {
        Self { code, kept: Kept::Failed }
    }
}

/// An opened card page. No `Debug`: the ticket opens it.
pub(crate) struct Form {
    pub(crate) shop: usize,
    pub(crate) ticket: String,
    pub(crate) asked: Asked,
    pub(crate) opened: BankTime,
    pub(crate) ends: BankTime,
    /// Between the card and the OTP.
    pub(crate) pending: Option<(Verdict, String)>,
    pub(crate) done: bool,
}

/// What a shop asked for by its form.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) lidm: String,
    pub(crate) amount: i64,
    pub(crate) periods: u8,
    /// As in InMac.
    pub(crate) option: String,
    pub(crate) auto_cap: bool,
    pub(crate) merchant_name: String,
    pub(crate) detail: String,
    pub(crate) return_url: Option<String>,
}

/// Something the bank does by itself at a time.
enum Event {
    Pay(usize),
    SecondReply(Reply),
}

/// Why the bank did not do what was asked of it by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    State,
    Unknown,
}

/// A good answer kept for replays.
pub(crate) struct Recent {
    pub(crate) shop: usize,
    pub(crate) service: &'static str,
    pub(crate) order: Option<String>,
    /// Hex as it went out.
    pub(crate) sealed: String,
}

/// One CTBC with its shops.
pub(crate) struct Bank {
    pub(crate) shops: Vec<Shop>,
    pub(crate) ledger: Ledger,
    pub(crate) forms: Vec<Form>,
    pub(crate) desks: Vec<Desk>,
    pub(crate) batches: Vec<BatchLine>,
    pub(crate) recent: VecDeque<Recent>,
    pub(crate) outbox: VecDeque<Push>,
    agenda: BTreeMap<(BankTime, u64), Event>,
    agenda_next: u64,
}

impl Bank {
    pub(crate) fn new(shops: Vec<Shop>, now: BankTime) -> Self {
        let desks = shops.iter().map(|shop| Desk::new(&shop.calendar, now)).collect();
        Self {
            shops,
            ledger: Ledger::default(),
            forms: Vec::new(),
            desks,
            batches: Vec::new(),
            recent: VecDeque::new(),
            outbox: VecDeque::new(),
            agenda: BTreeMap::new(),
            agenda_next: 0,
        }
    }

    /// The shop of a MERID.
    pub(crate) fn shop(&self, mer_id: &str) -> Option<usize> {
        self.shops.iter().position(|shop| shop.mer_id == mer_id)
    }

    /// When the next thing happens by itself.
    pub(crate) fn next_event(&self) -> Option<BankTime> {
        let planned = self.agenda.first_key_value().map(|row| row.0.0);
        planned.into_iter().chain(self.desks.iter().filter_map(Desk::next)).min()
    }

    /// Lets the next thing happen; `world.now` is its time.
    pub(crate) fn run_event(&mut self, world: &mut World<'_>) {
        let planned = self.agenda.first_key_value().map(|row| row.0.0);
        if planned.is_some_and(|at| self.next_event() == Some(at)) {
            match self.agenda.pop_first().map(|row| row.1) {
                Some(Event::Pay(form)) => {
                    // refused when the page was used or ended meanwhile
                    let _done = self.conclude(world, form, Verdict::APPROVED, None, world.now);
                }
                Some(Event::SecondReply(reply)) => self.push(&reply),
                None => {}
            }
        } else {
            self.run_desks(world);
        }
    }

    /// Approves a page later by itself.
    pub(crate) fn plan_pay(&mut self, at: BankTime, form: usize) {
        self.plan(at, Event::Pay(form));
    }

    fn plan(&mut self, at: BankTime, event: Event) {
        self.agenda.insert((at, self.agenda_next), event);
        self.agenda_next += 1;
    }

    /// Sends a reply from server to server.
    pub(crate) fn push(&mut self, reply: &Reply) {
        self.outbox.push_back(Push {
            notice: SECOND_REPLY,
            url: reply.url.clone(),
            body: format!("merID={}&URLResEnc={}", reply.mer_id, reply.sealed),
            media: "application/x-www-form-urlencoded",
        });
    }

    /// The newest page of an order number: one that still can be used before others.
    pub(crate) fn form_of(&self, shop: usize, lidm: &str) -> Option<usize> {
        let of_order = |form: &&Form| form.shop == shop && form.asked.lidm == lidm;
        let place = |done: bool| self.forms.iter().rposition(|form| of_order(&form) && form.done == done);
        place(false).or_else(|| place(true))
    }

    /// Ends an opened page with a verdict and gives what the browser brings back, if there is an address for it.
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
            self.enter_capture(id, asked.amount);
        }
        let reply = reply::build(self, world, shop, &asked, verdict.code, txn);
        if let Some(reply) = reply.as_ref().filter(|_| world.switches.second_reply && txn.is_some()) {
            let due = world.now.plus_ms(world.switches.second_reply_seconds * 1_000);
            self.plan(due, Event::SecondReply(reply.clone()));
        }
        Ok(reply.filter(|reply| !reply.lost))
    }

    /// Puts an approved sale into the open batch.
    pub(crate) fn enter_capture(&mut self, id: TxnId, amount: i64) {
        let Some(shop) = self.ledger.get(id).map(|txn| txn.shop) else { return };
        let slot = self.slot(shop, amount);
        if let Some(txn) = self.ledger.get_mut(id) {
            txn.capture = Some(slot);
            txn.state = State::CaptureQueued;
        }
    }

    /// The next line of a shop's open batch.
    pub(crate) fn slot(&mut self, shop: usize, amount: i64) -> Slot {
        self.desks.get_mut(shop).map_or(Slot { batch: 0, seq: 0, amount }, |desk| desk.slot(amount))
    }

    /// The next terminal sequence of a shop.
    pub(crate) fn fresh_term_seq(&mut self, shop: usize) -> u64 {
        TERM_SEQ_FIRST + self.desks.get_mut(shop).map_or(0, Desk::next_term_seq)
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
        let slot = self.slot(shop, 0);
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
            busy_until: None,
            planted: false,
        })
    }
}
