//! The audit record as a screen shows it: pages, newest first, of what a filter leaves.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{Actor, CustomerId, Moment, OrderId, PaymentId, PersonId, RefundId, Search};
use counterfoil_engine::ports::{AuditFilter, AuditHead, AuditRow, Page, Store, StoreError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::CommandError;
use crate::filter::FilterTyped;
use crate::people::name_of;
use crate::views::time;

/// Rows of a page.
const PAGE_ROWS: u32 = 60;
/// Orders whose rows a search shows.
const ORDERS_MAX: u32 = 20;

/// What narrows the record; empty members do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct AuditAsked {
    /// Part of a person's name, or `engine`, `browser`, `owner`.
    pub who: String,
    /// What was done, as the rows name it.
    pub what: Vec<String>,
    /// The first day, as people write it.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What the orders' search finds an order by, for example the bank's number.
    pub order: String,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AuditLineView {
    /// Its number, from 1.
    #[ts(type = "number")]
    pub row: u64,
    /// When, by bank time.
    pub at: String,
    /// A person's name, or `engine`, `browser`, `owner`.
    pub who: String,
    /// What was done.
    pub what: String,
    /// The bank's order number or the person that it is about.
    pub about: Option<String>,
    /// What the row says beside it.
    pub detail: String,
}

/// A page of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AuditPage {
    /// Newest first.
    pub rows: Vec<AuditLineView>,
    /// Whether older ones follow.
    pub more: bool,
    /// Rows of the whole record.
    #[ts(type = "number")]
    pub total: u64,
    /// Hash of its last row, hex.
    pub head: String,
}

/// The page that ends before row `before`, of what the filter leaves on the day of `at`.
///
/// # Errors
/// `filter-day`, `filter-days`, or of the store.
pub fn audit_page<S: Store>(
    store: &S,
    filter: &AuditAsked,
    before: Option<u64>,
    at: Moment,
) -> Result<AuditPage, CommandError> {
    let AuditHead { rows: total, hash: head, people: _ } = store.audit_end()?;
    let filter = AuditFilter { before, limit: PAGE_ROWS + 1, ..wanted(store, filter, at)? };
    let mut rows = store.audit_rows(&filter)?;
    let shown = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let rows = rows.into_iter().map(|row| row_view(store, row)).collect::<Result<_, _>>()?;
    Ok(AuditPage { rows, more, total, head })
}

/// What was asked, as a question to the store.
pub(crate) fn wanted<S: Store>(
    store: &S,
    asked: &AuditAsked,
    at: Moment,
) -> Result<AuditFilter, CommandError> {
    let AuditAsked { who, what, from, to, order } = asked;
    let days = FilterTyped { from: from.clone(), to: to.clone(), ..FilterTyped::default() }.read(at)?;
    Ok(AuditFilter {
        from: days.from.map(Moment::start_of),
        until: days.to.map(|day| Moment::start_of(day_plus(day, 1))),
        who: actors(store, who)?,
        what: (!what.is_empty()).then(|| what.clone()),
        subjects: subjects(store, order, at)?,
        ..AuditFilter::default()
    })
}

/// Those whose name holds the text; `None`: everyone.
fn actors<S: Store>(store: &S, typed: &str) -> Result<Option<Vec<String>>, CommandError> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Ok(None);
    }
    let people = store.people()?.into_iter().filter(|one| one.name.to_lowercase().contains(&typed));
    let mut actors: Vec<String> = people.map(|one| Actor::Person(one.id).name()).collect();
    actors.extend(Actor::parse(&typed).map(Actor::name));
    Ok(Some(actors))
}

/// Everything that rows about the orders that a search finds may name; `None`: every order.
fn subjects<S: Store>(store: &S, typed: &str, at: Moment) -> Result<Option<Vec<String>>, CommandError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let mut subjects = Vec::new();
    let Some(search) = Search::read(typed, at.day()) else { return Ok(Some(subjects)) };
    for (order, payments) in store.search(&search, Page { limit: ORDERS_MAX, ..Page::default() })? {
        subjects.push(order.id.to_string());
        subjects.extend(order.customer.map(|id| id.to_string()));
        for payment in payments {
            subjects.push(payment.id.to_string());
            subjects.extend(store.refunds_of(payment.id)?.into_iter().map(|refund| refund.id.to_string()));
        }
    }
    Ok(Some(subjects))
}

fn row_view<S: Store>(store: &S, row: AuditRow) -> Result<AuditLineView, CommandError> {
    let AuditRow { seq, at, who, what, subject, detail } = row;
    let (who, about) = (who_acted(store, who)?, about(store, &subject)?);
    Ok(AuditLineView { row: seq, at: time(at), who, about, what, detail })
}

/// A person's name. A text of another program stays as it is.
pub(crate) fn who_acted<S: Store>(store: &S, who: String) -> Result<String, StoreError> {
    Actor::parse(&who).map_or(Ok(who), |actor| name_of(store, actor))
}

/// In words of the counter; a UUID tells nobody anything.
fn about<S: Store>(store: &S, subject: &str) -> Result<Option<String>, CommandError> {
    let payment = match (PaymentId::parse(subject), RefundId::parse(subject)) {
        (Some(id), Some(refund)) => match store.payment(id)? {
            Some(payment) => Some(payment),
            None => store.refund(refund)?.map(|row| store.payment(row.payment)).transpose()?.flatten(),
        },
        (_, _) => None,
    };
    if let Some(payment) = payment {
        return Ok(Some(payment.bank_order_no.to_string()));
    }
    if let Some(person) = PersonId::parse(subject).map(|id| store.person(id)).transpose()?.flatten() {
        return Ok(Some(person.name));
    }
    let Some(mut order) = OrderId::parse(subject) else { return Ok(None) };
    if let Some(customer) = CustomerId::parse(subject)
        && let Some(of) = store.orders_of_customer(customer)?.first()
    {
        order = of.id;
    }
    Ok(store.payments_of(order)?.last().map(|payment| payment.bank_order_no.to_string()))
}
