//! Notices to `BackendURL` (sinopac.md 7): JSON, wanted answer `{"Status":"S"}`, ten minutes apart,
//! five sends in all.
//!
//! The core says what to send and when; whoever drives it sends, and reports whether the wanted
//! answer came.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Value, json};

use crate::push::Push;
use crate::time::BankTime;

const SENDS_MAX: u8 = 5;
const APART_MINUTES: i64 = 10;
const MEDIA: &str = "application/json";

/// The history of one notice; the token is not in it.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeLine {
    /// The `BackendURL`.
    pub url: String,
    /// When it was sent, RFC 3339.
    pub sent: Vec<String>,
    /// Sends that a switch dropped, among `sent`.
    pub dropped: usize,
    /// The wanted answer came.
    pub acknowledged: bool,
}

struct Notice {
    line: NoticeLine,
    body: String,
}

/// All notices and the ones to send now.
#[derive(Default)]
pub(crate) struct Notices {
    all: Vec<Notice>,
    outbox: VecDeque<Push>,
}

impl Notices {
    pub(crate) fn add(&mut self, url: String, shop_no: &str, token: &str) -> usize {
        let body = json!({"ShopNo": shop_no, "PayToken": token}).to_string();
        let line = NoticeLine { url, sent: Vec::new(), dropped: 0, acknowledged: false };
        self.all.push(Notice { line, body });
        self.all.len() - 1
    }

    /// Sends a notice, and says when to send it again.
    pub(crate) fn send(&mut self, at: usize, now: BankTime, drop: bool) -> Option<BankTime> {
        let notice = self.all.get_mut(at).filter(|notice| !notice.line.acknowledged)?;
        notice.line.sent.push(now.rfc3339());
        if drop {
            notice.line.dropped += 1;
        } else {
            let (url, body) = (notice.line.url.clone(), notice.body.clone());
            let push = Push { notice: at, url, body, media: MEDIA };
            self.outbox.push_back(push);
        }
        (notice.line.sent.len() < usize::from(SENDS_MAX)).then(|| now.plus_minutes(APART_MINUTES))
    }

    /// Puts a push of our own making into the outbox, once.
    pub(crate) fn send_once(&mut self, url: String, shop_no: &str, token: &str) {
        let notice = self.add(url.clone(), shop_no, token);
        if let Some(entry) = self.all.get(notice) {
            self.outbox.push_back(Push { notice, url, body: entry.body.clone(), media: MEDIA });
        }
    }

    /// What is to be sent now; a notice that was acknowledged meanwhile is left out.
    pub(crate) fn take(&mut self) -> Option<Push> {
        loop {
            let push = self.outbox.pop_front()?;
            if self.all.get(push.notice).is_some_and(|notice| !notice.line.acknowledged) {
                return Some(push);
            }
        }
    }

    pub(crate) fn answered(&mut self, at: usize, body: &[u8]) {
        let wanted =
            serde_json::from_slice::<Value>(body).is_ok_and(|answer| answer == json!({"Status": "S"}));
        if let Some(notice) = self.all.get_mut(at).filter(|_| wanted) {
            notice.line.acknowledged = true;
        }
    }

    pub(crate) fn lines(&self) -> Vec<NoticeLine> {
        self.all.iter().map(|notice| notice.line.clone()).collect()
    }
}
