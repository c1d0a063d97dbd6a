//! What the people of a shop did about an order, from the audit. Left out: what they did about its
//! refunds, which the refunds show themselves.

use counterfoil_domain::{Actor, Order, Payment};
use counterfoil_engine::ports::Store;
use serde::Serialize;
use ts_rs::TS;

use crate::error::CommandError;
use crate::people::name_of;
use crate::views::time;

/// What one of the people did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ActView {
    /// By bank time.
    pub at: String,
    /// The name.
    pub who: String,
    /// As the audit names it.
    pub what: String,
    /// The payment that it is about, if it is about one.
    pub payment: Option<String>,
}

/// What people did about an order, its payments, their discrepancies and its customer, oldest
/// first.
///
/// # Errors
/// Of the store.
pub(crate) fn acts<S: Store>(
    store: &S,
    order: &Order,
    payments: &[Payment],
) -> Result<Vec<ActView>, CommandError> {
    let mut subjects = vec![(order.id.to_string(), None)];
    subjects.extend(order.customer.map(|id| (id.to_string(), None)));
    for payment in payments {
        let about = || Some(payment.id.to_string());
        subjects.push((payment.id.to_string(), about()));
        let closed = store.discrepancies_closed(payment.id)?.into_iter();
        subjects.extend(closed.map(|one| (one.id.to_string(), about())));
    }
    let mut acts = Vec::new();
    for (subject, payment) in subjects {
        for row in store.acts_of(&subject)? {
            // in a shop without people there is nobody to tell apart
            if let Some(actor @ Actor::Person(_)) = Actor::parse(&row.who) {
                let (who, what) = (name_of(store, actor)?, row.what);
                acts.push((row.seq, ActView { at: time(row.at), who, what, payment: payment.clone() }));
            }
        }
    }
    acts.sort_unstable_by_key(|(seq, _)| *seq);
    Ok(acts.into_iter().map(|(_, act)| act).collect())
}
