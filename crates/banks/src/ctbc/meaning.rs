//! What the bank's words mean: pairs of status and errcode (money rules 3), states (ctbc.md 6.1),
//! rows.
//!
//! Promise: one table of pairs (`codes`), the domain's one of states, no ranges, nothing guessed: a
//! pair that is not listed is `Unknown`, a state that is not listed is `Unlisted`. Left out: how an
//! answer is opened and verified (`wire`, `seal`), and what a state does to a payment
//! (`counterfoil-domain`).

use counterfoil_domain::{BankAnswer, Twd};
use counterfoil_engine::ports::RefusalOf;

use super::codes;
use super::transcript::CARD_DIGITS_MIN;
use super::units::{amount_from_wire, moment_from_wire};
use super::wire::{Fields, text};
use super::{Action, CardRow, CardState, CardTail, Differs, Handles};
use crate::meaning::{Question, Row, S};
use crate::transcript::without_card_numbers;

/// The kinds of our writes: an answer that calls itself another one of them is an answer to
/// something else.
const WRITES: [&str; 5] = ["SSL_AUTHREV", "SSL_CAP", "SSL_CAPREV", "SSL_CRED", "SSL_CREDREV"];

/// Status and errcode of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    status: String,
    errcode: String,
}

impl Code {
    /// From their texts. `None` for anything but a few letters and digits: then it is no code.
    pub fn new(status: &str, errcode: &str) -> Option<Self> {
        let good = |text: &str| {
            (1..=6).contains(&text.len())
                && text.bytes().enumerate().all(|(at, b)| b.is_ascii_alphanumeric() || (at == 0 && b == b'-'))
        };
        let both = good(status) && good(errcode);
        both.then(|| Self { status: status.to_owned(), errcode: errcode.to_owned() })
    }

    /// Of a verified answer of the API.
    pub fn of(fields: &Fields) -> Option<Self> {
        Self::new(&text(fields, "RespCode")?, &text(fields, "ErrCode")?)
    }

    /// The one success: status 0 (some answers say 00) and errcode exactly 00.
    pub fn is_success(&self) -> bool {
        matches!(self.status.as_str(), "0" | "00") && self.errcode == "00"
    }

    /// As the end of a card page: it brought no money and will not, so that the customer may get
    /// another one. A † of the list leaves the outcome open.
    pub fn ends_page(&self) -> bool {
        let clear = |row: &Row| row.asked != S;
        let listed = codes::row(&self.status, &self.errcode).filter(|row| clear(row));
        match self.status.as_str() {
            "8" | "12" => listed.is_some(),
            "10" => listed.is_some_and(|row| matches!(row.code, "10/88" | "10/E0")),
            _ => false,
        }
    }

    /// As the bank's list prints it where it is listed, else as the bank wrote it.
    pub fn shown(&self) -> String {
        match codes::row(&self.status, &self.errcode) {
            Some(row) => row.code.to_owned(),
            None if self.is_success() => "0/00".to_owned(),
            None => format!("{}/{}", self.status, self.errcode),
        }
    }

    fn row(&self) -> Option<&'static Row> {
        codes::row(&self.status, &self.errcode)
    }
}

/// What a verified answer to a write means, echo aside.
pub fn write_meaning(action: Action, fields: &Fields) -> BankAnswer {
    let Some(code) = Code::of(fields) else { return BankAnswer::Unknown };
    if code.is_success() {
        return BankAnswer::Accepted;
    }
    code.row().map_or(BankAnswer::Unknown, |row| row.written(action.kind()))
}

/// What a verified answer to an inquiry is.
///
/// A failed authorization may come with the pair that it failed by: that row counts. Every other
/// row beside a refusal is no answer, nor is "nothing" beside a state. An unlisted pair is a
/// refusal.
pub fn question_meaning(fields: &Fields) -> Question {
    let Some(code) = Code::of(fields) else { return Question::Silent };
    let (query, state) = (text(fields, "QueryCode"), text(fields, "CurrentState"));
    match (code.is_success(), query.as_deref(), state.as_deref()) {
        (true, Some("0"), None | Some("0")) => Question::NothingFound,
        (true, Some("1" | "2") | None, Some(_)) | (false, Some("1" | "2"), Some("-1")) => Question::Answered,
        // "bad parameters"
        (true, Some("-1"), _) => Question::Refused(RefusalOf::Question),
        (true, _, _) => Question::Silent,
        (false, _, _) => Question::with_code(code.row()),
    }
}

