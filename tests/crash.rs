//! A store that ends the program at a chosen point: before or after a commit, before or after a
//! send.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use counterfoil_domain::refund::request::Withdrawal;
use counterfoil_domain::refund::withdraw;
use counterfoil_domain::{
    Actor, Bank, BankMinute, BankOrderNo, Capture, Charge, Closing, CoverageSpan, Customer, CustomerId,
    Discrepancy, DiscrepancyId, Evidence, MinuteSpan, Moment, Operation, OperationId, OperationState, Order,
    OrderId, PageLeft, Payment, PaymentId, Person, PersonId, Reading, Refund, RefundId, Search, View,
};
use counterfoil_engine::ports::{
    AnswerRecord, AuditFilter, AuditHead, AuditLine, AuditReport, AuditRow, BookedRefund, Change, Commit,
    ForeignLine, ForeignMoney, Jot, KeptClock, OrderRow, Page, PinHash, Silence, Store, StoreError,
};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_store::SqliteStore;

/// Counts the points of a run, and ends it at one of them.
#[derive(Debug, Clone, Default)]
pub struct Points {
    passed: Arc<AtomicU64>,
    /// 0: never.
    end_at: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    conflicts: Arc<AtomicU64>,
    /// So many commits pass before those.
    passes: Arc<AtomicU64>,
    withdraws: Arc<AtomicBool>,
}

impl Points {
    /// Ends the run at this point, counted from 1.
    pub fn ending_at(point: u64) -> Self {
        let points = Self::default();
        points.end_at.store(point, Ordering::SeqCst);
        points
    }

    /// The program ends at one of the next points; it may have ended before.
    pub fn end_in(&self, points: u64) {
        self.end_at.store(self.passed() + points, Ordering::SeqCst);
        self.ended.store(false, Ordering::SeqCst);
    }

    /// The program begins again, and ends at no point.
    pub fn go_on(&self) {
        self.end_at.store(0, Ordering::SeqCst);
        self.ended.store(false, Ordering::SeqCst);
    }

    /// A point is passed; `true`: the program ends here.
    pub fn pass(&self) -> bool {
        let point = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        let ends = self.end_at.load(Ordering::SeqCst) == point;
        if ends {
            self.ended.store(true, Ordering::SeqCst);
        }
        ends
    }

    /// Other hands change the rows of the next commits just before them.
    pub fn conflict(&self, commits: u64) {
        self.conflicts.store(commits, Ordering::SeqCst);
    }

    /// The same for one commit, once so many others have passed.
    pub fn conflict_after(&self, commits: u64) {
        self.passes.store(commits, Ordering::SeqCst);
        self.conflict(1);
    }

    /// Another hand withdraws the next refund whose step is claimed, just before the claim.
    pub fn withdraw_before_a_claim(&self) {
        self.withdraws.store(true, Ordering::SeqCst);
    }

    /// So many of them are still to come.
    pub fn conflicts(&self) -> u64 {
        self.conflicts.load(Ordering::SeqCst)
    }

    /// How many points were passed.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }

    /// Whether the program has ended: a caller must then drop what it held.
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

/// Batches that were committed, kept only for a test that watches.
#[derive(Clone, Default)]
pub struct Committed(pub Option<Arc<Mutex<Vec<Commit>>>>);

impl Committed {
    /// From now on they are kept.
    pub fn watch(&mut self) {
        self.0 = Some(Arc::default());
    }

    /// Those since the last call of this.
    pub fn take(&self) -> Vec<Commit> {
        self.0.as_ref().map(|kept| std::mem::take(&mut *kept.lock().unwrap())).unwrap_or_default()
    }
}

/// The real store, with a point before and after each commit.
pub struct Ending {
    inner: SqliteStore,
    points: Points,
    committed: Committed,
}

impl Ending {
    /// Wraps an open store.
    pub fn new(inner: SqliteStore, points: Points, committed: Committed) -> Self {
        Self { inner, points, committed }
    }

    /// The data file.
    pub fn file(&self) -> &SqliteStore {
        &self.inner
    }

    /// Whether an error of the disk has ended the connection.
    pub fn is_done_for(&self) -> bool {
        self.inner.is_done_for()
    }

    fn write(&mut self, commit: Commit) -> Result<(), StoreError> {
        let kept = self.committed.0.as_ref().map(|kept| (kept, commit.clone()));
        self.inner.commit(commit)?;
        if let Some((kept, commit)) = kept {
            kept.lock().unwrap().push(commit);
        }
        Ok(())
    }

    /// What another hand commits just before a step of a refund is claimed: it is withdrawn.
    fn withdrawal_before(&self, commit: &Commit) -> Option<Commit> {
        let claimed = |change: &Change| {
            let Change::OperationChanged(op) = change else { return None };
            op.refund.filter(|_| op.state == OperationState::Sending)
        };
        let refund = self.inner.refund(commit.changes.iter().find_map(claimed)?).unwrap()?;
        let operations = self.inner.operations_of(refund.payment).unwrap();
        let row = match withdraw(&refund, &operations, Actor::Owner, commit.audit.at).ok()? {
            Withdrawal::Free(row) => row,
            Withdrawal::Wanted(_) | Withdrawal::Reverse(_) | Withdrawal::Wait(_) => return None,
        };
        let open =
            |op: &Operation| op.refund == Some(row.id) && op.state.may_become(OperationState::Abandoned);
        let gone = operations.into_iter().filter(open);
        let gone =
            gone.map(|op| Change::OperationChanged(Operation { state: OperationState::Abandoned, ..op }));
        let changes =
            gone.chain([Change::RefundChanged(Refund { version: refund.version, ..row })]).collect();
        let audit = AuditLine { who: Actor::Owner, what: "refund-withdraw".into(), ..commit.audit.clone() };
        Some(Commit { audit, guards: Vec::new(), changes })
    }

