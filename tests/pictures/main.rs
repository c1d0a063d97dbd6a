//! `cargo xtask demo --pictures DIR`: drives the real window through every screen and saves a PNG
//! of each.
//!
//! The same keys that a clerk presses, the same bank simulator that the tests ask. Light and dark,
//! both languages, type of 100 and 200 %; where it is light also some in a small window. In every
//! picture each word and each field is whole, or the run ends with what is cut.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a picture that cannot be taken ends the run with a sentence"
)]

#[cfg(target_os = "linux")]
mod album;
#[cfg(target_os = "linux")]
mod mishaps;
#[cfg(target_os = "linux")]
mod refunds;
#[cfg(target_os = "linux")]
mod walks;

#[cfg(target_os = "linux")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("pictures DIR [WALK]");
    album::take(std::path::Path::new(&folder), arguments.next().as_deref());
}

#[cfg(not(target_os = "linux"))]
fn main() {
    panic!("pictures are taken on Linux only");
}