/// The row of an answered inquiry. `None` without a state.
pub fn row(fields: &Fields) -> Option<CardRow> {
    let said = text(fields, "CurrentState")?;
    let state = CardState::of_number(&said);
    let paid_at = text(fields, "Txn_date")
        .zip(text(fields, "Txn_time"))
        .and_then(|(date, time)| moment_from_wire(&date, &time))
        .filter(|_| state.is_money() || state == CardState::Authorized);
    Some(CardRow {
        state,
        said: said.chars().take(20).collect(),
        several: text(fields, "QueryCode").as_deref() == Some("2"),
        amount: text(fields, "AuthAmt").as_deref().and_then(amount_from_wire).filter(|a| *a != Twd::ZERO),
        tail: text(fields, "PAN").as_deref().and_then(CardTail::of_masked),
        paid_at,
        handles: handles(fields),
    })
}

/// So many transactions of one number are named; a customer types a card no oftener.
const NAMED_MAX: usize = 16;

/// The XIDs in the `Data` of an `InquiryByLidm`: the text of each element called `XID`,
/// wherever it is. The form of `Data` is not published, so nothing else of it is read.
pub fn named_xids(fields: &Fields) -> Vec<String> {
    let data = text(fields, "Data").unwrap_or_default();
    let elements = data.split("<XID>").skip(1).filter_map(|rest| rest.split_once("</XID>"));
    let mut named: Vec<String> = Vec::new();
    for xid in elements.map(|(xid, _)| xid.trim()) {
        let good = (1..=40).contains(&xid.len()) && is_plain(xid);
        if good && named.len() < NAMED_MAX && !named.iter().any(|known| known == xid) {
            named.push(xid.to_owned());
        }
    }
    named
}

/// What a write has to name. `None` unless the bank shows a transaction that can be named; a part
/// that is not of its form is as if it were not there.
fn handles(fields: &Fields) -> Option<Handles> {
    let part = |name, chars_max| text(fields, name).filter(|t| t.len() <= chars_max && is_plain(t));
    Some(Handles {
        xid: part("XID", 40)?,
        auth_code: part("AuthCode", 6)?,
        auth_rrpid: part("AuthRRPID", 40),
        term_seq: part("TermSeq", 12),
        batch_id: part("BatchID", 12),
        batch_seq: part("BatchSeq", 12),
    })
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// The kind, number or transaction that an answer echoes differently from the request, where it
/// carries one. A kind that is none of our requests does not count: the bank has not published what
/// it calls its answers.
pub fn other_transaction(fields: &Fields, asked: &Fields) -> Option<(Differs, String)> {
    ["SSL-TYPE", "LID-M", "XID"].into_iter().find_map(|name| {
        let (ours, theirs) = (text(asked, name)?, text(fields, name)?);
        let listed = name != "SSL-TYPE" || WRITES.contains(&theirs.as_str());
        (listed && ours != theirs).then(|| (Differs::Number, side_by_side(name, &ours, &theirs)))
    })
}

/// The amount of an authorization that is not ours, where the answer carries one. One that cannot
/// be read is not ours. What failed or was cancelled may show no money: a cancellation is the
/// setting of that amount to zero (ctbc.md 4).
pub fn other_amount(fields: &Fields, ours: Twd) -> Option<(Differs, String)> {
    let theirs = text(fields, "AuthAmt")?;
    let read = amount_from_wire(&theirs);
    let gone = matches!(text(fields, "CurrentState").as_deref(), Some("-1" | "0"));
    let same = read == Some(ours) || (gone && read == Some(Twd::ZERO));
    (!same).then(|| (Differs::Amount, side_by_side("AuthAmt", &ours.dollars().to_string(), &theirs)))
}

/// The amount that an accepted write was done for, where it is not the one we asked. A full undo
/// shows no money, or all of it.
pub fn other_result(action: Action, authorized: Twd, fields: &Fields) -> Option<(Differs, String)> {
    let theirs = text(fields, "ResAmt")?;
    let read = amount_from_wire(&theirs);
    let (asked, same) = match action {
        Action::Capture => (authorized, read == Some(authorized)),
        Action::Refund { amount } => (amount, read == Some(amount)),
        Action::ReverseAuthorization | Action::ReverseCapture | Action::ReverseRefund => {
            (Twd::ZERO, read == Some(Twd::ZERO) || read == Some(authorized))
        }
    };
    (!same).then(|| (Differs::Amount, side_by_side("ResAmt", &asked.dollars().to_string(), &theirs)))
}

pub(super) fn side_by_side(name: &str, ours: &str, theirs: &str) -> String {
    let theirs: String = theirs.chars().filter(|c| !c.is_control()).take(50).collect();
    format!("{name}: ours {ours}, bank {}", without_card_numbers(&theirs, CARD_DIGITS_MIN))
}
