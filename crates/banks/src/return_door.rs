//! The way back: a listener on 127.0.0.1 to which the customer's browser posts a token after the
//! bank's page.
//!
//! Promise: what comes in is a hint and never a proof. It says nothing, changes nothing, and yields
//! at most one [`ReturnHint`] per distinct well-formed token of an open path; whoever takes the
//! hint asks the bank. Everything is bounded: 4 connections, 5 s each, 4 KiB, 4 tokens a path, one
//! token a second. Every answer is the same page. Left out: which paths are open (the caller
//! registers a random one per payment), and asking the bank.
//!
//! The path of a card sale at CTBC also hands out that sale's form, when the caller gives it one:
//! [`Brought::FormWanted`].

mod pages;

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use counterfoil_engine::ports::CardForm;
use counterfoil_engine::shop::{CtbcSettings, Environment, SinopacSettings};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::opener::PayPages;

const BODY_BYTES_MAX: usize = 4 * 1024;
const CONNECTIONS_MAX: usize = 4;
const TOKENS_PER_PATH_MAX: usize = 4;
/// Tokens that may come at once before the pace of one a second holds.
const TOKENS_AT_ONCE_MAX: u32 = 4;
const HINTS_WAITING_MAX: usize = 16;
/// After an error of the listener itself (out of handles), so that it is not asked in a circle.
const ACCEPT_PAUSE_MS: u64 = 250;

/// What the door is opened with.
#[derive(Debug, Clone)]
pub struct DoorSettings {
    /// 0 = any free one.
    pub port: u16,
    /// Tokens of other shops are not taken. Empty: none is.
    pub shop_no: String,
    /// CTBC's name for the shop; results of others are not taken. Empty: none is.
    pub mer_id: String,
    /// Origins besides the banks' own that a browser may come from: the simulator's, for practice
    /// shops.
    pub practice_origins: Vec<String>,
    /// How long a connection may take. A shop uses [`DoorSettings::DEADLINE_MS`].
    pub deadline_ms: u64,
}

impl DoorSettings {
    /// From accepting a connection to the end of its answer.
    pub const DEADLINE_MS: u64 = 5_000;

    /// For a shop at either bank, or both. Practice shops let the simulator's pages in.
    pub fn of(sinopac: Option<&SinopacSettings>, ctbc: Option<&CtbcSettings>, port: u16) -> Self {
        let practice = |environment| matches!(environment, Environment::Demo | Environment::Custom);
        let first = sinopac.filter(|s| practice(s.environment)).map(PayPages::sinopac);
        let second = ctbc.filter(|c| practice(c.environment)).map(PayPages::ctbc);
        Self {
            port,
            shop_no: sinopac.map(|s| s.shop_no.clone()).unwrap_or_default(),
            mer_id: ctbc.map(|c| c.mer_id.clone()).unwrap_or_default(),
            practice_origins: first.iter().chain(&second).map(|pages| pages.origin().to_owned()).collect(),
            deadline_ms: Self::DEADLINE_MS,
        }
    }
}

/// A browser brought something, or wants a form.
#[derive(Debug)]
pub struct ReturnHint {
    /// The open path it was brought to.
    pub path: String,
    /// What.
    pub brought: Brought,
}

/// What was brought.
#[derive(Debug)]
pub enum Brought {
    /// SinoPac's. Ask the bank for the result behind it. Only charset and length are checked.
    Token(SecretString),
    /// CTBC's; it names this shop. Ask the bank. Only the coding is checked: whether it is signed,
    /// [`crate::ctbc::Ctbc::read_return`] checks.
    Result {
        /// The field `merID`.
        mer_id: String,
        /// The field `URLResEnc`.
        sealed: SecretString,
    },
    /// Nothing: a browser wants the form of this sale. Write down that it gets it, then answer;
    /// without an answer it gets the page that everybody gets.
    FormWanted(oneshot::Sender<CardForm>),
}

