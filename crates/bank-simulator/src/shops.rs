//! The shops that the simulator serves, read from the project's shop files.
//!
//! Unknown members stay unread. In a `demo` file missing SinoPac members are filled with the
//! published sample keys of the shared contest shop (sinopac.md 3.1, vector H-3), which protect
//! nothing.

use std::fmt;
use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::ctbc;
use crate::sinopac::seal;

/// Why shop files were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShopsError {
    /// Not JSON, or not an array of objects.
    NotShopFiles,
    /// A member is missing or has a wrong form; secrets are named, never shown.
    Member {
        /// The place of the shop in the array, from 0.
        shop: usize,
        /// `sinopac` or `ctbc`.
        bank: &'static str,
        /// The member's name.
        name: &'static str,
    },
    /// Two files have the same SinoPac shop number, or the same MERID of CTBC.
    Twice {
        /// The number.
        shop_no: String,
    },
}

impl fmt::Display for ShopsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotShopFiles => out.write_str("not a JSON array of shop files"),
            Self::Member { shop, bank, name } => {
                write!(out, "shop {shop}: {bank}.{name} is missing or has a wrong form")
            }
            Self::Twice { shop_no } => write!(out, "shop number {shop_no} stands twice"),
        }
    }
}

impl std::error::Error for ShopsError {}

/// A shop file of the demo shop, complete, with published sample keys.
pub fn demo_shop() -> Value {
    json!({
        "name": "demo",
        "payee_name": "存根示範商店",
        "sinopac": {
            "environment": "demo",
            "shop_no": "NA0249_001",
            "key_id": "b5e6986d-8636-4aa0-8c93-441ad14b2098",
            "a1": "86D50DEF3EB7400E",
            "a2": "01FD27C09E5549E5",
            "b1": "9E004965F4244953",
            "b2": "7FB3385F414E4F91",
            "return_url": "loopback",
            "loopback_port": 0,
            "auto_billing": "Y"
        },
        "ctbc": ctbc::shop::demo()
    })
}

/// The `ctbc` part of the demo shop, complete, with the vendor's published sample key.
pub fn demo_ctbc() -> Value {
    ctbc::shop::demo()
}

/// One SinoPac shop.
pub(crate) struct Shop {
    pub(crate) name: String,
    pub(crate) payee_name: String,
    pub(crate) number: String,
    pub(crate) key_id: String,
    pub(crate) hash_id: String,
    /// Addresses that may ask; `None` = all.
    pub(crate) allow_ips: Option<Vec<IpAddr>>,
    /// A closed shop is answered E0102.
    pub(crate) open: bool,
    /// Its contract lets it refund; else E3606.
    pub(crate) refunds: bool,
}

/// The shops at each bank of an array of shop files (one file alone is taken too).
pub(crate) fn read(files: &Value) -> Result<(Vec<Shop>, Vec<ctbc::shop::Shop>), ShopsError> {
    let one;
    let files = match files {
        Value::Array(files) => files,
        Value::Object(_) => {
            one = vec![files.clone()];
            &one
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(ShopsError::NotShopFiles);
        }
    };
    let mut sinopac: Vec<Shop> = Vec::new();
    let mut cards: Vec<ctbc::shop::Shop> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let file = file.as_object().ok_or(ShopsError::NotShopFiles)?;
        let part = |bank: &str| file.get(bank).filter(|part| !part.is_null());
        if let Some(part) = part("sinopac") {
            let shop = sinopac_part(at, file, part)?;
            if sinopac.iter().any(|other| other.number == shop.number) {
                return Err(ShopsError::Twice { shop_no: shop.number });
            }
            sinopac.push(shop);
        }
        if let Some(part) = part("ctbc") {
            let wrong = |name| ShopsError::Member { shop: at, bank: "ctbc", name };
            let shop = ctbc::shop::read(file, part).map_err(wrong)?;
            if cards.iter().any(|other| other.mer_id == shop.mer_id) {
                return Err(ShopsError::Twice { shop_no: shop.mer_id });
            }
            cards.push(shop);
        }
    }
    Ok((sinopac, cards))
}

fn sinopac_part(at: usize, file: &Map<String, Value>, part: &Value) -> Result<Shop, ShopsError> {
    let demo = demo_shop();
    let wrong = |name: &'static str| ShopsError::Member { shop: at, bank: "sinopac", name };
    let is_demo = part.get("environment").and_then(Value::as_str) == Some("demo");
    let member = |name: &'static str| {
        let own = part.get(name);
        let filled = if is_demo { own.or_else(|| demo.pointer(&format!("/sinopac/{name}"))) } else { own };
        let text = filled.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or(wrong(name))
    };
    let top = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let hash_id = seal::hash_id(&member("a1")?, &member("a2")?, &member("b1")?, &member("b2")?)
        .ok_or(wrong("a1, a2, b1 or b2"))?;
    let shop_no = member("shop_no")?;
    if shop_no.chars().count() > 20 {
        return Err(wrong("shop_no"));
    }
    Ok(Shop {
        name: top("name"),
        payee_name: top("payee_name"),
        number: shop_no,
        key_id: member("key_id")?,
        hash_id,
        allow_ips: None,
        open: true,
        refunds: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sinopac(files: &Value) -> Vec<Shop> {
        read(files).ok().unwrap().0
    }

    #[test]
    fn a_file_has_one_bank_or_both_and_unknown_members_stay_unread() {
        let mut file = demo_shop();
        file["ctbc"] = demo_ctbc();
        file["more"] = json!([1]);
        let (sinopac_shops, cards) = read(&json!([file, {"name": "none", "ctbc": null}])).ok().unwrap();
        assert_eq!((sinopac_shops.len(), cards.len()), (1, 1));
        assert_eq!(sinopac_shops[0].hash_id, "87282A2FA0E209EBE1B3713AB56A06C2");
        assert_eq!((cards[0].mer_id.as_str(), cards[0].name.as_str()), ("10000", "demo"));
        assert_eq!(sinopac(&json!([{"sinopac": {"environment": "demo"}}]))[0].number, "NA0249_001");
        assert_eq!(read(&json!({"ctbc": {"environment": "demo"}})).ok().unwrap().1.len(), 1);
    }

    #[test]
    fn wrong_files_are_refused_without_showing_secrets() {
        let refused = |files: &Value| read(files).err().unwrap();
        assert_eq!(refused(&json!(1)), ShopsError::NotShopFiles);
        assert_eq!(
            refused(&json!([demo_shop(), demo_shop()])),
            ShopsError::Twice { shop_no: "NA0249_001".to_owned() }
        );
        assert_eq!(
            refused(&json!([{"ctbc": demo_ctbc()}, {"ctbc": demo_ctbc()}])),
            ShopsError::Twice { shop_no: "10000".to_owned() }
        );
        let mut file = demo_shop();
        file["sinopac"]["a1"] = json!("not hex but secret");
        let wrong = refused(&json!([file]));
        assert_eq!(wrong, ShopsError::Member { shop: 0, bank: "sinopac", name: "a1, a2, b1 or b2" });
        assert!(!wrong.to_string().contains("secret"));
        let custom = refused(&json!([{"sinopac": {"environment": "custom", "shop_no": "X"}}]));
        assert_eq!(custom, ShopsError::Member { shop: 0, bank: "sinopac", name: "a1" });
        let mut card = demo_ctbc();
        card["mac_key"] = json!("secret");
        let wrong = refused(&json!([{"ctbc": card}]));
        assert_eq!(wrong.to_string(), "shop 0: ctbc.mac_key is missing or has a wrong form");
    }
}
