//! Writes what is open into a file of its own: the data file was moved, deleted or replaced under
//! this program, and the name no longer leads to what it holds.

use std::path::{Path, PathBuf};

use counterfoil_domain::Moment;
use rusqlite::Connection;

use crate::error::OpenError;
use crate::folder::{RESCUED, Unfinished};
use crate::migrate;

/// Of a rescued copy.
const UNFINISHED_FILE: &str = "counterfoil-rescued.unfinished";

/// Beside `file`, or as near as there is a folder. Tells where.
pub(crate) fn rescue(conn: &Connection, file: &Path, at: Moment) -> Result<PathBuf, OpenError> {
    let failed = |error| OpenError::of_step(error, OpenError::Copy);
    let folder = file.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(file);
    let version = conn.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let unfinished = Unfinished::named(folder, UNFINISHED_FILE)?;
    unfinished.copy_of(conn)?;
    migrate::check_copy(unfinished.path(), version)?;
    let name = name_at(at);
    unfinished.finish(&name)?;
    Ok(folder.join(name))
}

/// By bank time, which every computer writes alike.
fn name_at(at: Moment) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    let digits = |text: &str, most| text.chars().filter(char::is_ascii_digit).take(most).collect::<String>();
    format!("{RESCUED}{}-{}.db", digits(day, 8), digits(time, 6))
}
