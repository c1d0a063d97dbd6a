//! B3 and B4: a page of a list and of a search, in a shop with a million orders, from the command
//! to its view.
//!
//! Against `rusqlite`: the same questions on the same file by hand, every column read and nothing
//! made of it. The figure is the 99th hundredth of a round's times, in microseconds. Before B4
//! every order that LIKE finds must be found: by two characters of a name, the end of an account, a
//! number.

use std::collections::BTreeSet;
use std::path::Path;

use counterfoil_commands::{Names, orders_in, orders_search};
use counterfoil_domain::{Filter, Moment, OrderId, PaymentState, Rail, Search, View};
use counterfoil_engine::ports::{Page, Store};
use counterfoil_store::{DATA_FILE, Mode, SqliteStore};
use counterfoil_tests::world::Seeded;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use crate::machine;
use crate::million::{self, ENDED_MS};
use crate::rounds::{Goal, Outcome, Plan, now};

/// As many as the window asks for.
const ROWS: u32 = 60;
/// Pages of each kind and side in a round.
const TIMES: usize = 300;
/// Texts of each kind that are looked for through the whole table.
const LOOKED_FOR: u32 = 8;

type Fault = String;
/// Orders by their ids.
type Found = BTreeSet<Vec<u8>>;
/// A place in the list: instant and id.
type Key = (i64, Vec<u8>);

const ALL: &str = "SELECT created_at, id, amount, description, customer_id, version FROM orders
    WHERE (created_at, id) < (?1, ?2) ORDER BY created_at DESC, id DESC LIMIT ?3";
const ONE: &str = "SELECT created_at, id, amount, description, customer_id, version FROM orders WHERE created_at = ?1 AND id = ?2";
const PAYMENTS: &str =
    "SELECT order_id, created_at, id, rail, bank_order_no, amount, p.state, shown, issued, account, link,
    web_atm, bank_ref, expires_at, paid_minute, confirmed_at, proof, late, a.at, return_port, return_path,
    c.state, c.tail, version
    FROM payments p LEFT JOIN asked a ON a.payment_id = p.id LEFT JOIN cards c ON c.payment_id = p.id
    WHERE order_id = ?1 ORDER BY created_at, id";
const CUSTOMER: &str = "SELECT id, name, note, salt FROM customers WHERE id = ?1";
const OPEN: &str = "SELECT DISTINCT p.sold_at, p.order_id FROM payments p
    WHERE (p.state = 'issuing' OR p.state = 'awaiting' OR p.state = 'authorized')
            AND (p.sold_at, p.order_id) < (?1, ?2)
    AND NOT EXISTS (SELECT 1 FROM payments m
        WHERE m.order_id = p.order_id AND m.state IN ('paid', 'paid-late', 'settled'))
    ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3";
const ENDS: &str = "SELECT DISTINCT p.sold_at, p.order_id FROM payments p
    WHERE (p.state = 'issuing' OR p.state = 'awaiting' OR p.state = 'authorized')
            AND (p.sold_at, p.order_id) < (?1, ?2)
    AND p.expires_at >= ?4 AND p.expires_at < ?5 AND NOT EXISTS (SELECT 1 FROM payments m
        WHERE m.order_id = p.order_id AND m.state IN ('paid', 'paid-late', 'settled'))
    ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3";
const PAID: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE (state = 'paid' OR state = 'paid-late' OR state = 'settled')
        AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";
const PERSON: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE state IN ('authorized', 'paid-late') AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";
const STUCK: &str =
    "SELECT DISTINCT p.sold_at, p.order_id FROM operations o JOIN payments p ON p.id = o.payment_id
    WHERE o.state = 'needs-person' AND (p.sold_at, p.order_id) < (?1, ?2)
    ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3";
const DOUBT: &str =
    "SELECT DISTINCT p.sold_at, p.order_id FROM discrepancies d JOIN payments p ON p.id = d.payment_id
    WHERE d.closed = 0 AND (p.sold_at, p.order_id) < (?1, ?2) ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3";
const BY_WAY: &str = "SELECT DISTINCT p.sold_at, p.order_id FROM payments p
    WHERE p.rail = ?5 AND p.state = ?6 AND p.sold_at >= ?4 AND (p.sold_at, p.order_id) < (?1, ?2)
    ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3";
const WORDS: &str =
    "SELECT p.created_at, p.order_id FROM order_words w JOIN order_places p ON p.place = w.rowid
    WHERE w.order_words MATCH ?4 AND w.rowid <= ?5 AND (p.created_at, p.order_id) < (?1, ?2)
    ORDER BY w.rowid DESC LIMIT ?3";
