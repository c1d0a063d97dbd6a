//! Runs one command line: reads it, composes, prints, and gives the exit status.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use counterfoil_commands::terminal::{json_line, plain};
use counterfoil_commands::{
    AuditAsked, Code, CommandError, Exit, FilterTyped, ForeignRowView, Looks, Names, RefundTyped,
    SellRequest, Sent, audit_rows, customers_found, customers_named, discrepancy_row, discrepancy_rows,
    erased_by_name, foreign_rows, order_show, orders_in, orders_search, refund_alarms, refund_id,
    refund_preview, refund_rows, refund_view, view_named,
};
use counterfoil_domain::{
    Actor, Bank, Clocks, MinuteSpan, Moment, Mono, OrderId, RefundReason, Right, Twd, View,
};
use counterfoil_engine::Decision;
use counterfoil_engine::allowed;
use counterfoil_engine::ports::{AuditHead, Entropy, Page, Store};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_shop::{
    Clock, Composition, Desk, OsEntropy, VaultChoice, add_shop, compose, compose_or_paused,
    default_data_folder, export_audit, open_proved, open_reader, page_after, proof_failure, prove_bank,
    shop_view, verify_audit,
};
use serde_json::{Value, json};

use crate::acting::actor;
use crate::args::{
    Audit, AuditRows, Cli, Command, Customers, Discrepancies, ListPage, Orders, Refund, Sell, Shop,
};
use crate::looking::{self, bank_time};
use crate::output::{failed, readable, say};
use crate::people::people;
use crate::waiting;

/// Longest shop file, in bytes: a hundred times the usual one.
const SHOP_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Runs a command line and returns its exit status.
pub(crate) fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let wants_json = words.iter().any(|word| word == "--json");
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            let _closed = say(&error.render().to_string());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let why = error.render().to_string();
            return failed(&CommandError::input(Code::Usage).with("why", why.trim()), wants_json);
        }
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return failed(&CommandError::new(Code::Storage, Exit::Storage), wants_json);
    };
    match runtime.block_on(command(&cli)) {
        Ok((value, exit)) => {
            match say(&if cli.json { json_line(&value) } else { plain(&readable(&value)) }) {
                Ok(()) => ExitCode::from(exit.status()),
                // what was done is done, and whoever asked has to learn it
                Err(_) => {
                    failed(&CommandError::new(Code::OutputLost, Exit::Storage).with("said", value), cli.json)
                }
            }
        }
        Err(error) => failed(&error, cli.json),
    }
}

type Outcome = Result<(Value, Exit), CommandError>;

