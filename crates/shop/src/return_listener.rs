//! The way back from the bank's page: at most one listener per port, one path per payment, open
//! only while that payment can still bring news. Nothing depends on it: without a return, polling
//! does the work.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_banks::return_door::{Brought, DoorSettings, ReturnDoor, ReturnHint};
use counterfoil_commands::{Code, CommandError};
use counterfoil_domain::{Mono, PaymentId, Rail};
use counterfoil_engine::ReturnSpot;
use counterfoil_engine::shop::ShopRecord;
use tokio::sync::mpsc;

use crate::entropy::random_hex;

/// Hints that wait for the desk.
const HINTS_MAX: usize = 16;

/// The open ports of a shop.
pub(crate) struct ReturnListener {
    settings: DoorSettings,
    listening: BTreeMap<u16, ReturnDoor>,
    paths: BTreeMap<String, (u16, PaymentId)>,
    /// Payments with a browser that has come back.
    back: BTreeSet<PaymentId>,
    /// Paths to be closed, and when.
    leaving: Vec<(Mono, PaymentId)>,
    /// Another program has this port.
    taken: Option<u16>,
    hints: mpsc::Receiver<ReturnHint>,
    heard: mpsc::Sender<ReturnHint>,
}

impl ReturnListener {
    /// For a shop with its addresses filled in.
    pub(crate) fn new(shop: &ShopRecord) -> Self {
        let (heard, hints) = mpsc::channel(HINTS_MAX);
        let settings = DoorSettings::of(shop.sinopac.as_ref(), shop.ctbc.as_ref(), 0);
        Self {
            settings,
            listening: BTreeMap::new(),
            paths: BTreeMap::new(),
            back: BTreeSet::new(),
            leaving: Vec::new(),
            taken: None,
            hints,
            heard,
        }
    }

    /// A place to return to, bound before the order is made. `port` as the shop set it; 0 = any.
    pub(crate) fn new_spot(&mut self, port: u16) -> Result<ReturnSpot, CommandError> {
        let open = self.listening.keys().copied().find(|open| port == 0 || *open == port);
        let taken = || CommandError::input(Code::Listener).with("port", port);
        let open = match open {
            Some(open) => Ok(open),
            None => self.bind(port),
        };
        self.taken = open.is_err().then_some(port);
        let port = open.map_err(|_| taken())?;
        Ok(ReturnSpot { port: Some(port), path: Some(random_hex()) })
    }

    /// A place that nobody listens at: the payment goes without a return.
    pub(crate) fn unbound_spot(port: u16) -> ReturnSpot {
        ReturnSpot { port: Some(port), path: Some(random_hex()) }
    }

    /// The port of the shop's return address that another program has, as the last sale found it.
    pub(crate) fn port_taken(&self) -> Option<u16> {
        self.taken
    }

    /// After a start: the port stored with a payment, if it can still be had.
    pub(crate) fn reopen(&mut self, port: u16) {
        if !self.listening.contains_key(&port) {
            let _ = self.bind(port);
        }
    }

    /// From now on what is brought to this path is about this payment.
    pub(crate) fn listen_for(&mut self, rail: Rail, port: u16, path: String, payment: PaymentId) {
        if let Some(door) = self.listening.get(&port) {
            match rail {
                Rail::SinopacAccount | Rail::SinopacCard => door.open(&path),
                Rail::CtbcCard => door.open_card(&path),
            }
            self.paths.insert(path, (port, payment));
        }
    }

    /// A browser was sent away from here for this payment, and has not come back.
    pub(crate) fn awaits(&self, payment: PaymentId) -> bool {
        self.paths.values().any(|(_, whose)| *whose == payment) && !self.back.contains(&payment)
    }

    /// The payment brings no more news: its path is closed then.
    pub(crate) fn close_at(&mut self, payment: PaymentId, at: Mono) {
        self.leaving.push((at, payment));
    }

    /// The path of this payment is to be closed, and a browser is still awaited on it.
    pub(crate) fn is_leaving(&self, payment: PaymentId) -> bool {
        self.awaits(payment) && self.leaving.iter().any(|(_, whose)| *whose == payment)
    }

    /// Closes what is to be closed by now.
    pub(crate) fn close_due(&mut self, now: Mono) {
        let (due, rest): (Vec<_>, Vec<_>) = self.leaving.iter().copied().partition(|(at, _)| *at <= now);
        self.leaving = rest;
        for (_, payment) in due {
            self.close_for(payment);
            self.back.remove(&payment);
        }
    }

    /// Its path is closed, and the port with the last path on it.
    fn close_for(&mut self, payment: PaymentId) {
        let listening = &self.listening;
        self.paths.retain(|path, (port, whose)| {
            let stays = *whose != payment;
            if let Some(door) = listening.get(port).filter(|_| !stays) {
                door.close(path);
            }
            stays
        });
        let paths = &self.paths;
        self.listening.retain(|port, _| paths.values().any(|(used, _)| used == port));
    }

    /// What a browser brings next, with the payment that it belongs to.
    pub(crate) async fn next(&mut self) -> (PaymentId, Brought) {
        loop {
            let Some(hint) = self.hints.recv().await else { return std::future::pending().await };
            if let Some((_, payment)) = self.paths.get(&hint.path) {
                if !matches!(hint.brought, Brought::FormWanted(_)) {
                    self.back.insert(*payment);
                }
                return (*payment, hint.brought);
            }
        }
    }

    fn bind(&mut self, port: u16) -> std::io::Result<u16> {
        let settings = DoorSettings { port, ..self.settings.clone() };
        let (door, mut hints) = ReturnDoor::bind(settings)?;
        let (port, heard) = (door.port(), self.heard.clone());
        tokio::spawn(async move {
            while let Some(hint) = hints.recv().await {
                if heard.send(hint).await.is_err() {
                    break;
                }
            }
        });
        self.listening.insert(port, door);
        Ok(port)
    }
}
