//! CTBC's kinds. Whatever `expected` members a vector has are compared, each made from the vector's
//! input by the functions that the program speaks with. Of the wire only: instalments, bonus and
//! card numbers in them are never sent by anything of ours.

use counterfoil_banks::ctbc::seal::{
    MacFound, ShopKey, big5, decipher, encipher, from_big5, mac, mac_is, open_api,
};
use counterfoil_banks::ctbc::{seal, wire};
use secrecy::SecretString;
use serde_json::Value;

/// The kinds that [`check`] knows.
pub(crate) const KINDS: [&str; 4] = ["url_request", "url_reply", "newpos_request", "newpos_reply"];

/// Checks one vector: how many values were compared.
pub(crate) fn check(kind: &str, vector: &Value) -> Result<usize, String> {
    let input = vector.get("input").ok_or("no input")?;
    let key = key(input)?;
    let mut compared = Compared { expected: vector.get("expected").ok_or("nothing expected")?, count: 0 };
    match kind {
        "url_request" => url_request(input, &key, &mut compared)?,
        "url_reply" => url_reply(input, &key, &mut compared)?,
        "newpos_request" => newpos_request(input, &key, &mut compared)?,
        "newpos_reply" => newpos_reply(input, &key, &mut compared)?,
        _ => return Err("a kind that nobody knows".to_owned()),
    }
    Ok(compared.count)
}

struct Compared<'a> {
    expected: &'a Value,
    count: usize,
}

