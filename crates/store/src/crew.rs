//! Whether the chain proves the people of the shop: who acts is one of them.

use std::collections::HashMap;

use counterfoil_domain::PersonId;
use rusqlite::{Connection, Result, Row};

use crate::audit::Linked;
use crate::marks::{Mark, PEOPLE};
use crate::verify::{SEAL, each_row, mark_of, marks_of};

/// In the place of the name of a person whose row is gone.
const LOST_PERSON: &str = "?";

/// The people as the chain knows them: how often each mark was written, and sealed only.
#[derive(Default)]
pub(crate) struct Crew {
    written: HashMap<Mark, i64>,
    sealed: HashMap<Mark, i64>,
}

/// The table of people beside the chain.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) proved: Vec<(PersonId, Mark)>,
    /// Who is in the table and not in the chain, by name, and whose row the table has lost.
    pub(crate) unproved: Vec<String>,
}

impl Crew {
    /// The chain knows of a person, also of one who is in no table any more.
    pub(crate) fn had_any(&self) -> bool {
        !self.written.is_empty() || !self.sealed.is_empty()
    }

    /// An audit row that the key proves.
    pub(crate) fn take(&mut self, row: &Row<'_>) -> Result<()> {
        let marks = if row.get_ref(3)?.as_str().unwrap_or_default() == SEAL {
            &mut self.sealed
        } else {
            &mut self.written
        };
        for moved in marks_of(row)?.filter(|moved| moved.table == PEOPLE.number()) {
            *marks.entry(moved.mark).or_default() += if moved.removed { -1 } else { 1 };
        }
        Ok(())
    }

    /// Compares the table with it. `is_lost`: a key of the chain is.
    pub(crate) fn compared(
        mut self,
        conn: &Connection,
        linked: &Linked<'_>,
        is_lost: bool,
    ) -> Result<Compared> {
        let (mut names, mut proved) = (Vec::new(), Vec::new());
        each_row(conn, &PEOPLE, "", |row, columns, _| {
            let mark = mark_of(row, columns, &PEOPLE, linked);
            // who has left accepts nothing; where a key is lost, the next one has sealed what a
            // hand may have written
            let counts_sealed = !is_lost || row.get("retired")?;
            let written = self.written.remove(&mark).unwrap_or_default();
            let sealed = self.sealed.remove(&mark).unwrap_or_default();
            if written + if counts_sealed { sealed } else { 0 } < 1 {
                names.push(row.get("name")?);
            } else {
                proved.push((PersonId::from_bytes(row.get(columns)?), mark));
            }
            Ok(true)
        })?;
        for (mark, sealed) in self.sealed {
            *self.written.entry(mark).or_default() += sealed;
        }
        // whose row was changed has lost the one that was written
        let lost = self.written.into_values().filter(|count| *count > 0).count();
        names.extend((names.len()..lost).map(|_| LOST_PERSON.to_owned()));
        Ok(Compared { proved, unproved: names })
    }
}
