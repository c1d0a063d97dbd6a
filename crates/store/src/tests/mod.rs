//! Tests of the store. `support` makes rows; every other module is one subject.

mod reads;
mod support;
