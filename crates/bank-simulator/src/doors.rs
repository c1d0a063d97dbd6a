//! Who may speak to the simulator over HTTP: programs of this computer, and the pages that a
//! customer sees. Other web pages are refused, even when their name leads to this computer.

use std::net::SocketAddr;

use crate::ctbc;
use crate::http::{HttpAnswer, HttpRequest};
use crate::simulator::{is_api, is_control};

/// What is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    /// The banks, and `/control`: the simulator as a program of its own.
    WithControl,
    /// The banks alone: whoever runs it commands it from inside.
    BanksOnly,
}

/// The refusal of a request that is not let in. Nothing was done about it.
pub(crate) fn refusal(request: &HttpRequest, address: SocketAddr, doors: Doors) -> Option<HttpAnswer> {
    let path = request.bare_path();
    // another name may lead to this computer as well: its requests carry that name as Host
    let host = one(request, "host");
    let ours = address.to_string();
    if host != Some(ours.as_str()) && (address.port() != 80 || host != Some("127.0.0.1")) {
        return Some(HttpAnswer::text(421, "another host"));
    }
    let origin = request.header("origin");
    if is_control(path) {
        if doors == Doors::BanksOnly {
            return Some(HttpAnswer::text(404, "9999 Not Found"));
        }
        if origin.is_some() {
            return Some(HttpAnswer::text(403, "not for web pages"));
        }
        // the one kind of body that no page sends without asking first
        let json = one(request, "content-type").is_some_and(is_json);
        return (request.method == "POST" && !json).then(|| HttpAnswer::text(415, "application/json"));
    }
    let is_program = is_api(path) || ctbc::is_api(path);
    let let_in = origin.is_none_or(|origin| !is_program && is_page_of_ours(origin));
    (!let_in).then(|| HttpAnswer::text(403, "not for other web pages"))
}

/// A browser names no origin of a form that comes from a page without a referrer.
fn is_page_of_ours(origin: &str) -> bool {
    let rest = origin.strip_prefix("http://127.0.0.1");
    origin == "null" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn is_json(media: &str) -> bool {
    media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// The only header of this name.
fn one<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut all = request.headers.iter().filter(|header| header.0.eq_ignore_ascii_case(name));
    all.next().filter(|_| all.next().is_none()).map(|header| header.1.as_str())
}