const AMOUNT: &str = "SELECT created_at, id FROM orders WHERE amount = ?4 AND (created_at, id) < (?1, ?2)
    ORDER BY created_at DESC, id DESC LIMIT ?3";
const TAIL: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE account_back >= ?4 AND account_back < ?5 AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";
const NUMBER: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE bank_order_no >= ?4 AND bank_order_no < ?5 AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";

/// One question of the other side: its text, and what it wants after place and limit.
type Question = (&'static str, Vec<Value>);

/// Both sides on one file.
struct Shop {
    ours: SqliteStore,
    bare: Connection,
    _folder: tempfile::TempDir,
}

impl Shop {
    fn new() -> Result<Self, Fault> {
        let folder = machine::folder()?;
        let data = folder.path().join("shop");
        million::make(&data)?;
        let ours = SqliteStore::open(&data, Mode::Reader).map_err(text)?;
        Ok(Self { ours, bare: bare(&data.join(DATA_FILE)).map_err(text)?, _folder: folder })
    }

    /// Everything about the orders that the questions find, newest first.
    fn by_hand(&self, questions: &[Question], after: &Key, rows: u32) -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut keys: Vec<Key> = Vec::new();
        let mut orders = Vec::new();
        for (sql, more) in questions {
            let place = [Value::from(after.0), Value::from(after.1.clone()), Value::from(rows)];
            let mut found = self.bare.prepare_cached(sql)?;
            let mut found = found.query(params_from_iter(place.iter().chain(more)))?;
            while let Some(row) = found.next()? {
                if *sql == ALL {
                    orders.push(columns(row)?);
                } else {
                    keys.push((row.get(0)?, row.get(1)?));
                }
            }
        }
        keys.sort_unstable_by(|a, b| b.cmp(a));
        keys.dedup();
        keys.truncate(usize::try_from(rows).unwrap_or(0));
        for (at, id) in keys {
            orders.extend(self.read(ONE, &[at.into(), id.into()])?);
        }
        let mut all = Vec::new();
        for order in orders {
            if let [_, id, .., customer, _] = order.as_slice() {
                all.extend(self.read(PAYMENTS, std::slice::from_ref(id))?);
                all.extend(self.read(CUSTOMER, std::slice::from_ref(customer))?);
            }
            all.push(order);
        }
        Ok(all)
    }

    fn read(&self, sql: &str, values: &[Value]) -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut statement = self.bare.prepare_cached(sql)?;
        statement.query_map(params_from_iter(values), columns)?.collect()
    }

    fn keys(&self, sql: &str, more: &[Value]) -> rusqlite::Result<Vec<Key>> {
        let place = [Value::from(i64::MAX), Value::from(vec![u8::MAX; 16]), Value::from(i64::MAX)];
        let mut statement = self.bare.prepare_cached(sql)?;
        let rows = statement
            .query_map(params_from_iter(place.iter().chain(more)), |row| Ok((row.get(0)?, row.get(1)?)));
        rows?.collect()
    }
}

fn bare(file: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.execute_batch(
        "PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA mmap_size = 0; PRAGMA temp_store = 2;
        PRAGMA cache_size = -16384; PRAGMA query_only = 1",
    )?;
    Ok(conn)
}

fn columns(row: &rusqlite::Row<'_>) -> rusqlite::Result<Vec<Value>> {
    (0..row.as_ref().column_count()).map(|column| row.get(column)).collect()
}

