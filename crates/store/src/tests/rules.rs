//! The rules that the file itself keeps, each broken once. A refused commit leaves nothing.

use counterfoil_domain::{
    Account, Capture, CardState, Cause, Charge, Customer, CustomerId, Entry, Issued, Moment, Operation,
    OperationKind, OperationState, OrderId, Payment, PaymentId, PaymentState, Posting, Twd,
};
use counterfoil_engine::ports::{AnswerRecord, Change, ForeignKind, ForeignLine, Store, StoreError};
use counterfoil_engine::shop::ShopRecord;
use rusqlite::Connection;

use super::support::*;
use crate::SqliteStore;

#[test]
fn a_row_that_changed_meanwhile_is_a_conflict_and_leaves_nothing() {
    let (_place, mut store) = two_sales();
    let stale = changed(&store, 1, |p| p.shown = true);
    commit(&mut store, [stale.clone()]).unwrap();
    let stale_operation = moved(&store, 1, OperationState::Sending);
    commit(&mut store, [stale_operation.clone()]).unwrap();
    let nobody = Change::PaymentChanged(Payment { version: 1, ..payment(9) });
    let nothing = Change::OperationChanged(Operation { version: 1, ..operation(9) });
    for change in [stale, stale_operation, nobody, nothing] {
        let error = commit(&mut store, sale(3).into_iter().chain([change])).unwrap_err();
        assert!(matches!(error, StoreError::Conflict), "{error}");
        nothing_of(&store, 3);
    }
    commit(&mut store, sale(3)).unwrap();
}

#[test]
fn numbers_and_ids_are_unique() {
    let (_place, mut store) = two_sales();
    let unique = |what: &str| format!("UNIQUE constraint failed: {what}");
    refused(&mut store, Change::OrderAdded(order(1)), &unique("orders"));
    let moved_order = counterfoil_domain::Order { created_at: at(9), ..order(1) };
    refused(&mut store, Change::OrderAdded(moved_order), &unique("orders.id"));
    let same_number = Payment { bank_order_no: payment(1).bank_order_no, ..payment(3) };
    refused(
        &mut store,
        Change::PaymentAdded(Payment { order: order(2).id, ..same_number }),
        &unique("payments.bank_order_no"),
    );
    let other_order = Payment { order: order(2).id, ..payment(1) };
    refused(&mut store, Change::PaymentAdded(other_order), &unique("payments"));

    let issued = |bank_ref: &str| {
        let bank_ref = Some(bank_ref.to_owned());
        Some(Issued { account: None, link: None, web_atm: None, bank_ref })
    };
    let first = changed(&store, 1, |p| p.issued = issued("TS1"));
    commit(&mut store, [first]).unwrap();
    let second = changed(&store, 2, |p| p.issued = issued("TS1"));
    refused(&mut store, second, "UNIQUE constraint failed: index 'payments_bank_ref'");

    commit(&mut store, [Change::DiscrepancyAdded(discrepancy(1, None, "one"))]).unwrap();
    refused(&mut store, Change::DiscrepancyAdded(discrepancy(1, None, "two")), &unique("discrepancies.id"));

    let answer = answer(1);
    commit(&mut store, [Change::AnswerAdded(answer.clone())]).unwrap();
    refused(&mut store, Change::AnswerAdded(answer.clone()), &unique("answers"));
    commit(&mut store, [Change::AnswerAdded(AnswerRecord { attempt: 2, ..answer })]).unwrap();
}

#[test]
fn a_data_file_holds_one_shop() {
    let (_place, mut store) = two_sales();
    let record = shop(at(0));
    commit(&mut store, [Change::ShopAdded(record.clone())]).unwrap();
    let second = ShopRecord { name: "b".to_owned(), ..record };
    refused(&mut store, Change::ShopAdded(second.clone()), "UNIQUE constraint failed: shop.one");
    commit(&mut store, [Change::ShopChanged(second.clone())]).unwrap();
    assert_eq!(store.shop().unwrap(), Some(second));
}

