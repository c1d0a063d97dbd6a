//! The built programs, seen from outside: started as processes, spoken to over loopback, looked at
//! through a real window.
//!
//! Nothing of ours is called here: what these helpers see is what a shop, a bank and a customer
//! see. They panic with a sentence where a test would; the demo and the pictures catch that per
//! step.

#[cfg(target_os = "linux")]
pub mod browser;
pub mod chromium;
pub mod customer;
pub mod http;
#[cfg(target_os = "linux")]
pub mod keyring;
#[cfg(target_os = "linux")]
pub mod process;
pub mod programs;
#[cfg(target_os = "linux")]
pub mod prompter;
pub mod screen;
#[cfg(target_os = "linux")]
pub mod session;
pub mod window;
