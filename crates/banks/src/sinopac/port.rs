//! Sends the engine's requests, compares each answer with its request, and puts it into the
//! engine's words.

use chrono::NaiveDate;
use counterfoil_domain::{BankAnswer, BankRow, Issued, OperationKind as K};
use counterfoil_engine::ports::{
    BankPort, BankReply, BankRequest, BillRow, BoxFuture, Fuse, Inquiry, Said, Write,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::transcript::CARD_DIGITS_MIN;
use super::units::day_to_wire;
use super::wire::{self, Fields};
use super::{Came, Exchange, Sinopac, meaning};
use crate::meaning::Question;
use crate::transcript::without_card_numbers;
use crate::transport::Transport;

impl<T: Transport> BankPort for Sinopac<T> {
    fn call_while(&self, request: BankRequest, fuse: Fuse) -> BoxFuture<'_, BankReply> {
        Box::pin(self.answer(request, fuse))
    }
}

impl<T: Transport> Sinopac<T> {
    async fn answer(&self, request: BankRequest, fuse: Fuse) -> BankReply {
        if matches!(request, BankRequest::Ask(Inquiry::Time { .. })) {
            return self.time().await;
        }
        let write = matches!(request, BankRequest::Write(_));
        let Ok(fields) = wire::fields(&request, &self.shop) else {
            let said = if write { unclear_write(BankAnswer::NotSent) } else { Said::Silent };
            return BankReply {
                said,
                bank_now: None,
                heard: None,
                code: "unsendable".to_owned(),
                transcript: "nothing was sent".to_owned(),
            };
        };
        let is_create =
            matches!(request, BankRequest::Write(Write::IssueAccount { .. } | Write::CreateLink { .. }));
        let exchange = self.exchange(wire::service(&request), &fields, is_create, &fuse).await;
        let bank_now = exchange.bank_now();
        let Exchange { came, heard, transcript } = exchange;
        let (said, code) = match came {
            Came::Genuine(answer) => match &request {
                BankRequest::Write(write) => self.judge_write(write, &fields, &answer),
                BankRequest::Ask(inquiry) => self.judge_question(inquiry, &answer),
            },
            Came::NotSent(code) if write => (unclear_write(BankAnswer::NotSent), code),
            Came::OtherShop if write => {
                let unequal = Some("the answer is of another shop".to_owned());
                (write_said(BankAnswer::Unknown, None, unequal), "echo-differs".to_owned())
            }
            Came::Forged(_) if write => (unclear_write(BankAnswer::Unknown), "bad-sign".to_owned()),
            Came::Unclear(code) if write => (unclear_write(BankAnswer::Unknown), code),
            Came::NotSent(code) | Came::Unclear(code) => (Said::Silent, code),
            Came::OtherShop => (Said::Silent, "echo-differs".to_owned()),
            Came::Forged(_) => (Said::Silent, "bad-sign".to_owned()),
        };
        let brought = match &said {
            Said::Write { token, .. } => token.as_ref(),
            Said::Rows(_) | Said::Bill(_) | Said::Unequal(..) | Said::Refused(_) | Said::Silent => None,
        };
        let secrets = [Some(&self.key_id), token_of(&request), brought];
        let transcript = transcript.finish(secrets.into_iter().flatten());
        BankReply { said, bank_now, heard, code, transcript }
    }

    fn judge_write(&self, write: &Write, sent: &Fields, answer: &Fields) -> (Said, String) {
        let code = wire::code_of(answer).unwrap_or_else(|| "bad-json".to_owned());
        let kind = write.kind();
        let meaning = meaning::write_meaning(kind, answer);
        if let Some(unequal) = unequal(sent, answer, meaning == BankAnswer::Accepted) {
            return (write_said(BankAnswer::Unknown, None, Some(unequal)), "echo-differs".to_owned());
        }
        match write {
            Write::Refund { token, .. } if meaning == BankAnswer::Accepted => {
                judge_refund(kind, token.as_ref(), answer, code)
            }
            Write::IssueAccount { .. } | Write::CreateLink { .. } if meaning == BankAnswer::Accepted => {
                self.judge_create(kind, answer, code)
            }
            Write::IssueAccount { .. }
            | Write::CreateLink { .. }
            | Write::Manage { .. }
            | Write::Refund { .. }
            | Write::Card { .. } => (write_said(meaning, None, None), code),
        }
    }

