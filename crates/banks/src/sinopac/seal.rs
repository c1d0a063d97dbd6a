//! Seals requests and opens answers (sinopac.md 3): HashID, IV, AES-256-CBC, sign.
//!
//! Promise: an answer is handed out only when it was deciphered with the answer's own nonce, is one
//! JSON object without duplicate names, and its sign is right. Whatever is wrong with it, the
//! caller sees the one value [`NotGenuine`]: nothing tells a bad padding from a bad sign. Left out:
//! which fields a message has (`wire`), and what they mean (`meaning`).

use std::borrow::Cow;

use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use counterfoil_engine::ports::SinopacKeys;
use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::strict_json;

/// The answer cannot be verified. One value for bad hex, length, padding, UTF-8, JSON, duplicate
/// names and sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be verified")]
pub struct NotGenuine;

/// One of the four values that the bank hands out, by its name in `shop.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyField {
    /// First half of the first pair.
    A1,
    /// Second half of the first pair.
    A2,
    /// First half of the second pair.
    B1,
    /// Second half of the second pair.
    B2,
}

impl KeyField {
    /// The name in `shop.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A1 => "a1",
            Self::A2 => "a2",
            Self::B1 => "b1",
            Self::B2 => "b2",
        }
    }
}

/// A value that is not 16 hex digits. Names the field, never shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} is not 16 hex digits", field.name())]
pub struct BadKey {
    /// Which one.
    pub field: KeyField,
}

/// Which of the four values are taken together. Only [`Pairing::AsNamed`] is right; the others find
/// out what was mixed up, since exchanging two values of different pairs gives another key, and
/// exchanging the two of one pair the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// A1 with A2, then B1 with B2.
    AsNamed,
    /// The pairs in the other order.
    PairsExchanged,
    /// As if A1 and B1 stood in each other's place.
    A1B1,
    /// As if A1 and B2 stood in each other's place.
    A1B2,
    /// As if A2 and B1 stood in each other's place.
    A2B1,
    /// As if A2 and B2 stood in each other's place.
    A2B2,
}

impl Pairing {
    /// Every other key that the same four values can give.
    pub const WRONG: [Self; 5] = [Self::PairsExchanged, Self::A1B1, Self::A1B2, Self::A2B1, Self::A2B2];
}

/// The key of a shop: 32 upper-case hex characters, used as text. Wiped when dropped; no `Debug`,
/// no `Clone`.
pub struct HashId(Zeroizing<[u8; 32]>);

impl HashId {
    /// From the four values of the shop (sinopac.md 3.1).
    ///
    /// # Errors
    /// [`BadKey`] names the first value that is not 16 hex digits once blanks and hyphens are gone.
    pub fn derive(keys: &SinopacKeys) -> Result<Self, BadKey> {
        Self::derive_as(keys, Pairing::AsNamed)
    }

    /// As [`HashId::derive`], with the values taken together in another way.
    ///
    /// # Errors
    /// As [`HashId::derive`].
    pub fn derive_as(keys: &SinopacKeys, pairing: Pairing) -> Result<Self, BadKey> {
        let a1 = eight_bytes(&keys.a1, KeyField::A1)?;
        let a2 = eight_bytes(&keys.a2, KeyField::A2)?;
        let b1 = eight_bytes(&keys.b1, KeyField::B1)?;
        let b2 = eight_bytes(&keys.b2, KeyField::B2)?;
        let halves = match pairing {
            Pairing::AsNamed => [(&a1, &a2), (&b1, &b2)],
            Pairing::PairsExchanged => [(&b1, &b2), (&a1, &a2)],
            Pairing::A1B1 => [(&b1, &a2), (&a1, &b2)],
            Pairing::A1B2 => [(&b2, &a2), (&b1, &a1)],
            Pairing::A2B1 => [(&a1, &b1), (&a2, &b2)],
            Pairing::A2B2 => [(&a1, &b2), (&b1, &a2)],
        };
        let mut bytes = Zeroizing::new([0_u8; 16]);
        let mixed = halves.iter().flat_map(|(x, y)| x.iter().zip(y.iter()).map(|(x, y)| x ^ y));
        for (slot, byte) in bytes.iter_mut().zip(mixed) {
            *slot = byte;
        }
        let mut text = Zeroizing::new([0_u8; 32]);
        // two digits per byte, so that leading zeros stay; the slice has the right length by its
        // type
        HEXUPPER.encode_mut(bytes.as_slice(), text.as_mut_slice());
        Ok(Self(text))
    }

    /// From the finished text, for test vectors. `None` when it is not 32 characters of upper-case
    /// hex.
    pub fn from_text(text: &SecretString) -> Option<Self> {
        let bytes: [u8; 32] = text.expose_secret().as_bytes().try_into().ok()?;
        let good = bytes.iter().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'));
        good.then(|| Self(Zeroizing::new(bytes)))
    }

    /// Is it this text? Compared in constant time; for test vectors.
    pub fn is(&self, text: &str) -> bool {
        bool::from(self.0.as_slice().ct_eq(text.as_bytes()))
    }
}

/// A sealed message: what the envelope carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Upper-case hex of the ciphertext.
    pub message: String,
    /// Upper-case hex of the sign.
    pub sign: String,
}

