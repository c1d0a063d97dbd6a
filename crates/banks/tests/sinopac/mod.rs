//! The bank adapters from outside: scripted answers in memory, real sockets on 127.0.0.1.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod card_door;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod door;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod links;
#[cfg(test)]
mod net;
#[cfg(test)]
mod script;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod time;
#[cfg(test)]
mod units;