async fn command(cli: &Cli) -> Outcome {
    let from = composition(cli)?;
    let who = actor(cli, &from).map_err(nothing_sent)?;
    match &cli.command {
        Command::Shop(Shop::Add { file }) => shop_add(&from, file, who),
        Command::Shop(Shop::Check { name }) => shop_check(&from, name).await,
        Command::Sell(sell) => {
            let request = sell_request(sell, from.clock.wall());
            let mut desk = opened(&from)?;
            let sold = waiting::sell(&mut desk, &request, who).await;
            // a file that is opened again shows what the disk has taken
            drop(desk);
            let (view, exit) = sold.map_err(|why| looked_up(&from, &request, why))?;
            Ok((json!(view), exit))
        }
        Command::Watch { payment, for_secs } => {
            let (view, exit) = waiting::watch(&mut opened(&from)?, payment, *for_secs).await?;
            Ok((json!(view), exit))
        }
        Command::Cancel { payment } => {
            let (view, exit) = waiting::cancel(&mut opened(&from)?, payment, who).await?;
            Ok((json!(view), exit))
        }
        Command::Work { until_idle: _, for_secs } => work(&from, *for_secs).await,
        Command::Sweep { from: first, to } => {
            let span = MinuteSpan::new(minute(first)?.minute(), minute(to)?.minute())
                .ok_or_else(|| CommandError::input(Code::Usage).with("why", "--from > --to"))?;
            let mut desk = opened(&from)?;
            Ok((json!(waiting::sweep(&mut desk, span).await?), Exit::Done))
        }
        Command::Check => Ok((looking::check(&from)?, Exit::Done)),
        Command::Coverage => Ok((json!(looking::coverage(&from)?), Exit::Done)),
        Command::Orders(Orders::Show { order }) => {
            let store = reader(&from, who)?;
            Ok((json!(order_show(&store, order, Names::seen_by(&store, who)?)?), Exit::Done))
        }
        Command::Orders(Orders::List { view, page }) => {
            let store = reader(&from, who)?;
            let now = bank_time(&store, from.clock.wall())?;
            let (page, view) = (list_page(&store, page, now)?, view_named(view)?);
            // a task like the others of the view, above the first of them
            let with_tasks = matches!(view, View::NeedsMe | View::All) && page.after.is_none();
            let foreign = if with_tasks { foreign_rows(&store, None)? } else { Vec::new() };
            let orders = orders_in(&store, view, now, page, Names::seen_by(&store, who)?)?;
            Ok((with_foreign(&foreign, json!(orders)), Exit::Done))
        }
        Command::Orders(Orders::Search { text, page }) => {
            let store = reader(&from, who)?;
            let now = bank_time(&store, from.clock.wall())?;
            let (page, names) = (list_page(&store, page, now)?, Names::seen_by(&store, who)?);
            let foreign = if page.after.is_none() { foreign_rows(&store, Some(text))? } else { Vec::new() };
            let orders = orders_search(&store, text, now, page, names)?;
            Ok((with_foreign(&foreign, json!(orders)), Exit::Done))
        }
        Command::Discrepancies(Discrepancies::List { all }) => {
            let store = reader(&from, who)?;
            let rows = discrepancy_rows(&store, *all, Names::seen_by(&store, who)?)?;
            Ok((json!({ "discrepancies": rows }), Exit::Done))
        }
        Command::Discrepancies(Discrepancies::Close { discrepancy, reason }) => {
            let mut desk = opened(&from)?;
            desk.close_discrepancy(discrepancy, reason, who)?;
            Ok((json!(discrepancy_row(desk.engine().store(), discrepancy)?), Exit::Done))
        }
        Command::Refund(command) => Box::pin(refund(&from, command, who)).await,
        Command::People(command) => people(&from, command, who).await,
        Command::Customers(command) => customers(&from, command, who),
        Command::Audit(command) => audit(&from, command, who),
    }
}

async fn work(from: &Composition, for_secs: Option<u32>) -> Outcome {
    let mut desk = opened(from)?;
    let view = waiting::work(&mut desk, for_secs).await?;
    let exit = if view.needs_person > 0 { Exit::Unknown } else { Exit::Done };
    let mut said = json!(view);
    if let Some(said) = said.as_object_mut() {
        let health = desk.health();
        said.insert("alarms".to_owned(), json!(health.refunds));
        if let Some(off_s) = health.clock_off_s {
            said.insert("clock_off_s".to_owned(), json!(off_s));
        }
        let doubted = health.clocks.iter().filter(|clock| clock.doubted_by_s.is_some());
        let doubted: Vec<_> = doubted.collect();
        if !doubted.is_empty() {
            said.insert("clocks".to_owned(), json!(doubted));
        }
        if !health.shut.is_empty() {
            said.insert("shut".to_owned(), json!(health.shut));
        }
        if let Some(file) = &health.file {
            said.insert("file".to_owned(), json!(file));
        }
        if health.erasure_unfinished {
            said.insert("erasure_unfinished".to_owned(), json!(true));
        }
    }
    Ok((said, exit))
}

/// Orders with the money above them that none of them explains.
fn with_foreign(foreign: &[ForeignRowView], orders: Value) -> Value {
    let mut rows: Vec<Value> = foreign.iter().map(|row| json!(row)).collect();
    if let Value::Array(orders) = orders {
        rows.extend(orders);
    }
    json!({ "orders": rows })
}

