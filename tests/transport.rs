//! The wire between our bank adapter and the simulator's core, in process: bytes in, bytes out, no
//! time of its own.

use std::sync::{Arc, Mutex};

use counterfoil_bank_simulator::{Effect, HttpAnswer, HttpRequest as SimRequest, Simulator};
use counterfoil_banks::transport::{
    BODY_BYTES_MAX, Fault, HttpReply, HttpRequest, SendError, Transport, http_date,
};
use counterfoil_engine::ports::BoxFuture;
use secrecy::ExposeSecret;

/// The simulator behind a lock, shared by the transport and the test.
pub type SharedBank = Arc<Mutex<Simulator>>;

/// A hand on every answer that comes over a line.
pub type Spoil = Box<dyn FnMut(&mut HttpReply) + Send>;

/// Calls the simulator's core.
#[derive(Clone)]
pub struct InProcess {
    bank: SharedBank,
    spoil: Arc<Mutex<Option<Spoil>>>,
    /// The line is cut: nothing leaves.
    cut: Arc<std::sync::atomic::AtomicBool>,
}

impl InProcess {
    /// A line to this bank.
    pub fn new(bank: SharedBank) -> Self {
        Self { bank, spoil: Arc::default(), cut: Arc::default() }
    }

    /// Cuts or mends the line.
    pub fn cut(&self, cut: bool) {
        self.cut.store(cut, std::sync::atomic::Ordering::SeqCst);
    }

    /// From now on every answer goes through this hand, or through none.
    pub fn spoil(&self, spoil: Option<Spoil>) {
        *self.spoil.lock().unwrap() = spoil;
    }

    fn exchange(&self, request: &HttpRequest) -> Result<HttpReply, SendError> {
        if self.cut.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(SendError::NotSent(Fault::Connect));
        }
        let mut headers = vec![("content-type".to_owned(), request.content_type.to_owned())];
        headers.extend(request.headers.iter().map(|(n, v)| ((*n).to_owned(), v.expose_secret().to_owned())));
        let sent = SimRequest {
            method: "POST".into(),
            path: request.url.path().to_owned(),
            headers,
            body: request.body.clone().into_bytes(),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
        };
        let answer = self.bank.lock().unwrap().handle(&sent);
        let mut reply = arrived(answer)?;
        if let Some(spoil) = &mut *self.spoil.lock().unwrap() {
            spoil(&mut reply);
        }
        Ok(reply)
    }
}

impl Transport for InProcess {
    fn post(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpReply, SendError>> {
        Box::pin(std::future::ready(self.exchange(&request)))
    }
}

/// What of an answer arrives within 30 s.
fn arrived(answer: HttpAnswer) -> Result<HttpReply, SendError> {
    match answer.effect {
        Effect::Drop | Effect::Cut { .. } => Err(SendError::Lost(Fault::Reset)),
        Effect::Delay(span) if span.as_secs() >= 30 => Err(SendError::Lost(Fault::Timeout)),
        Effect::Pad { bytes } if usize::try_from(bytes).unwrap() + answer.body.len() > BODY_BYTES_MAX => {
            Err(SendError::Lost(Fault::TooLarge))
        }
        Effect::Send | Effect::Delay(_) | Effect::Pad { .. } => {
            let date = answer.header("date").and_then(http_date);
            Ok(HttpReply { status: answer.status, date, body: answer.body })
        }
    }
}
