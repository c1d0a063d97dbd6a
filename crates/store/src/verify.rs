//! Compares the audit chain with the rows that it speaks of, and brings it in line with them after
//! an upgrade.
//!
//! One walk over the chain adds up the marks that each table should hold, one walk over the tables
//! those that it holds. The sums are of a hash with a random key of this run, so nobody can prepare
//! rows whose sum fits. Only a table whose sums differ is looked at mark by mark.
//!
//! Longer than 500 lines because the walk and what it is compared with are read side by side.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::{ControlFlow, Range};
use std::sync::LazyLock;

use counterfoil_domain::{Actor, Moment};
use counterfoil_engine::ports::{ACCEPTED, ACCEPTED_ENDS, AuditHead, AuditLine, AuditReport, Finding};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result, Row, params_from_iter};

use crate::audit::{self, Fits, Linked, WALK, Walk};
use crate::crew::Crew;
use crate::marks::{COUNTERS, ERASURES, JOTTED, MARKED, Mark, Moved, Table, from_bytes, table_of, to_bytes};
use crate::migrate;
use crate::sound::{self, Indexes};
use crate::standing::Standing;

/// A report names no more; it counts the rest.
const FINDINGS_MAX: usize = 100;
/// Who waits hears of the progress after so many rows.
const PROGRESS_ROWS: u64 = 10_000;
/// Marks in one audit row that brings the chain in line: about a megabyte.
const SEAL_MARKS_MAX: usize = 60_000;

/// Files from this version on were marked whole, but for the words of people.
const WITHOUT_WORDS: u16 = 19;
/// The verb of an audit row that brings the chain in line.
pub(crate) const SEAL: &str = "seal";

/// Hears how many rows are walked, and may stop the walk.
pub type Progress<'p> = &'p mut dyn FnMut(u64) -> ControlFlow<()>;

/// The marks that the chain gives a table, or that it holds.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sum {
    marks: i64,
    sum: u64,
}

impl Sum {
    pub(crate) fn add(&mut self, hash: u64, removed: bool) {
        if removed {
            self.marks -= 1;
            self.sum = self.sum.wrapping_sub(hash);
        } else {
            self.marks += 1;
            self.sum = self.sum.wrapping_add(hash);
        }
    }

    pub(crate) const fn counts(self, marks: i64) -> bool {
        self.marks == marks
    }
}

/// Counts rows, and tells who waits.
pub(crate) struct Counter<'p> {
    rows: u64,
    tell: Progress<'p>,
}

impl<'p> Counter<'p> {
    pub(crate) fn new(tell: Progress<'p>) -> Self {
        Self { rows: 0, tell }
    }
    /// Whether to go on.
    pub(crate) fn goes_on(&mut self) -> bool {
        self.rows += 1;
        !self.rows.is_multiple_of(PROGRESS_ROWS) || (self.tell)(self.rows).is_continue()
    }
}

