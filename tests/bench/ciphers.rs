//! B5: a message of 1 KiB sealed, and opened and verified again.
//!
//! The bound is what `openssl speed` says that AES-256-CBC there and back and two SHA-256 over 1
//! KiB cost on this machine. Ours also writes and reads the JSON, sorts the fields of the sign and
//! writes the hex. Without openssl: report only.

use std::process::Command;
use std::time::Duration;

use counterfoil_banks::sinopac::seal::{HashId, open, seal};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::rounds::{Outcome, Plan, in_turn, now};

const MESSAGE_BYTES: usize = 1024;
const NONCE: &str = "NjM2NjYwNDI3ODMwMTUuNTo3YjE0ZWQ0MzQwNDI0OTBiNzI3";
/// How often in a round.
const TIMES: u32 = 20_000;

/// Against openssl, where there is one.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let key = SecretString::from("17D8E6558DC60E702A6B57E1B9B7060D");
    let key = HashId::from_text(&key).ok_or("the key of the bench is no key")?;
    let fields = fields()?;
    let ours = |times: u32| -> Result<Duration, String> {
        let began = now();
        for _ in 0..times {
            let sealed = seal(&key, NONCE, &fields);
            let opened =
                open(&key, NONCE, &sealed.message, &sealed.sign).map_err(|error| error.to_string())?;
            if opened.len() != fields.len() {
                return Err("another message was opened".to_owned());
            }
        }
        Ok(began.elapsed())
    };
    ours(TIMES)?;
    let mut rounds = Vec::new();
    let mut alone = Vec::new();
    for _ in 0..plan.rounds {
        match openssl() {
            Some(one) => rounds.push(in_turn(1, TIMES, ours, |times| Ok(one * times))?),
            None => alone.push(f64::from(TIMES) / ours(TIMES)?.as_secs_f64()),
        }
    }
    let unit = "messages/s";
    let outcome = if rounds.is_empty() {
        Outcome::report("openssl (not found)", unit, &alone)
    } else {
        Outcome::of("openssl", unit, &rounds)
    };
    Ok(vec![outcome?])
}

/// An object with an order's fields, padded so that its JSON has the size.
fn fields() -> Result<Map<String, Value>, String> {
    let text = r#"{"ShopNo":"NA0249_001","OrderNo":"T1ZQ3X0A1B2C3D4A","Amount":128000,"CurrencyID":"TWD","PayType":"A",
        "ATMParam":{"ExpireDate":"20261130"},"PrdtName":"阿里山烏龍","ReturnURL":"http://127.0.0.1:49152/return","Param1":""}"#;
    let mut fields: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let length = Value::Object(fields.clone()).to_string().len();
    fields.insert("Param1".to_owned(), "x".repeat(MESSAGE_BYTES.saturating_sub(length)).into());
    Ok(fields)
}

/// What the bare ciphers of one message cost.
fn openssl() -> Option<Duration> {
    let encrypt = seconds_per_kib(&["-evp", "aes-256-cbc"])?;
    let decrypt = seconds_per_kib(&["-decrypt", "-evp", "aes-256-cbc"])?;
    let sign = seconds_per_kib(&["-evp", "sha256"])?;
    Some(Duration::from_secs_f64(encrypt + decrypt + 2.0 * sign))
}

/// The last word of the output is thousands of bytes in a second, `1048024.18k`.
fn seconds_per_kib(what: &[&str]) -> Option<f64> {
    let mut command = Command::new("openssl");
    let output =
        command.args(["speed", "-elapsed", "-seconds", "1", "-bytes", "1024"]).args(what).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let thousands: f64 = text.split_whitespace().last()?.strip_suffix('k')?.parse().ok()?;
    (output.status.success() && thousands > 0.0).then(|| 1.024 / thousands)
}