fn customers(from: &Composition, command: &Customers, who: Actor) -> Outcome {
    match command {
        Customers::Find { text } => {
            let store = reader(from, who)?;
            allowed(&store, who, Right::EraseCustomer, Twd::ZERO)?;
            Ok((json!(customers_found(&store, text)?), Exit::Done))
        }
        Customers::Retention { days } => {
            let mut desk = compose_or_paused(from)?;
            desk.set_customer_days(*days, who)?;
            Ok((json!({ "customer_days": desk.engine().shop().customer_days }), Exit::Done))
        }
        Customers::Correct { order, name, note } => {
            let mut desk = opened(from)?;
            let (shown, left) = desk.correct_customer(order, name.as_deref(), note.as_deref(), who)?;
            let mut said = json!(shown.order);
            // there the wrong name is until `customers erase --order`
            let left = left.iter().map(|one| json!({ "order": one.order.to_string(), "field": one.field }));
            if let Some(members) = said.as_object_mut() {
                members.insert("left".to_owned(), left.collect());
            }
            Ok((said, Exit::Done))
        }
        Customers::Erase { customer, order, name } => {
            let mut desk = opened(from)?;
            // first: whether a name is there is for who may see it
            desk.allowed(who, Right::EraseCustomer)?;
            let mut erased: Vec<String> = customer.iter().cloned().collect();
            if let Some(name) = name {
                erased.extend(customers_named(desk.engine().store(), name)?);
            }
            if order.is_none() && erased.is_empty() {
                return Err(CommandError::input(Code::NotFound).with("what", "customer"));
            }
            desk.erase_customers(&erased, who)?;
            if let Some(order) = order {
                erased.extend(desk.erase_order(order, who)?);
            }
            let finished = !desk.engine().store().is_erasure_unfinished()?;
            // another program reads: the log keeps old pages until it ends
            let exit = if finished { Exit::Done } else { Exit::Unknown };
            let mut said = json!({ "erased": erased, "order": order, "finished": finished });
            if let (Some(copies), Some(said)) = (desk.copies_by_hand(), said.as_object_mut()) {
                said.insert("copies".to_owned(), json!(copies));
            }
            if let (Some(name), Some(said)) = (name, said.as_object_mut()) {
                said.insert("looked_at".to_owned(), json!(erased_by_name(desk.engine().store(), name)?));
            }
            Ok((said, exit))
        }
    }
}

fn audit(from: &Composition, command: &Audit, who: Actor) -> Outcome {
    match command {
        Audit::Verify { head, count } => {
            let stopped = || CommandError::new(Code::Storage, Exit::Storage);
            let printed = head.clone().zip(*count);
            let printed = printed.map(|(hash, rows)| AuditHead { rows, hash, people: None });
            let goes_on = &mut |_| ControlFlow::Continue(());
            let view = verify_audit(from, printed.as_ref(), goes_on)?.ok_or_else(stopped)?;
            let exit = if view.ok { Exit::Done } else { Exit::Unknown };
            Ok((json!(view), exit))
        }
        Audit::Accept => {
            let accepted_now = compose_or_paused(from)?.accept_record(who)?;
            let (mut view, exit) = audit(from, &Audit::Verify { head: None, count: None }, who)?;
            if let Some(members) = view.as_object_mut() {
                members.insert("accepted_now".to_owned(), json!(accepted_now));
            }
            Ok((view, exit))
        }
        Audit::List { rows, limit, before } => {
            let store = reader(from, who)?;
            allowed(&store, who, Right::ExportAudit, Twd::ZERO)?;
            let now = bank_time(&store, from.clock.wall())?;
            let rows = audit_rows(&store, &audit_asked(rows), now, (*before, *limit))?;
            Ok((json!({ "rows": rows }), Exit::Done))
        }
        Audit::Export { rows, out } => {
            let store = reader(from, who)?;
            allowed(&store, who, Right::ExportAudit, Twd::ZERO)?;
            let now = bank_time(&store, from.clock.wall())?;
            Ok((json!(export_audit(from, &audit_asked(rows), now, Some(out))?), Exit::Done))
        }
    }
}

/// For who only looks: as a person, with what proves that they may.
fn reader(from: &Composition, who: Actor) -> Result<impl Store, CommandError> {
    match who {
        Actor::Engine | Actor::Browser => open_reader(&from.data),
        Actor::Owner | Actor::Person(_) => open_proved(from),
    }
    .map_err(nothing_sent)
}

/// Before anything that waits for its time to pass.
async fn wait_for_time(desk: &mut Desk, of: &str) -> Result<(), CommandError> {
    let waited = desk.wait_for_time_passed(Some(of)).await;
    waited.map_err(nothing_sent)
}

