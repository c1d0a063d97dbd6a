//! Which refunds that SinoPac shows of an order are ours (money rules 3 and 4).
//!
//! Promise: an operation of ours explains at most one refund, and only one that was not there
//! before its send and has its amount. What is left is not ours: a person made it in the bank's
//! back office. Left out: CTBC, which shows a state and no list.

use super::Refund;
use super::alarm::PENDING_DAYS_MAX;
use crate::bank_state::BankState;
use crate::card::CardState;
use crate::ids::OperationId;
use crate::money::Twd;
use crate::operation::rules::refunds;
use crate::operation::{Operation, OperationKind};
use crate::seen::{RefundSeen, RefundStatus, RefundsSeen, Seen};
use crate::time::Moment;

/// A refund that was made elsewhere and that a person has booked: it counts as given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// SinoPac's RefundNo, where the row named one.
    pub refund_no: Option<String>,
    /// What was given back.
    pub amount: Twd,
    /// When it was booked, by bank time.
    pub at: Moment,
}

impl Booked {
    /// CTBC names no refund: a booking explains one that is on its way only for so long as that
    /// takes.
    pub(crate) fn may_be_underway(&self, at: Moment) -> bool {
        at <= self.at.plus_days(PENDING_DAYS_MAX)
    }
}

/// The refunds of a row of SinoPac, told apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    ours: Vec<(Option<OperationId>, RefundStatus)>,
    foreign: Vec<RefundStatus>,
    unseen: Vec<Booked>,
}

impl Shown {
    /// Of a row; `operations` of the payment, oldest first. A row of CTBC shows none.
    pub fn of(seen: &Seen, operations: &[Operation], booked: &[Booked]) -> Self {
        let Some(row) = refunds(seen) else { return Self::default() };
        let mut shown = if row.list.is_empty() {
            without_list(row, operations, booked)
        } else {
            by_list(row, operations, booked)
        };
        if is_more(row, operations, booked) {
            shown.foreign.push(RefundStatus::Done);
        }
        shown
    }

    /// A refund is not ours. One that failed for good gave nothing back, ours or not.
    pub fn is_foreign(&self) -> bool {
        self.foreign.iter().any(|status| *status != RefundStatus::Failed)
    }

    /// The status of each that is not ours.
    pub fn foreign(&self) -> &[RefundStatus] {
        &self.foreign
    }

    /// A booking without a number that no line of the list bears out.
    pub(crate) fn is_unseen(&self, booked: &Booked) -> bool {
        self.unseen.contains(booked)
    }

    /// The refund that an operation made.
    pub fn of_operation(&self, id: OperationId) -> Option<RefundStatus> {
        self.ours.iter().find(|(op, _)| *op == Some(id)).map(|(_, status)| *status)
    }

    /// The status of each of ours that this operation did not make.
    pub fn others(&self, id: Option<OperationId>) -> impl Iterator<Item = RefundStatus> {
        let other = move |op: &Option<OperationId>| op.is_none() || *op != id;
        self.ours.iter().filter(move |(op, _)| other(op)).map(|(_, status)| *status)
    }
}

