//! B1: sales committed durably, one at a time, audit row included.
//!
//! Against `fdatasync`: appending 4 KiB to a file and syncing it, the least that any durable commit
//! costs. Against `rusqlite`: the same statements on the same tables with the same settings,
//! prepared once, without our checks, digests and hashes. Each side has a file of its own on the
//! same disk, and both files of tables grow alike.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use counterfoil_domain::{
    Actor, BankOrderNo, Moment, Operation, OperationId, OperationKind, OperationState, Order, OrderId,
    Payment, PaymentId, PaymentState, Rail, Twd,
};
use counterfoil_engine::ports::{AuditLine, Change, Commit, Entropy, Store};
use counterfoil_store::{DATA_FILE, Mode, SqliteStore};
use counterfoil_tests::world::{Seeded, audit_key};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::machine;
use crate::rounds::{Goal, Outcome, Plan, in_turn, now};

/// Sales between two changes of sides, and how often that is in a round.
const PIECE: u32 = 50;
const PIECES: u32 = 20;

/// What is sold, and its words.
const DESCRIPTION: &str = "阿里山烏龍 150 公克 2 包";
const WORDS: &str = "阿 里 山 烏 龍 150 公 克 2 包";
/// So many orders wait for the index of words, which then takes them all.
const WORDS_DUE: i64 = 32;

/// Both comparisons.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let folder = machine::folder()?;
    let at = |name: &str| folder.path().join(name);
    let mut ours = Ours::new(&at("ours"))?;
    let mut raw = Raw::new(&at("raw"))?;
    let mut bare = Bare::new(&at("bare"))?;
    // the first ones make the files grow to their working size
    in_turn(PIECES, PIECE, |n| ours.run(n), |n| bare.run(n))?;
    raw.run(PIECE)?;
    let (mut against_raw, mut against_bare) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        against_raw.push(in_turn(PIECES, PIECE, |n| ours.run(n), |n| raw.run(n))?);
        against_bare.push(in_turn(PIECES, PIECE, |n| ours.run(n), |n| bare.run(n))?);
    }
    Ok(vec![
        Outcome::of("fdatasync", "commits/s", &against_raw)?.aiming(Goal::AtLeast(0.5)),
        Outcome::of("rusqlite", "commits/s", &against_bare)?.aiming(Goal::AtLeast(0.85)),
    ])
}

/// Sales in the file of B14, each with its audit row.
const WALKED: u32 = 20_000;

/// Rows of a sale: the audit row, and three that it speaks of.
const ROWS_OF_SALE: u32 = 4;

/// B14: walks the chain and the rows that it speaks of, with the indexes of all of them.
pub(crate) fn walk(plan: Plan) -> Result<Vec<Outcome>, String> {
    let folder = machine::folder()?;
    let mut ours = Ours::new(&folder.path().join("ours"))?;
    ours.run(WALKED)?;
    let mut figures = Vec::new();
    for _ in 0..plan.rounds {
        let began = now();
        let report = ours.store.verify_audit().map_err(text)?;
        if report.rows != u64::from(WALKED) || !report.found.is_empty() {
            return Err(format!("{} rows, {} findings", report.rows, report.found.len()));
        }
        figures.push(began.elapsed().as_secs_f64() * 1e6 / f64::from(WALKED * ROWS_OF_SALE));
    }
    Ok(vec![Outcome::report("10 s", "s a million rows", &figures)?])
}

/// Appends and syncs.
struct Raw(File);

impl Raw {
    fn new(path: &Path) -> Result<Self, String> {
        File::create(path).map(Self).map_err(text)
    }

    fn run(&mut self, times: u32) -> Result<Duration, String> {
        let began = now();
        for _ in 0..times {
            self.0.write_all(&[0x5A; 4096]).map_err(text)?;
            self.0.sync_data().map_err(text)?;
        }
        Ok(began.elapsed())
    }
}

/// The store.
struct Ours {
    store: SqliteStore,
    sales: Sales,
}

impl Ours {
    fn new(folder: &Path) -> Result<Self, String> {
        let mut store = SqliteStore::open(folder, Mode::Maker).map_err(text)?;
        store.link_with(&audit_key(), None, Moment::from_millis(0)).map_err(text)?;
        Ok(Self { store, sales: Sales::new() })
    }

    fn run(&mut self, times: u32) -> Result<Duration, String> {
        let commits: Vec<Commit> = (0..times).map(|_| self.sales.next().commit()).collect();
        let began = now();
        for commit in commits {
            self.store.commit(commit).map_err(text)?;
        }
        Ok(began.elapsed())
    }
}

/// The same statements by hand, on a file that the store made.
struct Bare {
    conn: Connection,
    sales: Sales,
}

impl Bare {
    fn new(folder: &Path) -> Result<Self, String> {
        drop(SqliteStore::open(folder, Mode::Maker).map_err(text)?);
        let conn = Connection::open(folder.join(DATA_FILE)).map_err(text)?;
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = 1;
            PRAGMA checkpoint_fullfsync = 1; PRAGMA foreign_keys = 1; PRAGMA recursive_triggers = 1;
            PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA mmap_size = 0; PRAGMA temp_store = 2;
            PRAGMA secure_delete = 1; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 1000;";
        conn.execute_batch(settings).map_err(text)?;
        Ok(Self { conn, sales: Sales::new() })
    }

    fn run(&mut self, times: u32) -> Result<Duration, String> {
        let rows: Vec<Sale> = (0..times).map(|_| self.sales.next()).collect();
        let began = now();
        for row in &rows {
            self.commit(row).map_err(text)?;
        }
        Ok(began.elapsed())
    }

