//! The engine itself: what it holds, its start, and the two functions that drive everything: `step`
//! and `answered`.
//!
//! Two clocks come in. Whatever waits in memory waits by the monotonic one; what is stamped, ends
//! or is planned by the day goes by the bank's clock, which each lane keeps. When a bank's clock
//! moves, [`Engine::replan`] plans everything again, in one place.

use std::collections::{BTreeMap, VecDeque};

use counterfoil_domain::{
    Actor, Bank, Denied, DiscrepancyId, EvidenceId, Moment, Mono, Now, Operation, OperationId, Payment,
    PaymentId, PerBank, PersonError,
};
use secrecy::SecretString;

use crate::calls::{BankCall, Leaves, Step, Ticket};
use crate::charges::Charges;
use crate::customers::Tending;
use crate::health::Health;
use crate::lane::{Lane, Lanes};
use crate::next::Next;
use crate::notice::{Notice, notice_of, refund_of};
use crate::plan::{Asked, At};
use crate::ports::{AuditLine, BankReply, Change, Commit, Entropy, Guard, Jot, KeptClock, Store, StoreError};
use crate::purpose::Purpose;
use crate::refund::{RefundRefused, Refunds};
use crate::screen::Watched;
use crate::sell::SaleRefused;
use crate::shop::ShopRecord;
use crate::sweep::Sweep;

/// How often one decision is made when other hands change its rows.
const DECISIONS_MAX: u32 = 3;
/// After that it waits so long.
const CONFLICT_MS: i64 = 1_000;

/// A step follows at once when a call was handed out, or the computer has slept.
const SLEPT_MS: i64 = 500;

/// Tokens from browsers that wait to be asked about.
const TOKENS_MAX: usize = 64;

/// Why the engine did not do it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The data file; after [`StoreError::Storage`] send nothing until it is opened again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data file holds no shop yet.
    #[error("there is no shop in this data file")]
    NoShop,
    /// No row of that id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A sale that was not begun.
    #[error(transparent)]
    Sale(#[from] SaleRefused),
    /// A refund that was not taken down, or not moved.
    #[error(transparent)]
    Refund(#[from] RefundRefused),
    /// Something about a person that was not taken.
    #[error(transparent)]
    Person(#[from] PersonError),
    /// The actor may not. Nothing was written.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The record does not prove these people, so nobody accepts anything in it.
    #[error("the record does not prove every person")]
    Unproved(Vec<String>),
}

/// A call that was handed out.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) bank: Bank,
    pub(crate) purpose: Purpose,
    pub(crate) sent: Asked,
}

/// One shop at work. `S` keeps, everything else is in memory and can be lost at any line.
pub struct Engine<S> {
    pub(crate) store: S,
    pub(crate) shop: ShopRecord,
    entropy: Box<dyn Entropy>,
    health: Health,
    /// Each bank's own clock, pace and agenda: one bank's trouble does not stop the other.
    pub(crate) lanes: Lanes,
    /// On the screen.
    pub(crate) screen: BTreeMap<PaymentId, Watched>,
    /// When creates of this run were planned: the clerk's patience. A create of an earlier run has
    /// none left.
    pub(crate) patience: BTreeMap<OperationId, Mono>,
    /// When operations of this run were sent.
    pub(crate) sent: BTreeMap<OperationId, Mono>,
    /// When what this run sold was sold, whatever the bank's clock showed then.
    pub(crate) born: BTreeMap<PaymentId, Mono>,
    /// When this run first saw an open payment that was sold in the future.
    pub(crate) noticed: BTreeMap<PaymentId, Mono>,
    /// When this run heard that a card page was left: only a later question counts.
    pub(crate) left: BTreeMap<PaymentId, Mono>,
    /// When what this run began ends: it ends by this clock too.
    pub(crate) ends: BTreeMap<PaymentId, Mono>,
    pub(crate) tokens: VecDeque<(PaymentId, SecretString)>,
    pub(crate) sweep: Sweep,
    pub(crate) refunds: Refunds,
    pub(crate) charges: Charges,
    pub(crate) in_flight: BTreeMap<Ticket, InFlight>,
    /// Answers that could not be kept yet: other hands were at the same rows.
    unkept: VecDeque<(Purpose, Asked, BankReply)>,
    tickets: u64,
    /// The call that the last step handed out.
    handed_out: Option<(Bank, Mono)>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) tending: Tending,
    shut: PerBank<bool>,
}

