//! What is left of a customer who was erased or corrected: nothing in the file, its log, its copies
//! and what people typed.

use std::fs;

use counterfoil_domain::refund::{Booked, Confirmed, Word};
use counterfoil_domain::{
    Actor, Customer, CustomerId, Order, Refund, RefundId, RefundReason, RefundState, Twd,
};
use counterfoil_engine::ports::{AnswerRecord, BookedRefund, Change, Store, StoreError, UnbookedRefund};

use super::search::{customer, found, sale_to};
use super::support::*;
use crate::migrate::embedded;
use crate::open::open_with;
use crate::{Mode, SqliteStore};

/// Whoever makes a copy by hand may not know that erasing does not reach it.
#[test]
fn copies_by_hand_are_named_and_our_own_files_are_not() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale_to(1, "歐陽", "常客", "茶葉")).unwrap();
    let folder = place.file().parent().unwrap().to_owned();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    let data = fs::read(place.file()).unwrap();
    for name in ["counterfoil-v3-before-v4.db", "counterfoil.unfinished", "counterfoil.unfinished-wal"] {
        put(name, &data);
    }
    put("notes.txt", b"SQLite format 4");
    put("short", b"SQL");
    fs::create_dir(folder.join("folder.db")).unwrap();
    #[cfg(unix)]
    {
        fs::hard_link(place.file(), folder.join("link.db")).unwrap();
        std::os::unix::fs::symlink(place.file(), folder.join("other link.db")).unwrap();
    }
    assert_eq!(crate::copies_by_hand(&folder), [""; 0]);
    put("counterfoil copy.db", &data);
    put("counterfoil.db.bak", &data);
    put("log.bak", &fs::read(folder.join("counterfoil.db-wal")).unwrap());
    let named = ["counterfoil copy.db", "counterfoil.db.bak", "log.bak"];
    assert_eq!(crate::copies_by_hand(&folder), named);
    commit(&mut store, sale_to(2, "林", "", "茶葉")).unwrap();
    assert_eq!(crate::copies_by_hand(&folder.join("none")), [""; 0]);
}

#[test]
fn an_erased_customer_is_gone_from_the_file_its_log_and_the_search() {
    gone(false);
    gone(true);
}

/// Erased while the order waits for the index of words, or when it is in it.
fn gone(in_the_index: bool) {
    let place = Place::new();
    let mut store = place.writer();
    let (name, note) = ("歐陽查無此人", "Zebediahquux 0912345678");
    commit(&mut store, (100..130).flat_map(|n| sale_to(n, "林小姐", "常客", "茶葉"))).unwrap();
    commit(&mut store, sale_to(1, name, note, "凍頂烏龍")).unwrap();
    if in_the_index {
        crate::words::index(store.conn()).unwrap();
    }
    let id = CustomerId::from_bytes(bytes(1));
    assert_eq!(store.customer(id).unwrap(), Some(customer(1, name, note)));
    for typed in ["陽查", "zebe", "0912345678", "頂烏"] {
        assert_eq!(found(&store, typed), [1], "{typed}");
    }
    let before = store.order(order(1).id).unwrap().unwrap();
    assert_eq!(before.customer, Some(id));

    commit(&mut store, [Change::CustomerErased(id)]).unwrap();
    assert_eq!(store.customer(id).unwrap(), Some(Customer { salt: [0; 16], ..customer(1, "", "") }));
    assert_eq!(store.order(order(1).id).unwrap(), Some(before));
    for typed in ["陽查", "歐", "zebe", "0912345678"] {
        assert_eq!(found(&store, typed), [0; 0], "{typed}");
    }
    assert_eq!(found(&store, "頂烏"), [1]);
    assert_eq!(found(&store, "小姐").len(), 30);
    // the file as it lies on the disk, the log beside it, and nothing else
    let texts = [name, "查無", "Zebediahquux", "zebediahquux", "ebediahquu", "0912345678"];
    assert_eq!(stands_in(&place, &texts), [""; 0]);
    store.conn().execute_batch("INSERT INTO order_words (order_words) VALUES ('integrity-check')").unwrap();
    let report = store.verify_audit().unwrap();
    assert_eq!((report.broken_at, report.found), (None, vec![]));
    // once more is no error, also after a restart
    drop(store);
    let mut store = place.writer();
    commit(&mut store, [Change::CustomerErased(id)]).unwrap();
    assert_eq!(found(&store, "頂烏"), [1]);
    commit(&mut store, [Change::CustomerErased(CustomerId::from_bytes(bytes(9)))]).unwrap_err();
}

