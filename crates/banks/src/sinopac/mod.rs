//! Speaks to SinoPac 豐收款 (QPay.WebAPI).
//!
//! One call: a fresh nonce, one sealed request, one answer, opened and verified. `port` compares it
//! with the request and puts it into our words. Promise: never a second order request for one call,
//! no nonce used twice, never a redirect, never an error instead of an answer. Left out: when to
//! ask, what to do with an answer, and how often (`counterfoil-engine`).
//!
//! Two files that CTBC lacks: `clock` and `nonces`. Only this bank signs a date and hands out
//! nonces. One is missing, `values`: the engine's types are enough here.

mod clock;
pub mod codes;
pub mod meaning;
mod nonces;
mod port;
pub mod prove;
pub mod seal;
pub mod shop;
pub mod transcript;
pub mod units;
pub mod wire;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use counterfoil_domain::Moment;
use counterfoil_engine::ports::{BankReply, Fuse, Said, SinopacKeys};
use counterfoil_engine::shop::SinopacSettings;
use secrecy::SecretString;
use url::Url;

use self::nonces::Nonces;
use self::seal::HashId;
pub use self::shop::SetUpError;
use self::transcript::Transcript;
use self::wire::{Envelope, Fields, Plain, Received};
use crate::meaning::NEVER_LEFT;
use crate::opener::PayPages;
use crate::transport::{HttpReply, HttpRequest, SendError, Transport};

/// One shop at SinoPac.
pub struct Sinopac<T> {
    shop: SinopacSettings,
    base: Url,
    key_id: SecretString,
    hash_id: HashId,
    pages: PayPages,
    nonces: Nonces,
    /// Fetched for the bank's time or a sale that is typed, for that sale.
    spare: Mutex<Option<String>>,
    transport: T,
}

impl<T> fmt::Debug for Sinopac<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sinopac({}, {})", self.shop.shop_no, self.shop.environment.name())
    }
}

/// What came of the two HTTP requests.
enum Came {
    /// The `Order` request never left.
    NotSent(String),
    /// Verified, and of our shop.
    Genuine(Fields),
    /// Verified, and of another shop.
    OtherShop,
    /// An envelope that does not open with our key.
    Forged(Envelope),
    /// Anything else: our code for it, or the bank's in an unverified text.
    Unclear(String),
}

struct Exchange {
    came: Came,
    /// The Date header of the last answer of the two.
    heard: Option<Moment>,
    transcript: Transcript,
}

impl Exchange {
    /// The bank's clock, as far as it is proved: only a verified answer tells it.
    fn bank_now(&self) -> Option<Moment> {
        match &self.came {
            Came::Genuine(fields) => clock::agreed(self.heard, fields),
            Came::NotSent(_) | Came::OtherShop | Came::Forged(_) | Came::Unclear(_) => None,
        }
    }
}

impl<T: Transport> Sinopac<T> {
    /// Checks settings and keys. Nothing is sent.
    ///
    /// # Errors
    /// [`SetUpError`] names the first thing that is wrong.
    pub fn new(shop: &SinopacSettings, keys: &SinopacKeys, transport: T) -> Result<Self, SetUpError> {
        let (base, key_id, hash_id) = shop::check(shop, keys)?;
        Ok(Self {
            base,
            key_id,
            hash_id,
            pages: PayPages::sinopac(shop),
            nonces: Nonces::default(),
            spare: Mutex::default(),
            shop: shop.clone(),
            transport,
        })
    }

