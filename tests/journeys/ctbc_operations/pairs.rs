//! Each of the five operations in each state that a sale can have, outside the batch and while it
//! runs: done, or refused by which code. Nothing is left out: the rows are compared with the
//! client's own list of states.

use std::collections::BTreeSet;

use counterfoil_domain::BankAnswer::{Accepted, Declined, NotNow, Unknown};
use counterfoil_domain::{BankAnswer, CardState};

use super::*;

/// What comes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// Done, and this state read afterwards.
    To(&'static str),
    /// Surely not done, and would be refused again.
    No(&'static str),
    /// Surely not done, may be asked later.
    Later(&'static str),
    /// The answer alone does not decide.
    Unclear(&'static str),
}

use Cell::{No, To, Unclear};

struct Row {
    state: &'static str,
    way: &'static [Step],
    /// By [`ACTIONS`]: Cap, CapRev, Reversal, Refund of the whole, RefundRev.
    cells: [Cell; 5],
}

const fn later(code: &'static str) -> Cell {
    Cell::Later(code)
}

/// Outside the batch. A line of 11 or 21 is one that its batch has left behind.
const OPEN: [Row; 12] = [
    Row { state: "none", way: &[], cells: [No("3/25"), No("3/25"), No("3/25"), No("3/25"), No("3/25")] },
    Row {
        state: "-1",
        way: &[DeclinedCard("8/05")],
        cells: [Unclear("3/6"), Unclear("3/6"), Unclear("3/6"), Unclear("3/6"), Unclear("3/6")],
    },
    Row {
        state: "0",
        way: &[Authorized, Do(REVERSAL)],
        cells: [No("3/17"), Unclear("3/17"), Unclear("3/54"), No("3/17"), No("3/17")],
    },
    Row { state: "1", way: &[Authorized], cells: [To("10"), No("3/2"), To("0"), later("3/72"), No("3/2")] },
    Row {
        state: "10",
        way: &[Sold],
        cells: [Unclear("3/52"), To("1"), Unclear("9/ne"), later("3/72"), No("3/2")],
    },
    Row {
        state: "11",
        way: &[Sold, Planted("11")],
        cells: [Unclear("3/52"), later("3/40"), Unclear("9/ne"), later("3/72"), No("3/2")],
    },
    Row {
        state: "12",
        way: &[Sold, Batch, Other(500)],
        cells: [Unclear("9/ne"), No("3/2"), Unclear("9/ne"), To("20"), No("3/2")],
    },
    Row {
        state: "13",
        way: &[Sold, Fails("all"), Batch, Other(500)],
        cells: [To("10"), No("3/2"), To("0"), later("3/72"), No("3/2")],
    },
    Row {
        state: "20",
        way: &[Sold, Batch, Other(500), Do(refund(200))],
        cells: [Unclear("9/ne"), No("3/2"), Unclear("9/ne"), later("3/70"), To("12")],
    },
    Row {
        state: "21",
        way: &[Sold, Batch, Other(500), Do(refund(200)), Planted("21")],
        cells: [Unclear("9/ne"), No("3/2"), Unclear("9/ne"), Unclear("3/53"), later("3/40")],
    },
    Row {
        state: "22",
        way: &[Sold, Batch, Other(500), Do(refund(500)), Batch, Other(500)],
        cells: [Unclear("9/ne"), No("3/2"), Unclear("9/ne"), Unclear("3/53"), No("3/2")],
    },
    Row {
        state: "23",
        way: &[Sold, Batch, Other(500), Do(refund(500)), Fails("refunds"), Batch, Other(500)],
        cells: [Unclear("9/ne"), No("3/2"), Unclear("9/ne"), To("20"), No("3/2")],
    },
];

/// While the batch runs: how a sale gets there with the shop locked. A refund in the file cannot
/// stay 20 then, unless by accident.
const LOCKED: [(&str, &[Step]); 12] = [
    ("none", &[BatchStarts]),
    ("-1", &[DeclinedCard("8/05"), BatchStarts]),
    ("0", &[Authorized, Do(REVERSAL), BatchStarts]),
    ("1", &[Authorized, BatchStarts]),
    ("10", &[BatchStarts, Sold]),
    ("11", &[Sold, BatchStarts]),
    ("12", &[Sold, Batch, Other(500), BatchStarts]),
    ("13", &[Sold, Fails("all"), Batch, BatchStarts]),
    ("20", &[Sold, Batch, Other(500), Do(refund(200)), BatchStarts, Planted("20")]),
    ("21", &[Sold, Batch, Other(500), Do(refund(200)), BatchStarts]),
    ("22", &[Sold, Batch, Other(500), Do(refund(200)), Batch, BatchStarts]),
    ("23", &[Sold, Batch, Other(500), Do(refund(500)), Fails("refunds"), Batch, BatchStarts]),
];

/// Only what is in no file may be taken back while the batch runs; an unknown transaction is
/// unknown at any time.
fn locked_cell(state: &str, action: Action) -> Cell {
    match (state, action) {
        ("1", Action::ReverseAuthorization) => To("0"),
        ("none", _) => No("3/25"),
        _ => later("3/40"),
    }
}

/// The codes of refusals in the tables.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    OPEN.iter().flat_map(|row| row.cells).filter_map(|cell| match cell {
        To(_) => None,
        No(code) | Cell::Later(code) | Unclear(code) => Some(code),
    })
}