/// Whether one of these texts is in a file of the folder, whichever.
fn stands_in(place: &Place, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(&place.shop).unwrap() {
        let file = entry.unwrap().path();
        let kept = fs::read(&file).unwrap();
        for text in texts {
            if kept.windows(text.len()).any(|part| part == text.as_bytes()) {
                found.push(format!("{text} stands in {}", file.display()));
            }
        }
    }
    found
}

/// What people typed about the orders of a customer keeps no name either. The facts stay, and so do
/// the words about anyone else.
#[test]
fn what_people_typed_about_a_customer_goes_along() {
    let place = Place::new();
    let mut store = place.writer();
    let (name, words) = ("歐陽查無此人", "歐陽查無此人說的");
    commit(&mut store, sale_to(1, name, "樓上鄰居", "歐陽 查無此人的蛋糕")).unwrap();
    commit(&mut store, sale_to(2, "林小姐", "", "茶葉")).unwrap();
    for n in [1, 2] {
        let words = if n == 1 { words } else { "林小姐說的" };
        let booked = Booked { refund_no: Some("R1".to_owned()), amount: Twd::new(5), at: at(7) };
        let (payment, who, reason) = (payment(n).id, Actor::Owner, words.to_owned());
        let xid = String::new();
        let sent = AnswerRecord { transcript: format!("> {{\"PrdtName\":\"{words}\"}}"), ..answer(n) };
        let word = Word { confirmed: Confirmed::NotDone, text: words.to_owned(), who };
        let refund = Refund { word: Some(word), note: Some(words.to_owned()), ..refund_of(n) };
        let odd = discrepancy(n, Some(payment), "odd");
        let closing = closing(odd.id, words);
        let again = UnbookedRefund {
            payment,
            xid: xid.clone(),
            booked_at: at(7),
            at: at(8),
            who,
            reason: reason.clone(),
        };
        let changes = [
            Change::OperationAdded(operation(n)),
            Change::AnswerAdded(sent),
            Change::RefundBooked(BookedRefund { payment, xid, booked, who, reason }),
            Change::RefundUnbooked(again),
            Change::RefundAdded(refund),
            Change::DiscrepancyAdded(odd),
            Change::DiscrepancyClosed(closing),
        ];
        commit(&mut store, changes).unwrap();
    }
    let everything = |store: &SqliteStore, n: u32| {
        let (_, closing) = store.discrepancy(discrepancy(n, None, "").id).unwrap().unwrap();
        let refund = store.refunds_of(payment(n).id).unwrap().remove(0);
        (
            store.order(order(n).id).unwrap().unwrap().description,
            store.answers_of(operation(n).id).unwrap().remove(0).transcript,
            refund.note,
            refund.word.unwrap().text,
            closing.unwrap().reason,
        )
    };
    let others = everything(&store, 2);
    // nothing may be overwritten before
    for (table, column) in [
        ("orders", "description = '', version = version + 1"),
        ("answers", "transcript = ''"),
        ("refunds_booked", "reason = '—'"),
        ("refunds_unbooked", "reason = '—'"),
        ("discrepancy_closings", "reason = '—'"),
    ] {
        store.conn().execute_batch(&format!("UPDATE {table} SET {column}")).unwrap_err();
    }

    commit(&mut store, [Change::CustomerErased(CustomerId::from_bytes(bytes(1)))]).unwrap();
    let dash = || "—".to_owned();
    assert_eq!(everything(&store, 1), (String::new(), String::new(), None, dash(), dash()));
    assert_eq!(everything(&store, 2), others);
    let sql = "SELECT group_concat(amount || refund_no || reason) FROM refunds_booked WHERE payment_id = ?1";
    let booked = store.conn().query_row(sql, [payment(1).id.as_bytes()], |row| row.get::<_, String>(0));
    assert_eq!(booked.unwrap(), "5R1—");
    assert_eq!(stands_in(&place, &["歐陽", "查無此", "樓上鄰居"]), [""; 0]);
    assert_eq!((found(&store, "蛋糕"), found(&store, "茶葉")), (vec![], vec![2]));
    assert_eq!(store.verify_audit().unwrap().found, []);
    // and only overwritten
    for sql in ["UPDATE refunds_booked SET reason = 'x'", "UPDATE discrepancy_closings SET reason = 'x'"] {
        store.conn().execute_batch(sql).unwrap_err();
    }
}

