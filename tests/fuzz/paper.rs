//! A bank on paper: whatever is asked, these bodies come back, in order.

use std::collections::VecDeque;
use std::sync::Mutex;

use counterfoil_banks::transport::{HttpReply, HttpRequest, SendError, Transport};
use counterfoil_engine::ports::{BankReply, BoxFuture};
use futures_util::FutureExt;

/// Longer codes do not fit their column ([`BankReply::code`]).
const CODE_CHARS_MAX: usize = 40;
/// Both banks cut their transcripts here.
const TRANSCRIPT_BYTES_MAX: usize = 4096;
/// Facts side by side are a sentence.
const FACTS_BYTES_MAX: usize = 1000;

/// A transport that answers with status 200.
pub(crate) struct Paper(Mutex<VecDeque<Vec<u8>>>);

impl Paper {
    pub(crate) fn new<const N: usize>(bodies: [&[u8]; N]) -> Self {
        Self(Mutex::new(bodies.iter().map(|body| body.to_vec()).collect()))
    }
}

impl Transport for Paper {
    fn post(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpReply, SendError>> {
        let body = self.0.lock().unwrap().pop_front().expect("a request that was not foreseen");
        Box::pin(std::future::ready(Ok(HttpReply { status: 200, date: None, body })))
    }
}

/// What a call on paper gives: nothing in it waits.
pub(crate) fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("paper does not wait")
}

/// What of an answer is kept has its bounds.
pub(crate) fn bounded(code: &str, transcript: &str, facts: Option<&str>) {
    assert!(code.chars().count() <= CODE_CHARS_MAX, "a code of {} bytes", code.len());
    assert!(transcript.len() <= TRANSCRIPT_BYTES_MAX, "a transcript of {} bytes", transcript.len());
    assert!(facts.is_none_or(|facts| facts.len() <= FACTS_BYTES_MAX), "facts without end");
}

/// The same of a whole reply.
pub(crate) fn bounded_reply(reply: &BankReply) {
    use counterfoil_engine::ports::Said;
    let facts = match &reply.said {
        Said::Write { unequal, .. } => unequal.as_deref(),
        Said::Unequal(_, facts) => Some(facts.as_str()),
        Said::Rows(_) | Said::Bill(_) | Said::Refused(_) | Said::Silent => None,
    };
    bounded(&reply.code, &reply.transcript, facts);
}
