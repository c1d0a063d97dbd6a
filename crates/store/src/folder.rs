//! The folder of a shop: who may enter it, where it lies, the lock of its one writer, and files
//! that get their name when they are finished.
//!
//! Promise: no data file is opened here by hand. A program that opens and closes a SQLite file
//! beside SQLite drops its locks. Left out: access lists of Windows; there the folder lies in the
//! user's own profile.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use rusqlite::Connection;

use crate::error::OpenError;

/// The name of the data file in a shop's folder.
pub const DATA_FILE: &str = "counterfoil.db";
pub(crate) const LOCK_FILE: &str = "counterfoil.lock";
/// How the name of a rescued file begins.
pub(crate) const RESCUED: &str = "counterfoil-rescued-";
const UNFINISHED_FILE: &str = "counterfoil.unfinished";
const PROBE_FILE: &str = "counterfoil.probe";
/// When the pages of the data file were sound ([`crate::pages`]).
pub(crate) const CHECKED_FILE: &str = "counterfoil.checked";
/// What the program puts beside the data file: locks, a probe, a note, where the window was, and
/// how a second start finds it. Turns at a bank have names of their own.
const BESIDE: [&str; 8] = [
    LOCK_FILE,
    CHECKED_FILE,
    PROBE_FILE,
    "people.lock",
    "window.json",
    "window-demo.json",
    "front.json",
    "front-demo.json",
];
/// What SQLite puts beside a file.
const OWN_ENDINGS: [&str; 4] = ["", "-wal", "-shm", "-journal"];
/// How a data file of SQLite begins, its log in either order of bytes, and its older log.
const MAGICS: [&[u8]; 4] =
    [b"SQLite format 3\0", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"];
/// More are not looked at.
const FILES_MAX: usize = 1_000;
/// As much as some hundred sales need.
const PROBE_BYTES: usize = 1 << 20;

/// Folders of services that copy files about while they are written: small letters without blanks.
/// A name may go on with an account: `OneDrive - Shop`, `Dropbox (Shop)`.
const CLOUDS: [&str; 23] = [
    "onedrive",
    "dropbox",
    "googledrive",
    "mydrive",
    "google雲端硬碟",
    "我的雲端硬碟",
    "雲端硬碟",
    "icloud",
    "iclouddrive",
    "mobiledocuments",
    "cloudstorage",
    "box",
    "boxsync",
    "pcloud",
    "pclouddrive",
    "nextcloud",
    "owncloud",
    "synologydrive",
    "mega",
    "megasync",
    "坚果云",
    "我的坚果云",
    "百度网盘",
];
/// File systems of Linux that lie on another computer.
const REMOTE: [&str; 12] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.davfs2",
    "davfs",
    "fuse.gvfsd-fuse",
];

/// What the folder holds under the name of the data file.
pub(crate) enum Found {
    Nothing,
    /// Nothing, and there was something.
    Lost,
    File,
}

/// Makes the folder, for its owner only, where there is none.
pub(crate) fn make(folder: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(OpenError::io("the data folder could not be made"))
}

/// Whether the disk of a shop's folder takes a file and keeps it. Tried with a file of our own,
/// which goes again.
pub fn takes_something(folder: &Path) -> bool {
    try_to_write(folder).is_ok()
}

/// Refuses a folder in which others can put or replace files, or in which data files break. A
/// folder that others can merely look into is its owner's choice: what we put there is for its
/// owner only, see [`check_file`].
pub(crate) fn check(folder: &Path) -> Result<(), OpenError> {
    if !folder.exists() {
        return Err(OpenError::Missing(folder.to_owned()));
    }
    let mode = rights(&fs::metadata(folder).map_err(OpenError::io("the data folder could not be read"))?);
    if mode & 0o022 != 0 {
        return Err(OpenError::Exposed { folder: folder.to_owned(), mode });
    }
    let real = folder.canonicalize().map_err(OpenError::io("the data folder could not be read"))?;
    match strange_place(&real) {
        Some(place) => Err(OpenError::Place { folder: folder.to_owned(), place }),
        None => Ok(()),
    }
}

