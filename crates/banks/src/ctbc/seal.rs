//! Seals requests and opens answers (ctbc.md 3.1 and 5.1): DES-EDE3-CBC, PKCS#5, Big5, and a MAC
//! made of the same.
//!
//! **Why a cipher this old is here.** The bank's wire has no other. It has no key derivation, one
//! IV for every message of every shop, and its MAC is the end of a ciphertext under the same key:
//! the blocks of a MAC may turn up inside a message, and an answer of the API that was changed
//! before its last three blocks still has the right MAC, because enciphering again what was
//! deciphered gives the changed ciphertext back. It is a format, and no proof. What protects money
//! is beside it: TLS to the bank's own host for every call of ours; nothing that came through a
//! browser is believed before an inquiry over that TLS says the same (ctbc.md 3.3); and number,
//! amount and shop are compared with ours wherever an answer carries them.
//!
//! Promise: whatever is wrong with an answer, the caller sees the one value [`NotGenuine`]; MACs
//! are compared in constant time; no character is ever replaced by another on the way to Big5,
//! because a replacement (`&#…;`) would be read as further fields. A shop has a key of 24
//! characters; the legacy one of 8 is here for test vectors only. Left out: which fields a message
//! has (`wire`).

use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use des::{Des, TdesEde3};
use encoding_rs::BIG5;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The IV of every published message.
pub const IV: [u8; 8] = *b"hywebpg5";
/// What fills the last block under a legacy key, and only an unaligned one.
const LEGACY_FILL: u8 = b'0';

/// The answer cannot be verified. One value for bad hex, length, padding, characters, members and
/// MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be verified")]
pub struct NotGenuine;

/// The key is not 24 visible ASCII characters. Never shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mac_key is not 24 characters")]
pub struct BadKey;

/// A character that Big5 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmappable(pub char);

/// The key of a shop (壓碼字串) with the IV it is used with. Wiped when dropped; no `Debug`, no
/// `Clone`.
pub struct ShopKey {
    cipher: Cipher,
    iv: [u8; 8],
}

enum Cipher {
    Triple(Zeroizing<[u8; 24]>),
    Single(Zeroizing<[u8; 8]>),
}

impl ShopKey {
    /// The 24 characters themselves are the key.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn new(mac_key: &SecretString, iv: [u8; 8]) -> Result<Self, BadKey> {
        Ok(Self { cipher: Cipher::Triple(bytes_of(mac_key)?), iv })
    }

    /// A legacy key of 8 characters, for test vectors. No shop is set up with one.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn legacy(mac_key: &SecretString, iv: [u8; 8]) -> Result<Self, BadKey> {
        Ok(Self { cipher: Cipher::Single(bytes_of(mac_key)?), iv })
    }

    /// Hex characters of a MAC.
    const fn mac_chars(&self) -> usize {
        match self.cipher {
            Cipher::Triple(_) => 48,
            Cipher::Single(_) => 16,
        }
    }
}

fn bytes_of<const N: usize>(secret: &SecretString) -> Result<Zeroizing<[u8; N]>, BadKey> {
    let text = secret.expose_secret().trim().as_bytes();
    let bytes: [u8; N] = text.try_into().map_err(|_| BadKey)?;
    let bytes = Zeroizing::new(bytes);
    if bytes.iter().all(u8::is_ascii_graphic) { Ok(bytes) } else { Err(BadKey) }
}

/// Text as the bank's bytes. Accepts ASCII and the two planes of Big5 with the seven characters
/// that every vendor added (恒, 裏, 粧 …), but no kana and no Hong Kong additions: a bank in Taiwan
/// reads those code points differently.
///
/// # Errors
/// [`Unmappable`], the first one.
pub fn big5(text: &str) -> Result<Vec<u8>, Unmappable> {
    let lacks = |c: &char| {
        let mut utf8 = [0; 4];
        // what would be replaced (`&#…;`) is longer than any character
        let plain = match *BIG5.encode(c.encode_utf8(&mut utf8)).0 {
            [_] => c.is_ascii(),
            [lead, trail] => matches!(
                u16::from_be_bytes([lead, trail]),
                0xA140..=0xA3BF | 0xA440..=0xC67E | 0xC940..=0xF9FE
            ),
            _ => false,
        };
        !plain
    };
    match text.chars().find(lacks) {
        Some(character) => Err(Unmappable(character)),
        None => Ok(BIG5.encode(text).0.into_owned()),
    }
}

