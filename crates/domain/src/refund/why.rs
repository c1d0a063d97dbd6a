//! Why a refund waits, or what a person has to decide. Each variant says what to do.

use crate::discrepancy::DiscrepancyKind;
use crate::named::named;

named! {
    /// Why a refund waits. It goes on by itself.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum WaitWhy {
        /// The bank's batch is in the way. Keep the computer on; it goes on after the batch.
        Batch = "batch",
        /// CTBC 10, a part: only a captured sale can be refunded in part. It goes on after the
        /// batch.
        Capture = "capture",
        /// CTBC 11 or 21: the batch has the sale locked. Longer than 3 workdays: call the bank.
        Locked = "locked",
        /// SinoPac takes one refund a day of a card sale. It goes on the next bank day.
        OneADay = "one-a-day",
        /// CTBC has an earlier refund of this sale in its file (20, 3/70). It goes on when that one
        /// is through.
        EarlierQueued = "earlier-queued",
        /// CTBC has not confirmed the capture yet (3/72). It goes on after the batch.
        CaptureUnconfirmed = "capture-unconfirmed",
        /// SinoPac works on a refund that is not this one. It goes on when that one is through.
        OtherUnderway = "other-underway",
        /// 2A260: the transfer failed, and the money is on its way back. The bank tries nothing
        /// more until it is there.
        MoneyReturning = "money-returning",
        /// The bank keeps the first call of an account's refund alive. It goes again when that is
        /// over.
        FirstCall = "first-call",
        /// CTBC 3/71: today's captures are smaller than the refunds 今日請款額不足. It is tried
        /// hourly on workdays.
        CapturesShort = "captures-short",
        /// SinoPac E3604: the refunds of this day are used up. It goes on the next bank day.
        DayLimit = "day-limit",
        /// SinoPac E3610, E3611: not possible yet. It goes on the next bank day.
        NotYet = "not-yet",
        /// The bank was busy. It is tried again.
        BankBusy = "bank-busy",
        /// The request did not leave this computer. Check the network; it is tried again.
        NotSent = "not-sent",
        /// The bank's query does not show our last step yet.
        Lag = "lag",
        /// Another step at this sale goes first.
        OtherStep = "other-step",
        /// The bank does not answer what we ask before a step. It is asked again.
        NoAnswer = "no-answer",
    }
}

named! {
    /// What a person has to decide.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum PersonWhy {
        /// Authorized and not captured, and only a part is to go back. Capture now and refund
        /// later, or cancel all of it.
        PartOfAuthorization = "part-of-authorization",
        /// CTBC 23: the bank could not refund. Ask the bank why.
        RefundFailed = "refund-failed",
        /// SinoPac 2A290: the transfer failed for good. Ask for a new refund, or transfer by hand.
        FailedForGood = "failed-for-good",
        /// A state that no list of ours holds. Look in the bank's back office.
        UnlistedState = "unlisted-state",
        /// Several transactions share the number. Choose the one to refund.
        SeveralTransactions = "several-transactions",
        /// The bank has no such order. Look in the bank's back office.
        NotThere = "not-there",
        /// The reading does not fit this sale. Close its discrepancy first.
        DoubtfulReading = "doubtful-reading",
        /// CTBC refunds a remainder only by contract. Ask the bank, or transfer by hand.
        RemainderNotEnabled = "remainder-not-enabled",
        /// The bank refused this step and shows the same state still. Ask the bank.
        StepDeclined = "step-declined",
        /// CTBC: taken out of the capture file, and the reversal was refused. The card is
        /// authorized and will not be charged: capture again, or ask the bank.
        HalfReversed = "half-reversed",
        /// The bank accepted the step, and what it should have changed is as it was. Ask the bank.
        Vanished = "vanished",
        /// The bank has taken it and has not ended it for more than 7 days.
        PendingTooLong = "pending-too-long",
        /// E9918, and the bank shows no new refund: none is left for this order. Ask the bank, then
        /// transfer by hand.
        UsedUp = "used-up",
        /// E9918, and the bank shows a new refund: a person made one in the back office. Book it.
        SomebodyRefunded = "somebody-refunded",
        /// CTBC 3/52-56 or 9/ne: another hand did the same. Look in the back office.
        AnotherHand = "another-hand",
        /// The bank keeps a first call alive that we do not know. Look in the back office.
        FirstCallLives = "first-call-lives",
        /// No reading tells what became of a step. Ask the bank whether it was done.
        Undecided = "undecided",
        /// Tried 20 times, or for 14 days. Ask the bank, or withdraw.
        TooOften = "too-often",
        /// CTBC 3/71 for 5 workdays. Withdraw, or ask the bank.
        CapturesStayShort = "captures-stay-short",
        /// More would be given back than was captured. Look at what was booked.
        OverCaptured = "over-captured",
        /// The audit record does not prove the rows that it rests on: another hand has changed the
        /// file. Nothing is sent. Verify the record, and put a backup back.
        Unproved = "unproved",
        /// A step whose bank is not the payment's, or a sale in a state that no rule foresees.
        Unforeseen = "unforeseen",
    }
}

