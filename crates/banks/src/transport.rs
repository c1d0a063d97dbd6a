//! How bytes reach a bank: one POST, one answer, or the knowledge whether anything left.
//!
//! Promise of every implementation: no retry, no redirect, a total deadline, a bounded body, and
//! [`SendError::NotSent`] only when not one byte of the request left. [`HttpTransport`] is the one
//! for real banks; tests bring their own.

mod net;

use std::fmt;

use counterfoil_domain::Moment;
use counterfoil_engine::ports::BoxFuture;
use secrecy::SecretString;
use url::Url;

pub use self::net::{Deadlines, HttpTransport, NoClient};

/// An answer's body beyond this is refused.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// One POST.
#[derive(Clone)]
pub struct HttpRequest {
    /// Where to.
    pub url: Url,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// Further headers, with secret values.
    pub headers: Vec<(&'static str, SecretString)>,
    /// The body.
    pub body: String,
}

impl fmt::Debug for HttpRequest {
    /// Without headers and body: they hold secrets, sealed or not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "POST {} ({} bytes)", self.url, self.body.len())
    }
}

/// One answer, read to its end.
#[derive(Clone)]
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// The Date header.
    pub date: Option<Moment>,
    /// The body, at most [`BODY_BYTES_MAX`].
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpReply {
    /// Without the body: it may hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {} ({} bytes)", self.status, self.body.len())
    }
}

/// What went wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The name could not be resolved.
    Dns,
    /// No connection.
    Connect,
    /// No secure connection: certificate, version, or the other side does not speak TLS.
    Tls,
    /// The deadline passed.
    Timeout,
    /// The connection ended before the answer did.
    Reset,
    /// The answer is longer than [`BODY_BYTES_MAX`].
    TooLarge,
}

impl Fault {
    /// The code in [`counterfoil_engine::ports::BankReply::code`].
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::TooLarge => "too-large",
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// Not one byte of the request left.
    NotSent(Fault),
    /// Some of it may have arrived.
    Lost(Fault),
}

impl SendError {
    /// What went wrong.
    pub const fn fault(self) -> Fault {
        match self {
            Self::NotSent(fault) | Self::Lost(fault) => fault,
        }
    }
}

/// A way to a bank.
pub trait Transport: Send + Sync {
    /// Sends one POST and reads its answer.
    fn post(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpReply, SendError>>;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn post(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpReply, SendError>> {
        (**self).post(request)
    }
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn post(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpReply, SendError>> {
        (**self).post(request)
    }
}

/// Reads the Date header of an answer (three forms, always GMT).
pub fn http_date(text: &str) -> Option<Moment> {
    let time = httpdate::parse_http_date(text).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Moment::from_millis)
}
