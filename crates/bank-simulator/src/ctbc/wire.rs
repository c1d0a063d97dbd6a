//! NewPos over HTTP (ctbc.md 5): the form, the envelope, the order of checks, and sealed answers.

use crate::calls::Call;
use crate::faults::{FaultKind, Leg, Target};
use crate::http::{HttpAnswer, HttpRequest};

use super::bank::{Bank, Recent};
use super::codes::Code;
use super::message::{Fields, dollars, triplet};
use super::operations::{self, Done};
use super::outcome::{Outcome, body, http, sealed};
use super::seal::{MAC_DIGITS, from_big5};
use super::shapes::Operation;
use super::world::World;
use super::{inquiry, tamper};

/// True for a path below the API.
pub(crate) fn is_api(path: &str) -> bool {
    path.starts_with("/NewPos/") || path.starts_with("/NewQuery/")
}

/// The shop that a request is counted for.
pub(crate) fn key_of(bank: &Bank, request: &HttpRequest) -> Option<usize> {
    bank.shop(Outer::read(request).mer_id?)
}

/// Answers one request.
pub(crate) fn answer(
    bank: &mut Bank,
    world: &mut World<'_>,
    request: &HttpRequest,
    call: &mut Call,
) -> HttpAnswer {
    let Some(operation) = Operation::at(request.bare_path()) else {
        return HttpAnswer::text(404, "404 Not Found");
    };
    if request.method != "POST" {
        return HttpAnswer::text(405, "405 Method Not Allowed");
    }
    let outer = Outer::read(request);
    let shop = outer.mer_id.and_then(|mer_id| bank.shop(mer_id));
    let opened = open(bank, request, shop, &outer);
    let order = opened.as_ref().ok().and_then(|fields| order_of(bank, shop, fields));
    operation.name().clone_into(&mut call.service);
    call.shop = shop.and_then(|at| bank.shops.get(at)).map(|shop| shop.mer_id.clone());
    call.order.clone_from(&order);
    if let Some(fields) = opened.as_ref().ok().filter(|_| !operation.asks_only()) {
        call.amount = dollars(fields.text(operation.amount_member()));
        call.xid = fields.get("XID").map(|xid| xid.trim_end().to_owned());
    }
    let mut outcome = Outcome {
        shop,
        mer_id: outer.mer_id.unwrap_or_default().to_owned(),
        service: operation.name(),
        order,
        fields: Fields::default(),
        code: Code::OK,
        acted: false,
    };
    let fault = world.faults.take(&Target {
        leg: Leg::NewPos,
        service: operation.name(),
        command: None,
        order: outcome.order.as_deref(),
        can_replay: tamper::older(bank, &outcome).is_some(),
    });
    call.fault = fault.as_ref().map(|fault| fault.name.clone());
    if let Some(fault) = &fault {
        if fault.kind == FaultKind::DropBefore {
            return tamper::dropped();
        }
        if let (FaultKind::Html(status), false) = (&fault.kind, fault.acts) {
            return tamper::html_page(*status);
        }
    }
    let forced = fault.as_ref().and_then(tamper::forced_code);
    outcome.fill(bank, world, operation, opened, forced);
    let shown = fault.as_ref().and_then(tamper::shown_code).unwrap_or(outcome.code);
    call.code = shown.joined();
    call.acted = outcome.acted;
    if let Some(fault) = &fault {
        return tamper::tampered(bank, world, outcome, fault);
    }
    let sealed = sealed(bank, &outcome);
    let answer = http(world, body(world, &outcome, &sealed));
    if let Some(shop) = outcome.shop {
        bank.remember(Recent { shop, service: outcome.service, order: outcome.order, sealed });
    }
    answer
}

/// The two fields of the form.
struct Outer<'a> {
    mer_id: Option<&'a str>,
    api_enc: Option<&'a str>,
}

impl<'a> Outer<'a> {
    /// `ApiEnc` and `MERID` in either order and nothing else; a form with anything else has no
    /// `ApiEnc`.
    fn read(request: &'a HttpRequest) -> Self {
        let text = std::str::from_utf8(&request.body).unwrap_or_default();
        let parts: Vec<(&str, &str)> = text.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let of = |name: &str| parts.iter().find(|part| part.0 == name).map(|part| part.1);
        let whole = text.split('&').count() == 2 && parts.len() == 2;
        Self { mer_id: of("MERID"), api_enc: of("ApiEnc").filter(|_| whole) }
    }
}

