//! Whether what follows from the rows still does: each index holds what its table holds, and the
//! words for searching are those of the orders.
//!
//! SQLite's own check looks each row up in each index, which takes minutes for a million sales.
//! Here index and table are read in their own order each, and the sums of their hashes compared, as
//! in `verify.rs`, whose walk over the tables also adds up what the indexes should hold. So a hand
//! that dropped an index, changed the table and put the index back shows.

use std::hash::{BuildHasher, Hash as _, Hasher, RandomState};
use std::ops::Range;

use counterfoil_domain::search::words;
use counterfoil_engine::ports::Finding;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Row};

use crate::orders::Key;
use crate::rows::one;
use crate::verify::{Counter, Sum};
use crate::words::{DUE_MAX, due, found_at, quoted};

/// The words of so many orders are looked for in the index itself, evenly over all: each walks the
/// lists of its words, which for what a shop sells every day name every order.
const LOOKED_FOR: i64 = 64;

/// What SQLite finds in the pages, without the indexes.
pub(crate) fn pages(conn: &Connection) -> Result<Option<Finding>> {
    let said: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((said != "ok").then_some(Finding::Pages(said)))
}

/// The indexes of a table, and what each should hold of the rows that were walked so far.
#[derive(Default)]
pub(crate) struct Indexes {
    all: Vec<Index>,
}

struct Index {
    name: String,
    /// What it holds, and by what the table's rows go in it.
    columns: String,
    width: usize,
    /// Which rows are in it.
    only: String,
    held: String,
    own: Sum,
}

impl Indexes {
    /// Those of a table. The statements are made of the file's own schema, so only for one that is
    /// the program's.
    pub(crate) fn of(conn: &Connection, table: &str) -> Result<Self> {
        const INDEXES: &str =
            "SELECT name, sql FROM main.sqlite_schema WHERE type = 'index' AND tbl_name = ?1 ORDER BY name";
        let mut statement = conn.prepare(INDEXES)?;
        let named = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let named: Vec<(String, Option<String>)> = named.collect::<Result<_>>()?;
        let key = key(conn, table)?;
        let mut all = Vec::new();
        for (name, sql) in named {
            let (columns, only) = parts(conn, &name, sql.as_deref())?;
            let columns = [&columns, ", ", &key].concat();
            let held =
                ["SELECT ", &columns, " FROM ", table, " INDEXED BY ", &name, " WHERE ", &only].concat();
            let width = conn.prepare(&held)?.column_count();
            all.push(Index { name, columns, width, only, held, own: Sum::default() });
        }
        Ok(Self { all })
    }

    /// What a walk over the table selects for them, behind columns of its own. With all columns of
    /// the table at the end: an index that has what is asked for would answer itself.
    pub(crate) fn selected(&self) -> String {
        let mut selected = String::new();
        for Index { only, columns, .. } in &self.all {
            selected.push_str(&[", (", only, "), ", columns].concat());
        }
        if self.all.is_empty() { selected } else { selected + ", *" }
    }

    /// A row of the table, of which the columns for the indexes begin at `at`.
    pub(crate) fn take(&mut self, row: &Row<'_>, mut at: usize, random: &RandomState) -> Result<()> {
        for Index { width, own, .. } in &mut self.all {
            let end = at + 1 + *width;
            if row.get::<_, Option<bool>>(at)? == Some(true) {
                own.add(hash(random, row, at + 1..end)?, false);
            }
            at = end;
        }
        Ok(())
    }

    /// Those that hold something else; `None`: it was stopped.
    pub(crate) fn lying(
        self,
        conn: &Connection,
        random: &RandomState,
        counter: &mut Counter<'_>,
    ) -> Result<Option<Vec<Finding>>> {
        let mut found = Vec::new();
        for Index { name, width, held, own, .. } in self.all {
            let mut statement = conn.prepare(&held)?;
            let (mut rows, mut sum) = (statement.query([])?, Sum::default());
            while let Some(row) = rows.next()? {
                sum.add(hash(random, row, 0..width)?, false);
                if !counter.goes_on() {
                    return Ok(None);
                }
            }
            if sum != own {
                found.push(Finding::Index(name));
            }
        }
        Ok(Some(found))
    }
}

/// The indexes of the chain itself, which say what people did; `None`: it was stopped.
pub(crate) fn of_audit(
    conn: &Connection,
    random: &RandomState,
    counter: &mut Counter<'_>,
) -> Result<Option<Vec<Finding>>> {
    let mut indexes = Indexes::of(conn, "audit")?;
    let select = ["SELECT 1", &indexes.selected(), " FROM audit NOT INDEXED"].concat();
    let mut statement = conn.prepare(&select)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        indexes.take(row, 1, random)?;
        if !counter.goes_on() {
            return Ok(None);
        }
    }
    indexes.lying(conn, random, counter)
}

/// What an index holds, and of which rows. One without a text was made by a table's own rule.
fn parts(conn: &Connection, index: &str, sql: Option<&str>) -> Result<(String, String)> {
    let every = || "1".to_owned();
    let Some(sql) = sql else {
        let mut columns = conn.prepare("SELECT name FROM pragma_index_info(?1)")?;
        let columns: Vec<String> = columns.query_map([index], |row| row.get(0))?.collect::<Result<_>>()?;
        return Ok((columns.join(", "), every()));
    };
    let (made, only) = sql.split_once(" WHERE ").map_or((sql, None), |(made, only)| (made, Some(only)));
    let columns = made.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map_or("", |(all, _)| all);
    Ok((columns.to_owned(), only.map_or_else(every, str::to_owned)))
}

