//! The seal of the CTBC dialect (ctbc.md 3.1): DES-EDE3-CBC with a fixed IV, MAC by the last
//! blocks, Big5.
//!
//! Promises the vectors. Strict: only upper-case hex and whole PKCS#5 padding are opened, only
//! valid Big5 is text, but for what a page shows.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use des::TdesEde3;
use encoding_rs::BIG5;

/// IV of every message unless the shop has another one.
pub(crate) const IV: &str = "hywebpg5";
/// Length of a MAC in hex digits.
pub(crate) const MAC_DIGITS: usize = 48;

/// A shop's MAC key. No `Debug`.
pub(crate) struct Key {
    key: [u8; 24],
    iv: [u8; 8],
}

impl Key {
    /// A key of exactly 24 visible ASCII characters and an IV of 8.
    pub(crate) fn new(key: &str, iv: &str) -> Option<Self> {
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible(key) || !visible(iv) {
            return None;
        }
        Some(Self { key: key.as_bytes().try_into().ok()?, iv: iv.as_bytes().try_into().ok()? })
    }

    /// Upper-case hex of the cipher text.
    pub(crate) fn encrypt(&self, plain: &[u8]) -> String {
        let cipher = cbc::Encryptor::<TdesEde3>::new(&self.key.into(), &self.iv.into());
        hex::encode_upper(cipher.encrypt_padded_vec::<Pkcs7>(plain))
    }

    /// The plain bytes, or `None` for lower-case or broken hex and for wrong padding.
    pub(crate) fn decrypt(&self, text: &str) -> Option<Vec<u8>> {
        if text.is_empty() || text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        let bytes = hex::decode(text).ok()?;
        let cipher = cbc::Decryptor::<TdesEde3>::new(&self.key.into(), &self.iv.into());
        cipher.decrypt_padded_vec::<Pkcs7>(&bytes).ok()
    }

    /// The last 48 hex digits of the cipher text.
    pub(crate) fn mac(&self, plain: &[u8]) -> String {
        let sealed = self.encrypt(plain);
        let from = sealed.len().saturating_sub(MAC_DIGITS);
        sealed.get(from..).unwrap_or_default().to_owned()
    }

    /// The MAC of members between bars.
    pub(crate) fn bar_mac(&self, members: &[&str]) -> String {
        self.mac(&big5(&format!("|{}|", members.join("|"))))
    }
}

/// Text to Big5.
pub(crate) fn big5(text: &str) -> Vec<u8> {
    BIG5.encode(text).0.into_owned()
}

/// Valid Big5 to text.
pub(crate) fn from_big5(bytes: &[u8]) -> Option<String> {
    BIG5.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// Bytes as a page shows them: what is no Big5 becomes a replacement character.
pub(crate) fn shown_big5(bytes: &[u8]) -> String {
    BIG5.decode_without_bom_handling(bytes).0.into_owned()
}