/// The shop for a command that works in it.
fn opened(from: &Composition) -> Result<Desk, CommandError> {
    compose(from).map_err(nothing_sent)
}

/// An error before the shop was open: nothing has left, whatever the command would have sent.
fn nothing_sent(why: CommandError) -> CommandError {
    why.sent(Sent::No, false)
}

fn audit_asked(rows: &AuditRows) -> AuditAsked {
    let AuditRows { from, to, who, what } = rows;
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let what = what.iter().cloned().collect();
    AuditAsked { from: typed(from), to: typed(to), who: typed(who), what, order: String::new() }
}

async fn refund(from: &Composition, command: &Refund, who: Actor) -> Outcome {
    match command {
        Refund::List => {
            let store = reader(from, who)?;
            let alarms = refund_alarms(&store, bank_time(&store, from.clock.wall())?)?;
            Ok((
                json!({ "refunds": refund_rows(&store, Names::seen_by(&store, who)?)?, "alarms": alarms }),
                Exit::Done,
            ))
        }
        Refund::Show { refund } => {
            let store = reader(from, who)?;
            let names = Names::seen_by(&store, who)?;
            Ok((json!(refund_view(&store, refund_id(&store, refund)?, names)?), Exit::Done))
        }
        Refund::Preview { payment, amount, xid } => {
            let store = reader(from, who)?;
            let (payment, amount, xid) = (payment.clone(), amount.clone(), xid.clone());
            let reason = RefundReason::Returned.name().to_owned();
            let typed = RefundTyped { payment, xid, amount, reason, note: None };
            let at = bank_time(&store, from.clock.wall())?;
            // a request asks a bank for its time first, and cools by it
            let clocks = Clocks { at, mono: Mono::from_millis(0), passed: Some(at) };
            Ok((json!(refund_preview(&store, &typed, Looks { who, at, clocks })?), Exit::Done))
        }
        Refund::Request { payment, amount, reason, note, xid } => {
            let typed = RefundTyped {
                payment: payment.clone(),
                xid: xid.clone(),
                amount: amount.clone(),
                reason: reason.clone(),
                note: note.clone(),
            };
            let mut desk = opened(from)?;
            wait_for_time(&mut desk, payment).await?;
            let id = desk.request_refund(&typed, who)?;
            waiting::refund(&mut desk, id).await
        }
        Refund::Book { payment, amount, reason, refund_no, undo, xid } => {
            let (payment, xid) = (payment.clone(), xid.clone());
            let typed =
                RefundTyped { payment, xid, amount: amount.clone(), reason: reason.clone(), note: None };
            let mut desk = opened(from)?;
            let payment = desk.book_refund(&typed, refund_no.as_deref(), *undo, who)?;
            let store = desk.engine().store();
            let order = store.payment(payment)?.map(|payment| payment.order.to_string());
            let names = Names::seen_by(store, who)?;
            Ok((json!(order_show(store, &order.unwrap_or_default(), names)?), Exit::Done))
        }
        Refund::Approve { refund, amount } => {
            let mut desk = opened(from)?;
            wait_for_time(&mut desk, refund).await?;
            let id = desk.approve_refund(refund, amount.as_deref(), who)?;
            waiting::refund(&mut desk, id).await
        }
        Refund::Withdraw { refund } => {
            let mut desk = opened(from)?;
            let id = desk.withdraw_refund(refund, who)?;
            waiting::withdrawal(&mut desk, id).await
        }
        Refund::Decide { refund, done, not_done, keep_asking, by_hand } => {
            let decision = match (done, not_done, keep_asking, by_hand) {
                (Some(reference), ..) => Decision::Done { reference: reference.clone() },
                (None, Some(told_by), ..) => Decision::NotDone { told_by: told_by.clone() },
                (None, None, true, _) => Decision::KeepAsking,
                (None, None, false, true) => Decision::ByHand { proof: None },
                (None, None, false, false) => {
                    let why = "--done, --not-done, --keep-asking or --by-hand";
                    return Err(CommandError::input(Code::Usage).with("why", why));
                }
            };
            let mut desk = opened(from)?;
            wait_for_time(&mut desk, refund).await?;
            let id = desk.decide_refund(refund, who, &decision)?;
            waiting::refund(&mut desk, id).await
        }
    }
}

