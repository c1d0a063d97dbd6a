//! The paths of card sales at CTBC: a form for whoever really opens the page, and sealed results in
//! return.

use base64::Engine as _;
use counterfoil_banks::return_door::{Brought, DoorSettings, ReturnDoor, ReturnHint};
use counterfoil_engine::ports::CardForm;
use secrecy::ExposeSecret;
use sha2::Digest as _;
use tokio::sync::mpsc::Receiver;

use super::returns::{Browser, PATH, door_with, page};
use crate::sinopac::script::{SHOP, shop};

const CARD: &str = "r/ffeeddccbbaa99887766554433221100";
const MER_ID: &str = "10000";
const SEALED: &str = "00112233445566778899AABBCCDDEEFF";

/// Open for tokens at one path and for a card sale at another.
fn door() -> (ReturnDoor, Receiver<ReturnHint>) {
    let settings = DoorSettings::of(Some(&shop()), None, 0);
    let (door, hints) = door_with(DoorSettings { mer_id: MER_ID.to_owned(), ..settings });
    door.open_card(CARD);
    (door, hints)
}

fn form() -> CardForm {
    CardForm {
        action: "https://testepos.ctbcbank.com/mauth/SSLAuthUI.jsp".to_owned(),
        mer_id: MER_ID.to_owned(),
        url_enc: "0A1B2C3D".to_owned(),
    }
}

fn get(door: &ReturnDoor, path: &str) -> Browser {
    let mut get = Browser::post(door).body("");
    (get.method, get.path, get.headers) = ("GET", format!("/{path}"), String::new());
    get
}

/// Opens the page; `form` is what the desk answers if it is asked. Gives the whole answer, and
/// whether it was asked.
async fn opened(
    door: &ReturnDoor,
    hints: &mut Receiver<ReturnHint>,
    browser: &Browser,
    form: Option<CardForm>,
) -> (String, bool) {
    let sending = browser.send(door);
    tokio::pin!(sending);
    tokio::select! {
        (status, answer) = &mut sending => {
            assert_eq!(status, 200);
            (answer, false)
        }
        hint = hints.recv() => {
            let ReturnHint { path, brought: Brought::FormWanted(answer) } = hint.unwrap() else { panic!("a form") };
            assert_eq!(path, CARD);
            match form {
                Some(form) => answer.send(form).unwrap(),
                None => drop(answer),
            }
            let (status, answer) = sending.await;
            assert_eq!(status, 200);
            (answer, true)
        }
    }
}

fn post(door: &ReturnDoor, path: &str, body: String) -> Browser {
    let mut post = Browser::post(door).origin("https://testepos.ctbcbank.com").body(body);
    post.path = format!("/{path}");
    post
}

/// The page that everybody gets.
async fn neutral(door: &ReturnDoor) -> String {
    page(&get(door, "").send(door).await.1).to_owned()
}

#[tokio::test]
async fn the_form_is_what_the_desk_hands_out_and_without_an_answer_there_is_the_neutral_page() {
    let (door, mut hints) = door();
    let browser = get(&door, CARD);
    let (answer, asked) = opened(&door, &mut hints, &browser, Some(form())).await;
    assert!(asked);
    let shown = page(&answer);
    for part in [
        "<form method=\"post\" action=\"https://testepos.ctbcbank.com/mauth/SSLAuthUI.jsp\">",
        "name=\"merID\" value=\"10000\"",
        "name=\"URLEnc\" value=\"0A1B2C3D\"",
    ] {
        assert_eq!(shown.matches(part).count(), 1, "{part} in {shown}");
    }
    assert!(answer.to_lowercase().contains("cache-control: no-store"));
    // the script that the policy allows is the script of the page, and it posts to the bank alone
    let script = shown.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(script.as_bytes()));
    let policy = format!("script-src 'sha256-{digest}'; form-action https://testepos.ctbcbank.com;");
    assert!(answer.contains(&policy), "{policy} in {answer}");
    // it was handed out: the desk hands out nothing more
    let (answer, asked) = opened(&door, &mut hints, &browser, None).await;
    assert!(asked && page(&answer).contains("這一頁已經開過"), "{answer}");
    assert!(!answer.contains("0A1B2C3D") && !answer.contains("<form"));
}