/// An open listener. Dropping it closes the port.
#[derive(Debug)]
pub struct ReturnDoor {
    port: u16,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    settings: DoorSettings,
    /// As a browser may name it.
    hosts: Vec<String>,
    hints: mpsc::Sender<ReturnHint>,
    gate: Mutex<Gate>,
}

/// Which tokens go through, and when.
#[derive(Debug)]
struct Gate {
    open: HashMap<String, Path>,
    allowance: u32,
    refilled_at: Instant,
}

/// An open path.
#[derive(Debug, Default)]
struct Path {
    /// Of a card sale at CTBC: it has a form, and takes results instead of tokens.
    is_card: bool,
    /// Digests of what it has handed on.
    seen: Vec<[u8; 32]>,
}

impl Gate {
    fn new(now: Instant) -> Self {
        Self { open: HashMap::new(), allowance: TOKENS_AT_ONCE_MAX, refilled_at: now }
    }

    /// May a token go through? One that comes too fast is not remembered: a reload of the page
    /// brings it again, and the payment is asked about anyway.
    fn admits(&mut self, path: &str, digest: &[u8; 32], now: Instant) -> bool {
        let seconds = now.saturating_duration_since(self.refilled_at).as_secs();
        if seconds > 0 {
            let refill = u32::try_from(seconds).unwrap_or(u32::MAX);
            self.allowance = self.allowance.saturating_add(refill).min(TOKENS_AT_ONCE_MAX);
            self.refilled_at = now;
        }
        let fresh = |path: &Path| path.seen.len() < TOKENS_PER_PATH_MAX && !path.seen.contains(digest);
        let new = self.open.get(path).is_some_and(fresh);
        new && self.allowance > 0
    }

    fn went_through(&mut self, path: &str, digest: [u8; 32]) {
        self.allowance = self.allowance.saturating_sub(1);
        if let Some(path) = self.open.get_mut(path) {
            path.seen.push(digest);
        }
    }
}

impl ReturnDoor {
    /// Binds 127.0.0.1 and begins to listen, on the runtime it is called in.
    ///
    /// # Errors
    /// The system's own: the port is taken, or below 1024 and not allowed.
    pub fn bind(settings: DoorSettings) -> io::Result<(Self, mpsc::Receiver<ReturnHint>)> {
        Self::over(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?, settings)
    }

    /// As [`ReturnDoor::bind`], over a listener that is bound already; the port of the settings is
    /// not looked at.
    ///
    /// # Errors
    /// The listener is bound to anything but 127.0.0.1, or the system's own.
    pub fn over(
        listener: std::net::TcpListener,
        settings: DoorSettings,
    ) -> io::Result<(Self, mpsc::Receiver<ReturnHint>)> {
        let address = listener.local_addr()?;
        if address.ip() != Ipv4Addr::LOCALHOST {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the return door is for this computer only",
            ));
        }
        let port = address.port();
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let (hints, receiver) = mpsc::channel(HINTS_WAITING_MAX);
        let shared = Arc::new(Shared {
            settings,
            hosts: hosts(port),
            hints,
            gate: Mutex::new(Gate::new(Instant::now())),
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Ok((Self { port, shared, listening }, receiver))
    }

    /// The bound port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a path, as the bank is given it.
    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// Takes tokens at this path from now on: 128 random bits of the caller, without a leading
    /// slash.
    pub fn open(&self, path: &str) {
        self.shared.gate().open.entry(path.to_owned()).or_default();
    }

    /// From now on this path hands out the form of a card sale at CTBC, and takes results.
    pub fn open_card(&self, path: &str) {
        self.shared.gate().open.entry(path.to_owned()).or_default().is_card = true;
    }

    /// Takes nothing more at this path.
    pub fn close(&self, path: &str) {
        self.shared.gate().open.remove(path);
    }
}