/// By what the rows of a table go in its indexes.
fn key(conn: &Connection, table: &str) -> Result<String> {
    const KEY: &str = "SELECT name FROM pragma_table_info(?1) AS t WHERE pk > 0 AND EXISTS
        (SELECT 1 FROM pragma_table_list(?1) WHERE schema = 'main' AND wr = 1) ORDER BY pk";
    let key: Vec<String> = conn.prepare(KEY)?.query_map([table], |row| row.get(0))?.collect::<Result<_>>()?;
    Ok(if key.is_empty() { "rowid".to_owned() } else { key.join(", ") })
}

fn hash(random: &RandomState, row: &Row<'_>, columns: Range<usize>) -> Result<u64> {
    let mut hasher = random.build_hasher();
    for column in columns {
        match row.get_ref(column)? {
            ValueRef::Null => 0_u8.hash(&mut hasher),
            ValueRef::Integer(n) => (1_u8, n).hash(&mut hasher),
            ValueRef::Real(n) => (2_u8, n.to_bits()).hash(&mut hasher),
            ValueRef::Text(text) => (3_u8, text).hash(&mut hasher),
            ValueRef::Blob(bytes) => (4_u8, bytes).hash(&mut hasher),
        }
    }
    Ok(hasher.finish())
}

/// Whether the words for searching are those of the orders: each order that has any has its place
/// among them, and some are found by all of theirs. `None`: it was stopped.
pub(crate) fn words_of_orders(
    conn: &Connection,
    random: &RandomState,
    counter: &mut Counter<'_>,
) -> Result<Option<Vec<Finding>>> {
    const PLACES: &str = "SELECT p.created_at, p.order_id, s.id FROM order_places AS p
        LEFT JOIN order_words_docsize AS s ON s.id = p.place";
    const SIZES: &str = "SELECT count(*) FROM order_words_docsize";
    if due(conn)? >= DUE_MAX {
        // a search looks at fewer
        return Ok(Some(vec![Finding::Words]));
    }
    let count: i64 = one(conn, SIZES, [], |row| row.get(0))?.unwrap_or_default();
    let mut is = Sum::default();
    let mut statement = conn.prepare(PLACES)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if row.get_ref(2)? != ValueRef::Null {
            is.add(hash(random, row, 0..2)?, false);
        }
        if !counter.goes_on() {
            return Ok(None);
        }
    }
    let (mut seen, mut is_lost) = (0_i64, false);
    let with_texts = |key, texts: [&str; 3]| {
        seen += 1;
        is_lost |= seen % (count / LOOKED_FOR + 1) == 0 && !is_found(conn, key, &texts.map(words))?;
        Ok(texts != [""; 3])
    };
    let Some(should) = orders(conn, random, counter, with_texts)? else { return Ok(None) };
    if is_lost || (should == is && is.counts(count)) {
        return Ok(Some(is_lost.then_some(Finding::Words).into_iter().collect()));
    }
    // texts without words have no place
    let with_words = |_, texts: [&str; 3]| Ok(texts.into_iter().any(|text| !words(text).is_empty()));
    let Some(should) = orders(conn, random, counter, with_words)? else { return Ok(None) };
    is_lost = should != is || !is.counts(count);
    Ok(Some(is_lost.then_some(Finding::Words).into_iter().collect()))
}

/// The sum over the orders that have words.
fn orders(
    conn: &Connection,
    random: &RandomState,
    counter: &mut Counter<'_>,
    mut has_words: impl FnMut(Key, [&str; 3]) -> Result<bool>,
) -> Result<Option<Sum>> {
    // what waits for the index is looked for in the texts themselves
    const TEXTS: &str = "SELECT o.created_at, o.id, o.description, ifnull(c.name, ''), ifnull(c.note, '')
        FROM orders AS o LEFT JOIN customers AS c ON c.id = o.customer_id
        WHERE NOT EXISTS (SELECT 1 FROM words_due AS d WHERE d.order_id = o.id)";
    let (mut statement, mut sum) = (conn.prepare(TEXTS)?, Sum::default());
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let texts = [row.get_ref(2)?, row.get_ref(3)?, row.get_ref(4)?];
        let texts = texts.map(|text| text.as_str().unwrap_or_default());
        if has_words((row.get(0)?, row.get(1)?), texts)? {
            sum.add(hash(random, row, 0..2)?, false);
        }
        if !counter.goes_on() {
            return Ok(None);
        }
    }
    Ok(Some(sum))
}

/// The index finds an order by all of its words, where it has any.
fn is_found(conn: &Connection, key: Key, texts: &[String; 3]) -> Result<bool> {
    const FOUND: &str = "SELECT 1 FROM order_words WHERE order_words MATCH ?1 AND rowid = ?2";
    let columns = ["description", "name", "note"].into_iter().zip(texts).filter(|(_, text)| !text.is_empty());
    let question: Vec<String> =
        columns.map(|(column, text)| [column, " : ", &quoted(text)].concat()).collect();
    if question.is_empty() {
        return Ok(true);
    }
    let Some(place) = found_at(conn, key)? else { return Ok(false) };
    // an index whose pages were emptied is an error of its own
    Ok(matches!(one(conn, FOUND, (question.join(" AND "), place), |_| Ok(())), Ok(Some(()))))
}