fn composition(cli: &Cli) -> Result<Composition, CommandError> {
    let vault = VaultChoice::parse(&cli.vault)?;
    let clock = match &cli.at {
        Some(at) => Clock::starting_at(minute(at)?),
        None => Clock::System,
    };
    Ok(Composition {
        data: cli.data.clone().unwrap_or_else(default_data_folder),
        vault,
        clock,
        demo_base: None,
    })
}

fn shop_add(from: &Composition, file: &std::path::Path, who: Actor) -> Outcome {
    let shown = file.display().to_string();
    let refused = |code| CommandError::input(code).with("path", shown.clone());
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(SHOP_FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    let read = read.map_err(|_| refused(Code::ShopFileRead))?;
    if u64::try_from(read).is_ok_and(|read| read > SHOP_FILE_BYTES_MAX) {
        return Err(refused(Code::ShopFileLong));
    }
    let text = str::from_utf8(&bytes).map_err(|_| refused(Code::ShopFileEncoding))?;
    let shop = add_shop(from, text.trim_start_matches('\u{feff}'), who)?;
    Ok((json!(shop_view(&shop)), Exit::Done))
}

async fn shop_check(from: &Composition, name: &str) -> Outcome {
    let store = open_reader(&from.data)?;
    let shop = store.shop()?.ok_or_else(|| CommandError::input(Code::NoShop))?;
    if shop.name != name {
        return Err(CommandError::input(Code::ShopNameDiffers).with("name", shop.name));
    }
    let mut said = json!({ "shop": name, "ok": true });
    for bank in Bank::ALL.into_iter().filter(|bank| shop.has(*bank)) {
        let proof = prove_bank(from, &shop, bank).await?;
        if let Some(failure) = proof_failure(bank, &proof) {
            return Err(failure);
        }
        if let Some(said) = said.as_object_mut() {
            said.insert(bank.name().to_owned(), proved(&shop, bank));
        }
    }
    Ok((said, Exit::Done))
}

/// A bank whose keys are proved, with the paper that the shop says its contract follows.
fn proved(shop: &ShopRecord, bank: Bank) -> Value {
    match (bank, &shop.sinopac) {
        (Bank::Sinopac, Some(sinopac)) => json!({ "verdict": "proved", "paper": sinopac.paper.name() }),
        (Bank::Sinopac, None) | (Bank::Ctbc, _) => json!({ "verdict": "proved" }),
    }
}

fn sell_request(sell: &Sell, at: Moment) -> SellRequest {
    let mut bytes = [0; 16];
    OsEntropy.fill(&mut bytes);
    let again = sell.order.is_some();
    SellRequest {
        order: sell.order.clone().unwrap_or_else(|| OrderId::new(at, bytes).to_string()),
        rail: sell.rail.clone(),
        amount: sell.amount.clone(),
        description: sell.description.clone(),
        customer: sell.customer.clone(),
        note: sell.note.clone(),
        expires: sell.expires.clone(),
        again: Some(again),
    }
}

/// An error of a new sale, with what the data file holds of it. A file that cannot be read may.
fn looked_up(from: &Composition, request: &SellRequest, why: CommandError) -> CommandError {
    let is_new = request.again != Some(true);
    let store = open_reader(&from.data).ok().filter(|_| is_new);
    let order = OrderId::parse(&request.order);
    match store.zip(order).map(|(store, order)| store.order(order)) {
        Some(Ok(order)) if why.values.get("sent") == Some(&json!("no")) => why.with("stays", order.is_some()),
        Some(_) | None => why,
    }
}

fn list_page<S: Store>(store: &S, page: &ListPage, now: Moment) -> Result<Page, CommandError> {
    let ListPage { limit, after, rail, state, from, to } = page;
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let filter = FilterTyped { rail: typed(rail), state: typed(state), from: typed(from), to: typed(to) };
    page_after(store, after.as_deref(), *limit, filter.read(now)?)
}

fn minute(text: &str) -> Result<Moment, CommandError> {
    Moment::parse_rfc3339(text)
        .ok_or_else(|| CommandError::input(Code::Usage).with("why", "RFC 3339: 2026-11-21T09:00:00+08:00"))
}
