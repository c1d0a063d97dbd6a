//! The door to SQLite: its own file system of this computer, with a hand on six functions.
//!
//! A file of a [`Disk`](crate::Disk) is opened by the system's own file system. Then its table of
//! functions is replaced by a copy that calls ours for read, write, truncate, sync and close.
//! Locks, shared memory and everything else stay the system's, and so does the file's memory: ours
//! are found by its address.

#![expect(unsafe_code, reason = "SQLite asks for its file system by a table of C functions")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, OnceLock};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use crate::{Change, Shared, Verdict, What, disk_of, locked};

/// An open file of ours.
#[derive(Clone)]
struct Open {
    path: PathBuf,
    disk: Shared,
    /// The system's functions.
    system: &'static sqlite3_io_methods,
}

/// By the address of SQLite's file.
static OPEN: LazyLock<Mutex<BTreeMap<usize, Open>>> = LazyLock::new(Mutex::default);

/// The system's file system, copied before ours took its place.
struct System(sqlite3_vfs);

// SAFETY: the functions behind it may be called from any thread, and nothing writes to the copy.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

static SYSTEM: OnceLock<Option<System>> = OnceLock::new();

/// Makes ours the file system of this process; once.
pub(crate) fn register() -> Result<(), String> {
    let system = SYSTEM.get_or_init(|| {
        // SAFETY: SQLite gives null or a file system that is never freed.
        let own = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()).as_ref() }?;
        let ours = Box::leak(Box::new(sqlite3_vfs {
            zName: c"failing".as_ptr(),
            pNext: std::ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            ..*own
        }));
        let system = System(*own);
        // SAFETY: it lives for ever, and all its functions are the system's or ours.
        (unsafe { ffi::sqlite3_vfs_register(ours, 1) } == ffi::SQLITE_OK).then_some(system)
    });
    if system.is_some() { Ok(()) } else { Err("SQLite did not take the file system".to_owned()) }
}

fn system() -> Option<&'static sqlite3_vfs> {
    SYSTEM.get().and_then(Option::as_ref).map(|system| &system.0)
}

fn find(file: *mut sqlite3_file) -> Option<Open> {
    locked(&OPEN).get(&file.addr()).cloned()
}