impl Compared<'_> {
    fn same(&mut self, name: &str, ours: &str) -> Result<(), String> {
        self.same_value(name, &Value::from(ours))
    }

    fn same_value(&mut self, name: &str, ours: &Value) -> Result<(), String> {
        match self.expected.get(name) {
            Some(expected) if expected != ours => Err(format!("{name}: ours {ours}, expected {expected}")),
            Some(_) => {
                self.count += 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn url_request(input: &Value, key: &ShopKey, compared: &mut Compared<'_>) -> Result<(), String> {
    let of = |name: &str| text(input, name).unwrap_or_default();
    let parts = ["MerchantID", "TerminalID", "lidm", "purchAmt", "txType", "Option"].map(of);
    let in_mac_text = wire::in_mac_text(parts);
    compared.same("in_mac_string", &in_mac_text)?;
    let in_mac = mac(key, in_mac_text.as_bytes());
    compared.same("InMac", &in_mac)?;
    // where a vector does not name the two, they follow from the option: as in the bank's PHP
    // library, or, for a product with periods, as in its .NET one (ctbc.md 3.2)
    let option = of("Option");
    let (product, periods) = match of("txType") {
        "2" => (option, ""),
        "4" if names_a_product(compared.expected) => option.split_at_checked(2).unwrap_or(("", option)),
        _ => ("", option),
    };
    let value = |name: &str| match name {
        "ProdCode" => text(input, name).unwrap_or(product),
        "NumberOfPay" => text(input, name).unwrap_or(periods),
        "InMac" => in_mac.as_str(),
        name => of(name),
    };
    let names = [
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
    let plain =
        wire::form_text(&names.map(|name| (name, value(name).to_owned()))).map_err(|e| e.to_string())?;
    compared.same("urlenc_plaintext", &plain)?;
    let bytes = big5(&plain).map_err(|lacks| format!("{lacks:?}"))?;
    compared.same("urlenc_plaintext_big5_hex", &hex::encode(&bytes))?;
    let sealed = encipher(key, &bytes);
    compared.same("URLEnc", &sealed)?;
    let back = decipher(key, &sealed).map_err(|e| e.to_string())?;
    if back.starts_with(&bytes) { Ok(()) } else { Err("URLEnc does not open".to_owned()) }
}

fn names_a_product(expected: &Value) -> bool {
    text(expected, "urlenc_plaintext").is_some_and(|plain| !plain.contains("&ProdCode=&"))
}

fn url_reply(input: &Value, key: &ShopKey, compared: &mut Compared<'_>) -> Result<(), String> {
    let sealed = text(input, "URLResEnc").ok_or("no URLResEnc")?;
    let bytes = decipher(key, sealed).map_err(|e| e.to_string())?;
    let plain = from_big5(&bytes).map_err(|e| e.to_string())?;
    compared.same("plaintext", &plain)?;
    let fields = wire::return_fields(&plain).ok_or("a name stands twice")?;
    let parsed = fields.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    compared.same_value("parsed_lowercase", &Value::Object(parsed))?;
    let claimed = fields.get("outmac").ok_or("no outmac")?;
    let signed = wire::options(&fields).into_iter().find_map(|option| {
        let text = wire::out_mac_text(&fields, &option);
        mac_is(key, text.as_bytes(), claimed).then_some(text)
    });
    let signed = signed.ok_or("no option gives the outmac")?;
    compared.same("out_mac_string", &signed)?;
    compared.same("outmac", &mac(key, signed.as_bytes()))
}

fn newpos_request(input: &Value, key: &ShopKey, compared: &mut Compared<'_>) -> Result<(), String> {
    let list = input.get("fields_in_order").and_then(Value::as_array).ok_or("no fields")?;
    let member = |pair: &Value| {
        let of = |at: usize| pair.get(at).and_then(Value::as_str).map(str::to_owned);
        Some((of(0)?, of(1)?))
    };
    let members: Vec<(String, String)> = list.iter().map(member).collect::<Option<_>>().ok_or("no pair")?;
    let members: Vec<(&str, String)> = members.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    let json = wire::json_text(&members).map_err(|e| e.to_string())?;
    compared.same("json", &json)?;
    let bytes = big5(&json).map_err(|lacks| format!("{lacks:?}"))?;
    compared.same("mac", &mac(key, &bytes))?;
    let api_enc = seal::api_enc(key, &bytes);
    compared.same("ApiEnc", &api_enc)?;
    let mer_id = text(input, "MERID").ok_or("no MERID")?;
    compared.same("form_body", &wire::body(mer_id, &api_enc))?;
    match open_api(key, &api_enc) {
        Ok((opened, MacFound::Right)) if opened == json => Ok(()),
        other => Err(format!("ApiEnc does not open: {other:?}")),
    }
}

fn newpos_reply(input: &Value, key: &ShopKey, compared: &mut Compared<'_>) -> Result<(), String> {
    let body = text(input, "body").ok_or("no body")?;
    let envelope = wire::envelope(body.as_bytes())?;
    let (json, found) = open_api(key, envelope.api_enc).map_err(|e| e.to_string())?;
    compared.same("json", &json)?;
    let fields: Value = serde_json::from_str(&json).map_err(|e| e.to_string())?;
    compared.same_value("parsed", &fields)?;
    match found {
        MacFound::Right => {
            let bytes = big5(&json).map_err(|lacks| format!("{lacks:?}"))?;
            compared.same("trailing_mac", &mac(key, &bytes))
        }
        MacFound::Absent => match text(compared.expected, "trailing_mac") {
            None | Some("") => Ok(()),
            Some(_) => Err("there is no MAC".to_owned()),
        },
        MacFound::Wrong => Err("the MAC is wrong".to_owned()),
    }
}

fn key(input: &Value) -> Result<ShopKey, String> {
    let key = text(input, "key").or_else(|| text(input, "MacKey")).ok_or("no key")?;
    let iv = text(input, "iv_ascii").map_or(Ok(seal::IV), |iv| iv.as_bytes().try_into());
    let iv = iv.map_err(|_| "iv_ascii is not 8 characters")?;
    let secret = SecretString::from(key);
    let made = if key.len() == 8 { ShopKey::legacy(&secret, iv) } else { ShopKey::new(&secret, iv) };
    made.map_err(|e| e.to_string())
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}
