//! The server: real sockets on loopback, effects on the wire, notices, shutdown.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::server::{self, Server};

async fn serve() -> Server {
    let mut bank = bank();
    bank.freeze(true);
    server::serve("127.0.0.1:0".parse().unwrap(), bank, 1, Doors::WithControl).await.unwrap()
}

/// Everything that arrives until the connection closes.
async fn raw(address: SocketAddr, request: &HttpRequest) -> Vec<u8> {
    raw_to(address, &address.to_string(), request).await
}

async fn raw_to(address: SocketAddr, host: &str, request: &HttpRequest) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let headers: String =
        request.headers.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\r\n");
    let head = format!(
        "{} {} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        request.method,
        request.path,
        request.body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&request.body).await.unwrap();
    let mut answer = Vec::new();
    // a connection closed in the middle may end in a reset: what came before it counts
    let _ended = stream.read_to_end(&mut answer).await;
    answer
}

fn body(answer: &[u8]) -> &[u8] {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    &answer[at + 4..]
}

#[tokio::test]
async fn an_order_travels_over_the_wire() {
    let server = serve().await;
    assert_eq!(server.line()["sinopac"], format!("http://{}/funBIZ-Sbx/QPay.WebAPI/api", server.address()));
    let request = server.with(|bank| sealed(bank, "OrderCreate", &card("C1", "Y")));
    let answer = raw(server.address(), &request).await;
    let text = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(
        text.starts_with("http/1.1 200") && text.contains("\r\ndate: sun, 22 nov 2026 02:00:00 gmt\r\n"),
        "{text}"
    );
    let envelope =
        HttpAnswer { status: 200, headers: Vec::new(), body: body(&answer).to_vec(), effect: Effect::Send };
    let url = opened(&envelope)["CardParam"]["CardPayURL"].as_str().unwrap().to_owned();
    let page = HttpRequest {
        method: "GET".to_owned(),
        path: url.strip_prefix(&server.base()).unwrap().to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        source_ip: server.address().ip(),
    };
    let page = raw(server.address(), &page).await;
    assert!(String::from_utf8_lossy(&page).contains("CardNo1"));
    let control = HttpRequest::post_json("/control/pay", &json!({"shop": SHOP, "order": "C1"}), None);
    let paid: Value = serde_json::from_slice(body(&raw(server.address(), &control).await)).unwrap();
    assert_eq!(paid["return"]["fields"]["ShopNo"], SHOP);
    assert_eq!(server.with(|bank| bank.book(SHOP, "C1").unwrap().state), "1C400");
}

/// Method, path, Host, other headers, and the status of the answer.
type Asked<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], u16);

/// A page that the shop's browser shows can send forms and simple requests, and its name may lead
/// to this computer: it commands nothing and reads nothing.
#[tokio::test]
async fn no_page_of_somebody_else_is_let_in() {
    let server = serve().await;
    let here = server.address().to_string();
    let json = ("content-type", "application/json");
    let origin = ("origin", "http://evil.example");
    let api = format!("{}/Nonce", crate::SINOPAC_PATH);
    let rows: [Asked<'_>; 22] = [
        ("POST", "/control/clock", &here, &[json], 200),
        ("POST", "/control/clock", &here, &[("content-type", "application/json; charset=utf-8")], 200),
        ("GET", "/control/books", &here, &[], 200),
        ("GET", "/control/pay", &here, &[], 405),
        ("POST", "/control/clock", &here, &[], 415),
        ("POST", "/control/clock", &here, &[("content-type", "text/plain")], 415),
        ("POST", "/control/clock", &here, &[("content-type", "text/plain, application/json")], 415),
        ("POST", "/control/clock", &here, &[json, json], 415),
        ("POST", "/control/clock", &here, &[json, origin], 403),
        ("POST", "/control/clock", &here, &[json, ("origin", "null")], 403),
        ("GET", "/control/books", &here, &[("origin", "http://127.0.0.1:1")], 403),
        ("GET", "/control/books", "evil.example", &[], 421),
        ("GET", "/control/books", "localhost", &[], 421),
        ("GET", "/control/books", "127.0.0.1", &[], 421),
        ("GET", "/control/books", &here, &[("host", "evil.example")], 421),
        // let in, and without a key
        ("POST", &api, &here, &[json], 401),
        ("POST", &api, &here, &[json, ("origin", "null")], 403),
        ("POST", &api, "evil.example", &[json], 421),
        ("GET", "/mauth/SSLAuthUI.jsp", "evil.example", &[], 421),
        ("GET", "/mauth/SSLAuthUI.jsp", &here, &[origin], 403),
        ("GET", "/mauth/SSLAuthUI.jsp", &here, &[("origin", "http://127.0.0.1.evil.example")], 403),
        ("OPTIONS", "/control/clock", &here, &[origin, ("access-control-request-method", "POST")], 403),
    ];
    for (method, path, host, headers, wanted) in rows {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body = json!({ "ShopNo": SHOP }).to_string().into_bytes();
        let body = if path.starts_with("/control") { b"{}".to_vec() } else { body };
        let (method, path) = (method.to_owned(), path.to_owned());
        let source_ip = server.address().ip();
        let request = HttpRequest { method, path, headers: headers.collect(), body, source_ip };
        let answer = raw_to(server.address(), host, &request).await;
        let text = String::from_utf8_lossy(&answer).into_owned();
        assert!(text.starts_with(&format!("HTTP/1.1 {wanted} ")), "{wanted} {host} {text}");
        assert!(!text.to_lowercase().contains("access-control-allow"), "{text}");
    }
    for origin in ["null", "http://127.0.0.1", "http://127.0.0.1:4711"] {
        let headers = vec![("origin".to_owned(), origin.to_owned())];
        let (method, path) = ("GET".to_owned(), "/mauth/SSLAuthUI.jsp".to_owned());
        let source_ip = server.address().ip();
        let request = HttpRequest { method, path, headers, body: Vec::new(), source_ip };
        let answer = raw(server.address(), &request).await;
        assert!(!answer.starts_with(b"HTTP/1.1 403"), "{origin}: a card page comes from our door");
    }
}

