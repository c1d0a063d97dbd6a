//! The transport over real sockets on 127.0.0.1: what is not sent, and what is lost.

use std::sync::Arc;

use counterfoil_banks::transport::{
    BODY_BYTES_MAX, Deadlines, Fault, HttpReply, HttpRequest, HttpTransport, SendError, Transport, http_date,
};
use counterfoil_domain::Moment;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use url::Url;

/// So short that a server which never answers is given up soon, so long that one which answers is
/// heard.
const SHORT: Deadlines = Deadlines { connect_timeout_ms: 5_000, total_timeout_ms: 300 };

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn post_with(deadlines: Deadlines, base: &str) -> Result<HttpReply, SendError> {
    let url = Url::parse(base).unwrap();
    let transport = HttpTransport::new(&url, deadlines).unwrap();
    transport.post(request(&url)).await
}

fn request(url: &Url) -> HttpRequest {
    HttpRequest {
        url: url.clone(),
        content_type: "application/json",
        headers: vec![("X-KeyID", SecretString::from("key"))],
        body: "{}".to_owned(),
    }
}

/// Reads one request to the end of its body of two bytes.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n{}") && stream.read(&mut byte).await.is_ok_and(|n| n > 0) {
        request.push(byte[0]);
    }
    String::from_utf8(request).unwrap()
}

/// Serves one connection after the other: reads a request, writes this, hangs up.
async fn serve(answer: impl Into<Vec<u8>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let (listener, port) = listener().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (answer, kept) = (answer.into(), Arc::clone(&seen));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read_request(&mut stream).await;
            kept.lock().await.push(request);
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (format!("http://127.0.0.1:{port}/api/Order"), seen)
}

#[tokio::test]
async fn an_answer_comes_with_its_status_and_date() {
    let (base, seen) =
        serve("HTTP/1.1 499 No\r\nDate: Sat, 21 Nov 2026 01:00:00 GMT\r\nContent-Length: 2\r\n\r\nhi").await;
    let reply = post_with(Deadlines::SHOP, &base).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (499, b"hi".as_slice()));
    assert_eq!(reply.date, Some(Moment::from_millis(1_795_222_800_000)));
    let seen = seen.lock().await;
    let head = seen[0].to_lowercase();
    assert!(head.starts_with("post /api/order http/1.1\r\n"), "{head}");
    for line in ["content-type: application/json\r\n", "x-keyid: key\r\n", "content-length: 2\r\n"] {
        assert!(head.contains(line), "{head}");
    }
    for line in ["accept-encoding", "cookie", "referer", "authorization", "proxy"] {
        assert!(!head.contains(line), "{head}");
    }
}

#[test]
fn dates_are_read_in_their_three_forms() {
    let nine = Some(Moment::from_millis(1_795_222_800_000));
    assert_eq!(http_date("Sat, 21 Nov 2026 01:00:00 GMT"), nine);
    assert_eq!(http_date("Saturday, 21-Nov-26 01:00:00 GMT"), nine);
    assert_eq!(http_date("Sat Nov 21 01:00:00 2026"), nine);
    for bad in ["", "now", "Sat, 21 Nov 2026 25:00:00 GMT", "2026-11-21T01:00:00Z"] {
        assert_eq!(http_date(bad), None, "{bad}");
    }
}