    fn point(&self) -> Result<(), StoreError> {
        if self.points.pass() { Err(StoreError::Storage("the program ended here".into())) } else { Ok(()) }
    }
}

macro_rules! through {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*) => {
        $( fn $name(&self, $($arg: $kind),*) -> Result<$out, StoreError> { self.inner.$name($($arg),*) } )*
    };
}

impl Store for Ending {
    fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        self.point()?;
        let passes = self.points.passes.load(Ordering::SeqCst);
        if passes > 0 {
            self.points.passes.store(passes - 1, Ordering::SeqCst);
        } else if self.points.conflicts() > 0 {
            self.points.conflict(self.points.conflicts() - 1);
            return Err(StoreError::Conflict);
        }
        if self.points.withdraws.load(Ordering::SeqCst)
            && let Some(other) = self.withdrawal_before(&commit)
        {
            self.points.withdraws.store(false, Ordering::SeqCst);
            self.write(other)?;
        }
        self.write(commit)?;
        self.point()
    }

    fn hold(&mut self, payment: PaymentId) -> Result<(), StoreError> {
        self.inner.hold(payment)
    }

    fn let_go(&mut self) {
        self.inner.let_go();
    }

    // lost, it costs one question: no point of its own
    fn jot(&mut self, jots: &[Jot]) -> Result<(), StoreError> {
        self.inner.jot(jots)
    }

    fn finish_erasure(&mut self) -> Result<bool, StoreError> {
        self.inner.finish_erasure()
    }

    through! {
        kept_clock(bank: Bank) -> Option<KeptClock>;
        kept_doubt(bank: Bank) -> Option<i64>;
        kept_refusal(bank: Bank) -> Option<Silence>;
        person(id: PersonId) -> Option<Person>;
        person_named(name: &str) -> Option<Person>;
        people() -> Vec<Person>;
        has_people() -> bool;
        pin_of(id: PersonId) -> Option<PinHash>;
        readings_of(operation: OperationId) -> Vec<Reading>;
        covered_before(bank: Bank, pass: u8) -> Option<BankMinute>;
        covered_by_number(bank: Bank) -> Vec<MinuteSpan>;
        shop() -> Option<ShopRecord>;
        order(id: OrderId) -> Option<Order>;
        payment(id: PaymentId) -> Option<Payment>;
        foreign_money(which: ForeignMoney<'_>) -> Vec<ForeignLine>;
        payment_by_number(no: &BankOrderNo) -> Option<Payment>;
        payment_by_bank_ref(bank: Bank, bank_ref: &str) -> Option<Payment>;
        payments_of(order: OrderId) -> Vec<Payment>;
        payments_to_watch(since: Moment) -> Vec<Payment>;
        payments_refunded_since(since: Moment) -> Vec<Payment>;
        payments_to_capture() -> Vec<Payment>;
        payments_paid_in(span: MinuteSpan) -> Vec<Payment>;
        operation(id: OperationId) -> Option<Operation>;
        operations_of(payment: PaymentId) -> Vec<Operation>;
        open_operations() -> Vec<Operation>;
        answers_of(operation: OperationId) -> Vec<AnswerRecord>;
        refund(id: RefundId) -> Option<Refund>;
        refunds_of(payment: PaymentId) -> Vec<Refund>;
        open_refunds() -> Vec<Refund>;
        refunds(limit: u32) -> Vec<Refund>;
        refunds_booked(payment: PaymentId) -> Vec<BookedRefund>;
        evidence_of(payment: PaymentId) -> Vec<Evidence>;
        discrepancies_of(payment: PaymentId) -> Vec<Discrepancy>;
        captures_of(payment: PaymentId) -> Vec<Capture>;
        charges_of(payment: PaymentId) -> Vec<Charge>;
        page_left(payment: PaymentId) -> Option<PageLeft>;
        is_page_undated(payment: PaymentId) -> bool;
        discrepancies_closed(payment: PaymentId) -> Vec<Discrepancy>;
        discrepancies(limit: u32) -> Vec<Discrepancy>;
        discrepancies_ever(limit: u32) -> Vec<(Discrepancy, Option<Closing>)>;
        discrepancy(id: DiscrepancyId) -> Option<(Discrepancy, Option<Closing>)>;
        due_operations(bank: Bank, until: Moment) -> Vec<Operation>;
        coverage(bank: Bank, pass: u8, from: BankMinute) -> Vec<CoverageSpan>;
        orders_in(view: View, now: Moment, page: Page) -> Vec<OrderRow>;
        count_in(view: View, now: Moment, most: u32) -> u32;
        news(limit: u32) -> Vec<PaymentId>;
        search(search: &Search, page: Page) -> Vec<OrderRow>;
        customer(id: CustomerId) -> Option<Customer>;
        customers(after: Option<CustomerId>) -> Vec<Customer>;
        orders_of_customer(id: CustomerId) -> Vec<Order>;
        is_erasure_unfinished() -> bool;
        orders_before(before: Moment, after: Option<(Moment, OrderId)>, limit: u32) -> Vec<Order>;
        audit_end() -> AuditHead;
        verify_audit() -> AuditReport;
        audit_rows(filter: &AuditFilter) -> Vec<AuditRow>;
        acts_of(subject: &str) -> Vec<AuditRow>;
    }
}
