//! B7: refunds worked off, 8 payments at once, against a bare client that makes the same calls.
//!
//! Both sides have a bank and a shop of their own, made by the same number, and a way of 50 ms for
//! each HTTP request. Both keep to two requests a second, which is all that a key may make. Time is
//! simulated, so that the real pace costs no real time; what the engine and the data file take is
//! measured and added. The adapters, which both sides have, take no time. The data file is in
//! memory: what a disk costs is B1.
//!
//! At SinoPac the refunds are asked for in the morning, at CTBC just before the batch, and worked
//! off after it. A refund is worked off when the bank has taken it; when it is done is up to the
//! bank. The bare client makes the engine's calls about these payments in the engine's order, each
//! as soon as the pace allows, and nothing else: no sweep, no file, no rule.

use std::time::Duration;

use counterfoil_domain::{Actor, Bank, Moment, PaymentId, Rail, RefundId, RefundReason, RefundState, Twd};
use counterfoil_engine::ports::{BankReply, BankRequest, Inquiry, Store};
use counterfoil_engine::{RefundAsked, Step, Ticket};
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{World, at, shop_json};
use serde_json::json;

use crate::rounds::{Goal, Outcome, Plan, now};

/// A Monday, and what is of it at CTBC: when a refund is asked for, and the batch with its margins.
const START: &str = "2026-11-23T09:00:00+08:00";
const BESIDE_THE_BATCH: &str = "2026-11-23T19:55:00+08:00";
const AFTER_THE_BATCH: &str = "2026-11-23T22:10:00+08:00";

/// So many refunds wait at once.
const PAYMENTS: u8 = 8;
const DOLLARS: i64 = 700;
/// One call there and back: two HTTP requests.
const CALL_MS: i64 = 2 * 50;
/// From one call of a key to its next.
const PACE_MS: i64 = 1_000;
/// Calls of a refund: the inquiry, the write, and the reading that shows it.
const CALLS: usize = 3;
/// The longest that they may take.
const MOST_SECS: i64 = 120;

/// Both banks, and how many writes reached CTBC in its batch.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let (mut sinopac, mut ctbc, mut writes) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=u64::from(plan.rounds) {
        sinopac.push(round(Rail::SinopacCard, number)?.0);
        let (rates, in_the_batch) = round(Rail::CtbcCard, number)?;
        ctbc.push(rates);
        writes.push(in_the_batch);
    }
    if let Some(writes) = writes.iter().find(|writes| **writes > 0.0) {
        return Err(format!("{writes} writes reached the bank in its batch"));
    }
    let rate = |against, rates: &[(f64, f64)]| Outcome::of(against, "refunds/s", rates);
    Ok(vec![
        rate("a bare client at SinoPac", &sinopac)?.aiming(Goal::AtLeast(0.9)),
        rate("a bare client at CTBC", &ctbc)?.aiming(Goal::AtLeast(0.9)),
        Outcome::report("the batch", "writes in it", &writes)?,
    ])
}

/// The rates of both sides, and the writes in the batch.
fn round(rail: Rail, number: u64) -> Result<((f64, f64), f64), String> {
    let (mut ours, payments) = shop(rail, number);
    let (mut bare, _) = shop(rail, number);
    let in_the_batch = ask(&mut ours, &payments);
    let (took, calls) = drain(&mut ours, &payments)?;
    if calls.len() > CALLS * payments.len() {
        return Err(format!("{} calls for {} refunds", calls.len(), payments.len()));
    }
    bare.run_to(at(if rail.bank() == Bank::Ctbc { AFTER_THE_BATCH } else { START }).max(bare.now));
    let bare_took = replay(&mut bare, rail.bank(), calls);
    if given_back(&ours, rail.bank()) != given_back(&bare, rail.bank()) {
        return Err("the bare client did something else".to_owned());
    }
    let rate = |took: Duration| f64::from(PAYMENTS) / took.as_secs_f64();
    Ok(((rate(took), rate(bare_took)), in_the_batch))
}

/// A shop with the one bank and 8 card sales that are paid.
fn shop(rail: Rail, number: u64) -> (World, Vec<PaymentId>) {
    let mut shop = shop_json();
    if let Some(shop) = shop.as_object_mut() {
        shop.remove(if rail.bank() == Bank::Ctbc { "sinopac" } else { "ctbc" });
    }
    let mut world = World::of_shop(shop, START, number, Points::default());
    let payments = (0..i64::from(PAYMENTS))
        .map(|n| {
            let payment = world.sell(rail, DOLLARS + n).payment;
            world.run_secs(5);
            if rail == Rail::CtbcCard {
                world.open_page(payment);
                world.card_control("pay", payment, &json!({}));
            } else {
                world.pay(payment);
            }
            world.run_secs(120);
            payment
        })
        .collect();
    world.run_secs(600);
    (world, payments)
}

