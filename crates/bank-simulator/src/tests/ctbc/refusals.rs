//! Every refusal of an operation, with its code; a refused one changes nothing. Duplicates,
//! amounts, limits, states.

use std::time::Duration;

use super::*;

/// A sale in this state.
fn planted(bank: &mut Simulator, state: &str) -> String {
    let lidm = format!("S{}", state.replace('-', "m"));
    authorized(bank, &lidm, "500");
    let args = json!({"bank": "ctbc", "shop": SHOP, "order": lidm, "state": state});
    bank.control("plant", &args).unwrap();
    lidm
}

#[test]
fn an_operation_in_a_state_that_is_not_for_it_is_refused() {
    let mut bank = bank();
    for (state, operation, amount, expected) in [
        ("-1", "Cap", 500, "3/6"),
        ("-1", "CapRev", 0, "3/6"),
        ("-1", "Reversal", 0, "3/6"),
        ("-1", "Refund", 500, "3/6"),
        ("-1", "RefundRev", 0, "3/6"),
        ("0", "Cap", 500, "3/17"),
        ("0", "CapRev", 0, "3/17"),
        ("0", "Reversal", 0, "3/54"),
        ("0", "Refund", 500, "3/17"),
        ("0", "RefundRev", 0, "3/17"),
        ("1", "CapRev", 0, "3/2"),
        ("1", "Refund", 500, "3/72"),
        ("1", "RefundRev", 0, "3/2"),
        ("10", "Cap", 500, "3/52"),
        ("10", "Reversal", 0, "9/ne"),
        ("10", "Refund", 500, "3/72"),
        ("10", "RefundRev", 0, "3/2"),
        ("11", "Cap", 500, "3/52"),
        ("11", "CapRev", 0, "3/40"),
        ("11", "Reversal", 0, "9/ne"),
        ("11", "Refund", 500, "3/72"),
        ("11", "RefundRev", 0, "3/2"),
        ("12", "Cap", 500, "9/ne"),
        ("12", "CapRev", 0, "3/2"),
        ("12", "Reversal", 0, "9/ne"),
        ("12", "RefundRev", 0, "3/2"),
        ("13", "RefundRev", 0, "3/2"),
        ("20", "Cap", 500, "9/ne"),
        ("20", "CapRev", 0, "3/2"),
        ("20", "Reversal", 0, "9/ne"),
        ("21", "Cap", 500, "9/ne"),
        ("21", "CapRev", 0, "3/2"),
        ("21", "Reversal", 0, "9/ne"),
        ("21", "Refund", 100, "3/70"),
        ("21", "RefundRev", 0, "3/40"),
        ("22", "Cap", 500, "9/ne"),
        ("22", "CapRev", 0, "3/2"),
        ("22", "Reversal", 0, "9/ne"),
        ("22", "Refund", 500, "3/53"),
        ("22", "RefundRev", 0, "3/2"),
        ("23", "Cap", 500, "9/ne"),
        ("23", "CapRev", 0, "3/2"),
        ("23", "Reversal", 0, "9/ne"),
        ("23", "RefundRev", 0, "3/2"),
    ] {
        let lidm = planted(&mut bank, state);
        refused(&mut bank, &lidm, operation, amount, expected);
    }
}

#[test]
fn duplicates_have_their_own_codes() {
    let mut bank = bank();
    authorized(&mut bank, "A1", "500");
    assert_eq!(acted(&mut bank, "A1", "Cap", 500), "0/00");
    refused(&mut bank, "A1", "Cap", 500, "3/52");
    assert_eq!(acted(&mut bank, "A1", "CapRev", 0), "0/00");
    refused(&mut bank, "A1", "CapRev", 0, "3/55");
    assert_eq!(acted(&mut bank, "A1", "Reversal", 0), "0/00");
    refused(&mut bank, "A1", "Reversal", 0, "3/54");
    captured(&mut bank, "A2", "500");
    assert_eq!(acted(&mut bank, "A2", "Refund", 500), "0/00");
    refused_with_capture_line(&mut bank, "A2", 500, "3/53");
    refused_with_capture_line(&mut bank, "A2", 100, "3/70");
    assert_eq!(acted(&mut bank, "A2", "RefundRev", 0), "0/00");
    refused(&mut bank, "A2", "RefundRev", 0, "3/56");
}

