//! The store itself: one connection, and what becomes of it after an error.
//!
//! Longer than 500 lines because every method of the engine's trait is passed on here.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use counterfoil_domain::{
    Bank, BankMinute, BankOrderNo, Capture, Charge, Closing, CoverageSpan, Customer, CustomerId, Discrepancy,
    DiscrepancyId, Evidence, MinuteSpan, Moment, Operation, OperationId, Order, OrderId, PageLeft, Payment,
    PaymentId, Person, PersonId, Reading, Refund, RefundId, Search, View,
};
use counterfoil_engine::ports::{
    AnswerRecord, AuditFilter, AuditHead, AuditKey, AuditReport, AuditRow, BookedRefund, Change, Commit,
    FileDoubt, ForeignLine, ForeignMoney, Jot, KeptClock, OrderRow, Page, PinHash, Silence, Store,
    StoreError,
};
use counterfoil_engine::shop::ShopRecord;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::audit::{Last, Linked};
use crate::commit;
use crate::error::{Mode, OpenError};
use crate::failed::{Failed, is_of_the_disk};
use crate::marks::{self, Collected, Keyed};
use crate::open::Access;
use crate::pages::{self, PagesLook};
use crate::place::Place;
use crate::proved::{Proof, Witness};
use crate::standing::{Proofs, Standing};
use crate::verify::{self, Progress};
use crate::writer::Fault;
use crate::{
    answers, audit, captures, charges, coverage, customers, discrepancies, doubt, evidence, folder,
    foreign_lines, jots, news, operations, orders, pages_left, payments, people, readings, refunds, rescue,
    search, shop, views,
};

/// How long an erasure waits for another program that reads; after that it goes on by itself.
const ERASURE_WAIT_MS: i64 = 1_000;
/// No count goes on longer.
const COUNT_MAX: u32 = 10_000;

/// What another thread does.
pub type Walk = Box<dyn FnOnce() + Send>;

/// A shop's data file. Made by [`SqliteStore::open`].
pub struct SqliteStore {
    // before the lock: what is left to do at the end happens while the file is still ours
    conn: Connection,
    access: Access,
    /// Which file it is, whatever lies under its name later.
    place: Place,
    /// Set by a disk error. From then on the file may hold other things than this connection
    /// believes.
    done_for: Cell<Option<Failed>>,
    /// This run has committed, and is counted.
    has_written: Cell<bool>,
    auditor: Option<Auditor>,
    /// The newest audit row known with which a person was written; 0: none was.
    people_row: Cell<u64>,
    /// What the chain says of refunds, as far as this run has read it.
    witness: Option<Witness>,
    /// Where the walk of another thread ends.
    ahead: RefCell<Option<Receiver<Witness>>>,
    _lock: Option<File>,
}

/// What links commits to the audit chain, and collects the marks of their rows.
pub(crate) struct Auditor {
    pub(crate) keyed: Keyed,
    pub(crate) collected: Collected,
    pub(crate) file: [u8; 16],
    /// The file's version, which each audit row names.
    pub(crate) version: u16,
}

impl SqliteStore {
    pub(crate) fn of(conn: Connection, access: Access, lock: Option<File>) -> Self {
        let place = Place::of(&conn);
        Self {
            conn,
            access,
            place,
            done_for: Cell::new(None),
            has_written: Cell::new(false),
            auditor: None,
            people_row: Cell::new(0),
            witness: None,
            ahead: RefCell::new(None),
            _lock: lock,
        }
    }

