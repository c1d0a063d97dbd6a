//! Whether what follows from the rows still does: each index holds what its table holds, and the
//! words for searching are those of the orders.
//!
//! SQLite's own check looks each row up in each index, which takes minutes for a million sales.
//! Here index and table are read in their own order each, and the sums of their hashes compared, as
//! in `verify.rs`. So a hand that dropped an index, changed the table and put the index back shows.

use std::hash::{BuildHasher, Hash as _, Hasher, RandomState};

use counterfoil_domain::search::words;
use counterfoil_engine::ports::Finding;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Row};

use crate::rows::one;
use crate::verify::{Counter, Sum};
use crate::words::{DUE_MAX, due, found_at, quoted};

/// The words of so many orders are looked for in the index itself, evenly over all.
const LOOKED_FOR: i64 = 2_000;

/// What SQLite finds in the pages, without the indexes.
pub(crate) fn pages(conn: &Connection) -> Result<Option<Finding>> {
    let said: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((said != "ok").then_some(Finding::Pages(said)))
}

/// The indexes that do not hold what their tables hold; `None`: it was stopped.
///
/// The statements are made of the file's own schema. So only for one that is the program's.
pub(crate) fn indexes(
    conn: &Connection,
    random: &RandomState,
    counter: &mut Counter<'_>,
) -> Result<Option<Vec<Finding>>> {
    const INDEXES: &str =
        "SELECT name, tbl_name, sql FROM main.sqlite_schema WHERE type = 'index' ORDER BY name";
    let mut statement = conn.prepare(INDEXES)?;
    let all = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let all: Vec<(String, String, Option<String>)> = all.collect::<Result<_>>()?;
    let mut found = Vec::new();
    for (index, table, sql) in all {
        let (columns, only) = parts(conn, &index, sql.as_deref())?;
        let key = key(conn, &table)?;
        let columns = ["SELECT ", &columns, ", ", &key].concat();
        let held = [&columns, " FROM ", &table, " INDEXED BY ", &index, &only].concat();
        // every column and its own order: an index that has what is asked for would answer itself
        let own = [&columns, ", * FROM ", &table, " NOT INDEXED", &only, " ORDER BY ", &key].concat();
        let count = conn.prepare(&held)?.column_count();
        let Some(held) = sum(conn, &held, count, random, counter)? else { return Ok(None) };
        let Some(own) = sum(conn, &own, count, random, counter)? else { return Ok(None) };
        if held != own {
            found.push(Finding::Index(index));
        }
    }
    Ok(Some(found))
}

/// What an index holds, and of which rows. One without a text was made by a table's own rule.
fn parts(conn: &Connection, index: &str, sql: Option<&str>) -> Result<(String, String)> {
    let Some(sql) = sql else {
        let mut columns = conn.prepare("SELECT name FROM pragma_index_info(?1)")?;
        let columns: Vec<String> = columns.query_map([index], |row| row.get(0))?.collect::<Result<_>>()?;
        return Ok((columns.join(", "), String::new()));
    };
    let (made, only) = sql.split_once(" WHERE ").map_or((sql, None), |(made, only)| (made, Some(only)));
    let columns = made.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map_or("", |(all, _)| all);
    Ok((columns.to_owned(), only.map_or_else(String::new, |only| [" WHERE ", only].concat())))
}

/// What a table's rows go by in its indexes.
fn key(conn: &Connection, table: &str) -> Result<String> {
    const KEY: &str = "SELECT name FROM pragma_table_info(?1) AS t WHERE pk > 0 AND EXISTS
        (SELECT 1 FROM pragma_table_list(?1) WHERE schema = 'main' AND wr = 1) ORDER BY pk";
    let key: Vec<String> = conn.prepare(KEY)?.query_map([table], |row| row.get(0))?.collect::<Result<_>>()?;
    Ok(if key.is_empty() { "rowid".to_owned() } else { key.join(", ") })
}

fn sum(
    conn: &Connection,
    select: &str,
    columns: usize,
    random: &RandomState,
    counter: &mut Counter<'_>,
) -> Result<Option<Sum>> {
    let mut statement = conn.prepare(select)?;
    let (mut rows, mut sum) = (statement.query([])?, Sum::default());
    while let Some(row) = rows.next()? {
        sum.add(hash(random, row, columns)?, false);
        if !counter.goes_on() {
            return Ok(None);
        }
    }
    Ok(Some(sum))
}

