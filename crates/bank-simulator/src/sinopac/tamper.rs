//! How each fault looks on the wire (`docs/faults.md`, F1 to F10).
//!
//! Takes the outcome of a request that has been acted on, and gives what leaves the bank instead of
//! the right answer.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::faults::{Fault, FaultKind};
use crate::http::{Effect, HttpAnswer};

use super::bank::{Bank, World};
use super::wire::{Outcome, envelope};
use super::{codes, nonces, seal};

/// Size of the big body, in bytes.
const BIG: u64 = 50_000_000;
/// A code that no list has.
const UNLISTED: &str = "E7777";
/// "處理成功" in Big5.
const BIG5: [u8; 8] = [0xB3, 0x42, 0xB2, 0x7A, 0xA6, 0xA8, 0xA5, 0x5C];

/// The page of a gateway or a web firewall.
pub(crate) fn html_page(status: u16) -> HttpAnswer {
    let body = format!(
        "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Request Rejected</h1></body></html>"
    );
    HttpAnswer::html(status, body)
}

/// The answer with the fault in it.
pub(crate) fn tampered(
    bank: &Bank,
    world: &mut World<'_>,
    mut outcome: Outcome,
    fault: &Fault,
) -> HttpAnswer {
    let good = |bank: &Bank, world: &mut World<'_>, outcome: &Outcome| ok(outcome.seal(bank, world));
    match &fault.kind {
        FaultKind::DropBefore | FaultKind::DropAfter => {
            let mut answer = ok(Vec::new());
            answer.effect = Effect::Drop;
            answer
        }
        FaultKind::Delay(seconds) => {
            let mut answer = good(bank, world, &outcome);
            answer.effect = Effect::Delay(Duration::from_secs(*seconds));
            answer
        }
        FaultKind::Html(status) => html_page(*status),
        FaultKind::WrongSign => edit_outer(&outcome.seal(bank, world), |outer| turn_digit(outer, "Sign", 0)),
        FaultKind::WrongNonce => {
            let other = nonces::fresh(world.now, world.dice);
            edit_outer(&outcome.seal(bank, world), |outer| {
                outer.insert("Nonce".to_owned(), Value::from(other));
            })
        }
        FaultKind::Flip(byte) => edit_outer(&outcome.seal(bank, world), |outer| {
            turn_digit(outer, "Message", byte.saturating_mul(2));
        }),
        FaultKind::Truncated => {
            let mut body = outcome.seal(bank, world);
            body.truncate(body.len() / 2);
            ok(body)
        }
        FaultKind::Cut(seconds) => {
            let mut answer = good(bank, world, &outcome);
            answer.effect = Effect::Cut { after: answer.body.len() / 2, hold: Duration::from_secs(*seconds) };
            answer
        }
        FaultKind::Replay => {
            let older = bank.recent.iter().rev().find(|row| replayable(row, &outcome));
            ok(older.map_or_else(|| outcome.seal(bank, world), |row| row.3.clone()))
        }
        FaultKind::UnequalAmount => {
            each_echo(&mut outcome.inner, one_dollar_more);
            good(bank, world, &outcome)
        }
        FaultKind::UnequalOrder => {
            each_echo(&mut outcome.inner, |echo| other_last_letter(echo, "OrderNo"));
            good(bank, world, &outcome)
        }
        FaultKind::UnequalShop => {
            other_last_letter(&mut outcome.inner, "ShopNo");
            good(bank, world, &outcome)
        }
        FaultKind::UnlistedCode => {
            outcome.inner.insert("Status".to_owned(), Value::from("F"));
            outcome.inner.insert("Description".to_owned(), Value::from(codes::description(UNLISTED)));
            good(bank, world, &outcome)
        }
        FaultKind::BigBody => {
            let mut answer = good(bank, world, &outcome);
            answer.effect = Effect::Pad { bytes: BIG };
            answer
        }
        FaultKind::Bom => {
            let mut body = vec![0xEF, 0xBB, 0xBF];
            body.extend(outcome.seal(bank, world));
            ok(body)
        }
        FaultKind::DuplicateKeys => ok(repeat_first_member(&outcome.seal(bank, world))),
        FaultKind::DuplicateKeysInside => {
            let query = seal::query_text(&outcome.inner);
            let plain = repeat_first_member(Value::Object(outcome.inner.clone()).to_string().as_bytes());
            ok(reseal(bank, world, &outcome, query.as_bytes(), &plain))
        }
        FaultKind::WrongCharset => {
            outcome.inner.insert("Description".to_owned(), Value::from("S0000 - @@"));
            let query = big5(seal::query_text(&outcome.inner).as_bytes());
            let plain = big5(Value::Object(outcome.inner.clone()).to_string().as_bytes());
            ok(reseal(bank, world, &outcome, &query, &plain))
        }
        // asked for before the service acted, and the outcome holds the code already; a MAC this
        // bank does not have
        FaultKind::Code(_) | FaultKind::NoMac => good(bank, world, &outcome),
    }
}

