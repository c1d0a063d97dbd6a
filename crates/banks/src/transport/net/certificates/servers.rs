//! What the certificate tests talk to: roots and certificates made for the occasion, and servers
//! that keep what they see.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::SECRET;

const DAY: Duration = Duration::from_hours(24);

/// What a server shows, with its key.
pub(super) type Chain = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Whoever signs.
pub(super) struct Authority {
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = dated(CertificateParams::default());
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self::of(params)
    }

    fn of(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { der, issuer: Issuer::new(params, key) }
    }

    /// As the client takes it.
    pub(super) fn certificate(&self) -> reqwest::Certificate {
        reqwest::Certificate::from_der(&self.der).unwrap()
    }

    pub(super) fn issue(&self, leaf: &Leaf) -> Chain {
        let key = KeyPair::generate().unwrap();
        let der = leaf.0.signed_by(&key, &self.issuer).unwrap().der().clone();
        (vec![der], private(&key))
    }

    /// Signed by a good certificate of ours, which is no authority.
    pub(super) fn issue_through_a_leaf(&self, leaf: &Leaf) -> Chain {
        let between = Leaf::of("between.example.com").0;
        let key = KeyPair::generate().unwrap();
        let der = between.signed_by(&key, &self.issuer).unwrap().der().clone();
        let (mut chain, private) = Self { der: der.clone(), issuer: Issuer::new(between, key) }.issue(leaf);
        chain.push(der);
        (chain, private)
    }
}

/// The certificate of a server, not yet signed.
pub(super) struct Leaf(CertificateParams);

impl Leaf {
    /// Good for this name, for a month around today.
    pub(super) fn of(name: &str) -> Self {
        let mut params = dated(CertificateParams::new([name.to_owned()]).unwrap());
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Self(params)
    }

    pub(super) fn expired(mut self) -> Self {
        self.0.not_after = (today() - DAY).into();
        self
    }

    pub(super) fn of_tomorrow(mut self) -> Self {
        self.0.not_before = (today() + DAY).into();
        self
    }

    pub(super) fn signed_by_itself(self) -> Chain {
        let key = KeyPair::generate().unwrap();
        let der = self.0.self_signed(&key).unwrap().der().clone();
        (vec![der], private(&key))
    }
}

fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = (today() - 10 * DAY).into();
    params.not_after = (today() + 20 * DAY).into();
    params
}

#[expect(clippy::disallowed_methods, reason = "certificates are checked against the clock of the computer")]
fn today() -> SystemTime {
    SystemTime::now()
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// One connection after the other, each with all that was read from it.
type Seen = Arc<Mutex<Vec<Vec<u8>>>>;

/// A server on a port of its own, until it is dropped.
pub(super) struct Server {
    pub(super) port: u16,
    seen: Seen,
    serving: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Shakes hands with this certificate; the first connection gets the first answer, and so on.
    /// Kept is what came through.
    pub(super) async fn tls((chain, key): Chain, answers: Vec<String>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::serve(move |stream, turn| {
            let (acceptor, answer) =
                (acceptor.clone(), answers.get(turn).or(answers.last()).unwrap().clone());
            async move {
                // a client that does not believe the certificate ends the handshake: nothing can be
                // read after that
                let Ok(mut stream) = acceptor.accept(stream).await else { return Vec::new() };
                let request = read_request(&mut stream).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
                request
            }
        })
        .await
    }

    /// Answers the first bytes with these and hangs up when the other side does. Kept is
    /// everything.
    pub(super) async fn answering(answer: Vec<u8>) -> Self {
        Self::serve(move |mut stream, _| {
            let answer = answer.clone();
            async move {
                let mut seen = read_record(&mut stream).await;
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
                let _ = stream.read_to_end(&mut seen).await;
                seen
            }
        })
        .await
    }

    async fn serve<R: Future<Output = Vec<u8>> + Send>(
        connection: impl Fn(TcpStream, usize) -> R + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen::default();
        let kept = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            for turn in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let read = connection(stream, turn).await;
                kept.lock().unwrap().push(read);
            }
        });
        Self { port, seen, serving }
    }

    /// What was read from each connection, once so many have ended.
    async fn ended(&self, connections: usize) -> Vec<Vec<u8>> {
        while self.seen.lock().unwrap().len() < connections {
            tokio::task::yield_now().await;
        }
        self.seen.lock().unwrap().clone()
    }

    /// The requests that came through, as text.
    pub(super) async fn requests(&self) -> Vec<String> {
        self.ended(1).await.iter().map(|seen| String::from_utf8_lossy(seen).into_owned()).collect()
    }

    /// So many connections came, and on none of them more than a greeting and an alert.
    pub(super) async fn has_seen_nothing(&self, connections: usize, what: &str) {
        let seen = self.ended(connections).await;
        assert_eq!(seen.len(), connections, "{what}");
        for bytes in seen {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(SECRET) && !text.contains("POST"), "{what}");
            let kinds = record_kinds(&bytes);
            assert!(matches!(kinds.as_slice(), [] | [0x16] | [0x16, 0x15]), "{what}: {kinds:?}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// To the end of a body that ends with `}` or with the shop's number.
async fn read_request(stream: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
    let mut request = Vec::new();
    let mut byte = [0];
    let whole = |request: &[u8]| {
        let text = String::from_utf8_lossy(request);
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        body.ends_with('}') || body.ends_with("&MERID=2522")
    };
    while !whole(&request) && stream.read(&mut byte).await.is_ok_and(|n| n > 0) {
        request.push(byte[0]);
    }
    request
}

/// One record of TLS: its kind, version, length, and so many bytes.
async fn read_record(stream: &mut TcpStream) -> Vec<u8> {
    let mut record = vec![0; 5];
    if stream.read_exact(&mut record).await.is_err() {
        return Vec::new();
    }
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(5 + length, 0);
    let _ = stream.read_exact(&mut record[5..]).await;
    record
}

/// The kinds of the records: 0x16 handshake, 0x15 alert, 0x17 application data.
fn record_kinds(mut bytes: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let [kind, _, _, high, low, rest @ ..] = bytes {
        kinds.push(*kind);
        bytes = rest.get(usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
    }
    kinds
}

/// The hello of a server that speaks nothing newer than version 3.`minor` of the wire (0 SSL 3.0, 1
/// TLS 1.0, 2 TLS 1.1).
pub(super) fn old_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]); // its random number
    hello.push(0); // no session
    hello.extend([0xC0, 0x13]); // ECDHE-RSA with AES-128-CBC
    hello.push(0); // no compression
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![0x16, 3, minor, 0, length + 4, 2, 0, 0, length];
    record.append(&mut hello);
    record
}
