//! Every transition of ctbc.md 6.2 and 6.4, in both member shapes, and what inquiries show on the
//! way.

use super::*;

fn ok(bank: &mut Simulator, lidm: &str, operation: &str, amount: i64) {
    assert_eq!(acted(bank, lidm, operation, amount), "0/00", "{operation}");
    assert!(bank.calls().last().unwrap().acted);
}

#[test]
fn a_sale_without_auto_cap_is_authorized_and_can_be_reversed() {
    let mut bank = bank();
    let line = authorized(&mut bank, "A1", "500");
    let answer = act(&mut bank, &line, "Reversal", 0);
    assert_eq!((code(&answer).as_str(), answer.text("ResAmt")), ("0/00", "901 0 0"));
    assert_ne!(answer.text("TermSeq"), line.term_seq.to_string(), "a number of its own");
    assert_eq!(state(&bank, "A1"), "0");
    batch(&mut bank);
    assert_eq!((state(&bank, "A1").as_str(), bank.card(SHOP, "A1").unwrap().captured), ("0", 0));
}

#[test]
fn a_sale_is_captured_taken_out_captured_again_and_collected() {
    let mut bank = bank();
    let line = authorized(&mut bank, "A1", "500");
    let answer = act(&mut bank, &line, "Cap", 500);
    assert_eq!((code(&answer).as_str(), answer.text("ResAmt")), ("0/00", "901 500 0"));
    assert_eq!((answer.text("BatchID"), answer.text("BatchSeq")), ("1", "1"));
    assert_eq!(state(&bank, "A1"), "10");
    ok(&mut bank, "A1", "CapRev", 0);
    assert_eq!(state(&bank, "A1"), "1");
    ok(&mut bank, "A1", "Cap", 500);
    batch(&mut bank);
    let line = bank.card(SHOP, "A1").unwrap();
    assert_eq!((line.state.as_str(), line.captured, line.batch_seq), ("12", 500, Some(2)));
}

#[test]
fn auto_cap_goes_into_the_file_at_once_and_out_again_leaves_nothing() {
    let mut bank = bank();
    assert_eq!(sold(&mut bank, "A1", "500").state, "10");
    ok(&mut bank, "A1", "CapRev", 0);
    ok(&mut bank, "A1", "Reversal", 0);
    assert_eq!(state(&bank, "A1"), "0");
    refused(&mut bank, "A1", "Cap", 500, "3/17");
}

#[test]
fn the_short_shape_does_the_same() {
    let mut bank = bank();
    let line = authorized(&mut bank, "A1", "500");
    for (operation, amount, state_after) in [("Cap", 500, "10"), ("CapRev", 0, "1"), ("Cap", 500, "10")] {
        let request = sealed(&format!("/NewPos/{operation}"), &short(&line, operation, amount));
        assert_eq!(code(&opened(&bank.handle(&request))), "0/00", "{operation}");
        assert_eq!(state(&bank, "A1"), state_after);
    }
    batch(&mut bank);
    for (operation, amount, state_after) in
        [("Refund", 100, "20"), ("RefundRev", 0, "12"), ("Refund", 500, "20")]
    {
        let request = sealed(&format!("/NewPos/{operation}"), &short(&line, operation, amount));
        assert_eq!(code(&opened(&bank.handle(&request))), "0/00", "{operation}");
        assert_eq!(state(&bank, "A1"), state_after);
    }
    let line = authorized(&mut bank, "A2", "7");
    let request = sealed("/NewPos/Reversal", &short(&line, "Reversal", 0));
    assert_eq!(code(&opened(&bank.handle(&request))), "0/00");
    assert_eq!(state(&bank, "A2"), "0");
}

#[test]
fn a_refund_is_queued_taken_out_queued_again_and_paid_back_in_parts() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    sold(&mut bank, "COVER1", "9000");
    let line = bank.card(SHOP, "A1").unwrap();
    let answer = act(&mut bank, &line, "Refund", 200);
    assert_eq!((code(&answer).as_str(), answer.text("ResAmt")), ("0/00", "901 200 0"));
    assert_eq!((answer.text("BatchID"), answer.text("BatchSeq")), ("2", "2"));
    let shown = inquiry(&mut bank, "A1", 500);
    assert_eq!(
        (shown.text("CurrentState"), shown.text("BatchID"), shown.text("BatchSeq")),
        ("20", "2", "2"),
        "the line of the refund while it is in the file"
    );
    ok(&mut bank, "A1", "RefundRev", 0);
    let shown = inquiry(&mut bank, "A1", 500);
    assert_eq!((shown.text("CurrentState"), shown.text("BatchID")), ("12", "1"));
    ok(&mut bank, "A1", "Refund", 200);
    batch(&mut bank);
    let line = bank.card(SHOP, "A1").unwrap();
    assert_eq!((line.state.as_str(), line.refunded, line.captured), ("22", 200, 500));
    sold(&mut bank, "COVER2", "9000");
    refused(&mut bank, "A1", "Refund", 301, "3/21");
    ok(&mut bank, "A1", "Refund", 300);
    ok(&mut bank, "A1", "RefundRev", 0);
    assert_eq!(state(&bank, "A1"), "22", "what was paid back before stays");
    ok(&mut bank, "A1", "Refund", 300);
    batch(&mut bank);
    assert_eq!(bank.card(SHOP, "A1").unwrap().refunded, 500);
    sold(&mut bank, "COVER3", "9000");
    refused(&mut bank, "A1", "Refund", 1, "3/53");
}

