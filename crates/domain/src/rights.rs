//! Which role may do what: one table, and the one function that asks it.
//!
//! Promise: [`check`] is the only way to a yes, and the engine asks it where it builds a change.
//! Left out: that a second person approves a refund (`refund/request.rs`).

use crate::actor::Actor;
use crate::money::Twd;
use crate::named::named;
use crate::person::{Person, Role};

named! {
    /// An act of the program that a person may or may not do.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Right {
        /// Sell, and issue again.
        Sell = "sell",
        /// Cancel an unpaid account.
        Cancel = "cancel",
        /// Acknowledge news.
        Acknowledge = "acknowledge",
        /// Ask for a refund, and withdraw one's own.
        AskRefund = "ask-refund",
        /// Approve what another person asked for.
        ApproveRefund = "approve-refund",
        /// Withdraw what another person asked for.
        WithdrawRefund = "withdraw-refund",
        /// Give a person's word about a refund.
        DecideRefund = "decide-refund",
        /// Book a refund that was made at the bank, or take the booking back.
        BookRefund = "book-refund",
        /// Close a discrepancy.
        CloseDiscrepancy = "close-discrepancy",
        /// See who bought, after the sale: names, and what may hold one.
        SeeCustomers = "see-customers",
        /// Correct who bought.
        CorrectCustomer = "correct-customer",
        /// Erase who bought.
        EraseCustomer = "erase-customer",
        /// Write the audit record to a file.
        ExportAudit = "export-audit",
        /// Change settings, one-person mode among them.
        Settings = "settings",
        /// Change keys, or add a bank.
        Keys = "keys",
        /// Add, retire and limit people, and set their PINs.
        People = "people",
    }
}

impl Right {
    /// The first role that has it; each later role has it too.
    pub const fn least(self) -> Role {
        match self {
            Self::Sell | Self::Cancel | Self::Acknowledge | Self::AskRefund => Role::Clerk,
            Self::ApproveRefund
            | Self::WithdrawRefund
            | Self::DecideRefund
            | Self::BookRefund
            | Self::CloseDiscrepancy
            | Self::SeeCustomers
            | Self::CorrectCustomer
            | Self::EraseCustomer
            | Self::ExportAudit => Role::Accountant,
            Self::Settings | Self::Keys | Self::People => Role::Owner,
        }
    }
}

/// Why a person may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The shop has people, and none of them has signed in.
    #[error("nobody has signed in")]
    SignedOut,
    /// The engine or a browser: no person.
    #[error("the actor is no person")]
    NotAPerson,
    /// The shop knows no such person.
    #[error("the person is unknown")]
    Unknown,
    /// The record does not prove the row of the person: another hand may have written it.
    #[error("the row of the person is not proved")]
    Unproved,
    /// The person has left.
    #[error("the person is retired")]
    Retired,
    /// Another hand has set the PIN: nothing but setting another one.
    #[error("another hand set the PIN")]
    PinGiven,
    /// The role does not include it.
    #[error("a {} may not {}", role.name(), right.name())]
    Role {
        /// The person's.
        role: Role,
        /// The act.
        right: Right,
    },
    /// Above the person's limit.
    #[error("{} goes up to {limit}", right.name())]
    AboveLimit {
        /// The act.
        right: Right,
        /// The limit.
        limit: Twd,
    },
}

