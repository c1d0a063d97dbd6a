//! Hostile answers over a real socket, to both banks: whatever comes back to a write is unknown, to
//! a question nothing, and nothing is sent again. Left out: single wrong bytes inside a seal
//! (`faults` of each bank), and certificates (beside the transport).

use std::sync::{Arc, Mutex};

use counterfoil_banks::ctbc::seal::{api_enc, big5};
use counterfoil_banks::ctbc::{Action, Ctbc, CtbcSettings, Found};
use counterfoil_banks::sinopac::Sinopac;
use counterfoil_banks::transport::{BODY_BYTES_MAX, Deadlines, HttpTransport};
use counterfoil_domain::{BankAnswer, Twd};
use counterfoil_engine::ports::{BankPort, BankReply, Said};
use counterfoil_engine::shop::SinopacSettings;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, Instant};
use url::Url;

use crate::ctbc::script as of_ctbc;
use crate::sinopac::script::*;

/// What a bank answers a request with, byte by byte as it likes.
#[derive(Clone)]
enum Answer {
    /// A status and a body.
    Http(u16, Vec<u8>),
    /// A head, then this many bytes; kept is how many the other side took.
    Flood(&'static str, usize),
    /// A head, then one byte a second for longer than any deadline.
    Drip(&'static str),
}

/// A bank at a port of its own.
struct Bank {
    port: u16,
    requests: Arc<Mutex<usize>>,
    taken: Arc<Mutex<usize>>,
}

impl Bank {
    /// Nonces are given out; every other request gets this.
    async fn answering(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let bank = Self { port, requests: Arc::default(), taken: Arc::default() };
        let (requests, taken) = (Arc::clone(&bank.requests), Arc::clone(&bank.taken));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let nonce = read_request(&mut stream).await.starts_with("POST /Nonce");
                let said = if nonce {
                    write_http(&mut stream, 200, json!({ "Nonce": REQUEST_NONCE }).to_string().as_bytes())
                        .await;
                    0
                } else {
                    *requests.lock().unwrap() += 1;
                    write_answer(&mut stream, &answer).await
                };
                *taken.lock().unwrap() += said;
            }
        });
        bank
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn transport(&self) -> HttpTransport {
        HttpTransport::new(&Url::parse(&self.base()).unwrap(), Deadlines::SHOP).unwrap()
    }

    fn sinopac(&self) -> Sinopac<HttpTransport> {
        let shop = SinopacSettings { base_url: Some(self.base()), ..shop() };
        Sinopac::new(&shop, &keys(), self.transport()).unwrap()
    }

    fn ctbc(&self) -> Ctbc<HttpTransport> {
        let shop = CtbcSettings { base_url: Some(self.base()), ..of_ctbc::shop() };
        Ctbc::new(&shop, &of_ctbc::keys_of(of_ctbc::KEY), self.transport()).unwrap()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut bytes = [0; 4096];
    loop {
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if length.is_some_and(|length: usize| body.len() >= length) {
            return request;
        }
        match stream.read(&mut bytes).await {
            Ok(read) if read > 0 => request.push_str(std::str::from_utf8(&bytes[..read]).unwrap()),
            Ok(_) | Err(_) => return request,
        }
    }
}

async fn write_http(stream: &mut TcpStream, status: u16, body: &[u8]) {
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body).await;
    let _ = stream.shutdown().await;
}