    async fn post(&self, resource: &str, body: String) -> Result<HttpReply, SendError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{resource}", self.base.path().trim_end_matches('/')));
        let headers = vec![("X-KeyID", self.key_id.clone())];
        self.transport.post(HttpRequest { url, content_type: "application/json", headers, body }).await
    }

    /// A nonce, or the code of what came instead, and the Date header of the answer.
    async fn nonce(&self, transcript: &mut Transcript) -> (Result<String, String>, Option<Moment>) {
        match self.post("Nonce", wire::nonce_body(&self.shop.shop_no)).await {
            Err(SendError::NotSent(fault)) => (Err(fault.code().to_owned()), None),
            // whatever became of the nonce, the request itself did not leave
            Err(SendError::Lost(_)) => (Err("nonce".to_owned()), None),
            Ok(reply) => {
                let nonce = nonce_from(&reply).inspect_err(|_| transcript.plain(reply.status, &reply.body));
                (nonce, reply.date)
            }
        }
    }

    /// A nonce that no call of ours has had. One that the bank hands out again is asked for once
    /// more.
    async fn fresh_nonce(&self, transcript: &mut Transcript) -> (Result<String, String>, Option<Moment>) {
        let (nonce, heard) = self.nonce(transcript).await;
        if nonce.as_ref().is_ok_and(|nonce| !self.nonces.take(nonce)) {
            transcript.note("a nonce that was used before");
            let (nonce, heard) = self.nonce(transcript).await;
            return (
                nonce.and_then(|n| if self.nonces.take(&n) { Ok(n) } else { Err("nonce".to_owned()) }),
                heard,
            );
        }
        (nonce, heard)
    }

    /// Nonce, then order.
    async fn exchange(&self, service: &str, fields: &Fields, is_create: bool, fuse: &Fuse) -> Exchange {
        let mut transcript = Transcript::default();
        let path = self.base.path().trim_end_matches('/').to_owned();
        let never_left = |heard, mut transcript: Transcript| {
            transcript.note(NEVER_LEFT);
            Exchange { came: Came::NotSent(NEVER_LEFT.to_owned()), heard, transcript }
        };
        // one that comes far too late takes no nonce either: it has no turn at the pace now
        if !fuse.is_whole() {
            return never_left(None, transcript);
        }
        // the next sale has it, or none: it lives a minute
        let spare = if is_create { self.spare().take().filter(|_| fuse.has_nonce()) } else { None };
        let (nonce, mut heard) = match spare {
            Some(nonce) => (Ok(nonce), None),
            None => self.fresh_nonce(&mut transcript).await,
        };
        let nonce = match nonce {
            Ok(nonce) => nonce,
            Err(code) => {
                transcript.note(&format!("no nonce from {path}/Nonce: {code}; {service} was not sent"));
                return Exchange { came: Came::NotSent(code), heard, transcript };
            }
        };
        let sealed = seal::seal(&self.hash_id, &nonce, fields);
        transcript.sent(&format!("{path}/Order"), service, fields);
        let body = wire::envelope(&self.shop.shop_no, service, &nonce, &sealed);
        if !fuse.is_whole() {
            return never_left(heard, transcript);
        }
        let came = match self.post("Order", body).await {
            Err(error) => {
                let code = error.fault().code();
                transcript.note(code);
                match error {
                    SendError::NotSent(_) => Came::NotSent(code.to_owned()),
                    SendError::Lost(_) => Came::Unclear(code.to_owned()),
                }
            }
            Ok(reply) => {
                heard = reply.date;
                self.read(&reply, &mut transcript)
            }
        };
        Exchange { came, heard, transcript }
    }

    fn spare(&self) -> MutexGuard<'_, Option<String>> {
        // no code panics while it holds the lock
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time it is there: the Date header of a nonce, which is kept for the sale that asked.
    async fn time(&self) -> BankReply {
        let mut transcript = Transcript::default();
        let (nonce, heard) = self.fresh_nonce(&mut transcript).await;
        let code = match nonce {
            Ok(nonce) => {
                *self.spare() = Some(nonce);
                "time".to_owned()
            }
            Err(code) => code,
        };
        transcript.note(&format!("{}/Nonce: {code}", self.base.path().trim_end_matches('/')));
        let transcript = transcript.finish(std::iter::once(&self.key_id));
        BankReply { said: Said::Silent, bank_now: None, heard, code, transcript }
    }

    fn read(&self, reply: &HttpReply, transcript: &mut Transcript) -> Came {
        let status = reply.status;
        if !is_success(status) {
            // the gateway answers here, unverified: money rules 3 know no such refusal
            transcript.plain(status, &reply.body);
            return Came::Unclear(format!("http-{status}"));
        }
        match wire::receive(&reply.body, &self.hash_id, &self.shop.shop_no) {
            Received::Genuine(fields) => {
                transcript.genuine(status, &fields);
                Came::Genuine(fields)
            }
            Received::Plain(Plain { code, .. }) => {
                transcript.plain(status, &reply.body);
                Came::Unclear(code)
            }
            Received::OtherShop => {
                transcript.note(&format!("{status} a verified answer of another shop"));
                Came::OtherShop
            }
            Received::Forged(envelope) => {
                transcript.note(&format!(
                    "{status} a sealed answer that cannot be verified, {} bytes",
                    reply.body.len()
                ));
                Came::Forged(envelope)
            }
        }
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// The nonce, or the code of what came instead.
fn nonce_from(reply: &HttpReply) -> Result<String, String> {
    if !is_success(reply.status) {
        return Err(format!("http-{}", reply.status));
    }
    wire::nonce_of(&reply.body)
        .map_err(|plain| wire::code_of(&plain.fields).unwrap_or_else(|| "nonce".to_owned()))
}