/// May `who` do it? `person`: the row of [`Actor::Person`]; `amount`: what a limit covers.
///
/// # Errors
/// [`Denied`]
pub fn check(
    who: Actor,
    person: Option<&Person>,
    has_people: bool,
    right: Right,
    amount: Twd,
) -> Result<(), Denied> {
    let id = match who {
        Actor::Engine | Actor::Browser => return Err(Denied::NotAPerson),
        // before it has people, whoever sits at the shop is its owner
        Actor::Owner if has_people => return Err(Denied::SignedOut),
        Actor::Owner => return Ok(()),
        Actor::Person(id) => id,
    };
    let person = person.filter(|person| person.id == id).ok_or(Denied::Unknown)?;
    if !person.proved {
        return Err(Denied::Unproved);
    }
    if person.retired {
        return Err(Denied::Retired);
    }
    if person.must_change_pin() {
        return Err(Denied::PinGiven);
    }
    if person.role < right.least() {
        return Err(Denied::Role { role: person.role, right });
    }
    match person.limit(right) {
        Some(limit) if amount > limit => Err(Denied::AboveLimit { right, limit }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::person::Clocks;
    use crate::time::{Moment, Mono};

    fn person(role: Role) -> Person {
        Person {
            id: PersonId::from_bytes([7; 16]),
            name: "林".into(),
            role,
            ask_max: Some(Twd::new(100)),
            approve_max: Some(Twd::new(50)),
            retired: false,
            added_at: Moment::from_millis(0),
            recovered_at: None,
            givers: Vec::new(),
            proved: true,
            version: 1,
        }
    }

    /// Every cell, by hand: clerk, accountant, owner.
    #[test]
    fn the_table() {
        let rows = [
            ("sell", [true, true, true]),
            ("cancel", [true, true, true]),
            ("acknowledge", [true, true, true]),
            ("ask-refund", [true, true, true]),
            ("approve-refund", [false, true, true]),
            ("withdraw-refund", [false, true, true]),
            ("decide-refund", [false, true, true]),
            ("book-refund", [false, true, true]),
            ("close-discrepancy", [false, true, true]),
            ("see-customers", [false, true, true]),
            ("correct-customer", [false, true, true]),
            ("erase-customer", [false, true, true]),
            ("export-audit", [false, true, true]),
            ("settings", [false, false, true]),
            ("keys", [false, false, true]),
            ("people", [false, false, true]),
        ];
        assert_eq!(rows.map(|(name, _)| name), Right::ALL.map(Right::name));
        for (right, (_, row)) in Right::ALL.into_iter().zip(rows) {
            for (role, may) in Role::ALL.into_iter().zip(row) {
                let person = person(role);
                let said = check(Actor::Person(person.id), Some(&person), true, right, Twd::ZERO);
                let expected = if may { Ok(()) } else { Err(Denied::Role { role, right }) };
                assert_eq!(said, expected, "{role:?} {right:?}");
            }
        }
    }

    #[test]
    fn limits_and_who_is_no_person() {
        let owner = person(Role::Owner);
        let who = Actor::Person(owner.id);
        let may = |right, amount| check(who, Some(&owner), true, right, Twd::new(amount));
        for (right, limit) in [(Right::AskRefund, 100), (Right::ApproveRefund, 50)] {
            assert_eq!(may(right, limit), Ok(()));
            let denied = Denied::AboveLimit { right, limit: Twd::new(limit) };
            assert_eq!(may(right, limit + 1), Err(denied));
        }
        let ask = |who, person: Option<&Person>, people| check(who, person, people, Right::Sell, Twd::ZERO);
        assert_eq!(ask(Actor::Owner, None, false), Ok(()));
        assert_eq!(ask(Actor::Owner, None, true), Err(Denied::SignedOut));
        assert_eq!(ask(Actor::Engine, None, false), Err(Denied::NotAPerson));
        assert_eq!(ask(Actor::Browser, None, true), Err(Denied::NotAPerson));
        assert_eq!(ask(who, None, true), Err(Denied::Unknown));
        let other = Person { id: PersonId::from_bytes([8; 16]), ..owner.clone() };
        assert_eq!(ask(who, Some(&other), true), Err(Denied::Unknown), "another person's row");
        let retired = Person { retired: true, ..owner.clone() };
        assert_eq!(ask(who, Some(&retired), true), Err(Denied::Retired));
        let now = Clocks { at: owner.added_at, mono: Mono::from_millis(0), passed: None };
        let given = owner.clone().pin_set_by(Actor::Owner, vec![], now, true);
        let own = given.clone().pin_changed(now);
        assert_eq!(
            (ask(who, Some(&given), true), ask(who, Some(&own), true)),
            (Err(Denied::PinGiven), Ok(()))
        );
        let by_hand = Person { proved: false, ..owner.clone() };
        assert_eq!(ask(who, Some(&by_hand), true), Err(Denied::Unproved));
        let no_owner_left = Person { proved: false, retired: true, ..owner.clone() };
        assert_eq!(ask(who, Some(&no_owner_left), true), Err(Denied::Unproved));
    }
}