/// How many bytes of the body the other side took.
async fn write_answer(stream: &mut TcpStream, answer: &Answer) -> usize {
    let mut taken = 0;
    match answer {
        Answer::Http(status, body) => write_http(stream, *status, body).await,
        Answer::Flood(head, bytes) => {
            let _ = stream.write_all(head.as_bytes()).await;
            let block = vec![b'A'; 64 * 1024];
            while taken < *bytes && stream.write_all(&block).await.is_ok() {
                taken += block.len();
            }
        }
        Answer::Drip(head) => {
            let _ = stream.write_all(head.as_bytes()).await;
            // longer than any deadline
            while taken < 100 && stream.write_all(b"A").await.is_ok() {
                taken += 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    taken
}

fn is_unknown(reply: &BankReply, what: &str) {
    let Said::Write { meaning, issued, unequal, token: _ } = &reply.said else {
        panic!("{what}: {:?}", reply.said)
    };
    assert_eq!((*meaning, issued, unequal), (BankAnswer::Unknown, &None, &None), "{what}: {}", reply.code);
    assert!(reply.code.len() <= 40 && reply.transcript.len() <= 4096, "{what}");
}

/// A write and a question to SinoPac: unknown and silent, each sent once.
async fn sinopac_unclear(answer: Answer, code: &str, what: &str) -> Bank {
    let bank = Bank::answering(answer).await;
    let reply = bank.sinopac().call(issue_account()).await;
    is_unknown(&reply, what);
    assert_eq!(reply.code, code, "{what}");
    let asked = bank.sinopac().call(ask()).await;
    assert!(matches!(asked.said, Said::Silent) && asked.code == code, "{what}: {}", asked.code);
    assert_eq!(*bank.requests.lock().unwrap(), 2, "{what}: nothing goes again");
    bank
}

/// The same to CTBC.
async fn ctbc_unclear(answer: Answer, code: &str, what: &str) -> Bank {
    let bank = Bank::answering(answer).await;
    let reply = bank.ctbc().manage(Action::Capture, Twd::new(100), &of_ctbc::handles()).await;
    is_unknown(&reply, what);
    assert_eq!(reply.code, code, "{what}");
    let asked = bank.ctbc().inquire(&number(), Twd::new(100), None).await;
    assert_eq!((asked.found, asked.code.as_str()), (Found::Silent, code), "{what}");
    assert_eq!(*bank.requests.lock().unwrap(), 2, "{what}: nothing goes again");
    bank
}

fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer::Http(200, body.into())
}

fn sealed_by_ctbc(fields: &Value) -> String {
    api_enc(&of_ctbc::shop_key(), &big5(&fields.to_string()).unwrap())
}

#[tokio::test]
async fn answers_of_sinopac_that_are_spoilt_on_the_way() {
    let good = envelope(&accepted_account());
    let text = |name: &str| good[name].as_str().unwrap().to_owned();
    let (message, sign) = (text("Message"), text("Sign"));
    let spoilt = |name: &str, value: String| with(good.clone(), &json!({ name: value })).to_string();
    let backwards = |text: &str| text.chars().rev().collect::<String>();
    for (what, body) in [
        ("half a digit", spoilt("Message", message[1..].to_owned())),
        ("a block short", spoilt("Message", message[..message.len() - 32].to_owned())),
        ("blanks behind the message", spoilt("Message", format!("{message}  "))),
        ("blanks behind the sign", spoilt("Sign", format!("{sign} "))),
        ("another sign", spoilt("Sign", backwards(&sign))),
        ("blocks in another order", spoilt("Message", format!("{}{}", &message[32..], &message[..32]))),
        (
            "message and sign exchanged",
            with(good.clone(), &json!({ "Message": sign, "Sign": message })).to_string(),
        ),
    ] {
        sinopac_unclear(ok(body), "bad-sign", what).await;
    }
    // an answer that was sealed with the keys of another shop
    let other = counterfoil_banks::sinopac::seal::HashId::derive(&keys_of(A2, A2, B1, B2)).unwrap();
    let seal =
        counterfoil_banks::sinopac::seal::seal(&other, ANSWER_NONCE, accepted_account().as_object().unwrap());
    let body = with(good.clone(), &json!({ "Message": seal.message, "Sign": seal.sign })).to_string();
    sinopac_unclear(ok(body), "bad-sign", "another key").await;
    sinopac_unclear(ok("<html>重要公告</html>"), "html", "a page").await;
    sinopac_unclear(ok(good.to_string() + "\0"), "bad-json", "a byte behind").await;
    sinopac_unclear(Answer::Http(502, good.to_string().into_bytes()), "http-502", "a gateway").await;
}

#[tokio::test]
async fn members_in_another_order_and_blanks_around_them_are_the_same_answer() {
    let good = envelope(&accepted_account());
    let turned: serde_json::Map<String, Value> =
        good.as_object().unwrap().iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
    let bank = Bank::answering(ok(format!("\r\n {}  \n", Value::Object(turned)))).await;
    assert_eq!(write(&bank.sinopac().call(issue_account()).await).0, BankAnswer::Accepted);
}

#[tokio::test]
async fn answers_of_ctbc_that_are_spoilt_on_the_way() {
    let good = sealed_by_ctbc(&json!({ "RespCode": "0", "ErrCode": "00", "ERRDESC": "" }));
    let swapped = format!("{}{}{}", &good[16..32], &good[..16], &good[32..]);
    for (what, sealed) in [
        ("half a digit", good[1..].to_owned()),
        ("a block short", good[..good.len() - 16].to_owned()),
        ("a block of another", format!("{}{}", &good[..good.len() - 16], "00".repeat(8))),
        ("blocks in another order", swapped),
        ("twice", good.repeat(2)),
        ("blanks inside", format!("{} {}", &good[..16], &good[16..])),
    ] {
        ctbc_unclear(ok(format!("MERID=2522&ApiEnc={sealed}")), "bad-mac", what).await;
    }
    ctbc_unclear(ok("<html>重要公告</html>"), "html", "a page").await;
    ctbc_unclear(ok(good.clone()), "no-envelope", "without names").await;
    ctbc_unclear(Answer::Http(502, format!("ApiEnc={good}").into_bytes()), "http-502", "a gateway").await;
}

#[tokio::test]
async fn a_body_of_50_mb_is_given_up_at_the_bound() {
    const FLOOD: usize = 50 * 1024 * 1024;
    let endless = "HTTP/1.1 200 OK\r\n\r\n";
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n";
    let sealed = "HTTP/1.1 200 OK\r\n\r\nMERID=2522&ApiEnc=";
    for head in [endless, announced, sealed] {
        let banks = [
            sinopac_unclear(Answer::Flood(head, FLOOD), "too-large", head).await,
            ctbc_unclear(Answer::Flood(head, FLOOD), "too-large", head).await,
        ];
        for bank in banks {
            // both requests; between the bound and what was taken lie the buffers of the system
            let taken = *bank.taken.lock().unwrap();
            assert!(taken < FLOOD, "{taken} bytes were taken, though {BODY_BYTES_MAX} are the bound");
        }
    }
}

/// The clock is one of paper: it jumps when everybody waits.
async fn held_for_the_deadline(unclear: impl AsyncFn(Answer, &str, &str) -> Bank) {
    for head in
        ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "HTTP/1.1 200 "]
    {
        let started = Instant::now();
        unclear(Answer::Drip(head), "timeout", head).await;
        let two = Duration::from_millis(2 * Deadlines::SHOP.total_timeout_ms);
        let took = started.elapsed();
        assert!((two..two + Duration::from_secs(2)).contains(&took), "{head:?} took {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_given_up_at_the_one_deadline() {
    held_for_the_deadline(sinopac_unclear).await;
    held_for_the_deadline(ctbc_unclear).await;
}

#[test]
fn random_bytes_over_the_wire_are_unknown() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 64, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let bytes = prop::collection::vec(any::<u8>(), 0..2000);
    runner
        .run(&(bytes, 200_u16..600), |(bytes, status)| {
            runtime.block_on(async {
                let bank = Bank::answering(Answer::Http(status, bytes)).await;
                is_unknown(&bank.sinopac().call(issue_account()).await, "random bytes");
                assert!(matches!(bank.sinopac().call(ask()).await.said, Said::Silent));
                let asked = bank.ctbc().inquire(&number(), Twd::new(100), None).await;
                assert_eq!(asked.found, Found::Silent);
                assert_eq!(*bank.requests.lock().unwrap(), 3, "nothing goes again");
            });
            Ok(())
        })
        .unwrap();
}
