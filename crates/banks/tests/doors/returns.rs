//! The return door over real sockets: fault F24.

use base64::Engine as _;
use counterfoil_banks::return_door::{Brought, DoorSettings, ReturnDoor, ReturnHint};
use secrecy::ExposeSecret;
use sha2::Digest as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;

use crate::sinopac::script::{SHOP, shop};

pub(crate) const PATH: &str = "r/00112233445566778899aabbccddeeff";
const TOKEN: &str = "8ab3058e04bd1a58b54232987530c4faa6e97be7b1de009c1d230f125c7802c9";

fn door() -> (ReturnDoor, Receiver<ReturnHint>) {
    door_with(DoorSettings::of(Some(&shop()), None, 0))
}

pub(crate) fn door_with(settings: DoorSettings) -> (ReturnDoor, Receiver<ReturnHint>) {
    let (door, hints) = ReturnDoor::bind(settings).unwrap();
    door.open(PATH);
    (door, hints)
}

/// One request of a browser, in parts that a test can spoil.
pub(crate) struct Browser {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    host: Option<String>,
    pub(crate) headers: String,
    body: String,
}

impl Browser {
    pub(crate) fn post(door: &ReturnDoor) -> Self {
        Self {
            method: "POST",
            path: format!("/{PATH}"),
            host: Some(format!("127.0.0.1:{}", door.port())),
            headers:
                "Content-Type: application/x-www-form-urlencoded\r\nOrigin: https://sandbox.sinopac.com\r\n"
                    .to_owned(),
            body: format!("ShopNo={SHOP}&PayToken={TOKEN}"),
        }
    }

    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn origin(mut self, origin: &str) -> Self {
        let origin = if origin.is_empty() { String::new() } else { format!("Origin: {origin}\r\n") };
        self.headers = format!("Content-Type: application/x-www-form-urlencoded\r\n{origin}");
        self
    }

    /// Sends it, and reads the answer to its end.
    pub(crate) async fn send(&self, door: &ReturnDoor) -> (u16, String) {
        let host = self.host.as_ref().map(|host| format!("Host: {host}\r\n")).unwrap_or_default();
        let head = format!(
            "{} {} HTTP/1.1\r\n{host}{}Content-Length: {}\r\n\r\n",
            self.method,
            self.path,
            self.headers,
            self.body.len()
        );
        raw(door, (head + &self.body).as_bytes()).await
    }
}

