//! The bank's clock as an answer tells it: the HTTP Date header, where the signed `Date` of the
//! message does not contradict it (money rules 6). The header has seconds, but nothing protects it;
//! the signed member is protected, but has minutes only.

use counterfoil_domain::Moment;

use super::units::minute_from_wire;
use super::wire::{Fields, text};

/// How far the header may lie from the signed minute.
const APART_MS_MAX: i64 = 90_000;

/// The header of a verified answer, if it is believed. An answer without `Date` leaves it as it is;
/// one that cannot be read contradicts it.
pub(super) fn agreed(header: Option<Moment>, verified: &Fields) -> Option<Moment> {
    let header = header?;
    let Some(signed) = text(verified, "Date") else { return Some(header) };
    let minute = minute_from_wire(&signed)?;
    let early_ms = minute.start().ms_since(header);
    let late_ms = header.ms_since(minute.plus(1).start());
    (early_ms <= APART_MS_MAX && late_ms <= APART_MS_MAX).then_some(header)
}
