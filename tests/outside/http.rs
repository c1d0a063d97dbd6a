//! A small HTTP/1.1 client for loopback: one request per connection, whole bodies, nothing cached,
//! no redirect followed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Longest wait for a piece of an answer. A driver may hold a call until something shows in the
/// window.
const READ_TIMEOUT: Duration = Duration::from_secs(90);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// For example 200.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {} {}", self.status, self.body))
    }
}

/// GET.
pub fn get(url: &str) -> Answer {
    exchange("GET", url, "text/plain", "")
}

/// POST of a JSON value.
pub fn post_json(url: &str, value: &Value) -> Answer {
    exchange("POST", url, "application/json", &value.to_string())
}

/// POST of a form, as a browser does it.
pub fn post_form<'a>(url: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Answer {
    let pairs: Vec<String> =
        fields.into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    exchange("POST", url, "application/x-www-form-urlencoded", &pairs.join("&"))
}

/// One request and its answer.
///
/// # Panics
/// When the address is not on this computer, has no listener, or the answer is no HTTP.
pub fn exchange(method: &str, url: &str, content_type: &str, body: &str) -> Answer {
    let (host, path) = parts(url);
    let mut line = TcpStream::connect(("127.0.0.1", port(url))).unwrap_or_else(|why| panic!("{url}: {why}"));
    line.set_read_timeout(Some(READ_TIMEOUT)).expect("a timeout above 0");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {content_type}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let sent = line.write_all(head.as_bytes()).and_then(|()| line.write_all(body.as_bytes()));
    sent.unwrap_or_else(|why| panic!("{url}: {why}"));
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    // some keep the line open although they were asked to close it
    while !is_whole(&bytes) {
        match line.read(&mut piece).unwrap_or_else(|why| panic!("{method} {url}: {why}")) {
            0 => break,
            read => bytes.extend_from_slice(&piece[..read]),
        }
    }
    answer(&bytes).unwrap_or_else(|| panic!("{method} {url}: no HTTP: {}", String::from_utf8_lossy(&bytes)))
}

/// Sends these bytes to the host of an address as they are; nothing when the line is closed without
/// an answer.
///
/// # Panics
/// When nothing listens there.
pub fn send(url: &str, request: &[u8]) -> Option<Answer> {
    let mut line = TcpStream::connect(("127.0.0.1", port(url))).unwrap_or_else(|why| panic!("{url}: {why}"));
    line.set_read_timeout(Some(READ_TIMEOUT)).expect("a timeout above 0");
    let (mut bytes, mut piece) = (Vec::new(), [0; 8192]);
    // whoever has heard enough closes the line while it is still written to
    let _hung_up = line.write_all(request);
    while let Ok(read @ 1..) = line.read(&mut piece) {
        bytes.extend_from_slice(&piece[..read]);
    }
    answer(&bytes)
}

/// The port of an address: 80 where it names none.
///
/// # Panics
/// When it is none.
pub fn port(url: &str) -> u16 {
    let (host, _) = parts(url);
    host.split_once(':')
        .map_or(Ok(80), |(_, port)| port.parse())
        .unwrap_or_else(|_| panic!("{url} has no port"))
}

/// `http://127.0.0.1:8080/a?b` -> `127.0.0.1:8080`, `/a?b`.
fn parts(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("http://").unwrap_or_else(|| panic!("{url} is not plain HTTP"));
    let cut = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(cut);
    assert!(host.starts_with("127.0.0.1"), "{url} is not on this computer");
    (host, if path.is_empty() { "/" } else { path })
}

/// As long as its head says; an answer that says no length ends with its line.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    length.is_some_and(|length: usize| bytes.len() >= end + 4 + length)
}

fn answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let chunked = lines.any(|line| line.eq_ignore_ascii_case("transfer-encoding: chunked"));
    let body = if chunked { joined(body)? } else { body.to_vec() };
    Some(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// The body that was sent in chunks.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

/// Percent-encoded for a form.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_forms_and_chunks_are_taken_apart() {
        assert_eq!(parts("http://127.0.0.1:80/a?b"), ("127.0.0.1:80", "/a?b"));
        assert_eq!(parts("http://127.0.0.1:80"), ("127.0.0.1:80", "/"));
        assert_eq!(encoded("a b=茶"), "a%20b%3D%E8%8C%B6");
        let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        assert_eq!(answer(chunks).unwrap().body, "abcd");
        assert_eq!(answer(b"HTTP/1.1 404 Not Found\r\n\r\nno").unwrap().status, 404);
        assert!(answer(b"").is_none());
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno";
        assert!(is_whole(whole) && !is_whole(&whole[..whole.len() - 1]) && !is_whole(chunks));
    }

    #[test]
    #[should_panic(expected = "not on this computer")]
    fn only_this_computer_is_asked() {
        parts("http://192.0.2.1/");
    }
}
