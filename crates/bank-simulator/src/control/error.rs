//! Why a control call was refused.

use std::fmt;

use crate::ctbc;
use crate::sinopac::bank::Refused;

/// Why a control call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlError {
    /// There is no such call.
    UnknownCall,
    /// A member is missing or does not fit.
    Member(&'static str),
    /// No shop has that number or name.
    UnknownShop,
    /// The shop has no such order.
    UnknownOrder,
    /// The order is not in a state for that.
    State,
    /// The dialect or the call is not built.
    NotBuilt,
}

impl ControlError {
    /// A code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownCall => "unknown-call",
            Self::Member(_) => "member",
            Self::UnknownShop => "unknown-shop",
            Self::UnknownOrder => "unknown-order",
            Self::State => "state",
            Self::NotBuilt => "not-built",
        }
    }

    pub(super) fn status(self) -> u16 {
        match self {
            Self::Member(_) => 400,
            Self::UnknownCall | Self::UnknownShop | Self::UnknownOrder => 404,
            Self::State => 409,
            Self::NotBuilt => 501,
        }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCall => out.write_str("there is no such control call"),
            Self::Member(name) => write!(out, "member {name} is missing or does not fit"),
            Self::UnknownShop => out.write_str("no shop has that number or name"),
            Self::UnknownOrder => out.write_str("the shop has no such order"),
            Self::State => out.write_str("the order is not in a state for that"),
            Self::NotBuilt => out.write_str("this part of the simulator is not built"),
        }
    }
}

impl std::error::Error for ControlError {}

impl From<Refused> for ControlError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::State => Self::State,
            Refused::Unknown => Self::UnknownOrder,
        }
    }
}

impl From<ctbc::Refused> for ControlError {
    fn from(refused: ctbc::Refused) -> Self {
        match refused {
            ctbc::Refused::State => Self::State,
            ctbc::Refused::Unknown => Self::UnknownOrder,
        }
    }
}
