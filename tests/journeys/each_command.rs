//! Each command of the command line: what a person changes with it leaves exactly one line of the
//! audit with that person, and what only looks leaves none.

use std::path::Path;
use std::process::Command;

use counterfoil_tests::outside::programs::{Bank, Shop, program};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

const OWNER: (&str, &str) = ("林", "27495810");
const ACCOUNTANT: (&str, &str) = ("王", "836201");

/// All commands that take no further command, as `--help` lists them.
fn commands(of: &[String]) -> Vec<String> {
    let output = Command::new(program("counterfoil")).args(of).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let Some((_, below)) = text.split_once("Commands:\n") else { return vec![of.join(" ")] };
    let names = below.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.flat_map(|name| commands(&[of, &[name.to_owned()]].concat())).collect()
}

/// A shop, and which commands it has been given.
struct Walk {
    shop: Shop,
    given: Vec<String>,
}

impl Walk {
    /// Audit lines of people.
    fn lines(&self) -> i64 {
        let file = Path::new(self.shop.options()[1]).join("counterfoil.db");
        let data = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let count = "SELECT count(*) FROM audit WHERE who NOT IN ('engine', 'browser')";
        data.query_row(count, [], |row| row.get(0)).unwrap()
    }

    /// Gives a command as this person, whose further lines follow the PIN.
    fn give(&mut self, lines: i64, (name, pin): (&str, &str), words: &[&str], typed: &str) -> Value {
        let all = [&["--as", name], words].concat();
        self.run(lines, &all, words, &format!("{pin}\n{typed}"))
    }

    fn run(&mut self, lines: i64, all: &[&str], words: &[&str], typed: &str) -> Value {
        let before = self.lines();
        let ended = self.shop.run_typing(all, typed);
        assert_eq!(ended.status, 0, "{words:?}: {}", ended.said);
        assert_eq!(self.lines(), before + lines, "{words:?}");
        self.given.push(words.join(" "));
        ended.said
    }

    fn changes(&mut self, words: &[&str]) -> Value {
        self.give(1, OWNER, words, "")
    }