pub(super) fn refund_of(n: u32) -> Refund {
    Refund {
        id: RefundId::from_bytes(bytes(n)),
        payment: payment(n).id,
        xid: String::new(),
        amount: Twd::new(80),
        reason: RefundReason::Other,
        note: None,
        requester: Actor::Owner,
        approver: None,
        alone: true,
        asked_mono: None,
        state: RefundState::Requested,
        until: None,
        why: None,
        told: None,
        ran: None,
        word: None,
        wish: None,
        requested_at: at(n),
        since: Some(at(n)),
        version: 1,
    }
}

/// The log is emptied when nobody reads it any more; until then the file remembers that it is not.
#[test]
fn a_reader_puts_the_end_of_an_erasure_off_and_so_does_a_crash() {
    let place = Place::new();
    let mut store = place.writer();
    let id = CustomerId::from_bytes(bytes(1));
    commit(&mut store, sale_to(1, "歐陽查無此人", "", "")).unwrap();
    assert!(!store.is_erasure_unfinished().unwrap());
    let reader = place.raw();
    reader.execute_batch("BEGIN; SELECT count(*) FROM customers").unwrap();
    commit(&mut store, [Change::CustomerErased(id)]).unwrap();
    assert!(store.is_erasure_unfinished().unwrap());
    assert!(!store.finish_erasure().unwrap(), "it still reads");
    assert_ne!(stands_in(&place, &["歐陽"]), [""; 0]);
    // as a program leaves it that is ended here
    let crashed = place.copy();
    let log = "counterfoil.db-wal";
    fs::copy(place.shop.join(log), crashed.shop.join(log)).unwrap();
    assert!(crashed.reader().is_erasure_unfinished().unwrap());
    assert!(!crashed.writer().is_erasure_unfinished().unwrap(), "the next start goes on");
    assert_eq!(stands_in(&crashed, &["歐陽"]), [""; 0]);

    reader.execute_batch("COMMIT").unwrap();
    assert!(store.finish_erasure().unwrap());
    assert!(!store.is_erasure_unfinished().unwrap());
    assert_eq!(stands_in(&place, &["歐陽"]), [""; 0]);
}

/// A copy that an upgrade made holds the name too, and so does what a crash left of one.
#[test]
fn an_erased_name_is_in_no_copy_that_an_upgrade_made() {
    for corrected in [false, true] {
        let place = Place::new();
        let old = open_with(&place.shop, Mode::Maker, &embedded()[..14]).unwrap();
        let rows = "INSERT INTO customers VALUES (zeroblob(16), '歐陽查無此人', '樓上鄰居', zeroblob(16));
            INSERT INTO orders (created_at, id, amount, description, customer_id)
            VALUES (1, zeroblob(16), 5, '', zeroblob(16))";
        old.conn().execute_batch(rows).unwrap();
        drop(old);
        let mut store = place.writer();
        fs::copy(place.file(), place.shop.join("counterfoil.unfinished")).unwrap();
        assert!(stands_in(&place, &["歐陽查無此人"]).iter().any(|found| found.contains("before-v24")));
        let id = CustomerId::from_bytes([0; 16]);
        let to = Customer { id, name: "林小姐".to_owned(), note: String::new(), salt: [7; 16] };
        let change =
            if corrected { Change::CustomerCorrected(to.clone()) } else { Change::CustomerErased(id) };
        commit(&mut store, [change]).unwrap();
        assert_eq!(stands_in(&place, &["歐陽", "查無此", "樓上鄰居"]), [""; 0]);
        assert_eq!(found(&store, "歐陽"), [0; 0]);
        assert_eq!(store.verify_audit().unwrap().found, []);
        assert_eq!(store.customer(id).unwrap() == Some(to), corrected);
        assert!(place.shop.join("counterfoil.lock").exists() && place.file().exists());
    }
}