/// Walks chain and rows; `None`: it was stopped.
pub(crate) fn verify(
    conn: &Connection,
    linked: Option<&Linked<'_>>,
    kept: Option<&AuditHead>,
    people_row: u64,
    tell: Progress<'_>,
) -> Result<Option<AuditReport>> {
    // one moment for the chain and its rows, also beside the writer
    let snapshot = conn.unchecked_transaction()?;
    let mut counter = Counter::new(tell);
    let random = RandomState::new();
    let Some(chain) = Chain::walk(&snapshot, linked, &random, &mut counter)? else { return Ok(None) };
    let Chain { walk, written, broken_at, unproved, lost, accepted, people } = chain;
    let (mut broken_at, mut counts) = (broken_at, Vec::new());
    let (mut found, rules) = (Vec::new(), rules(&snapshot)?);
    if let Some(linked) = linked {
        let from = linked.keyed.from();
        let is_sealed = walk.count >= from;
        if !is_sealed && (walk.count > 0 || from > 1) {
            broken_at = broken_at.or(Some(walk.count + 1));
        }
        if unproved || linked.keyed.replaces() {
            found.push(Finding::KeyLost(from));
        }
        found.extend(broken_at.map(Finding::Row));
        for head in kept.cloned().into_iter().chain(lost) {
            if !audit::holds(&snapshot, &head)? {
                found.push(Finding::Cut(head));
            }
        }
        let outside = audit::outside(&snapshot)?;
        found.extend((outside > 0).then_some(Finding::Outside(outside)));
        let mut differ = Vec::new();
        for table in MARKED.iter().filter(|_| is_sealed) {
            let mut held = Sum::default();
            // in a schema that is ours, what follows from the rows
            let mut indexes =
                if rules.is_empty() { Indexes::of(&snapshot, table.name)? } else { Indexes::default() };
            let goes_on = each_row(&snapshot, table, &indexes.selected(), |row, columns, beside| {
                indexes.take(row, beside, &random)?;
                held.add(random.hash_one(mark_of(row, columns, table, linked)), false);
                Ok(counter.goes_on())
            })?;
            if !goes_on {
                return Ok(None);
            }
            let Some(lying) = indexes.lying(&snapshot, &random, &mut counter)? else { return Ok(None) };
            found.extend(lying);
            counts.push((table.name, held.marks));
            if written.get(&table.number()).copied().unwrap_or_default() != held {
                differ.push(table);
            }
        }
        if !differ.is_empty() {
            found.extend(differences(&snapshot, linked, &differ)?);
        }
        if is_sealed {
            found.extend(jotted(&snapshot, linked)?);
            if Standing::load(&snapshot, linked, people_row)?.is_none() {
                found.push(Finding::Standing);
            }
        }
    } else {
        found.extend(broken_at.map(Finding::Row));
    }
    if rules.is_empty() {
        found.extend(sound::pages(&snapshot)?);
        let Some(lying) = sound::of_audit(&snapshot, &random, &mut counter)? else { return Ok(None) };
        found.extend(lying);
        let Some(words) = sound::words_of_orders(&snapshot, &random, &mut counter)? else { return Ok(None) };
        found.extend(words);
    }
    found.extend(rules.into_iter().map(Finding::Rule));
    let is_accepted = |finding: &mut Finding| finding.acceptable().is_some_and(|it| accepted.contains(&it));
    let accepted = found.extract_if(.., is_accepted).collect();
    let more = found.len().saturating_sub(FINDINGS_MAX);
    if more > 0 {
        found.truncate(FINDINGS_MAX);
        found.push(Finding::More(more));
    }
    let is_lost = unproved || linked.is_some_and(|linked| linked.keyed.replaces());
    let people = linked.map_or_else(
        || Ok(vec![]),
        |linked| people.compared(&snapshot, linked, is_lost).map(|compared| compared.unproved),
    )?;
    let (rows, head) = (walk.count, hex::encode(walk.head));
    Ok(Some(AuditReport { rows, head, broken_at, found, accepted, people, tables: counts }))
}

/// What a walk over the chain has shown.
pub(crate) struct Chain {
    pub(crate) walk: Walk,
    /// What each table should hold.
    written: HashMap<u8, Sum>,
    broken_at: Option<u64>,
    /// Rows whose key is lost.
    pub(crate) unproved: bool,
    lost: Vec<AuditHead>,
    accepted: Vec<String>,
    pub(crate) people: Crew,
}

impl Chain {
    /// `None`: it was stopped.
    pub(crate) fn walk(
        conn: &Connection,
        linked: Option<&Linked<'_>>,
        random: &RandomState,
        counter: &mut Counter<'_>,
    ) -> Result<Option<Self>> {
        let mut all = Self {
            walk: Walk::new(),
            written: HashMap::new(),
            broken_at: None,
            unproved: false,
            lost: Vec::new(),
            accepted: Vec::new(),
            people: Crew::default(),
        };
        let mut statement = conn.prepare_cached(WALK)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let fits = all.walk.take(row, linked)?;
            if fits == Fits::Not {
                // for a missing row its own number: the row after it is out of place
                all.broken_at = all.broken_at.or(Some(all.walk.count));
            }
            all.unproved |= fits == Fits::Unproved;
            all.lost.extend(lost_at(row)?);
            if fits == Fits::Keyed {
                all.accepted.extend(accepted_at(row)?);
            }
            if fits != Fits::Unproved {
                for moved in marks_of(row)? {
                    let hash = random.hash_one(moved.mark);
                    all.written.entry(moved.table).or_default().add(hash, moved.removed);
                }
            }
            if fits == Fits::Keyed && all.broken_at.is_none() {
                all.people.take(row)?;
            }
            if !counter.goes_on() {
                return Ok(None);
            }
        }
        Ok(Some(all))
    }
}

