//! Test vectors: the files of this folder, and those of the folder that `COUNTERFOIL_VECTORS`
//! names.
//!
//! Every top-level array of objects with a `kind` is read. A kind that is not known fails the run,
//! a kind of a bank that is not spoken yet is counted, and every vector must have been compared
//! with something. Read the counts with `--nocapture`.

#[cfg(test)]
mod ctbc;
#[cfg(test)]
mod sinopac;

#[cfg(test)]
mod vectors {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use serde_json::Value;

    use crate::{ctbc, sinopac};

    /// Kinds of CTBC's wire that nothing of ours speaks: card tokens and AMEX.
    const NOT_IMPLEMENTED: [&str; 2] = ["mfastpay_txn", "amex_soap_mac"];

    /// What came of the vectors of one kind.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Count {
        checked: usize,
        not_implemented: usize,
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        files.sort();
        files
    }

    fn check(file: &Value, counts: &mut BTreeMap<String, Count>) -> Result<(), String> {
        let lists = file.as_object().into_iter().flat_map(|members| members.values());
        for vector in lists.filter_map(Value::as_array).flatten() {
            let Some(kind) = vector.get("kind").and_then(Value::as_str) else { continue };
            let id = vector.get("id").and_then(Value::as_str).unwrap_or("without id");
            let count = counts.entry(kind.to_owned()).or_default();
            if NOT_IMPLEMENTED.contains(&kind) {
                count.not_implemented += 1;
                continue;
            }
            let checked = if ctbc::KINDS.contains(&kind) {
                ctbc::check(kind, vector)
            } else {
                sinopac::check(kind, vector)
            };
            let compared = checked.map_err(|why| format!("{kind} {id}: {why}"))?;
            if compared == 0 {
                return Err(format!("{kind} {id}: nothing to compare with"));
            }
            count.checked += 1;
        }
        Ok(())
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the folder is named by the environment")]
    fn every_vector_is_met() {
        let mut folders = vec![counterfoil_tests::folder().join("vectors")];
        folders
            .extend(std::env::var("COUNTERFOIL_VECTORS").ok().filter(|f| !f.is_empty()).map(PathBuf::from));
        let mut counts = BTreeMap::new();
        for path in folders.iter().flat_map(|folder| files(folder)) {
            let text = fs::read_to_string(&path).expect("a readable file");
            let file: Value = serde_json::from_str(&text).expect("JSON");
            check(&file, &mut counts).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        }
        for (kind, Count { checked, not_implemented }) in &counts {
            match not_implemented {
                0 => println!("{kind}: {checked} checked"),
                _ => println!("{kind}: {not_implemented} not implemented"),
            }
        }
        assert!(counts["envelope"].checked >= 5, "the published envelopes are among them");
        for kind in ctbc::KINDS {
            assert!(counts[kind].checked >= 2, "{kind}");
        }
    }

    fn run(text: &str) -> Result<(), String> {
        check(&serde_json::from_str(text).expect("JSON"), &mut BTreeMap::new())
    }

    /// Each change of one expectation, or of what it is made from, is noticed.
    fn faults_are_found(file: &str, faults: &[(&str, &str)]) {
        let path = counterfoil_tests::folder().join("vectors").join(file);
        let text = fs::read_to_string(path).expect("a readable file");
        assert_eq!(run(&text), Ok(()));
        for (old, new) in faults {
            assert!(text.contains(old), "{old}");
            assert!(run(&text.replace(old, new)).is_err(), "{new}");
        }
    }

    #[test]
    fn planted_faults_are_found() {
        // one digit of each expectation in turn: hash id, IV, sign query, sign, ciphertext
        faults_are_found(
            "sinopac-qpay-vectors.json",
            &[
                ("\"expected_hash_id\": \"02000000", "\"expected_hash_id\": \"12000000"),
                ("\"expected_iv\": \"FE17", "\"expected_iv\": \"FE18"),
                ("\"sign_query_part\": \"Amount=0&", "\"sign_query_part\": \"Amount=1&"),
                ("\"expected_sign\": \"3C88", "\"expected_sign\": \"3C89"),
                ("\"expected_ciphertext_hex\": \"936E", "\"expected_ciphertext_hex\": \"936F"),
            ],
        );
        faults_are_found(
            "ctbc-card-vectors.json",
            &[
                ("\"InMac\": \"2B5C", "\"InMac\": \"2B5D"),
                ("|8220000000001|90000001|", "|8220000000002|90000001|"),
                ("\"URLEnc\": \"3EE9", "\"URLEnc\": \"3EE8"),
                ("&OrderDetail=bonus&", "&OrderDetail=bonas&"),
                ("\"outmac\": \"A0A6", "\"outmac\": \"A0A7"),
                ("\"out_mac_string\": \"|10|88|", "\"out_mac_string\": \"|10|89|"),
                ("\"mac\": \"B65B", "\"mac\": \"B65C"),
                ("\"form_body\": \"ApiEnc=59", "\"form_body\": \"ApiEnc=58"),
                ("\"trailing_mac\": \"D84A", "\"trailing_mac\": \"D84B"),
                ("\"body\": \"MERID=2522&ApiEnc=8486", "\"body\": \"MERID=2522&ApiEnc=8487"),
            ],
        );
        assert!(run(r#"{"list":[{"kind":"new_kind","id":"X"}]}"#).is_err());
        assert!(run(r#"{"list":[{"kind":"constructed","id":"X"}]}"#).is_err(), "nothing compared");
        assert!(run(r#"{"list":[{"kind":"newpos_reply","id":"X"}]}"#).is_err(), "nothing compared");
    }
}