/// Everything between the form and the members: address, form, seal, MAC, JSON, shop.
fn open(
    bank: &Bank,
    request: &HttpRequest,
    shop: Option<usize>,
    outer: &Outer<'_>,
) -> Result<Fields, (Code, String)> {
    let refuse = |code: Code| (code, String::new());
    let known = shop.and_then(|at| bank.shops.get(at)).ok_or_else(|| refuse(Code("9", "ns")))?;
    if known.allow_ips.as_ref().is_some_and(|allowed| !allowed.contains(&request.source_ip)) {
        return Err(refuse(Code("9", "nz")));
    }
    let media = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let api_enc = outer.api_enc.filter(|_| media.starts_with("application/x-www-form-urlencoded"));
    let api_enc = api_enc.ok_or_else(|| refuse(Code("9", "nt")))?;
    let plain = known.key.decrypt(api_enc).ok_or_else(|| refuse(Code("9", "nm")))?;
    let (json, mac) = plain
        .split_at_checked(plain.len().saturating_sub(MAC_DIGITS))
        .ok_or_else(|| refuse(Code("9", "nm")))?;
    if known.key.mac(json).as_bytes() != mac {
        return Err(refuse(Code("10", "96")));
    }
    let fields = from_big5(json).and_then(|json| Fields::read(&json));
    let fields = fields.ok_or_else(|| refuse(Code("9", "nt")))?;
    if fields.get("MERID").is_some_and(|mer_id| mer_id != known.mer_id) {
        return Err((Code("9", "nd"), "MERID".to_owned()));
    }
    Ok(fields)
}

/// The order number: named, or of the transaction that is meant.
fn order_of(bank: &Bank, shop: Option<usize>, fields: &Fields) -> Option<String> {
    fields.get("LID-M").map(str::to_owned).or_else(|| {
        let id = bank.ledger.by_xid(shop?, fields.text("XID").trim_end())?;
        Some(bank.ledger.get(id)?.lidm.clone())
    })
}

impl Outcome {
    fn fill(
        &mut self,
        bank: &mut Bank,
        world: &mut World<'_>,
        operation: Operation,
        opened: Result<Fields, (Code, String)>,
        forced: Option<Code>,
    ) {
        match self.run(bank, world, operation, opened, forced) {
            Ok(fields) => {
                self.fields = fields;
                self.acted = !operation.asks_only();
            }
            Err((code, about)) => {
                self.code = code;
                self.fields = refusal(operation, code, &about);
            }
        }
    }

    fn run(
        &self,
        bank: &mut Bank,
        world: &mut World<'_>,
        operation: Operation,
        opened: Result<Fields, (Code, String)>,
        forced: Option<Code>,
    ) -> Result<Fields, (Code, String)> {
        let fields = opened?;
        if matches!(operation, Operation::Other(_)) {
            return Err((Code("9", "nx"), String::new()));
        }
        operation.check(&fields)?;
        if let Some(code) = forced.or(world.switches.refuse_all) {
            return Err((code, String::new()));
        }
        let shop = self.shop.ok_or((Code("9", "ns"), String::new()))?;
        if operation.asks_only() {
            let rows = inquiry::rows(bank, shop, operation, &fields)?;
            return Ok(inquiry::show(bank, world, operation, &rows));
        }
        let done = operations::run(bank, world, shop, operation, &fields)?;
        Ok(written(bank, world, operation, &done))
    }
}

fn refusal(operation: Operation, code: Code, about: &str) -> Fields {
    let mut out = Fields::default();
    if operation.asks_only() {
        out.add("QueryCode", "-1");
    }
    out.add("RespCode", code.0);
    out.add("ErrCode", code.1);
    let text = code.text();
    let says = if about.is_empty() { text.to_owned() } else { format!("{text} {about}") };
    out.add("ERRDESC", &says);
    out.add("VERSION", "3.2");
    out
}

/// The answer to an operation that was done (ctbc.md 4, members by operation).
fn written(bank: &mut Bank, world: &mut World<'_>, operation: Operation, done: &Done) -> Fields {
    let mut out = Fields::default();
    out.add("RespCode", if world.switches.long_resp_code { "00" } else { "0" });
    out.add("ErrCode", "00");
    let Some(txn) = bank.ledger.get(done.txn).cloned() else { return out };
    let xid = inquiry::padded(&txn.xid, world);
    out.add("XID", &xid);
    out.add("AuthRRPID", &xid);
    out.add("ResAmt", &triplet(done.amount));
    out.add("AuthCode", &txn.auth_code);
    let mut term_seq = txn.term_seq;
    if operation == Operation::Reversal {
        // a reversal has numbers of its own; the ones of the authorization stay valid
        term_seq = bank.fresh_term_seq(txn.shop);
        out.add("TermSeq", &term_seq.to_string());
    }
    out.add("RetrRef", &format!("{:06}{:06}", world.dice.below(1_000_000), term_seq % 1_000_000));
    if let Some(slot) = done.slot {
        out.add("BatchID", &slot.batch.to_string());
        out.add("BatchSeq", &slot.seq.to_string());
    }
    out.add("BatchClose", "0");
    out.add("VERSION", "3.2");
    out.add("SwRevision", "MicroServer 3.2");
    out.add("ERRDESC", "");
    out
}