/// Keeps a data file of ours from others. Others cannot reach into a folder that is its owner's
/// alone, so there a copy that was put back with other rights is simply made private again.
pub(crate) fn check_file(folder: &Path) -> Result<(), OpenError> {
    let open_folder = fs::metadata(folder).is_ok_and(|entry| rights(&entry) & 0o077 != 0);
    for end in ["", "-wal"] {
        let file = folder.join(format!("{DATA_FILE}{end}"));
        let mode = fs::metadata(&file).map_or(0, |entry| rights(&entry));
        if mode & 0o077 != 0 && (open_folder || make_private(&file).is_err()) {
            return Err(OpenError::ExposedFile { file, mode });
        }
    }
    Ok(())
}

/// For its owner only.
#[cfg(unix)]
fn make_private(file: &Path) -> io::Result<()> {
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

/// Elsewhere a new file takes the rights of its folder, which is for its owner only.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on the other systems")]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes a small file of ours, for its owner only.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    make_private(path)
}

/// Refuses what is no plain file with one name: two names have two locks.
fn check_plain(folder: &Path) -> Result<(), OpenError> {
    for name in OWN_ENDINGS.map(|end| format!("{DATA_FILE}{end}")).iter().chain([&LOCK_FILE.to_owned()]) {
        let file = folder.join(name);
        if fs::symlink_metadata(&file).is_ok_and(|entry| !is_plain(&entry)) {
            return Err(OpenError::NotPlain(file));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_plain(entry: &fs::Metadata) -> bool {
    entry.is_file() && std::os::unix::fs::MetadataExt::nlink(entry) == 1
}

#[cfg(not(unix))]
fn is_plain(entry: &fs::Metadata) -> bool {
    entry.is_file()
}

#[cfg(unix)]
fn rights(entry: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&entry.permissions()) & 0o777
}

/// Elsewhere a new file takes the rights of its folder, which is for its owner only.
#[cfg(not(unix))]
fn rights(_: &fs::Metadata) -> u32 {
    0
}

/// Becomes the one writer. The lock goes with the file, so with the program, however that ends.
pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let failed = "the lock of the data folder could not be taken";
    let path = folder.join(LOCK_FILE);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(&path).map_err(OpenError::io(failed))?;
    // whoever can read a lock can hold it
    make_private(&path).map_err(OpenError::io(failed))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(why)) => Err(OpenError::Io { what: failed, why }),
    }
}

/// A program that ended by itself leaves no log: SQLite takes it away.
pub(crate) fn has_log(folder: &Path) -> bool {
    fs::metadata(folder.join(format!("{DATA_FILE}-wal"))).is_ok_and(|entry| entry.len() > 0)
}

/// What was rescued of a data file, or a copy that an upgrade made, is there.
fn has_copy(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let mut names =
        entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.any(|name| is_upgrade_copy(&name) || name.starts_with(RESCUED))
}

/// Looks at names, kinds and lengths only.
pub(crate) fn look(folder: &Path) -> Result<Found, OpenError> {
    check_plain(folder)?;
    let length = |name: &str| fs::metadata(folder.join(name)).ok().map(|entry| entry.len());
    let damaged = |text: &str| Err(OpenError::Damaged(text.to_owned()));
    match length(DATA_FILE) {
        None if has_log(folder) => damaged("the file is gone and its log is still there"),
        // a writer was here
        None if folder.join(LOCK_FILE).exists() || has_copy(folder) => Ok(Found::Lost),
        None => Ok(Found::Nothing),
        Some(0) => damaged("the file is empty"),
        Some(_) => Ok(Found::File),
    }
}

/// Whether a program that wrote without a log was stopped half-way.
pub(crate) fn has_old_journal(folder: &Path) -> bool {
    fs::metadata(folder.join(format!("{DATA_FILE}-journal"))).is_ok_and(|journal| journal.len() > 0)
}

/// Whether the folder takes no file, and the data file in it has no log: it is all there is.
pub(crate) fn takes_no_log(folder: &Path) -> bool {
    let log = fs::metadata(folder.join(format!("{DATA_FILE}-wal"))).is_ok_and(|log| log.len() > 0);
    !log && !takes_something(folder)
}

/// The name of the copy before an upgrade, of the n-th try.
pub(crate) fn copy_name(from: i64, to: i64, n: u32) -> String {
    let again = if n == 1 { String::new() } else { format!("-{n}") };
    format!("counterfoil-v{from}-before-v{to}{again}.db")
}