    /// Links what is committed from here on with the key, and verifies with it.
    ///
    /// The rows of a file of an older version get their marks now, and those that an upgrade has
    /// changed since; a crash leaves all of that for the next opening. Not for a chain that is
    /// shorter than the one that was `kept` outside: that would hide what was cut.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    pub fn link_with(
        &mut self,
        key: &AuditKey,
        kept: Option<&AuditHead>,
        at: Moment,
    ) -> Result<(), StoreError> {
        let keyed = Keyed::new(key).ok_or(StoreError::NoKey)?;
        let (file, version) = self.read(|conn| {
            Ok((audit::file_id(conn)?, conn.pragma_query_value(None, "user_version", |row| row.get(0))?))
        })?;
        let collected = match self.access {
            Access::Read | Access::Frozen => Collected::default(),
            Access::Write => self.read(|conn| marks::collect(conn, &keyed))?,
        };
        let kept_row = kept.and_then(|kept| kept.people);
        self.people_row.set(kept_row.unwrap_or_default());
        if self.access == Access::Write {
            self.write(|conn| {
                let linked = Linked { keyed: &keyed, file };
                let transaction = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
                jots::mend(&transaction)?;
                if let Some(since) = seals_since(&transaction, &linked, kept, version)? {
                    verify::seal(&transaction, &linked, since, version, at)?;
                    marks::mark_jotted(&transaction, since == 0)?;
                }
                // once: from then on the vault knows which row proves people
                if kept_row.is_none() && Standing::load(&transaction, &linked, 0)?.is_none() {
                    Standing::build(&transaction, &linked)?;
                }
                Ok(transaction.commit()?)
            })?;
        }
        self.auditor = Some(Auditor { keyed, collected, file, version });
        self.read(|conn| self.standing(conn).map(drop))?;
        if self.access == Access::Write {
            // what a crash, or a reader, has put off; where it cannot be done now, health says so
            let _ = self.finish(0);
        }
        Ok(())
    }

    /// The folder takes no file, and nobody writes: what was read is all there is.
    pub fn is_frozen(&self) -> bool {
        self.access == Access::Frozen
    }

    /// How far the chain has come.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    pub fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let Last { seq, hash, .. } = self.read(audit::last)?;
        let people = self.auditor.is_some().then(|| self.people_row.get());
        Ok(AuditHead { rows: seq.unsigned_abs(), hash: hex::encode(hash), people })
    }

    /// The walk over the chain that the first decision about a refund rests on, to be done on
    /// another thread: it takes seconds in a file of a million rows. Until it ends nothing is
    /// decided ([`StoreError::Unread`]). `None`: there is nothing to walk.
    pub fn walk_ahead(&self) -> Option<Walk> {
        let auditor = self.auditor.as_ref().filter(|_| self.witness.is_none())?;
        let folder = Path::new(self.conn.path()?).parent()?.to_owned();
        let (keyed, file) = (auditor.keyed.clone(), auditor.file);
        let (into, ahead) = sync_channel(1);
        self.ahead.replace(Some(ahead));
        Some(Box::new(move || {
            let reader = Self::open(&folder, Mode::Reader).ok();
            let linked = Linked { keyed: &keyed, file };
            let walked = reader.and_then(|reader| Witness::walked(&reader.conn, &linked).ok());
            // without it the decision walks itself
            if let Some(witness) = walked {
                let _ = into.send(witness);
            }
        }))
    }

    /// A look at all pages, which a running shop takes on another thread. `None`: this file was
    /// sound less than a day before `now`.
    pub fn look_ahead(&self, now: Moment) -> Option<PagesLook> {
        PagesLook::when_due(self.reader()?, now)
    }

    /// The same, due or not.
    pub fn look(&self, now: Moment) -> Option<PagesLook> {
        PagesLook::new(self.reader()?, now)
    }

    fn reader(&self) -> Option<Connection> {
        let folder = Path::new(self.conn.path()?).parent()?;
        Self::open(folder, Mode::Reader).ok().map(|reader| reader.conn)
    }

    /// Takes over what another thread has walked; it may still be at it.
    fn take_ahead(&mut self) -> Result<(), StoreError> {
        let walked = self.ahead.borrow().as_ref().map(Receiver::try_recv);
        match walked {
            Some(Err(TryRecvError::Empty)) => return Err(StoreError::Unread),
            Some(Ok(witness)) => self.witness = Some(witness),
            Some(Err(TryRecvError::Disconnected)) | None => {}
        }
        self.ahead.replace(None);
        Ok(())
    }

    /// Whether the chain holds the row that was kept outside.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    pub fn holds(&self, kept: &AuditHead) -> Result<bool, StoreError> {
        self.read(|conn| audit::holds(conn, kept))
    }

    /// Whether the file is the one that this computer had last. `kept`: outside of it, where this
    /// program has not told the record yet. Nothing doubts a file without its key.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    pub fn doubt(&self, kept: Option<&AuditHead>, now: Moment) -> Result<Option<FileDoubt>, StoreError> {
        let Some(linked) = self.linked() else { return Ok(None) };
        self.read(|conn| doubt::doubt(conn, &linked, kept, now))
    }

    /// The name of the data file still leads to the file that was opened, and so does that of its
    /// log. A cheap question: two looks at the folder.
    pub fn is_in_place(&self) -> bool {
        self.place.holds()
    }

    /// Writes what is open into a file of its own, beside the one that was opened, where that is
    /// gone or another lies in its place. It becomes a data file when it gets the name. A log that
    /// is ours goes: the next file of that name would take it for its own.
    ///
    /// # Errors
    /// [`OpenError`]: then nothing was written.
    pub fn rescue(&self, at: Moment) -> Result<PathBuf, OpenError> {
        let rescued = rescue::rescue(&self.conn, self.place.path(), at)?;
        self.place.forget_log();
        Ok(rescued)
    }

    /// Whether the shop has people and the table holds none of them: another hand took them out, so
    /// that whoever comes is the owner.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    pub fn people_are_gone(&self) -> Result<bool, StoreError> {
        self.read(|conn| Ok(self.people_row.get() > 0 && !people::exist(conn)?))
    }

    fn linked(&self) -> Option<Linked<'_>> {
        self.auditor.as_ref().map(|auditor| Linked { keyed: &auditor.keyed, file: auditor.file })
    }

    /// Who is proved now; an older row than the known one proves no one.
    fn standing(&self, conn: &Connection) -> rusqlite::Result<Option<Standing>> {
        let Some(linked) = self.linked() else { return Ok(None) };
        let standing = Standing::load(conn, &linked, self.people_row.get())?;
        if let Some(standing) = &standing {
            self.people_row.set(standing.row);
        }
        Ok(standing)
    }

    /// Reads people with what proves them, as of one moment.
    fn read_people<T>(
        &self,
        read: impl FnOnce(&Connection, &Proofs) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.read(|conn| {
            let begun = snapshot(conn)?;
            let snapshot = begun.as_deref().unwrap_or(conn);
            let proofs = match (self.linked(), self.standing(snapshot)?) {
                (Some(linked), Some(standing)) => Proofs::of(snapshot, &linked, standing)?,
                (None, _) | (_, None) => Proofs::default(),
            };
            read(snapshot, &proofs)
        })
    }

    /// The file's own id, hex: a copy keeps it.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    pub fn file_id(&self) -> Result<String, StoreError> {
        self.read(audit::file_id).map(hex::encode)
    }

    /// Walks the chain, every row that it speaks of and the file's own rules, and looks whether the
    /// chain still holds what was `kept` outside. `None`: who waits has stopped it.
    ///
    /// # Errors
    /// As [`Store::verify_audit`].
    pub fn verify(
        &self,
        kept: Option<&AuditHead>,
        tell: Progress<'_>,
    ) -> Result<Option<AuditReport>, StoreError> {
        if self.auditor.is_none() && self.read(audit::last)?.keyed {
            return Err(StoreError::NoKey);
        }
        let linked = self.linked();
        self.read(|conn| verify::verify(conn, linked.as_ref(), kept, self.people_row.get(), tell))
    }

    #[cfg(test)]
    pub(crate) fn conn(&self) -> &Connection {
        &self.conn
    }

    /// Copies that upgrades made hold everything that the file held then.
    fn remove_copies(&self) -> Result<(), StoreError> {
        let folder = self.conn.path().and_then(|file| Path::new(file).parent());
        folder.map_or(Ok(()), folder::remove_copies).map_err(|stays| StoreError::CopyStays(name_of(&stays)))
    }

    /// Empties the log where an erasure has left that to do; whether nothing is left to do.
    fn finish(&self, wait_ms: i64) -> Result<bool, StoreError> {
        if self.access != Access::Write || !self.is_erasure_unfinished()? {
            return self.is_erasure_unfinished().map(|unfinished| !unfinished);
        }
        let mut finished = false;
        self.write(|conn| {
            finished = customers::empty_the_log(conn, wait_ms)?;
            Ok(())
        })?;
        Ok(finished)
    }

    /// An error of the disk has ended this connection: what it reads may still be shown, nothing is
    /// written any more. Opening the store again shows whether the disk is well again.
    pub fn is_done_for(&self) -> bool {
        self.trouble().is_some()
    }

    /// Likewise, with what it was.
    pub fn trouble(&self) -> Option<StoreError> {
        self.done_for.get().map(|why| why.told("it had an error before; open it again"))
    }

    /// The banks and passes in which the mark of coverage ([`Store::covered_before`]) is not what
    /// the spans say.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    pub fn marks_that_lie(&self) -> Result<Vec<(Bank, u8)>, StoreError> {
        self.read(coverage::marks_that_lie)
    }

    fn write(&self, write: impl FnOnce(&Connection) -> Result<(), Fault>) -> Result<(), StoreError> {
        if self.access != Access::Write {
            return Err(StoreError::Refused("the data file was opened for reading".to_owned()));
        }
        if let Some(trouble) = self.trouble() {
            return Err(trouble);
        }
        write(&self.conn).map_err(|fault| match fault {
            Fault::Conflict => StoreError::Conflict,
            Fault::Refused(rule) => StoreError::Refused(rule.to_owned()),
            Fault::NoKey => StoreError::NoKey,
            Fault::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                StoreError::Refused(error.to_string())
            }
            Fault::Sqlite(error) => {
                // whatever else went wrong: we do not know what a further write would meet
                let done_for = Failed::of(&error, &self.conn);
                self.ends(done_for);
                done_for.told(&error.to_string())
            }
        })
    }

    fn ends(&self, why: Failed) {
        if let (Failed::Damaged, Some(folder)) =
            (why, self.conn.path().and_then(|file| Path::new(file).parent()))
        {
            pages::note_damage(folder);
        }
        self.done_for.set(Some(why));
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        read(&self.conn).map_err(|error| {
            let done_for = Failed::of(&error, &self.conn);
            if is_of_the_disk(&error) {
                self.ends(done_for);
            }
            done_for.told(&error.to_string())
        })
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        let erases = commit.changes.iter().any(erases);
        if erases {
            // first: a copy that stays would keep what the commit erases
            self.remove_copies()?;
        }
        self.write(|conn| {
            let (is_first, auditor) = (!self.has_written.get(), self.auditor.as_ref());
            let people_row = commit::commit(conn, &commit, is_first, auditor, self.people_row.get())?;
            self.people_row.set(people_row);
            Ok(())
        })?;
        self.has_written.set(true);
        if erases {
            self.finish(ERASURE_WAIT_MS)?;
        }
        Ok(())
    }

    fn hold(&mut self, payment: PaymentId) -> Result<(), StoreError> {
        self.let_go();
        self.take_ahead()?;
        self.write(|conn| Ok(conn.execute_batch("BEGIN IMMEDIATE")?))?;
        let mut witness = self.witness.take().unwrap_or_else(Witness::new);
        let proved = self.read(|conn| match self.linked() {
            Some(linked) => witness.proves(conn, &linked, payment),
            // a chain without a key proves nothing, and a keyed one takes no commit without it
            None => Ok(Proof::Proved),
        });
        self.witness = Some(witness);
        let refused = match proved {
            Ok(Proof::Proved) => return Ok(()),
            Ok(Proof::Unproved) => StoreError::Unproved,
            Ok(Proof::PutBack) => StoreError::PutBack,
            Err(error) => error,
        };
        self.let_go();
        Err(refused)
    }

    fn let_go(&mut self) {
        if !self.conn.is_autocommit() {
            // an error of the disk has ended the transaction already
            let _ = self.conn.execute_batch("ROLLBACK");
        }
    }

    fn jot(&mut self, jots: &[Jot]) -> Result<(), StoreError> {
        self.write(|conn| jots::write(conn, jots, self.auditor.is_some()))
    }

    fn kept_clock(&self, bank: Bank) -> Result<Option<KeptClock>, StoreError> {
        self.read(|conn| jots::clock(conn, self.linked().as_ref(), bank))
    }

    fn kept_doubt(&self, bank: Bank) -> Result<Option<i64>, StoreError> {
        self.read(|conn| jots::doubt(conn, self.linked().as_ref(), bank))
    }

    fn kept_refusal(&self, bank: Bank) -> Result<Option<Silence>, StoreError> {
        self.read(|conn| jots::refusal(conn, self.linked().as_ref(), bank))
    }

    fn shop(&self) -> Result<Option<ShopRecord>, StoreError> {
        self.read(|conn| {
            let begun = snapshot(conn)?;
            let snapshot = begun.as_deref().unwrap_or(conn);
            let shop = shop::get(snapshot)?;
            // a row that another hand has written makes one person no two
            let is_proved = match (self.linked(), self.standing(snapshot)?) {
                (Some(linked), Some(standing)) => standing.has_shop(snapshot, &linked)?,
                (Some(_), None) => false,
                (None, _) => true,
            };
            Ok(shop.map(|shop| ShopRecord { one_person: shop.one_person && is_proved, ..shop }))
        })
    }

    fn order(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.read(|conn| orders::get(conn, id))
    }

    fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        self.read(|conn| payments::get(conn, id))
    }

    fn payment_by_number(&self, no: &BankOrderNo) -> Result<Option<Payment>, StoreError> {
        self.read(|conn| payments::by_number(conn, no))
    }

    fn payment_by_bank_ref(&self, bank: Bank, bank_ref: &str) -> Result<Option<Payment>, StoreError> {
        self.read(|conn| payments::by_bank_ref(conn, bank, bank_ref))
    }

    fn payments_of(&self, order: OrderId) -> Result<Vec<Payment>, StoreError> {
        self.read(|conn| payments::of(conn, order))
    }

    fn payments_to_watch(&self, since: Moment) -> Result<Vec<Payment>, StoreError> {
        self.read(|conn| payments::to_watch(conn, since))
    }

    fn payments_refunded_since(&self, since: Moment) -> Result<Vec<Payment>, StoreError> {
        self.read(|conn| payments::refunded_since(conn, since))
    }

    fn payments_to_capture(&self) -> Result<Vec<Payment>, StoreError> {
        self.read(payments::to_capture)
    }

    fn payments_paid_in(&self, span: MinuteSpan) -> Result<Vec<Payment>, StoreError> {
        self.read(|conn| payments::paid_in(conn, span))
    }

    fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        self.read(|conn| operations::get(conn, id))
    }

    fn readings_of(&self, operation: OperationId) -> Result<Vec<Reading>, StoreError> {
        self.read(|conn| readings::of(conn, operation))
    }

    fn operations_of(&self, payment: PaymentId) -> Result<Vec<Operation>, StoreError> {
        self.read(|conn| operations::of(conn, payment))
    }

    fn open_operations(&self) -> Result<Vec<Operation>, StoreError> {
        self.read(operations::open)
    }

    fn due_operations(&self, bank: Bank, until: Moment) -> Result<Vec<Operation>, StoreError> {
        self.read(|conn| operations::due(conn, bank, until))
    }

    fn answers_of(&self, operation: OperationId) -> Result<Vec<AnswerRecord>, StoreError> {
        self.read(|conn| answers::of(conn, operation))
    }

    fn refund(&self, id: RefundId) -> Result<Option<Refund>, StoreError> {
        self.read(|conn| refunds::get(conn, id))
    }

    fn refunds_of(&self, payment: PaymentId) -> Result<Vec<Refund>, StoreError> {
        self.read(|conn| refunds::of(conn, payment))
    }

    fn open_refunds(&self) -> Result<Vec<Refund>, StoreError> {
        self.read(refunds::open)
    }

    fn refunds(&self, limit: u32) -> Result<Vec<Refund>, StoreError> {
        self.read(|conn| refunds::newest(conn, limit))
    }

    fn refunds_booked(&self, payment: PaymentId) -> Result<Vec<BookedRefund>, StoreError> {
        self.read(|conn| refunds::booked(conn, payment))
    }

    fn evidence_of(&self, payment: PaymentId) -> Result<Vec<Evidence>, StoreError> {
        self.read(|conn| evidence::of(conn, payment))
    }

    fn captures_of(&self, payment: PaymentId) -> Result<Vec<Capture>, StoreError> {
        self.read(|conn| captures::of(conn, payment))
    }

    fn charges_of(&self, payment: PaymentId) -> Result<Vec<Charge>, StoreError> {
        self.read(|conn| charges::of(conn, payment))
    }

    fn page_left(&self, payment: PaymentId) -> Result<Option<PageLeft>, StoreError> {
        self.read(|conn| pages_left::of(conn, payment))
    }

    fn is_page_undated(&self, payment: PaymentId) -> Result<bool, StoreError> {
        self.read(|conn| pages_left::is_undated(conn, payment))
    }

    fn foreign_money(&self, which: ForeignMoney<'_>) -> Result<Vec<ForeignLine>, StoreError> {
        self.read(|conn| foreign_lines::money(conn, which))
    }

    fn discrepancies_of(&self, payment: PaymentId) -> Result<Vec<Discrepancy>, StoreError> {
        self.read(|conn| discrepancies::of(conn, payment))
    }

    fn discrepancies_closed(&self, payment: PaymentId) -> Result<Vec<Discrepancy>, StoreError> {
        self.read(|conn| discrepancies::closed(conn, payment))
    }

    fn discrepancy(&self, id: DiscrepancyId) -> Result<Option<(Discrepancy, Option<Closing>)>, StoreError> {
        self.read(|conn| discrepancies::get(conn, id))
    }

    fn discrepancies_ever(&self, limit: u32) -> Result<Vec<(Discrepancy, Option<Closing>)>, StoreError> {
        self.read(|conn| discrepancies::ever(conn, limit))
    }

    fn discrepancies(&self, limit: u32) -> Result<Vec<Discrepancy>, StoreError> {
        self.read(|conn| discrepancies::newest(conn, limit))
    }

    fn covered_before(&self, bank: Bank, pass: u8) -> Result<Option<BankMinute>, StoreError> {
        self.read(|conn| coverage::covered_before(conn, self.linked().as_ref(), bank, pass))
    }

    fn covered_by_number(&self, bank: Bank) -> Result<Vec<MinuteSpan>, StoreError> {
        self.read(|conn| coverage::by_number(conn, bank))
    }

    fn coverage(&self, bank: Bank, pass: u8, from: BankMinute) -> Result<Vec<CoverageSpan>, StoreError> {
        self.read(|conn| coverage::of(conn, bank, pass, from))
    }

    fn orders_in(&self, view: View, now: Moment, page: Page) -> Result<Vec<OrderRow>, StoreError> {
        self.read(|conn| views::page(conn, view, now, page))
    }

    fn count_in(&self, view: View, now: Moment, most: u32) -> Result<u32, StoreError> {
        self.read(|conn| views::count(conn, view, now, most.min(COUNT_MAX)))
    }

    fn news(&self, limit: u32) -> Result<Vec<PaymentId>, StoreError> {
        self.read(|conn| news::oldest(conn, limit))
    }

    fn search(&self, search: &Search, page: Page) -> Result<Vec<OrderRow>, StoreError> {
        self.read(|conn| search::page(conn, search, page))
    }

    fn customer(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        self.read(|conn| customers::get(conn, id))
    }

    fn customers(&self, after: Option<CustomerId>) -> Result<Vec<Customer>, StoreError> {
        self.read(|conn| customers::page(conn, after))
    }

    fn orders_of_customer(&self, id: CustomerId) -> Result<Vec<Order>, StoreError> {
        self.read(|conn| orders::of_customer(conn, id))
    }

    fn orders_before(
        &self,
        before: Moment,
        after: Option<(Moment, OrderId)>,
        limit: u32,
    ) -> Result<Vec<Order>, StoreError> {
        self.read(|conn| orders::before_with_customer(conn, before, after, limit))
    }

    fn is_erasure_unfinished(&self) -> Result<bool, StoreError> {
        self.read(customers::is_erasure_unfinished)
    }

    fn finish_erasure(&mut self) -> Result<bool, StoreError> {
        // whoever waits at the counter does not wait for this
        self.finish(0)
    }

    fn person(&self, id: PersonId) -> Result<Option<Person>, StoreError> {
        self.read_people(|conn, proofs| people::get(conn, proofs, id))
    }

    fn person_named(&self, name: &str) -> Result<Option<Person>, StoreError> {
        self.read_people(|conn, proofs| people::named(conn, proofs, name))
    }

    fn people(&self) -> Result<Vec<Person>, StoreError> {
        self.read_people(people::list)
    }

    fn has_people(&self) -> Result<bool, StoreError> {
        self.read(|conn| Ok(self.people_row.get() > 0 || people::exist(conn)?))
    }

    fn pin_of(&self, id: PersonId) -> Result<Option<PinHash>, StoreError> {
        self.read_people(|conn, proofs| people::pin(conn, proofs, id))
    }

    fn audit_end(&self) -> Result<AuditHead, StoreError> {
        self.audit_head()
    }

    fn audit_rows(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        self.read(|conn| audit::rows(conn, filter))
    }

    fn acts_of(&self, subject: &str) -> Result<Vec<AuditRow>, StoreError> {
        self.read(|conn| audit::acts_of(conn, subject))
    }

    fn verify_audit(&self) -> Result<AuditReport, StoreError> {
        let report = self.verify(None, &mut |_| ControlFlow::Continue(()))?;
        report.ok_or_else(|| StoreError::Storage("the walk was stopped".to_owned()))
    }
}

/// One moment for several reads; within a decision it has begun already.
fn snapshot(conn: &Connection) -> rusqlite::Result<Option<Transaction<'_>>> {
    if conn.is_autocommit() { conn.unchecked_transaction().map(Some) } else { Ok(None) }
}

/// Where the chain is yet to name all rows: the version of its newest one, where that is older, or
/// 0 where the key begins with the next row.
fn seals_since(
    conn: &Connection,
    linked: &Linked<'_>,
    kept: Option<&AuditHead>,
    version: u16,
) -> rusqlite::Result<Option<u16>> {
    let rows = audit::last(conn)?.seq.unsigned_abs();
    if kept.is_some_and(|kept| kept.rows > rows) {
        return Ok(None);
    }
    if rows + 1 == linked.keyed.from() {
        return Ok(Some(0));
    }
    Ok(audit::proved_version(conn, linked)?.filter(|last| *last < version))
}

fn name_of(path: &Path) -> String {
    path.display().to_string()
}

/// What a customer was called is gone afterwards.
fn erases(change: &Change) -> bool {
    matches!(change, Change::CustomerErased(_) | Change::OrderErased(_) | Change::CustomerCorrected(_))
}
