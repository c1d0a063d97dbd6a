//! Over real sockets: the card journey from the form to the shop's return address, and the second
//! reply.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::server::{self, Server};

async fn serve() -> Server {
    let mut bank = bank();
    bank.freeze(true);
    server::serve("127.0.0.1:0".parse().unwrap(), bank, 1, Doors::WithControl).await.unwrap()
}

/// Posts a request and gives the whole answer as text.
async fn send(address: SocketAddr, request: &HttpRequest) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n",
        request.path,
        request.body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&request.body).await.unwrap();
    let mut answer = Vec::new();
    let _ended = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn attribute(html: &str, before: &str) -> String {
    html.split_once(before).unwrap().1.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_card_is_paid_and_refunded_over_the_wire() {
    let server = serve().await;
    let address = server.address();
    assert_eq!(server.ctbc_base(), server.line()["ctbc"]);
    let page = send(address, &form(&sale("A1", "500"), "1")).await;
    assert!(
        page.starts_with("HTTP/1.1 200")
            && page.to_lowercase().contains("\r\ndate: mon, 23 nov 2026 02:00:00 gmt")
    );
    let card = "CardNo1=4444&CardNo2=4444&CardNo3=4444&CardNo4=4444&ExpireMM=12&ExpireYY=35&CVV2=123";
    let otp = send(address, &post(&attribute(&page, "action=\""), card.to_owned())).await;
    let last = send(address, &post(&attribute(&otp, "action=\""), "OTP=123456".to_owned())).await;
    let said = opened_reply(&attribute(&last, "name=\"URLResEnc\" value=\""));
    assert_eq!((said["status"].as_str(), said["errcode"].as_str()), ("0", "00"));
    let line = server.with(|bank| bank.card(SHOP, "A1").unwrap());
    for operation in ["CapRev", "Reversal"] {
        let answer =
            send(address, &sealed(&format!("/NewPos/{operation}"), &full(&line, operation, 0))).await;
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(code(&opened_body(body.strip_prefix("MERID=10000&ApiEnc=").unwrap())), "0/00");
    }
    assert_eq!(server.with(|bank| state(bank, "A1")), "0");
}

#[tokio::test]
async fn effects_happen_on_the_wire() {
    let server = serve().await;
    let text = "{\"MERID\":\"10000\",\"LID-M\":\"A1\",\"VERSION\":\"3.2\",\"SwRevision\":\"x\"}";
    let under = async |kind: &str| {
        server.with(|bank| bank.control("fault", &json!({"kind": kind, "seconds": 0})).unwrap());
        send(server.address(), &sealed_text("/NewQuery/InquiryByLidm", text)).await
    };
    assert!(under("drop-before").await.is_empty() && under("drop-after").await.is_empty());
    assert!(under("delay").await.starts_with("HTTP/1.1 200"));
    assert!(under("html-503").await.starts_with("HTTP/1.1 503"));
    let cut = under("cut").await.to_lowercase();
    let announced: usize =
        cut.split_once("content-length: ").unwrap().1.split_once("\r\n").unwrap().0.parse().unwrap();
    assert!(cut.split_once("\r\n\r\n").unwrap().1.len() < announced);
}

#[tokio::test]
async fn a_body_can_stop_in_the_middle() {
    let server = serve().await;
    server.with(|bank| bank.control("fault", &json!({"kind": "hang:3600", "match": "SSLAuthUI"})).unwrap());
    let request = form(&sale("A1", "500"), "1");
    let address = server.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        request.path
    );
    stream
        .write_all(format!("{head}Content-Length: {}\r\n\r\n", request.body.len()).as_bytes())
        .await
        .unwrap();
    stream.write_all(&request.body).await.unwrap();
    let mut seen = Vec::new();
    let whole = loop {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "it stays open");
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        let length = text.split_once("content-length: ").and_then(|tail| tail.1.split_once("\r\n"));
        let whole: Option<usize> = length.and_then(|text| text.0.parse().ok());
        let body = seen.windows(4).position(|four| four == b"\r\n\r\n").map(|at| seen.len() - at - 4);
        if let Some((whole, body)) = whole.zip(body).filter(|(whole, body)| *body == whole / 2) {
            assert!(body < whole);
            break whole;
        }
    };
    assert!(whole > 0);
}

#[tokio::test]
async fn the_second_reply_reaches_a_loopback_address() {
    let shop = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = serve().await;
    let url = format!("http://{}/second", shop.local_addr().unwrap());
    server.with(|bank| {
        switch(bank, "second_reply", true);
        bank.handle(&form(&with(sale("A1", "500"), "AuthResURL", &url), "1"));
        bank.control("pay", &json!({"bank": "ctbc", "shop": SHOP, "order": "A1"})).unwrap();
    });
    let (mut stream, _) = shop.accept().await.unwrap();
    let mut seen = String::new();
    let mut piece = [0; 4096];
    let sealed = loop {
        let read = stream.read(&mut piece).await.unwrap();
        seen += std::str::from_utf8(&piece[..read]).unwrap();
        let head = seen.to_lowercase();
        let length = head.split_once("content-length: ").and_then(|tail| tail.1.split_once("\r\n"));
        let length: usize = length.map_or(usize::MAX, |text| text.0.parse().unwrap());
        let body = seen.split_once("\r\n\r\n").map_or("", |parts| parts.1);
        if body.len() == length {
            break body.strip_prefix("merID=10000&URLResEnc=").unwrap().to_owned();
        }
    };
    assert!(seen.starts_with("POST /second HTTP/1.1") && seen.contains("application/x-www-form-urlencoded"));
    assert_eq!(opened_reply(&sealed)["lidm"], "A1");
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
}