/// The bank shows nothing of a refund whose last steps are `operations`, those of its payment: no
/// state and no line that it may have made. A reading that says something else altogether is no
/// sign.
pub fn is_not_shown(refund: &Refund, seen: &Seen, operations: &[Operation], booked: &[Booked]) -> bool {
    use CardState as C;
    if let Some(card) = seen.card() {
        return match card {
            C::Authorized
            | C::CaptureQueued
            | C::CaptureLocked
            | C::Captured
            | C::CaptureFailed
            | C::RefundFailed => true,
            C::Failed | C::Cancelled | C::RefundQueued | C::RefundLocked | C::Refunded | C::Unlisted => false,
        };
    }
    let ends = |op: &&Operation| op.refund == Some(refund.id) && op.kind.rule().ends_refund();
    let Some(op) = operations.iter().rfind(ends) else { return false };
    if op.kind == OperationKind::CancelAuthorization {
        return seen.state() != BankState::Released;
    }
    let shown = Shown::of(seen, operations, booked);
    let made = shown.of_operation(op.id);
    // a new line of another amount has its own discrepancy; one of a later refund shows nothing
    let later = operations.iter().rev().take_while(|other| other.id != op.id);
    let later = later.filter(|other| shown.of_operation(other.id).is_some()).count();
    let new = |row: &RefundsSeen| row.new_lines(&before(op)).count();
    let may_be_it =
        |row: &RefundsSeen| if row.list.is_empty() { row.has_new(&before(op)) } else { new(row) > later };
    let may_be_it = refunds(seen).is_some_and(may_be_it);
    made == Some(RefundStatus::Failed) || (made.is_none() && !may_be_it)
}

/// The bank shows nothing of what a person has booked.
pub(crate) fn is_booking_not_shown(booked: &Booked, seen: &Seen) -> bool {
    let Some(row) = refunds(seen) else {
        use CardState as C;
        return matches!(
            seen.card(),
            Some(C::Authorized | C::CaptureQueued | C::CaptureLocked | C::Captured | C::CaptureFailed)
        );
    };
    let listed = |no: &String| row.list.is_empty() || row.list.contains_key(no);
    row.is_empty() || !booked.refund_no.as_ref().is_none_or(listed)
}

const fn may_have_refunded(op: &Operation) -> bool {
    op.kind.rule().gives_back() && op.state.may_have_acted()
}

fn before(op: &Operation) -> RefundsSeen {
    op.snapshot.as_ref().and_then(refunds).cloned().unwrap_or_default()
}

/// The latest operation explains the fewest, so it chooses first.
fn by_list(row: &RefundsSeen, operations: &[Operation], booked: &[Booked]) -> Shown {
    let mut shown = Shown::default();
    let mut left: Vec<(&String, &RefundSeen)> = row.list.iter().collect();
    for one in booked {
        let found = left.iter().position(|(no, _)| one.refund_no.as_ref() == Some(*no));
        if let Some(at) = found {
            shown.ours.push((None, RefundStatus::of(&left.remove(at).1.status)));
        }
    }
    let ops: Vec<&Operation> = operations.iter().filter(|op| may_have_refunded(op)).collect();
    for (earlier, op) in ops.into_iter().enumerate().rev() {
        let known = before(op);
        let is_new = |no: &String| !known.list.contains_key(no);
        let failed = left.iter().filter(|(no, line)| is_new(no) && line.has_failed()).count();
        // those of the earlier ones were there, and not in a list yet
        let may_fail = !known.may_hide_failed() || failed > earlier;
        let find = |fits: &dyn Fn(&RefundSeen) -> bool| {
            left.iter().position(|(no, line)| is_new(no) && fits(line) && (may_fail || !line.has_failed()))
        };
        let exact = |line: &RefundSeen| line.amount.is_some() && line.amount == op.amount;
        let unclear = |line: &RefundSeen| line.amount.is_none() || op.amount.is_none();
        let given = find(&|line| exact(line) && !line.has_failed());
        if let Some(at) = given.or_else(|| find(&exact)).or_else(|| find(&unclear)) {
            shown.ours.push((Some(op.id), RefundStatus::of(&left.remove(at).1.status)));
        }
    }
    for one in booked.iter().filter(|one| one.refund_no.is_none()) {
        if let Some(at) = left.iter().position(|(_, seen)| seen.amount == Some(one.amount)) {
            shown.ours.push((None, RefundStatus::of(&left.remove(at).1.status)));
        } else if row.list.values().all(|seen| seen.amount.is_some()) {
            shown.unseen.push(one.clone());
        }
    }
    shown.foreign = left.into_iter().map(|(_, seen)| RefundStatus::of(&seen.status)).collect();
    add_last(row, operations, &mut shown);
    shown
}

