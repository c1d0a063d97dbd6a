//! Every refusal, made by the bank's own rules: by the message, by the bank's books, by the shop's
//! contract and by what else runs. The class of each answer is the client's; a refused operation
//! has changed nothing.

use std::collections::BTreeSet;

use counterfoil_domain::BankAnswer::{Accepted, Declined, NotNow, NotSent, Unknown};
use counterfoil_engine::ports::RefusalOf;
use secrecy::SecretString;

use super::*;

/// Each operation where it would be accepted.
pub(super) const READY: [(Action, &[Step]); 5] = [
    (CAP, &[Authorized]),
    (CAP_REV, &[Sold]),
    (REVERSAL, &[Authorized]),
    (refund(500), &[Sold, Batch, Other(500)]),
    (REFUND_REV, &[Sold, Batch, Other(500), Do(refund(500))]),
];

/// What is wrong with an operation that would be accepted otherwise.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    /// Another amount as the authorized one.
    OrgAmt,
    AuthCode,
    Xid,
    AuthRrpid,
    TermSeq,
    BatchId,
    BatchSeq,
    /// Not said at all.
    NoTermSeq,
    NoBatch,
    /// One digit of the message is turned on its way.
    Turned(Turned),
    /// Sealed with another key.
    Key,
    /// From an address that the bank does not know.
    Address,
    /// No connection.
    Cut,
    /// This came before it.
    After(Step),
}

