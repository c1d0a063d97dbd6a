//! How each fault looks on NewPos (ctbc.md 13.1, `docs/faults.md`).

use std::time::Duration;

use crate::faults::{Fault, FaultKind};
use crate::http::{Effect, HttpAnswer};

use super::bank::Bank;
use super::codes::Code;
use super::message::{dollars, triplet};
use super::outcome::{Outcome, body, http, sealed};
use super::world::World;

/// Size of the big body, in bytes.
const BIG: u64 = 50_000_000;
/// A code that no list has.
pub(crate) const UNLISTED: Code = Code("99", "zz");

/// The maintenance page of the bank.
pub(crate) fn html_page(status: u16) -> HttpAnswer {
    let page = "<!-- EPOS --><!DOCTYPE html><html lang=\"zh-Hant-TW\"><head><meta charset=\"utf-8\"><title>重要公告</title>\
                </head><body><h1>重要公告</h1><p>系統維護中，請稍後再試。</p></body></html>";
    HttpAnswer::html(status, page.to_owned())
}

/// An answer that never comes.
pub(crate) fn dropped() -> HttpAnswer {
    let mut answer = HttpAnswer::text(200, "");
    answer.effect = Effect::Drop;
    answer
}

/// The code with which a service is to answer instead of acting.
pub(crate) fn forced_code(fault: &Fault) -> Option<Code> {
    if let FaultKind::Code(code) = &fault.kind {
        return (!fault.acts).then(|| Code::find(code)).flatten();
    }
    (fault.kind == FaultKind::UnlistedCode && !fault.acts).then_some(UNLISTED)
}

/// The code that is shown instead of the true one.
pub(crate) fn shown_code(fault: &Fault) -> Option<Code> {
    match &fault.kind {
        FaultKind::UnlistedCode => Some(UNLISTED),
        FaultKind::Code(code) => Code::find(code),
        FaultKind::DropBefore
        | FaultKind::DropAfter
        | FaultKind::Delay(_)
        | FaultKind::Html(_)
        | FaultKind::WrongSign
        | FaultKind::NoMac
        | FaultKind::WrongNonce
        | FaultKind::Truncated
        | FaultKind::Cut(_)
        | FaultKind::Replay
        | FaultKind::UnequalAmount
        | FaultKind::UnequalOrder
        | FaultKind::UnequalShop
        | FaultKind::BigBody
        | FaultKind::Bom
        | FaultKind::DuplicateKeys
        | FaultKind::DuplicateKeysInside
        | FaultKind::WrongCharset
        | FaultKind::Flip(_) => None,
    }
}

/// The answer with the fault in it.
pub(crate) fn tampered(bank: &Bank, world: &World<'_>, mut outcome: Outcome, fault: &Fault) -> HttpAnswer {
    let good = |outcome: &Outcome| http(world, body(world, outcome, &sealed(bank, outcome)));
    let with = |outcome: &Outcome, sealed: &str| http(world, body(world, outcome, sealed));
    match &fault.kind {
        FaultKind::DropBefore | FaultKind::DropAfter => dropped(),
        FaultKind::Delay(seconds) => {
            HttpAnswer { effect: Effect::Delay(Duration::from_secs(*seconds)), ..good(&outcome) }
        }
        FaultKind::Html(status) => html_page(*status),
        FaultKind::WrongSign => {
            let (json, mac) = outcome.sealing(bank);
            with(&outcome, &outcome.seal(bank, &json, &turned(&mac, 0)))
        }
        FaultKind::NoMac => {
            let (json, _) = outcome.sealing(bank);
            with(&outcome, &outcome.seal(bank, &json, ""))
        }
        FaultKind::Flip(byte) => with(&outcome, &turned(&sealed(bank, &outcome), byte.saturating_mul(2))),
        FaultKind::Truncated => {
            let mut answer = good(&outcome);
            answer.body.truncate(answer.body.len() / 2);
            answer
        }
        FaultKind::Cut(seconds) => {
            let answer = good(&outcome);
            let (after, hold) = (answer.body.len() / 2, Duration::from_secs(*seconds));
            HttpAnswer { effect: Effect::Cut { after, hold }, ..answer }
        }
        FaultKind::Replay => match older(bank, &outcome) {
            Some(older) => with(&outcome, older),
            None => good(&outcome),
        },
        FaultKind::UnequalAmount => {
            for name in ["AuthAmt", "ResAmt"] {
                outcome.fields.change(name, |text| *text = triplet(dollars(text).unwrap_or(0) + 1));
            }
            good(&outcome)
        }
        FaultKind::UnequalOrder => {
            for name in ["LID-M", "XID", "AuthRRPID"] {
                outcome.fields.change(name, other_last_letter);
            }
            good(&outcome)
        }
        FaultKind::UnequalShop => {
            other_last_digit(&mut outcome.mer_id);
            good(&outcome)
        }
        FaultKind::UnlistedCode | FaultKind::Code(_) => {
            if let Some(code) = shown_code(fault) {
                outcome.fields.change("RespCode", |text| code.0.clone_into(text));
                outcome.fields.change("ErrCode", |text| code.1.clone_into(text));
            }
            good(&outcome)
        }
        FaultKind::BigBody => HttpAnswer { effect: Effect::Pad { bytes: BIG }, ..good(&outcome) },
        FaultKind::Bom => {
            let mut answer = good(&outcome);
            answer.body.splice(..0, [0xEF, 0xBB, 0xBF]);
            answer
        }
        FaultKind::DuplicateKeys => {
            let mut answer = good(&outcome);
            answer.body.extend(format!("&MERID={}", outcome.mer_id).bytes());
            answer
        }
        FaultKind::DuplicateKeysInside => {
            outcome.fields.repeat_first();
            good(&outcome)
        }
        FaultKind::WrongCharset => {
            outcome.fields.change("ERRDESC", |text| "處理成功".clone_into(text));
            let json = outcome.fields.write().into_bytes();
            let mac = outcome.mac(bank, &json);
            with(&outcome, &outcome.seal(bank, &json, &mac))
        }
        // never fits this bank
        FaultKind::WrongNonce => good(&outcome),
    }
}

/// An older answer of the same service about another order.
pub(crate) fn older<'a>(bank: &'a Bank, outcome: &Outcome) -> Option<&'a str> {
    let rows = bank.recent.iter().rev();
    let mut fitting = rows.filter(|row| {
        Some(row.shop) == outcome.shop
            && row.service == outcome.service
            && row.order.is_some()
            && row.order != outcome.order
    });
    fitting.next().map(|row| row.sealed.as_str())
}

/// Hex with one digit replaced by its neighbour, so that one bit changes.
pub(crate) fn turned(text: &str, at: usize) -> String {
    let turn = |(place, letter): (usize, char)| {
        let digit = letter.to_digit(16).filter(|_| place == at);
        let other = digit.and_then(|digit| char::from_digit(digit ^ 1, 16));
        other.map_or(letter, |digit| digit.to_ascii_uppercase())
    };
    text.chars().enumerate().map(turn).collect()
}

/// Another last letter, of the same form.
pub(crate) fn other_last_letter(text: &mut String) {
    let last = text.pop();
    text.push(if last == Some('X') { 'Y' } else { 'X' });
}

/// Another last digit.
pub(crate) fn other_last_digit(text: &mut String) {
    let last = text.pop();
    text.push(if last == Some('7') { '8' } else { '7' });
}