async fn raw(door: &ReturnDoor, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", door.port())).await.unwrap();
    // the door may hang up before it has taken everything
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

fn token(hint: &ReturnHint) -> &str {
    match &hint.brought {
        Brought::Token(token) => token.expose_secret(),
        Brought::Result { .. } | Brought::FormWanted(_) => panic!("no token"),
    }
}

fn tokens(hints: &mut Receiver<ReturnHint>) -> Vec<String> {
    std::iter::from_fn(|| hints.try_recv().ok()).map(|hint| token(&hint).to_owned()).collect()
}

pub(crate) fn page(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[tokio::test]
async fn a_token_is_handed_on_once_and_the_page_says_nothing() {
    let (door, mut hints) = door();
    assert_eq!(door.address(PATH), format!("http://127.0.0.1:{}/{PATH}", door.port()));
    let (status, answer) = Browser::post(&door).send(&door).await;
    let hint = hints.try_recv().unwrap();
    assert_eq!((status, hint.path.as_str(), token(&hint)), (200, PATH, TOKEN));
    assert!(!format!("{hint:?} {door:?}").contains(TOKEN));
    let head = answer.split_once("\r\n\r\n").unwrap().0.to_lowercase();
    for line in [
        "cache-control: no-store",
        "content-type: text/html; charset=utf-8",
        "connection: close",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none';",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
    assert!(!head.contains("access-control"), "no other origin may read it");
    assert!(page(&answer).contains("謝謝") && page(&answer).contains("Thank you"));
    for part in [TOKEN, SHOP, PATH] {
        assert!(!answer.contains(part));
    }
    // the style that the policy allows is the style of the page
    let style = page(&answer).split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()));
    assert!(answer.contains(&format!("style-src 'sha256-{digest}'")));
}

#[tokio::test]
async fn a_replay_of_a_thousand_is_one_hint() {
    let (door, mut hints) = door();
    for _ in 0..1000 {
        assert_eq!(Browser::post(&door).send(&door).await.0, 200);
    }
    assert_eq!(tokens(&mut hints), [TOKEN]);
}

#[tokio::test]
async fn a_path_hands_on_four_tokens_at_most() {
    let (door, mut hints) = door();
    for n in 0..8 {
        let body = format!("ShopNo={SHOP}&PayToken={n}{}", &TOKEN[1..]);
        assert_eq!(Browser::post(&door).body(body).send(&door).await.0, 200);
    }
    assert_eq!(tokens(&mut hints).len(), 4);
}

#[tokio::test]
async fn paths_are_open_while_they_are_registered() {
    let (door, mut hints) = door();
    let mut other = Browser::post(&door);
    other.path = "/r/ffeeddccbbaa99887766554433221100".to_owned();
    assert_eq!(other.send(&door).await.0, 404);
    for path in
        ["/", "/r/", "//", "/R/00112233445566778899AABBCCDDEEFF", "/x/../r/00112233445566778899aabbccddeeff"]
    {
        other.path = path.to_owned();
        assert_eq!(other.send(&door).await.0, 404, "{path}");
    }
    door.close(PATH);
    assert_eq!(Browser::post(&door).send(&door).await.0, 404);
    assert!(tokens(&mut hints).is_empty());
    door.open(PATH);
    assert_eq!(Browser::post(&door).send(&door).await.0, 200);
    assert_eq!(tokens(&mut hints), [TOKEN]);
}

#[tokio::test]
async fn a_get_shows_the_page_and_brings_nothing() {
    let (door, mut hints) = door();
    let expected = Browser::post(&door).body("ShopNo=x").send(&door).await.1;
    for path in [
        "/".to_owned(),
        format!("/{PATH}"),
        format!("/{PATH}?ShopNo={SHOP}&PayToken={TOKEN}"),
        "/x".to_owned(),
    ] {
        let mut get = Browser::post(&door).body("");
        (get.method, get.path) = ("GET", path);
        let (status, answer) = get.send(&door).await;
        assert_eq!((status, page(&answer)), (200, page(&expected)), "the same page whatever is asked");
    }
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "X"] {
        let mut odd = Browser::post(&door);
        odd.method = method;
        let (status, answer) = odd.send(&door).await;
        assert_eq!(status, 405, "{method}");
        assert!(answer.to_lowercase().contains("allow: get, head, post"));
    }
    assert!(tokens(&mut hints).is_empty());
}

#[tokio::test]
async fn a_name_that_leads_here_is_not_us() {
    let (door, mut hints) = door();
    let port = door.port();
    for host in [
        Some(format!("localhost:{port}")),
        Some("127.0.0.1".to_owned()),
        Some("evil.example".to_owned()),
        Some(format!("evil.example:{port}")),
        Some(format!("127.0.0.1:{port}.evil.example")),
        Some(String::new()),
        Some(format!("127.0.0.1:{port}\r\nHost: evil.example")),
        None,
    ] {
        for method in ["POST", "GET"] {
            let mut browser = Browser::post(&door);
            (browser.method, browser.host) = (method, host.clone());
            let status = browser.send(&door).await.0;
            assert!((400..500).contains(&status), "{host:?} {status}");
        }
    }
    assert!(tokens(&mut hints).is_empty());
}

#[tokio::test]
async fn only_the_banks_pages_may_send_here() {
    let (door, mut hints) = door();
    for origin in [
        "https://evil.example",
        "http://sandbox.sinopac.com",
        "https://sandbox.sinopac.com:8443",
        "https://sandbox.sinopac.com.evil.example",
        "https://evilsinopac.com",
        "https://evil.example/.sinopac.com",
        "https://u@x.sinopac.com",
        "http://127.0.0.1:4456",
        "http://127.0.0.1",
        "file://",
        "NULL",
        "null\r\nOrigin: https://evil.example",
    ] {
        assert_eq!(Browser::post(&door).origin(origin).send(&door).await.0, 403, "{origin}");
    }
    assert!(tokens(&mut hints).is_empty());
    for (n, origin) in ["", "null", "https://funbiz.sinopac.com", "http://127.0.0.1:4455"].iter().enumerate()
    {
        let body = format!("ShopNo={SHOP}&PayToken={n}{}", &TOKEN[1..]);
        assert_eq!(Browser::post(&door).origin(origin).body(body).send(&door).await.0, 200, "{origin}");
    }
    assert_eq!(tokens(&mut hints).len(), 4);
}

