//! The seal of the SinoPac dialect (sinopac.md 3): key, IV, cipher and sign, written without any of
//! the program's own code.
//!
//! Promises the published vectors. Strict where the paper leaves a choice open: only upper-case hex
//! is opened.

use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// `HashID` from the four 16-digit values; hyphens and outer blanks are taken off. `None` when a
/// value is not 16 hex digits.
pub(crate) fn hash_id(a1: &str, a2: &str, b1: &str, b2: &str) -> Option<String> {
    let half = |one: &str, two: &str| Some(format!("{:016X}", eight_bytes(one)? ^ eight_bytes(two)?));
    Some(format!("{}{}", half(a1, a2)?, half(b1, b2)?))
}

/// The last 16 characters of the upper-case SHA-256 of the nonce text.
pub(crate) fn iv(nonce: &str) -> String {
    let digest = hex::encode_upper(Sha256::digest(nonce.as_bytes()));
    digest.get(48..).unwrap_or_default().to_owned()
}

/// AES-256-CBC with PKCS#7, upper-case hex. `None` only for a key that is not 32 bytes long.
pub(crate) fn encrypt(plain: &[u8], nonce: &str, hash_id: &str) -> Option<String> {
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(hash_id.as_bytes(), iv(nonce).as_bytes()).ok()?;
    Some(hex::encode_upper(cipher.encrypt_padded_vec::<Pkcs7>(plain)))
}

/// The plain bytes, or `None` for lower-case or broken hex and for wrong padding.
pub(crate) fn decrypt(message: &str, nonce: &str, hash_id: &str) -> Option<Vec<u8>> {
    if message.is_empty() || message.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let bytes = hex::decode(message).ok()?;
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(hash_id.as_bytes(), iv(nonce).as_bytes()).ok()?;
    cipher.decrypt_padded_vec::<Pkcs7>(&bytes).ok()
}

/// `q` of the sign: top-level scalars that are not blank, sorted by name ignoring letter case.
pub(crate) fn query_text(fields: &Map<String, Value>) -> String {
    let mut pairs: Vec<(String, String)> = fields
        .iter()
        .filter_map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(true) => "True".to_owned(),
                Value::Bool(false) => "False".to_owned(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            (!text.trim().is_empty()).then(|| (name.to_uppercase(), format!("{name}={text}")))
        })
        .collect();
    pairs.sort();
    pairs.into_iter().map(|pair| pair.1).collect::<Vec<_>>().join("&")
}

/// The sign over `q`, nonce and key.
pub(crate) fn sign(query: &[u8], nonce: &str, hash_id: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(query);
    digest.update(nonce.as_bytes());
    digest.update(hash_id.as_bytes());
    hex::encode_upper(digest.finalize())
}

