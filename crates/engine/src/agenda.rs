//! Which payment is asked about when, in memory: rebuilt from the data file at every start, so it
//! can be lost.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::{Mono, PaymentId};

/// Why a payment is asked about; the order is the order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// An unclear operation waits for a scheduled reading.
    Unclear,
    /// It is on a screen.
    Screen,
    /// By its own schedule.
    Background,
}

/// At most one entry per payment.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    of: BTreeMap<PaymentId, (Why, Mono)>,
    by_time: BTreeSet<(Why, Mono, PaymentId)>,
}

impl Agenda {
    /// Replaces the payment's entry.
    pub(crate) fn set(&mut self, id: PaymentId, entry: Option<(Why, Mono)>) {
        if let Some((why, at)) = self.of.remove(&id) {
            self.by_time.remove(&(why, at, id));
        }
        if let Some((why, at)) = entry {
            self.of.insert(id, (why, at));
            self.by_time.insert((why, at, id));
        }
    }

    /// Takes the oldest entry of this kind that is due.
    pub(crate) fn take_due(&mut self, why: Why, now: Mono) -> Option<PaymentId> {
        let (_, id) = self.first(why).filter(|(at, _)| *at <= now)?;
        self.set(id, None);
        Some(id)
    }

    /// When the next entry of any kind is due.
    pub(crate) fn next(&self) -> Option<Mono> {
        [Why::Unclear, Why::Screen, Why::Background]
            .into_iter()
            .filter_map(|why| self.first(why))
            .map(|(at, _)| at)
            .min()
    }

    /// Some payment is asked about by then, if there is one.
    pub(crate) fn no_later_than(&mut self, at: Mono) {
        let first = self.by_time.iter().min_by_key(|(_, at, _)| *at).copied();
        if let Some((_, _, id)) = first.filter(|(_, first, _)| *first > at) {
            self.set(id, Some((Why::Background, at)));
        }
    }

    /// When the next entry of this kind is due.
    pub(crate) fn first_of(&self, why: Why) -> Option<Mono> {
        self.first(why).map(|(at, _)| at)
    }

    fn first(&self, why: Why) -> Option<(Mono, PaymentId)> {
        let start = (why, Mono::from_millis(i64::MIN), PaymentId::from_bytes([0; 16]));
        let (found, at, id) = self.by_time.range(start..).next()?;
        (*found == why).then_some((*at, *id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Mono {
        Mono::from_millis(ms)
    }

    fn id(n: u8) -> PaymentId {
        PaymentId::from_bytes([n; 16])
    }

    #[test]
    fn the_earliest_entry_of_any_kind_is_next() {
        let mut agenda = Agenda::default();
        assert_eq!(agenda.next(), None);
        agenda.set(id(1), Some((Why::Background, at(5))));
        agenda.set(id(2), Some((Why::Unclear, at(9))));
        assert_eq!(agenda.next(), Some(at(5)));
        agenda.set(id(1), Some((Why::Screen, at(7))));
        assert_eq!((agenda.next(), agenda.first_of(Why::Background)), (Some(at(7)), None), "replaced");
        assert_eq!(agenda.take_due(Why::Screen, at(6)), None);
        assert_eq!(agenda.take_due(Why::Screen, at(7)), Some(id(1)));
        assert_eq!((agenda.take_due(Why::Screen, at(7)), agenda.next()), (None, Some(at(9))));
    }

    #[test]
    fn the_first_entry_moves_forward_only_when_it_is_too_late() {
        let mut agenda = Agenda::default();
        agenda.no_later_than(at(5));
        assert_eq!(agenda.next(), None);
        agenda.set(id(1), Some((Why::Screen, at(5))));
        agenda.set(id(2), Some((Why::Background, at(9))));
        agenda.no_later_than(at(5));
        assert_eq!((agenda.first_of(Why::Screen), agenda.next()), (Some(at(5)), Some(at(5))));
        agenda.no_later_than(at(4));
        assert_eq!((agenda.first_of(Why::Screen), agenda.next()), (None, Some(at(4))));
        assert_eq!(agenda.first_of(Why::Background), Some(at(4)));
    }
}