#[test]
fn nothing_stands_without_what_it_is_about() {
    let (_place, mut store) = two_sales();
    let foreign = "FOREIGN KEY constraint failed";
    refused(&mut store, Change::PaymentAdded(payment(9)), foreign);
    refused(&mut store, Change::OperationAdded(operation(9)), foreign);
    refused(&mut store, Change::EvidenceAdded(evidence(9, 9)), foreign);
    refused(&mut store, Change::AnswerAdded(answer(9)), foreign);
    refused(&mut store, Change::DiscrepancyAdded(discrepancy(1, Some(payment(9).id), "d")), foreign);
    let entry = Entry::paid(payment(9).id, at(1), payment(9).rail, Twd::new(1)).unwrap();
    refused(&mut store, Change::EntryAdded(entry), foreign);
}

#[test]
fn a_new_row_has_version_one_and_an_amount() {
    let (_place, mut store) = two_sales();
    refused(&mut store, Change::PaymentAdded(Payment { version: 2, ..payment(9) }), "version 1");
    refused(&mut store, Change::OperationAdded(Operation { version: 0, ..operation(9) }), "version 1");
    for amount in [0, -1, i64::MIN] {
        let amount = Twd::new(amount);
        let free = counterfoil_domain::Order { amount, ..order(9) };
        refused(&mut store, Change::OrderAdded(free), "CHECK constraint failed");
        let free = Payment { amount, order: order(1).id, ..payment(9) };
        refused(&mut store, Change::PaymentAdded(free), "CHECK constraint failed");
    }
}

/// I2: neither final nor with a person, at most one of a payment.
#[test]
fn a_payment_has_one_open_operation() {
    let second = |state| Operation {
        state,
        payment: payment(1).id,
        kind: OperationKind::CancelAccount,
        ..operation(9)
    };
    let is_open = |state: OperationState| !state.is_final() && state != OperationState::NeedsPerson;
    for first in OperationState::ALL {
        let place = Place::new();
        let mut store = place.writer();
        commit(&mut store, [Change::OrderAdded(order(1)), Change::PaymentAdded(payment(1))]).unwrap();
        commit(&mut store, [Change::OperationAdded(Operation { state: first, ..operation(1) })]).unwrap();
        for (n, other) in (10..).zip(OperationState::ALL) {
            let op = Operation { id: operation(n).id, ..second(other) };
            if is_open(first) && is_open(other) {
                refused(
                    &mut store,
                    Change::OperationAdded(op),
                    "UNIQUE constraint failed: operations.payment_id",
                );
            } else if !is_open(other) {
                commit(&mut store, [Change::OperationAdded(op)]).unwrap();
            }
        }
        if !is_open(first) {
            commit(&mut store, [Change::OperationAdded(second(OperationState::Planned))]).unwrap();
        }
    }
}

/// I7. The table in the file is the one of the domain, both ways.
#[test]
fn payments_step_only_along_the_table_of_the_domain() {
    let (_place, mut store) = two_sales();
    for (n, from, to) in pairs(PaymentState::ALL) {
        let (_, steps) = arrived(n, Payment { state: from, ..payment(n) });
        let next = Change::EvidenceAdded(proof(n + 1_000, n, to));
        commit(&mut store, [Change::OrderAdded(order(n))].into_iter().chain(steps).chain([next])).unwrap();
        let step = changed(&store, n, |p| (p.state, p.proof) = (to, Some(proof(n + 1_000, n, to).id)));
        if from == to || from.may_become(to) {
            commit(&mut store, [step]).unwrap();
        } else {
            refused(&mut store, step, "no such step of a payment");
        }
    }
}

