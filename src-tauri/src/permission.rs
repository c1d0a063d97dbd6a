//! What a page may ask of the program, tried at the real permissions, which the build made of
//! `tauri.conf.json`.
//!
//! The windows are those of Tauri's own pretended system; the handler, the permissions and the way
//! from a call to its refusal are the ones of the program. Every command that any permission of
//! Tauri knows is tried, not only those that we think of.

use std::collections::BTreeSet;

use counterfoil_commands::every_command;
use serde_json::Value;
use tauri::ipc::{CallbackFn, InvokeBody, Origin};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Context, Url, WebviewWindow, WebviewWindowBuilder};

use crate::MAIN;

macro_rules! names {
    ($($module:ident::$name:ident $takes:tt -> $answer:ty;)*) => { [$(stringify!($name)),*] };
}

/// What our page may call of Tauri's own: hearing events, and no longer hearing them.
const HEARING: [&str; 2] = ["plugin:event|listen", "plugin:event|unlisten"];

/// Pages that are not ours; the third one was taken for a local one by Tauri before 2.11.1
/// (CVE-2026-42184).
const FOREIGN: [&str; 4] = [
    "https://example.invalid/",
    "http://127.0.0.1:8080/",
    "http://tauri.evil.test/",
    "http://tauri.localhost.evil.test/",
];

fn context() -> Context<MockRuntime> {
    crate::context()
}

fn address(text: &str) -> Url {
    text.parse().unwrap()
}

fn our_page() -> Url {
    address(if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" })
}

#[test]
fn only_our_page_is_shown() {
    assert!(crate::is_our_page(&our_page()));
    for page in
        FOREIGN.into_iter().chain(["about:blank", "data:text/html,x", "file:///etc/hosts", "javascript:1"])
    {
        assert!(!crate::is_our_page(&address(page)), "{page}");
    }
}

/// Every command that a permission could allow, as a page calls it.
fn known() -> BTreeSet<String> {
    let manifests: Value =
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/acl-manifests.json"))).unwrap();
    let mut known = BTreeSet::new();
    for (owner, manifest) in manifests.as_object().unwrap() {
        for permission in manifest["permissions"].as_object().unwrap().values() {
            for command in permission["commands"]["allow"].as_array().unwrap() {
                let command = command.as_str().unwrap();
                known.insert(match owner.as_str() {
                    "__app-acl__" => command.to_owned(),
                    plugin => format!("plugin:{}|{command}", plugin.trim_start_matches("core:")),
                });
            }
        }
    }
    known
}

#[test]
fn our_window_may_hear_events_and_call_our_commands_and_nothing_else() {
    let mut context = context();
    let permissions = context.runtime_authority_mut();
    let (known, ours): (_, BTreeSet<&str>) =
        (known(), every_command!(names).into_iter().chain(HEARING).collect());
    assert!(known.len() > 100, "the list of what Tauri knows is read: {}", known.len());
    let allowed = |window: &str, origin: &Origin| -> BTreeSet<String> {
        let may = |command: &&String| permissions.resolve_access(command, window, window, origin).is_some();
        known.iter().filter(may).cloned().collect()
    };
    assert_eq!(allowed(MAIN, &Origin::Local), ours.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(allowed("second", &Origin::Local), BTreeSet::new());
    for page in FOREIGN {
        assert_eq!(allowed(MAIN, &Origin::Remote { url: address(page) }), BTreeSet::new(), "{page}");
    }
}

/// The program on the pretended system, without a shop behind it.
fn program() -> App<MockRuntime> {
    mock_builder().invoke_handler(crate::handler()).build(context()).unwrap()
}

fn window(app: &App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    WebviewWindowBuilder::new(app, label, tauri::WebviewUrl::default()).build().unwrap()
}

/// Calls a command, and gives the words with which it is refused; without a shop none is done.
fn call(window: &WebviewWindow<MockRuntime>, command: &str, url: Url) -> String {
    let request = InvokeRequest {
        cmd: command.into(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url,
        body: InvokeBody::default(),
        headers: tauri::http::HeaderMap::default(),
        invoke_key: INVOKE_KEY.into(),
    };
    match get_ipc_response(window, request) {
        Ok(_) => panic!("{command} was done"),
        Err(why) => why.to_string(),
    }
}

#[test]
fn another_window_or_a_page_from_elsewhere_is_refused_every_command() {
    let app = program();
    let (ours, other) = (window(&app, MAIN), window(&app, "second"));
    for command in every_command!(names) {
        let answer = call(&ours, command, our_page());
        assert!(answer.contains("state not managed"), "our page reaches {command}: {answer}");
        let answer = call(&other, command, our_page());
        assert!(answer.contains("not allowed"), "{command} from another window: {answer}");
        for page in FOREIGN {
            let answer = call(&ours, command, address(page));
            assert!(answer.contains("not allowed"), "{command} from {page}: {answer}");
        }
    }
}
