//! Servers that call themselves the bank, on 127.0.0.1, with certificates that are made here.
//!
//! The client is the one of a shop: same builder, same adapters, the bank's own host names. Two
//! things are added to it: these names lead to 127.0.0.1, and a root of ours is trusted beside the
//! system's. That a good certificate of this root passes is what makes the refusals mean something.

mod servers;

use std::net::SocketAddr;

use counterfoil_domain::{BankAnswer, BankOrderNo, Moment, Twd};
use counterfoil_engine::ports::{BankPort, BankReply, BankRequest, Inquiry, Said, SinopacKeys, Write};
use counterfoil_engine::shop::{Environment, ReturnAddress, SinopacSettings};
use secrecy::SecretString;
use url::Url;

use self::servers::{Authority, Chain, Leaf, Server};
use super::{Deadlines, HttpTransport, builder};
use crate::ctbc::{Action, Ctbc, CtbcKeys, CtbcSettings, Found, Handles, ReplyMac};
use crate::sinopac::Sinopac;
use crate::transport::{Fault, HttpRequest, SendError, Transport};

const SINOPAC: &str = "api.sinopac.com";
const CTBC: &str = "epos.ctbcbank.com";
/// Makes what a server that calls itself this host shows.
type Issue<'a> = dyn Fn(&str) -> Chain + 'a;

/// Part of every request, sealed or not.
const SECRET: &str = "1f078484-87fe-4c61-a77d-22d865eeb4f4";

/// A shop's transport to a host that resolves to this port here.
fn to(host: &str, port: u16, root: &Authority) -> HttpTransport {
    let base = Url::parse(&format!("https://{host}/")).unwrap();
    let here = SocketAddr::from(([127, 0, 0, 1], port));
    let builder = builder(&base, Deadlines::SHOP).tls_certs_merge([root.certificate()]).resolve(host, here);
    HttpTransport::over(builder, &base).unwrap()
}

fn request(host: &str) -> HttpRequest {
    HttpRequest {
        url: Url::parse(&format!("https://{host}/Order")).unwrap(),
        content_type: "application/json",
        headers: vec![("X-KeyID", SecretString::from(SECRET))],
        body: format!("{{\"key\":\"{SECRET}\"}}"),
    }
}

fn sinopac(transport: HttpTransport) -> Sinopac<HttpTransport> {
    let shop = SinopacSettings {
        environment: Environment::Production,
        base_url: None,
        shop_no: "BA0026_001".to_owned(),
        return_address: ReturnAddress::Loopback { port: 0 },
        auto_billing: true,
        account_limit: Twd::new(30_000),
        paper: counterfoil_domain::refund::SinopacPaper::V25,
        own_prefixes: Vec::new(),
    };
    let secret = |text: &str| SecretString::from(text);
    let keys = SinopacKeys {
        key_id: secret(SECRET),
        a1: secret("4D9709D699CA40EE"),
        a2: secret("5A4FEF83140C4E9E"),
        b1: secret("BC74301945134CB4"),
        b2: secret("961F67F8FCA44AB9"),
    };
    Sinopac::new(&shop, &keys, transport).unwrap()
}

fn issue_account() -> BankRequest {
    BankRequest::Write(Write::IssueAccount {
        bank_order_no: BankOrderNo::from_text("TL5K8000000001A"),
        amount: Twd::new(500),
        product: "存根測試".to_owned(),
        expires_on: Moment::from_millis(1_795_222_800_000).day(),
        return_url: "http://127.0.0.1:4460/r".to_owned(),
    })
}

fn ctbc(transport: HttpTransport) -> Ctbc<HttpTransport> {
    let shop = CtbcSettings {
        environment: Environment::Production,
        base_url: None,
        mer_id: "2522".to_owned(),
        merchant_id: "8220000000001".to_owned(),
        terminal_id: "90000001".to_owned(),
        return_address: ReturnAddress::Loopback { port: 0 },
        reply_mac: ReplyMac::Check,
        iv: CtbcSettings::IV,
        refund_remainder: true,
        batch: counterfoil_domain::calendar::BankCalendar::default(),
    };
    let keys = CtbcKeys { mac_key: SecretString::from("123456789012345678901234") };
    Ctbc::new(&shop, &keys, transport).unwrap()
}

async fn capture(bank: &Ctbc<HttpTransport>) -> BankReply {
    let handles = Handles {
        xid: "X1".to_owned(),
        auth_code: "003313".to_owned(),
        auth_rrpid: None,
        term_seq: None,
        batch_id: None,
        batch_seq: None,
    };
    bank.manage(Action::Capture, Twd::new(100), &handles).await
}

fn write(reply: &BankReply) -> (BankAnswer, &str) {
    let Said::Write { meaning, issued: None, unequal: None, token: None } = &reply.said else {
        panic!("{:?} is no plain write", reply.said)
    };
    (*meaning, reply.code.as_str())
}

