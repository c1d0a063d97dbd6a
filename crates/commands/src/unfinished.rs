//! What goes on only while the program runs: it is why a closed window leaves the program there.
//! Left out: what merely waits for a customer, which the next start polls for anyway.

use counterfoil_domain::{OperationKind, OperationState};
use counterfoil_engine::ports::Store;
use serde::Serialize;
use ts_rs::TS;

use crate::error::CommandError;

/// How much the program has left to do at the banks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
pub struct UnfinishedView {
    /// Refunds that have not ended.
    pub refunds: u32,
    /// Other requests that must still be sent, or asked about.
    pub requests: u32,
}

impl UnfinishedView {
    /// Nothing is left.
    pub const fn is_nothing(self) -> bool {
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
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    Ok(UnfinishedView { refunds: count(store.open_refunds()?.len()), requests: count(requests.count()) })
}