fn hash(random: &RandomState, row: &Row<'_>, columns: usize) -> Result<u64> {
    let mut hasher = random.build_hasher();
    for column in 0..columns {
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

/// Whether the words for searching are those of the orders: how many each has by its place, and of
/// some orders that the index finds them. `None`: it was stopped.
pub(crate) fn words_of_orders(
    conn: &Connection,
    random: &RandomState,
    counter: &mut Counter<'_>,
) -> Result<Option<Vec<Finding>>> {
    // what waits for the index is looked for in the texts themselves
    const TEXTS: &str = "SELECT o.created_at, o.id, o.description, ifnull(c.name, ''), ifnull(c.note, '')
        FROM orders AS o LEFT JOIN customers AS c ON c.id = o.customer_id
        WHERE NOT EXISTS (SELECT 1 FROM words_due AS d WHERE d.order_id = o.id)";
    const KEPT: &str = "SELECT p.created_at, p.order_id, s.sz FROM order_places AS p
        LEFT JOIN order_words_docsize AS s ON s.id = p.place";
    const SIZES: &str = "SELECT count(*) FROM order_words_docsize";
    if due(conn)? >= DUE_MAX {
        // a search looks at fewer
        return Ok(Some(vec![Finding::Words]));
    }
    let (mut should, mut is) = (Sum::default(), Sum::default());
    let count: i64 = one(conn, SIZES, [], |row| row.get(0))?.unwrap_or_default();
    let each = count / LOOKED_FOR + 1;
    let mut statement = conn.prepare(TEXTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let texts = [2, 3, 4].map(|column| row.get_ref(column).ok().and_then(|text| text.as_str().ok()));
        let texts = texts.map(|text| words(text.unwrap_or_default()));
        let sizes = texts.each_ref().map(|text| text.split(' ').filter(|word| !word.is_empty()).count());
        if sizes != [0; 3] {
            let key: (i64, [u8; 16]) = (row.get(0)?, row.get(1)?);
            should.add(random.hash_one((key, sizes.to_vec())), false);
            if should.is_multiple_of(each) && !is_found(conn, key, &texts)? {
                return Ok(Some(vec![Finding::Words]));
            }
        }
        if !counter.goes_on() {
            return Ok(None);
        }
    }
    let mut statement = conn.prepare(KEPT)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key: (i64, [u8; 16]) = (row.get(0)?, row.get(1)?);
        let sizes = sizes(row.get_ref(2)?.as_blob_or_null().ok().flatten().unwrap_or_default());
        is.add(random.hash_one((key, sizes)), false);
        if !counter.goes_on() {
            return Ok(None);
        }
    }
    let differ = should != is || !is.counts(count);
    Ok(Some(if differ { vec![Finding::Words] } else { Vec::new() }))
}

/// The index finds an order by all of its words.
fn is_found(conn: &Connection, key: (i64, [u8; 16]), texts: &[String; 3]) -> Result<bool> {
    const FOUND: &str = "SELECT 1 FROM order_words WHERE order_words MATCH ?1 AND rowid = ?2";
    let Some(place) = found_at(conn, key)? else { return Ok(false) };
    let columns = ["description", "name", "note"].into_iter().zip(texts).filter(|(_, text)| !text.is_empty());
    let question: Vec<String> =
        columns.map(|(column, text)| [column, " : ", &quoted(text)].concat()).collect();
    let question = question.join(" AND ");
    // an index whose pages were emptied is an error of its own
    Ok(matches!(one(conn, FOUND, (question, place), |_| Ok(())), Ok(Some(()))))
}

/// The numbers of words of the columns, as FTS5 keeps them: seven bits to a byte, the last one
/// without the eighth.
fn sizes(kept: &[u8]) -> Vec<usize> {
    let (mut sizes, mut size) = (Vec::new(), 0_usize);
    for byte in kept {
        size = (size << 7) | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            sizes.push(std::mem::take(&mut size));
        }
    }
    sizes
}