impl Drop for ReturnDoor {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // a place first: further connections wait in the system's queue, each place is free again
        // after the deadline
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let deadline = Duration::from_millis(shared.settings.deadline_ms);
            let service = service_fn(|request| answer(&shared, request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .keep_alive(false)
                .max_buf_size(16 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            // whatever ends it, no caller waits for the result
            let _ = tokio::time::timeout(deadline, connection).await;
            drop(place);
        });
    }
}

/// What a browser is shown.
enum Shown {
    /// The page that everybody gets.
    Thanks,
    /// This card page has no form to give any more.
    Used,
    /// The form of a card sale.
    Form(CardForm),
}

/// How a browser names this computer and port.
fn hosts(port: u16) -> Vec<String> {
    let bare = (port == 80).then(|| "127.0.0.1".to_owned());
    bare.into_iter().chain([format!("127.0.0.1:{port}")]).collect()
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, shown) = match shared.take(request).await {
        Ok(shown) => (StatusCode::OK, shown),
        Err(status) => (status, Shown::Thanks),
    };
    let (page, policy) = match shown {
        Shown::Thanks => pages::thanks(),
        Shown::Used => pages::used(),
        Shown::Form(form) => pages::form(&form),
    };
    let mut response = Response::new(Full::from(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    put(CONTENT_TYPE, "text/html; charset=utf-8");
    put(CACHE_CONTROL, "no-store");
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(REFERRER_POLICY, "no-referrer");
    if status == StatusCode::METHOD_NOT_ALLOWED {
        put(ALLOW, "GET, HEAD, POST");
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

impl Shared {
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what a request brings.
    async fn take(&self, request: Request<Incoming>) -> Result<Shown, StatusCode> {
        // exactly ours: a page that made its own name point to 127.0.0.1 sends that name
        let mut hosts = request.headers().get_all(HOST).iter();
        let named = hosts.next().map(HeaderValue::as_bytes);
        let is_ours = self.hosts.iter().any(|host| named == Some(host.as_bytes()));
        if !is_ours || hosts.next().is_some() {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(self.form(&request).await);
        }
        if request.method() != Method::POST {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        if !request.headers().get_all(ORIGIN).iter().all(|origin| self.knows(origin)) {
            return Err(StatusCode::FORBIDDEN);
        }
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let is_card = self.gate().open.get(&path).map(|path| path.is_card).ok_or(StatusCode::NOT_FOUND)?;
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().map(str::trim) != Some("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await;
        let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.to_bytes();
        let brought = if is_card {
            result_of(&body, &self.settings.mer_id)
        } else {
            token_of(&body, &self.settings.shop_no)
        };
        self.hand_on(&path, brought.ok_or(StatusCode::BAD_REQUEST)?, is_card);
        Ok(Shown::Thanks)
    }

    /// The form, if this browser shows a page, and the shop hands the form out.
    async fn form(&self, request: &Request<Incoming>) -> Shown {
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let is_card = self.gate().open.get(&path).is_some_and(|path| path.is_card);
        if !is_card || request.method() != Method::GET || !shows_a_page(request.headers()) {
            return Shown::Thanks;
        }
        let (answer, answered) = oneshot::channel();
        let wanted = ReturnHint { path, brought: Brought::FormWanted(answer) };
        if self.hints.try_send(wanted).is_err() {
            return Shown::Thanks;
        }
        answered.await.map_or(Shown::Used, Shown::Form)
    }

    /// May a browser come from there? `null` is what one sends after a redirect between hosts.
    fn knows(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let bank = origin.strip_prefix("https://").is_some_and(|host| {
            host.strip_suffix(".sinopac.com").is_some_and(|name| {
                !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
            })
        });
        origin == "null"
            || bank
            || OWN_OF_CTBC.contains(&origin)
            || self.settings.practice_origins.iter().any(|own| own == origin)
    }

    /// Hands on what was brought, once.
    fn hand_on(&self, path: &str, brought: String, is_card: bool) {
        let mut gate = self.gate();
        let digest: [u8; 32] = Sha256::digest(brought.as_bytes()).into();
        if gate.admits(path, &digest, Instant::now()) {
            let brought = SecretString::from(brought);
            let brought = if is_card {
                Brought::Result { mer_id: self.settings.mer_id.clone(), sealed: brought }
            } else {
                Brought::Token(brought)
            };
            let hint = ReturnHint { path: path.to_owned(), brought };
            if self.hints.try_send(hint).is_ok() {
                gate.went_through(path, digest);
            }
        }
    }
}

/// Whether a person will see the answer: a browser that looks ahead, or asks on behalf of a page,
/// says so.
fn shows_a_page(headers: &HeaderMap) -> bool {
    let ahead = ["sec-purpose", "purpose"].iter().any(|name| headers.contains_key(*name));
    let is = |name: &str, wanted: &str| headers.get_all(name).iter().all(|value| value == wanted);
    !ahead && is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
}

/// The token of a form with exactly one ShopNo, this one, and exactly one PayToken of 16 to 100
/// letters and digits.
pub fn token_of(form: &[u8], ours: &str) -> Option<String> {
    let (shop_no, token) = both(form, "ShopNo", "PayToken")?;
    let fits = (16..=100).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits && shop_no == ours).then_some(token)
}

/// The sealed result of a form with exactly one merID, this one, and exactly one URLResEnc of at
/// least 16 hex digits; blanks around either are no part of it.
pub fn result_of(form: &[u8], ours: &str) -> Option<String> {
    let (mer_id, sealed) = both(form, "merID", "URLResEnc")?;
    let sealed = sealed.trim();
    let fits = sealed.len() >= 16 && sealed.bytes().all(|b| b.is_ascii_hexdigit());
    (fits && !ours.is_empty() && mer_id.trim() == ours).then(|| sealed.to_owned())
}

/// Two fields of a form that hold exactly one value each.
fn both(form: &[u8], first: &str, second: &str) -> Option<(String, String)> {
    let only = |wanted: &str| {
        let mut values = url::form_urlencoded::parse(form).filter(|(name, _)| name == wanted);
        values.next().filter(|_| values.next().is_none()).map(|(_, value)| value.into_owned())
    };
    only(first).zip(only(second))
}

/// Where CTBC's card pages are (ctbc.md 2).
const OWN_OF_CTBC: [&str; 2] = ["https://epos.ctbcbank.com", "https://testepos.ctbcbank.com"];

#[cfg(test)]
mod tests {
    use super::*;

    /// A browser leaves the port of HTTP out.
    #[test]
    fn port_80_has_two_names() {
        assert_eq!(hosts(80), ["127.0.0.1", "127.0.0.1:80"]);
        assert_eq!(hosts(8080), ["127.0.0.1:8080"]);
    }

    #[test]
    fn the_gate_lets_a_token_through_once_four_a_path_and_one_a_second() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        for path in ["a", "b", "c"] {
            gate.open.insert(path.to_owned(), Path::default());
        }
        let mut pass = |path: &str, token: u8, second: u64| {
            let admitted = gate.admits(path, &[token; 32], start + Duration::from_secs(second));
            if admitted {
                gate.went_through(path, [token; 32]);
            }
            admitted
        };
        assert!(pass("a", 1, 0) && !pass("a", 1, 0), "a replay is nothing new");
        assert!(pass("b", 1, 0), "the same token at another path is");
        assert!(!pass("closed", 1, 0));
        assert!(pass("a", 2, 0) && pass("a", 3, 0));
        assert!(!pass("b", 2, 0), "four at once");
        assert!(pass("a", 4, 1) && !pass("b", 2, 1), "then one a second");
        assert!(!pass("a", 5, 100), "four a path, for good");
        assert!(!pass("a", 1, 1_000_000), "and a replay for good");
        assert!((10..14).all(|token| pass("c", token, 2_000_000)));
        assert!(!pass("b", 9, 2_000_000), "a long rest allows four, not more");
    }
}
