//! Rows and files for the tests.

use std::path::PathBuf;

use counterfoil_domain::{
    BankAnswer, BankOrderNo, Discrepancy, DiscrepancyId, DiscrepancyKind, Evidence, EvidenceId, Moment,
    Operation, OperationId, OperationKind, OperationState, Order, OrderId, Payment, PaymentId, PaymentState,
    Query, Rail, Twd,
};
use counterfoil_engine::ports::{AnswerRecord, AuditLine, Batch, Change, Store, StoreError};
use rusqlite::Connection;

use crate::{DATA_FILE, Mode, SqliteStore};

/// A folder that goes away with the test, and the shop's folder in it.
pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) shop: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("shop");
        Self { _folder: folder, shop }
    }

    /// Another folder with the same file, which nobody has open.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        crate::folder::make(&copy.shop).unwrap();
        std::fs::copy(self.file(), copy.file()).unwrap();
        copy
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.shop.join(DATA_FILE)
    }

    pub(crate) fn writer(&self) -> SqliteStore {
        SqliteStore::open(&self.shop, Mode::Writer).unwrap()
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

pub(crate) fn order(n: u32) -> Order {
    Order {
        id: OrderId::from_bytes(bytes(n)),
        amount: Twd::new(180),
        description: format!("茶葉 {n}"),
        customer: None,
        created_at: at(n),
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
        readings: 0,
        unchanged_since: None,
        version: 1,
    }
}

/// Evidence number `n` about payment `p`, received at `at(n)`.
pub(crate) fn evidence(n: u32, p: u32) -> Evidence {
    Evidence {
        id: EvidenceId::from_bytes(bytes(n)),
        payment: PaymentId::from_bytes(bytes(p)),
        query: Query::ByNumber,
        at: at(n),
        said: "1A400".to_owned(),
        amount: Some(Twd::new(180)),
        paid_minute: Some(at(n).minute()),
    }
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
pub(crate) fn doubt(n: u32, payment: Option<PaymentId>, detail: &str) -> Discrepancy {
    Discrepancy {
        id: DiscrepancyId::from_bytes(bytes(n)),
        kind: DiscrepancyKind::AmountDiffers,
        payment,
        at: at(n),
        detail: detail.to_owned(),
    }
}

pub(crate) fn batch(changes: impl IntoIterator<Item = Change>) -> Batch {
    let audit = AuditLine {
        at: at(0),
        who: "owner".to_owned(),
        what: "sell".to_owned(),
        subject: "subject".to_owned(),
        detail: "detail".to_owned(),
    };
    Batch { audit, changes: changes.into_iter().collect() }
}

/// Order, payment and operation `n`, as a sale makes them.
pub(crate) fn sale(n: u32) -> [Change; 3] {
    [Change::OrderAdded(order(n)), Change::PaymentAdded(payment(n)), Change::OperationAdded(operation(n))]
}

pub(crate) fn commit(
    store: &mut SqliteStore,
    changes: impl IntoIterator<Item = Change>,
) -> Result<(), StoreError> {
    store.commit(batch(changes))
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