/// The rows that bear another mark than their own, and what should have one row and has none.
fn jotted(conn: &Connection, linked: &Linked<'_>) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for table in JOTTED.iter().filter(|table| table.has_own_mark(conn).unwrap_or(false)) {
        let mut rows = 0;
        each_row(conn, table, ", mark", |row, columns, beside| {
            rows += 1;
            if row.get::<_, Option<Mark>>(beside).ok().flatten() != Some(mark_of(row, columns, table, linked))
            {
                found.push(Finding::Changed { table: table.name, row: name(row, columns..beside)? });
            }
            Ok(true)
        })?;
        if rows == 0 && [COUNTERS.name, ERASURES.name].contains(&table.name) {
            found.push(Finding::Emptied(table.name));
        }
    }
    Ok(found)
}

/// A mark by the chain: how often a row has it now, and the audit row that spoke of it last.
struct Net {
    count: i64,
    audit_row: u64,
}

/// The marks of tables by the chain's keyed part.
fn net(conn: &Connection, linked: &Linked<'_>, of: impl Fn(u8) -> bool) -> Result<HashMap<Mark, (u8, Net)>> {
    let mut net = HashMap::new();
    let (mut statement, mut audit_row) = (conn.prepare_cached(WALK)?, 0);
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        audit_row += 1;
        if audit_row < linked.keyed.from() {
            continue;
        }
        for Moved { table, removed, mark } in marks_of(row)?.filter(|moved| of(moved.table)) {
            let (_, known) = net.entry(mark).or_insert((table, Net { count: 0, audit_row }));
            known.count += if removed { -1 } else { 1 };
            known.audit_row = audit_row;
        }
    }
    Ok(net)
}

/// Every row of these tables that is not as the chain says, and what it says that is not there.
fn differences(conn: &Connection, linked: &Linked<'_>, tables: &[&'static Table]) -> Result<Vec<Finding>> {
    let mut net = net(conn, linked, |number| tables.iter().any(|table| table.number() == number))?;
    let (mut found, mut left) = (Vec::new(), Vec::new());
    for table in tables {
        each_row(conn, table, "", |row, columns, end| {
            let mark = mark_of(row, columns, table, linked);
            match net.get_mut(&mark) {
                Some((_, known)) if known.count > 0 => known.count -= 1,
                Some(_) => {
                    found.push(Finding::RolledBack { table: table.name, row: name(row, columns..end)? });
                }
                None => found.push(Finding::Changed { table: table.name, row: name(row, columns..end)? }),
            }
            Ok(true)
        })?;
    }
    for (number, Net { count, audit_row }) in net.into_values() {
        let Some(Table { name: table, .. }) = table_of(number) else { continue };
        if count > 0 {
            left.push((audit_row, Finding::Missing { table, audit_row }));
        } else if count < 0 {
            left.push((audit_row, Finding::WasChanged { table, audit_row }));
        }
    }
    left.sort_by_key(|(audit_row, _)| *audit_row);
    found.extend(left.into_iter().map(|(_, finding)| finding));
    Ok(found)
}