/// The code that the log shows for an answer with this fault, when it is not the true one.
pub(crate) fn shown_code(fault: &Fault) -> Option<String> {
    (fault.kind == FaultKind::UnlistedCode).then(|| UNLISTED.to_owned())
}

/// The code with which a service is to answer instead of acting.
pub(crate) fn forced_code(fault: &Fault) -> Option<String> {
    if let FaultKind::Code(code) = &fault.kind {
        return Some(code.clone());
    }
    (fault.kind == FaultKind::UnlistedCode && !fault.acts).then(|| UNLISTED.to_owned())
}

fn ok(body: Vec<u8>) -> HttpAnswer {
    let mut answer = HttpAnswer::json(200, &Value::Null);
    answer.body = body;
    answer
}

fn replayable(row: &(usize, String, Option<String>, Vec<u8>), outcome: &Outcome) -> bool {
    Some(row.0) == outcome.shop && row.1 == outcome.service && row.2.is_some() && row.2 != outcome.order
}

fn reseal(bank: &Bank, world: &mut World<'_>, outcome: &Outcome, query: &[u8], plain: &[u8]) -> Vec<u8> {
    match outcome.shop {
        Some(shop) => envelope(bank, world, shop, &outcome.service, query, plain),
        None => plain.to_vec(),
    }
}

fn edit_outer(body: &[u8], edit: impl FnOnce(&mut Map<String, Value>)) -> HttpAnswer {
    let Ok(Value::Object(mut outer)) = serde_json::from_slice(body) else { return ok(body.to_vec()) };
    edit(&mut outer);
    ok(Value::Object(outer).to_string().into_bytes())
}

/// Replaces one hex digit by its neighbour, so that one bit changes.
fn turn_digit(outer: &mut Map<String, Value>, name: &str, at: usize) {
    let Some(Value::String(text)) = outer.get_mut(name) else { return };
    let turned = text.chars().enumerate().map(|(place, letter)| {
        let digit = letter.to_digit(16).filter(|_| place == at);
        digit
            .and_then(|digit| char::from_digit(digit ^ 1, 16))
            .map_or(letter, |digit| digit.to_ascii_uppercase())
    });
    *text = turned.collect();
}

/// Calls for the answer itself and for every node in it that repeats an order.
fn each_echo(inner: &mut Map<String, Value>, mut edit: impl FnMut(&mut Map<String, Value>)) {
    edit(inner);
    for (_, member) in inner.iter_mut() {
        match member {
            Value::Object(node) => edit(node),
            Value::Array(rows) => rows.iter_mut().filter_map(Value::as_object_mut).for_each(&mut edit),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn one_dollar_more(echo: &mut Map<String, Value>) {
    if let Some(amount) = echo.get_mut("Amount") {
        *amount = match &*amount {
            Value::String(text) => json!((text.parse::<i64>().unwrap_or(0) + 100).to_string()),
            Value::Number(number) => json!(number.as_i64().unwrap_or(0) + 100),
            other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => other.clone(),
        };
    }
}

fn other_last_letter(echo: &mut Map<String, Value>, name: &str) {
    if let Some(Value::String(text)) = echo.get_mut(name) {
        let last = text.pop();
        text.push(if last == Some('X') { 'Y' } else { 'X' });
    }
}

/// `{"a":1,"b":2}` becomes `{"a":1,"b":2,"a":1}`: repeats the first member at the end.
fn repeat_first_member(body: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(map)) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    let Some((name, value)) = map.iter().next() else { return body.to_vec() };
    let again = json!({ name: value }).to_string();
    let head = body.strip_suffix(b"}").unwrap_or(body);
    [head, b",", again.strip_prefix('{').unwrap_or_default().as_bytes()].concat()
}

fn big5(text: &[u8]) -> Vec<u8> {
    let at = text.windows(2).position(|pair| pair == b"@@");
    match at.map(|at| text.split_at(at)) {
        Some((head, tail)) => [head, &BIG5, tail.get(2..).unwrap_or_default()].concat(),
        None => text.to_vec(),
    }
}