#[test]
fn the_batch_locks_and_then_decides() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    sold(&mut bank, "A2", "600");
    ok(&mut bank, "A1", "Refund", 500);
    bank.control("run_batch", &json!({"phase": "start"})).unwrap();
    assert_eq!((state(&bank, "A1").as_str(), state(&bank, "A2").as_str()), ("21", "11"));
    assert_eq!(inquiry(&mut bank, "A2", 600).text("CurrentState"), "11");
    bank.control("run_batch", &json!({"phase": "end"})).unwrap();
    assert_eq!((state(&bank, "A1").as_str(), state(&bank, "A2").as_str()), ("22", "12"));
}

#[test]
fn a_failed_capture_can_be_captured_again_or_reversed() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    sold(&mut bank, "A2", "600");
    bank.control("batch", &json!({"fail": "captures"})).unwrap();
    batch(&mut bank);
    assert_eq!((state(&bank, "A1").as_str(), bank.card(SHOP, "A1").unwrap().captured), ("13", 0));
    refused(&mut bank, "A1", "CapRev", 0, "3/2");
    refused(&mut bank, "A1", "Refund", 500, "3/72");
    switch(&mut bank, "retry_failed", false);
    refused(&mut bank, "A1", "Cap", 500, "3/2");
    refused(&mut bank, "A1", "Reversal", 0, "3/2");
    switch(&mut bank, "retry_failed", true);
    ok(&mut bank, "A1", "Cap", 500);
    ok(&mut bank, "A2", "Reversal", 0);
    assert_eq!((state(&bank, "A1").as_str(), state(&bank, "A2").as_str()), ("10", "0"));
}

#[test]
fn a_failed_refund_can_be_sent_again() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    sold(&mut bank, "A2", "600");
    ok(&mut bank, "A1", "Refund", 500);
    bank.control("batch", &json!({"fail": ["A1"]})).unwrap();
    batch(&mut bank);
    assert_eq!((state(&bank, "A1").as_str(), state(&bank, "A2").as_str()), ("23", "12"));
    assert_eq!(bank.card(SHOP, "A1").unwrap().refunded, 0);
    sold(&mut bank, "A3", "600");
    switch(&mut bank, "retry_failed", false);
    refused(&mut bank, "A1", "Refund", 500, "3/2");
    switch(&mut bank, "retry_failed", true);
    ok(&mut bank, "A1", "Refund", 500);
    batch(&mut bank);
    assert_eq!((state(&bank, "A1").as_str(), bank.card(SHOP, "A1").unwrap().refunded), ("22", 500));
}

#[test]
fn part_of_a_sale_can_be_captured_where_the_policy_allows_it() {
    let mut bank = bank();
    authorized(&mut bank, "A1", "500");
    switch(&mut bank, "partial_capture", false);
    refused(&mut bank, "A1", "Cap", 400, "3/21");
    switch(&mut bank, "partial_capture", true);
    refused(&mut bank, "A1", "Cap", 501, "3/21");
    refused(&mut bank, "A1", "Cap", 0, "3/21");
    ok(&mut bank, "A1", "Cap", 400);
    batch(&mut bank);
    sold(&mut bank, "A2", "9000");
    refused(&mut bank, "A1", "Refund", 401, "3/21");
    ok(&mut bank, "A1", "Refund", 400);
}

#[test]
fn an_authorization_can_be_lowered_where_the_policy_allows_it() {
    let mut bank = bank();
    authorized(&mut bank, "A1", "500");
    refused(&mut bank, "A1", "Reversal", 300, "3/21");
    switch(&mut bank, "partial_reversal", true);
    refused(&mut bank, "A1", "Reversal", 500, "3/21");
    ok(&mut bank, "A1", "Reversal", 300);
    assert_eq!(state(&bank, "A1"), "1");
    refused(&mut bank, "A1", "Cap", 301, "3/21");
    ok(&mut bank, "A1", "Cap", 300);
}

#[test]
fn refunds_of_parts_and_of_remainders_are_policies() {
    let mut bank = bank();
    captured(&mut bank, "A1", "500");
    switch(&mut bank, "partial_refund", false);
    refused(&mut bank, "A1", "Refund", 200, "3/21");
    switch(&mut bank, "partial_refund", true);
    ok(&mut bank, "A1", "Refund", 200);
    batch(&mut bank);
    switch(&mut bank, "refund_remainder", false);
    refused(&mut bank, "A1", "Refund", 300, "3/53");
    switch(&mut bank, "refund_remainder", true);
    ok(&mut bank, "A1", "Refund", 300);
}