#[tokio::test]
async fn a_bank_without_control_is_commanded_by_nobody() {
    let server = server::serve("127.0.0.1:0".parse().unwrap(), bank(), 1, Doors::BanksOnly).await.unwrap();
    assert_eq!(server.line().get("control"), None);
    let control = HttpRequest::post_json("/control/clock", &json!({}), None);
    assert!(raw(server.address(), &control).await.starts_with(b"HTTP/1.1 404"));
    server.with(|bank| bank.control("clock", &json!({})).unwrap());
}

#[tokio::test]
async fn effects_happen_on_the_wire() {
    let server = serve().await;
    let under = async |kind: &str| {
        let request = server.with(|bank| {
            let request = sealed(bank, "OrderQuery", &json!({"ShopNo": SHOP, "PayType": "A"}));
            bank.control("fault", &json!({"kind": kind, "match": "OrderQuery", "seconds": 0})).unwrap();
            request
        });
        raw(server.address(), &request).await
    };
    assert!(under("drop-before").await.is_empty());
    assert!(under("drop-after").await.is_empty());
    assert!(under("delay").await.starts_with(b"HTTP/1.1 200"));
    let cut = under("cut").await;
    let head = String::from_utf8_lossy(&cut).to_lowercase();
    let announced: usize =
        head.split_once("content-length: ").unwrap().1.split_once("\r\n").unwrap().0.parse().unwrap();
    assert!(body(&cut).len() < announced);
    assert!(under("big-body").await.len() > 50_000_000);
}

#[tokio::test]
async fn a_notice_reaches_a_loopback_address() {
    let shop = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/push", shop.local_addr().unwrap());
    let server = serve().await;
    let mut fields = account("A1");
    fields["BackendURL"] = json!(url);
    server.with(|bank| {
        create(bank, fields);
        bank.pay(SHOP, "A1", None).unwrap_or_else(|_| panic!("paid"));
    });
    let (mut stream, _) = shop.accept().await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"}") {
        stream.read_buf(&mut seen).await.unwrap();
    }
    let text = String::from_utf8(seen).unwrap();
    assert!(text.starts_with("POST /push HTTP/1.1\r\n") && text.contains("application/json"), "{text}");
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"Status\":\"S\"}";
    stream.write_all(answer.as_bytes()).await.unwrap();
    while !server.with(|bank| bank.notices()[0].acknowledged) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_server_listens_on_loopback_and_stops() {
    let refused = server::serve("0.0.0.0:0".parse().unwrap(), bank(), 1, Doors::WithControl).await;
    assert!(refused.is_err());
    let server = serve().await;
    let address = server.address();
    let mut open = TcpStream::connect(address).await.unwrap();
    server.shutdown();
    assert_eq!(open.read(&mut [0; 1]).await.unwrap_or(0), 0, "an open connection is closed");
}
