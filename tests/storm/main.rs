//! Storms: days of a shop on one thread, with the bank at its worst.

mod crashes;
mod sweep;