    /// An accepted create.
    fn judge_create(&self, kind: K, answer: &Fields, code: String) -> (Said, String) {
        // a create is accepted only with something that a customer can use
        let is_link = kind == K::CreateLink;
        let issued = meaning::issued(answer, &self.pages);
        let usable = |issued: &Issued| {
            if is_link { issued.link.is_some() } else { issued.account.is_some() }
        };
        if let Some(issued) = issued.filter(usable) {
            return (write_said(BankAnswer::Accepted, Some(issued), None), code);
        }
        let code = if is_link { "link-refused" } else { "account-refused" };
        (unclear_write(BankAnswer::Unknown), code.to_owned())
    }

    fn judge_question(&self, inquiry: &Inquiry, answer: &Fields) -> (Said, String) {
        let code = wire::code_of(answer).unwrap_or_else(|| "bad-json".to_owned());
        match meaning::question_meaning(answer) {
            Question::Silent => (Said::Silent, code),
            Question::Refused(of) => (Said::Refused(of), code),
            Question::NothingFound => match inquiry {
                Inquiry::Bill { .. } => (Said::Bill(Vec::new()), code),
                Inquiry::Order { .. }
                | Inquiry::Token { .. }
                | Inquiry::Paid { .. }
                | Inquiry::Time { .. }
                | Inquiry::Uncaptured
                | Inquiry::Card { .. } => (Said::Rows(Vec::new()), code),
            },
            Question::Answered => {
                let said = match inquiry {
                    Inquiry::Bill { day } => bill(*day, answer).map(Said::Bill),
                    Inquiry::Order { .. }
                    | Inquiry::Token { .. }
                    | Inquiry::Paid { .. }
                    | Inquiry::Time { .. }
                    | Inquiry::Uncaptured
                    | Inquiry::Card { .. } => self.rows(inquiry, answer).map(Said::Rows),
                };
                match said {
                    Ok(said) => (said, code),
                    Err(code) => (Said::Silent, code.to_owned()),
                }
            }
        }
    }

    /// The rows of an answer, if they are an answer to this question.
    fn rows(&self, inquiry: &Inquiry, answer: &Fields) -> Result<Vec<BankRow>, &'static str> {
        if let Inquiry::Token { token } = inquiry {
            let content = wire::node(answer, "TSResultContent").ok_or("bad-json")?;
            let ours = wire::says(answer, "PayToken", token.expose_secret())
                && wire::text(content, "ShopNo").as_deref() == Some(&self.shop.shop_no);
            let row = meaning::token_row(content, self.shop.auto_billing).ok_or("bad-json")?;
            return if ours { Ok(vec![row]) } else { Err("echo-differs") };
        }
        // without a list it is no answer: an empty window must say so
        let list = answer.get("OrderList").and_then(Value::as_array).ok_or("bad-json")?;
        let rows = list.iter().map(|item| meaning::row(item.as_object()?, &self.pages));
        let rows: Vec<BankRow> = rows.collect::<Option<_>>().ok_or("bad-json")?;
        let ours = match inquiry {
            Inquiry::Order { bank_order_no } => {
                rows.len() <= 1 && rows.iter().all(|row| row.bank_order_no == bank_order_no.as_str())
            }
            // every row of a window is read; whether it covers the window is the sweep's to judge
            Inquiry::Paid { .. }
            | Inquiry::Time { .. }
            | Inquiry::Uncaptured
            | Inquiry::Card { .. }
            | Inquiry::Bill { .. }
            | Inquiry::Token { .. } => true,
        };
        if ours { Ok(rows) } else { Err("echo-differs") }
    }
}