#[tokio::test]
async fn a_refused_port_means_not_sent() {
    let (listener, port) = listener().await;
    drop(listener);
    let sent = post_with(Deadlines::SHOP, &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(sent.unwrap_err(), SendError::NotSent(Fault::Connect));
}

#[tokio::test]
async fn no_secure_connection_means_not_sent() {
    // a plain answer to a TLS greeting, and a hang-up
    let (listener, port) = listener().await;
    tokio::spawn(async move {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        }
    });
    let sent = post_with(Deadlines::SHOP, &format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(sent.unwrap_err(), SendError::NotSent(Fault::Tls));
}

/// Does a handshake with a self-signed certificate. Returns whatever the other side then sends.
async fn greet_with_own_certificate(listener: TcpListener) -> Result<Vec<u8>, std::io::Error> {
    let (stream, _) = listener.accept().await?;
    let mut stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![include_bytes!("../data/self-signed-cert.der").to_vec().into()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(
                include_bytes!("../data/self-signed-key.der").to_vec(),
            )
            .into(),
        )
        .unwrap();
    let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
    let greeting = tokio::task::spawn_blocking(move || {
        let mut received = Vec::new();
        let mut tls = rustls::Stream::new(&mut connection, &mut stream);
        std::io::Read::read_to_end(&mut tls, &mut received).map(|_| received)
    });
    greeting.await.unwrap()
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent() {
    let (listener, port) = listener().await;
    let server = tokio::spawn(greet_with_own_certificate(listener));
    let sent = post_with(Deadlines::SHOP, &format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(sent.unwrap_err(), SendError::NotSent(Fault::Tls));
    assert!(
        !matches!(server.await.unwrap(), Ok(received) if !received.is_empty()),
        "not one byte of the request"
    );
}

#[tokio::test]
async fn a_request_that_may_have_arrived_is_lost() {
    // hangs up after the request, in the head, and in the body
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "hello\r\n\r\n",
    ] {
        let (base, seen) = serve(answer).await;
        let sent = post_with(Deadlines::SHOP, &base).await;
        assert_eq!(sent.unwrap_err(), SendError::Lost(Fault::Reset), "{answer:?}");
        assert_eq!(seen.lock().await.len(), 1, "it is not sent again");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_lost() {
    let (listener, port) = listener().await;
    let base = format!("http://127.0.0.1:{port}/");
    // accepted by the system, never by anybody
    assert_eq!(post_with(SHORT, &base).await.unwrap_err(), SendError::Lost(Fault::Timeout));
    // half an answer, then silence
    let held = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await;
            held.push(stream);
        }
    });
    assert_eq!(post_with(SHORT, &base).await.unwrap_err(), SendError::Lost(Fault::Timeout));
    held.abort();
}

#[tokio::test]
async fn a_kept_connection_that_died_does_not_send_twice() {
    let (listener, port) = listener().await;
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // the first request of a connection is answered, the second is read and then nothing
            kept.lock().await.push(read_request(&mut stream).await);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            kept.lock().await.push(read_request(&mut stream).await);
        }
    });
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let transport = HttpTransport::new(&url, Deadlines::SHOP).unwrap();
    assert_eq!(transport.post(request(&url)).await.unwrap().status, 200);
    assert_eq!(transport.post(request(&url)).await.unwrap_err(), SendError::Lost(Fault::Reset));
    assert_eq!(requests.lock().await.len(), 2, "one connection, two requests, no third");
}

#[tokio::test]
async fn redirects_are_answers() {
    let (other, seen) = serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for status in [301, 302, 307, 308] {
        let answer = format!("HTTP/1.1 {status} Moved\r\nLocation: {other}\r\nContent-Length: 0\r\n\r\n");
        let (base, _) = serve(answer).await;
        assert_eq!(post_with(Deadlines::SHOP, &base).await.unwrap().status, status);
    }
    assert!(seen.lock().await.is_empty(), "nobody follows");
}

#[tokio::test]
async fn a_body_without_end_is_not_taken_in() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 50 * 1024 * 1024),
    ] {
        let mut answer = head.into_bytes();
        answer.resize(answer.len() + BODY_BYTES_MAX + 1, b'x');
        let (base, _) = serve(answer).await;
        assert_eq!(post_with(Deadlines::SHOP, &base).await.unwrap_err(), SendError::Lost(Fault::TooLarge));
    }
    let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY_BYTES_MAX}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + BODY_BYTES_MAX, b'x');
    let (base, _) = serve(answer).await;
    assert_eq!(post_with(Deadlines::SHOP, &base).await.unwrap().body.len(), BODY_BYTES_MAX);
}

#[tokio::test]
async fn another_origin_is_not_spoken_to() {
    let (other, seen) = serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let transport = HttpTransport::new(&Url::parse("http://127.0.0.1:9/").unwrap(), Deadlines::SHOP).unwrap();
    let sent = transport.post(request(&Url::parse(&other).unwrap())).await;
    assert_eq!(sent.unwrap_err(), SendError::NotSent(Fault::Connect));
    assert!(seen.lock().await.is_empty());
}

#[tokio::test]
async fn plain_http_leads_nowhere_but_here() {
    let (base, seen) = serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    // the same place under a name, which another computer could have
    assert!(post_with(Deadlines::SHOP, &base.replace("127.0.0.1", "localhost")).await.is_err());
    assert!(seen.lock().await.is_empty());
}