/// While a refund is in the file the books show its line; a refund names the line of the capture.
fn refused_with_capture_line(bank: &mut Simulator, lidm: &str, amount: i64, expected: &str) {
    let line = CardLine { batch_id: Some(1), batch_seq: Some(1), ..bank.card(SHOP, lidm).unwrap() };
    let fields = short(&line, "Refund", amount);
    assert_eq!(code(&opened(&bank.handle(&sealed("/NewPos/Refund", &fields)))), expected);
}

#[test]
fn refunds_of_a_batch_stay_within_its_captures() {
    let mut bank = bank();
    switch(&mut bank, "refund_cover", "batch");
    captured(&mut bank, "A1", "500");
    refused(&mut bank, "A1", "Refund", 500, "3/71");
    sold(&mut bank, "A2", "499");
    refused(&mut bank, "A1", "Refund", 500, "3/71");
    sold(&mut bank, "A3", "1");
    assert_eq!(acted(&mut bank, "A1", "Refund", 500), "0/00");
    batch(&mut bank);
    refused(&mut bank, "A2", "Refund", 499, "3/71");
    switch(&mut bank, "refund_cover", false);
    assert_eq!(acted(&mut bank, "A2", "Refund", 499), "0/00");
}

#[test]
fn other_refunds_of_the_batch_count_too() {
    let mut bank = bank();
    switch(&mut bank, "refund_cover", "batch");
    captured(&mut bank, "A1", "500");
    captured(&mut bank, "A2", "500");
    sold(&mut bank, "A3", "700");
    assert_eq!(acted(&mut bank, "A1", "Refund", 500), "0/00");
    refused(&mut bank, "A2", "Refund", 201, "3/71");
    assert_eq!(acted(&mut bank, "A2", "Refund", 200), "0/00");
}

#[test]
fn instalments_are_captured_and_refunded_whole() {
    let mut bank = bank();
    bank.control("shops", &json!({"bank": "ctbc", "shop": SHOP, "tx_type": 1})).unwrap();
    let fields = with(with(with(sale("A1", "1200"), "txType", "1"), "NumberOfPay", "6"), "AutoCap", "0");
    bank.handle(&form(&fields, "6"));
    bank.control("pay", &json!({"bank": "ctbc", "shop": SHOP, "order": "A1"})).unwrap();
    assert_eq!(bank.card(SHOP, "A1").unwrap().periods, 6);
    refused(&mut bank, "A1", "Cap", 600, "3/51");
    assert_eq!(acted(&mut bank, "A1", "Cap", 1200), "0/00");
    batch(&mut bank);
    refused(&mut bank, "A1", "Refund", 600, "3/51");
    assert_eq!(acted(&mut bank, "A1", "Refund", 1200), "0/00");
}

#[test]
fn amounts_and_echoes_must_be_those_of_the_transaction() {
    let mut bank = bank();
    let line = sold(&mut bank, "A1", "500");
    let other = |name: &'static str, value: &str| with(full(&line, "CapRev", 0), name, value);
    for (fields, expected) in [
        (other("OrgAmt", "901 501 0"), "3/21"),
        (other("CapRevAmt", "901 1 0"), "3/21"),
        (other("AuthCode", "000000"), "3/24"),
        (other("XID", "0123456789AB00000001_A1"), "3/25"),
        (other("AuthRRPID", "0123456789AB00000001_A1"), "9/nd"),
        (other("TermSeq", "1"), "9/nd"),
        (other("BatchID", "9"), "3/33"),
        (other("BatchSeq", "9"), "3/33"),
    ] {
        assert_eq!(code(&opened(&bank.handle(&sealed("/NewPos/CapRev", &fields)))), expected);
    }
    let wrong_lidm = with(short(&line, "CapRev", 0), "LID-M", "A2");
    assert_eq!(code(&opened(&bank.handle(&sealed("/NewPos/CapRev", &wrong_lidm)))), "3/25");
    assert_eq!(state(&bank, "A1"), "10");
    switch(&mut bank, "check_fields", false);
    let loose = with(with(other("TermSeq", "1"), "BatchID", "9"), "AuthCode", "000000");
    assert_eq!(code(&opened(&bank.handle(&sealed("/NewPos/CapRev", &loose)))), "0/00");
}

