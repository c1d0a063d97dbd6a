//! The corpus, as ordinary tests: every seed, and every seed cut short.

#[cfg(test)]
mod replay {
    use std::fs;
    use std::panic::catch_unwind;
    use std::path::{Path, PathBuf};

    use counterfoil_fuzz::{TARGETS, Target};

    /// A corpus is read by people: a few seeds per target, made by hand.
    const SEED_BYTES_MAX: usize = 8 * 1024;
    const SEEDS_MAX: usize = 40;

    fn corpus() -> PathBuf {
        let here =
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&here).join("corpus")
    }

    fn entries(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        entries
    }

    fn holds(target: Target, seed: &Path) {
        let bytes = fs::read(seed).unwrap();
        assert!(bytes.len() <= SEED_BYTES_MAX, "{} is long", seed.display());
        let cuts = (0..16).map(|part| bytes.len() * part / 16);
        for cut in cuts.chain([bytes.len().saturating_sub(1), bytes.len()]) {
            let held = catch_unwind(|| (target.run)(&bytes[..cut]));
            assert!(held.is_ok(), "{}: {}, its first {cut} bytes", target.name, seed.display());
        }
    }

    #[test]
    fn every_seed_of_the_corpus_is_held() {
        for target in TARGETS {
            let seeds = entries(&corpus().join(target.name));
            assert!((1..=SEEDS_MAX).contains(&seeds.len()), "{}: {} seeds", target.name, seeds.len());
            for seed in &seeds {
                holds(target, seed);
            }
        }
    }

    #[test]
    fn every_folder_of_the_corpus_has_its_target() {
        let folders = entries(&corpus());
        let names: Vec<&str> = folders.iter().map(|f| f.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, TARGETS.map(|target| target.name));
    }
}