/// Removes every copy of an upgrade, and what a crash has left of one. The error names what stays.
pub(crate) fn remove_copies(folder: &Path) -> Result<(), PathBuf> {
    let entries = match fs::read_dir(folder) {
        // a folder that is gone holds no copy
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|_| folder.to_owned())?,
    };
    for entry in entries {
        let entry = entry.map_err(|_| folder.to_owned())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_upgrade_copy(&name) || name.starts_with(UNFINISHED_FILE) {
            fs::remove_file(entry.path()).map_err(|_| entry.path())?;
        }
    }
    Ok(())
}

/// Files of a shop's folder that look like copies of a data file, or of its log, and that this
/// program did not make: erasing does not reach them. By name. Looks at the first bytes of what is
/// not our own file under another name, for closing that would drop SQLite's locks.
pub fn copies_by_hand(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let ours: Vec<_> =
        OWN_ENDINGS.iter().filter_map(|end| identity(&folder.join(format!("{DATA_FILE}{end}")))).collect();
    let is_copy = |path: &Path| {
        let id = identity(path);
        id.is_some_and(|id| !ours.contains(&id)) && begins_like_a_data_file(path)
    };
    let mut found: Vec<String> = entries
        .take(FILES_MAX)
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            (!is_made_by_us(&name) && is_copy(&entry.path())).then_some(name)
        })
        .collect();
    found.sort();
    found
}

/// Why a folder takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The disk has no more bytes, or a quota or a limit is used up.
    Full,
    /// It may not be written.
    Denied,
    Other,
}

/// Why the folder takes nothing; `None`: it does.
pub(crate) fn refusal(folder: &Path) -> Option<Refusal> {
    let kind = try_to_write(folder).err()?.kind();
    if matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) {
        Some(Refusal::Full)
    } else if matches!(kind, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) {
        Some(Refusal::Denied)
    } else {
        Some(Refusal::Other)
    }
}

fn try_to_write(folder: &Path) -> io::Result<()> {
    let path = folder.join(PROBE_FILE);
    let written = fs::write(&path, vec![0; PROBE_BYTES]).and_then(|()| File::open(&path)?.sync_all());
    written.and(fs::remove_file(&path))
}

/// Removes what the program makes in a shop's folder, and the folder where nothing else is in it.
///
/// # Errors
/// Of the system. What stays can be removed once more.
pub fn remove_own(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if (is_made_by_us(&name) || is_beside(&name)) && !entry.file_type()?.is_dir() {
            fs::remove_file(entry.path())?;
        }
    }
    match fs::remove_dir(folder) {
        Err(why) if why.kind() != ErrorKind::DirectoryNotEmpty => Err(why),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Files of a shop's folder that no part of the program writes, by name. It makes folders of its
/// own for exports and the window.
pub fn strangers(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files = entries.take(FILES_MAX).filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()));
    let names = files.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found: Vec<String> = names.filter(|name| !is_made_by_us(name) && !is_beside(name)).collect();
    found.sort();
    found
}

/// The data file, its log, a copy of an upgrade, and a file that is being made.
fn is_made_by_us(name: &str) -> bool {
    let is_own = name.strip_prefix(DATA_FILE).is_some_and(|end| OWN_ENDINGS.contains(&end));
    is_own || is_upgrade_copy(name) || name.starts_with(UNFINISHED_FILE)
}

/// A lock, the probe, the place of a window, a turn at a bank.
fn is_beside(name: &str) -> bool {
    let is_turn = name.strip_suffix(".turn").is_some_and(|of| of.starts_with("counterfoil-"));
    BESIDE.contains(&name) || is_turn
}

fn is_upgrade_copy(name: &str) -> bool {
    name.starts_with("counterfoil-v") && name.contains("-before-v")
}

fn begins_like_a_data_file(path: &Path) -> bool {
    let mut first = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && MAGICS.iter().any(|magic| first.starts_with(magic))
}

/// Which file it is, on which disk.
pub(crate) type Identity = (u64, u64);

/// Which file it is, whatever its name; of folders, pipes and what is not there none.
#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|entry| (entry.dev(), entry.ino()))
}

/// Elsewhere closing another name of a file drops no lock.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|_| path.to_owned())
}

