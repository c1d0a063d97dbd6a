//! A crash leaves no copy of the memory behind: it holds the keys of the banks.

/// First thing in every program that opens a vault. What the system does not grant stays as it was:
/// no shop stops for it. Windows keeps no dump of a program that asks for none.
pub fn no_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _as_it_was = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    // a collector of dumps does not ask about the limit
    #[cfg(target_os = "linux")]
    let _as_it_was = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_program_that_asked_for_none_leaves_no_dump() {
        use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
        super::no_dumps();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