/// The rows of a statement, if it is the one of this day. One without a number belongs to no order:
/// then it is no answer, since it may be the refund that was asked about.
fn bill(day: NaiveDate, answer: &Fields) -> Result<Vec<BillRow>, &'static str> {
    let list = answer.get("OrderList").and_then(Value::as_array).ok_or("bad-json")?;
    let rows = list.iter().map(|item| meaning::bill_row(item.as_object()?));
    let rows: Vec<BillRow> = rows.collect::<Option<_>>().ok_or("bad-json")?;
    if wire::says(answer, "BillDate", &day_to_wire(day)) { Ok(rows) } else { Err("echo-differs") }
}

/// An accepted refund. The first call of an account refund must bring a token, and nothing else may
/// bring one that it was not sent with: the bank would have begun something else.
fn judge_refund(kind: K, sent: Option<&SecretString>, answer: &Fields, code: String) -> (Said, String) {
    let brought = wire::refund_token_of(answer);
    if kind == K::AccountRefundToken {
        return match brought {
            Some(_) => {
                let meaning = BankAnswer::Accepted;
                (Said::Write { meaning, issued: None, unequal: None, token: brought }, code)
            }
            None => (unclear_write(BankAnswer::Unknown), "no-token".to_owned()),
        };
    }
    let sent = sent.map_or("", |token| token.expose_secret());
    if wire::says(answer, "RefundToken", sent) {
        (unclear_write(BankAnswer::Accepted), code)
    } else {
        (unclear_write(BankAnswer::Unknown), "other-token".to_owned())
    }
}

/// The secret that a request carries.
const fn token_of(request: &BankRequest) -> Option<&SecretString> {
    match request {
        BankRequest::Ask(Inquiry::Token { token }) => Some(token),
        BankRequest::Write(Write::Refund { token, .. }) => token.as_ref(),
        BankRequest::Write(
            Write::IssueAccount { .. } | Write::CreateLink { .. } | Write::Manage { .. } | Write::Card { .. },
        )
        | BankRequest::Ask(
            Inquiry::Order { .. }
            | Inquiry::Paid { .. }
            | Inquiry::Time { .. }
            | Inquiry::Uncaptured
            | Inquiry::Bill { .. }
            | Inquiry::Card { .. },
        ) => None,
    }
}

fn unclear_write(meaning: BankAnswer) -> Said {
    write_said(meaning, None, None)
}

const fn write_said(meaning: BankAnswer, issued: Option<Issued>, unequal: Option<String>) -> Said {
    Said::Write { meaning, issued, unequal, token: None }
}

/// What an answer to a write echoes otherwise than it was sent, side by side. An accepted one must
/// echo the number, and a create the amount too: `OrderMaintain` may leave it out (sinopac.md 4.3).
/// The amount 0 of a refusal is no echo: the bank's toolkit writes it where there is none.
fn unequal(sent: &Fields, answer: &Fields, accepted: bool) -> Option<String> {
    let refused = wire::text(answer, "Status").as_deref() == Some("F");
    let differs = |name: &str| match (wire::text(sent, name), wire::text(answer, name)) {
        (Some(_), Some(theirs)) if name == "Amount" && refused && theirs == "0" => false,
        (Some(ours), Some(theirs)) => ours != theirs,
        (Some(_), None) if name == "Amount" => accepted && !sent.contains_key("Command"),
        (Some(_), None) => accepted && name == "OrderNo",
        (None, Some(_) | None) => false,
    };
    let side = |fields: &Fields, name: &str| {
        let text = wire::text(fields, name).map(|text| text.chars().take(50).collect::<String>());
        text.map_or_else(|| "nothing".to_owned(), |text| without_card_numbers(&text, CARD_DIGITS_MIN))
    };
    let facts: Vec<String> = ["OrderNo", "Amount", "PayType", "Command"]
        .into_iter()
        .filter(|name| differs(name))
        .map(|name| format!("{name}: ours {}, bank {}", side(sent, name), side(answer, name)))
        .collect();
    (!facts.is_empty()).then(|| facts.join("; "))
}
