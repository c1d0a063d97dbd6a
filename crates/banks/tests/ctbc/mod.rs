//! CTBC's adapter from outside: scripted answers in memory, real sockets on 127.0.0.1.

#[cfg(test)]
mod codes;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod form;
#[cfg(test)]
mod inquire;
#[cfg(test)]
mod manage;
#[cfg(test)]
mod net;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod script;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod time;
