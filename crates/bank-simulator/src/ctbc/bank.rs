//! The bank behind the dialect: its shops, opened card pages, the books, and what happens by
//! itself.
//!
//! Promises that nothing reads a clock, a network or random numbers other than the ones handed in.
//! Leaves out the wire, attempts at the card page, the batch, and the operations on the capture
//! file.

use std::collections::{BTreeMap, VecDeque};

use crate::push::Push;
use crate::time::BankTime;

use super::batch::{BatchLine, BatchRun};
use super::ledger::{Ledger, Slot};
use super::shop::Shop;
use super::world::{Form, Verdict, World};

/// Answers that are kept for replays.
const RECENT_MAX: usize = 32;
/// First terminal sequence of a shop.
const TERM_SEQ_FIRST: u64 = 49;

/// Something the bank does by itself at a time.
enum Event {
    Pay(usize),
    SecondReply(Push),
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
    pub(crate) runs: Vec<BatchRun>,
    pub(crate) batches: Vec<BatchLine>,
    pub(crate) recent: VecDeque<Recent>,
    pub(crate) outbox: VecDeque<Push>,
    agenda: BTreeMap<(BankTime, u64), Event>,
    agenda_next: u64,
}

impl Bank {
    pub(crate) fn new(shops: Vec<Shop>, now: BankTime) -> Self {
        let runs = shops.iter().map(|shop| BatchRun::new(&shop.calendar, now)).collect();
        Self {
            shops,
            ledger: Ledger::default(),
            forms: Vec::new(),
            runs,
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
        planned.into_iter().chain(self.runs.iter().filter_map(BatchRun::next)).min()
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
                Some(Event::SecondReply(push)) => self.outbox.push_back(push),
                None => {}
            }
        } else {
            self.run_batches(world);
        }
    }

    /// Approves a page later by itself.
    pub(crate) fn plan_pay(&mut self, at: BankTime, form: usize) {
        self.plan(at, Event::Pay(form));
    }

    /// Plans a second reply.
    pub(crate) fn plan_second_reply(&mut self, at: BankTime, push: Push) {
        self.plan(at, Event::SecondReply(push));
    }

    fn plan(&mut self, at: BankTime, event: Event) {
        self.agenda.insert((at, self.agenda_next), event);
        self.agenda_next += 1;
    }

    /// Keeps a good answer for replays.
    pub(crate) fn remember(&mut self, recent: Recent) {
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(recent);
    }

    /// The newest page of an order number: one that still can be used before others.
    pub(crate) fn form_of(&self, shop: usize, lidm: &str) -> Option<usize> {
        let of_order = |form: &&Form| form.shop == shop && form.asked.lidm == lidm;
        let place = |done: bool| self.forms.iter().rposition(|form| of_order(&form) && form.done == done);
        place(false).or_else(|| place(true))
    }

    /// The next line of a shop's open batch.
    pub(crate) fn slot(&mut self, shop: usize, amount: i64, at: BankTime) -> Slot {
        self.runs.get_mut(shop).map_or(Slot { batch: 0, seq: 0, amount, at }, |run| run.slot(amount, at))
    }

    /// The next terminal sequence of a shop.
    pub(crate) fn fresh_term_seq(&mut self, shop: usize) -> u64 {
        TERM_SEQ_FIRST + self.runs.get_mut(shop).map_or(0, BatchRun::next_term_seq)
    }
}