/// All are asked for; at CTBC just before the batch, and it passes. Gives the writes in it.
fn ask(world: &mut World, payments: &[PaymentId]) -> f64 {
    let bank = payments.first().map(|payment| world.payment(*payment).rail.bank());
    let has_a_batch = bank == Some(Bank::Ctbc);
    if has_a_batch {
        world.run_to(at(BESIDE_THE_BATCH));
    }
    for (n, payment) in (1..).zip(payments) {
        let asked = RefundAsked {
            id: RefundId::from_bytes([n; 16]),
            payment: *payment,
            xid: String::new(),
            amount: Twd::new(DOLLARS),
            reason: RefundReason::Returned,
            note: None,
            who: Actor::Owner,
        };
        let clocks = world.clocks();
        let taken = world.engine().request_refund(clocks, &asked);
        assert!(taken.is_ok(), "{taken:?}");
    }
    if !has_a_batch {
        return 0.0;
    }
    let before = writes(world);
    world.run_to(at(AFTER_THE_BATCH).plus_ms(-1));
    f64::from(writes(world) - before)
}

/// What has changed something at the bank.
fn writes(world: &World) -> u32 {
    let bank = world.bank.lock();
    let acted = bank.map_or(0, |bank| bank.calls().filter(|call| call.acted).count());
    u32::try_from(acted).unwrap_or(u32::MAX)
}

fn given_back(world: &World, bank: Bank) -> i64 {
    let shop = match bank {
        Bank::Sinopac => json!({}),
        Bank::Ctbc => json!({ "bank": "ctbc", "shop": "10000" }),
    };
    let books = world.control("books", &shop);
    let orders = books.get("orders").and_then(|orders| orders.as_array()).cloned().unwrap_or_default();
    orders.iter().filter_map(|order| order.get("refunded")?.as_i64()).sum()
}

/// Drives the engine until the bank has taken every refund: how long that took, and the calls.
fn drain(world: &mut World, payments: &[PaymentId]) -> Result<(Duration, Vec<BankRequest>), String> {
    let begun = world.now;
    let (mut calls, mut spent) = (Vec::new(), Duration::ZERO);
    let mut under_way: Vec<(Moment, Ticket, BankReply)> = Vec::new();
    while !payments.iter().all(|payment| is_taken(world, *payment)) {
        if world.now > begun.plus_secs(MOST_SECS) {
            return Err("the refunds were not worked off".to_owned());
        }
        let (clocks, since) = (world.clocks(), now());
        let step = world.engine().step(clocks).map_err(|error| error.to_string())?;
        spent += since.elapsed();
        let wake = match step {
            Step::Send(call) => {
                if is_about_one(&call.request) {
                    calls.push(call.request.clone());
                }
                let reply = world.call(call.bank, call.request);
                under_way.push((world.now.plus_ms(CALL_MS), call.ticket, reply));
                continue;
            }
            Step::Wait(wake) => world.now.plus_ms(wake.ms_since(clocks.mono)),
            Step::Idle => world.now.plus_secs(MOST_SECS),
        };
        let back = under_way.iter().map(|(back, _, _)| *back).min();
        world.sleep_to(back.map_or(wake, |back| back.min(wake)));
        let now_there = world.now;
        for (_, ticket, reply) in under_way.extract_if(.., |(back, _, _)| *back <= now_there) {
            let (clocks, since) = (world.clocks(), now());
            let answered = world.engine().answered(clocks, ticket, &reply);
            answered.map_err(|error| error.to_string())?;
            spent += since.elapsed();
        }
    }
    Ok((millis(world.now.ms_since(begun)) + spent, calls))
}

/// The bank has the money back, or its file has.
fn is_taken(world: &mut World, payment: PaymentId) -> bool {
    let refunds = world.engine().store().refunds_of(payment).unwrap_or_default();
    refunds.iter().all(|refund| matches!(refund.state, RefundState::AtBank | RefundState::Done))
}

/// The sweep and the like are the engine's own.
fn is_about_one(request: &BankRequest) -> bool {
    !matches!(
        request,
        BankRequest::Ask(
            Inquiry::Paid { .. } | Inquiry::Time { .. } | Inquiry::Uncaptured | Inquiry::Token { .. }
        )
    )
}

/// The same calls, as fast as the pace allows.
fn replay(world: &mut World, bank: Bank, calls: Vec<BankRequest>) -> Duration {
    let begun = world.now;
    let mut end = begun;
    for (n, request) in (0..).zip(calls) {
        world.sleep_to(begun.plus_ms(n * PACE_MS).max(world.now));
        let _ = world.call(bank, request);
        end = world.now.plus_ms(CALL_MS);
    }
    millis(end.ms_since(begun))
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}
