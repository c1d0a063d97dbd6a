//! Loads orders and payments as views, and counts them.

use counterfoil_domain::order::order_state;
use counterfoil_domain::schedule::stopped_asking;
use counterfoil_domain::{
    CustomerId, LookIn, Moment, OrderId, PageLeft, Payment, PaymentId, PaymentState, Rail, Search, View,
};
use counterfoil_engine::may_issue_again;
use counterfoil_engine::ports::{OrderRow, Page, Store};
use serde::Serialize;
use ts_rs::TS;

use crate::acts::acts;
use crate::code::Code;
use crate::customers::Names;
use crate::error::{CommandError, Exit, shortened};
use crate::people::name_of;
use crate::refunds::beside::{BookingView, bookings_of, charges_of};
use crate::refunds::room::RefundTotals;
use crate::refunds::{refund_told, refunded_of, refunds_of};
use crate::told::{is_opened, left_why, note_of, proof_of, row_of, why};
use crate::views::{
    CardView, CustomerView, EvidenceView, Note, OrderInFull, OrderRowView, OrderView, PageLeftView,
    PaymentRowView, PaymentView, SoldView, time,
};

/// How many orders a view shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ViewCount {
    /// Which view.
    #[ts(type = "View")]
    pub view: View,
    /// Up to [`COUNT_MAX`].
    pub count: u32,
    /// There are more.
    pub more: bool,
}

/// People do not read a longer number beside a view.
pub const COUNT_MAX: u32 = 999;
/// Orders of the recent strip.
pub const NEWEST_MAX: u32 = 10;
/// Rows of a page of the list of orders; a page with fewer is the last one.
pub const PAGE_ROWS: u32 = 60;

/// A sale in its current state.
///
/// # Errors
/// Of the store.
pub fn sold_view<S: Store>(store: &S, id: PaymentId) -> Result<SoldView, CommandError> {
    let p = payment(store, id)?;
    let why = why(&p, store.operations_of(id)?);
    let issued = p.issued.filter(|_| p.shown);
    Ok(SoldView {
        order: p.order.to_string(),
        payment: p.id.to_string(),
        rail: p.rail,
        bank_order_no: p.bank_order_no.to_string(),
        amount: p.amount.dollars(),
        state: p.state,
        account: issued.as_ref().and_then(|i| i.account.clone()),
        link: issued.as_ref().and_then(|i| i.link.clone()),
        expires_at: time(p.expires_at),
        why: why.filter(|_| matches!(p.state, PaymentState::Issuing | PaymentState::NotIssued)),
    })
}

/// A payment with what its state rests on, at bank time `at`.
///
/// # Errors
/// Of the store.
pub fn payment_view<S: Store>(
    store: &S,
    id: PaymentId,
    at: Moment,
    note: Option<Note>,
) -> Result<PaymentView, CommandError> {
    let sold = sold_view(store, id)?;
    let payment = payment(store, id)?;
    let discrepancies = store.discrepancies_of(id)?;
    let kinds: Vec<_> = discrepancies.iter().map(|d| d.kind).collect();
    let shop = store.shop()?;
    let calendar = shop.as_ref().and_then(|s| s.ctbc.as_ref()).map(|c| &c.batch);
    let stopped = shop.as_ref().and_then(|s| stopped_asking(s.polling, &payment, at));
    let operations = store.operations_of(id)?;
    let evidence = store.evidence_of(id)?;
    let proof = proof_of(&payment, &evidence).cloned();
    let awaits = payment.state == PaymentState::Awaiting;
    let left = store.page_left(id)?.filter(|_| awaits);
    let open = |other: &Payment| {
        other.id != id && other.rail == Rail::CtbcCard && other.state == PaymentState::Awaiting
    };
    let old_page = awaits && store.payments_of(payment.order)?.iter().any(open);
    let note = note.or_else(|| note_of(&payment, &operations)).or(old_page.then_some(Note::OldPageOpen));
    let of_evidence = |evidence| EvidenceView::of(payment.rail, evidence);
    Ok(PaymentView {
        payment: sold.payment,
        order: sold.order,
        rail: sold.rail,
        bank_order_no: sold.bank_order_no,
        state: sold.state,
        amount: sold.amount,
        account: sold.account,
        link: sold.link,
        expires_at: sold.expires_at,
        created_at: time(payment.created_at),
        card: calendar.and_then(|calendar| CardView::of(&payment, &kinds, at, calendar)),
        stopped_at: stopped.map(time),
        evidence: evidence.into_iter().map(of_evidence).collect(),
        proof: proof.map(of_evidence),
        opened: is_opened(&operations),
        discrepancies: discrepancies.into_iter().map(Into::into).collect(),
        why: left.as_ref().and_then(|left| left_why(&payment, left)).or_else(|| why(&payment, operations)),
        left: left.map(|left| left_view(store, left)).transpose()?,
        reissue: may_issue_again(store, payment.order)?,
        note,
        late: payment.late,
        paid_at: payment.paid_minute.map(|minute| time(minute.start())),
        payee_name: shop.map(|s| s.payee_name).unwrap_or_default(),
    })
}