impl<S: Store> Engine<S> {
    /// Opens a shop: every operation that was being sent is `Unknown` from here on, as after a lost
    /// answer.
    ///
    /// # Errors
    /// [`EngineError::NoShop`] before `shop add`, else of the store.
    pub fn open(store: S, entropy: Box<dyn Entropy>, now: Now) -> Result<Self, EngineError> {
        let shop = store.shop()?.ok_or(EngineError::NoShop)?;
        let mut clocks = PerBank::default();
        for bank in Bank::ALL {
            // a bank that has told its time never: this computer is as far off as the other one
            // said
            let others = Bank::ALL.into_iter().filter(|other| *other != bank);
            *clocks.get_mut(bank) = first_kept(&store, [bank].into_iter().chain(others))?;
        }
        let mut health = Health::default();
        for bank in Bank::ALL {
            // as the program before saw it, until the bank answers this one
            health.banks.get_mut(bank).refused = store.kept_refusal(bank)?;
        }
        let mut lanes = Lanes::from_fn(|bank| Lane::open(now, *clocks.get(bank)));
        for bank in Bank::ALL {
            lanes.get_mut(bank).doubt_kept = store.kept_doubt(bank)?;
        }
        if Bank::ALL.into_iter().any(|bank| lanes.get(bank).doubt_kept.is_some()) {
            // it is this computer's clock, whichever bank said it
            for bank in Bank::ALL {
                lanes.get_mut(bank).clock.was_doubted();
            }
        }
        let mut engine = Self {
            store,
            shop,
            entropy,
            health,
            lanes,
            screen: BTreeMap::new(),
            patience: BTreeMap::new(),
            sent: BTreeMap::new(),
            born: BTreeMap::new(),
            noticed: BTreeMap::new(),
            left: BTreeMap::new(),
            ends: BTreeMap::new(),
            tokens: VecDeque::new(),
            sweep: Sweep::default(),
            refunds: Refunds::default(),
            charges: Charges::default(),
            in_flight: BTreeMap::new(),
            unkept: VecDeque::new(),
            tickets: 0,
            handed_out: None,
            notices: Vec::new(),
            tending: Tending::default(),
            shut: PerBank::default(),
        };
        match engine.recover(now).and_then(|()| engine.tell_foreign(now)) {
            // a shop to look at only, while its keys cannot be had: the next start recovers it
            Ok(()) | Err(EngineError::Store(StoreError::NoKey)) => {}
            Err(error) => return Err(error),
        }
        engine.rebuild(now)?;
        Ok(engine)
    }

    /// Neither asks this bank nor sends anything to it: its keys are lost. What is planned waits.
    pub fn shut(&mut self, bank: Bank) {
        *self.shut.get_mut(bank) = true;
    }

    fn asks(&self, bank: Bank) -> bool {
        self.shop.has(bank) && !*self.shut.get(bank)
    }

    /// What to do at `now`. Commits before it hands out a write.
    ///
    /// # Errors
    /// Of the store. Then nothing was handed out.
    pub fn step(&mut self, now: Now) -> Result<Step, EngineError> {
        while let Some((purpose, asked, reply)) = self.unkept.pop_front() {
            if !self.keep(now, purpose, asked, &reply)? {
                break;
            }
        }
        if let Some((bank, at)) = self.handed_out.take()
            && now.mono.ms_since(at) >= SLEPT_MS
        {
            // the computer slept before it left: it leaves now, and the next one keeps its distance
            self.lanes.get_mut(bank).limiter.spend(now.mono);
        }
        let mut wake: Option<Mono> = None;
        for bank in Bank::ALL.into_iter().filter(|bank| self.asks(*bank)).collect::<Vec<_>>() {
            let next = match self.deciding(|engine| engine.next_call(bank, now)) {
                // other hands keep changing the same rows: their turn
                Err(EngineError::Store(StoreError::Conflict)) => {
                    Next::Wait(Some(now.mono.plus_ms(CONFLICT_MS)))
                }
                next => next?,
            };
            match next {
                Next::Call(purpose, request) => {
                    let of_rest = purpose.is_of_rest();
                    let lane = self.lanes.get_mut(bank);
                    let has_nonce = request.is_sale() && lane.has_nonce(now.mono);
                    let has_turn = has_nonce && lane.prepaid;
                    if request.is_sale() {
                        lane.nonce = None;
                    }
                    lane.goes(now.mono, of_rest);
                    self.tickets += 1;
                    let ticket = Ticket(self.tickets);
                    let is_write = purpose.written().is_some();
                    let patience_ms = purpose.written().and_then(|id| self.patience_left_ms(id, now.mono));
                    let leaves = Leaves::new(bank, now, patience_ms);
                    self.note_inquiry(&purpose);
                    let clock = &self.lanes.get(bank).clock;
                    let (sure, asking) = (clock.sure(now.mono), clock.asking(now.mono));
                    let sent = Asked { sure, asking, mono: now.mono };
                    self.in_flight.insert(ticket, InFlight { bank, purpose, sent });
                    self.handed_out = Some((bank, now.mono));
                    return Ok(Step::Send(BankCall {
                        ticket,
                        bank,
                        request,
                        is_write,
                        leaves,
                        has_nonce,
                        has_turn,
                    }));
                }
                Next::Wait(at) => wake = wake.into_iter().chain(at).min(),
            }
        }
        Ok(wake.map_or(Step::Idle, |at| Step::Wait(at.max(now.mono.plus_ms(1)))))
    }

