//! Proves the settings of a shop with one harmless question, and names what is wrong (`shop
//! check`).
//!
//! The question is about an order number that no shop has. Wrong keys cannot be told apart by what
//! the bank says; but values that were put into each other's places can: the bank seals its answer
//! with the right key, and one of the five other ways to pair our four values then opens it.

use counterfoil_domain::BankOrderNo;
use counterfoil_engine::ports::{BankRequest, Fuse, Inquiry, SinopacKeys};
use counterfoil_engine::shop::SinopacSettings;

use super::seal::{HashId, KeyField, Pairing};
use super::shop::check_keys;
use super::wire::{self, Envelope};
use super::{Came, Sinopac};
use crate::proof::{Proof, Verdict};
use crate::transport::Transport;

/// Neither ours (15 characters) nor anybody's.
const NO_SUCH_ORDER: &str = "COUNTERFOILSETTINGSCHECK";
const HASH_KEYS: [&str; 4] = ["a1", "a2", "b1", "b2"];

/// Looks at the form of everything, then asks once.
pub async fn prove<T: Transport>(shop: &SinopacSettings, keys: &SinopacKeys, transport: T) -> Proof {
    let wrong_form = |field| Proof::of(Verdict::Wrong, &[field], "form");
    let bank = match check_keys(keys).and_then(|()| Sinopac::new(shop, keys, transport)) {
        Ok(bank) => bank,
        Err(error) => return wrong_form(error.field()),
    };
    let request = BankRequest::Ask(Inquiry::Order { bank_order_no: BankOrderNo::from_text(NO_SUCH_ORDER) });
    let Ok(fields) = wire::fields(&request, shop) else { return wrong_form("shop_no") };
    match bank.exchange(wire::service(&request), &fields, false, &Fuse::endless()).await.came {
        Came::Genuine(answer) => by_code(wire::code_of(&answer).unwrap_or_else(|| "bad-json".to_owned())),
        Came::OtherShop => Proof::of(Verdict::Wrong, &["shop_no"], "echo-differs"),
        Came::Forged(envelope) => by_pairing(keys, &envelope),
        Came::NotSent(code) | Came::Unclear(code) => by_code(code),
    }
}

fn by_code(code: String) -> Proof {
    let (verdict, fields): (Verdict, &[&'static str]) = match code.as_str() {
        "S0000" | "S0001" => (Verdict::Good, &[]),
        "http-401" => (Verdict::Wrong, &["key_id"]),
        "http-499" => (Verdict::AddressNotListed, &[]),
        "E0100" | "E0101" | "E0102" => (Verdict::Wrong, &["shop_no"]),
        "E0000" | "E3501" => (Verdict::Wrong, &HASH_KEYS),
        "http-403" | "http-404" | "http-405" => (Verdict::Wrong, &["base_url"]),
        _ => (Verdict::Unclear, &[]),
    };
    Proof::of(verdict, fields, code)
}

/// The bank's answer is sealed with the right key: which pairing of our values is that?
fn by_pairing(keys: &SinopacKeys, envelope: &Envelope) -> Proof {
    let opens = |pairing: &Pairing| {
        HashId::derive_as(keys, *pairing).is_ok_and(|hash_id| envelope.open(&hash_id).is_ok())
    };
    let found = Pairing::WRONG.into_iter().find(opens);
    let exchanged = found.map(|pairing| match pairing {
        Pairing::AsNamed | Pairing::PairsExchanged => HASH_KEYS.to_vec(),
        Pairing::A1B1 => vec![KeyField::A1.name(), KeyField::B1.name()],
        Pairing::A1B2 => vec![KeyField::A1.name(), KeyField::B2.name()],
        Pairing::A2B1 => vec![KeyField::A2.name(), KeyField::B1.name()],
        Pairing::A2B2 => vec![KeyField::A2.name(), KeyField::B2.name()],
    });
    let verdict = if exchanged.is_some() { Verdict::Exchanged } else { Verdict::Wrong };
    Proof { verdict, fields: exchanged.unwrap_or_else(|| HASH_KEYS.to_vec()), code: "bad-sign".to_owned() }
}
