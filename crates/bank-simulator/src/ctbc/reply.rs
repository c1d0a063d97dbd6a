//! The reply of the URL interface (ctbc.md 3.3, 3.4), sealed for the browser or for the second
//! reply, and its faults.

use std::collections::BTreeMap;

use crate::faults::{Fault, FaultKind, Leg, Target};
use crate::push::Push;

use super::bank::{Bank, Recent};
use super::codes::Code;
use super::ledger::TxnId;
use super::seal::big5;
use super::tamper;
use super::world::{Asked, World};

/// The service that a fault of this reply names.
pub(crate) const SERVICE: &str = "AuthReply";

/// The notice number of every second reply: the bank never repeats one, so it need not know which
/// was answered.
const SECOND_REPLY: usize = usize::MAX;

/// What is posted to `AuthResURL`. No `Debug`.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) url: String,
    pub(crate) mer_id: String,
    /// `URLResEnc`.
    pub(crate) sealed: String,
    /// The browser never brings it back.
    pub(crate) lost: bool,
}

impl Reply {
    /// The fields of the form.
    pub(crate) fn fields(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("merID".to_owned(), self.mer_id.clone()),
            ("URLResEnc".to_owned(), self.sealed.clone()),
        ])
    }

    /// The same from server to server.
    pub(crate) fn push(&self) -> Push {
        Push {
            notice: SECOND_REPLY,
            url: self.url.clone(),
            body: format!("merID={}&URLResEnc={}", self.mer_id, self.sealed),
            media: "application/x-www-form-urlencoded",
        }
    }
}

/// The members that a fault may change before they are sealed.
struct Said {
    status: String,
    errcode: String,
    describes: String,
    amount: i64,
    lidm: String,
    mer_id: String,
}

/// Seals a reply about an attempt; `None` without an address to bring it to. A fault for it is
/// spent here.
pub(crate) fn build(
    bank: &mut Bank,
    world: &mut World<'_>,
    shop: usize,
    asked: &Asked,
    code: Code,
    txn: Option<TxnId>,
) -> Option<Reply> {
    let url = asked.return_url.clone()?;
    let older =
        bank.recent.iter().rev().find(|row| {
            row.shop == shop && row.service == SERVICE && row.order.as_ref() != Some(&asked.lidm)
        });
    let older = older.map(|row| row.sealed.clone());
    let fault = world.faults.take(&Target {
        leg: Leg::Reply,
        service: SERVICE,
        command: None,
        order: Some(&asked.lidm),
        can_replay: older.is_some(),
    });
    let fault = fault.map(|fault| fault.kind);
    let known = bank.shops.get(shop)?;
    let mut said = Said {
        status: code.0.to_owned(),
        errcode: code.1.to_owned(),
        describes: code.text().to_owned(),
        amount: asked.amount,
        lidm: asked.lidm.clone(),
        mer_id: known.mer_id.clone(),
    };
    if let Some(kind) = &fault {
        change(&mut said, kind);
    }
    let txn = txn.and_then(|id| bank.ledger.get(id));
    let approved = code == Code::OK;
    let of = |text: Option<String>| text.unwrap_or_default();
    let auth_code = of(txn.filter(|_| approved).map(|txn| txn.auth_code.clone()));
    let masked = of(txn.map(|txn| txn.masked.clone()));
    let last4 = masked.get(masked.len().saturating_sub(4)..).unwrap_or_default();
    let amount = said.amount.to_string();
    let members =
        [&said.status, &said.errcode, &auth_code, &amount, &said.lidm, "", "", "", &asked.option, last4];
    let mut mac = known.key.bar_mac(&members);
    if fault == Some(FaultKind::WrongSign) {
        mac = tamper::turned(&mac, 0);
    } else if fault == Some(FaultKind::NoMac) {
        mac.clear();
    }
    let mut plain = format!(
        "status={}&errcode={}&errDesc={}&outmac={mac}&merID={}&authAmt={amount}&lidm={}&xid={}&authCode={auth_code}\
         &termSeq={}&Last4digitPAN={last4}&CardNumber={masked}&AuthResURL={url}&numberOfPay={}",
        said.status,
        said.errcode,
        said.describes,
        said.mer_id,
        said.lidm,
        of(txn.map(|txn| super::inquiry::padded(&txn.xid, world))),
        of(txn.map(|txn| txn.term_seq.to_string())),
        asked.option,
    );
    if fault == Some(FaultKind::DuplicateKeysInside) {
        plain = format!("{plain}&status={}", said.status);
    }
    let bytes = if fault == Some(FaultKind::WrongCharset) { plain.into_bytes() } else { big5(&plain) };
    let mut sealed = known.key.encrypt(&bytes);
    match &fault {
        Some(FaultKind::Truncated) => sealed.truncate(sealed.len() / 2),
        Some(FaultKind::Flip(byte)) => sealed = tamper::turned(&sealed, byte.saturating_mul(2)),
        Some(FaultKind::Replay) => sealed = older.unwrap_or(sealed),
        Some(_) => {}
        None => {
            let number = Some(asked.lidm.clone());
            bank.remember(Recent { shop, service: SERVICE, order: number, sealed: sealed.clone() });
        }
    }
    let lost = matches!(fault, Some(FaultKind::DropBefore | FaultKind::DropAfter));
    Some(Reply { url, mer_id: said.mer_id, sealed, lost })
}

/// Faults in the content, properly sealed.
fn change(said: &mut Said, kind: &FaultKind) {
    if *kind == FaultKind::UnequalAmount {
        said.amount += 1;
    } else if *kind == FaultKind::UnequalOrder {
        tamper::other_last_letter(&mut said.lidm);
    } else if *kind == FaultKind::UnequalShop {
        tamper::other_last_digit(&mut said.mer_id);
    } else if *kind == FaultKind::WrongCharset {
        "處理成功".clone_into(&mut said.describes);
    } else if *kind == FaultKind::UnlistedCode {
        (said.status, said.errcode) = (tamper::UNLISTED.0.to_owned(), tamper::UNLISTED.1.to_owned());
    } else if let FaultKind::Code(code) = kind
        && let Some((status, errcode)) = code.split_once('/')
    {
        (said.status, said.errcode) = (status.to_owned(), errcode.to_owned());
        Code::find(code).map_or("", Code::text).clone_into(&mut said.describes);
    }
}

/// Kinds that mean something for this reply.
pub(crate) fn takes(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::DropBefore
            | FaultKind::DropAfter
            | FaultKind::WrongSign
            | FaultKind::NoMac
            | FaultKind::Truncated
            | FaultKind::Replay
            | FaultKind::UnequalAmount
            | FaultKind::UnequalOrder
            | FaultKind::UnequalShop
            | FaultKind::UnlistedCode
            | FaultKind::DuplicateKeysInside
            | FaultKind::WrongCharset
            | FaultKind::Flip(_)
            | FaultKind::Code(_)
    )
}