#[test]
fn operations_step_only_along_the_table_of_the_domain() {
    let (_place, mut store) = two_sales();
    for (n, from, to) in pairs(OperationState::ALL) {
        let first = Change::OperationAdded(Operation { state: from, ..operation(n) });
        commit(&mut store, [Change::OrderAdded(order(n)), Change::PaymentAdded(payment(n)), first]).unwrap();
        let step = moved(&store, n, to);
        if from == to || from.may_become(to) {
            commit(&mut store, [step]).unwrap();
        } else {
            refused(&mut store, step, "no such step of an operation");
        }
    }
}

#[test]
fn what_a_payment_is_never_changes() {
    let (_place, mut store) = two_sales();
    let edits: [fn(&mut Payment); 5] = [
        |p| p.order = OrderId::from_bytes(bytes(2)),
        |p| p.rail = counterfoil_domain::Rail::SinopacCard,
        |p| p.bank_order_no = counterfoil_domain::BankOrderNo::from_text("N9A"),
        |p| p.amount = Twd::new(1),
        |p| p.created_at = Moment::from_millis(1),
    ];
    for edit in edits {
        let edited = changed(&store, 1, edit);
        refused(&mut store, edited, "never change");
    }
    let edits: [fn(&mut Operation); 3] = [
        |op| op.payment = PaymentId::from_bytes(bytes(2)),
        |op| op.kind = OperationKind::Capture,
        |op| op.planned_at = Moment::from_millis(1),
    ];
    for edit in edits {
        let mut edited = operation(1);
        edit(&mut edited);
        refused(&mut store, Change::OperationChanged(edited), "never change");
    }
}

