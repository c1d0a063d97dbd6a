//! Opening: F15, F16, permissions, settings.

use std::fs;
use std::path::Path;

use counterfoil_engine::ports::Store;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::support::*;
use crate::folder::remote_mount;
use crate::open::{APPLICATION_ID, open_frozen};
use crate::{Mode, OpenError, SqliteStore};

fn open(place: &Place, mode: Mode) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(&place.shop, mode)
}

/// The error of opening, for reading and for writing; the file is as it was after both.
fn refused(place: &Place) -> [OpenError; 2] {
    let before = fs::read(place.file()).ok();
    let errors = [Mode::Reader, Mode::Writer].map(|mode| open(place, mode).err().unwrap());
    assert_eq!(fs::read(place.file()).ok(), before);
    errors
}

fn with_sales() -> Place {
    let place = Place::new();
    commit(&mut place.writer(), (1..=300).flat_map(sale)).unwrap();
    place
}

/// F15.
#[test]
fn there_is_one_writer_and_readers_read_beside_it() {
    let place = Place::new();
    assert!(matches!(open(&place, Mode::Reader), Err(OpenError::Missing(_))));
    let mut writer = place.writer();
    commit(&mut writer, sale(1)).unwrap();
    assert!(matches!(open(&place, Mode::Writer), Err(OpenError::InUse)));
    let reader = open(&place, Mode::Reader).unwrap();
    assert_eq!(reader.order(order(1).id).unwrap(), Some(order(1)));
    commit(&mut writer, sale(2)).unwrap();
    assert_eq!(reader.order(order(2).id).unwrap(), Some(order(2)));
    drop(writer);
    // what the lock file of a writer that is gone left behind is no obstacle
    assert!(place.shop.join("counterfoil.lock").exists());
    let mut writer = place.writer();
    commit(&mut writer, sale(3)).unwrap();
    assert_eq!(reader.order(order(3).id).unwrap(), Some(order(3)));
}

#[test]
fn another_shop_is_another_folder() {
    let (here, there) = (Place::new(), Place::new());
    let (mut a, b) = (here.writer(), there.writer());
    commit(&mut a, sale(1)).unwrap();
    assert_eq!(b.order(order(1).id).unwrap(), None);
}

/// F16.
#[test]
fn a_strangers_file_is_refused_and_left_alone() {
    let place = Place::new();
    drop(place.writer());
    fs::remove_file(place.file()).unwrap();
    let other = place.raw();
    other.execute_batch("PRAGMA application_id = 7; CREATE TABLE theirs (x)").unwrap();
    drop(other);
    assert!(refused(&place).iter().all(|error| matches!(error, OpenError::NotOurs(7))));

    fs::remove_file(place.file()).unwrap();
    place.raw().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(refused(&place).iter().all(|error| matches!(error, OpenError::NotOurs(0))));
}

#[test]
fn a_newer_file_is_refused_with_both_versions() {
    let place = with_sales();
    place.raw().pragma_update(None, "user_version", 25).unwrap();
    for error in refused(&place) {
        assert!(matches!(error, OpenError::Newer { file: 25, program: 24 }), "{error}");
    }
}

#[test]
fn a_file_with_another_history_is_refused() {
    let edits = [
        "UPDATE refinery_schema_history SET checksum = '1'",
        "UPDATE refinery_schema_history SET checksum = 'x'",
        "UPDATE refinery_schema_history SET name = 'other'",
        "UPDATE refinery_schema_history SET applied_on = 'yesterday'",
        "UPDATE refinery_schema_history SET version = 99 WHERE version = 2",
        "DELETE FROM refinery_schema_history WHERE version = 1",
        "DELETE FROM refinery_schema_history WHERE version = 7",
        "DELETE FROM refinery_schema_history",
        "DROP TABLE refinery_schema_history",
        "PRAGMA user_version = 0",
    ];
    for edit in edits {
        let place = with_sales();
        place.raw().execute_batch(edit).unwrap();
        for error in refused(&place) {
            assert!(matches!(error, OpenError::Damaged(_)), "{edit}: {error}");
        }
    }
}

