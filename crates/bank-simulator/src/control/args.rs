//! Reads the arguments of a call.

use std::net::IpAddr;

use serde_json::Value;

use crate::time::BankTime;

use super::error::ControlError;

/// The member `bank`.
pub(super) fn bank(args: &Value) -> Result<Option<&str>, ControlError> {
    match args.get("bank") {
        None | Some(Value::Null) => Ok(None),
        Some(bank) => {
            let known = bank.as_str().filter(|bank| matches!(*bank, "sinopac" | "ctbc"));
            known.map(Some).ok_or(ControlError::Member("bank"))
        }
    }
}

/// Addresses that may ask; `None` = all.
pub(super) struct Addresses(pub(super) Option<Vec<IpAddr>>);

/// The member `allow_ips`: absent, `null` for all addresses, or a list.
pub(super) fn address_list(args: &Value) -> Result<Option<Addresses>, ControlError> {
    match args.get("allow_ips") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Addresses(None))),
        Some(list) => {
            let ips = list.as_array().ok_or(ControlError::Member("allow_ips"))?.iter();
            let ips: Option<Vec<_>> = ips.map(|ip| ip.as_str().and_then(|ip| ip.parse().ok())).collect();
            Ok(Some(Addresses(Some(ips.ok_or(ControlError::Member("allow_ips"))?))))
        }
    }
}

pub(super) fn text<'a>(args: &'a Value, name: &'static str) -> Result<&'a str, ControlError> {
    args.get(name).and_then(Value::as_str).ok_or(ControlError::Member(name))
}

/// An optional time: RFC 3339, or a bank minute `yyyyMMddHHmm`.
pub(super) fn time(args: &Value, name: &'static str) -> Result<Option<BankTime>, ControlError> {
    match args.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let text = value.as_str().ok_or(ControlError::Member(name))?;
            let at = BankTime::from_rfc3339(text).or_else(|| BankTime::from_minute(text));
            at.map(Some).ok_or(ControlError::Member(name))
        }
    }
}