/// B3: first, middle and last page of each view, and of all that one way has brought.
pub(crate) fn pages(plan: Plan) -> Result<Vec<Outcome>, Fault> {
    let shop = Shop::new()?;
    let at = Moment::from_millis(ENDED_MS).plus_days(1);
    let day = [0, 1].map(|days| {
        let day = counterfoil_domain::time::day_plus(at.day(), days);
        Value::from(Moment::start_of(day).millis())
    });
    let rail = Rail::SinopacAccount;
    let of_rail = PaymentState::ALL.map(|state| {
        (BY_WAY, vec![i64::MIN.into(), rail.name().to_owned().into(), state.name().to_owned().into()])
    });
    let views: [(View, &str, Vec<Question>); 6] = [
        (View::All, "rusqlite, all", vec![(ALL, vec![])]),
        (View::Unpaid, "rusqlite, unpaid", vec![(OPEN, vec![])]),
        (View::UnpaidEndsToday, "rusqlite, unpaid-ends-today", vec![(ENDS, day.to_vec())]),
        (View::NeedsMe, "rusqlite, needs-me", vec![(PERSON, vec![]), (STUCK, vec![]), (DOUBT, vec![])]),
        (View::Paid, "rusqlite, paid", vec![(PAID, vec![])]),
        (View::All, "rusqlite, one way", of_rail.to_vec()),
    ];
    let mut outcomes = Vec::new();
    for (view, against, questions) in views {
        let mut places = vec![(i64::MAX, vec![u8::MAX; 16])];
        let mut list = Vec::new();
        for (sql, more) in &questions {
            list.extend(shop.keys(sql, more).map_err(text)?);
        }
        if list.is_empty() {
            return Err(format!("the shop has nothing {}", view.name()));
        }
        list.sort_unstable_by(|a, b| b.cmp(a));
        places.extend(
            [list.len() / 2, list.len().saturating_sub(26)].iter().filter_map(|n| list.get(*n).cloned()),
        );
        let narrowed = questions.len() == PaymentState::ALL.len();
        let only = Filter { rail: narrowed.then_some(rail), ..Filter::default() };
        let mut ours = |place: &Key| {
            orders_in(&shop.ours, view, at, Page { only, ..page(place) }, Names::Full)
                .map(|rows| rows.len())
                .map_err(|e| e.message())
        };
        let mut bare =
            |place: &Key| shop.by_hand(&questions, place, ROWS).map(|rows| rows.len()).map_err(text);
        outcomes.push(measured(plan, against, &places, &mut ours, &mut bare)?);
    }
    Ok(outcomes)
}

/// B4: two characters of a name, the end of an account, a whole number.
pub(crate) fn searches(plan: Plan) -> Result<Vec<Outcome>, Fault> {
    let shop = Shop::new()?;
    recall(&shop)?;
    let mut random = Seeded(11);
    let names: Vec<String> = (0..64).map(|_| million::name(&mut random).chars().skip(1).collect()).collect();
    let tails: Vec<String> = (0..64).map(|_| format!("{:04}", random.below(10_000))).collect();
    let numbers: Vec<String> = shop
        .read("SELECT bank_order_no FROM payments ORDER BY bank_order_no LIMIT 64 OFFSET 500000", &[])
        .map_err(text)?
        .into_iter()
        .flatten()
        .filter_map(|value| if let Value::Text(number) = value { Some(number) } else { None })
        .collect();
    let mut outcomes = Vec::new();
    for (against, typed) in
        [("rusqlite, name", names), ("rusqlite, account", tails), ("rusqlite, number", numbers)]
    {
        let mut ours = |typed: &String| {
            let page = Page { limit: ROWS, ..Page::default() };
            orders_search(&shop.ours, typed, ended(), page, Names::Full)
                .map(|rows| rows.len())
                .map_err(|e| e.message())
        };
        let newest = (i64::MAX, vec![u8::MAX; 16]);
        let mut bare = |typed: &String| {
            shop.by_hand(&questions(typed), &newest, ROWS).map(|rows| rows.len()).map_err(text)
        };
        outcomes.push(measured(plan, against, &typed, &mut ours, &mut bare)?);
    }
    Ok(outcomes)
}

fn ended() -> Moment {
    Moment::from_millis(million::ENDED_MS)
}

/// What our side asks for this text.
fn questions(typed: &str) -> Vec<Question> {
    let search = Search::read(typed, ended().day()).unwrap_or_default();
    let mut questions = Vec::new();
    for phrase in &search.phrases {
        let open = if phrase.open_ended { " *" } else { "" };
        let question = format!("\"{}\"{open}", phrase.words.join(" "));
        questions.push((WORDS, vec![Value::from(question), Value::from(i64::MAX)]));
    }
    if let Some(amount) = search.amount {
        questions.push((AMOUNT, vec![Value::from(amount.dollars())]));
    }
    let back = search.account_end.map(|end| end.chars().rev().collect::<String>());
    for (sql, start) in [(TAIL, back), (NUMBER, search.number_start)] {
        if let Some(start) = start {
            let end = format!("{start}~");
            questions.push((sql, vec![Value::from(start), Value::from(end)]));
        }
    }
    questions
}

