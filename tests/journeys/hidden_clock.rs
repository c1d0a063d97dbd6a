//! A lock after wrong PINs, in a program whose clock a person has moved and which cannot know it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use counterfoil_tests::outside::programs::{Bank, Shop, program};

use crate::people_cli::{CLERK, acting, code, with_people};

/// The code of a command under a clock that is so many seconds off, with `/proc` hidden or not;
/// `None`: this system moves no clocks.
fn moved(shop: &Shop, secs: i64, hidden: bool, pin: &str) -> Option<String> {
    let (secs, hide) = (secs.to_string(), if hidden { "mount -t tmpfs none /proc && " } else { "" });
    let run = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "--time", "--boottime", &secs, "sh", "-c"]);
        command.arg([hide, then].concat());
        command
    };
    if !run("true").stderr(Stdio::null()).status().is_ok_and(|ended| ended.success()) {
        return None;
    }
    let mut command = run("exec \"$0\" \"$@\"");
    command.arg(program("counterfoil")).args(shop.options()).args(["--json", "--as", "陳", "orders", "list"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(format!("{pin}\n").as_bytes());
    let errors = child.wait_with_output().unwrap().stderr;
    let said: serde_json::Value = serde_json::from_slice(&errors).unwrap_or_default();
    Some(said["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_moved_clock_ends_no_wait_also_where_nothing_tells_of_it() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let list = ["orders", "list"];
    for _ in 0..5 {
        assert_eq!(code(&acting(&shop, "陳", "836202", &list)), (7, "pin-wrong"));
    }
    for hidden in [false, true] {
        let Some(said) = moved(&shop, 10 * 86_400, hidden, CLERK) else { return };
        assert_eq!(said, "pin-locked", "/proc hidden: {hidden}");
    }
    assert_eq!(code(&acting(&shop, "陳", CLERK, &list)), (7, "pin-locked"));
}

/// What such a program counts locks every other one as well.
#[test]
fn wrong_pins_under_a_moved_clock_lock_as_others_do() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    for _ in 0..5 {
        let Some(said) = moved(&shop, -60, true, "836202") else { return };
        assert_eq!(said, "pin-wrong");
    }
    for _ in 0..2 {
        assert_eq!(code(&acting(&shop, "陳", CLERK, &["orders", "list"])), (7, "pin-locked"));
    }
}