/// Adds audit rows until the chain's keyed part names exactly the rows of the file: all of them in
/// a file of an older version, and those that an upgrade has changed in any other.
///
/// `since`: the version of the newest row. From the one that had no marks of words only those are
/// sealed: a row that is not as the chain says without them was changed by a hand, and stays named.
pub(crate) fn seal(
    conn: &Connection,
    linked: &Linked<'_>,
    since: u16,
    version: u16,
    at: Moment,
) -> Result<()> {
    let only_words = since >= WITHOUT_WORDS;
    let mut net = net(conn, linked, |_| true)?;
    let mut moved = Vec::new();
    let write = |moved: &mut Vec<Moved>, least: usize| {
        if moved.len() < least {
            return Ok(());
        }
        let line = AuditLine {
            at,
            who: Actor::Engine,
            what: SEAL.to_owned(),
            subject: ["version ", &version.to_string()].concat(),
            detail: [&moved.len().to_string(), " rows"].concat(),
        };
        let marks = to_bytes(version, &std::mem::take(moved));
        audit::add(conn, &line, [0; 32], Some((linked, &marks)))
    };
    let mut take = |mark: &Mark| {
        let known = net.get_mut(mark).filter(|(_, known)| known.count > 0);
        known.map(|(_, known)| known.count -= 1).is_some()
    };
    for table in MARKED {
        let (number, salted) = (table.number(), table.salted(conn)?);
        each_row(conn, table, "", |row, columns, _| {
            let mark = mark_of(row, columns, table, linked);
            if take(&mark) {
                return Ok(true);
            }
            let wordless = mark_without(row, columns, table, linked, &salted);
            if only_words && !take(&wordless) {
                return Ok(true);
            }
            if only_words {
                moved.push(Moved { table: number, removed: true, mark: wordless });
            }
            moved.push(Moved { table: number, removed: false, mark });
            write(&mut moved, SEAL_MARKS_MAX)?;
            Ok(true)
        })?;
    }
    let gone = net.into_iter().filter(|(_, (_, known))| known.count > 0 && !only_words);
    let mut gone: Vec<Moved> = gone.map(|(mark, (table, _))| Moved { table, removed: true, mark }).collect();
    gone.sort_unstable_by_key(|moved| moved.mark);
    for one in gone {
        moved.push(one);
        write(&mut moved, SEAL_MARKS_MAX)?;
    }
    write(&mut moved, 1)
}

/// The head that a program missed when it opened the file.
pub(crate) fn lost_at(row: &Row<'_>) -> Result<Option<AuditHead>> {
    let [what, subject, detail] = [row.get_ref(3)?, row.get_ref(4)?, row.get_ref(5)?];
    let [what, subject, detail] = [what, subject, detail].map(|text| text.as_str().unwrap_or_default());
    Ok(AuditHead::lost(what, subject, detail))
}

/// What an owner has accepted of what was found then.
pub(crate) fn accepted_at(row: &Row<'_>) -> Result<Vec<String>> {
    let [what, detail] = [row.get_ref(3)?, row.get_ref(5)?].map(|text| text.as_str().unwrap_or_default());
    let accepted = if what == ACCEPTED { detail } else { "" };
    Ok(accepted.split(ACCEPTED_ENDS).filter(|one| !one.is_empty()).map(str::to_owned).collect())
}

pub(crate) fn marks_of<'r>(row: &'r Row<'_>) -> Result<impl Iterator<Item = Moved> + 'r> {
    Ok(from_bytes(row.get_ref(9)?.as_blob_or_null().unwrap_or_default().unwrap_or_default()))
}

/// The first `columns` values of a row are those that its mark is made of.
pub(crate) fn mark_of(row: &Row<'_>, columns: usize, table: &Table, linked: &Linked<'_>) -> Mark {
    mark_without(row, columns, table, linked, &(0..0))
}

/// The same with these values empty.
fn mark_without(
    row: &Row<'_>,
    columns: usize,
    table: &Table,
    linked: &Linked<'_>,
    empty: &Range<usize>,
) -> Mark {
    let values = (0..columns).map(|column| match row.get_ref(column) {
        Ok(value) if !empty.contains(&column) => value,
        Ok(_) | Err(_) => ValueRef::Null,
    });
    linked.keyed.mark(table.number(), values)
}

