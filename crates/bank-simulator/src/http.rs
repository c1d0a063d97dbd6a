//! Requests and answers as plain data, so that the core needs no network.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::Value;

/// One HTTP request as the simulator sees it. No `Debug`: the headers hold the key.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method in upper case.
    pub method: String,
    /// Path with query, as sent.
    pub path: String,
    /// Names and values; names are compared without regard to letter case.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
    /// The address the request came from.
    pub source_ip: IpAddr,
}

/// One HTTP answer, and what the wire does to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Names and values; `Date` is always among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What happens to the answer on its way.
    pub effect: Effect,
}

/// What happens to an answer on its way. An in-process driver plays this itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It arrives.
    Send,
    /// The connection closes without an answer.
    Drop,
    /// It arrives after a real delay.
    Delay(Duration),
    /// The full length is announced, but the connection closes after so many bytes of the body.
    Cut {
        /// Bytes of the body that arrive.
        after: usize,
        /// How long nothing more comes before it closes.
        hold: Duration,
    },
    /// So many blanks follow the body.
    Pad {
        /// Number of blanks.
        bytes: u64,
    },
}

impl HttpRequest {
    /// A POST of JSON from 127.0.0.1 with `Content-Type` and, if given, `X-KeyID`.
    pub fn post_json(path: &str, body: &Value, key_id: Option<&str>) -> Self {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(key_id.map(|key| ("x-keyid".to_owned(), key.to_owned())));
        Self {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers,
            body: body.to_string().into_bytes(),
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0.eq_ignore_ascii_case(name)).map(|header| header.1.as_str())
    }

    /// The path without its query.
    pub(crate) fn bare_path(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |parts| parts.0)
    }

    /// A member of the query or of a form body, decoded.
    pub(crate) fn query_member(&self, name: &str) -> Option<String> {
        let query = self.path.split_once('?').map_or("", |parts| parts.1);
        form_member(query.as_bytes(), name)
    }
}

impl HttpAnswer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::with(status, "application/json; charset=utf-8", body.to_string().into_bytes())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self::with(status, "text/plain; charset=utf-8", body.as_bytes().to_vec())
    }

    pub(crate) fn html(status: u16, body: String) -> Self {
        Self::with(status, "text/html; charset=utf-8", body.into_bytes())
    }

    /// The body as JSON, for drivers and tests.
    pub fn body_json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0.eq_ignore_ascii_case(name)).map(|header| header.1.as_str())
    }

    fn with(status: u16, media: &str, body: Vec<u8>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media.to_owned())];
        Self { status, headers, body, effect: Effect::Send }
    }
}

/// A member of `a=b&c=d`, with `+` and percent escapes decoded.
pub(crate) fn form_member(form: &[u8], name: &str) -> Option<String> {
    form.split(|byte| *byte == b'&').find_map(|pair| {
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        let key = unescape(parts.next().unwrap_or_default());
        (key == name).then(|| unescape(parts.next().unwrap_or_default()))
    })
}

fn unescape(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let escaped = match (byte, tail) {
            (b'%', [high, low, after @ ..]) => hex::decode([*high, *low]).ok().map(|value| (value, after)),
            _ => None,
        };
        match escaped {
            Some((value, after)) => {
                out.extend(value);
                rest = after;
            }
            None if byte == b'+' => out.push(b' '),
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let form = b"a=1&CardNo1=41%34+3&empty=&broken=%4&x=%E5%AD%98";
        assert_eq!(form_member(form, "CardNo1").unwrap(), "414 3");
        assert_eq!(form_member(form, "empty").unwrap(), "");
        assert_eq!(form_member(form, "broken").unwrap(), "%4");
        assert_eq!(form_member(form, "x").unwrap(), "存");
        assert_eq!(form_member(form, "none"), None);
    }
}
