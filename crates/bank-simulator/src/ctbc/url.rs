//! The request of the URL interface (ctbc.md 3.2): the form, its seal, InMac, and every field with
//! its code.

use crate::http::{HttpRequest, form_member};

use super::bank::Bank;
use super::codes::Code;
use super::inquiry::is_lidm;
use super::seal::{from_big5, shown_big5};
use super::world::{Asked, World};

/// Every field that the paper or a newer library knows. Their order on the wire is free.
const KNOWN: &[&str] = &[
    "MerchantID",
    "TerminalID",
    "lidm",
    "purchAmt",
    "txType",
    "MerchantName",
    "AuthResURL",
    "OrderDetail",
    "OrderDesc",
    "ProdCode",
    "AutoCap",
    "customize",
    "NumberOfPay",
    "InMac",
    "Pid",
    "Birthday",
    "TermSeq",
    "CardholderName",
    "Email",
    "PhoneCc",
    "PhoneSub",
    "BillAddrLine1",
    "BillAddrCity",
    "BillAddrState",
    "BillAddrPostCode",
    "BillAddrCountry",
    "PromoCode",
];

/// Texts that the page only shows: no MAC covers them.
const SHOWN: [&str; 3] = ["MerchantName", "OrderDetail", "OrderDesc"];
/// What InMac of a normal sale may be over: the papers say 1, live shops were seen to send the
/// others.
const OPTIONS: [&str; 3] = ["1", "0", ""];

/// A refused form.
pub(crate) struct Turned {
    pub(crate) code: Code,
    pub(crate) shop: Option<usize>,
    /// What the shop asked for, once InMac and the return address are good: the browser then
    /// carries the refusal to it.
    pub(crate) asked: Option<Asked>,
}

/// Reads a posted form.
pub(crate) fn read(
    bank: &Bank,
    world: &World<'_>,
    request: &HttpRequest,
) -> Result<(usize, Asked), Box<Turned>> {
    let turned = |code: Code, shop: Option<usize>| Box::new(Turned { code, shop, asked: None });
    let form = request.header("content-type").unwrap_or_default();
    if !form.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(turned(Code("10", "80"), None));
    }
    let mer_id = form_member(&request.body, "merID").unwrap_or_default();
    if !(1..=8).contains(&mer_id.len()) || !mer_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(turned(Code("10", "18"), None));
    }
    let shop = bank.shop(&mer_id).ok_or_else(|| turned(Code("10", "101"), None))?;
    let here = |code: Code| turned(code, Some(shop));
    let sealed = form_member(&request.body, "URLEnc").unwrap_or_default();
    let known = bank.shops.get(shop).ok_or_else(|| here(Code("10", "101")))?;
    let odd_bytes = !world.switches.refuse_odd_bytes;
    let fields = known.key.decrypt(&sealed).and_then(|plain| Pairs::read(&plain, odd_bytes));
    let fields = fields.ok_or_else(|| here(Code("10", "80")))?;
    let is_right = |option: &String| {
        let members = [
            fields.text("MerchantID"),
            fields.text("TerminalID"),
            fields.text("lidm"),
            fields.text("purchAmt"),
            fields.text("txType"),
            option,
        ];
        fields.text("InMac") == known.key.bar_mac(&members)
    };
    let option = fields.options().into_iter().find(is_right).ok_or_else(|| here(Code("10", "96")))?;
    let return_url = fields.return_url().map_err(here)?;
    let asked = fields.asked(option, return_url);
    let refusal = fields
        .refused(bank, shop, &asked)
        .or_else(|| world.switches.one_lidm.then(|| used(bank, world, shop, &asked.lidm)).flatten());
    match refusal {
        // an order number or an amount of no form is not repeated to anybody
        Some(code @ Code("10", "19" | "20")) => Err(here(code)),
        Some(code) => Err(Box::new(Turned { code, shop: Some(shop), asked: Some(asked) })),
        None => Ok((shop, asked)),
    }
}

/// One lidm, one transaction: 10/E1 used up, also by a cancelled one; 10/E2 a page is open.
fn used(bank: &Bank, world: &World<'_>, shop: usize, lidm: &str) -> Option<Code> {
    let approved = |id| bank.ledger.get(id).is_some_and(|txn| txn.state != super::State::Failed);
    if bank.ledger.by_lidm(shop, lidm).into_iter().any(approved) {
        return Some(Code("10", "E1"));
    }
    let open = bank
        .forms
        .iter()
        .any(|form| form.shop == shop && form.asked.lidm == lidm && !form.done && world.now < form.ends);
    open.then_some(Code("10", "E2"))
}

/// A field inside `URLEnc`.
struct Pair {
    name: String,
    text: String,
    /// Length of the value as it came.
    bytes: usize,
}

