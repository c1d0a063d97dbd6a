//! Files that are not what they were (rule U8): the folder is copied, and the copy takes its place.
//! What the other one sold is lost to it: the money is not.

use std::collections::BTreeSet;
use std::fs;

use counterfoil_domain::{Bank, Discrepancy, DiscrepancyKind, Moment, PaymentId};
use counterfoil_engine::ports::Store;

use super::judge::Judge;
use super::plan::DAY_MS;
use crate::world::World;

/// What is true about a data file.
#[derive(Debug, Clone, Default)]
struct File {
    /// Minutes that a window has shown it when their rows were all there.
    shown: BTreeSet<i64>,
    /// Something was committed in it since it was copied.
    went_on: bool,
    /// It lacks what the vault knows of the other one.
    is_doubted: bool,
}

/// The file in the folder, and the other one.
#[derive(Debug, Default)]
pub(super) struct Files {
    here: File,
    copy: File,
    /// Another one came into the folder, and was not opened yet.
    is_new: bool,
}

impl Files {
    pub(super) fn shown(&mut self) -> &mut BTreeSet<i64> {
        &mut self.here.shown
    }

    pub(super) fn committed(&mut self) {
        self.here.went_on = true;
    }
}

impl Judge {
    pub(crate) fn copied(&mut self) {
        self.files.here.went_on = false;
        self.files.copy = self.files.here.clone();
    }

    pub(crate) fn swapped(&mut self) {
        let Files { here, copy, is_new } = &mut self.files;
        copy.is_doubted |= here.went_on || here.is_doubted;
        std::mem::swap(here, copy);
        *is_new = true;
    }

    /// The program has opened a file: another one knows other sales, or less of them.
    pub(crate) fn reads_file(&mut self, world: &World, now: i64) {
        if !std::mem::take(&mut self.files.is_new) {
            return;
        }
        let store = world.engine.as_ref().unwrap().store();
        for (id, truth) in &mut self.truths {
            let state = store.payment(*id).unwrap().map(|payment| payment.state);
            // a page of CTBC that this file never gave out is asked about by its own points
            let from = if truth.rail.bank() == Bank::Ctbc { now + DAY_MS } else { now };
            truth.is_read(state, from);
        }
        self.is_doubted(world, self.start.plus_ms(now));
    }

    pub(crate) fn is_lost(&self, payment: PaymentId) -> bool {
        self.truths.get(&payment).is_some_and(|truth| truth.lost)
    }

    /// SinoPac has money of a lost sale under this number.
    pub(super) fn is_lost_money(&self, number: &str) -> bool {
        let truth = self.by_number.get(number).and_then(|id| self.truths.get(id));
        truth.is_some_and(|truth| truth.lost && truth.is_paid() && truth.rail.bank() == Bank::Sinopac)
    }

    /// What the file does not know is told: at SinoPac each money, at both banks the file.
    pub(super) fn lost_money_is_told(&mut self, world: &World, now: Moment, told: &[Discrepancy]) {
        let told: BTreeSet<&str> = told
            .iter()
            .filter(|found| found.kind == DiscrepancyKind::ForeignMoney)
            .map(|found| found.detail.as_str())
            .collect();
        let lost: Vec<String> = self.by_number.keys().filter(|no| self.is_lost_money(no)).cloned().collect();
        for number in lost.iter().filter(|number| !told.contains(number.as_str())) {
            self.violation("U8", now.ms_since(self.start), &format!("the money of {number} is not told"));
        }
        self.is_doubted(world, now);
    }

    fn is_doubted(&mut self, world: &World, now: Moment) {
        let file = world.engine.as_ref().unwrap().store().file();
        let doubt = file.doubt(None, now).unwrap();
        if doubt.is_some() != self.files.here.is_doubted {
            self.violation("U8", now.ms_since(self.start), &format!("the file says {doubt:?} of itself"));
        }
    }
}

impl World {
    /// The program ends, and the vault keeps how far the record has come.
    pub(super) fn keep_head(&mut self) {
        if let Some(engine) = &self.engine {
            self.head = Some(engine.store().file().audit_head().unwrap());
        }
    }

    /// Copies the closed folder.
    pub(super) fn copy_file(&self) {
        let copy = self.folder().with_extension("copy");
        fs::create_dir(&copy).unwrap();
        fs::set_permissions(&copy, fs::metadata(self.folder()).unwrap().permissions()).unwrap();
        for entry in fs::read_dir(self.folder()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
    }

    /// The copy comes into the place of the folder, and the folder into that of the copy.
    pub(super) fn swap_files(&self) {
        let (here, copy) = (self.folder(), self.folder().with_extension("copy"));
        let third = copy.with_extension("third");
        for (from, to) in [(here, third.as_path()), (&copy, here), (&third, &copy)] {
            fs::rename(from, to).unwrap();
        }
    }
}
