//! Refunds as a judge reads them: what the books keep of each, per XID, and refunds that a
//! person makes at the bank.

use super::*;
use crate::{ControlError, RefundLine};

fn line(no: &str, amount: i64, state: &str, asked: &str, ended: Option<&str>) -> RefundLine {
    let time = |clock: &str| format!("2026-11-23T{clock}.000+08:00");
    RefundLine {
        no: no.to_owned(),
        amount,
        state: state.to_owned(),
        done: state == "done",
        asked_at: time(asked),
        ended_at: ended.map(time),
        by_hand: false,
    }
}

fn refunds(bank: &Simulator, lidm: &str) -> Vec<RefundLine> {
    bank.card(SHOP, lidm).unwrap().refunds
}

#[test]
fn the_books_keep_every_refund_and_what_came_of_it() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    assert_eq!(acted(&mut bank, "A1", "Refund", 200), "0/00");
    assert_eq!(refunds(&bank, "A1"), [line("2/1", 200, "queued", "10:00:00", None)]);
    bank.advance(std::time::Duration::from_mins(1));
    assert_eq!(acted(&mut bank, "A1", "RefundRev", 0), "0/00");
    let reversed = line("2/1", 200, "reversed", "10:00:00", Some("10:01:00"));
    assert_eq!(refunds(&bank, "A1"), std::slice::from_ref(&reversed));
    assert_eq!(acted(&mut bank, "A1", "Refund", 300), "0/00");
    bank.run_to(at("2026-11-23T20:00:00+08:00"));
    assert_eq!(refunds(&bank, "A1")[1], line("2/2", 300, "locked", "10:01:00", None));
    bank.run_to(at("2026-11-23T22:00:00+08:00"));
    let done = line("2/2", 300, "done", "10:01:00", Some("22:00:00"));
    assert_eq!(refunds(&bank, "A1"), [reversed, done]);
    assert_eq!(bank.card(SHOP, "A1").unwrap().refunded, 300);
    // the remainder, by the line of the capture; its batch fails
    assert_eq!(acted(&mut bank, "A1", "Refund", 200), "0/00");
    bank.control("batch", &json!({"fail": "refunds"})).unwrap();
    batch(&mut bank);
    let last = refunds(&bank, "A1").pop().unwrap();
    assert_eq!(
        (last.state.as_str(), last.done, bank.card(SHOP, "A1").unwrap().refunded),
        ("failed", false, 300)
    );
}

#[test]
fn each_transaction_of_a_number_has_refunds_of_its_own() {
    let mut bank = bank();
    let first = sold(&mut bank, "A1", "500");
    let second = sold(&mut bank, "A1", "500");
    batch(&mut bank);
    let (id, seq) = (Some(1), Some(1));
    let first = CardLine { batch_id: id, batch_seq: seq, ..first };
    assert_eq!(code(&act(&mut bank, &first, "Refund", 500)), "0/00");
    let of = |bank: &Simulator, xid: &str| bank.cards().find(|card| card.xid == xid).unwrap();
    assert_eq!(
        (of(&bank, &first.xid).state, of(&bank, &second.xid).state),
        ("20".to_owned(), "12".to_owned())
    );
    assert_eq!(of(&bank, &second.xid).refunds, []);
    let call = bank.calls().last().unwrap();
    assert_eq!((call.xid.as_deref(), call.amount, call.acted), (Some(first.xid.as_str()), Some(500), true));
    assert_eq!(call.service, "Refund");
    batch(&mut bank);
    assert_eq!((of(&bank, &first.xid).refunded, of(&bank, &second.xid).refunded), (500, 0));
}

#[test]
fn by_default_no_captures_are_needed_to_cover_a_refund() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    assert_eq!(bank.control("switch", &json!({})).unwrap()["refund_cover"], "off");
    assert_eq!(acted(&mut bank, "A1", "Refund", 500), "0/00");
}