/// A file that is being made. After a crash the next try starts over.
pub(crate) struct Unfinished {
    folder: PathBuf,
    path: PathBuf,
}

impl Unfinished {
    /// Takes away what an earlier try left. Only the holder of the lock may call it.
    pub(crate) fn new(folder: &Path) -> Result<Self, OpenError> {
        Self::named(folder, UNFINISHED_FILE)
    }

    /// The same for a file that another holder of a lock does not make.
    pub(crate) fn named(folder: &Path, name: &str) -> Result<Self, OpenError> {
        let path = folder.join(name);
        for ending in OWN_ENDINGS {
            match fs::remove_file(folder.join(format!("{name}{ending}"))) {
                Ok(()) => {}
                Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
                Err(why) => {
                    return Err(OpenError::Io { what: "an unfinished file could not be removed", why });
                }
            }
        }
        Ok(Self { folder: folder.to_owned(), path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills it with all that a connection reads, for its owner only from its first byte on.
    pub(crate) fn copy_of(&self, conn: &Connection) -> Result<(), OpenError> {
        let failed = "a new file could not be made";
        File::create_new(&self.path).map_err(OpenError::io(failed))?;
        make_private(&self.path).map_err(OpenError::io(failed))?;
        let target = self.path.to_str();
        let target =
            target.ok_or_else(|| OpenError::Copy("its name cannot be given to SQLite".to_owned()))?;
        let copied = conn.execute("VACUUM INTO ?1", [target]);
        copied.map(drop).map_err(|error| OpenError::of_step(error, OpenError::Copy))
    }

    /// Gives it its name, once it is closed everywhere: owner only, on the disk, then renamed.
    pub(crate) fn finish(self, name: &str) -> Result<(), OpenError> {
        let failed = "a new file could not be put on the disk";
        let file = OpenOptions::new().write(true).open(&self.path).map_err(OpenError::io(failed))?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(OpenError::io(failed))?;
        file.sync_all().map_err(OpenError::io(failed))?;
        drop(file);
        fs::rename(&self.path, self.folder.join(name)).map_err(OpenError::io(failed))?;
        // the new name itself, where folders can be synced
        #[cfg(unix)]
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(OpenError::io(failed))?;
        Ok(())
    }
}

/// What is wrong with the place of a folder, if anything.
fn strange_place(real: &Path) -> Option<String> {
    for part in real.components() {
        match part {
            Component::Prefix(prefix) => {
                use std::path::Prefix;
                match prefix.kind() {
                    Prefix::UNC(..) | Prefix::VerbatimUNC(..) => return Some("a network share".to_owned()),
                    Prefix::Verbatim(_) | Prefix::VerbatimDisk(_) | Prefix::DeviceNS(_) | Prefix::Disk(_) => {
                    }
                }
            }
            Component::Normal(name) => {
                let name = name.to_string_lossy();
                if is_cloud(&name) {
                    return Some(name.into_owned());
                }
            }
            Component::RootDir | Component::CurDir | Component::ParentDir => {}
        }
    }
    // only Linux tells in a file what is mounted where
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    remote_mount(&mounts, real)
}

/// A name with or without the account that it is for.
pub(crate) fn is_cloud(name: &str) -> bool {
    let service = [" - ", " ("].iter().filter_map(|more| name.find(more)).min();
    let service = name.get(..service.unwrap_or(name.len())).unwrap_or(name);
    let plain: String = service.to_lowercase().chars().filter(|letter| !letter.is_whitespace()).collect();
    CLOUDS.contains(&plain.as_str())
}

/// The remote file system that holds a folder, by the text of `/proc/self/mountinfo`: the fifth
/// word of a line is where it is mounted, the first one after ` - ` is its kind. The longest mount
/// above the folder is the one.
pub(crate) fn remote_mount(mounts: &str, folder: &Path) -> Option<String> {
    let lines = mounts.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let at = mount.split(' ').nth(4)?.replace("\\040", " ");
        folder.starts_with(&at).then(|| (at.len(), kind.split(' ').next().unwrap_or_default()))
    });
    // of several mounts over each other the last line is on top
    let (_, kind) = lines.max_by_key(|(length, _)| *length)?;
    REMOTE.contains(&kind).then(|| kind.to_owned())
}