/// The fields inside `URLEnc`.
struct Pairs(Vec<Pair>);

impl Pairs {
    /// `name=value` between `&`; `None` for an unknown or repeated name, and for bytes that are no
    /// Big5, unless the page only shows them. Neither mark is ever the second byte of a character.
    fn read(plain: &[u8], odd_bytes: bool) -> Option<Self> {
        let mut pairs: Vec<Pair> = Vec::new();
        for pair in plain.split(|byte| *byte == b'&') {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = (from_big5(pair.get(..at)?)?, pair.get(at + 1..)?);
            if !KNOWN.contains(&name.as_str()) || pairs.iter().any(|pair| pair.name == name) {
                return None;
            }
            let shown = odd_bytes && SHOWN.contains(&name.as_str());
            let text = if shown { shown_big5(value) } else { from_big5(value)? };
            pairs.push(Pair { name, text, bytes: value.len() });
        }
        Some(Self(pairs))
    }

    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|pair| pair.name == name).map_or("", |pair| pair.text.as_str())
    }

    fn bytes(&self, name: &str) -> usize {
        self.0.iter().find(|pair| pair.name == name).map_or(0, |pair| pair.bytes)
    }

    /// What `Option` of InMac may be; in a normal sale whichever of its three forms NumberOfPay
    /// has.
    fn options(&self) -> Vec<String> {
        match self.text("txType") {
            "0" => OPTIONS.map(str::to_owned).to_vec(),
            "1" => vec![self.text("NumberOfPay").to_owned()],
            "2" => vec![self.text("ProdCode").to_owned()],
            "4" => vec![format!("{}{}", self.text("ProdCode"), self.text("NumberOfPay"))],
            _ => vec!["1".to_owned()],
        }
    }

    fn return_url(&self) -> Result<Option<String>, Code> {
        let url = self.text("AuthResURL");
        if url.is_empty() {
            return Ok(None);
        }
        let address =
            url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
        let good = !address.is_empty() && !url.contains(['?', '%', '@', '$', '#', '"', '<', '>', ' ']);
        if good { Ok(Some(url.to_owned())) } else { Err(Code("10", "80")) }
    }

    fn asked(&self, option: String, return_url: Option<String>) -> Asked {
        let detail = self.text("OrderDetail");
        Asked {
            lidm: self.text("lidm").to_owned(),
            amount: self.text("purchAmt").parse().unwrap_or(0),
            periods: if self.text("txType") == "1" { option.parse().unwrap_or(0) } else { 0 },
            option,
            auto_cap: self.text("AutoCap") == "1",
            merchant_name: self.text("MerchantName").to_owned(),
            detail: if detail.is_empty() { self.text("OrderDesc") } else { detail }.to_owned(),
            return_url,
        }
    }

    /// The first field that is wrong.
    fn refused(&self, bank: &Bank, shop: usize, asked: &Asked) -> Option<Code> {
        let known = bank.shops.get(shop)?;
        let digits = |text: &str, least: usize, most: usize| {
            (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let wide = if asked.periods > 0 { 8 } else { 36 };
        let normal = self.text("txType") == "0";
        let number_of_pay = self.text("NumberOfPay");
        // one blank is none
        let customize = self.text("customize").trim();
        let detail_bytes = match self.bytes("OrderDetail") {
            0 => self.bytes("OrderDesc"),
            bytes => bytes,
        };
        let rows = [
            (!is_lidm(&asked.lidm), Code("10", "19")),
            (!digits(self.text("purchAmt"), 1, 7) || asked.amount == 0, Code("10", "20")),
            (!digits(self.text("MerchantID"), 13, 13), Code("10", "80")),
            (self.text("MerchantID") != known.merchant_id, Code("10", "102")),
            (!digits(self.text("TerminalID"), 8, 8), Code("10", "80")),
            (self.text("TerminalID") != known.terminal_id, Code("3", "32")),
            (!matches!(self.text("txType"), "0" | "1" | "2" | "4" | "6" | "9"), Code("10", "80")),
            (self.text("txType") != known.tx_type.to_string(), Code("10", "95")),
            (normal && !matches!(number_of_pay, "" | "0" | "1"), Code("10", "80")),
            (!normal && (!digits(number_of_pay, 1, 2) || asked.periods < 2), Code("3", "13")),
            (!self.text("ProdCode").is_empty(), Code("10", "80")),
            (!matches!(self.text("AutoCap"), "" | "0" | "1"), Code("10", "80")),
            (customize == "5", Code("10", "100")),
            (!matches!(customize, "" | "0" | "1" | "2" | "3" | "4"), Code("10", "80")),
            (detail_bytes > wide, Code("10", "80")),
        ];
        rows.into_iter().find(|row| row.0).map(|row| row.1)
    }
}