/// F16: whatever was done to the file as a whole, it is reported and kept, and no empty one is put
/// in its place.
#[test]
fn a_damaged_file_is_kept_and_reported() {
    let cut = |keep: u64| {
        move |file: &Path| {
            let length = fs::metadata(file).unwrap().len();
            let file = fs::OpenOptions::new().write(true).open(file).unwrap();
            file.set_len(if keep == 0 { 0 } else { length * keep / 10 }).unwrap();
        }
    };
    let text =
        |file: &Path| fs::write(file, "not a data base, but long enough to be one ".repeat(400)).unwrap();
    let header = |file: &Path| {
        let mut bytes = fs::read(file).unwrap();
        bytes[..16].fill(0);
        fs::write(file, bytes).unwrap();
    };
    let harms: [&dyn Fn(&Path); 4] = [&cut(0), &cut(5), &text, &header];
    for (n, harm) in harms.into_iter().enumerate() {
        let place = with_sales();
        harm(&place.file());
        let before = fs::read(place.file()).unwrap();
        let error = open(&place, Mode::Writer).err().unwrap();
        assert!(matches!(error, OpenError::Damaged(_)), "harm {n}: {error}");
        assert_eq!(fs::read(place.file()).unwrap(), before, "harm {n}");
    }
    let place = with_sales();
    cut(0)(&place.file());
    assert!(refused(&place).iter().all(|error| matches!(error, OpenError::Damaged(_))));
}

/// F16: the file is gone and its log is there, so the shop was not new.
#[test]
fn a_log_without_its_file_is_damage_and_not_a_new_shop() {
    let place = with_sales();
    fs::remove_file(place.file()).unwrap();
    fs::write(place.shop.join("counterfoil.db-wal"), "left over").unwrap();
    for error in refused(&place) {
        assert!(matches!(error, OpenError::Damaged(_)), "{error}");
    }
    assert!(!place.file().exists());
}

/// A crash while a file is made leaves another name; the next start begins again.
#[test]
fn a_file_that_was_never_finished_is_made_anew() {
    let place = Place::new();
    drop(place.writer());
    fs::remove_file(place.file()).unwrap();
    for ending in ["", "-journal", "-wal"] {
        fs::write(place.shop.join(format!("counterfoil.unfinished{ending}")), "half").unwrap();
    }
    commit(&mut place.writer(), sale(1)).unwrap();
    let mut names: Vec<_> =
        fs::read_dir(&place.shop).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["counterfoil.db", "counterfoil.lock"]);
}

/// A program that ends right after it made the file leaves one that every other opens. So does a
/// copy in SQLite's old mode that was put back.
#[test]
fn a_file_in_the_old_mode_is_read_and_brought_to_the_log() {
    let place = Place::new();
    crate::folder::make(&place.shop).unwrap();
    crate::open::make(&place.shop, &crate::migrate::embedded()).unwrap();
    let mode = |conn: &Connection| {
        conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap()
    };
    assert_eq!(mode(&place.raw()), "wal", "before any program opens it");

    let place = with_sales();
    place.raw().pragma_update(None, "journal_mode", "delete").unwrap();
    let reader = open(&place, Mode::Reader).unwrap();
    assert_eq!(reader.order(order(1).id).unwrap(), Some(order(1)));
    assert_eq!(mode(place.writer().conn()), "wal");
    assert_eq!(reader.order(order(300).id).unwrap(), Some(order(300)));
}

/// Somebody ended a program that was writing in the old mode.
#[test]
fn what_the_old_mode_left_half_written_is_taken_back_by_a_reader_too() {
    let place = with_sales();
    let raw = place.raw();
    raw.pragma_update(None, "journal_mode", "delete").unwrap();
    raw.execute_batch(
        "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;
        UPDATE orders SET version = version + 1",
    )
    .unwrap();
    let half = Place::new();
    fs::create_dir_all(&half.shop).unwrap();
    for end in ["", "-journal"] {
        let name = format!("counterfoil.db{end}");
        fs::copy(place.shop.join(&name), half.shop.join(&name)).unwrap();
    }
    drop(raw);
    assert!(fs::metadata(half.shop.join("counterfoil.db-journal")).unwrap().len() > 0);
    let lock = crate::folder::lock(&half.shop).unwrap();
    assert!(open(&half, Mode::Reader).is_err(), "whoever writes takes it back");
    drop(lock);
    let reader = open(&half, Mode::Reader).unwrap();
    assert_eq!(reader.order(order(7).id).unwrap(), Some(order(7)));
}

/// A full disk is called so, and nothing else is.
#[test]
fn a_refusal_names_its_cause() {
    let said = |code| {
        let error = rusqlite::ffi::Error::new(code);
        OpenError::from(rusqlite::Error::SqliteFailure(error, None))
    };
    assert!(matches!(said(rusqlite::ffi::SQLITE_FULL), OpenError::Full));
    assert!(matches!(said(rusqlite::ffi::SQLITE_BUSY), OpenError::Locked));
    assert!(matches!(said(rusqlite::ffi::SQLITE_READONLY), OpenError::Denied));
    assert!(matches!(said(rusqlite::ffi::SQLITE_IOERR), OpenError::Sqlite(_)));
}

