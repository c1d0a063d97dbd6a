//! What a browser brings: verified or not, and never more than what is signed.

use counterfoil_banks::ctbc::seal::{big5, encipher, mac};
use counterfoil_banks::ctbc::{Brought, CtbcSettings, Returned};
use counterfoil_domain::{BankOrderNo, Twd};
use proptest::prelude::*;

use super::script::*;

fn fields(sealed: &str) -> Vec<(String, String)> {
    vec![("URLResEnc".to_owned(), sealed.to_owned()), ("merID".to_owned(), MER_ID.to_owned())]
}

fn read(fields: &[(String, String)]) -> Returned {
    Script::default().bank().read_return(fields)
}

fn read_plain(plain: &str) -> Returned {
    read(&fields(&encipher(&shop_key(), &big5(plain).unwrap())))
}

fn out_mac(option: &str) -> String {
    mac(&shop_key(), format!("|0|00|123456|1680|ORD1||||{option}|3312|").as_bytes())
}

/// An approved sale, signed with this option, and with these fields behind.
fn plain(option: &str, more: &str) -> String {
    let outmac = out_mac(option);
    format!(
        "status=0&errcode=00&errDesc=核准&outmac={outmac}&merID={MER_ID}&authAmt=1680&lidm=ORD1&xid=X1&authCode=123456\
         &termSeq=77&Last4digitPAN=3312&CardNumber=412345******3312&AuthResURL=http://127.0.0.1:4460/r{more}"
    )
}

fn approved() -> Brought {
    Brought {
        bank_order_no: "ORD1".to_owned(),
        amount: Some(Twd::new(1680)),
        code: "0/00".to_owned(),
        success: true,
        ends: false,
    }
}

/// A † of the list, and a pair that says nothing about the card, leave the outcome open.
#[test]
fn which_pairs_end_a_page() {
    let ends = |status: &str, errcode: &str| {
        let code = format!("|{status}|{errcode}|123456|1680|ORD1||||1|3312|");
        let outmac = mac(&shop_key(), code.as_bytes());
        let plain = format!(
            "status={status}&errcode={errcode}&outmac={outmac}&merID={MER_ID}&authAmt=1680&lidm=ORD1&xid=X1\
             &authCode=123456&Last4digitPAN=3312"
        );
        let Returned::Verified(brought) = read_plain(&plain) else { panic!("{status}/{errcode}") };
        brought.ends
    };
    for (status, errcode) in
        [("10", "88"), ("10", "E0"), ("12", "40"), ("8", "05"), ("8", "5"), ("8", "51"), ("8", "54")]
    {
        assert!(ends(status, errcode), "{status}/{errcode}");
    }
    for (status, errcode) in [
        ("0", "00"),
        ("8", "68"),
        ("8", "00"),
        ("10", "7"),
        ("10", "E2"),
        ("10", "10"),
        ("10", "31"),
        ("4", "1"),
        ("3", "40"),
        ("88", "88"),
    ] {
        assert!(!ends(status, errcode), "{status}/{errcode}");
    }
}

#[test]
fn the_published_replies_are_read() {
    let bank = Script::default().bank_of(&CtbcSettings { mer_id: "10000".to_owned(), ..shop() });
    let brought = |id: &str| {
        let sealed = vector(id)["input"]["URLResEnc"].as_str().unwrap().to_owned();
        bank.read_return(&[("URLResEnc".to_owned(), sealed), ("merID".to_owned(), "10000".to_owned())])
    };
    let Returned::Verified(good) = brought("url-res-01") else { panic!("it is signed") };
    let (number, amount) = (BankOrderNo::from_text("ORD20240101_0001"), Twd::new(1680));
    assert!(good.approves(&number, amount));
    assert!(
        !good.approves(&number, Twd::new(1681)) && !good.approves(&BankOrderNo::from_text("ORD1"), amount)
    );
    let Returned::Verified(cancelled) = brought("url-res-03") else { panic!("it is signed") };
    assert_eq!((cancelled.code.as_str(), cancelled.success, cancelled.ends), ("10/88", false, true));
    assert!(!cancelled.approves(&number, amount));
    assert!(matches!(brought("url-res-04"), Returned::Verified(_)), "the option is the product there");
}

