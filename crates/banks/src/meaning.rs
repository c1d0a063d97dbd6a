//! What a row of a bank's code list holds: what the code means for a write and for a question. Each bank has one table of rows.

use counterfoil_domain::OperationKind;
use counterfoil_engine::ports::RefusalOf;

/// What a code means for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Surely not done, and would be refused again.
    Declined,
    /// Surely not done, may be asked later.
    NotNow,
    /// Nobody knows.
    Unknown,
}

/// What a code means for a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The bank answers no question of this shop.
    OfShop,
    /// The bank will not answer this question; it may answer another.
    OfQuestion,
    /// The bank refuses, and the code does not tell which of the two.
    Unclear,
    /// No refusal: the code of a success, or the bank itself has no outcome.
    Silent,
}

impl Asked {
    /// The refusal, where it is one.
    pub const fn refusal(self) -> Option<RefusalOf> {
        match self {
            Self::OfShop => Some(RefusalOf::Shop),
            Self::OfQuestion => Some(RefusalOf::Question),
            Self::Unclear => Some(RefusalOf::Unclear),
            Self::Silent => None,
        }
    }
}

/// What a code means for writes. A kind that no table names is `Unknown`, so that a new one is never taken for refused.
#[derive(Debug, Clone, Copy)]
pub enum Writes {
    /// Of every kind: nobody knows.
    Unknown,
    /// Of every kind: not now.
    NotNow,
    /// Of every kind: declined.
    Declined,
    /// Declined for these kinds. For any other nobody knows.
    DeclinedFor(&'static [OperationKind]),
}

/// One code.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// As the bank's list prints it.
    pub code: &'static str,
    /// For a question.
    pub asked: Asked,
    writes: Writes,
}

impl Row {
    /// A row of a table.
    pub const fn of(code: &'static str, writes: Writes, asked: Asked) -> Self {
        Self { code, asked, writes }
    }

    /// For a write of this kind.
    pub fn written(&self, kind: OperationKind) -> Written {
        match self.writes {
            Writes::NotNow => Written::NotNow,
            Writes::Declined => Written::Declined,
            Writes::DeclinedFor(kinds) if kinds.contains(&kind) => Written::Declined,
            Writes::DeclinedFor(_) | Writes::Unknown => Written::Unknown,
        }
    }
}