/// The path that SQLite hands over; none for a temporary file.
fn path_of<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite ends its names with a zero, and keeps them while the file is open.
    unsafe { CStr::from_ptr(name) }.to_str().ok().map(Path::new)
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let Some(own) = system().and_then(|system| system.xOpen) else { return ffi::SQLITE_CANTOPEN };
    let found = path_of(name).and_then(|path| Some((path, disk_of(path)?)));
    let Some((path, disk)) = found else {
        // SAFETY: SQLite's own arguments.
        return unsafe { own(vfs, name, file, flags, out) };
    };
    if locked(&disk).pass(false) != Verdict::Go {
        // SAFETY: SQLite gives room for a file; without functions it is not closed.
        unsafe { (*file).pMethods = std::ptr::null() };
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: SQLite's own arguments.
    let done = unsafe { own(vfs, name, file, flags, out) };
    // SAFETY: the system has set the functions of the file, or null.
    let Some(system) = (unsafe { (*file).pMethods.as_ref() }) else { return done };
    let ours = sqlite3_io_methods {
        xRead: Some(read),
        xWrite: Some(write),
        xTruncate: Some(truncate),
        xSync: Some(sync),
        xClose: Some(close),
        ..*system
    };
    locked(&OPEN).insert(file.addr(), Open { path: path.to_owned(), disk, system });
    // SAFETY: the table lives for ever; a few hundred bytes for each file that a test opens.
    unsafe { (*file).pMethods = Box::leak(Box::new(ours)) };
    done
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let open = locked(&OPEN).remove(&file.addr());
    let Some((open, own)) = open.and_then(|open| Some((open.clone(), open.system.xClose?))) else {
        return ffi::SQLITE_IOERR_CLOSE;
    };
    // SAFETY: the file is the system's own again.
    unsafe {
        (*file).pMethods = open.system;
        own(file)
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    bytes: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    match find(file).and_then(|open| Some((open.system.xRead?, open.disk))) {
        Some((own, disk)) if !locked(&disk).is_off() => {
            // SAFETY: SQLite's own arguments.
            unsafe { own(file, into, bytes, at) }
        }
        Some(_) | None => ffi::SQLITE_IOERR_READ,
    }
}

/// The length of a file of the system.
///
/// # Safety
/// As for the system's own function.
unsafe fn length(open: &Open, file: *mut sqlite3_file) -> Option<u64> {
    let mut length: ffi::sqlite3_int64 = 0;
    // SAFETY: by the caller.
    let done = unsafe { open.system.xFileSize?(file, &raw mut length) };
    (done == ffi::SQLITE_OK).then(|| length.try_into().ok())?
}

/// Takes down what a change from here on, of so many bytes, is going to replace.
///
/// # Safety
/// As for the system's own functions.
unsafe fn change(open: &Open, file: *mut sqlite3_file, at: u64, bytes: u64, what: What) -> Option<Change> {
    // SAFETY: by the caller.
    let old_len = unsafe { length(open, file) }?;
    let there = old_len.saturating_sub(at).min(bytes);
    let mut old = vec![0; usize::try_from(there).ok()?];
    if there > 0 {
        let (into, bytes) = (old.as_mut_ptr().cast(), c_int::try_from(there).ok()?);
        // SAFETY: there is room for so many bytes.
        let done = unsafe { open.system.xRead?(file, into, bytes, at.try_into().ok()?) };
        if done != ffi::SQLITE_OK {
            return None;
        }
    }
    Some(Change { path: open.path.clone(), at, old, old_len, what })
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    bytes: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let Some(open) = find(file) else { return ffi::SQLITE_IOERR_WRITE };
    let (Some(own), Ok(many), Ok(start)) = (open.system.xWrite, usize::try_from(bytes), u64::try_from(at))
    else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    let mut disk = locked(&open.disk);
    if disk.is_off() {
        return ffi::SQLITE_IOERR_WRITE;
    }
    let verdict = disk.pass(false);
    if verdict == Verdict::Full {
        return ffi::SQLITE_FULL;
    }
    // SAFETY: SQLite gives so many bytes.
    let new = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), many) }.to_vec();
    // SAFETY: the file is open.
    let Some(change) =
        (unsafe { change(&open, file, start, u64::from(bytes.unsigned_abs()), What::Written(new)) })
    else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    disk.unsynced.push(change);
    match verdict {
        // SAFETY: SQLite's own arguments.
        Verdict::Go => unsafe { own(file, from, bytes, at) },
        Verdict::Fail => {
            // SAFETY: as above, and the first half of what there is.
            unsafe { own(file, from, bytes / 2, at) };
            ffi::SQLITE_IOERR_WRITE
        }
        // it was on its way when the power went
        Verdict::Off | Verdict::Full => ffi::SQLITE_IOERR_WRITE,
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, to: ffi::sqlite3_int64) -> c_int {
    let Some(open) = find(file) else { return ffi::SQLITE_IOERR_TRUNCATE };
    let (Some(own), Ok(at)) = (open.system.xTruncate, u64::try_from(to)) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    let mut disk = locked(&open.disk);
    if disk.pass(false) != Verdict::Go {
        return ffi::SQLITE_IOERR_TRUNCATE;
    }
    // SAFETY: the file is open.
    let Some(change) = (unsafe { change(&open, file, at, u64::MAX, What::Cut) }) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    disk.unsynced.push(change);
    // SAFETY: SQLite's own arguments.
    unsafe { own(file, to) }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    let Some((open, own)) = find(file).and_then(|open| Some((open.clone(), open.system.xSync?))) else {
        return ffi::SQLITE_IOERR_FSYNC;
    };
    let mut disk = locked(&open.disk);
    if disk.pass(true) != Verdict::Go {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    // SAFETY: SQLite's own arguments.
    let done = unsafe { own(file, flags) };
    if done == ffi::SQLITE_OK {
        disk.synced(&open.path);
    }
    done
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let Some(own) = system().and_then(|system| system.xDelete) else { return ffi::SQLITE_IOERR_DELETE };
    if let Some((path, disk)) = path_of(name).and_then(|path| Some((path, disk_of(path)?))) {
        let mut disk = locked(&disk);
        if disk.pass(false) != Verdict::Go {
            return ffi::SQLITE_IOERR_DELETE;
        }
        if sync_folder != 0 {
            disk.synced(path);
        } else if let (Ok(old), Ok(about)) = (fs::read(path), fs::metadata(path)) {
            let (path, old_len) = (path.to_owned(), about.len());
            let what = What::Deleted(about.permissions());
            disk.unsynced.push(Change { path, at: 0, old, old_len, what });
        }
    }
    // SAFETY: SQLite's own arguments.
    unsafe { own(vfs, name, sync_folder) }
}