#[test]
fn amounts_to_undo_are_nought() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    refused(&mut bank, "A1", "CapRev", 500, "3/21");
    captured(&mut bank, "A2", "500");
    refused(&mut bank, "A2", "Refund", 0, "3/21");
    assert_eq!(acted(&mut bank, "A2", "Refund", 500), "0/00");
    refused(&mut bank, "A2", "RefundRev", 500, "3/21");
}

#[test]
fn an_xid_may_carry_blanks_at_its_end() {
    let mut bank = bank();
    switch(&mut bank, "xid_spaces", 4);
    let line = sold(&mut bank, "A1", "500");
    let shown = inquiry(&mut bank, "A1", 500);
    assert_eq!(shown.text("XID"), format!("{}    ", line.xid));
    let fields = with(full(&line, "CapRev", 0), "XID", shown.text("XID"));
    let fields = with(fields, "AuthRRPID", shown.text("AuthRRPID"));
    assert_eq!(code(&opened(&bank.handle(&sealed("/NewPos/CapRev", &fields)))), "0/00");
}

#[test]
fn captures_and_refunds_have_deadlines() {
    let mut bank = bank();
    authorized(&mut bank, "A1", "500");
    captured(&mut bank, "A2", "500");
    bank.advance(Duration::from_hours(30 * 24 - 24));
    authorized(&mut bank, "A3", "500");
    bank.advance(Duration::from_hours(24));
    refused(&mut bank, "A1", "Cap", 500, "3/19");
    assert_eq!(acted(&mut bank, "A3", "Cap", 500), "0/00");
    assert_eq!(acted(&mut bank, "A1", "Reversal", 0), "0/00", "it can still be given up");
    bank.advance(Duration::from_hours(150 * 24));
    refused(&mut bank, "A2", "Refund", 500, "3/20");
    switch(&mut bank, "refund_days", 181);
    assert_eq!(acted(&mut bank, "A2", "Refund", 500), "0/00");
    switch(&mut bank, "capture_days", 2);
    for (lidm, days, code) in [("A4", 1, "0/00"), ("A5", 2, "3/19")] {
        authorized(&mut bank, lidm, "500");
        bank.advance(Duration::from_hours(days * 24));
        assert_eq!(acted(&mut bank, lidm, "Cap", 500), code, "{lidm}");
    }
}

#[test]
fn a_shop_may_be_without_refunds() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    bank.control("shops", &json!({"bank": "ctbc", "shop": SHOP, "refunds": false})).unwrap();
    refused(&mut bank, "A1", "Refund", 500, "3/1");
}

#[test]
fn while_another_operation_runs_every_operation_waits_and_questions_do_not() {
    let mut bank = bank();
    let busy = |bank: &mut Simulator, order: Option<&str>, seconds: i64| {
        let args = json!({"bank": "ctbc", "shop": SHOP, "order": order, "seconds": seconds});
        bank.control("busy", &args)
    };
    authorized(&mut bank, "A1", "500");
    authorized(&mut bank, "A2", "500");
    for (order, code) in [(Some("A1"), "3/15"), (None, "3/31")] {
        busy(&mut bank, order, 60).unwrap();
        for operation in ["Cap", "CapRev", "Reversal", "Refund", "RefundRev"] {
            refused(&mut bank, "A1", operation, 0, code);
        }
        assert_eq!(inquiry(&mut bank, "A1", 500).text("CurrentState"), "1");
        let other = if order.is_some() { "0/00" } else { "3/31" };
        assert_eq!(acted(&mut bank, "A2", "Cap", 500), other);
        assert_eq!(acted(&mut bank, "A2", "CapRev", 0), other);
        bank.advance(Duration::from_secs(59));
        refused(&mut bank, "A1", "Reversal", 0, code);
        bank.advance(Duration::from_secs(1));
    }
    busy(&mut bank, None, 60).unwrap();
    busy(&mut bank, None, 0).unwrap();
    assert_eq!(acted(&mut bank, "A1", "Reversal", 0), "0/00");
    assert_eq!(busy(&mut bank, Some("A9"), 1), Err(crate::ControlError::UnknownOrder));
    assert_eq!(busy(&mut bank, None, -1), Err(crate::ControlError::Member("seconds")));
}