fn left_view<S: Store>(store: &S, left: PageLeft) -> Result<PageLeftView, CommandError> {
    let PageLeft { at, who, code, read_at, .. } = left;
    Ok(PageLeftView { at: time(at), who: name_of(store, who)?, code, read: read_at.is_some() })
}

/// The exit status for a payment's state, after waiting for money.
pub fn payment_result(state: PaymentState) -> Exit {
    use PaymentState as S;
    match state {
        S::Paid | S::PaidLate | S::Settled => Exit::Done,
        S::NotIssued | S::Expired | S::Cancelled | S::Failed | S::Released => Exit::Declined,
        S::Issuing | S::Awaiting | S::Authorized => Exit::Unknown,
    }
}

/// The exit status of a sale; `declined`: the bank refused to open it.
pub fn sale_result(state: PaymentState, declined: bool) -> Exit {
    use PaymentState as S;
    match state {
        S::Awaiting => Exit::Done,
        S::Issuing
        | S::Authorized
        | S::Paid
        | S::Settled
        | S::Released
        | S::NotIssued
        | S::Expired
        | S::Cancelled
        | S::Failed
        | S::PaidLate => {
            if declined {
                Exit::Declined
            } else {
                Exit::Unknown
            }
        }
    }
}

/// One order.
///
/// # Errors
/// `not-found`, or of the store.
pub fn order_show<S: Store>(store: &S, id: &str, names: Names) -> Result<OrderView, CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "order");
    let order = store.order(OrderId::parse(id).ok_or_else(missing)?)?.ok_or_else(missing)?;
    let payments = store.payments_of(order.id)?;
    let (mut discrepancies, mut refunds) = (Vec::new(), Vec::new());
    let (mut bookings, mut charges) = (Vec::new(), Vec::new());
    for p in &payments {
        discrepancies.extend(store.discrepancies_of(p.id)?.into_iter().map(Into::into));
        refunds.extend(refunds_of(store, p.id, names)?);
        bookings.extend(bookings_of(store, p.id)?);
        charges.extend(charges_of(store, p.id)?);
    }
    if names == Names::Masked {
        bookings.iter_mut().for_each(BookingView::mask);
    }
    let acts = acts(store, &order, &payments)?;
    let row = order_row(store, &(order, payments), names)?;
    Ok(OrderView {
        customer_erased: row.customer_erased,
        order: row.order,
        amount: row.amount,
        description: row.description,
        customer: row.customer,
        created_at: row.created_at,
        state: row.state,
        payments: row.payments,
        refunds,
        bookings,
        charges,
        discrepancies,
        acts,
    })
}

/// One order with its payments, at bank time `at`.
///
/// # Errors
/// `not-found`, or of the store.
pub fn order_in_full<S: Store>(
    store: &S,
    id: &str,
    at: Moment,
    names: Names,
) -> Result<OrderInFull, CommandError> {
    let order = order_show(store, id, names)?;
    let payments: Result<_, _> =
        order.payments.iter().map(|row| payment_view(store, payment_id(&row.payment)?, at, None)).collect();
    let mut totals = RefundTotals::default();
    for row in &order.payments {
        let payment = payment(store, payment_id(&row.payment)?)?;
        let charges = store.charges_of(payment.id)?;
        let others = charges
            .iter()
            .map(|charge| charge.xid.as_str())
            .filter(|xid| payment.target(xid) != payment.target(""));
        for xid in [""].into_iter().chain(others).filter(|_| payment.state.has_money()) {
            totals.add(&crate::refunds::room::totals(store, &payment, xid)?);
        }
    }
    Ok(OrderInFull { payments: payments?, totals, order })
}

