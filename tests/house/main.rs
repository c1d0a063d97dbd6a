//! The rules of the house, checked.
//!
//! Each rule is a pure function from what is there to a list of violations, with a test on a
//! planted violation that shows that it can fail, and a test on the repository. A violation is a
//! sentence that says where and what.

#[cfg(test)]
mod bindings;
#[cfg(test)]
mod catalogues;
#[cfg(test)]
mod diagrams;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod error_book;
#[cfg(test)]
mod fences;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod references;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod window;