    /// Takes the answer to a call. `now` as in [`Engine::step`].
    ///
    /// # Errors
    /// Of the store: then what was sent is `Unknown` at the next start.
    pub fn answered(&mut self, now: Now, ticket: Ticket, reply: &BankReply) -> Result<(), EngineError> {
        let Some(InFlight { bank, purpose, sent }) = self.in_flight.remove(&ticket) else { return Ok(()) };
        let asked = Asked { sure: self.surely_past(bank, sent, reply), ..sent };
        self.lanes.get_mut(bank).came_back();
        self.take_time(bank, sent.mono, now, reply)?;
        self.take_refusal(bank, &purpose, now, reply);
        let told_time = matches!(purpose, Purpose::Time) && reply.heard.is_some();
        if matches!(purpose, Purpose::Time) {
            let is_there = bank == Bank::Sinopac && reply.heard.is_some();
            let lane = self.lanes.get_mut(bank);
            (lane.nonce, lane.prepaid) = (is_there.then_some(sent.mono), is_there && lane.is_last(sent.mono));
        }
        let health = self.health.after(bank, reply, &self.lanes, sent.mono, now);
        if !told_time && health != self.health {
            let (was, is) = (&self.health.of(bank).refused, &health.of(bank).refused);
            if was.is_some() != is.is_some() {
                self.store.jot(&[Jot::Refused(bank, is.clone())])?;
            }
            self.health = health;
            self.notices.push(Notice::Health);
        }
        if let Purpose::Ask(id, _) = purpose
            && let Some(watched) = self.screen.get_mut(&id)
        {
            watched.way_ms = now.mono.ms_since(sent.mono);
        }
        self.keep(now, purpose, asked, reply).map(drop)
    }