#[cfg(unix)]
#[test]
fn folder_and_file_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.writer();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.shop), 0o700);
    assert_eq!(mode(&place.file()), 0o600);
    assert_eq!(mode(&place.shop.join("counterfoil.db-wal")), 0o600);
    drop(store);
    for open_to in [0o720, 0o702, 0o777] {
        fs::set_permissions(&place.shop, fs::Permissions::from_mode(open_to)).unwrap();
        for error in refused(&place) {
            assert!(matches!(&error, OpenError::Exposed { mode, .. } if *mode == open_to), "{error}");
            assert!(error.to_string().contains("chmod 700"));
        }
    }
    // a folder that others may look into is no harm while the files are not theirs to read
    fs::set_permissions(&place.shop, fs::Permissions::from_mode(0o755)).unwrap();
    drop(place.writer());
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o644)).unwrap();
    for error in refused(&place) {
        let OpenError::ExposedFile { file, mode: 0o644 } = &error else { panic!("{error}") };
        assert!(*file == place.file() && error.to_string().contains("chmod 600"), "{error}");
    }
    // nobody could get at it here: a copy from another disk
    fs::set_permissions(&place.shop, fs::Permissions::from_mode(0o700)).unwrap();
    drop(open(&place, Mode::Reader).unwrap());
    assert_eq!(mode(&place.file()), 0o600);
    // whoever could read the lock could hold it
    let lock = place.shop.join("counterfoil.lock");
    assert_eq!(mode(&lock), 0o600);
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
    drop(place.writer());
    assert_eq!(mode(&lock), 0o600);
}

/// F16: whoever does not add a shop makes nothing where its disk is not there.
#[test]
fn only_a_maker_makes_a_file() {
    let place = Place::new();
    for make in [false, true] {
        if make {
            fs::create_dir_all(&place.shop).unwrap();
        }
        for error in refused(&place) {
            assert!(matches!(error, OpenError::Missing(_)), "{error}");
        }
        assert_eq!(place.shop.exists(), make);
    }
    assert_eq!(fs::read_dir(&place.shop).unwrap().count(), 0, "not even a lock");
    drop(open(&place, Mode::Maker).unwrap());
    drop(open(&place, Mode::Writer).unwrap());
}

/// A folder that lost its file is not a new one.
#[test]
fn a_file_that_is_gone_is_said() {
    let place = with_sales();
    fs::remove_file(place.file()).unwrap();
    for error in refused(&place) {
        assert!(matches!(error, OpenError::Gone(_)), "{error}");
    }
    drop(open(&place, Mode::Maker).unwrap());
    // also where only what was rescued, or what an upgrade has copied, is there
    for copy in ["counterfoil-rescued-20261124-120000.db", "counterfoil-v1-before-v2.db"] {
        let place = with_sales();
        fs::rename(place.file(), place.shop.join(copy)).unwrap();
        fs::remove_file(place.shop.join("counterfoil.lock")).unwrap();
        for error in refused(&place) {
            assert!(matches!(error, OpenError::Gone(_)), "{copy}: {error}");
        }
    }
}

