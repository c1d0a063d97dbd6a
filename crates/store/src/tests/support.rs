//! Rows and files for the tests.

use std::cell::Cell;
use std::path::PathBuf;

use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{
    Actor, BankAnswer, BankOrderNo, Closing, Discrepancy, DiscrepancyId, DiscrepancyKind, Evidence,
    EvidenceId, Moment, Operation, OperationId, OperationKind, OperationState, Order, OrderId, Payment,
    PaymentId, PaymentState, Query, Rail, Twd,
};
use counterfoil_engine::ports::{AnswerRecord, AuditKey, AuditLine, Change, Commit, Store, StoreError};
use counterfoil_engine::shop::ShopRecord;
use rusqlite::Connection;

use crate::open::Access;
use crate::{DATA_FILE, Mode, SqliteStore};

/// A folder that goes away with the test, and the shop's folder in it.
pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) shop: PathBuf,
    /// The first row of the key, once a writer has opened the file with it.
    from: Cell<Option<u64>>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("shop");
        Self { _folder: folder, shop, from: Cell::new(None) }
    }

    /// Another folder with the same file, not open anywhere.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        crate::folder::make(&copy.shop).unwrap();
        std::fs::copy(self.file(), copy.file()).unwrap();
        copy.from.set(self.from.get());
        copy
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.shop.join(DATA_FILE)
    }

    /// The key of this file's chain.
    pub(crate) fn key(&self) -> AuditKey {
        AuditKey::new([0x4B; 32], self.from.get().unwrap_or(1))
    }

    /// Links a file as it lies there, sound or not.
    pub(crate) fn linked(&self) -> SqliteStore {
        let mut store = SqliteStore::of(self.raw(), Access::Write, None);
        self.from.set(Some(store.audit_head().unwrap().rows + 1));
        store.link_with(&self.key(), None, at(0)).unwrap();
        store
    }

    /// Opens it as the program does, with the key of its chain. The key of a file of an older
    /// version is made now.
    pub(crate) fn writer(&self) -> SqliteStore {
        let mut store = SqliteStore::open(&self.shop, Mode::Maker).unwrap();
        if self.from.get().is_none() {
            self.from.set(Some(store.audit_head().unwrap().rows + 1));
        }
        store.link_with(&self.key(), None, at(0)).unwrap();
        store
    }

    /// Opens it as older programs did, without a key. The head of its chain is that of every file
    /// with the same changes.
    pub(crate) fn plain_writer(&self) -> SqliteStore {
        SqliteStore::open(&self.shop, Mode::Maker).unwrap()
    }

    pub(crate) fn reader(&self) -> SqliteStore {
        let mut store = SqliteStore::open(&self.shop, Mode::Reader).unwrap();
        store.link_with(&self.key(), None, at(0)).unwrap();
        store
    }

    /// Another hand on the file, without our settings.
    pub(crate) fn raw(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }
}

pub(crate) fn bytes(n: u32) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[12..].copy_from_slice(&n.to_be_bytes());
    bytes
}

pub(crate) fn at(n: u32) -> Moment {
    Moment::from_millis(1_795_000_000_000 + i64::from(n) * 1_000)
}

/// A shop without contracts, added then.
pub(crate) fn shop(added_at: Moment) -> ShopRecord {
    ShopRecord {
        name: "a".to_owned(),
        payee_name: "a".to_owned(),
        sinopac: None,
        polling: Polling::default(),
        ctbc: None,
        added_at,
        begins_by_bank: true,
        typed_at: None,
        one_person: false,
        lock_after_mins: 5,
        customer_days: 0,
    }
}

pub(crate) fn order(n: u32) -> Order {
    Order {
        id: OrderId::from_bytes(bytes(n)),
        amount: Twd::new(180),
        description: format!("茶葉 {n}"),
        customer: None,
        created_at: at(n),
        version: 1,
    }
}

/// The payment of order `n`, with the same number.
pub(crate) fn payment(n: u32) -> Payment {
    Payment {
        id: PaymentId::from_bytes(bytes(n)),
        order: OrderId::from_bytes(bytes(n)),
        rail: Rail::SinopacAccount,
        bank_order_no: BankOrderNo::from_text(format!("N{n}A")),
        amount: Twd::new(180),
        state: PaymentState::Issuing,
        shown: false,
        issued: None,
        created_at: at(n),
        expires_at: at(n).plus_days(3),
        paid_minute: None,
        confirmed_at: None,
        proof: None,
        late: false,
        asked_at: None,
        return_port: None,
        return_path: None,
        card: None,
        card_tail: None,
        version: 1,
    }
}

/// The operation of payment `n`, with the same number.
pub(crate) fn operation(n: u32) -> Operation {
    Operation {
        id: OperationId::from_bytes(bytes(n)),
        payment: PaymentId::from_bytes(bytes(n)),
        kind: OperationKind::IssueAccount,
        state: OperationState::Planned,
        planned_at: at(n),
        due_at: at(n),
        attempts: 0,
        sent_at: None,
        snapshot: None,
        code: None,
        version: 1,
        refund: None,
        step: None,
        amount: None,
    }
}

/// Evidence number `n` about payment `p`, received at `at(n)`.
pub(crate) fn evidence(n: u32, p: u32) -> Evidence {
    Evidence {
        id: EvidenceId::from_bytes(bytes(n)),
        payment: PaymentId::from_bytes(bytes(p)),
        query: Query::ByNumber,
        at: at(n),
        state: Some(PaymentState::Paid),
        said: "1A400".to_owned(),
        amount: Some(Twd::new(180)),
        paid_minute: Some(at(n).minute()),
    }
}

