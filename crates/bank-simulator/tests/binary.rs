//! The binary as a process: its one line, its clock, what it refuses.

#![expect(clippy::unwrap_used, reason = "the helpers of a test are a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// Ends the process with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // it may have ended by itself
        let _killed = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn shops(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn command(shops: &PathBuf, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bank-simulator"));
    command.args(["--listen", listen, "--at", "2026-11-22T10:00:00+08:00", "--shops"]).arg(shops);
    command
}

fn refused(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(stdout.is_empty());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn one_line_tells_where_it_serves_and_time_flows_at_its_speed() {
    let shops = shops("good.json", r#"[{"sinopac":{"environment":"demo"},"ctbc":{"environment":"demo"}}]"#);
    let mut command = command(&shops, "127.0.0.1:0");
    let child = command.args(["--speed", "100000"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let base = line["ctbc"].as_str().unwrap();
    assert_eq!(line["sinopac"], format!("{base}/funBIZ-Sbx/QPay.WebAPI/api"));
    assert_eq!(line["control"], format!("{base}/control"));
    let address = base.strip_prefix("http://").unwrap();
    let clock = || {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET /control/clock HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        body["at"].as_str().unwrap().to_owned()
    };
    let first = clock();
    assert!(first.as_str() >= "2026-11-22T10:00:00.000+08:00", "{first}");
    while clock() == first {}
}

#[test]
fn it_refuses_other_addresses_and_wrong_shops() {
    let good = shops("demo.json", r#"[{"sinopac":{"environment":"demo"}}]"#);
    assert!(refused(&mut command(&good, "0.0.0.0:0")).contains("loopback"));
    let wrong = shops("wrong.json", r#"[{"sinopac":{"environment":"custom","shop_no":"X","a1":"1234"}}]"#);
    let said = refused(&mut command(&wrong, "127.0.0.1:0"));
    assert!(said.contains("sinopac.a2") && !said.contains("1234"), "{said}");
    let card = shops("card.json", r#"[{"ctbc":{"environment":"demo","mac_key":"12345678"}}]"#);
    let said = refused(&mut command(&card, "127.0.0.1:0"));
    assert!(said.contains("ctbc.mac_key") && !said.contains("12345678"), "{said}");
    assert!(refused(&mut command(&shops("none.json", "7"), "127.0.0.1:0")).contains("shop files"));
}
