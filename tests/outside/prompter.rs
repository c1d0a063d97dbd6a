//! A desktop that dismisses the keyring's password prompt.
//!
//! GNOME's keyring asks through the desktop (`org.gnome.keyring.SystemPrompter`, gcr's
//! `gcr-dbus-constants.h`): the keyring announces itself, waits for the go-ahead, shows its prompt,
//! receives "no", and closes the prompt.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use zbus::Message;
use zbus::blocking::{Connection, MessageIterator, connection::Builder};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

/// Longest wait for a question.
const LONGEST: Duration = Duration::from_mins(1);

const CALLBACK: &str = "org.gnome.keyring.internal.Prompter.Callback";

/// Dismisses every prompt, for as long as its bus lives.
pub struct Prompter(Arc<Questions>);

#[derive(Default)]
struct Questions {
    dismissed: Mutex<usize>,
    more: Condvar,
}

impl Prompter {
    /// At the bus of this address.
    ///
    /// # Panics
    /// When there is no such bus, or another desktop already owns the name.
    pub fn at(bus: &str) -> Self {
        let bus = Builder::address(bus)
            .and_then(|bus| bus.name("org.gnome.keyring.SystemPrompter"))
            .and_then(Builder::build)
            .expect("a desktop at the bus");
        let questions = Arc::new(Questions::default());
        let kept = Arc::clone(&questions);
        // from here on no question is lost
        let calls = MessageIterator::from(&bus);
        let sits = move || {
            for message in calls.flatten() {
                // the bus may have ended meanwhile, and with it whoever asked
                let _answered = answer(&bus, &message, &questions);
            }
        };
        std::thread::Builder::new().name("desktop".into()).spawn(sits).expect("a thread");
        Self(kept)
    }

    /// Questions that were dismissed so far.
    ///
    /// # Panics
    /// When the one who dismisses them has.
    pub fn dismissed(&self) -> usize {
        *self.0.dismissed.lock().expect("a number")
    }

    /// Waits until it is so many.
    ///
    /// # Panics
    /// When they are not asked.
    pub fn dismisses(&self, wanted: usize) {
        let dismissed = self.0.dismissed.lock().expect("a number");
        let waited = self.0.more.wait_timeout_while(dismissed, LONGEST, |count| *count < wanted);
        assert!(!waited.expect("a number").1.timed_out(), "nobody was asked");
    }
}

/// Answers one call of the keyring.
fn answer(bus: &Connection, message: &Message, questions: &Questions) -> zbus::Result<()> {
    let (header, body) = (message.header(), message.body());
    let said = match header.member().map_or("", |name| name.as_str()) {
        "BeginPrompting" => Some(""),
        "PerformPrompt" => Some("no"),
        "StopPrompting" => None,
        _ => return Ok(()),
    };
    let callback: OwnedObjectPath = match said {
        Some("no") => {
            questions.dismissed.lock().map(|mut count| *count += 1).expect("a number");
            questions.more.notify_all();
            body.deserialize::<(_, String, HashMap<String, OwnedValue>, String)>()?.0
        }
        Some(_) | None => body.deserialize()?,
    };
    bus.reply(&header, &())?;
    let to = header.sender().cloned();
    let told = match said {
        Some(said) => {
            let told = (said, HashMap::<&str, Value<'_>>::new(), "");
            bus.call_method(to, &callback, Some(CALLBACK), "PromptReady", &told)
        }
        None => bus.call_method(to, &callback, Some(CALLBACK), "PromptDone", &()),
    };
    told.map(drop)
}