named! {
    /// Why only a transfer by hand is left. Transfer the money, then confirm it here.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum ByHandWhy {
        /// SinoPac E3606: the shop may not refund by this interface.
        NotActivated = "not-activated",
        /// SinoPac E3603: the bank does not know the payer's account. Ask the customer for it.
        NoPayerAccount = "no-payer-account",
        /// SinoPac E9922, CTBC 3/20: the sale is too old.
        TooOld = "too-old",
        /// CTBC 3/1, 9/nx: the shop's contract has no refunds.
        NotInContract = "not-in-contract",
        /// A person chose it.
        Chosen = "chosen",
    }
}

/// What the row of a refund keeps as its `why`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundWhy {
    /// It waits.
    Wait(WaitWhy),
    /// A person decides.
    Person(PersonWhy),
    /// A person transfers the money.
    ByHand(ByHandWhy),
    /// A person closes this discrepancy first.
    Discrepancy(DiscrepancyKind),
    /// The bank has collected nothing.
    NothingCollected,
    /// The bank refused it; the operation has the code.
    Refused,
}

const NOTHING_COLLECTED: &str = "nothing-collected";
const REFUSED: &str = "refused";

impl RefundWhy {
    /// The name in rows, JSON and scripts: kebab-case, unique among all of them.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wait(why) => why.name(),
            Self::Person(why) => why.name(),
            Self::ByHand(why) => why.name(),
            Self::Discrepancy(kind) => kind.name(),
            Self::NothingCollected => NOTHING_COLLECTED,
            Self::Refused => REFUSED,
        }
    }

    /// Each reason that a refund may have.
    pub fn all() -> impl Iterator<Item = Self> {
        let waits = WaitWhy::ALL.into_iter().map(Self::Wait);
        let persons = waits.chain(PersonWhy::ALL.map(Self::Person));
        persons.chain(ByHandWhy::ALL.map(Self::ByHand)).chain([
            Self::Discrepancy(DiscrepancyKind::RefundedOutside),
            Self::NothingCollected,
            Self::Refused,
        ])
    }

    /// Reads the name. A discrepancy of the same name as a decision of a person is that decision.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            NOTHING_COLLECTED => Some(Self::NothingCollected),
            REFUSED => Some(Self::Refused),
            _ => WaitWhy::parse(name)
                .map(Self::Wait)
                .or_else(|| PersonWhy::parse(name).map(Self::Person))
                .or_else(|| ByHandWhy::parse(name).map(Self::ByHand))
                .or_else(|| DiscrepancyKind::parse(name).map(Self::Discrepancy)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for why in RefundWhy::all() {
            assert_eq!(RefundWhy::parse(why.name()), Some(why));
        }
        assert_eq!(RefundWhy::parse("Batch"), None);
    }
}
