//! One lane per bank: its pace, its agenda, and how many calls are under way. A bank that stalls holds up nobody but itself.

use counterfoil_domain::{Bank, Moment};

use crate::agenda::Agenda;
use crate::limiter::Limiter;

/// Calls to one bank under way at once. A stalled one must not hold up a sale.
const IN_FLIGHT_MAX: usize = 4;

/// What one bank is asked, and how fast.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) limiter: Limiter,
    pub(crate) agenda: Agenda,
    under_way: usize,
}

impl Lane {
    /// When the next call may go; `None`: not before one has come back.
    pub(crate) fn ready_at(&self, at: Moment) -> Option<Moment> {
        (self.under_way < IN_FLIGHT_MAX).then(|| self.limiter.ready_at(at))
    }

    /// A call goes now.
    pub(crate) fn goes(&mut self, at: Moment) {
        self.limiter.spend(at);
        self.under_way += 1;
    }

    /// And has come back.
    pub(crate) fn came_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Something is to be asked by now.
    pub(crate) fn is_due(&self, at: Moment) -> bool {
        self.agenda.next().is_some_and(|next| next <= at)
    }
}

/// The lane of each bank.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    sinopac: Lane,
    ctbc: Lane,
}

impl Lanes {
    /// A bank's.
    pub(crate) fn of(&mut self, bank: Bank) -> &mut Lane {
        match bank {
            Bank::Sinopac => &mut self.sinopac,
            Bank::Ctbc => &mut self.ctbc,
        }
    }
}