fn eight_bytes(text: &str) -> Option<u64> {
    let digits: String = text.trim().chars().filter(|letter| *letter != '-').collect();
    let exact = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if exact { u64::from_str_radix(&digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E-1: the request of the bank's own specification.
    const NONCE: &str = "NjM2NjA0MzI4ODIyODguMzo3NzI0ZDg4ZmI5Nzc2YzQ1MTNhYzg2MTk3NDBlYTRhNGU0N2IxM2Q2M2JkMTIwOGU5YzZhMGFmNGY5MjA5YzVm";
    const KEY: &str = "17D8E6558DC60E702A6B57E1B9B7060D";
    const PLAIN: &str = r#"{"ShopNo":"BA0026_001","OrderNo":"A201804270001","Amount":50000,"CurrencyID":"TWD","PayType":"A","ATMParam":{"ExpireDate":"20180502"},"CardParam":{},"PrdtName":"虛擬帳號訂單","ReturnURL":"http://10.11.22.113:8803/QPay.ApiClient/Store/Return","BackendURL":"http://10.11.22.113:8803/QPay.ApiClient/AutoPush/PushSuccess"}"#;
    const SIGN: &str = "A3EAEE3B361B7E7E9B0F6422B954ECA5D54CEC6EAB0880CB484AA6FDA4154331";

    fn fields(text: &str) -> Map<String, Value> {
        crate::json::object(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_published_keys_come_out() {
        let rows = [
            // H-1, H-2, H-3, and C-1 with leading zeros
            ["4D9709D699CA40EE", "5A4FEF83140C4E9E", "BC74301945134CB4", "961F67F8FCA44AB9", KEY],
            [
                "65960834240E44B7",
                "2831076A098E49E7",
                "CB1AFFBF915A492B",
                "7F242C0AA612454F",
                "4DA70F5E2D800D50B43ED3B537480C64",
            ],
            [
                "86D50DEF3EB7400E",
                "01FD27C09E5549E5",
                "9E004965F4244953",
                "7FB3385F414E4F91",
                "87282A2FA0E209EBE1B3713AB56A06C2",
            ],
            [
                "1234567890ABCDEF",
                "1034567890ABCD00",
                "0011223344556677",
                "0011223344550000",
                "02000000000000EF0000000000006677",
            ],
        ];
        for [a1, a2, b1, b2, expected] in rows {
            assert_eq!(hash_id(a1, a2, b1, b2).unwrap(), expected);
        }
        assert_eq!(hash_id(" 4D9709D6-99CA40EE ", rows[0][1], rows[0][2], rows[0][3]).unwrap(), KEY);
        assert_eq!(hash_id("4D97", rows[0][1], rows[0][2], rows[0][3]), None);
    }

    #[test]
    fn the_published_envelope_opens_and_seals_the_same() {
        assert_eq!(iv(NONCE), "CB6FA68E42B655AB");
        let message = encrypt(PLAIN.as_bytes(), NONCE, KEY).unwrap();
        assert!(message.starts_with("2C236A4E91DB2F7670E79BBC") && message.ends_with("FEF24BFE0470488"));
        assert_eq!(message.len(), 672);
        assert_eq!(decrypt(&message, NONCE, KEY).unwrap(), PLAIN.as_bytes());
        assert_eq!(decrypt(&message.to_lowercase(), NONCE, KEY), None);
        assert_eq!(decrypt("", NONCE, KEY), None);
        assert_eq!(decrypt(&message, NONCE, "87282A2FA0E209EBE1B3713AB56A06C2"), None);
    }

    #[test]
    fn the_published_signs_come_out() {
        assert_eq!(sign(query_text(&fields(PLAIN)).as_bytes(), NONCE, KEY), SIGN);
        // C-3: an amount as text signs the same
        let as_text = PLAIN.replace("\"Amount\":50000", "\"Amount\":\"50000\"");
        assert_eq!(sign(query_text(&fields(&as_text)).as_bytes(), NONCE, KEY), SIGN);
        // C-2: blanks, null and nodes are left out, zero stays, letter case does not sort
        let odd = fields(
            r#"{"ShopNo":"BA0026_001","OrderNo":"A201804270001","Memo":"","Param1":"  ","Param2":null,"Amount":0,"ATMParam":{"ExpireDate":"20180502"},"List":[1,2],"apple":"x","Zebra":"y","banana":"z"}"#,
        );
        assert_eq!(
            query_text(&odd),
            "Amount=0&apple=x&banana=z&OrderNo=A201804270001&ShopNo=BA0026_001&Zebra=y"
        );
        assert_eq!(
            sign(query_text(&odd).as_bytes(), NONCE, KEY),
            "EEE02D25F1D3C75223F4695D07BAB2307752E4F7B283DC50E0F83C491DB0DD99"
        );
        // E-4: an answer of the live service
        let answer = fields(
            r#"{"OrderNo":"TEST20210922174825","ShopNo":"NA0249_001","TSNo":"NA024900000210","Amount":50000,"Status":"S","Description":"S0000 – 處理成功","PayType":"A","ATMParam":{"AtmPayNo":"99922530174617"}}"#,
        );
        let nonce = "NjM3Njc5NTg1MTE2NjUuNDozZGE0ODA2YmEyZGJmYjMyMDg4ODg3YjNkMmNiNmE2YjU5OWNhZjNhZmEzYWVlZGYwM2U5M2Y3Y2UyOWYyY2Yy";
        assert_eq!(
            sign(query_text(&answer).as_bytes(), nonce, "87282A2FA0E209EBE1B3713AB56A06C2"),
            "C8929F1A92550ED05E471B2C938EE19A0817F289197D9027696134BEDFD3961A"
        );
    }
}
