//! Calls over a real socket on 127.0.0.1.

use counterfoil_banks::ctbc::{Action, Ctbc, CtbcSettings};
use counterfoil_banks::transport::{Deadlines, HttpTransport};
use counterfoil_domain::BankAnswer;
use counterfoil_engine::ports::BankReply;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::script::*;

/// So short that a server which falls silent is given up soon.
const SHORT: Deadlines = Deadlines { connect_timeout_ms: 5_000, total_timeout_ms: 300 };

async fn capture_at(port: u16, deadlines: Deadlines) -> BankReply {
    let base = format!("http://127.0.0.1:{port}");
    let transport = HttpTransport::new(&Url::parse(&base).unwrap(), deadlines).unwrap();
    let shop = CtbcSettings { base_url: Some(base), ..shop() };
    Ctbc::new(&shop, &keys_of(KEY), transport).unwrap().manage(Action::Capture, AMOUNT, &handles()).await
}

/// Reads a request to the end of its body, which ends with the shop's number.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"&MERID=2522") && stream.read(&mut byte).await.is_ok_and(|n| n > 0) {
        request.push(byte[0]);
    }
    String::from_utf8(request).unwrap()
}

#[tokio::test]
async fn an_answer_that_calls_itself_html_is_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let body = body(&accepted());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html;charset=Big5\r\nDate: Sat, 21 Nov 2026 01:00:00 GMT\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        request
    });
    let reply = capture_at(port, Deadlines::SHOP).await;
    assert_eq!((write(&reply).0, reply.bank_now), (BankAnswer::Accepted, Some(NOW)));
    let request = server.await.unwrap();
    let head = request.to_lowercase();
    assert!(head.starts_with("post /newpos/cap http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"), "{head}");
    assert!(request.contains("\r\n\r\nApiEnc="), "{request}");
}

#[tokio::test]
async fn an_answer_that_begins_and_falls_silent_is_unknown_when_the_time_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let held = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nMERID=2522&ApiEnc=").await;
        // the other side hangs up first
        let _ = stream.read(&mut [0]).await;
    });
    let reply = capture_at(port, SHORT).await;
    assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "timeout"));
    held.await.unwrap();
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let reply = capture_at(port, Deadlines::SHOP).await;
    assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, "connect"));
}