    /// Decides by an answer and commits; `false`: other hands have changed the rows each time, and
    /// the answer waits for the next step.
    fn keep(
        &mut self,
        now: Now,
        purpose: Purpose,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<bool, EngineError> {
        match self.deciding(|engine| engine.decide(now, &purpose, asked, reply)) {
            Err(EngineError::Store(StoreError::Conflict)) => {
                self.unkept.push_back((purpose, asked, reply.clone()));
                Ok(false)
            }
            kept => kept.map(|()| true),
        }
    }

    fn decide(
        &mut self,
        now: Now,
        purpose: &Purpose,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        match *purpose {
            Purpose::Write(id) => self.write_answered(now, id, reply),
            Purpose::Before(op, payment) => self.before_answered(now, op, payment, asked, reply),
            Purpose::Refund(refund) => self.refund_answered(now, refund, asked, reply),
            Purpose::Bill(op) => self.bill_answered(now, op, asked, reply),
            Purpose::Charge(payment, ref xid) => self.charge_answered(now, payment, xid, reply),
            Purpose::Ask(payment, why) => self.ask_answered(now, payment, why, asked, reply),
            Purpose::Token(payment) => self.token_answered(now, payment, asked, reply),
            Purpose::Window(task) => self.window_answered(now, task, asked, reply),
            Purpose::Number(payment) => self.number_answered(now, payment, asked, reply),
            Purpose::Uncaptured => self.uncaptured_answered(now, asked, reply),
            Purpose::Check(task) => self.check_answered(now, task, reply),
            Purpose::Proof(task, payment) => self.proof_answered(now, task, payment, asked, reply),
            Purpose::Time => Ok(()),
        }
    }

    /// If other hands changed a row meanwhile, reads it again and decides again, a few times.
    pub(crate) fn deciding<T>(
        &mut self,
        mut decide: impl FnMut(&mut Self) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        for _ in 1..DECISIONS_MAX {
            match decide(self) {
                Err(EngineError::Store(StoreError::Conflict)) => {}
                decided => return decided,
            }
        }
        decide(self)
    }

    /// Everything that happened since the last call of this.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// A browser brought a token for this payment. It proves nothing: it only makes us ask.
    pub fn token_arrived(&mut self, payment: PaymentId, token: SecretString) {
        if self.tokens.len() < TOKENS_MAX {
            self.tokens.push_back((payment, token));
        }
    }

    /// The shop.
    pub fn shop(&self) -> &ShopRecord {
        &self.shop
    }

    /// The store, for reading.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Bank time at `now`: of SinoPac, or of CTBC where only that one has named its time or is
    /// spoken to.
    pub fn bank_time(&self, now: Now) -> Moment {
        let has = |bank: &Bank| self.shop.has(*bank);
        let anchored = |bank: &Bank| self.lanes.get(*bank).clock.is_anchored();
        let told = Bank::ALL.into_iter().filter(has).find(anchored);
        let bank = told.or_else(|| Bank::ALL.into_iter().find(has)).unwrap_or(Bank::Sinopac);
        self.lanes.get(bank).clock.at(now.mono)
    }

    /// The instant by a bank's clock.
    pub(crate) fn at(&self, bank: Bank, now: Now) -> At {
        let clock = &self.lanes.get(bank).clock;
        At { bank: clock.at(now.mono), asking: clock.asking(now.mono), mono: now.mono }
    }

    /// What a screen warns about.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Calls that were handed out and not answered yet.
    pub fn calls_under_way(&self) -> usize {
        self.in_flight.len()
    }

    /// Nothing is due at `now`, nothing is under way, and every due minute is covered.
    ///
    /// # Errors
    /// Of the store.
    pub fn is_quiet(&mut self, now: Now) -> Result<bool, EngineError> {
        self.sweep_plan(now)?;
        let asks = |bank: Bank| {
            let lane = self.lanes.get(bank);
            if self.next_write(bank).is_some_and(|turn| turn <= now.mono) {
                return true;
            }
            // a shop that is refused has nothing to wait for
            let open = lane.probe_at().is_none_or(|probe| probe <= now.mono);
            let more = match bank {
                Bank::Sinopac => self.sweep.is_due(now.mono) || !self.tokens.is_empty(),
                Bank::Ctbc => self.charges.is_due(),
            };
            self.asks(bank) && open && (lane.is_due(now.mono) || more)
        };
        Ok(self.in_flight.is_empty() && !Bank::ALL.into_iter().any(asks))
    }

    pub(crate) fn unclear_operation(&self, id: PaymentId) -> Result<Option<Operation>, EngineError> {
        Ok(self.store.operations_of(id)?.into_iter().find(|op| op.state.may_be_proved()))
    }

    pub(crate) fn payment(&self, id: PaymentId) -> Result<Payment, EngineError> {
        self.store.payment(id)?.ok_or(EngineError::NotFound("payment"))
    }

    pub(crate) fn operation(&self, id: OperationId) -> Result<Operation, EngineError> {
        self.store.operation(id)?.ok_or(EngineError::NotFound("operation"))
    }

    /// One commit with its audit line. Committed, or nothing happened.
    pub(crate) fn commit(&mut self, audit: AuditLine, changes: Vec<Change>) -> Result<(), EngineError> {
        self.commit_on(audit, Vec::new(), changes)
    }

    /// The same, for a decision that rests on more than the rows it changes.
    pub(crate) fn commit_on(
        &mut self,
        audit: AuditLine,
        guards: Vec<Guard>,
        changes: Vec<Change>,
    ) -> Result<(), EngineError> {
        let changes = self.refunds_dated(changes, audit.at)?;
        let mut notices: Vec<Notice> = changes.iter().filter_map(notice_of).collect();
        let mut refunds: Vec<Notice> = changes.iter().filter_map(refund_of).collect();
        // several steps of one refund in one commit are one piece of news
        refunds.dedup();
        notices.append(&mut refunds);
        self.store.commit(Commit { audit, guards, changes })?;
        self.notices.extend(notices);
        Ok(())
    }

    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    pub(crate) fn evidence_id(&mut self, at: Moment) -> EvidenceId {
        EvidenceId::new(at, self.random())
    }

    pub(crate) fn discrepancy_id(&mut self, at: Moment) -> DiscrepancyId {
        DiscrepancyId::new(at, self.random())
    }

    pub(crate) fn operation_id(&mut self, at: Moment) -> OperationId {
        OperationId::new(at, self.random())
    }
}

/// The first clock that was kept.
fn first_kept<S: Store>(
    store: &S,
    banks: impl Iterator<Item = Bank>,
) -> Result<Option<KeptClock>, StoreError> {
    for bank in banks {
        if let Some(kept) = store.kept_clock(bank)? {
            return Ok(Some(kept));
        }
    }
    Ok(None)
}

/// An audit line of the engine's own doing.
pub(crate) fn by_engine(
    at: Moment,
    what: &str,
    subject: impl std::fmt::Display,
    detail: impl Into<String>,
) -> AuditLine {
    AuditLine {
        at,
        who: Actor::Engine,
        what: what.into(),
        subject: subject.to_string(),
        detail: detail.into(),
    }
}
