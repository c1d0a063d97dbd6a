//! Proves the settings of a shop with one harmless question, and names what is wrong (`shop
//! check`).
//!
//! The question is about an order number that no shop has. It goes by MerID and key alone: a wrong
//! MerchantID or TerminalID shows only on the bank's page, with the first sale.

use super::meaning::Code;
use super::shop::{CtbcKeys, CtbcSettings};
use super::transcript::Transcript;
use super::{Came, Ctbc, wire};
use crate::proof::{Proof, Verdict};
use crate::transport::Transport;

/// Ours end with a letter for the rail and hold no `_`.
const NO_SUCH_ORDER: &str = "COUNTERFOIL_CHECK";

/// Looks at the form of everything, then asks once.
pub async fn prove<T: Transport>(shop: &CtbcSettings, keys: &CtbcKeys, transport: T) -> Proof {
    let bank = match Ctbc::new(shop, keys, transport) {
        Ok(bank) => bank,
        Err(error) => return Proof::of(Verdict::Wrong, &[error.field()], "form"),
    };
    let Ok(message) = wire::inquiry_by_number(&shop.mer_id, NO_SUCH_ORDER) else {
        return Proof::of(Verdict::Wrong, &["mer_id"], "form");
    };
    match bank.exchange(&message, &mut Transcript::default()).await.came {
        // whatever it says, it opened
        Came::Genuine(fields) => {
            let code = Code::of(&fields);
            by_code(code.map_or_else(|| "bad-json".to_owned(), |code| code.shown()))
        }
        Came::OtherShop(_) => Proof::of(Verdict::Wrong, &["mer_id"], "echo-differs"),
        Came::NotSent(code) | Came::Unclear(code) => by_code(code),
    }
}

fn by_code(code: String) -> Proof {
    let (verdict, fields): (Verdict, &[&'static str]) = match code.as_str() {
        // found nothing, or there is no such order
        "0/00" | "10/11" => (Verdict::Good, &[]),
        "bad-mac" | "10/96" | "10/97" => (Verdict::Wrong, &["mac_key"]),
        "3/32" | "9/ns" | "10/18" | "10/101" | "10/102" => (Verdict::Wrong, &["mer_id"]),
        "9/nz" => (Verdict::AddressNotListed, &[]),
        "http-403" | "http-404" | "http-405" => (Verdict::Wrong, &["base_url"]),
        _ => (Verdict::Unclear, &[]),
    };
    Proof::of(verdict, fields, code)
}