/// The bank's bytes as text.
///
/// # Errors
/// [`NotGenuine`] for bytes that are no Big5.
pub fn from_big5(bytes: &[u8]) -> Result<String, NotGenuine> {
    let text = BIG5.decode_without_bom_handling_and_without_replacement(bytes);
    text.map(std::borrow::Cow::into_owned).ok_or(NotGenuine)
}

/// Upper-case hex of the ciphertext. An aligned text gains a whole block.
pub fn encipher(key: &ShopKey, bytes: &[u8]) -> String {
    HEXUPPER.encode(&match &key.cipher {
        Cipher::Triple(triple) => {
            let cipher = cbc::Encryptor::<TdesEde3>::new((&**triple).into(), (&key.iv).into());
            cipher.encrypt_padded_vec::<Pkcs7>(bytes)
        }
        Cipher::Single(single) => {
            let mut filled = Zeroizing::new(bytes.to_vec());
            filled.resize(bytes.len().next_multiple_of(key.iv.len()), LEGACY_FILL);
            let cipher = cbc::Encryptor::<Des>::new((&**single).into(), (&key.iv).into());
            cipher.encrypt_padded_vec::<NoPadding>(&filled)
        }
    })
}

/// Deciphers upper- or lower-case hex.
///
/// # Errors
/// [`NotGenuine`], whatever is wrong.
pub fn decipher(key: &ShopKey, hex: &str) -> Result<Zeroizing<Vec<u8>>, NotGenuine> {
    let bytes = HEXUPPER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| NotGenuine)?;
    let plain = match &key.cipher {
        Cipher::Triple(triple) => {
            let cipher = cbc::Decryptor::<TdesEde3>::new((&**triple).into(), (&key.iv).into());
            cipher.decrypt_padded_vec::<Pkcs7>(&bytes)
        }
        Cipher::Single(single) => {
            let cipher = cbc::Decryptor::<Des>::new((&**single).into(), (&key.iv).into());
            cipher.decrypt_padded_vec::<NoPadding>(&bytes)
        }
    };
    plain.map(Zeroizing::new).map_err(|_| NotGenuine)
}

/// InMac, OutMac and the MAC of the API: the end of the ciphertext.
pub fn mac(key: &ShopKey, bytes: &[u8]) -> String {
    let hex = encipher(key, bytes);
    hex.get(hex.len().saturating_sub(key.mac_chars())..).unwrap_or_default().to_owned()
}

/// Is this the MAC? Either letter case, compared in constant time.
pub fn mac_is(key: &ShopKey, bytes: &[u8], claimed: &str) -> bool {
    bool::from(mac(key, bytes).as_bytes().ct_eq(claimed.to_ascii_uppercase().as_bytes()))
}

/// The ApiEnc of a message: its bytes with their MAC behind them, enciphered.
pub fn api_enc(key: &ShopKey, message: &[u8]) -> String {
    let mut bytes = Zeroizing::new(message.to_vec());
    bytes.extend_from_slice(mac(key, message).as_bytes());
    encipher(key, &bytes)
}

/// What was found behind the message of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacFound {
    /// Nothing.
    Absent,
    /// The right MAC.
    Right,
    /// Anything else.
    Wrong,
}

/// The message of an answer's ApiEnc: everything through the last `}`, and what the MAC behind it
/// is worth.
///
/// # Errors
/// [`NotGenuine`], whatever is wrong.
pub fn open_api(key: &ShopKey, hex: &str) -> Result<(String, MacFound), NotGenuine> {
    let bytes = decipher(key, hex)?;
    // a MAC is hex, so the last such byte ends the message, whatever halves of characters it holds
    let end = bytes.iter().rposition(|b| *b == b'}').ok_or(NotGenuine)?.saturating_add(1);
    let (message, rest) = bytes.split_at_checked(end).ok_or(NotGenuine)?;
    let claimed = std::str::from_utf8(rest.trim_ascii()).unwrap_or("?");
    let found = match claimed {
        "" => MacFound::Absent,
        _ if mac_is(key, message, claimed) => MacFound::Right,
        _ => MacFound::Wrong,
    };
    Ok((from_big5(message)?, found))
}