/// Every row of a table in the order of the file, with the number of its columns that count, and
/// where what is selected beside them begins; false: it was stopped.
pub(crate) fn each_row(
    conn: &Connection,
    table: &Table,
    beside: &str,
    take: impl FnMut(&Row<'_>, usize, usize) -> Result<bool>,
) -> Result<bool> {
    each_row_of(conn, table, beside, None, take)
}

/// The same of those that have this id in a column.
pub(crate) fn each_row_of(
    conn: &Connection,
    table: &Table,
    beside: &str,
    wanted: Option<(&str, [u8; 16])>,
    mut take: impl FnMut(&Row<'_>, usize, usize) -> Result<bool>,
) -> Result<bool> {
    let values = table.values(conn, table.name)?;
    let count = values.len();
    // names of the schema, not a person's
    let mut select = ["SELECT ", &values.join(", ")].concat();
    let keys = table.key_columns(conn)?;
    for key in &keys {
        select.push_str(", ");
        select.push_str(key);
    }
    select.extend([beside, " FROM ", table.name]);
    if let Some((column, _)) = wanted {
        select.extend([" WHERE ", column, " = ?1"]);
    }
    let mut statement = conn.prepare(&select)?;
    let mut rows = statement.query(params_from_iter(wanted.map(|(_, id)| id)))?;
    while let Some(row) = rows.next()? {
        if !take(row, count, count + keys.len())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How a person finds a row: by its id or its key, which come behind the columns that count.
fn name(row: &Row<'_>, key: Range<usize>) -> Result<String> {
    let mut parts = Vec::new();
    for column in key {
        parts.push(match row.get_ref(column)? {
            ValueRef::Integer(n) => n.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Blob(bytes) => match <[u8; 16]>::try_from(bytes) {
                Ok(id) => counterfoil_domain::OrderId::from_bytes(id).to_string(),
                Err(_) => hex::encode(bytes),
            },
            ValueRef::Null | ValueRef::Real(_) => String::new(),
        });
    }
    Ok(parts.join(" "))
}

/// Tables that hold the rules of steps.
const RULES: [&str; 6] = [
    "payment_steps",
    "payment_proofs",
    "operation_steps",
    "card_steps",
    "refund_steps",
    // that the search forgets erased words is a setting of its index
    "order_words_config",
];

/// What keeps the rules in a data file: the text of each table, trigger and index, and the rows of
/// the tables of steps.
struct Rules {
    schema: Vec<(String, Option<String>)>,
    steps: [Vec<(Value, Value)>; RULES.len()],
}

impl Rules {
    fn of(conn: &Connection) -> Result<Self> {
        let mut steps = [const { Vec::new() }; RULES.len()];
        for (rows, table) in steps.iter_mut().zip(RULES) {
            *rows = self::steps(conn, table)?;
        }
        Ok(Self { schema: schema(conn)?, steps })
    }

    /// Those of this program, made once: a new file in memory tells them.
    fn ours() -> Option<&'static Self> {
        static OURS: LazyLock<Option<Rules>> = LazyLock::new(|| {
            let mut new = Connection::open_in_memory().ok()?;
            migrate::fill(&mut new, &migrate::embedded()).ok()?;
            Rules::of(&new).ok()
        });
        OURS.as_ref()
    }
}

/// The names of tables, triggers, indexes and rules that are not those of this program.
fn rules(conn: &Connection) -> Result<Vec<String>> {
    let (is, Some(should)) = (Rules::of(conn)?, Rules::ours()) else {
        return Ok(vec!["migrations".to_owned()]);
    };
    let missing = should.schema.iter().filter(|row| !is.schema.contains(row));
    let other = is.schema.iter().filter(|row| !should.schema.contains(row));
    let mut found: Vec<String> = missing.chain(other).map(|(name, _)| name.clone()).collect();
    let steps = RULES.into_iter().zip(is.steps.iter().zip(&should.steps));
    found.extend(steps.filter(|(_, (is, should))| is != should).map(|(table, _)| table.to_owned()));
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn schema(conn: &Connection) -> Result<Vec<(String, Option<String>)>> {
    let sql =
        "SELECT name, sql FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name";
    conn.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// But for the form of the index: SQLite writes another number there at the first erased word.
fn steps(conn: &Connection, table: &str) -> Result<Vec<(Value, Value)>> {
    let rows = if table == "order_words_config" { " WHERE k <> 'version'" } else { "" };
    let sql = ["SELECT * FROM ", table, rows, " ORDER BY 1, 2"].concat();
    let Ok(mut statement) = conn.prepare(&sql) else { return Ok(Vec::new()) };
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