/// The row's own status is of its last refund. Where no line of the list has it, it is of the last
/// of ours that has none and whose snapshot is older; else one more thing that is not over, of ours
/// if anything is.
fn add_last(row: &RefundsSeen, operations: &[Operation], shown: &mut Shown) {
    let Some(status) = row.status.as_deref() else { return };
    if row.list.values().any(|seen| seen.status == status) {
        return;
    }
    let status = RefundStatus::of(status);
    let last = operations.iter().rfind(|op| may_have_refunded(op));
    let made = |op: &&Operation| shown.of_operation(op.id).is_none() && row.date > before(op).date;
    if let Some(op) = last.filter(made) {
        shown.ours.push((Some(op.id), status));
    } else if shown.ours.is_empty() {
        shown.foreign.push(status);
    } else {
        shown.ours.push((None, status));
    }
}

fn without_list(row: &RefundsSeen, operations: &[Operation], booked: &[Booked]) -> Shown {
    let mut shown = Shown::default();
    let last = row.status.as_deref().map(RefundStatus::of).or(row.flag.then_some(RefundStatus::Done));
    let Some(last) = last else { return shown };
    let mut ops = operations.iter().rev().filter(|op| may_have_refunded(op));
    let made = ops.clone().find(|op| row.new_of(&before(op), op.amount).is_some());
    if let Some(op) = made {
        shown.ours.push((Some(op.id), last));
    } else if !booked.is_empty() || ops.any(|op| *row != before(op)) {
        shown.ours.push((None, last));
    } else {
        shown.foreign.push(last);
    }
    shown
}