/// The IV of a nonce (sinopac.md 3.2): the last 16 characters of the upper-case hex SHA-256 of its
/// text, used as text.
pub fn iv(nonce: &str) -> [u8; 16] {
    let digest = Sha256::digest(nonce.as_bytes());
    let mut text = [0_u8; 64];
    HEXUPPER.encode_mut(&digest, &mut text);
    text.last_chunk().copied().unwrap_or_default()
}

/// Seals an object, in the order of its members.
pub fn seal(hash_id: &HashId, nonce: &str, fields: &Map<String, Value>) -> Sealed {
    let text = Zeroizing::new(serde_json::to_string(fields).unwrap_or_default());
    Sealed { message: encipher(hash_id, &iv(nonce), &text), sign: sign(hash_id, nonce, fields) }
}

/// Opens and verifies the answer of the bank. `nonce` is the answer's own, not the request's.
///
/// # Errors
/// [`NotGenuine`], whatever is wrong.
pub fn open(
    hash_id: &HashId,
    nonce: &str,
    message: &str,
    claimed: &str,
) -> Result<Map<String, Value>, NotGenuine> {
    let text = decipher(hash_id, &iv(nonce), message)?;
    let Some(Value::Object(fields)) = strict_json::parse(text.as_bytes()) else {
        return Err(NotGenuine);
    };
    let claimed = claimed.to_ascii_uppercase();
    let is_right = |fields: &Map<String, Value>| {
        bool::from(sign(hash_id, nonce, fields).as_bytes().ct_eq(claimed.as_bytes()))
    };
    if is_right(&fields) || with_amount_zero(&fields).is_some_and(|zeroed| is_right(&zeroed)) {
        Ok(fields)
    } else {
        Err(NotGenuine)
    }
}

/// The bank's own toolkit signs its typed answer, in which a number that is not sent counts as 0
/// (sinopac.md 14). So a refusal without `Amount` may be signed with `Amount=0`; what accepts a
/// write never is.
fn with_amount_zero(fields: &Map<String, Value>) -> Option<Map<String, Value>> {
    let refused = fields.get("Status").and_then(Value::as_str) == Some("F");
    let amount = fields.get("Amount").and_then(scalar);
    let absent = amount.is_none_or(|amount| amount.chars().all(char::is_whitespace));
    (refused && absent).then(|| {
        let mut zeroed = fields.clone();
        zeroed.insert("Amount".to_owned(), 0.into());
        zeroed
    })
}

/// The sign of an object (sinopac.md 3.4).
pub fn sign(hash_id: &HashId, nonce: &str, fields: &Map<String, Value>) -> String {
    sign_text(hash_id, nonce, &sign_query(fields))
}

/// The sign of a finished [`sign_query`].
pub fn sign_text(hash_id: &HashId, nonce: &str, query: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(query.as_bytes());
    hash.update(nonce.as_bytes());
    hash.update(hash_id.0.as_slice());
    HEXUPPER.encode(&hash.finalize())
}

/// The first part of what is signed: top-level scalars that are not blank, by name without letter
/// case, `k=v&k=v`.
pub fn sign_query(fields: &Map<String, Value>) -> String {
    let mut pairs: Vec<(&str, Cow<'_, str>)> = fields
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), scalar(value)?)))
        .filter(|(_, value)| !value.chars().all(char::is_whitespace))
        .collect();
    pairs.sort_by_cached_key(|(name, _)| name.to_ascii_uppercase());
    let mut query = String::new();
    for (name, value) in pairs {
        let mark = if query.is_empty() { "" } else { "&" };
        query.extend([mark, name, "=", &value]);
    }
    query
}

/// Enciphers a text (sinopac.md 3.3): AES-256-CBC, the 32 and 16 characters themselves as key and
/// IV, upper-case hex.
pub fn encipher(hash_id: &HashId, iv: &[u8; 16], text: &str) -> String {
    let cipher = cbc::Encryptor::<Aes256>::new((&*hash_id.0).into(), iv.into());
    HEXUPPER.encode(&cipher.encrypt_padded_vec::<Pkcs7>(text.as_bytes()))
}

/// Deciphers a text.
///
/// # Errors
/// [`NotGenuine`], whatever is wrong.
pub fn decipher(hash_id: &HashId, iv: &[u8; 16], message: &str) -> Result<Zeroizing<String>, NotGenuine> {
    let bytes = HEXUPPER_PERMISSIVE.decode(message.as_bytes()).map_err(|_| NotGenuine)?;
    let cipher = cbc::Decryptor::<Aes256>::new((&*hash_id.0).into(), iv.into());
    let plain = cipher.decrypt_padded_vec::<Pkcs7>(&bytes).map_err(|_| NotGenuine)?;
    String::from_utf8(plain).map(Zeroizing::new).map_err(|_| NotGenuine)
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        // no field of the API is one; this is how the bank's own toolkit prints it
        Value::Bool(yes) => Some(if *yes { "True" } else { "False" }.into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn eight_bytes(secret: &SecretString, field: KeyField) -> Result<Zeroizing<[u8; 8]>, BadKey> {
    let mut digits = Zeroizing::new([0_u8; 16]);
    let mut slots = digits.iter_mut();
    for byte in secret.expose_secret().bytes().filter(|b| *b != b'-' && !b.is_ascii_whitespace()) {
        *slots.next().ok_or(BadKey { field })? = byte;
    }
    let mut bytes = Zeroizing::new([0_u8; 8]);
    HEXUPPER_PERMISSIVE.decode_mut(digits.as_slice(), bytes.as_mut_slice()).map_err(|_| BadKey { field })?;
    Ok(bytes)
}
