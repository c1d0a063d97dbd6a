//! CTBC's published vectors, for the tests of every package that reads them.

use serde_json::Value;

/// The vectors that `wanted` picks, in the order of the file. Panics if there is none.
pub(crate) fn ctbc_vectors(wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("ctbc-card-vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    let found: Vec<Value> = vectors.iter().filter(|vector| wanted(vector)).cloned().collect();
    assert!(!found.is_empty(), "the file has no such vector");
    found
}
