//! A CTBC shop, read from the `ctbc` part of a shop file.
//!
//! In a `demo` file missing members are filled with the vendor's published sample key and invented
//! numbers.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::calendar::Calendar;
use super::seal::{IV, Key};

/// One CTBC shop. No `Debug`: the key is in it.
pub(crate) struct Shop {
    pub(crate) name: String,
    pub(crate) payee_name: String,
    pub(crate) mer_id: String,
    pub(crate) merchant_id: String,
    pub(crate) terminal_id: String,
    pub(crate) key: Key,
    pub(crate) calendar: Calendar,
    /// The one `txType` of its MerchantID: 0 or 1.
    pub(crate) tx_type: u8,
    /// Its contract lets it refund.
    pub(crate) refunds: bool,
    /// Addresses that may ask; `None` = all.
    pub(crate) allow_ips: Option<Vec<IpAddr>>,
}

/// The `ctbc` part of the demo shop.
pub(crate) fn demo() -> Value {
    json!({
        "environment": "demo",
        "mer_id": "10000",
        "merchant_id": "8220000000001",
        "terminal_id": "90000001",
        "mac_key": "123456789012345678901234",
        "return_url": "loopback",
        "loopback_port": 0
    })
}

/// Reads a `ctbc` part; the error names the member that is missing or wrong.
pub(crate) fn read(file: &Map<String, Value>, part: &Value) -> Result<Shop, &'static str> {
    let demo = demo();
    let is_demo = part.get("environment").and_then(Value::as_str) == Some("demo");
    let member = |name: &'static str| {
        let own = part.get(name);
        let filled = if is_demo { own.or_else(|| demo.get(name)) } else { own };
        filled.and_then(Value::as_str).ok_or(name)
    };
    let digits = |name: &'static str, least: usize, most: usize| {
        let text = member(name)?;
        let fits = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(text.to_owned()) } else { Err(name) }
    };
    let top = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let iv = match part.get("iv") {
        None | Some(Value::Null) => IV,
        Some(iv) => iv.as_str().filter(|iv| iv.len() == IV.len()).ok_or("iv")?,
    };
    Ok(Shop {
        name: top("name"),
        payee_name: top("payee_name"),
        mer_id: digits("mer_id", 1, 8)?,
        merchant_id: digits("merchant_id", 13, 13)?,
        terminal_id: digits("terminal_id", 8, 8)?,
        key: Key::new(member("mac_key")?, iv).ok_or("mac_key")?,
        calendar: Calendar::read(part.get("batch")).ok_or("batch")?,
        tx_type: 0,
        refunds: true,
        allow_ips: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(part: &Value) -> Option<&'static str> {
        read(&Map::new(), part).err()
    }

    #[test]
    fn a_demo_part_needs_nothing_else() {
        let shop = read(&Map::new(), &json!({"environment": "demo"})).ok().unwrap();
        assert_eq!((shop.mer_id.as_str(), shop.terminal_id.as_str()), ("10000", "90000001"));
        assert_eq!(shop.calendar, Calendar::default());
    }

    #[test]
    fn a_wrong_member_is_named() {
        let with = |name: &str, value: Value| {
            let mut part = demo();
            part[name] = value;
            part
        };
        assert_eq!(refused(&json!({"environment": "custom"})), Some("mer_id"));
        for (name, value) in [
            ("mer_id", json!("123456789")),
            ("mer_id", json!("12a")),
            ("merchant_id", json!("822000000000")),
            ("terminal_id", json!(90_000_001)),
            ("mac_key", json!("12345678")),
            ("mac_key", json!("1234567890123456789012 4")),
            ("iv", json!("short")),
            ("batch", json!({"start": "soon"})),
        ] {
            assert_eq!(refused(&with(name, value.clone())), Some(name), "{value}");
        }
    }
}