/// Whoever erases is told which copy is in the way, and nothing is half done.
#[test]
fn a_copy_that_cannot_be_removed_is_named_and_nothing_is_erased() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale_to(1, "歐陽查無此人", "Zebediahquux", "凍頂烏龍")).unwrap();
    let copy = place.shop.join("counterfoil-v14-before-v24.db");
    fs::create_dir(&copy).unwrap();
    let id = customer(1, "", "").id;
    match commit(&mut store, [Change::CustomerErased(id)]) {
        Err(StoreError::CopyStays(stays)) => assert_eq!(stays, copy.display().to_string()),
        other => panic!("{other:?}"),
    }
    assert!(!store.customer(id).unwrap().unwrap().is_erased());
    fs::remove_dir(&copy).unwrap();
    commit(&mut store, [Change::CustomerErased(id)]).unwrap();
    assert!(store.customer(id).unwrap().unwrap().is_erased());
}

/// A wrong name gives way to the right one, which is found instead; the chain knows neither.
#[test]
fn a_corrected_customer_is_found_by_the_new_name_only() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale_to(1, "歐陽查無此人", "Zebediahquux", "凍頂烏龍")).unwrap();
    let to = Customer { salt: [9; 16], ..customer(1, "林小姐", "外送") };
    commit(&mut store, [Change::CustomerCorrected(to.clone())]).unwrap();
    assert_eq!(store.customer(to.id).unwrap(), Some(to.clone()));
    for (typed, orders) in [("歐陽", 0), ("zebe", 0), ("林小", 1), ("外送", 1), ("頂烏", 1)] {
        assert_eq!(found(&store, typed).len(), orders, "{typed}");
    }
    assert_eq!(stands_in(&place, &["歐陽", "查無此", "ebediahquu"]), [""; 0]);
    assert_eq!(store.verify_audit().unwrap().found, []);
    // the salt is a new one, and an erased customer gets no name again
    commit(&mut store, [Change::CustomerCorrected(Customer { name: "王".to_owned(), ..to.clone() })])
        .unwrap_err();
    commit(&mut store, [Change::CustomerErased(to.id)]).unwrap();
    commit(&mut store, [Change::CustomerCorrected(Customer { salt: [8; 16], ..to })]).unwrap_err();
    assert_eq!(store.verify_audit().unwrap().found, []);
}

/// Whoever is not a customer of the shop's list may still be named in what was typed.
#[test]
fn what_was_typed_about_an_order_without_a_customer_goes_when_a_person_says_so() {
    let place = Place::new();
    let mut store = place.writer();
    let typed = "宇文無客戶的蛋糕";
    let words = "宇文太太說的".to_owned();
    let [_, sold, sent] = sale(1);
    let described = Order { description: typed.to_owned(), ..order(1) };
    let word = Word { confirmed: Confirmed::NotDone, text: words.clone(), who: Actor::Owner };
    let refund = Refund { word: Some(word), note: Some(words.clone()), ..refund_of(1) };
    let transcript = AnswerRecord { transcript: format!("> {{\"PrdtName\":\"{typed}\"}}"), ..answer(1) };
    let changes = [
        Change::OrderAdded(described),
        sold,
        sent,
        Change::AnswerAdded(transcript),
        Change::RefundAdded(refund),
    ];
    commit(&mut store, changes).unwrap();
    assert_eq!(found(&store, "宇文"), [1]);
    commit(&mut store, [Change::OrderErased(order(1).id)]).unwrap();
    assert_eq!(stands_in(&place, &["宇文", "蛋糕"]), [""; 0]);
    assert_eq!(found(&store, "宇文"), [0; 0]);
    assert_eq!(store.order(order(1).id).unwrap().unwrap().amount, order(1).amount);
    assert_eq!(store.verify_audit().unwrap().found, []);
    commit(&mut store, [Change::OrderErased(order(1).id)]).unwrap();
    assert_eq!(store.verify_audit().unwrap().found, []);
    // of a customer's order too: nothing else tells an older name from the other words
    commit(&mut store, sale_to(2, "林小姐", "", "Zebediahquux的茶葉")).unwrap();
    let customer = CustomerId::from_bytes(bytes(2));
    commit(&mut store, [Change::CustomerErased(customer)]).unwrap();
    assert_eq!(found(&store, "zebe"), [2]);
    commit(&mut store, [Change::CustomerErased(customer), Change::OrderErased(order(2).id)]).unwrap();
    assert_eq!(found(&store, "zebe"), [0; 0]);
    assert_eq!(stands_in(&place, &["Zebediahquux", "ebediahquu"]), [""; 0]);
    store.conn().execute_batch("INSERT INTO order_words (order_words) VALUES ('integrity-check')").unwrap();
    assert_eq!(store.verify_audit().unwrap().found, []);
}