/// Two names have two locks, and so two writers.
#[cfg(unix)]
#[test]
fn only_a_plain_file_with_one_name_is_opened() {
    let is_refused = |place: &Place, what: &str| {
        for error in [Mode::Reader, Mode::Writer, Mode::Maker].map(|mode| open(place, mode).err().unwrap()) {
            assert!(matches!(error, OpenError::NotPlain(_)), "{what}: {error}");
        }
    };
    let place = with_sales();
    let (file, aside) = (place.file(), place.shop.join("aside"));
    fs::hard_link(&file, &aside).unwrap();
    is_refused(&place, "a second name");
    fs::remove_file(&aside).unwrap();
    drop(place.writer());
    fs::rename(&file, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &file).unwrap();
    is_refused(&place, "a link");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    is_refused(&place, "a folder");
    fs::remove_dir(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    let lock = place.shop.join("counterfoil.lock");
    fs::rename(&lock, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &lock).unwrap();
    is_refused(&place, "a lock that is a link");
    fs::remove_file(&lock).unwrap();
    drop(place.writer());
}

#[test]
fn what_is_not_ours_stays_when_ours_is_removed() {
    let place = with_sales();
    for name in ["counterfoil-v3-before-v4.db", "window.json", "front.json", "counterfoil-ab.turn"] {
        fs::write(place.shop.join(name), "x").unwrap();
    }
    fs::write(place.shop.join("my-notes.txt"), "mine").unwrap();
    fs::create_dir(place.shop.join("exports")).unwrap();
    crate::remove_own(&place.shop).unwrap();
    let left = || -> Vec<String> {
        let entries = fs::read_dir(&place.shop).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let mut names = left();
    names.sort();
    assert_eq!(names, ["exports", "my-notes.txt"]);
    fs::remove_dir(place.shop.join("exports")).unwrap();
    fs::remove_file(place.shop.join("my-notes.txt")).unwrap();
    crate::remove_own(&place.shop).unwrap();
    assert!(!place.shop.exists());
}

/// F16: folders in which SQLite files break.
#[test]
fn folders_of_networks_and_clouds_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "OneDrive",
        "OneDrive - Shop",
        "Dropbox",
        "dropbox",
        "Dropbox (Shop)",
        "Google Drive",
        "GoogleDrive - a",
        "My Drive",
        "我的雲端硬碟",
        "Google 雲端硬碟",
        "iCloud Drive",
        "iCloudDrive",
        "Box",
        "Nextcloud",
        "坚果云",
    ] {
        let shop = folder.path().join(name).join("shop");
        let error = SqliteStore::open(&shop, Mode::Maker).err().unwrap();
        assert!(matches!(error, OpenError::Place { .. }), "{name}: {error}");
        assert!(!shop.join("counterfoil.db").exists());
    }
    for name in ["OneDriveX", "Dropboxes", "Boxes", "box-office", "my drives", "雲端", "存根"] {
        assert!(!crate::folder::is_cloud(name), "{name}");
    }
    let mounts = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:36 / /data rw - nfs4 server:/data rw
41 40 254:1 / /data/mei/local\\040disk rw - ext4 /dev/vdb rw
42 22 0:37 / /srv rw - ext4 /dev/vdc rw
43 42 0:38 / /srv rw - cifs //server/share rw";
    let remote = |path: &str| remote_mount(mounts, Path::new(path));
    assert_eq!(remote("/var/shop"), None);
    assert_eq!(remote("/data/mei/shop").as_deref(), Some("nfs4"));
    assert_eq!(remote("/data/mei/local disk/shop"), None);
    assert_eq!(remote("/database"), None);
    assert_eq!(remote("/srv/shop").as_deref(), Some("cifs"));
}

/// The table of `pragmas.rs`, read from the open connections.
#[test]
fn every_setting_is_as_it_should_be() {
    let place = Place::new();
    let writer = place.writer();
    let reader = open(&place, Mode::Reader).unwrap();
    let of = |conn: &Connection, name: &str| {
        conn.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
    };
    for (store, query_only) in [(&writer, 0), (&reader, 1)] {
        assert_eq!(of(store.conn(), "journal_mode"), "wal".to_owned().into());
        for (name, value) in [
            ("synchronous", 2),
            ("fullfsync", 1),
            ("checkpoint_fullfsync", 1),
            ("foreign_keys", 1),
            ("recursive_triggers", 1),
            ("trusted_schema", 0),
            ("cell_size_check", 1),
            ("mmap_size", 0),
            ("temp_store", 2),
            ("busy_timeout", 5_000),
            ("query_only", query_only),
            ("application_id", APPLICATION_ID),
            ("user_version", 24),
        ] {
            assert_eq!(of(store.conn(), name), value.into(), "{name}");
        }
        for config in [DbConfig::SQLITE_DBCONFIG_DEFENSIVE, DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG] {
            assert!(store.conn().db_config(config).unwrap(), "{config:?}");
        }
    }
    // 3.7.0 to 3.51.2 can damage a file with a write-ahead log
    assert!(rusqlite::version_number() >= 3_051_003);
}

/// On a medium that takes no file SQLite finds no place for the index of the log.
#[test]
fn a_folder_that_takes_no_file_is_read_and_verified() {
    let place = Place::new();
    let odd = place.shop.join("a b%2F#d 存根");
    drop(place.writer());
    commit(&mut place.writer(), sale(1)).unwrap();
    fs::create_dir(&odd).unwrap();
    fs::copy(place.file(), odd.join(crate::DATA_FILE)).unwrap();
    let mut store = open_frozen(&odd).unwrap();
    store.link_with(&place.key(), None, at(0)).unwrap();
    assert!(store.is_frozen());
    assert_eq!(store.verify_audit().unwrap().found, []);
    assert_eq!(store.order(order(1).id).unwrap(), Some(order(1)));
    assert!(commit(&mut store, sale(2)).is_err());
    drop(store);
    assert_eq!(fs::read_dir(&odd).unwrap().count(), 1, "nothing was put beside it");

    // the same by the rights of the folder, for who is bound by them
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let set = |mode| fs::set_permissions(&odd, fs::Permissions::from_mode(mode)).unwrap();
        set(0o555);
        let bound = !crate::takes_something(&odd);
        let store = SqliteStore::open(&odd, Mode::Reader);
        set(0o700);
        assert_eq!(store.map(|store| store.is_frozen()).ok(), Some(bound));
    }
}
