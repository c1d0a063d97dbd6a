//! `fresh.sql` makes the file that all migrations make, and is written here.

use std::fmt::Write as _;
use std::path::Path;

use refinery::Runner;
use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use crate::migrate::{embedded, fill, run};

/// How the lines that SQLite wants for itself, and refinery, begin.
const OTHERS: &str = "name LIKE 'sqlite~_%' ESCAPE '~' OR name = 'refinery_schema_history'";

/// The statements that make such a file, in the order in which it was made.
fn statements(conn: &Connection) -> String {
    let sql = format!(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql NOT NULL AND NOT ({OTHERS})
         ORDER BY type <> 'table', rowid"
    );
    let made: Vec<(String, String, String)> =
        all(conn, &sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let of_index: Vec<String> = made
        .iter()
        .filter(|(.., sql)| sql.starts_with("CREATE VIRTUAL"))
        .map(|(_, name, _)| format!("{name}_"))
        .collect();
    let mut text = String::new();
    let mut rows = String::new();
    for (kind, name, sql) in &made {
        if of_index.iter().any(|index| name.starts_with(index)) {
            continue;
        }
        if kind != "table" {
            text += &std::mem::take(&mut rows);
        }
        writeln!(text, "{sql};").unwrap();
        if kind == "table" && !sql.starts_with("CREATE VIRTUAL") {
            rows += &inserts(conn, name);
        }
    }
    text
}

fn inserts(conn: &Connection, table: &str) -> String {
    let mut values: Vec<String> = all(conn, &format!("SELECT * FROM {table}"), |row| {
        let columns = row.as_ref().column_count();
        let values: rusqlite::Result<Vec<String>> =
            (0..columns).map(|n| row.get(n).map(|value| written(&value))).collect();
        Ok(format!("({})", values?.join(", ")))
    });
    values.sort_unstable();
    if values.is_empty() {
        String::new()
    } else {
        format!("INSERT INTO {table} VALUES\n{};\n", values.join(",\n"))
    }
}

/// A blob of a new file is a random id.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Real(n) => panic!("{n}: no such columns"),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Blob(bytes) => format!("randomblob({})", bytes.len()),
    }
}

fn all<T>(conn: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    conn.prepare(sql).unwrap().query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_new_file_is_the_one_that_all_migrations_make() {
    let mut migrated = Connection::open_in_memory().unwrap();
    run(&mut migrated, &embedded()).unwrap();
    let version: i64 = migrated.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let text = format!(
        "-- Written by `cargo xtask bindings`: what the migrations come to. Longer than 500 lines because\n-- it holds every table, index and trigger of the data file.\nBEGIN;\n{}\
         INSERT INTO order_words (order_words, rank) VALUES ('secure-delete', 1);\n\
         PRAGMA user_version = {version};\nCOMMIT;\n",
        statements(&migrated)
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fresh.sql");
    if std::env::var_os("COUNTERFOIL_WRITE_BINDINGS").is_some() {
        std::fs::write(&path, &text).unwrap();
        return; // what was compiled is the older one
    }
    assert!(
        std::fs::read_to_string(&path).unwrap().replace('\r', "") == text,
        "`cargo xtask bindings` writes it"
    );
    let mut fresh = Connection::open_in_memory().unwrap();
    fill(&mut fresh, &embedded()).unwrap();
    assert!(statements(&fresh) == statements(&migrated));
    for table in ["order_words_config", "order_words_data"] {
        let sql = format!("SELECT * FROM {table}");
        let rows =
            |conn: &Connection| all(conn, &sql, |row| Ok((row.get::<_, Value>(0)?, row.get::<_, Value>(1)?)));
        assert_eq!(rows(&fresh), rows(&migrated), "{table}");
    }
    let history = |conn: &mut Connection| Runner::new(&embedded()).get_applied_migrations(conn).unwrap();
    assert_eq!(history(&mut fresh), history(&mut migrated));
    assert_eq!(fresh.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), version);
}

#[test]
fn ids_of_new_files_differ() {
    let ids: Vec<Vec<u8>> = (0..2)
        .map(|_| {
            let mut fresh = Connection::open_in_memory().unwrap();
            fill(&mut fresh, &embedded()).unwrap();
            fresh.query_row("SELECT id FROM file", [], |row| row.get(0)).unwrap()
        })
        .collect();
    assert_ne!(ids[0], ids[1]);
}
