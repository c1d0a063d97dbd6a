//! Sends the engine's requests, compares each answer with its request, and puts it into the
//! engine's words.

use counterfoil_domain::{BankAnswer, BankRow, Issued, OperationKind as K};
use counterfoil_engine::ports::{BankPort, BankReply, BankRequest, BoxFuture, Inquiry, Said, Write};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::wire::{self, Fields};
use super::{Came, Exchange, Sinopac, meaning};
use crate::meaning::Question;
use crate::transport::Transport;

impl<T: Transport> BankPort for Sinopac<T> {
    fn call(&self, request: BankRequest) -> BoxFuture<'_, BankReply> {
        Box::pin(self.answer(request))
    }
}

impl<T: Transport> Sinopac<T> {
    async fn answer(&self, request: BankRequest) -> BankReply {
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
        let exchange = self.exchange(wire::service(&request), &fields, is_create).await;
        let bank_now = exchange.bank_now();
        let Exchange { came, heard, transcript } = exchange;
        let (said, code) = match came {
            Came::Genuine(answer) => match &request {
                BankRequest::Write(write) => self.judge_write(write.kind(), &fields, &answer),
                BankRequest::Ask(inquiry) => self.judge_question(inquiry, &answer),
            },
            Came::NotSent(code) if write => (unclear_write(BankAnswer::NotSent), code),
            Came::OtherShop if write => {
                let unequal = Some("the answer is of another shop".to_owned());
                (
                    Said::Write { meaning: BankAnswer::Unknown, issued: None, unequal },
                    "echo-differs".to_owned(),
                )
            }
            Came::Forged(_) if write => (unclear_write(BankAnswer::Unknown), "bad-sign".to_owned()),
            Came::Unclear(code) if write => (unclear_write(BankAnswer::Unknown), code),
            Came::NotSent(code) | Came::Unclear(code) => (Said::Silent, code),
            Came::OtherShop => (Said::Silent, "echo-differs".to_owned()),
            Came::Forged(_) => (Said::Silent, "bad-sign".to_owned()),
        };
        let token = match &request {
            BankRequest::Ask(Inquiry::Token { token }) => Some(token),
            BankRequest::Write(_)
            | BankRequest::Ask(
                Inquiry::Order { .. }
                | Inquiry::Paid { .. }
                | Inquiry::Time { .. }
                | Inquiry::Uncaptured
                | Inquiry::Card { .. },
            ) => None,
        };
        BankReply {
            said,
            bank_now,
            heard,
            code,
            transcript: transcript.finish(std::iter::once(&self.key_id).chain(token)),
        }
    }

    fn judge_write(&self, kind: K, sent: &Fields, answer: &Fields) -> (Said, String) {
        let code = wire::code_of(answer).unwrap_or_else(|| "bad-json".to_owned());
        let meaning = meaning::write_meaning(kind, answer);
        if let Some(unequal) = unequal(sent, answer, meaning == BankAnswer::Accepted) {
            let said = Said::Write { meaning: BankAnswer::Unknown, issued: None, unequal: Some(unequal) };
            return (said, "echo-differs".to_owned());
        }
        if meaning != BankAnswer::Accepted || !kind.is_create() {
            return (Said::Write { meaning, issued: None, unequal: None }, code);
        }
        // a create is accepted only with something that a customer can use
        let is_link = kind == K::CreateLink;
        let issued = meaning::issued(answer, &self.pages);
        let usable = |issued: &Issued| {
            if is_link { issued.link.is_some() } else { issued.account.is_some() }
        };
        if let Some(issued) = issued.filter(usable) {
            return (Said::Write { meaning, issued: Some(issued), unequal: None }, code);
        }
        let code = if is_link { "link-refused" } else { "account-refused" };
        (unclear_write(BankAnswer::Unknown), code.to_owned())
    }

    fn judge_question(&self, inquiry: &Inquiry, answer: &Fields) -> (Said, String) {
        let code = wire::code_of(answer).unwrap_or_else(|| "bad-json".to_owned());
        match meaning::question_meaning(answer) {
            Question::Silent => (Said::Silent, code),
            Question::Refused(of) => (Said::Refused(of), code),
            Question::NothingFound => (Said::Rows(Vec::new()), code),
            Question::Answered => match self.rows(inquiry, answer) {
                Ok(rows) => (Said::Rows(rows), code),
                Err(code) => (Said::Silent, code.to_owned()),
            },
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
            | Inquiry::Token { .. } => true,
        };
        if ours { Ok(rows) } else { Err("echo-differs") }
    }
}

fn unclear_write(meaning: BankAnswer) -> Said {
    Said::Write { meaning, issued: None, unequal: None }
}

/// What an answer to a write echoes otherwise than it was sent, side by side. An accepted one must
/// echo the number, and the amount where one was sent. The amount 0 of a refusal is no echo: the
/// bank's toolkit writes it where there is none.
fn unequal(sent: &Fields, answer: &Fields, accepted: bool) -> Option<String> {
    let refused = wire::text(answer, "Status").as_deref() == Some("F");
    let differs = |name: &str| match (wire::text(sent, name), wire::text(answer, name)) {
        (Some(_), Some(theirs)) if name == "Amount" && refused && theirs == "0" => false,
        (Some(ours), Some(theirs)) => ours != theirs,
        (Some(_), None) => accepted && matches!(name, "OrderNo" | "Amount"),
        (None, Some(_) | None) => false,
    };
    let side = |fields: &Fields, name: &str| {
        wire::text(fields, name).map_or_else(|| "nothing".to_owned(), |t| t.chars().take(50).collect())
    };
    let facts: Vec<String> = ["OrderNo", "Amount", "PayType", "Command"]
        .into_iter()
        .filter(|name| differs(name))
        .map(|name| format!("{name}: ours {}, bank {}", side(sent, name), side(answer, name)))
        .collect();
    (!facts.is_empty()).then(|| facts.join("; "))
}