/// The built-in view of this name.
///
/// # Errors
/// `view-unknown`.
pub fn view_named(name: &str) -> Result<View, CommandError> {
    View::parse(name).ok_or_else(|| CommandError::input(Code::ViewUnknown).with("view", shortened(name)))
}

/// The orders of a built-in view at bank time `at`, newest first.
///
/// # Errors
/// Of the store.
pub fn orders_in<S: Store>(
    store: &S,
    view: View,
    at: Moment,
    page: Page,
    names: Names,
) -> Result<Vec<OrderRowView>, CommandError> {
    order_rows(store, &store.orders_in(view, at, page)?, names)
}

/// The orders that a search of the day `at` finds, newest first; none when there is nothing in it
/// to look for. While names are masked, only what is shown is found.
///
/// # Errors
/// Of the store.
pub fn orders_search<S: Store>(
    store: &S,
    typed: &str,
    at: Moment,
    page: Page,
    names: Names,
) -> Result<Vec<OrderRowView>, CommandError> {
    let Some(search) = Search::read(typed, at.day()) else { return Ok(Vec::new()) };
    let look_in = match names {
        Names::Full => LookIn::All,
        Names::Masked => LookIn::Shown,
    };
    let search = Search { look_in, ..search };
    order_rows(store, &store.search(&search, page)?, names)
}

/// How many orders the views show that a person works off, at bank time `at`.
///
/// # Errors
/// Of the store.
pub fn view_counts<S: Store>(store: &S, at: Moment) -> Result<Vec<ViewCount>, CommandError> {
    let views = [View::NeedsMe, View::UnpaidEndsToday, View::Unpaid];
    let count = |view: View| {
        let count = store.count_in(view, at, COUNT_MAX + 1)?;
        Ok(ViewCount { view, count: count.min(COUNT_MAX), more: count > COUNT_MAX })
    };
    views.into_iter().map(count).collect()
}

fn order_rows<S: Store>(
    store: &S,
    rows: &[OrderRow],
    names: Names,
) -> Result<Vec<OrderRowView>, CommandError> {
    rows.iter().map(|row| order_row(store, row, names)).collect()
}

fn order_row<S: Store>(
    store: &S,
    (order, payments): &OrderRow,
    names: Names,
) -> Result<OrderRowView, CommandError> {
    let known = order.customer.map(|id| store.customer(id)).transpose()?.flatten();
    let description = names.text(&order.description, known.as_ref());
    let customer = order.customer.map(|id| customer(store, id, names)).transpose()?.flatten();
    Ok(OrderRowView {
        order: order.id.to_string(),
        amount: order.amount.dollars(),
        description,
        customer_erased: order.customer.is_some() && customer.is_none(),
        customer,
        created_at: time(order.created_at),
        state: order_state(payments),
        payments: payments.iter().map(|p| payment_row(store, p)).collect::<Result<_, _>>()?,
    })
}

/// `None` when everything about the customer was erased.
pub(crate) fn customer<S: Store>(
    store: &S,
    id: CustomerId,
    names: Names,
) -> Result<Option<CustomerView>, CommandError> {
    let known = store.customer(id)?.filter(|customer| !customer.is_erased());
    Ok(known.map(|c| CustomerView { name: names.name(&c.name), note: names.note(&c.note) }))
}

fn payment_row<S: Store>(store: &S, p: &Payment) -> Result<PaymentRowView, CommandError> {
    let cancellable = p.state == PaymentState::Awaiting && p.rail == Rail::SinopacAccount;
    let operations = if cancellable { store.operations_of(p.id)? } else { Vec::new() };
    let evidence = if p.proof.is_some() { store.evidence_of(p.id)? } else { Vec::new() };
    let has_money = p.state.has_money();
    let refunded = if has_money { refunded_of(store, p.id)? } else { 0 };
    let refund = if has_money { refund_told(store, p.id)? } else { None };
    Ok(PaymentRowView { refunded, refund, ..row_of(p, &operations, proof_of(p, &evidence)) })
}

/// Reads a payment's id.
fn payment_id(text: &str) -> Result<PaymentId, CommandError> {
    PaymentId::parse(text).ok_or_else(|| CommandError::input(Code::NotFound).with("what", "payment"))
}

fn payment<S: Store>(store: &S, id: PaymentId) -> Result<Payment, CommandError> {
    store.payment(id)?.ok_or_else(|| CommandError::input(Code::NotFound).with("what", "payment"))
}