/// The triggers, by another hand on the file. Every statement is refused with the sentence of its
/// own rule.
#[test]
fn the_file_refuses_edits_by_any_hand() {
    let (place, mut store) = two_sales();
    fill_every_table(&mut store);
    drop(store);
    let conn = place.raw();
    conn.pragma_update(None, "recursive_triggers", true).unwrap();
    let rows = "SELECT count(*) FROM ";
    let tables = [
        ("shop", "stays"),
        ("customers", "a customer is never"),
        ("orders", "an order is never"),
        ("payments", "a payment is never deleted"),
        ("cards", "a card is never deleted"),
        ("operations", "an operation is never deleted"),
        ("answers", "answers are only added"),
        ("evidence", "evidence is only added"),
        ("entries", "entries are only added"),
        ("postings", "postings are only added"),
        ("discrepancies", "discrepancies are only added"),
        ("captures", "captures are only added"),
        ("charges", "charges are only added"),
        ("coverage", "coverage is only added"),
        ("foreign_lines", "foreign lines are only added"),
        ("audit", "audit rows are only added"),
    ];
    for (table, rule) in tables {
        let count = |conn: &Connection| conn.query_row(&format!("{rows}{table}"), [], |r| r.get::<_, i64>(0));
        let before = count(&conn).unwrap();
        assert!(before > 0, "{table} is empty");
        fails(&conn, &format!("DELETE FROM {table}"), rule);
        // REPLACE would delete the old row; on a posting another rule comes first
        let rule = if table == "postings" { "a closed entry takes no posting" } else { rule };
        fails(&conn, &format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"), rule);
        assert_eq!(count(&conn).unwrap(), before, "{table}");
    }
    for (sql, rule) in [
        ("UPDATE customers SET name = 'x'", "corrected with a new salt"),
        ("UPDATE customers SET note = 'x'", "corrected with a new salt"),
        ("UPDATE customers SET id = zeroblob(16)", "corrected with a new salt"),
        ("UPDATE orders SET amount = 1", "an order is never edited"),
        ("UPDATE orders SET description = ''", "an order is never edited"),
        ("UPDATE payments SET amount = 1, version = version + 1", "never change"),
        ("UPDATE payments SET bank_order_no = 'X' || bank_order_no, version = version + 1", "never change"),
        ("UPDATE payments SET id = zeroblob(16), version = version + 1", "never change"),
        ("UPDATE payments SET order_id = zeroblob(16), version = version + 1", "never change"),
        ("UPDATE payments SET created_at = 0, version = version + 1", "never change"),
        ("UPDATE payments SET sold_at = 0, version = version + 1", "never change"),
        ("UPDATE payments SET rail = 'ctbc-card', version = version + 1", "never change"),
        ("UPDATE payments SET shown = 1", "one version at a time"),
        ("UPDATE payments SET state = 'paid-late', version = version + 1", "no such step of a payment"),
        ("UPDATE payments SET state = 'nonsense', version = version + 1", "no such step of a payment"),
        ("UPDATE operations SET id = zeroblob(16), version = version + 1", "never change"),
        ("UPDATE operations SET payment_id = zeroblob(16), version = version + 1", "never change"),
        ("UPDATE operations SET planned_at = 0, version = version + 1", "never change"),
        ("UPDATE operations SET kind = 'capture', version = version + 1", "never change"),
        ("UPDATE operations SET state = 'sending'", "one version at a time"),
        ("UPDATE operations SET state = 'accepted', version = version + 1", "no such step of an operation"),
        ("UPDATE payments SET state = 'paid', version = version + 1 WHERE state = 'issuing'", "no evidence"),
        ("UPDATE cards SET payment_id = (SELECT id FROM payments WHERE state = 'issuing')", "never changes"),
        ("UPDATE cards SET state = 'capture-queued'", "no such step of a card"),
        ("UPDATE cards SET state = 'nonsense'", "no such step of a card"),
        ("UPDATE answers SET code = ''", "answers are only added"),
        ("UPDATE evidence SET amount = 1", "evidence is only added"),
        ("UPDATE entries SET at = 1", "entries are only added"),
        ("UPDATE postings SET amount = 1", "postings are only added"),
        ("UPDATE discrepancies SET detail = ''", "discrepancies are only added"),
        ("UPDATE coverage SET to_minute = to_minute + 1", "coverage is only added"),
        ("UPDATE foreign_lines SET amount = 1", "foreign lines are only added"),
        ("UPDATE audit SET detail = ''", "audit rows are only added"),
        ("INSERT INTO postings VALUES (1, 3, 'bank', 0)", "a closed entry takes no posting"),
        (
            "INSERT INTO postings VALUES (9, 1, 'bank', 5), (9, 2, 'sales', -4);
             INSERT INTO entries (seq, payment_id, at, day, cause) SELECT 9, id, 0, 0, 'paid' FROM payments LIMIT 1",
            "sum to zero",
        ),
        ("INSERT INTO entries (seq, payment_id, at, day, cause) SELECT 9, id, 0, 0, 'paid' FROM payments LIMIT 1", "sum to zero"),
    ] {
        fails(&conn, sql, rule);
    }
    // postings without their entry do not survive the end of the transaction
    let orphan = "PRAGMA foreign_keys = 1; INSERT INTO postings VALUES (9, 1, 'bank', 5)";
    fails(&conn, orphan, "FOREIGN KEY constraint failed");
}

/// One row at least in each table.
fn fill_every_table(store: &mut SqliteStore) {
    let proof = evidence(5, 1);
    let paid = changed(store, 1, |p| {
        (p.state, p.proof, p.card) = (PaymentState::Paid, Some(proof.id), Some(CardState::Captured));
    });
    let entry = Entry::new(
        Cause::Paid,
        payment(1).id,
        at(5),
        vec![
            Posting { account: Account::ReceivableSinopac, amount: Twd::new(180) },
            Posting { account: Account::Sales, amount: Twd::new(-180) },
        ],
    );
    let minute = at(1).minute();
    commit(
        store,
        [
            Change::EvidenceAdded(proof),
            paid,
            Change::ShopAdded(shop(at(0))),
            Change::CustomerAdded(Customer {
                id: CustomerId::from_bytes(bytes(1)),
                name: "a".into(),
                note: "b".into(),
                salt: [1; 16],
            }),
            Change::NewsAdded(payment(1).id),
            Change::CaptureAdded(Capture {
                payment: payment(1).id,
                xid: "X1".to_owned(),
                batch_id: "5".to_owned(),
                batch_seq: "1".to_owned(),
                at: at(1),
            }),
            Change::ChargeAdded(Charge {
                payment: payment(1).id,
                xid: "X2".to_owned(),
                amount: Twd::new(180),
                at: at(1),
            }),
            Change::EntryAdded(entry.unwrap()),
            Change::AnswerAdded(answer(1)),
            Change::DiscrepancyAdded(discrepancy(1, None, "d")),
            Change::CoverageAdded(counterfoil_domain::CoverageSpan {
                bank: counterfoil_domain::Bank::Sinopac,
                span: counterfoil_domain::MinuteSpan::new(minute, minute).unwrap(),
                at: at(1),
                by_number: false,
                pass: 0,
            }),
            Change::ForeignLineAdded(ForeignLine {
                bank: counterfoil_domain::Bank::Sinopac,
                kind: ForeignKind::Payment,
                bank_order_no: "X".to_owned(),
                amount: Some(Twd::new(1)),
                said: "1A400".to_owned(),
                paid_minute: Some(minute),
                seen_at: at(1),
            }),
        ],
    )
    .unwrap();
}

/// In a transaction of its own, so that nothing before the refusal stays.
fn fails(conn: &Connection, sql: &str, rule: &str) {
    conn.execute_batch("BEGIN").unwrap();
    let done = conn.execute_batch(sql).and_then(|()| conn.execute_batch("COMMIT"));
    let error = done.expect_err(sql).to_string();
    assert!(error.contains(rule), "{sql}: {error}");
    conn.execute_batch("ROLLBACK").unwrap();
}

#[test]
fn the_books_hold_every_entry_with_its_postings() {
    let (_place, mut store) = two_sales();
    let paid = |n: u32| Entry::paid(payment(n).id, at(n), payment(n).rail, payment(n).amount).unwrap();
    commit(&mut store, [Change::EntryAdded(paid(1)), Change::EntryAdded(paid(2))]).unwrap();
    let sums: Vec<(String, i64, i64)> = store
        .conn()
        .prepare("SELECT account, count(*), sum(amount) FROM postings GROUP BY account ORDER BY account")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let expected = [("receivable.sinopac", 360), ("sales", -360)];
    assert_eq!(sums, expected.map(|(account, sum)| (account.to_owned(), 2, sum)));
}

/// What no version of ours writes is not taken from another hand either: each row of the file once
/// more, with one value wrong.
#[test]
fn the_file_takes_no_value_out_of_range() {
    let (place, mut store) = two_sales();
    fill_every_table(&mut store);
    drop(store);
    let conn = place.raw();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let columns = [
        ("shop", "one", "2"),
        ("shop", "record", "'{'"),
        ("customers", "id", "x'01'"),
        ("orders", "id", "x'01'"),
        ("orders", "amount", "0"),
        ("payments", "id", "x'01'"),
        ("payments", "amount", "0"),
        ("payments", "shown", "2"),
        ("payments", "issued", "2"),
        ("payments", "proof", "x'01'"),
        ("payments", "late", "2"),
        ("operations", "id", "x'01'"),
        ("evidence", "id", "x'01'"),
        ("discrepancies", "id", "x'01'"),
        ("coverage", "to_minute", "from_minute - 1"),
        ("coverage", "by_number", "2"),
        ("audit", "seq", "0"),
        ("audit", "changes", "x'01'"),
        ("audit", "prev_hash", "x'01'"),
        ("audit", "hash", "x'01'"),
    ];
    for (table, column, value) in columns {
        let all: Vec<String> = conn
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(all.iter().any(|name| name == column), "{table} has no {column}");
        let values: Vec<&str> = all.iter().map(|name| if name == column { value } else { name }).collect();
        let sql = format!("INSERT INTO {table} SELECT {} FROM {table} LIMIT 1", values.join(", "));
        fails(&conn, &sql, "CHECK constraint failed");
    }
}