/// Does the operation and holds everything against the cell.
fn holds(state: &str, way: &[Step], action: Action, cell: Cell) {
    let what = format!("{} at {state} by {way:?}", service(action));
    let mut shop = Shop::after(way);
    assert_eq!(shop.state(), state, "{what}: before");
    let (books, writes, money) = (shop.line_of_sale(), shop.writes(), shop.money());
    let reply = shop.write(action);
    assert_eq!(shop.writes() - writes, 1, "{what}: sent once");
    let expected: (BankAnswer, &str) = match cell {
        To(_) => (Accepted, "0/00"),
        No(code) => (Declined, code),
        Cell::Later(code) => (NotNow, code),
        Unclear(code) => (Unknown, code),
    };
    assert_eq!(said(&reply), expected, "{what}");
    let (captured, refunded, queued) = money;
    match cell {
        To(to) => {
            assert_eq!(shop.state(), to, "{what}");
            let queued = match action {
                Action::Refund { amount } => amount.dollars(),
                Action::ReverseRefund => 0,
                Action::Capture | Action::ReverseCapture | Action::ReverseAuthorization => queued,
            };
            assert_eq!(shop.money(), (captured, refunded, queued), "{what}: nothing moves before a batch");
        }
        No(_) | Cell::Later(_) | Unclear(_) => {
            assert_eq!(shop.state(), state, "{what}");
            assert_eq!(shop.line_of_sale(), books, "{what}: nothing in the books has changed");
        }
    }
}

#[test]
fn each_operation_in_each_state() {
    for row in &OPEN {
        for (action, cell) in ACTIONS.into_iter().zip(row.cells) {
            holds(row.state, row.way, action, cell);
        }
    }
}

#[test]
fn each_operation_in_each_state_while_the_batch_runs() {
    for (state, way) in LOCKED {
        for action in ACTIONS {
            holds(state, way, action, locked_cell(state, action));
        }
    }
}

/// Where the policy takes no reversal in the window, that too is refused.
#[test]
fn the_window_may_be_closed_to_reversals_too() {
    let way = [Switch("reversal_in_batch", false), Authorized, BatchStarts];
    holds("1", &way, REVERSAL, later("3/40"));
}

/// "Nothing" is the twelfth beside the eleven that have a number.
#[test]
fn no_state_is_missing_from_the_tables() {
    let listed: BTreeSet<_> = CardState::ALL.into_iter().filter_map(number).chain(["none"]).collect();
    assert_eq!(listed.len(), 12);
    assert_eq!(OPEN.iter().map(|row| row.state).collect::<BTreeSet<_>>(), listed);
    assert_eq!(LOCKED.iter().map(|row| row.0).collect::<BTreeSet<_>>(), listed);
}

/// What is done here is what moves a sale in the table of transitions, from the same states to the
/// same ones.
#[test]
fn what_is_done_is_just_what_the_transitions_say() {
    let done: BTreeSet<_> = OPEN
        .iter()
        .flat_map(|row| {
            ACTIONS.iter().zip(row.cells).map(|(action, cell)| (row.state, service(*action), cell))
        })
        .filter_map(|(from, action, cell)| if let To(to) = cell { Some((from, action, to)) } else { None })
        .collect();
    let arrows = super::transitions::by_client();
    // a refund of what is left at 22, and taking it out again, need a sale of which something is
    // left
    let of_a_part = BTreeSet::from([("22", "Refund", "20"), ("20", "RefundRev", "22")]);
    assert_eq!(done, arrows.difference(&of_a_part).copied().collect());
}
