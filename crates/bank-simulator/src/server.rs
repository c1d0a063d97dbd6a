//! HTTP around the core, on loopback: the only place of this library that knows sockets and real
//! time.
//!
//! One lock around the core, so that requests are answered one after another; delays and big bodies
//! happen outside it. Real time flows into the core as it goes by, times the speed. Notices go to
//! loopback addresses only.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::doors::{Doors, refusal};
use crate::http::{Effect, HttpAnswer, HttpRequest};
use crate::push::Push;
use crate::simulator::Simulator;

/// Longest request body, in bytes.
const BODY_MAX: usize = 1_000_000;
/// Longest answer to a notice that is read, in bytes.
const PUSH_ANSWER_MAX: usize = 64 * 1024;
/// How long a notice may take.
const PUSH_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the clock advances without requests.
const TICK: Duration = Duration::from_millis(100);
/// Size of one piece of a padded body, in bytes.
const PIECE: usize = 64 * 1024;

/// A running simulator. Dropping it stops the server.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
}

struct Shared {
    core: Mutex<Core>,
    speed: u32,
    address: SocketAddr,
    doors: Doors,
}

struct Core {
    simulator: Simulator,
    last: Instant,
}

/// Serves a simulator on an address, such as `127.0.0.1:0`; `speed` seconds of bank time go by in
/// one real second. Needs a tokio runtime with network and time.
///
/// # Errors
/// When the address is not loopback or cannot be bound.
pub async fn serve(
    address: SocketAddr,
    simulator: Simulator,
    speed: u32,
    doors: Doors,
) -> io::Result<Server> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the simulator listens on loopback only"));
    }
    let listener = TcpListener::bind(address).await?;
    let mut simulator = simulator;
    let address = listener.local_addr()?;
    simulator.set_base(&format!("http://{address}"));
    let core = Core { simulator, last: Instant::now() };
    let shared = Arc::new(Shared { core: Mutex::new(core), speed, address, doors });
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(accept(listener, Arc::clone(&shared), stopped.clone()));
    tokio::spawn(tick(Arc::clone(&shared), stopped));
    Ok(Server { address, shared, stop })
}

impl Server {
    /// The bound address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://…` without a path.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `base_url` of a SinoPac shop file.
    pub fn sinopac_base(&self) -> String {
        format!("{}{}", self.base(), crate::SINOPAC_PATH)
    }

    /// `base_url` of a CTBC shop file.
    pub fn ctbc_base(&self) -> String {
        self.base()
    }

    /// The line that a program prints: each address that is served.
    pub fn line(&self) -> serde_json::Value {
        let (sinopac, ctbc) = (self.sinopac_base(), self.ctbc_base());
        match self.shared.doors {
            Doors::WithControl => {
                let control = format!("{}/control", self.base());
                serde_json::json!({ "sinopac": sinopac, "ctbc": ctbc, "control": control })
            }
            Doors::BanksOnly => serde_json::json!({ "sinopac": sinopac, "ctbc": ctbc }),
        }
    }

    /// Does something with the core, at the present bank time.
    pub fn with<T>(&self, act: impl FnOnce(&mut Simulator) -> T) -> T {
        self.shared.with(act)
    }

    /// Stops listening and closes what is open.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut Simulator) -> T) -> T {
        // a panic in a test's closure must not hide the books from the next one
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let gone = now.saturating_duration_since(core.last).saturating_mul(self.speed);
        core.last = now;
        core.simulator.flow(gone);
        act(&mut core.simulator)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        // a connection that broke while it was accepted loses nothing
        let Ok((stream, peer)) = accepted else { continue };
        tokio::spawn(connection(stream, peer, Arc::clone(&shared), stopped.clone()));
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| respond(request, peer, Arc::clone(&shared)));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // an error is a closed connection: often our own doing
        _ended = connection => {}
        _ = stopped.changed() => {}
    }
}

/// Errors close the connection without an answer.
async fn respond(
    request: Request<Incoming>,
    peer: SocketAddr,
    shared: Arc<Shared>,
) -> io::Result<Response<AnswerBody>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_MAX).collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let request = HttpRequest {
        method: head.method.as_str().to_owned(),
        path: head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: headers.collect(),
        body,
        source_ip: peer.ip(),
    };
    if let Some(refused) = refusal(&request, shared.address, shared.doors) {
        return wire(refused);
    }
    let answer = shared.with(|simulator| simulator.handle(&request));
    if let Effect::Delay(span) = answer.effect {
        tokio::time::sleep(span).await;
    }
    wire(answer)
}

