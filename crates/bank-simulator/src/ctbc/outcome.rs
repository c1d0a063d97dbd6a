//! The outcome of a NewPos request, and the sealed answer to it (ctbc.md 5).

use crate::http::HttpAnswer;

use super::bank::Bank;
use super::codes::Code;
use super::message::Fields;
use super::seal::big5;
use super::world::World;

/// What a request came to.
pub(crate) struct Outcome {
    pub(crate) shop: Option<usize>,
    /// MERID of the answer.
    pub(crate) mer_id: String,
    pub(crate) service: &'static str,
    pub(crate) order: Option<String>,
    pub(crate) fields: Fields,
    pub(crate) code: Code,
    pub(crate) acted: bool,
}

impl Outcome {
    /// The JSON and its MAC.
    pub(crate) fn sealing(&self, bank: &Bank) -> (Vec<u8>, String) {
        let json = big5(&self.fields.write());
        let mac = self.mac(bank, &json);
        (json, mac)
    }

    pub(crate) fn mac(&self, bank: &Bank, json: &[u8]) -> String {
        self.shop.and_then(|at| bank.shops.get(at)).map(|shop| shop.key.mac(json)).unwrap_or_default()
    }

    /// `ApiEnc` of a JSON and a MAC.
    pub(crate) fn seal(&self, bank: &Bank, json: &[u8], mac: &str) -> String {
        let plain = [json, mac.as_bytes()].concat();
        self.shop.and_then(|at| bank.shops.get(at)).map(|shop| shop.key.encrypt(&plain)).unwrap_or_default()
    }
}

/// `ApiEnc` as it should be.
pub(crate) fn sealed(bank: &Bank, outcome: &Outcome) -> String {
    let (json, mac) = outcome.sealing(bank);
    outcome.seal(bank, &json, &mac)
}

/// The body of an answer. An unknown shop has no key, so its answer is in the clear.
pub(crate) fn body(world: &World<'_>, outcome: &Outcome, sealed: &str) -> Vec<u8> {
    let mer_id = &outcome.mer_id;
    let text = if outcome.shop.is_none() {
        outcome.fields.write()
    } else if world.switches.api_enc_first {
        format!("ApiEnc={sealed}&MERID={mer_id}")
    } else {
        format!("MERID={mer_id}&ApiEnc={sealed}")
    };
    big5(&text)
}

/// The answer around a body.
pub(crate) fn http(world: &World<'_>, body: Vec<u8>) -> HttpAnswer {
    let media =
        if world.switches.html_type { "text/html;charset=Big5" } else { "application/x-www-form-urlencoded" };
    let mut answer = HttpAnswer::text(200, "");
    answer.headers = vec![("Content-Type".to_owned(), media.to_owned())];
    answer.body = body;
    answer
}