    fn commit(&mut self, sale: &Sale) -> rusqlite::Result<()> {
        let Sale { order, payment, operation, audit } = sale;
        let transaction = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO orders (created_at, id, amount, description) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                order.created_at.millis(),
                order.id.as_bytes(),
                order.amount.dollars(),
                order.description
            ])?;
        transaction
            .prepare_cached("INSERT INTO words_due (order_id) VALUES (?1)")?
            .execute([order.id.as_bytes()])?;
        let due: i64 =
            transaction.prepare_cached("SELECT count(*) FROM words_due")?.query_row([], |row| row.get(0))?;
        if due >= WORDS_DUE {
            transaction
                .prepare_cached(
                    "INSERT INTO order_places (place, created_at, order_id)
                    SELECT created_at << 21, created_at, id FROM words_due JOIN orders ON id = order_id",
                )?
                .execute([])?;
            transaction
                .prepare_cached(
                    "INSERT INTO order_words (rowid, description, name, note)
                    SELECT created_at << 21, ?1, '', '' FROM words_due JOIN orders ON id = order_id",
                )?
                .execute([WORDS])?;
            transaction.prepare_cached("DELETE FROM words_due")?.execute([])?;
        }
        transaction
            .prepare_cached(
                "INSERT INTO payments (order_id, created_at, id, rail, bank_order_no, amount, state, shown, issued, account,
                    link, web_atm, bank_ref, expires_at, paid_minute, confirmed_at, return_port, return_path, version,
                    sold_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, NULL, NULL, NULL, NULL, ?8, NULL, NULL, ?9, ?10, 1, ?2)",
            )?
            .execute(params![
                payment.order.as_bytes(),
                payment.created_at.millis(),
                payment.id.as_bytes(),
                payment.rail.name(),
                payment.bank_order_no.as_str(),
                payment.amount.dollars(),
                payment.state.name(),
                payment.expires_at.millis(),
                payment.return_port,
                payment.return_path
            ])?;
        transaction
            .prepare_cached(
                "INSERT INTO operations (payment_id, planned_at, id, kind, state, due_at, attempts, sent_at, snapshot, code,
                    version)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, NULL, NULL, NULL, 1)",
            )?
            .execute(params![
                operation.payment.as_bytes(),
                operation.planned_at.millis(),
                operation.id.as_bytes(),
                operation.kind.name(),
                operation.state.name(),
                operation.due_at.millis()
            ])?;
        let last: Option<i64> = transaction
            .prepare_cached("SELECT seq, hash FROM audit WHERE counter = 1 ORDER BY seq DESC LIMIT 1")?
            .query([])?
            .next()?
            .map(|row| row.get(0))
            .transpose()?;
        transaction
            .prepare_cached(
                "INSERT INTO audit (seq, at, who, what, subject, detail, changes, prev_hash, hash)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                last.unwrap_or(0) + 1,
                audit.at.millis(),
                audit.who.name(),
                audit.what,
                audit.subject,
                audit.detail,
                [1_u8; 32],
                [2_u8; 32],
                [3_u8; 32]
            ])?;
        transaction.commit()
    }
}

/// Sales as a counter makes them, one a minute, with ids of their time.
struct Sales {
    random: Seeded,
    at: Moment,
}

struct Sale {
    order: Order,
    payment: Payment,
    operation: Operation,
    audit: AuditLine,
}

impl Sales {
    fn new() -> Self {
        Self { random: Seeded(1), at: Moment::from_millis(1_795_000_000_000) }
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    fn next(&mut self) -> Sale {
        self.at = self.at.plus_mins(1);
        let (at, amount) = (self.at, Twd::new(1_280));
        let order = Order {
            id: OrderId::new(at, self.bytes()),
            amount,
            description: DESCRIPTION.to_owned(),
            customer: None,
            created_at: at,
            version: 1,
        };
        let payment = Payment {
            id: PaymentId::new(at, self.bytes()),
            order: order.id,
            rail: Rail::SinopacAccount,
            bank_order_no: BankOrderNo::make(at, self.bytes(), Rail::SinopacAccount),
            amount,
            state: PaymentState::Issuing,
            shown: false,
            issued: None,
            created_at: at,
            expires_at: at.plus_days(3),
            paid_minute: None,
            confirmed_at: None,
            proof: None,
            late: false,
            asked_at: None,
            return_port: Some(49_152),
            return_path: Some("0123456789abcdef0123456789abcdef".to_owned()),
            card: None,
            card_tail: None,
            version: 1,
        };
        let operation = Operation {
            id: OperationId::new(at, self.bytes()),
            payment: payment.id,
            kind: OperationKind::IssueAccount,
            state: OperationState::Planned,
            planned_at: at,
            due_at: at,
            attempts: 0,
            sent_at: None,
            snapshot: None,
            code: None,
            version: 1,
            refund: None,
            step: None,
            amount: None,
        };
        let audit = AuditLine {
            at,
            who: Actor::Owner,
            what: "sell".to_owned(),
            subject: order.id.to_string(),
            detail: format!("sinopac-account {} {amount}", payment.bank_order_no),
        };
        Sale { order, payment, operation, audit }
    }
}

impl Sale {
    fn commit(self) -> Commit {
        let Self { order, payment, operation, audit } = self;
        let changes =
            vec![Change::OrderAdded(order), Change::PaymentAdded(payment), Change::OperationAdded(operation)];
        Commit { audit, guards: Vec::new(), changes }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn text(error: impl ToString) -> String {
    error.to_string()
}
