//! The bank adapters from outside: scripted answers in memory, real sockets on 127.0.0.1.

#[cfg(test)]
mod ctbc;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod sinopac;
