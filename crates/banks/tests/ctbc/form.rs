//! The form of a sale: what it holds, and that nothing else can get in.

use counterfoil_banks::ctbc::seal::{IV, ShopKey, big5, decipher, encipher, mac};
use counterfoil_banks::ctbc::units::{amount_from_form, amount_from_wire, amount_to_form, amount_to_wire};
use counterfoil_banks::ctbc::wire::{DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX};
use counterfoil_banks::ctbc::{BadInput, Sale};
use counterfoil_domain::{BankOrderNo, Twd};
use proptest::prelude::*;
use secrecy::SecretString;

use super::script::*;

/// The names that a form has, in order.
const NAMES: [&str; 13] = [
    "MerchantID",
    "TerminalID",
    "lidm",
    "purchAmt",
    "txType",
    "MerchantName",
    "AuthResURL",
    "OrderDetail",
    "ProdCode",
    "AutoCap",
    "customize",
    "NumberOfPay",
    "InMac",
];

/// As the bank reads it: bytes, cut at each `&`, then at the first `=`.
fn read_back(url_enc: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let bytes = decipher(&shop_key(), url_enc).unwrap();
    let pair = |part: &[u8]| {
        let at = part.iter().position(|b| *b == b'=').unwrap();
        (part[..at].to_vec(), part[at + 1..].to_vec())
    };
    bytes.split(|b| *b == b'&').map(pair).collect()
}

fn wanted(sale: &Sale) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (lidm, amount) = (sale.bank_order_no.as_str(), sale.amount.dollars().to_string());
    let in_mac = mac(&shop_key(), format!("|8220000000001|90000001|{lidm}|{amount}|0|1|").as_bytes());
    let values = [
        "8220000000001",
        "90000001",
        lidm,
        &amount,
        "0",
        sale.merchant_name.trim(),
        &sale.return_url,
        sale.description.trim(),
        "",
        "1",
        "1",
        "1",
        &in_mac,
    ];
    let pair = |(name, value): (&str, &str)| (name.into(), big5(value).unwrap());
    NAMES.into_iter().zip(values).map(pair).collect()
}

#[test]
fn the_form_is_the_one_of_the_published_vector() {
    let form = Script::default().bank().form(&sale()).unwrap();
    assert_eq!(form.url_enc, vector("url-req-01")["expected"]["URLEnc"]);
    assert_eq!(form.mer_id, MER_ID, "the short number, not the 13 digits");
    assert_eq!(form.action.as_str(), "http://127.0.0.1:4455/mauth/SSLAuthUI.jsp");
    assert_eq!(read_back(&form.url_enc), wanted(&sale()));
}

#[test]
fn chinese_goes_out_as_big5_whatever_bytes_its_characters_have() {
    // second bytes 5C and 7C: a backslash and a bar, were they read one by one
    let sale =
        Sale { merchant_name: "功許蓋".to_owned(), description: "珍珠奶茶 育".to_owned(), ..sale() };
    let form = Script::default().bank().form(&sale).unwrap();
    let fields = read_back(&form.url_enc);
    assert_eq!(fields, wanted(&sale));
    assert_eq!(fields[5].1[..4], [0xA5, 0x5C, 0xB3, 0x5C]);
}

#[test]
fn a_second_field_in_a_description_never_arrives() {
    let bank = Script::default().bank();
    for (text, character) in [
        ("x&AutoCap=0", '&'),
        ("x=1", '='),
        ("x|1", '|'),
        ("x\0", '\0'),
        ("a\nb", '\n'),
        ("a\u{7f}b", '\u{7f}'),
        ("a\u{85}b", '\u{85}'),
    ] {
        let description = Sale { description: text.to_owned(), ..sale() };
        let field = "OrderDetail".to_owned();
        assert_eq!(bank.form(&description), Err(BadInput::Forbidden { field, character }), "{text:?}");
        let name = Sale { merchant_name: text.to_owned(), ..sale() };
        let field = "MerchantName".to_owned();
        assert_eq!(bank.form(&name), Err(BadInput::Forbidden { field, character }), "{text:?}");
    }
}

#[test]
fn a_character_that_big5_lacks_is_named_and_never_replaced() {
    let bank = Script::default().bank();
    for character in ['😀', 'é', '汉', 'の', '€', '\u{e000}'] {
        let description = Sale { description: format!("茶{character}"), ..sale() };
        let field = "OrderDetail".to_owned();
        assert_eq!(bank.form(&description), Err(BadInput::Unmappable { field, character }));
        let name = Sale { merchant_name: format!("茶{character}"), ..sale() };
        assert_eq!(bank.form(&name).unwrap_err().field(), "MerchantName");
    }
    for text in ["恒裏粧", "，。「」—", "ＡＢＣ１２３", "Ⅳㄅα"] {
        assert!(big5(text).is_ok(), "{text}");
    }
}