#[test]
fn the_option_in_the_outmac_may_be_any_of_those_the_papers_name() {
    for (option, more) in [
        ("1", "&numberOfPay=1"),
        ("6", "&NumberOfPay=6"),
        ("01", "&ProdCode=01"),
        ("016", "&numberOfPay=6&ProdCode=01"),
        ("1", ""),
        ("1", "&numberOfPay=0"),
        ("", "&numberOfPay=1"),
    ] {
        assert_eq!(read_plain(&plain(option, more)), Returned::Verified(approved()), "{option} {more}");
    }
    for (option, more) in [("3", ""), ("12", "&numberOfPay=1"), ("0", "&numberOfPay=1")] {
        assert_eq!(read_plain(&plain(option, more)), Returned::Unverified, "{option} {more}");
    }
}

#[test]
fn names_are_read_without_regard_to_case_and_hex_too() {
    let text = plain("1", "").replace("Last4digitPAN", "Last4DigitPAN").replace("status", "STATUS");
    assert_eq!(read_plain(&text), Returned::Verified(approved()));
    let sealed = encipher(&shop_key(), &big5(&plain("1", "")).unwrap());
    let lower = vec![
        ("merid".to_owned(), MER_ID.to_owned()),
        ("urlresenc".to_owned(), format!(" {} ", sealed.to_lowercase())),
        ("more".to_owned(), "whatever".to_owned()),
    ];
    assert_eq!(read(&lower), Returned::Verified(approved()));
}

#[test]
fn a_changed_fact_is_not_verified() {
    for (old, new) in [
        ("status=0", "status=8"),
        ("errcode=00", "errcode=05"),
        ("authAmt=1680", "authAmt=1"),
        ("lidm=ORD1", "lidm=ORD2"),
        ("authCode=123456", "authCode=123457"),
        ("Last4digitPAN=3312", "Last4digitPAN=3313"),
        ("outmac=", "outmac=00"),
        ("outmac=", "other="),
        // a name twice: what is signed and what is used could differ
        ("status=0", "status=0&Status=0"),
        ("status=0", "lidm=ORD1&status=0"),
        // another shop in the sealed part
        ("merID=2522", "merID=2523"),
    ] {
        let changed = plain("1", "").replace(old, new);
        assert_ne!(changed, plain("1", ""));
        assert_eq!(read_plain(&changed), Returned::Unverified, "{new}");
    }
    // signed, and still no approval
    let text = plain("1", "").replace("|0|00|", "").replace("errDesc=核准", "errDesc=a&b");
    assert_eq!(read_plain(&text), Returned::Verified(approved()), "a text that is cut changes nothing");
}

#[test]
fn what_is_not_a_return_is_one_value() {
    let good = encipher(&shop_key(), &big5(&plain("1", "")).unwrap());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let with_mer = |sealed: &str| fields(sealed);
    for fields in [
        vec![],
        vec![pair("URLResEnc", &good)],
        vec![pair("merID", MER_ID)],
        vec![pair("URLResEnc", &good), pair("merID", "2523")],
        vec![pair("URLResEnc", &good), pair("URLResEnc", &good), pair("merID", MER_ID)],
        vec![pair("URLResEnc", &good), pair("merID", MER_ID), pair("MERID", MER_ID)],
        with_mer(""),
        with_mer("zz"),
        with_mer("<html>"),
        with_mer(&good[..good.len() - 1]),
        with_mer(&good[..good.len() - 16]),
        with_mer(&good[16..]),
        with_mer(&good.repeat(2)),
        with_mer(&"00".repeat(4096)),
        with_mer(&"A".repeat(1_000_000)),
    ] {
        assert_eq!(read(&fields), Returned::Unverified);
    }
    let long = plain("1", &format!("&more={}", "x".repeat(4096)));
    assert_eq!(read_plain(&long), Returned::Unverified, "signed, and longer than any browser brings");
    let other =
        counterfoil_banks::ctbc::Ctbc::new(&shop(), &keys_of("abcdefghijklmnopqrstuvwx"), Script::default());
    assert_eq!(other.unwrap().read_return(&fields(&good)), Returned::Unverified, "another key");
}

proptest! {
    #[test]
    fn no_changed_byte_changes_what_is_believed(at in 0_usize..400, bit in 0_u8..8) {
        let mut bytes = hex::decode(encipher(&shop_key(), &big5(&plain("1", "")).unwrap())).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        // a change in what no OutMac covers may go through; what is handed out is covered
        let read = read(&fields(&hex::encode_upper(bytes)));
        prop_assert!(read == Returned::Unverified || read == Returned::Verified(approved()));
    }

    #[test]
    fn no_text_makes_it_panic(sealed in "[0-9A-Fa-f]{0,200}", plain in "\\PC{0,100}") {
        prop_assert_eq!(read(&fields(&sealed)), Returned::Unverified);
        if big5(&plain).is_ok() {
            prop_assert_eq!(read_plain(&plain), Returned::Unverified);
        }
    }
}