/// The bank gave back more than all of ours together.
fn is_more(row: &RefundsSeen, operations: &[Operation], booked: &[Booked]) -> bool {
    let ours = operations.iter().filter(|op| may_have_refunded(op)).map(|op| op.amount);
    let all = ours.chain(booked.iter().map(|one| Some(one.amount)));
    let sum = all.into_iter().try_fold(Twd::ZERO, |sum, amount| sum.checked_add(amount?));
    row.sum.zip(sum).is_some_and(|(theirs, ours)| theirs > ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OperationState;
    use crate::testing::{operation, refund};
    use RefundStatus as R;

    fn row(list: &[(&str, &str, Option<i64>)]) -> Seen {
        let one = |status: &str, amount: Option<i64>| RefundSeen {
            status: status.into(),
            amount: amount.map(Twd::new),
            date: None,
        };
        let list = list.iter().map(|(no, status, amount)| ((*no).to_owned(), one(status, *amount))).collect();
        Seen::Sinopac { state: BankState::Collected, refunds: RefundsSeen { list, ..RefundsSeen::default() } }
    }

    /// Of 30 dollars, after it had seen these.
    fn ours(n: u8, before: &[(&str, &str, Option<i64>)]) -> Operation {
        Operation {
            id: OperationId::from_bytes([n; 16]),
            amount: Some(Twd::new(30)),
            state: OperationState::Accepted,
            snapshot: Some(row(before)),
            ..operation(OperationKind::CardRefund)
        }
    }

    #[test]
    fn what_was_there_before_the_send_is_not_ours() {
        let seen = row(&[("R1", "2C900", Some(30))]);
        assert!(!Shown::of(&seen, &[ours(1, &[])], &[]).is_foreign());
        let shown = Shown::of(&seen, &[ours(1, &[("R1", "2C900", Some(30))])], &[]);
        assert!(shown.is_foreign() && shown.of_operation(ours(1, &[]).id).is_none());
    }

    /// The bank's numbers need not grow: the later one chooses first.
    #[test]
    fn each_operation_explains_one() {
        let ops = [ours(1, &[]), ours(2, &[("R2", "2C900", Some(30))])];
        let seen = row(&[("R1", "2C400", Some(30)), ("R2", "2C900", Some(30))]);
        let shown = Shown::of(&seen, &ops, &[]);
        assert!(!shown.is_foreign());
        assert_eq!(shown.of_operation(ops[0].id), Some(R::Done));
        assert_eq!(shown.of_operation(ops[1].id), Some(R::Underway));
        assert_eq!(shown.others(Some(ops[1].id)).collect::<Vec<_>>(), [R::Done]);
        let third = row(&[("R1", "2C400", Some(30)), ("R2", "2C900", Some(30)), ("R3", "2C200", Some(30))]);
        assert_eq!(Shown::of(&third, &ops, &[]).foreign(), [R::Underway]);
    }

    /// SinoPac shows no list until a refund has succeeded. Then the earlier one that failed is in
    /// it too, and is not the new one.
    #[test]
    fn a_line_that_failed_before_the_list_appeared_is_the_earlier_ones() {
        let status = |text: &str| RefundsSeen { status: Some(text.into()), ..RefundsSeen::default() };
        let of = |refunds| Some(Seen::Sinopac { state: BankState::Collected, refunds });
        let ops = [
            Operation { snapshot: of(RefundsSeen::default()), ..ours(1, &[]) },
            Operation { snapshot: of(status("2A290")), ..ours(2, &[]) },
        ];
        let end = |list: &[_]| {
            let shown = Shown::of(&row(list), &ops, &[]);
            assert!(!shown.is_foreign(), "{list:?}");
            [shown.of_operation(ops[0].id), shown.of_operation(ops[1].id)]
        };
        let failed = ("R1", "2A290", Some(30));
        assert_eq!(end(&[failed, ("R3", "2A900", Some(30))]), [Some(R::Failed), Some(R::Done)]);
        assert_eq!(end(&[failed, ("R3", "2A400", Some(30))]), [Some(R::Failed), Some(R::Underway)]);
        assert_eq!(end(&[failed]), [Some(R::Failed), None]);
        assert_eq!(end(&[failed, ("R3", "2A290", Some(30))]), [Some(R::Failed), Some(R::Failed)]);
        // and it proves nothing of a lost one
        let before = status("2A290");
        let listed = |list: &[_]| refunds(&row(list)).cloned().unwrap();
        assert_eq!(listed(&[failed]).new_of(&before, Some(Twd::new(30))), None);
        assert!(!listed(&[failed]).has_new(&before));
        let both = listed(&[failed, ("R3", "2A900", Some(30))]);
        assert_eq!(both.new_of(&before, Some(Twd::new(30))), Some(R::Done));
    }

    /// What a person has booked shows as well.
    #[test]
    fn a_booking_is_shown_by_a_line_or_a_state() {
        let booked = |no: Option<&str>| Booked {
            refund_no: no.map(str::to_owned),
            amount: Twd::new(30),
            at: Moment::from_millis(0),
        };
        let hidden = |no, list: &[_]| is_booking_not_shown(&booked(no), &row(list));
        let line = ("R1", "2C900", Some(30));
        assert!(hidden(None, &[]) && hidden(Some("R2"), &[line]));
        assert!(!hidden(None, &[line]) && !hidden(Some("R1"), &[line]));
        for state in CardState::ALL {
            let hides = ["1", "10", "11", "12", "13"].contains(&state.number().unwrap_or("-1"));
            assert_eq!(is_booking_not_shown(&booked(None), &Seen::of_ctbc(state)), hides, "{state:?}");
        }
    }

    #[test]
    fn an_amount_that_cannot_be_read_excludes_nothing_but_the_exact_one_goes_first() {
        let seen = row(&[("R1", "2C200", None), ("R2", "2C900", Some(30))]);
        let shown = Shown::of(&seen, &[ours(1, &[])], &[]);
        assert_eq!(
            (shown.of_operation(ours(1, &[]).id), shown.foreign()),
            (Some(R::Done), &[R::Underway][..])
        );
        let alone = Shown::of(&row(&[("R1", "2C200", None)]), &[ours(1, &[])], &[]);
        assert_eq!(alone.of_operation(ours(1, &[]).id), Some(R::Underway));
    }

    /// The row's sum says whether there is more than the list shows.
    #[test]
    fn more_than_ours_together_is_not_ours() {
        let summed = |sum| {
            let refunds = RefundsSeen { sum: Some(Twd::new(sum)), flag: true, ..RefundsSeen::default() };
            Seen::Sinopac { state: BankState::Collected, refunds }
        };
        let booked = [Booked { refund_no: None, amount: Twd::new(5), at: Moment::from_millis(0) }];
        let foreign = [34, 35, 36].map(|sum| Shown::of(&summed(sum), &[ours(1, &[])], &booked).is_foreign());
        assert_eq!(foreign, [false, false, true]);
    }

    /// An operation that surely did nothing explains nothing.
    #[test]
    fn only_what_may_have_acted_explains() {
        let seen = row(&[("R1", "2C900", Some(30))]);
        for state in OperationState::ALL {
            let op = Operation { state, ..ours(1, &[]) };
            assert_eq!(Shown::of(&seen, &[op], &[]).is_foreign(), !state.may_have_acted(), "{state:?}");
        }
        let booked = [Booked { refund_no: None, amount: Twd::new(30), at: Moment::from_millis(0) }];
        assert!(!Shown::of(&seen, &[], &booked).is_foreign());
        let failed = row(&[("R1", "2A290", Some(30))]);
        assert!(!Shown::of(&failed, &[], &[]).is_foreign(), "it gave nothing back");
        assert_eq!(Shown::of(&Seen::of_ctbc(crate::CardState::Refunded), &[], &[]), Shown::default());
    }

    /// A line of its own shows it, one of an earlier refund does not; one that failed gave nothing
    /// back.
    #[test]
    fn a_refund_is_shown_by_what_it_may_have_made() {
        let said = refund(30);
        let early = [("R1", "2C900", Some(30))];
        let op = Operation { refund: Some(said.id), ..ours(1, &early) };
        let hidden = |list: &[_]| is_not_shown(&said, &row(list), std::slice::from_ref(&op), &[]);
        assert!(hidden(&[]) && hidden(&early));
        assert!(
            !hidden(&[early[0], ("R2", "2C900", Some(30))]) && !hidden(&[early[0], ("R2", "2C400", None)])
        );
        assert!(hidden(&[early[0], ("R2", "2A290", Some(30))]));
        // another amount is new too, and has a discrepancy of its own
        assert!(!hidden(&[early[0], ("R2", "2C900", Some(7))]));
        // a later refund of ours has the only new line
        let later = Operation { amount: Some(Twd::new(40)), ..ours(2, &early) };
        let row_of_later = row(&[early[0], ("R2", "2C900", Some(40))]);
        assert!(is_not_shown(&said, &row_of_later, &[op.clone(), later], &[]));
        let cancel = Operation { refund: Some(said.id), ..operation(OperationKind::CancelAuthorization) };
        let of = |state| Seen::Sinopac { state, refunds: RefundsSeen::default() };
        let hidden = |state| is_not_shown(&said, &of(state), std::slice::from_ref(&cancel), &[]);
        assert!(hidden(BankState::Authorized) && !hidden(BankState::Released));
    }

    /// CTBC shows a state and no list.
    #[test]
    fn a_card_shows_a_refund_by_its_state() {
        let hidden = |state| is_not_shown(&refund(30), &Seen::of_ctbc(state), &[], &[]);
        for state in CardState::ALL {
            let shown = ["0", "-1", "20", "21", "22"].contains(&state.number().unwrap_or("-1"));
            assert_eq!(hidden(state), !shown, "{state:?}");
        }
    }
}