#[tokio::test]
async fn looking_ahead_uses_nothing_up() {
    let (door, mut hints) = door();
    for headers in [
        "Sec-Purpose: prefetch\r\n",
        "Sec-Purpose: prefetch;prerender\r\n",
        "sec-purpose: prefetch\r\n",
        "Purpose: prefetch\r\n",
        "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
        "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n",
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
    ] {
        let mut ahead = get(&door, CARD);
        ahead.headers = headers.to_owned();
        let (answer, asked) = opened(&door, &mut hints, &ahead, Some(form())).await;
        assert!(!asked && page(&answer) == neutral(&door).await, "{headers}");
    }
    let mut head = get(&door, CARD);
    head.method = "HEAD";
    let (answer, asked) = opened(&door, &mut hints, &head, Some(form())).await;
    assert!(!asked && page(&answer).is_empty(), "{answer}");
    let mut seen = get(&door, CARD);
    seen.headers = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n".to_owned();
    let (answer, asked) = opened(&door, &mut hints, &seen, Some(form())).await;
    assert!(asked && page(&answer).contains("<form"), "it is still there for who opens it");
}

#[tokio::test]
async fn no_other_path_has_a_form() {
    let (door, mut hints) = door();
    let expected = neutral(&door).await;
    let other = "r/00000000000000000000000000000000";
    for path in [PATH, other, "r/", "r/FFEEDDCCBBAA99887766554433221100", &CARD[..CARD.len() - 1]] {
        let (answer, asked) = opened(&door, &mut hints, &get(&door, path), Some(form())).await;
        assert!(!asked && page(&answer) == expected, "{path}");
    }
    door.close(CARD);
    let (answer, asked) = opened(&door, &mut hints, &get(&door, CARD), Some(form())).await;
    assert!(!asked && page(&answer) == expected, "a closed path");
    assert_eq!(post(&door, CARD, format!("merID={MER_ID}&URLResEnc={SEALED}")).send(&door).await.0, 404);
}

#[tokio::test]
async fn nobody_at_the_desk_is_the_neutral_page() {
    let (door, hints) = door();
    let expected = neutral(&door).await;
    drop(hints);
    let (status, answer) = get(&door, CARD).send(&door).await;
    assert_eq!((status, page(&answer)), (200, expected.as_str()));
}

#[tokio::test]
async fn a_sealed_result_is_handed_on_once_with_its_shop() {
    let (door, mut hints) = door();
    for body in
        [format!("merID={MER_ID}&URLResEnc={SEALED}"), format!("URLResEnc=+{SEALED}%0A&merID=+{MER_ID}+")]
    {
        assert_eq!(post(&door, CARD, body).send(&door).await.0, 200);
    }
    let hint = hints.try_recv().unwrap();
    assert!(!format!("{hint:?}").contains(SEALED), "not for a log");
    let ReturnHint { path, brought: Brought::Result { mer_id, sealed } } = hint else { panic!("a result") };
    assert_eq!((path.as_str(), mer_id.as_str(), sealed.expose_secret()), (CARD, MER_ID, SEALED));
    assert!(hints.try_recv().is_err(), "the same one, with blanks around it, is nothing new");
}

#[tokio::test]
async fn what_is_no_result_of_this_shop_brings_nothing() {
    let (door, mut hints) = door();
    let token = "8ab3058e04bd1a58b54232987530c4fa";
    for body in [
        String::new(),
        format!("merID={MER_ID}"),
        format!("URLResEnc={SEALED}"),
        format!("merID=10001&URLResEnc={SEALED}"),
        format!("merID=&URLResEnc={SEALED}"),
        format!("merID={MER_ID}&merID={MER_ID}&URLResEnc={SEALED}"),
        format!("merID={MER_ID}&URLResEnc={SEALED}&URLResEnc={SEALED}"),
        format!("merID={MER_ID}&URLResEnc={}", &SEALED[..15]),
        format!("merID={MER_ID}&URLResEnc={}", "+".repeat(16)),
        format!("merID={MER_ID}&URLResEnc={SEALED}G"),
        format!("merid={MER_ID}&urlresenc={SEALED}"),
        format!("ShopNo={SHOP}&PayToken={token}"),
    ] {
        assert_eq!(post(&door, CARD, body.clone()).send(&door).await.0, 400, "{body}");
    }
    let result = || format!("merID={MER_ID}&URLResEnc={SEALED}");
    assert_eq!(post(&door, PATH, result()).send(&door).await.0, 400, "a result where a token is awaited");
    for origin in
        ["https://www.ctbcbank.com", "http://testepos.ctbcbank.com", "https://testepos.ctbcbank.com:8443"]
    {
        assert_eq!(post(&door, CARD, result()).origin(origin).send(&door).await.0, 403, "{origin}");
    }
    assert!(hints.try_recv().is_err());
    // a shop without this bank takes none, whatever it calls itself
    let (door, mut hints) = door_with(DoorSettings::of(Some(&shop()), None, 0));
    door.open_card(CARD);
    for mer_id in ["", MER_ID] {
        let body = format!("merID={mer_id}&URLResEnc={SEALED}");
        assert_eq!(post(&door, CARD, body).send(&door).await.0, 400);
    }
    assert!(hints.try_recv().is_err());
}