type Answer = (BankAnswer, &'static str);

/// Of every operation.
const ALL: [(Wrong, Answer); 12] = [
    (Wrong::OrgAmt, (Declined, "3/21")),
    (Wrong::AuthCode, (Declined, "3/24")),
    (Wrong::Xid, (Declined, "3/25")),
    (Wrong::AuthRrpid, (Unknown, "9/nd")),
    (Wrong::Turned(Turned::Mac), (Declined, "10/96")),
    (Wrong::Turned(Turned::Head), (Declined, "9/nt")),
    (Wrong::Key, (Unknown, "bad-mac")),
    (Wrong::Address, (Declined, "9/nz")),
    (Wrong::Cut, (NotSent, "connect")),
    (Wrong::After(Busy(false)), (NotNow, "3/15")),
    (Wrong::After(Busy(true)), (NotNow, "3/31")),
    // the answer to the closing of a batch, which neither side builds: scripted at the bank
    (Wrong::After(Told("3/48")), (NotNow, "3/48")),
];

/// Of those that name a terminal sequence: Cap, CapRev, Reversal.
const OF_TERM_SEQ: [(Wrong, Answer); 2] =
    [(Wrong::TermSeq, (Unknown, "9/nd")), (Wrong::NoTermSeq, (Declined, "9/ng"))];

/// Of those that name a line of the batch: CapRev, Refund, RefundRev.
const OF_BATCH: [(Wrong, Answer); 3] = [
    (Wrong::BatchId, (Declined, "3/33")),
    (Wrong::BatchSeq, (Declined, "3/33")),
    (Wrong::NoBatch, (Declined, "9/ng")),
];

/// Each operation with each of its wrongs.
fn wrongs() -> impl Iterator<Item = (Action, &'static [Step], Wrong, Answer)> {
    READY.into_iter().flat_map(|(action, way)| {
        let (term_seq, batch) = match action {
            Action::Capture | Action::ReverseAuthorization => (true, false),
            Action::ReverseCapture => (true, true),
            Action::Refund { .. } | Action::ReverseRefund => (false, true),
        };
        let term_seq = OF_TERM_SEQ.into_iter().filter(move |_| term_seq);
        let batch = OF_BATCH.into_iter().filter(move |_| batch);
        let all = ALL.into_iter().chain(term_seq).chain(batch);
        all.map(move |(wrong, answer)| (action, way, wrong, answer))
    })
}

/// Sends it wrongly, and mends what was wrong with the shop or the line.
fn send_wrongly(shop: &mut Shop, action: Action, wrong: Wrong) -> BankReply {
    let mut handles = shop.handles(action);
    let mut authorized = WHOLE;
    let other = |part: &mut Option<String>| *part = part.as_ref().map(|_| "77".to_owned());
    match wrong {
        Wrong::OrgAmt => authorized = Twd::new(501),
        Wrong::AuthCode => handles.auth_code = "ZZZZZZ".into(),
        Wrong::Xid => handles.xid = "NOBODY".into(),
        Wrong::AuthRrpid => other(&mut handles.auth_rrpid),
        Wrong::TermSeq => other(&mut handles.term_seq),
        Wrong::BatchId => other(&mut handles.batch_id),
        Wrong::BatchSeq => other(&mut handles.batch_seq),
        Wrong::NoTermSeq => handles.term_seq = None,
        Wrong::NoBatch => (handles.batch_id, handles.batch_seq) = (None, None),
        Wrong::Turned(place) => *shop.line.turned.lock().unwrap() = Some(place),
        Wrong::Key => {
            let keys = CtbcKeys { mac_key: SecretString::from("abcdefghijklmnopqrstuvwx") };
            let client = Ctbc::new(&shop.settings, &keys, shop.line.clone()).unwrap();
            let reply = client.manage(action, WHOLE, &handles).now_or_never().unwrap();
            let told = shop.bank.lock().unwrap().calls().last().unwrap().code.clone();
            assert_eq!(told, "9/nm", "the bank could not open it, and said so under its own key");
            return reply;
        }
        Wrong::Address => {
            shop.control("shops", json!({ "allow_ips": ["10.9.9.9"] }));
            let asked = shop.inquire(None);
            assert_eq!(
                (asked.found, asked.code.as_str()),
                (Found::Refused(RefusalOf::Shop), "9/nz"),
                "no question either"
            );
        }
        Wrong::Cut => shop.line.inner.cut(true),
        Wrong::After(step) => assert!(shop.step(step).is_none()),
    }
    let reply = shop.send(action, authorized, &handles);
    *shop.line.turned.lock().unwrap() = None;
    shop.line.inner.cut(false);
    shop.control("shops", json!({ "allow_ips": null }));
    shop.bank.lock().unwrap().control("faults", &json!({ "clear": true })).unwrap();
    reply
}

#[test]
fn a_wrong_message_or_a_wrong_moment_is_refused_and_changes_nothing() {
    for (action, way, wrong, answer) in wrongs() {
        let what = format!("{} with {wrong:?}", service(action));
        let mut shop = Shop::after(way);
        let (state, books, writes) = (shop.state(), shop.line_of_sale(), shop.writes());
        let reply = send_wrongly(&mut shop, action, wrong);
        assert_eq!(said(&reply), answer, "{what}");
        assert_eq!(shop.writes() - writes, usize::from(answer.0 != NotSent), "{what}: arrived");
        assert_eq!((shop.state(), shop.line_of_sale()), (state, books), "{what}");
        // and once nothing is wrong any more it is done
        shop.step(Later(60));
        assert_eq!(said(&shop.write(action)), (Accepted, "0/00"), "{what}: afterwards");
    }
}

/// What the books say against it.
struct Row {
    way: &'static [Step],
    event: Step,
    answer: Answer,
}

const fn row(way: &'static [Step], event: Step, answer: Answer) -> Row {
    Row { way, event, answer }
}

const ROWS: &[Row] = &[
    // each once more, as it was sent before
    row(&[Authorized, Do(CAP)], Again, (Unknown, "3/52")),
    row(&[Sold, Batch, Other(500), Do(refund(500))], Again, (Unknown, "3/53")),
    row(&[Sold, Batch, Other(500), Do(refund(200))], Again, (Unknown, "3/53")),
    row(&[Authorized, Do(REVERSAL)], Again, (Unknown, "3/54")),
    row(&[Sold, Do(CAP_REV)], Again, (Unknown, "3/55")),
    row(&[Sold, Batch, Other(500), Do(refund(500)), Do(REFUND_REV)], Again, (Unknown, "3/56")),
    // … and when a batch has run since
    row(&[Authorized, Do(CAP), Batch], Again, (Unknown, "9/ne")),
    row(&[Sold, Batch, Other(500), Do(refund(500)), Batch, Other(500)], Again, (Unknown, "3/53")),
    // … and while it runs
    row(&[Authorized, Do(CAP), BatchStarts], Again, (NotNow, "3/40")),
    row(&[Sold, Do(CAP_REV), BatchStarts], Again, (NotNow, "3/40")),
    row(&[Authorized, Do(REVERSAL), BatchStarts], Again, (NotNow, "3/40")),
    row(&[Sold, Batch, Other(500), Do(refund(500)), BatchStarts], Again, (NotNow, "3/40")),
    row(&[Sold, Batch, Other(500), Do(refund(500)), Do(REFUND_REV), BatchStarts], Again, (NotNow, "3/40")),
    // amounts
    row(&[Sold, Batch, Other(500), Do(refund(200)), Batch, Other(500)], Do(refund(301)), (Declined, "3/21")),
    row(&[Switch("partial_refund", false), Sold, Batch, Other(500)], Do(refund(499)), (Declined, "3/21")),
    row(&[Instalments, Do(CAP), Batch, Switch("refund_cover", false)], Do(refund(499)), (Declined, "3/51")),
    row(&[Sold, Batch, Other(500), Do(refund(200))], Do(refund(300)), (NotNow, "3/70")),
    row(&[Sold, Batch, Other(500), Do(refund(200)), Planted("21")], Do(refund(300)), (NotNow, "3/70")),
    row(&[Sold, Batch], Do(refund(1)), (NotNow, "3/71")),
    row(&[Sold, Batch, Other(499)], Do(refund(500)), (NotNow, "3/71")),
    row(&[Sold, Batch, Other(500), Batch], Do(refund(500)), (NotNow, "3/71")),
    row(&[Sold], Do(refund(500)), (NotNow, "3/72")),
    row(&[Sold, Fails("all"), Batch], Do(refund(500)), (NotNow, "3/72")),
    // time limits
    row(&[Authorized, Later(30 * 86_400)], Do(CAP), (Declined, "3/19")),
    row(
        &[Limit("refund_days", 10), Sold, Batch, Later(10 * 86_400), Other(500)],
        Do(refund(500)),
        (Declined, "3/20"),
    ),
    // the contract
    row(&[NoRefunds, Sold, Batch, Other(500)], Do(refund(500)), (Declined, "3/1")),
    // what cannot be written does not leave
    row(&[Sold, Batch, Other(500)], Do(refund(0)), (NotSent, "unsendable")),
    row(&[Sold, Batch, Other(900)], Do(refund(501)), (NotSent, "unsendable")),
];

#[test]
fn what_the_books_do_not_allow_is_refused_and_changes_nothing() {
    for Row { way, event, answer } in ROWS {
        let what = format!("{event:?} after {way:?}");
        let mut shop = Shop::after(way);
        let (state, books, writes) = (shop.state(), shop.line_of_sale(), shop.writes());
        let reply = shop.step(*event).unwrap();
        assert_eq!(said(&reply), *answer, "{what}");
        assert_eq!(shop.writes() - writes, usize::from(answer.0 != NotSent), "{what}: arrived");
        assert_eq!((shop.state(), shop.line_of_sale()), (state, books), "{what}");
    }
}

/// The codes that ctbc.md 13.1 asks of the simulator, and what its list of gateway refusals gives
/// for these five.
const LISTED: [&str; 28] = [
    "3/1", "3/2", "3/6", "3/15", "3/17", "3/19", "3/20", "3/21", "3/24", "3/25", "3/31", "3/33", "3/40",
    "3/48", "3/51", "3/52", "3/53", "3/54", "3/55", "3/56", "3/70", "3/71", "3/72", "9/nd", "9/ne", "9/ng",
    "9/nz", "10/96",
];

#[test]
fn no_refusal_is_missing_from_the_tables() {
    let mut codes: BTreeSet<_> = wrongs().map(|(_, _, _, answer)| answer.1).collect();
    codes.extend(ROWS.iter().map(|row| row.answer.1));
    codes.extend(super::pairs::codes());
    let missing: Vec<_> = LISTED.into_iter().filter(|code| !codes.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Enough captures of the day, to the dollar, and a refund that was refused for want of them is
/// taken.
#[test]
fn a_refund_waits_for_the_captures_of_the_day() {
    let mut shop = Shop::after(&[Sold, Batch, Other(499)]);
    assert_eq!(said(&shop.write(refund(500))), (NotNow, "3/71"));
    shop.step(Other(1));
    assert_eq!(said(&shop.write(refund(500))), (Accepted, "0/00"));
    assert_eq!((shop.state().as_str(), shop.money()), ("20", (500, 0, 500)));
}

/// Instalments are captured and refunded whole; the client finds them by the number alone.
#[test]
fn instalments_go_as_a_whole() {
    let mut shop = Shop::after(&[Instalments, Do(CAP), Batch, Switch("refund_cover", false)]);
    assert_eq!(said(&shop.write(refund(500))), (Accepted, "0/00"));
    shop.step(Batch);
    assert_eq!((shop.state().as_str(), shop.money()), ("22", (500, 500, 0)));
}

/// Why nothing is ever sent again: after a batch the bank takes the same part once more for another
/// one.
#[test]
fn a_part_that_is_sent_again_after_the_batch_is_refunded_again() {
    let mut shop = Shop::after(&[Sold, Batch, Other(500), Do(refund(200)), Batch, Other(500)]);
    assert_eq!(said(&shop.step(Again).unwrap()), (Accepted, "0/00"));
    shop.step(Batch);
    assert_eq!(shop.money(), (500, 400, 0));
}
