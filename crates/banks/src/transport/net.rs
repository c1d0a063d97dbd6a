//! The way to a real bank, over reqwest and rustls.
//!
//! Promise: one origin, fixed when it is built; https with the system's roots, TLS 1.2 or later, or
//! plain http to 127.0.0.1; no proxy, no redirect, no retry; 5 s to connect, 30 s in all.
//!
//! How it knows that nothing left. The client hands out an error marked as "connect" only from the
//! step that resolves, connects and shakes hands, before the request is given to a connection; so
//! that mark is [`SendError::NotSent`], and everything else is [`SendError::Lost`]. A kept
//! connection that the bank has closed meanwhile is the trap: the request may or may not have been
//! written. hyper gives the request back when it was surely not, and only then the client takes a
//! fresh connection by itself; otherwise it is `Lost`. To make that rare, a connection is kept for
//! 2 s only: long enough that the order goes out on the connection of its nonce, too short for the
//! bank to have hung up.

#[cfg(test)]
mod certificates;

use std::error::Error;
use std::time::Duration;

use counterfoil_engine::ports::BoxFuture;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, redirect, retry, tls};
use secrecy::ExposeSecret;
use url::Url;

use super::{BODY_BYTES_MAX, Fault, HttpReply, HttpRequest, SendError, Transport, http_date};

/// How long to wait, in milliseconds. Settings for tests; a shop uses [`Deadlines::SHOP`].
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Resolve, connect, shake hands.
    pub connect_timeout_ms: u64,
    /// Everything, from the first step to the last byte of the answer.
    pub total_timeout_ms: u64,
}

impl Deadlines {
    /// No bank publishes a limit (sinopac.md 1.1).
    pub const SHOP: Self = Self { connect_timeout_ms: 5_000, total_timeout_ms: 30_000 };
}

/// The client could not be built: the system has no usable root certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no secure connections can be made on this system")]
pub struct NoClient;

/// A client for one origin.
#[derive(Debug)]
pub struct HttpTransport {
    client: Client,
    origin: url::Origin,
}

impl HttpTransport {
    /// For the origin of `base`, which must be https, or `http://127.0.0.1`.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(base: &Url, deadlines: Deadlines) -> Result<Self, NoClient> {
        Self::over(builder(base, deadlines), base)
    }

    fn over(builder: ClientBuilder, base: &Url) -> Result<Self, NoClient> {
        let client = builder.build().map_err(|_| NoClient)?;
        Ok(Self { client, origin: base.origin() })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpReply, SendError> {
        if request.url.origin() != self.origin {
            return Err(SendError::NotSent(Fault::Connect));
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(request.content_type));
        for (name, value) in &request.headers {
            let mut value = HeaderValue::from_str(value.expose_secret())
                .map_err(|_| SendError::NotSent(Fault::Connect))?;
            value.set_sensitive(true);
            headers.insert(*name, value);
        }
        let sent = self.client.post(request.url).headers(headers).body(request.body).send().await;
        let mut response = sent.map_err(|error| classify(&error))?;
        let status = response.status().as_u16();
        let date = response.headers().get(DATE).and_then(|v| v.to_str().ok()).and_then(http_date);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| SendError::Lost(fault_of(&error)))? {
            if body.len().saturating_add(chunk.len()) > BODY_BYTES_MAX {
                return Err(SendError::Lost(Fault::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpReply { status, date, body })
    }
}

impl Transport for HttpTransport {
    fn post(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpReply, SendError>> {
        Box::pin(self.send(request))
    }
}

fn builder(base: &Url, deadlines: Deadlines) -> ClientBuilder {
    let plain = base.scheme() == "http" && base.host_str() == Some("127.0.0.1");
    // the first one stays; another of the same make is no harm
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .https_only(!plain)
        .tls_version_min(tls::Version::TLS_1_2)
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(2))
        .connect_timeout(Duration::from_millis(deadlines.connect_timeout_ms))
        .timeout(Duration::from_millis(deadlines.total_timeout_ms));
    if plain {
        // no certificate is ever looked at, so none need be on the system
        builder = builder.tls_certs_only([]);
    }
    builder
}

fn classify(error: &reqwest::Error) -> SendError {
    if !error.is_connect() {
        return SendError::Lost(fault_of(error));
    }
    SendError::NotSent(if error.is_dns() {
        Fault::Dns
    } else if is_tls(error) {
        Fault::Tls
    } else if error.is_timeout() {
        Fault::Timeout
    } else {
        Fault::Connect
    })
}

fn fault_of(error: &reqwest::Error) -> Fault {
    if error.is_timeout() { Fault::Timeout } else { Fault::Reset }
}

/// Is a TLS error at the bottom? rustls hands its errors through inside I/O errors, which do not
/// name them as their source.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let inside = inside.map(|inner| -> &(dyn Error + 'static) { inner });
    error.is::<rustls::Error>() || inside.or_else(|| error.source()).is_some_and(is_tls)
}