/// Every order that LIKE finds is found; of names, where nothing else could fit, no other.
fn recall(shop: &Shop) -> Result<(), Fault> {
    // each table is read once, from its beginning to its end
    const NAME: &str = "SELECT id FROM orders WHERE description LIKE '%' || ?1 || '%'
        OR customer_id IN (SELECT id FROM customers WHERE name LIKE '%' || ?1 || '%')";
    const ACCOUNT: &str = "SELECT order_id FROM payments WHERE account LIKE '%' || ?1";
    const WHOLE: &str = "SELECT order_id FROM payments WHERE bank_order_no = ?1";
    let mut random = Seeded(5);
    for n in 0..LOOKED_FOR {
        let skipped = usize::from(n % 2 == 0);
        let part: String = million::name(&mut random).chars().skip(skipped).take(2).collect();
        let (wanted, found) = both(shop, NAME, &part)?;
        if found != wanted || wanted.is_empty() {
            return Err(format!("{part}: LIKE finds {}, the search {}", wanted.len(), found.len()));
        }
        let tail = format!("{:05}", random.below(100_000));
        let at = i64::try_from(random.below(1_000_000)).unwrap_or(0);
        let number = shop.read("SELECT bank_order_no FROM payments LIMIT 1 OFFSET ?1", &[at.into()]);
        let Some(Value::Text(number)) = number.map_err(text)?.into_iter().flatten().next() else {
            return Err("no number".to_owned());
        };
        for (like, typed) in [(ACCOUNT, tail), (WHOLE, number)] {
            let (wanted, found) = both(shop, like, &typed)?;
            let missing = wanted.difference(&found).count();
            if missing > 0 || (like == WHOLE && wanted.len() != 1) {
                return Err(format!("{typed}: {missing} of {} are not found", wanted.len()));
            }
        }
    }
    Ok(())
}

/// The orders that LIKE finds through the whole table, and those that the search finds page by
/// page.
fn both(shop: &Shop, like: &str, typed: &str) -> Result<(Found, Found), Fault> {
    let rows = shop.read(like, &[Value::from(typed.to_owned())]).map_err(text)?;
    let id = |value| if let Value::Blob(id) = value { Some(id) } else { None };
    let wanted = rows.into_iter().flatten().filter_map(id).collect();
    let search =
        Search::read(typed, ended().day()).ok_or_else(|| format!("{typed} is nothing to look for"))?;
    let (mut found, mut after) = (BTreeSet::new(), None);
    loop {
        let rows = shop.ours.search(&search, Page { after, limit: 500, ..Page::default() }).map_err(text)?;
        let Some((last, _)) = rows.last() else { break };
        after = Some((last.created_at, last.id));
        found.extend(rows.iter().map(|(order, _)| order.id.as_bytes().to_vec()));
    }
    Ok((wanted, found))
}

fn page((at, id): &Key) -> Page {
    let id: Option<[u8; 16]> = id.as_slice().try_into().ok();
    let after = id.filter(|_| *at < i64::MAX).map(|id| (Moment::from_millis(*at), OrderId::from_bytes(id)));
    Page { after, limit: ROWS, ..Page::default() }
}

/// Rounds of both sides in turn, each time beginning with the other one.
fn measured<T>(
    plan: Plan,
    against: &'static str,
    what: &[T],
    ours: &mut dyn FnMut(&T) -> Result<usize, Fault>,
    bare: &mut dyn FnMut(&T) -> Result<usize, Fault>,
) -> Result<Outcome, Fault> {
    let mut rounds = Vec::new();
    let mut found = 0;
    // the first one warms both
    for round in 0..=plan.rounds {
        let (mut of_ours, mut of_bare) = (Vec::new(), Vec::new());
        for (n, one) in what.iter().cycle().take(TIMES).enumerate() {
            let mut timed = |ask: &mut dyn FnMut(&T) -> Result<usize, Fault>, times: &mut Vec<f64>| {
                let began = now();
                found += ask(one)?;
                times.push(began.elapsed().as_secs_f64() * 1e6);
                Ok::<_, Fault>(())
            };
            if n % 2 == 0 {
                timed(ours, &mut of_ours)?;
                timed(bare, &mut of_bare)?;
            } else {
                timed(bare, &mut of_bare)?;
                timed(ours, &mut of_ours)?;
            }
        }
        if round > 0 {
            rounds.push((p99(of_ours), p99(of_bare)));
        }
    }
    if found == 0 {
        return Err(format!("{against}: nothing was found"));
    }
    Ok(Outcome::of_times(against, "us p99", &rounds)?.aiming(Goal::AtMost(1.5)))
}

fn p99(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).copied().unwrap_or(0.0)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn text(error: impl ToString) -> String {
    error.to_string()
}
