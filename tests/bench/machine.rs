//! Where a figure comes from: it means nothing without it.

use std::path::PathBuf;
use std::{env, fs, thread};

/// System, processor, program.
pub(crate) fn line() -> String {
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(": ")?.1.to_owned())
    });
    let cores = thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{} {}, {} x {cores}, SQLite {}, counterfoil {}{}",
        env::consts::OS,
        env::consts::ARCH,
        model.unwrap_or_else(|| "processor".to_owned()),
        rusqlite::version(),
        env!("CARGO_PKG_VERSION"),
        if cfg!(debug_assertions) { ", NOT OPTIMISED" } else { "" },
    )
}

/// A folder on the disk that the program was built on; the system's own folder for such things may
/// lie in memory.
pub(crate) fn folder() -> Result<tempfile::TempDir, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let beside = program.parent().map_or_else(|| PathBuf::from("."), PathBuf::from);
    tempfile::Builder::new().prefix("bench-").tempdir_in(beside).map_err(|error| error.to_string())
}