/// Evidence number `n` that a payment in this state may rest on.
pub(crate) fn proof(n: u32, p: u32, state: PaymentState) -> Evidence {
    let says = if state == PaymentState::PaidLate { PaymentState::Paid } else { state };
    Evidence { state: Some(says), ..evidence(n, p) }
}

/// The states that need a proof, as the data file has them.
pub(crate) fn needs_proof(state: PaymentState) -> bool {
    state.has_money() || state == PaymentState::Authorized
}

/// A payment in whatever state: the row as it is in the end, and the changes that bring it there.
/// Money has evidence number `n` behind it.
pub(crate) fn arrived(n: u32, mut payment: Payment) -> (Payment, Vec<Change>) {
    if !needs_proof(payment.state) {
        return (payment.clone(), vec![Change::PaymentAdded(payment)]);
    }
    let issuing = Payment { state: PaymentState::Issuing, ..payment.clone() };
    let evidence = Evidence { payment: payment.id, ..proof(n, 0, payment.state) };
    payment.proof = Some(evidence.id);
    let mut changes = vec![Change::PaymentAdded(issuing.clone()), Change::EvidenceAdded(evidence)];
    if payment.state == PaymentState::PaidLate {
        changes.push(Change::PaymentChanged(Payment { state: PaymentState::Expired, ..issuing }));
        payment.version += 1;
    }
    changes.push(Change::PaymentChanged(payment.clone()));
    payment.version += 1;
    (payment, changes)
}

/// The answer to the first attempt of operation `n`.
pub(crate) fn answer(n: u32) -> AnswerRecord {
    AnswerRecord {
        operation: OperationId::from_bytes(bytes(n)),
        attempt: 1,
        at: at(n),
        meaning: BankAnswer::Unknown,
        code: "timeout".to_owned(),
        transcript: "{}".to_owned(),
    }
}

/// Discrepancy number `n`.
pub(crate) fn discrepancy(n: u32, payment: Option<PaymentId>, detail: &str) -> Discrepancy {
    Discrepancy {
        id: DiscrepancyId::from_bytes(bytes(n)),
        kind: DiscrepancyKind::AmountDiffers,
        payment,
        at: at(n),
        detail: detail.to_owned(),
    }
}

/// The owner closes a discrepancy.
pub(crate) fn closing(discrepancy: DiscrepancyId, reason: &str) -> Closing {
    Closing { discrepancy, at: at(9), who: Actor::Owner, second: None, reason: reason.to_owned() }
}

pub(crate) fn commit_of(changes: impl IntoIterator<Item = Change>) -> Commit {
    let audit = AuditLine {
        at: at(0),
        who: Actor::Owner,
        what: "sell".to_owned(),
        subject: "subject".to_owned(),
        detail: "detail".to_owned(),
    };
    Commit { audit, guards: Vec::new(), changes: changes.into_iter().collect() }
}

/// Order, payment and operation `n`, as a sale makes them.
pub(crate) fn sale(n: u32) -> [Change; 3] {
    [Change::OrderAdded(order(n)), Change::PaymentAdded(payment(n)), Change::OperationAdded(operation(n))]
}

pub(crate) fn commit(
    store: &mut SqliteStore,
    changes: impl IntoIterator<Item = Change>,
) -> Result<(), StoreError> {
    store.commit(commit_of(changes))
}

/// Payment `n` as it is in the file, changed.
pub(crate) fn changed(store: &SqliteStore, n: u32, change: impl FnOnce(&mut Payment)) -> Change {
    let mut payment = store.payment(PaymentId::from_bytes(bytes(n))).unwrap().unwrap();
    change(&mut payment);
    Change::PaymentChanged(payment)
}

/// Operation `n` as it is in the file, in another state.
pub(crate) fn moved(store: &SqliteStore, n: u32, state: OperationState) -> Change {
    let mut operation = store.operation(OperationId::from_bytes(bytes(n))).unwrap().unwrap();
    operation.state = state;
    Change::OperationChanged(operation)
}

/// A file with sales 1 and 2.
pub(crate) fn two_sales() -> (Place, SqliteStore) {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    commit(&mut store, sale(2)).unwrap();
    (place, store)
}

/// The commit is refused for this reason, and nothing of it, not even its first change, is in the
/// file.
pub(crate) fn refused(store: &mut SqliteStore, change: Change, reason: &str) {
    let before = store.verify_audit().unwrap();
    let error = commit(store, sale(77).into_iter().chain([change])).unwrap_err();
    assert!(matches!(&error, StoreError::Refused(text) if text.contains(reason)), "{error}");
    nothing_of(store, 77);
    assert_eq!(store.verify_audit().unwrap(), before);
}

pub(crate) fn nothing_of(store: &SqliteStore, n: u32) {
    assert_eq!(store.order(order(n).id).unwrap(), None);
    assert_eq!(store.payment(payment(n).id).unwrap(), None);
    assert_eq!(store.operation(operation(n).id).unwrap(), None);
}

/// Every pair of two states, with a number of its own.
pub(crate) fn pairs<T: Copy, const N: usize>(all: [T; N]) -> impl Iterator<Item = (u32, T, T)> {
    let pairs = all.into_iter().flat_map(move |from| all.into_iter().map(move |to| (from, to)));
    (1000..).zip(pairs).map(|(n, (from, to))| (n, from, to))
}