/// To a server like this nothing is sent, by the transport or by either bank, and it has seen
/// nothing.
async fn nothing_leaves(server: impl AsyncFn(&'static str) -> Server, root: &Authority, what: &str) {
    ended_by(Fault::Tls, server, root, what).await;
}

async fn ended_by(fault: Fault, server: impl AsyncFn(&'static str) -> Server, root: &Authority, what: &str) {
    let code = fault.code();
    let not_sent = (BankAnswer::NotSent, code);
    let there = server(SINOPAC).await;
    let sent = to(SINOPAC, there.port, root).post(request(SINOPAC)).await;
    assert_eq!(sent.unwrap_err(), SendError::NotSent(fault), "{what}");
    let bank = sinopac(to(SINOPAC, there.port, root));
    assert_eq!(write(&bank.call(issue_account()).await), not_sent, "{what}");
    let asked = bank.call(BankRequest::Ask(Inquiry::Uncaptured)).await;
    assert!(matches!(asked.said, Said::Silent) && asked.code == code, "{what}");
    there.has_seen_nothing(3, what).await;

    let there = server(CTBC).await;
    let bank = ctbc(to(CTBC, there.port, root));
    assert_eq!(write(&capture(&bank).await), not_sent, "{what}");
    let asked = bank.inquire(&BankOrderNo::from_text("ORD1"), Twd::new(100), None).await;
    assert_eq!((asked.found, asked.code.as_str()), (Found::Silent, code), "{what}");
    there.has_seen_nothing(2, what).await;
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_good_certificate_of_the_root_passes() {
    let root = Authority::new("Test Root");
    for host in [SINOPAC, CTBC] {
        let server = Server::tls(root.issue(&Leaf::of(host)), vec![ok("hi")]).await;
        let reply = to(host, server.port, &root).post(request(host)).await.unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (200, b"hi".as_slice()));
        let seen = server.requests().await;
        assert!(seen.len() == 1 && seen[0].contains(SECRET), "the whole request is there");
    }
}

#[tokio::test]
async fn without_the_root_the_same_certificate_does_not_pass() {
    let (root, other) = (Authority::new("Test Root"), Authority::new("Test Root"));
    nothing_leaves(
        async |host| Server::tls(root.issue(&Leaf::of(host)), vec![ok("hi")]).await,
        &other,
        "a root of the same name with another key",
    )
    .await;
}

#[tokio::test]
async fn certificates_that_are_not_the_banks_are_refused_before_anything_is_sent() {
    let root = Authority::new("Test Root");
    let unknown = Authority::new("Unknown Root");
    let cases: [(&str, &Issue<'_>); 10] = [
        ("expired", &|host| root.issue(&Leaf::of(host).expired())),
        ("not yet valid", &|host| root.issue(&Leaf::of(host).of_tomorrow())),
        ("of another host", &|_| root.issue(&Leaf::of("shop.example.com"))),
        ("of the other bank", &|host| root.issue(&Leaf::of(if host == CTBC { SINOPAC } else { CTBC }))),
        ("of a longer name", &|host| root.issue(&Leaf::of(&format!("{host}.example.com")))),
        ("of a wildcard that reaches too far", &|_| root.issue(&Leaf::of("*.com"))),
        ("of this computer", &|_| root.issue(&Leaf::of("127.0.0.1"))),
        ("signed by itself", &|host| Leaf::of(host).signed_by_itself()),
        ("of an unknown root", &|host| unknown.issue(&Leaf::of(host))),
        ("of an issuer that is none", &|host| root.issue_through_a_leaf(&Leaf::of(host))),
    ];
    for (what, chain) in cases {
        nothing_leaves(async |host| Server::tls(chain(host), vec![ok("hi")]).await, &root, what).await;
    }
}

#[tokio::test]
async fn versions_before_1_2_are_refused() {
    let root = Authority::new("Test Root");
    for (version, what) in [(1, "TLS 1.0"), (2, "TLS 1.1"), (0, "SSL 3.0")] {
        nothing_leaves(async |_| Server::answering(servers::old_hello(version)).await, &root, what).await;
    }
    let alert = vec![0x15, 3, 1, 0, 2, 2, 70];
    nothing_leaves(async |_| Server::answering(alert.clone()).await, &root, "a version alert").await;
}

#[tokio::test]
async fn what_speaks_no_tls_on_the_port_of_https_is_sent_nothing() {
    let root = Authority::new("Test Root");
    for (answer, what) in [
        (ok("{}").into_bytes(), "plain http"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n".to_vec(), "a plain redirect"),
    ] {
        nothing_leaves(async |_| Server::answering(answer.clone()).await, &root, what).await;
    }
    ended_by(Fault::Connect, async |_| Server::answering(Vec::new()).await, &root, "a hang-up").await;
}

#[tokio::test]
async fn a_redirect_to_plain_http_is_an_answer_and_not_followed() {
    let root = Authority::new("Test Root");
    let plain = Server::answering(ok("hi").into_bytes()).await;
    for status in [301_u16, 302, 303, 307, 308] {
        let redirect = format!(
            "HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            plain.port
        );
        let unknown = format!("http-{status}");
        let server = Server::tls(root.issue(&Leaf::of(CTBC)), vec![redirect.clone()]).await;
        let reply = capture(&ctbc(to(CTBC, server.port, &root))).await;
        assert_eq!(write(&reply), (BankAnswer::Unknown, unknown.as_str()));
        // the nonce is answered, the order is redirected
        let answers = vec![ok(r#"{"Nonce":"n"}"#), redirect.clone()];
        let server = Server::tls(root.issue(&Leaf::of(SINOPAC)), answers).await;
        let reply = sinopac(to(SINOPAC, server.port, &root)).call(issue_account()).await;
        assert_eq!(write(&reply), (BankAnswer::Unknown, unknown.as_str()));
        // a redirected nonce: the order never left
        let server = Server::tls(root.issue(&Leaf::of(SINOPAC)), vec![redirect]).await;
        let reply = sinopac(to(SINOPAC, server.port, &root)).call(issue_account()).await;
        assert_eq!(write(&reply), (BankAnswer::NotSent, unknown.as_str()));
    }
    plain.has_seen_nothing(0, "nobody follows").await;
}
