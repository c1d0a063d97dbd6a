//! What goes on only while the program runs: it is why a closed window leaves the program there.
//! Left out: what merely waits for a customer, which the next start polls for anyway.

use std::collections::BTreeSet;

use counterfoil_domain::{OperationId, OperationKind, OperationState, RefundId};
use counterfoil_engine::ports::Store;
use serde::Serialize;
use ts_rs::TS;

use crate::error::CommandError;

/// How much the program has left to do at the banks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, TS)]
pub struct UnfinishedView {
    /// Refunds that have not ended.
    pub refunds: u32,
    /// Other requests that must still be sent, or asked about.
    pub requests: u32,
    /// Which they are: of another one a closing window tells again.
    #[serde(skip)]
    #[ts(skip)]
    pub which: BTreeSet<Waits>,
}

/// One of what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waits {
    /// A refund.
    Refund(RefundId),
    /// Another request.
    Request(OperationId),
}

impl UnfinishedView {
    /// Nothing is left.
    pub const fn is_nothing(&self) -> bool {
        self.refunds == 0 && self.requests == 0
    }
}

/// Counts it.
///
/// # Errors
/// Of the store.
pub fn unfinished<S: Store>(store: &S) -> Result<UnfinishedView, CommandError> {
    let requests = store.open_operations()?.into_iter().filter(|op| {
        // the form of a card page is the browser's, and a step of a refund counts with its refund
        let is_ours = op.refund.is_none() && op.kind != OperationKind::PostForm;
        // what waits for a person does not go on by itself
        is_ours && op.state != OperationState::NeedsPerson && op.kind.blocks_money(op.state)
    });
    let requests: Vec<_> = requests.map(|op| Waits::Request(op.id)).collect();
    let refunds = store.open_refunds()?;
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let (refund_count, request_count) = (count(refunds.len()), count(requests.len()));
    let which = refunds.into_iter().map(|refund| Waits::Refund(refund.id)).chain(requests).collect();
    Ok(UnfinishedView { refunds: refund_count, requests: request_count, which })
}