#[test]
fn lengths_numbers_and_amounts_at_their_edges() {
    let bank = Script::default().bank();
    let described = |n| Sale { description: "茶".repeat(n), ..sale() };
    assert!(bank.form(&described(0)).is_ok() && bank.form(&described(DESCRIPTION_CHARS_MAX)).is_ok());
    let limit = DESCRIPTION_CHARS_MAX;
    let field = "OrderDetail".to_owned();
    assert_eq!(bank.form(&described(limit + 1)), Err(BadInput::TooLong { field, limit }));
    let named = Sale { merchant_name: "茶".repeat(NAME_CHARS_MAX + 1), ..sale() };
    assert_eq!(bank.form(&named).unwrap_err().field(), "MerchantName");
    for (number, good) in [
        ("A", true),
        ("ABCDEFGHIJ_abc12345", true),
        ("ABCDEFGHIJ_abc123456", false),
        ("", false),
        ("A-B", false),
        ("訂單", false),
    ] {
        let sale = Sale { bank_order_no: BankOrderNo::from_text(number), ..sale() };
        assert_eq!(
            bank.form(&sale).err(),
            (!good).then(|| BadInput::Form { field: "lidm".to_owned() }),
            "{number}"
        );
    }
    for (dollars, good) in [(1, true), (9_999_999, true), (0, false), (-1, false), (10_000_000, false)] {
        let sale = Sale { amount: Twd::new(dollars), ..sale() };
        let bad = (!good).then(|| BadInput::Form { field: "purchAmt".to_owned() });
        assert_eq!(bank.form(&sale).err(), bad, "{dollars}");
    }
}

#[test]
fn amounts_of_both_interfaces() {
    for dollars in [1, 100, 9_999_999] {
        let amount = Twd::new(dollars);
        assert_eq!(amount_to_form(amount).and_then(|text| amount_from_form(&text)), Some(amount));
        assert_eq!(amount_to_wire(amount), Some(format!("901 {dollars} 0")));
        assert_eq!(amount_to_wire(amount).and_then(|text| amount_from_wire(&text)), Some(amount));
    }
    assert_eq!(amount_from_wire("901 0 0"), Some(Twd::ZERO));
    assert_eq!(amount_from_wire(" 901  100 0 "), Some(Twd::new(100)), "blanks between and around");
    for bad in [
        "",
        "100",
        "901 100",
        "901 100 0 0",
        "840 100 0",
        "901 100 -2",
        "901 100 2",
        "901 -1 0",
        "901 +1 0",
        "901 1.0 0",
        "901 10000000 0",
        "901 １ 0",
        "901  0",
    ] {
        assert_eq!(amount_from_wire(bad), None, "{bad:?}");
    }
    for bad in ["", "-1", "1.0", "12345678", "1,000", " 1", "１"] {
        assert_eq!(amount_from_form(bad), None, "{bad:?}");
    }
    for dollars in [i64::MIN, -1, 0, 10_000_000, i64::MAX] {
        assert_eq!((amount_to_form(Twd::new(dollars)), amount_to_wire(Twd::new(dollars))), (None, None));
    }
}

#[test]
fn a_legacy_key_of_eight_characters_seals_as_its_own_component_does() {
    let key = ShopKey::legacy(&SecretString::from("12345678"), IV).unwrap();
    // computed with the openssl command line: DES-CBC, filled with ASCII 0, and only where it is
    // not aligned
    let text = "|8220000000001|90000001|ORD20240101_0001|1680|0|1|";
    assert_eq!(mac(&key, text.as_bytes()), "0B74FE14515F8245");
    assert_eq!(encipher(&key, b"12345678"), "BC87F21CAA182A2B");
    assert_eq!(decipher(&key, "bc87f21caa182a2b").unwrap().as_slice(), b"12345678");
    assert!(ShopKey::legacy(&SecretString::from(KEY), IV).is_err());
}

/// Texts with everything that could end a field early, and Chinese.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("&".to_owned()),
        Just("=".to_owned()),
        Just("|".to_owned()),
        Just("&AutoCap=0".to_owned()),
        Just("&InMac=00&lidm=X".to_owned()),
        Just("\r\n".to_owned()),
        Just("功".to_owned()),
        Just("許".to_owned()),
        Just("&#26;".to_owned()),
        "[a-zA-Z0-9 %+;_-]{1,4}",
        "\\PC",
        any::<char>().prop_map(String::from),
        "[一-鿿]",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_bank_reads_back_exactly_the_fields_we_meant(description in text(), merchant_name in text()) {
        let sale = Sale { description, merchant_name, ..sale() };
        match Script::default().bank().form(&sale) {
            Ok(form) => prop_assert_eq!(read_back(&form.url_enc), wanted(&sale)),
            Err(bad) => prop_assert!(["OrderDetail", "MerchantName"].contains(&bad.field())),
        }
    }

    #[test]
    fn what_can_be_written_in_big5_is_written_as_it_is(text in text()) {
        if let Ok(bytes) = big5(&text) {
            // the encoding has a few characters twice; the one that is read back is the same to the
            // eye and to the bank
            let again = counterfoil_banks::ctbc::seal::from_big5(&bytes).unwrap();
            prop_assert_eq!(big5(&again).unwrap(), bytes);
            prop_assert_eq!(again.chars().count(), text.chars().count());
        }
    }
}