#[tokio::test]
async fn forms_that_are_none_bring_nothing() {
    let (door, mut hints) = door();
    let many = "9".repeat(101);
    for body in [
        String::new(),
        "PayToken".to_owned(),
        format!("PayToken={TOKEN}"),
        format!("ShopNo={SHOP}"),
        format!("ShopNo=NA0249_001&PayToken={TOKEN}"),
        format!("ShopNo={SHOP}&ShopNo={SHOP}&PayToken={TOKEN}"),
        format!("ShopNo={SHOP}&PayToken={TOKEN}&PayToken={TOKEN}"),
        format!("ShopNo={SHOP}&PayToken="),
        format!("ShopNo={SHOP}&PayToken={}", &TOKEN[..15]),
        format!("ShopNo={SHOP}&PayToken={many}"),
        format!("ShopNo={SHOP}&PayToken={}%0A", &TOKEN[1..]),
        format!("ShopNo={SHOP}&PayToken={}-", &TOKEN[1..]),
        format!("ShopNo={SHOP}&paytoken={TOKEN}"),
        format!(r#"{{"ShopNo":"{SHOP}","PayToken":"{TOKEN}"}}"#),
    ] {
        assert_eq!(Browser::post(&door).body(body.clone()).send(&door).await.0, 400, "{body}");
    }
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x", ""] {
        let mut browser = Browser::post(&door);
        browser.headers = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        assert_eq!(browser.send(&door).await.0, 415, "{kind}");
    }
    let padded = format!("ShopNo={SHOP}&PayToken={TOKEN}&x={}", "x".repeat(4096));
    assert_eq!(Browser::post(&door).body(padded).send(&door).await.0, 413);
    assert!(tokens(&mut hints).is_empty());
    // a charset beside the type, further members, letters of a token to come: no harm
    let mut browser =
        Browser::post(&door).body(format!("Param1=%E4%BD%A0&ShopNo={SHOP}&PayToken={}", &many[..100]));
    browser.headers = "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n".to_owned();
    assert_eq!(browser.send(&door).await.0, 200);
    assert_eq!(tokens(&mut hints), [&many[..100]]);
}

#[tokio::test]
async fn a_flood_of_bytes_is_not_taken_in() {
    let (door, mut hints) = door();
    let flood = format!("ShopNo={SHOP}&PayToken={TOKEN}&x={}", "x".repeat(10 * 1024 * 1024));
    let (status, _) = Browser::post(&door).body(flood).send(&door).await;
    // the door hangs up in the middle: the answer may be lost with the connection
    assert!(matches!(status, 413 | 0), "{status}");
    let headers =
        format!("POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nX: {}\r\n\r\n", door.port(), "x".repeat(100_000));
    let (status, _) = raw(&door, headers.as_bytes()).await;
    assert!(matches!(status, 431 | 0), "{status}");
    assert_ne!(
        raw(&door, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await.0,
        200,
        "TLS on a plain port"
    );
    assert!(tokens(&mut hints).is_empty());
    assert_eq!(Browser::post(&door).send(&door).await.0, 200, "and it still serves");
    assert_eq!(tokens(&mut hints), [TOKEN]);
}

#[tokio::test]
async fn slow_connections_end_and_make_room() {
    // short for a test, and still long for an honest request
    let (door, mut hints) =
        door_with(DoorSettings { deadline_ms: 1_500, ..DoorSettings::of(Some(&shop()), None, 0) });
    let head = format!(
        "POST /{PATH} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 4000\r\n\r\nShopNo=",
        door.port()
    );
    // as many as the door takes: silent ones, and some that stop in the head or in the body
    let mut slow = Vec::new();
    for start in ["", &head[..10], &head[..head.len() - 20], &head] {
        let mut stream = TcpStream::connect(("127.0.0.1", door.port())).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // an honest one waits for its turn, and gets it
    assert_eq!(Browser::post(&door).send(&door).await.0, 200);
    assert_eq!(tokens(&mut hints), [TOKEN]);
    for mut stream in slow {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty(), "nobody answers a request that never came");
    }
}

#[tokio::test]
async fn a_door_is_for_this_computer_only() {
    let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    assert!(ReturnDoor::over(listener, DoorSettings::of(Some(&shop()), None, 0)).is_err());
}

#[tokio::test]
async fn a_dropped_door_is_shut() {
    let (door, hints) = door();
    let port = door.port();
    drop(door);
    drop(hints);
    // the task ends at its next turn; then the port is free for the next door
    let mut closed = false;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
        closed = TcpStream::connect(("127.0.0.1", port)).await.is_err();
        if closed {
            break;
        }
    }
    assert!(closed);
    let settings = DoorSettings::of(Some(&shop()), None, port);
    assert_eq!(ReturnDoor::bind(settings).unwrap().0.port(), port, "a stored port is bound again");
}
