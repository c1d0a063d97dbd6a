//! SinoPac's kinds. Whatever `expected_…` members a vector has are compared, each from the first
//! value that gives it: the key from the four values, the IV from the nonce, sign and ciphertext
//! from the plaintext.

use counterfoil_banks::sinopac::seal::{HashId, decipher, encipher, iv, open, sign_query, sign_text};
use counterfoil_engine::ports::SinopacKeys;
use secrecy::SecretString;
use serde_json::Value;

/// Checks one vector: how many values were compared.
pub(crate) fn check(kind: &str, vector: &Value) -> Result<usize, String> {
    if !["hash_id", "iv", "envelope", "sign", "aes_only", "constructed"].contains(&kind) {
        return Err("a kind that nobody knows".to_owned());
    }
    let mut compared = 0;
    let mut same = |what: &str, ours: &str, expected: Option<&str>| match expected {
        Some(expected) if expected != ours => Err(format!("{what}: ours {ours}, expected {expected}")),
        Some(_) => {
            compared += 1;
            Ok(())
        }
        None => Ok(()),
    };
    let text = |name: &str| vector.get(name).and_then(Value::as_str);

    let hash_id = hash_id(vector)?;
    if let Some(hash_id) = &hash_id {
        let expected = text("expected_hash_id");
        let ours =
            if expected.is_none_or(|e| hash_id.is(e)) { expected.unwrap_or_default() } else { "another" };
        same("hash_id", ours, expected)?;
    }
    let nonce = text("nonce");
    let iv = match (nonce, text("iv_used")) {
        (Some(nonce), _) => Some(iv(nonce)),
        (None, Some(used)) => Some(used.as_bytes().try_into().map_err(|_| "iv_used is not 16 characters")?),
        (None, None) => None,
    };
    if let Some(iv) = &iv {
        same("iv", std::str::from_utf8(iv).map_err(|e| e.to_string())?, text("expected_iv"))?;
    }
    let (Some(hash_id), Some(iv)) = (hash_id, iv) else { return Ok(compared) };

    if let Some(plain) = text("plaintext_exact_utf8") {
        let cipher = text("expected_ciphertext_hex");
        same("ciphertext", &encipher(&hash_id, &iv, plain), cipher)?;
        if let Some(cipher) = cipher {
            let back = decipher(&hash_id, &iv, cipher).map_err(|e| e.to_string())?;
            same("plaintext", &back, Some(plain))?;
        }
    }
    let Some(expected) = text("expected_sign") else { return Ok(compared) };
    let nonce = nonce.ok_or("a sign without a nonce")?;
    let query = match text("plaintext_exact_utf8") {
        Some(plain) => sign_query(&serde_json::from_str(plain).map_err(|e| format!("plaintext: {e}"))?),
        None => text("sign_query_part").ok_or("a sign of nothing")?.to_owned(),
    };
    same("sign query", &query, text("sign_query_part"))?;
    same("sign", &sign_text(&hash_id, nonce, &query), Some(expected))?;
    if let Some(cipher) = text("expected_ciphertext_hex") {
        let opened = open(&hash_id, nonce, cipher, expected).map_err(|e| e.to_string())?;
        same("opened", &sign_query(&opened), Some(&query))?;
    }
    Ok(compared)
}

/// From the four values if present, else from the finished text.
fn hash_id(vector: &Value) -> Result<Option<HashId>, String> {
    let values = vector.get("hashes").unwrap_or(vector);
    let value = |name: &str| values.get(name).and_then(Value::as_str).map(SecretString::from);
    if let (Some(a1), Some(a2), Some(b1), Some(b2)) = (value("A1"), value("A2"), value("B1"), value("B2")) {
        let keys = SinopacKeys { key_id: SecretString::from("none"), a1, a2, b1, b2 };
        return HashId::derive(&keys).map(Some).map_err(|e| e.to_string());
    }
    let text = ["expected_hash_id", "hash_id"].iter().find_map(|name| vector.get(name)?.as_str());
    text.map(|t| {
        HashId::from_text(&SecretString::from(t)).ok_or("expected_hash_id has not the form".to_owned())
    })
    .transpose()
}