#[test]
fn captures_of_the_day_or_what_was_cleared_may_have_to_cover_refunds() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    captured(&mut bank, "A2", "300");
    bank.run_to(at("2026-11-24T10:00:00+08:00"));
    switch(&mut bank, "refund_cover", "day");
    refused(&mut bank, "A1", "Refund", 100, "3/71");
    sold(&mut bank, "B1", "400");
    refused(&mut bank, "A1", "Refund", 401, "3/71");
    assert_eq!(acted(&mut bank, "A1", "Refund", 350), "0/00");
    refused(&mut bank, "A2", "Refund", 51, "3/71");
    assert_eq!(acted(&mut bank, "A1", "RefundRev", 0), "0/00");
    // a batch by hand clears the capture: it is of the day all the same
    batch(&mut bank);
    assert_eq!(acted(&mut bank, "A1", "Refund", 350), "0/00");
    refused(&mut bank, "A2", "Refund", 51, "3/71");
    // the last batch collected B1
    switch(&mut bank, "refund_cover", "cleared");
    refused(&mut bank, "A2", "Refund", 51, "3/71");
    assert_eq!(acted(&mut bank, "A2", "Refund", 50), "0/00");
    // of the day what is done counts too
    sold(&mut bank, "B2", "10");
    batch(&mut bank);
    switch(&mut bank, "refund_cover", "day");
    refused(&mut bank, "B1", "Refund", 11, "3/71");
    assert_eq!(acted(&mut bank, "B1", "Refund", 10), "0/00");
}

#[test]
fn the_lock_has_one_of_two_codes() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    bank.run_to(at("2026-11-23T20:00:00+08:00"));
    refused(&mut bank, "A1", "Refund", 500, "3/40");
    switch(&mut bank, "batch_code", "3/31");
    refused(&mut bank, "A1", "Refund", 500, "3/31");
    bank.run_to(at("2026-11-23T22:00:00+08:00"));
    assert_eq!(acted(&mut bank, "A1", "Refund", 500), "0/00");
}

#[test]
fn a_person_acts_at_the_bank_itself() {
    let mut bank = bank();
    let call = |bank: &mut Simulator, more: &Value| {
        let mut args = json!({"bank": "ctbc", "shop": SHOP, "order": "A1"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bank.control("refund", &args)
    };
    sold(&mut bank, "A1", "500");
    assert_eq!(call(&mut bank, &json!({})).err(), Some(ControlError::State), "not collected yet");
    assert_eq!(call(&mut bank, &json!({"operation": "CapRev"})).unwrap(), json!({"state": "1"}));
    assert_eq!(call(&mut bank, &json!({"operation": "Cap"})).unwrap(), json!({"state": "10"}));
    batch(&mut bank);
    assert_eq!(call(&mut bank, &json!({"amount": 200})).unwrap(), json!({"state": "20"}));
    assert_eq!(call(&mut bank, &json!({"operation": "RefundRev"})).unwrap(), json!({"state": "12"}));
    call(&mut bank, &json!({"amount": 200})).unwrap();
    batch(&mut bank);
    assert_eq!(call(&mut bank, &json!({})).unwrap(), json!({"state": "20"}), "what is left");
    batch(&mut bank);
    let book = bank.card(SHOP, "A1").unwrap();
    assert_eq!((book.state.as_str(), book.refunded), ("22", 500));
    assert!(book.refunds.iter().all(|refund| refund.by_hand));
    let first = book.xid;
    let second = sold(&mut bank, "A1", "500").xid;
    batch(&mut bank);
    for (more, expected) in [
        (json!({"xid": first}), ControlError::State),
        (json!({"xid": "X"}), ControlError::UnknownOrder),
        (json!({"operation": "Auth"}), ControlError::Member("operation")),
        (json!({"amount": "1"}), ControlError::Member("amount")),
        (json!({"order": "A9"}), ControlError::UnknownOrder),
        (json!({"amount": 501}), ControlError::State),
    ] {
        assert_eq!(call(&mut bank, &more).err(), Some(expected), "{more}");
    }
    call(&mut bank, &json!({"xid": second})).unwrap();
    assert!(bank.calls().all(|call| call.service != "Refund"), "no request of the shop");
}
