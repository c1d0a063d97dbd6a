//! The program that `cargo xtask fuzz` builds and starts: one target, changed bytes without end.
//!
//! Without a name it prints the names of all targets. `BOLERO_LIBFUZZER_ARGS` holds the engine's
//! own options. An ordinary build has no engine and reports that.

#[cfg(fuzzing_libfuzzer)]
fn main() {
    match chosen() {
        Some(target) => bolero::check!(name = target.name).for_each(|bytes: &[u8]| (target.run)(bytes)),
        None => names(),
    }
}

#[cfg(not(fuzzing_libfuzzer))]
fn main() -> std::process::ExitCode {
    if let Some(target) = chosen() {
        say(&format!("{}: no engine in here, use `cargo xtask fuzz`", target.name));
        return std::process::ExitCode::FAILURE;
    }
    names();
    std::process::ExitCode::SUCCESS
}

fn chosen() -> Option<counterfoil_fuzz::Target> {
    let name = std::env::args().nth(1)?;
    counterfoil_fuzz::TARGETS.into_iter().find(|target| target.name == name)
}

fn names() {
    for target in counterfoil_fuzz::TARGETS {
        say(target.name);
    }
}

#[expect(clippy::print_stdout, reason = "the output helper of this binary")]
fn say(line: &str) {
    println!("{line}");
}
