//! What a filter leaves of every list, against the same said in plain words over rows in memory.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{Filter, Moment, Order, Payment, PaymentId, PaymentState, Rail, Search, View};
use counterfoil_engine::ports::{Change, OrderRow, Page, Store};

use super::support::*;

const ORDERS: u32 = 90;

/// Days of sales: one every two hours.
fn sold(n: u32) -> Moment {
    at(0).plus_mins(i64::from(n) * 120)
}

/// Sale `n`: one payment or two, of every way and state in turn.
fn rows(n: u32) -> OrderRow {
    let order = Order { created_at: sold(n), ..order(n) };
    let nth = |n: u32| usize::try_from(n).unwrap();
    let payments = (0..=n % 2).map(|more| Payment {
        id: PaymentId::from_bytes(bytes(n + 1_000 * more)),
        order: order.id,
        bank_order_no: counterfoil_domain::BankOrderNo::from_text(format!("N{n}A{more}")),
        rail: Rail::ALL[nth(n / 2 + more) % 3],
        state: PaymentState::ALL[nth(n * 7 / 3 + 5 * more) % PaymentState::ALL.len()],
        created_at: sold(n).plus_ms(i64::from(more)),
        expires_at: sold(n).plus_days(1),
        confirmed_at: Some(at(n)),
        ..payment(n)
    });
    (order.clone(), payments.collect())
}

fn in_doubt(n: u32) -> bool {
    n.is_multiple_of(11)
}

/// The rule.
fn shows(view: View, today: Moment, only: Filter, (order, payments): &OrderRow, n: u32) -> bool {
    let day = order.created_at.day();
    let fits = |p: &Payment| {
        only.rail.is_none_or(|rail| rail == p.rail) && only.state.is_none_or(|state| state == p.state)
    };
    let has_money = payments.iter().any(|p| p.state.has_money());
    let of_view = match view {
        View::All => payments.iter().any(fits),
        View::Paid => payments.iter().any(|p| p.state.has_money() && fits(p)),
        View::Unpaid => !has_money && payments.iter().any(|p| p.state.is_open() && fits(p)),
        View::UnpaidEndsToday => {
            let ends = |p: &Payment| p.state.is_open() && p.expires_at.day() == today.day() && fits(p);
            !has_money && payments.iter().any(ends)
        }
        View::NeedsMe => {
            let waits = |p: &Payment| matches!(p.state, PaymentState::Authorized | PaymentState::PaidLate);
            (in_doubt(n) || payments.iter().any(waits)) && payments.iter().any(fits)
        }
    };
    of_view && only.from.is_none_or(|from| day >= from) && only.to.is_none_or(|to| day <= to)
}

#[test]
fn a_filter_leaves_of_every_list_what_it_says() {
    let place = Place::new();
    let mut store = place.writer();
    let mut everything: Vec<_> = (1..=ORDERS).rev().map(|n| (n, rows(n))).collect();
    for (n, (order, payments)) in &mut everything {
        let mut changes = vec![Change::OrderAdded(order.clone())];
        for (more, payment) in (0..).zip(payments.iter_mut()) {
            let (kept, steps) = arrived(*n + 1_000 * more, payment.clone());
            *payment = kept;
            changes.extend(steps);
        }
        if in_doubt(*n) {
            changes.push(Change::DiscrepancyAdded(discrepancy(*n, Some(payments[0].id), "odd")));
        }
        commit(&mut store, changes).unwrap();
    }
    let today = sold(60);
    let days = [None, Some(sold(20).day()), Some(sold(60).day()), Some(day_plus(today.day(), 90))];
    let (mut asked, mut seen) = (0, 0);
    for rail in [None, Some(Rail::SinopacAccount), Some(Rail::CtbcCard)] {
        for state in [None].into_iter().chain(PaymentState::ALL.map(Some)) {
            for (from, to) in days.iter().flat_map(|from| days.iter().map(|to| (*from, *to))) {
                let only = Filter { rail, state, from, to };
                for view in View::ALL {
                    let expected: Vec<_> =
                        everything.iter().filter(|(n, row)| shows(view, today, only, row, *n)).collect();
                    let expected: Vec<_> = expected.into_iter().map(|(_, row)| row.clone()).collect();
                    let found = walked(|page| store.orders_in(view, today, Page { only, ..page }).unwrap());
                    assert_eq!(found, expected, "{view:?} {only:?}");
                    (asked, seen) = (asked + 1, seen + found.len());
                }
                let search = Search::read("茶葉", today.day()).unwrap();
                let all = everything.iter().filter(|(n, row)| shows(View::All, today, only, row, *n));
                let all: Vec<_> = all.map(|(_, row)| row.clone()).collect();
                assert_eq!(walked(|page| store.search(&search, Page { only, ..page }).unwrap()), all);
            }
        }
    }
    assert!(asked > 2_000 && seen > asked, "{seen} rows in {asked} lists");
}

/// Pages of seven until one is empty.
fn walked(mut page: impl FnMut(Page) -> Vec<OrderRow>) -> Vec<OrderRow> {
    let mut seen: Vec<OrderRow> = Vec::new();
    loop {
        let after = seen.last().map(|(last, _)| (last.created_at, last.id));
        let rows = page(Page { after, limit: 7, ..Page::default() });
        if rows.is_empty() {
            return seen;
        }
        seen.extend(rows);
    }
}
