//! What the window may do, as `tauri.conf.json` says it: show our own screens and call our own
//! commands. No page from elsewhere, no script that is not ours, no developer tools.

use std::fs;

use serde_json::{Value, json};

use crate::repository::{assert_none, root};

/// What a page may ask: the commands in `crates/commands/src/every_command.rs`, and to hear events.
const PERMISSIONS: &[&str] = &["every-command", "core:event:allow-listen", "core:event:allow-unlisten"];

fn violations(conf: &Value) -> Vec<String> {
    let at = |pointer: &str| conf.pointer(pointer).unwrap_or(&Value::Null);
    let list = |pointer: &str| at(pointer).as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    let mut must = |holds: bool, sentence: &str| {
        if !holds {
            found.push(format!("tauri.conf.json: {sentence}"));
        }
    };

    must(at("/app/withGlobalTauri") == false, "withGlobalTauri must be false");
    must(at("/app/security/freezePrototype") == true, "freezePrototype must be true");
    must(
        at("/app/security/dangerousDisableAssetCspModification") == false,
        "the content policy must keep Tauri's own nonces",
    );
    must(at("/app/security/assetProtocol/enable") == false, "the asset protocol must be off");
    must(at("/build/devUrl").is_null(), "devUrl makes a plain build open a development server");
    must(at("/build/frontendDist") == "ui/dist", "frontendDist must be the built screens");

    let policy = at("/app/security/csp");
    let sources = policy.as_object().map(|map| {
        map.iter()
            .filter_map(|(name, source)| source.as_str().map(|source| (name.as_str(), source)))
            .collect()
    });
    let sources: Vec<(&str, &str)> = sources.unwrap_or_default();
    for name in ["default-src", "script-src", "style-src"] {
        must(sources.contains(&(name, "'self'")), &format!("{name} must be 'self' and nothing more"));
    }
    for name in ["base-uri", "form-action", "frame-src", "object-src"] {
        must(sources.contains(&(name, "'none'")), &format!("{name} must be 'none'"));
    }
    for (name, source) in sources {
        for word in source.split(' ') {
            let ours = ["'self'", "'none'", "ipc:", "http://ipc.localhost"].contains(&word);
            must(ours, &format!("{name} lets {word} in"));
        }
    }

    for window in list("/app/windows") {
        let page = window.get("url").and_then(Value::as_str).unwrap_or("index.html");
        must(!page.contains("://"), &format!("a window opens {page}"));
        must(window.get("devtools") == Some(&Value::Bool(false)), "a window has developer tools");
    }
    must(!list("/app/security/capabilities").is_empty(), "capabilities must stand inline");
    for capability in list("/app/security/capabilities") {
        must(capability.get("remote").is_none(), "a page from elsewhere may call commands");
        for permission in capability.get("permissions").and_then(Value::as_array).into_iter().flatten() {
            let known = permission.as_str().is_some_and(|name| PERMISSIONS.contains(&name));
            must(known, &format!("{permission} is not in the list of what a page may ask"));
        }
    }
    found
}

fn conf() -> Value {
    let text = fs::read_to_string(root().join("tauri.conf.json")).expect("tauri.conf.json exists");
    serde_json::from_str(&text).expect("tauri.conf.json is JSON")
}

#[test]
fn the_window_shows_only_our_own_screens() {
    assert_none(&violations(&conf()));
}

/// Features of Tauri that open the window to more than its screens, also in a build that is
/// shipped.
const FEATURES: &[&str] =
    &["default", "devtools", "dynamic-acl", "protocol-asset", "tracing", "unstable", "webview-data-url"];

fn features(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().filter(|line| line.starts_with("tauri = ") || line.contains("\"tauri/"));
    let opened = lines.flat_map(|line| {
        let named = |feature: &&&str| {
            line.contains(&format!("\"{feature}\"")) || line.contains(&format!("\"tauri/{feature}\""))
        };
        let everything = line.contains("version") && !line.contains("default-features = false");
        FEATURES.iter().filter(named).copied().chain(everything.then_some("default"))
    });
    opened.map(|feature| format!("Cargo.toml: tauri has the feature {feature}")).collect()
}

#[test]
fn tauri_is_built_without_what_opens_the_window() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml exists");
    assert!(manifest.lines().any(|line| line.starts_with("tauri = ")), "the line is found");
    assert_none(&features(&manifest));
}

#[test]
fn planted_features_are_found() {
    for planted in [
        "tauri = { version = \"2.12\" }",
        "tauri = { version = \"2.12\", default-features = false, features = [\"wry\", \"devtools\"] }",
        "x = [\"tauri/devtools\"]",
    ] {
        assert_eq!(features(planted).len(), 1, "{planted}");
    }
}

#[test]
fn planted_openings_are_found() {
    let policy = |name: &str, source: &str| (format!("/app/security/csp/{name}"), json!(source));
    let planted = [
        ("/app/withGlobalTauri".into(), json!(true)),
        ("/app/security/freezePrototype".into(), json!(false)),
        ("/app/security/dangerousDisableAssetCspModification".into(), json!(true)),
        ("/app/security/assetProtocol/enable".into(), json!(true)),
        ("/build/devUrl".into(), json!("http://localhost:5173")),
        ("/build/frontendDist".into(), json!("https://example.invalid")),
        ("/app/security/csp".into(), Value::Null),
        policy("script-src", "'self' 'unsafe-inline'"),
        policy("img-src", "*"),
        policy("connect-src", "ipc: https://example.invalid"),
        policy("frame-src", "'self'"),
        ("/app/windows/0/url".into(), json!("https://example.invalid")),
        ("/app/windows/0/devtools".into(), json!(true)),
        ("/app/security/capabilities".into(), json!([])),
        ("/app/security/capabilities/0/remote".into(), json!({ "urls": ["https://example.invalid"] })),
        ("/app/security/capabilities/0/permissions".into(), json!(["core:default"])),
    ];
    for (pointer, value) in planted {
        let mut conf = conf();
        plant(&mut conf, &pointer, value);
        assert!(!violations(&conf).is_empty(), "{pointer}");
    }
}

/// Replaces a value, or adds it to the object that lacks it.
fn plant(conf: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a last part");
    conf.pointer_mut(parent).expect("the parent is there")[key] = value;
}

/// Before the screens are painted the window has their colour, by day and in the dark.
#[test]
fn the_window_has_the_colour_of_paper_before_its_screens() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("it exists");
    let tokens = read("ui/src/tokens.css");
    let colour = |line: &str| line.trim().strip_prefix("--paper: #").map(|rest| rest[..6].to_owned());
    let [light, dark] = &tokens.lines().filter_map(colour).collect::<Vec<_>>()[..] else {
        panic!("two themes")
    };
    for paper in [light, dark] {
        let parts = [0, 2, 4].map(|at| format!("0x{}", &paper[at..at + 2])).join(", ");
        assert!(read("src-tauri/src/lib.rs").contains(&format!("Color({parts}, 0xff)")), "{parts}");
    }
}