    fn looks(&mut self, words: &[&str]) -> Value {
        self.give(0, OWNER, words, "")
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[test]
fn each_command_that_changes_something_leaves_exactly_one_line() {
    let bank = Bank::open();
    let mut walk = Walk { shop: Shop::add(&bank), given: vec!["shop add".to_owned()] };
    assert_eq!(walk.lines(), 1);
    people(&mut walk);
    sales(&mut walk, &bank);
    refunds(&mut walk, &bank);
    let recover = ["people", "recover", OWNER.0];
    walk.run(1, &recover, &recover, "60718293");
    walk.give(1, (OWNER.0, "60718293"), &["people", "pin", OWNER.0], OWNER.1);
    for words in [&["audit", "verify"][..], &["audit", "list"]] {
        walk.looks(words);
    }
    let out = walk.shop.folder().join("audit.csv");
    walk.looks(&["audit", "export", "--out", out.to_str().unwrap()]);
    walk.changes(&["people", "one-person", "on"]);
    // a file that was put back
    let file = Path::new(walk.shop.options()[1]).join("counterfoil.db");
    let before = std::fs::read(&file).unwrap();
    walk.changes(&["sell", "--rail", "sinopac-account", "--amount", "40"]);
    std::fs::write(&file, before).unwrap();
    walk.changes(&["audit", "accept"]);

    let ungiven = commands(&[]).into_iter().filter(|command| {
        !walk.given.iter().any(|given| given == command || given.starts_with(&format!("{command} ")))
    });
    assert_eq!(ungiven.collect::<Vec<_>>(), [""; 0], "give each new command here");
}

fn people(walk: &mut Walk) {
    let add = |name, role| ["people", "add", "--name", name, "--role", role];
    let first = add(OWNER.0, "owner");
    walk.run(1, &first, &first, OWNER.1);
    walk.give(1, OWNER, &add(ACCOUNTANT.0, "accountant"), ACCOUNTANT.1);
    walk.give(1, OWNER, &add("陳", "clerk"), "836201");
    walk.looks(&["people", "list"]);
    walk.changes(&["people", "limits", "陳", "--ask", "500"]);
    walk.give(1, OWNER, &["people", "pin", "陳"], "402938");
    walk.changes(&["people", "one-person", "on"]);
    walk.changes(&["people", "one-person", "off"]);
    walk.changes(&["people", "retire", "陳"]);
}

/// A sale that is paid.
fn paid(walk: &mut Walk, bank: &Bank, rail: &str) -> Value {
    let sold = ["sell", "--rail", rail, "--amount", "560", "--customer", "王小明"];
    let sold = walk.changes(&sold);
    bank.control("pay", &json!({ "order": sold["bank_order_no"] }));
    walk.looks(&["watch", text(&sold, "payment"), "--for", "60"]);
    sold
}

fn sales(walk: &mut Walk, bank: &Bank) {
    let sold = paid(walk, bank, "sinopac-card");
    let other = ["sell", "--rail", "sinopac-account", "--amount", "300", "--customer", "林小姐"];
    let other = walk.changes(&other);
    walk.changes(&["cancel", text(&other, "payment")]);
    let order = text(&sold, "order");
    walk.looks(&["orders", "list"]);
    walk.looks(&["orders", "search", "560"]);
    walk.looks(&["orders", "show", order]);
    walk.looks(&["work", "--for", "1"]);
    walk.looks(&["check"]);
    walk.looks(&["shop", "check", "demo"]);
    let found = walk.looks(&["customers", "find", "林小姐"]);
    walk.changes(&["customers", "correct", order, "--name", "王大明"]);
    let erase = ["customers", "erase", text(&found["customers"][0], "customer")];
    walk.changes(&erase);
    // what changes nothing leaves none
    walk.looks(&erase);
    walk.changes(&["customers", "retention", "90"]);
    walk.looks(&["customers", "retention", "90"]);
    let covered = walk.looks(&["coverage"]);
    let minute = text(&covered, "from");
    walk.looks(&["sweep", "--from", minute, "--to", minute]);
}

fn refunds(walk: &mut Walk, bank: &Bank) {
    let sold = paid(walk, bank, "sinopac-card");
    let payment = text(&sold, "payment");
    let request = |payment| ["refund", "request", payment, "--amount", "200", "--reason", "returned"];
    walk.looks(&["refund", "preview", payment, "--amount", "200"]);
    let first = walk.changes(&request(payment));
    walk.changes(&["refund", "withdraw", text(&first, "refund")]);
    walk.looks(&["refund", "list"]);

    // the bank's own back office is faster
    let second = walk.changes(&request(payment));
    bank.control("refund", &json!({ "order": sold["bank_order_no"], "amount": 100 }));
    walk.give(1, ACCOUNTANT, &["refund", "approve", text(&second, "refund")], "");
    let listed = walk.looks(&["discrepancies", "list"]);
    let one = text(&listed["discrepancies"][0], "discrepancy").to_owned();
    walk.changes(&["discrepancies", "close", &one, "--reason", "booked"]);
    let book = ["refund", "book", payment, "--amount", "100", "--reason", "at the bank"];
    walk.changes(&book);
    walk.changes(&[&book[..], &["--undo"]].concat());

    // the bank does not know where to
    let other = paid(walk, bank, "sinopac-account");
    let third = walk.changes(&request(text(&other, "payment")));
    let id = text(&third, "refund");
    bank.control("fault", &json!({ "kind": "code:E3603", "match": "OrderMaintain", "count": 1 }));
    walk.shop.run_typing(&["--as", ACCOUNTANT.0, "refund", "approve", id], ACCOUNTANT.1);
    let shown = walk.looks(&["refund", "show", id]);
    assert_eq!(text(&shown, "state"), "needs-person", "{shown}");
    walk.changes(&["refund", "decide", id, "--by-hand"]);
}