type AnswerBody = http_body_util::combinators::UnsyncBoxBody<Bytes, io::Error>;

fn wire(answer: HttpAnswer) -> io::Result<Response<AnswerBody>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let body = match answer.effect {
        Effect::Drop => return Err(io::Error::other("closed without an answer")),
        Effect::Send | Effect::Delay(_) => whole(answer.body),
        Effect::Cut { after, hold } => {
            response = response.header("Content-Length", answer.body.len());
            let head = answer.body.get(..after).unwrap_or_default().to_vec();
            let head = stream::iter([Ok(Frame::data(Bytes::from(head)))]);
            let broken = stream::once(async move {
                // lets the first piece leave before the connection breaks
                tokio::task::yield_now().await;
                if !hold.is_zero() {
                    tokio::time::sleep(hold).await;
                }
                Err(io::Error::other("cut"))
            });
            StreamBody::new(head.chain(broken)).boxed_unsync()
        }
        Effect::Pad { bytes } => {
            let size = u64::try_from(PIECE).unwrap_or(u64::MAX);
            let count = usize::try_from(bytes.div_ceil(size)).unwrap_or(usize::MAX);
            let blanks = Bytes::from(vec![b' '; PIECE]);
            let pieces = std::iter::once(Bytes::from(answer.body)).chain(std::iter::repeat_n(blanks, count));
            StreamBody::new(stream::iter(pieces.map(|piece| Ok(Frame::data(piece))))).boxed_unsync()
        }
    };
    response.body(body).map_err(io::Error::other)
}

fn whole(body: Vec<u8>) -> AnswerBody {
    Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// Lets time flow, and sends the notices that are due.
async fn tick(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.changed() => return,
        }
        while let Some(push) = shared.with(Simulator::take_push) {
            // an unanswered notice is sent again by the core's own schedule
            if let Ok(Some(body)) = tokio::time::timeout(PUSH_TIMEOUT, send(&push)).await {
                shared.with(|simulator| simulator.push_answered(push.notice, &body));
            }
        }
    }
}

/// The body of the answer, or `None` when there is none with status 200 from a loopback address.
async fn send(push: &Push) -> Option<Bytes> {
    let uri: Uri = push.url.parse().ok()?;
    let stream = TcpStream::connect(loopback(&uri)?).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let running = tokio::spawn(connection);
    let request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header("Host", uri.authority()?.as_str())
        .header("Content-Type", push.media)
        .header("Connection", "close")
        .body(Full::new(Bytes::from(push.body.clone())))
        .ok()?;
    let body = match sender.send_request(request).await {
        Ok(answer) if answer.status() == 200 => read_limited(answer.into_body()).await,
        Ok(_) | Err(_) => None,
    };
    running.abort();
    body
}

async fn read_limited(body: impl Body<Data = Bytes, Error = hyper::Error>) -> Option<Bytes> {
    Limited::new(body, PUSH_ANSWER_MAX).collect().await.ok().map(http_body_util::Collected::to_bytes)
}

/// Where a notice goes: plain HTTP to this computer, or nowhere.
fn loopback(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.authority()?.host().trim_matches(['[', ']']);
    let host = if host == "localhost" { "127.0.0.1" } else { host };
    let address = SocketAddr::new(host.parse().ok()?, uri.port_u16().unwrap_or(80));
    (uri.scheme_str() == Some("http") && address.ip().is_loopback()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_go_to_loopback_only() {
        for (url, expected) in [
            ("http://127.0.0.1/push", Some("127.0.0.1:80")),
            ("http://localhost:8080/push", Some("127.0.0.1:8080")),
            ("http://[::1]:81/", Some("[::1]:81")),
            ("http://192.0.2.1/", None),
            ("https://127.0.0.1/", None),
            ("http://shop.example/", None),
            ("http://127.0.0.1@192.0.2.1/", None),
            ("nothing", None),
        ] {
            let target = loopback(&url.parse().unwrap());
            assert_eq!(target, expected.map(|address| address.parse().unwrap()), "{url}");
        }
    }
}
