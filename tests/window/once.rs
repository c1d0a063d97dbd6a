//! The page that takes a customer's browser to CTBC, in Chromium: the bank gets one POST, nothing
//! to press stays on the page, and nothing is posted when Back is pressed.

use std::sync::mpsc::{Sender, channel};

use counterfoil_banks::return_door::{Brought, DoorSettings, ReturnDoor};
use counterfoil_engine::ports::CardForm;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::ENTER;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 22\r\n\r\n<body>page of the bank";
/// The browser stays where it is, as it does while a bank is slow.
const NOTHING: &str = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
const PATH: &str = "r/00112233445566778899aabbccddeeff";

/// A bank that says what is posted to it.
async fn bank(listener: TcpListener, posts: Sender<()>, says: &'static str) {
    while let Ok((line, _)) = listener.accept().await {
        tokio::spawn(answer(line, posts.clone(), says));
    }
}

async fn answer(mut line: TcpStream, posts: Sender<()>, says: &'static str) {
    let mut request = [0; 8192];
    let read = line.read(&mut request).await.unwrap_or(0);
    if request.get(..read).is_some_and(|request| request.starts_with(b"POST ")) {
        let _nobody_counts = posts.send(());
    }
    let _hung_up = line.write_all(says.as_bytes()).await;
}

/// A door that hands out one form of one sale, which goes to this bank.
fn door(bank: u16) -> ReturnDoor {
    let settings = DoorSettings::of(None, None, 0);
    let (door, mut hints) = ReturnDoor::bind(settings).expect("a port");
    door.open_card(PATH);
    let mut form = Some(CardForm {
        action: format!("http://127.0.0.1:{bank}/mauth/SSLAuthUI.jsp"),
        mer_id: "10000".to_owned(),
        url_enc: "0A1B2C3D".to_owned(),
    });
    tokio::spawn(async move {
        while let Some(hint) = hints.recv().await {
            if let (Brought::FormWanted(answer), Some(form)) = (hint.brought, form.take()) {
                let _gone = answer.send(form);
            }
        }
    });
    door
}

/// Bank and door, beside the test. Gives the address of the page.
#[expect(clippy::disallowed_methods, reason = "bank and door serve beside the test")]
fn serve(posts: Sender<()>, says: &'static str) -> String {
    let (said, address) = channel();
    std::thread::spawn(move || {
        let around = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        around.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let door = door(listener.local_addr().expect("it has one").port());
            said.send(door.address(PATH)).expect("the test waits for it");
            bank(listener, posts, says).await;
        });
    });
    address.recv().expect("they serve")
}

#[test]
fn the_form_of_a_card_sale_is_posted_once() {
    let (posts, posted) = channel();
    let window = Window::of_a_customer(&serve(posts, PAGE));
    posted.recv().expect("it is posted by itself");
    window.until("document.body.innerText.includes('page of the bank')");
    window.back();
    // what posts itself while it is read has no place in the history of the browser: Back goes to
    // the page before
    window
        .until("!document.body.innerText.includes('page of the bank') && document.readyState === 'complete'");
    window.until("!location.pathname.startsWith('/r/')");
    assert!(posted.try_recv().is_err(), "posted again");
}

#[test]
fn nothing_to_press_stays_on_the_page_of_a_card_sale() {
    let (posts, posted) = channel();
    let window = Window::of_a_customer(&serve(posts, NOTHING));
    posted.recv().expect("it is posted by itself");
    window.until("document.body.innerText.includes('正在前往銀行刷卡頁')");
    window.until("!document.querySelector('form, button, input')");
    window.press(ENTER);
    // as it comes when the browser has kept the page and Back shows it again
    window.run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));", &json!([]));
    window.until("document.body.innerText.includes('這一頁已經用過')");
    window.unread("正在前往");
    assert!(posted.try_recv().is_err(), "posted again");
}
