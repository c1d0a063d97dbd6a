//! Columns: how values are bound when a row is written, and how they are read back.
//!
//! Promise: a name, id or number in a row that the domain does not know is an error, never a guess.
//! Texts are kept byte by byte.

use counterfoil_domain::{BankMinute, Moment, Twd};
use rusqlite::types::{FromSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{CachedStatement, Connection, Params, Result, Row, ToSql};
use serde::de::DeserializeOwned;

/// No list is longer, whatever was asked for.
pub(crate) const ROWS_MAX: u32 = 500;

/// A value to bind.
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// Values to bind, in the order of the statement.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { &[$($crate::rows::Cell::from($value)),*] };
}
pub(crate) use cells;

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Cell<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<i64> for Cell<'_> {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<u32> for Cell<'_> {
    fn from(n: u32) -> Self {
        Self::Int(n.into())
    }
}

impl From<u16> for Cell<'_> {
    fn from(n: u16) -> Self {
        Self::Int(n.into())
    }
}

impl From<u8> for Cell<'_> {
    fn from(n: u8) -> Self {
        Self::Int(n.into())
    }
}

impl From<bool> for Cell<'_> {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl From<Twd> for Cell<'_> {
    fn from(amount: Twd) -> Self {
        Self::Int(amount.dollars())
    }
}

impl From<Moment> for Cell<'_> {
    fn from(at: Moment) -> Self {
        Self::Int(at.millis())
    }
}

impl From<BankMinute> for Cell<'_> {
    fn from(minute: BankMinute) -> Self {
        Self::Int(minute.minutes())
    }
}

/// Reads columns one after the other, in the order of the SELECT.
pub(crate) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(crate) fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn get<T: FromSql>(&mut self) -> Result<T> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// An id, or another value made of the bytes.
    pub(crate) fn id<T>(&mut self, make: impl FnOnce([u8; 16]) -> T) -> Result<T> {
        self.get().map(make)
    }

    pub(crate) fn id_or_none<T>(&mut self, make: impl FnOnce([u8; 16]) -> T) -> Result<Option<T>> {
        Ok(self.get::<Option<_>>()?.map(make))
    }

    pub(crate) fn moment(&mut self) -> Result<Moment> {
        self.get().map(Moment::from_millis)
    }

    pub(crate) fn moment_or_none(&mut self) -> Result<Option<Moment>> {
        Ok(self.get::<Option<_>>()?.map(Moment::from_millis))
    }

    pub(crate) fn minute_or_none(&mut self) -> Result<Option<BankMinute>> {
        Ok(self.get::<Option<_>>()?.map(BankMinute::from_minutes))
    }

    pub(crate) fn minute(&mut self) -> Result<BankMinute> {
        self.get().map(BankMinute::from_minutes)
    }

    pub(crate) fn twd(&mut self) -> Result<Twd> {
        self.get().map(Twd::new)
    }

    pub(crate) fn twd_or_none(&mut self) -> Result<Option<Twd>> {
        Ok(self.get::<Option<_>>()?.map(Twd::new))
    }

    /// A name of the domain.
    pub(crate) fn name<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let name: String = self.get()?;
        parse(&name).ok_or_else(|| self.unknown(&name))
    }

    pub(crate) fn name_or_none<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
        let name: Option<String> = self.get()?;
        name.map(|name| parse(&name).ok_or_else(|| self.unknown(&name))).transpose()
    }

    /// A value that is kept as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self, what: &str) -> Result<T> {
        let json: String = self.get()?;
        serde_json::from_str(&json).map_err(|_| self.unknown(what))
    }

    pub(crate) fn json_or_none<T: DeserializeOwned>(&mut self, what: &str) -> Result<Option<T>> {
        let json: Option<String> = self.get()?;
        json.map(|json| serde_json::from_str(&json).map_err(|_| self.unknown(what))).transpose()
    }

    /// A row that holds what no version of ours writes.
    pub(crate) fn unknown(&self, what: &str) -> rusqlite::Error {
        let shown: String = what.chars().take(40).collect();
        rusqlite::Error::FromSqlConversionFailure(
            self.next.saturating_sub(1),
            Type::Text,
            format!("not known to this program: {shown:?}").into(),
        )
    }
}

/// At most one row.
pub(crate) fn one<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = ready(conn, sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// All rows, in the order of the statement.
pub(crate) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    ready(conn, sql)?.query_map(params, read)?.collect()
}

fn ready<'c>(conn: &'c Connection, sql: &str) -> Result<CachedStatement<'c>> {
    #[cfg(test)]
    ASKED.with_borrow_mut(|asked| asked.push(sql.to_owned()));
    conn.prepare_cached(sql)
}

#[cfg(test)]
thread_local! {
    /// Every question of this thread, for the test that looks how they are answered.
    pub(crate) static ASKED: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}
