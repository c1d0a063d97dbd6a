//! Files of the shop's records for other programs.
//!
//! Promise: the name of a file says how far the record had come, so that a file and the record it
//! is from can be compared by eye.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use counterfoil_commands::{AuditAsked, AuditCsv, AuditExported, Code, CommandError, audit_csv};
use counterfoil_domain::Moment;
use counterfoil_engine::ports::AuditHead;

use crate::compose::open_reader;
use crate::composition::Composition;

/// In the shop's folder: where files go that name no place of their own.
const FOLDER: &str = "exports";
/// Digits of the head in a name, as many as the screens show.
const HEAD_SHOWN: usize = 16;

/// Writes rows of the audit record to `out`, or to a file in the shop's folder. Works beside an
/// open window, and does not ask who may. Nothing that is there is written over but an earlier
/// export in that folder: `out` may be anything, also the shop's own file.
///
/// # Errors
/// `filter-day`, `filter-days`, `file-exists`, or the disk.
pub fn export_audit(
    from: &Composition,
    asked: &AuditAsked,
    now: Moment,
    out: Option<&Path>,
) -> Result<AuditExported, CommandError> {
    let AuditCsv { csv, rows, head } = audit_csv(&open_reader(&from.data)?, asked, now)?;
    let failed = |error| CommandError::of_system(&error);
    let (out, is_ours) = match out {
        Some(out) => (out.to_owned(), false),
        None => (own_place(&from.data, now, &head).map_err(failed)?, true),
    };
    let mut options = OpenOptions::new();
    options.write(true).create(is_ours).truncate(is_ours).create_new(!is_ours);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let refused = |error: std::io::Error| {
        if error.kind() == ErrorKind::AlreadyExists {
            CommandError::input(Code::FileExists).with("path", out.display().to_string())
        } else {
            failed(error)
        }
    };
    let mut file = options.open(&out).map_err(refused)?;
    file.write_all(csv.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(AuditExported { out: out.display().to_string(), rows, chain: head.rows, head: head.hash })
}

fn own_place(data: &Path, now: Moment, head: &AuditHead) -> std::io::Result<PathBuf> {
    let folder = data.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let hash = head.hash.get(..HEAD_SHOWN).unwrap_or(&head.hash);
    Ok(folder.join(format!("audit-{}-{}-{hash}.csv", now.day(), head.rows)))
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::Actor;
    use counterfoil_engine::ports::Store as _;

    use super::*;
    use crate::clock::Clock;
    use crate::composition::VaultChoice;
    use crate::contracts::add_shop;

    fn file() -> String {
        let key = "0123456789ABCDEF";
        serde_json::json!({ "name": "shop", "sinopac": { "environment": "custom", "shop_no": "NA0249_001",
            "base_url": "http://127.0.0.1:9/x", "key_id": "b5e6986d-8636-4aa0-8c93-441ad14b2098",
            "a1": key, "a2": key, "b1": key, "b2": key, "return_url": "loopback" } })
        .to_string()
    }

    #[test]
    fn a_file_without_a_place_is_in_the_shops_folder_and_its_name_has_count_and_head() {
        let folder = tempfile::tempdir().unwrap();
        let from = Composition {
            data: folder.path().join("shop"),
            vault: VaultChoice::File(folder.path().join("keys")),
            clock: Clock::System,
            demo_base: None,
        };
        add_shop(&from, &file(), Actor::Owner).unwrap();
        let now = Moment::parse_rfc3339("2026-11-20T14:05:00+08:00").unwrap();
        let exported = export_audit(&from, &AuditAsked::default(), now, None).unwrap();
        let end = open_reader(&from.data).unwrap().audit_end().unwrap();
        assert_eq!((exported.chain, &exported.head), (end.rows, &end.hash));
        let name = format!("audit-2026-11-20-{}-{}.csv", end.rows, &end.hash[..16]);
        assert_eq!(PathBuf::from(&exported.out), from.data.join("exports").join(name));
        let csv = fs::read_to_string(&exported.out).unwrap();
        assert_eq!(csv.lines().count(), exported.rows + 2, "{csv}");
        assert!(csv.ends_with(&format!(",,,record-head,{},{}\r\n", end.hash, end.rows)), "{csv}");
        // where a place is given, there
        let out = folder.path().join("a.csv");
        let given = export_audit(&from, &AuditAsked::default(), now, Some(&out)).unwrap();
        assert_eq!((given.out, fs::read_to_string(&out).unwrap()), (out.display().to_string(), csv));
        // never over another file, and once more over an export of its own
        for taken in [from.data.join("counterfoil.db"), folder.path().join("keys"), out] {
            let before = fs::read(&taken).unwrap();
            let refused = export_audit(&from, &AuditAsked::default(), now, Some(&taken)).unwrap_err();
            assert_eq!(refused.code, Code::FileExists);
            assert_eq!(fs::read(&taken).unwrap(), before);
        }
        export_audit(&from, &AuditAsked::default(), now, None).unwrap();
    }
}
