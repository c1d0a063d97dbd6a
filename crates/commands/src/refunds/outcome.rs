//! What a bank's answer came to: the one place that turns an answer to a step, a refusal and what a
//! bank shows into words, for every payment method, so that a refund's sentence and its evidence
//! agree. Left out: which sentence a refund is due (`refunds.rs`).

use counterfoil_domain::RefundStatus;
use counterfoil_domain::{BankAnswer, CardState, Rail, Seen, Shows, Twd};

use super::SaidView;
use super::words::said;
use crate::text::{BookEntry, Language, bank_code};

/// The bank took the step.
pub(super) const TAKEN: &str = "answer.taken";
/// The bank works on the step.
pub(super) const PENDING: &str = "answer.pending";
/// A refusal, with why and what next.
pub(super) const REFUSED: &str = "refused";
/// The same of a code without a page in the book.
pub(super) const REFUSED_CODE: &str = "refused.code";

/// What an answer to a step says. The book explains a code only where the step was not taken: it
/// has the success code for an answer whose rest does not fit.
pub(super) fn answered(rail: Rail, meaning: BankAnswer, code: &str) -> SaidView {
    match meaning {
        BankAnswer::Accepted => said(TAKEN, &[]),
        BankAnswer::Pending => said(PENDING, &[]),
        BankAnswer::Declined | BankAnswer::NotNow | BankAnswer::NotSent | BankAnswer::Unknown => {
            let [text_zh, text_en] = Language::ALL.map(|language| {
                bank_code(language, rail, code).map_or(code, |page| page.cause.as_str()).to_owned()
            });
            SaidView { text_zh, text_en }
        }
    }
}

/// The bank refused a refund: why, and what to do next.
pub(super) fn refused(rail: Rail, code: &str) -> SaidView {
    let [Some(zh), Some(en)] = Language::ALL.map(|language| bank_code(language, rail, code)) else {
        return said(REFUSED_CODE, &[("code", code.to_owned())]);
    };
    let values = |BookEntry { cause, step }: &BookEntry| {
        [("code", code.to_owned()), ("cause", cause.clone()), ("step", step.clone())]
    };
    SaidView { text_zh: said(REFUSED, &values(zh)).text_zh, text_en: said(REFUSED, &values(en)).text_en }
}

/// What a reading shows.
pub(super) fn shown(shows: &Shows) -> SaidView {
    match shows {
        Shows::NotThere => said("seen.not-there", &[]),
        Shows::Nothing => said("seen.nothing", &[]),
        Shows::NoRefundInBill => said("seen.no-refund-in-bill", &[]),
        Shows::Order(Seen::Ctbc { state, .. }) => said(card_key(*state), &[]),
        Shows::Order(Seen::Sinopac { state, refunds }) => {
            let state = said(&format!("seen.{}", state.name()), &[]);
            if refunds.is_empty() {
                return state;
            }
            let given = refunds.sum.map_or(0, Twd::dollars).to_string();
            let status = refunds.status.as_deref().unwrap_or_default();
            let last = said(status_key(RefundStatus::of(status)), &[]);
            let values = |state: String, last: String| {
                [("state", state), ("given", given.clone()), ("last", last), ("status", status.to_owned())]
            };
            SaidView {
                text_zh: said("seen.with-refunds", &values(state.text_zh, last.text_zh)).text_zh,
                text_en: said("seen.with-refunds", &values(state.text_en, last.text_en)).text_en,
            }
        }
    }
}

/// The sentence of SinoPac's state of a refund.
pub(super) const fn status_key(status: RefundStatus) -> &'static str {
    match status {
        RefundStatus::Underway => "seen.refund.underway",
        RefundStatus::Done => "seen.refund.done",
        RefundStatus::Returning => "seen.refund.returning",
        RefundStatus::Failed => "seen.refund.failed",
        RefundStatus::Unlisted => "seen.unlisted",
    }
}

/// The sentence of CTBC's state.
pub(super) const fn card_key(state: CardState) -> &'static str {
    match state {
        CardState::Failed => "seen.card.failed",
        CardState::Cancelled => "seen.card.cancelled",
        CardState::Authorized => "seen.card.authorized",
        CardState::CaptureQueued => "seen.card.capture-queued",
        CardState::CaptureLocked => "seen.card.capture-locked",
        CardState::Captured => "seen.card.captured",
        CardState::CaptureFailed => "seen.card.capture-failed",
        CardState::RefundQueued => "seen.card.refund-queued",
        CardState::RefundLocked => "seen.card.refund-locked",
        CardState::Refunded => "seen.card.refunded",
        CardState::RefundFailed => "seen.card.refund-failed",
        CardState::Unlisted => "seen.unlisted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step that the bank took is never explained by what its code means when it is unclear.
    #[test]
    fn an_answer_is_explained_by_what_it_means() {
        for (rail, code) in
            [(Rail::SinopacAccount, "S0000"), (Rail::SinopacCard, "S0000"), (Rail::CtbcCard, "0/00")]
        {
            let taken = answered(rail, BankAnswer::Accepted, code);
            assert!(taken.text_zh.contains("受理") && !taken.text_zh.contains("不明"), "{taken:?}");
            assert_ne!(answered(rail, BankAnswer::Unknown, code), taken);
            assert_ne!(answered(rail, BankAnswer::Pending, code), taken);
        }
        let declined = answered(Rail::SinopacAccount, BankAnswer::Declined, "E3603");
        assert_ne!(declined.text_zh, "E3603", "the book has it");
        assert_eq!(answered(Rail::SinopacAccount, BankAnswer::Declined, "none").text_zh, "none");
    }

    /// Every refusal tells why, and keeps the code last.
    #[test]
    fn a_refusal_says_why_for_every_payment_method() {
        for (rail, code) in
            [(Rail::SinopacAccount, "E3602"), (Rail::SinopacCard, "E3602"), (Rail::CtbcCard, "3/53")]
        {
            let SaidView { text_zh, text_en } = refused(rail, code);
            for (language, text) in Language::ALL.into_iter().zip([text_zh, text_en]) {
                let page = bank_code(language, rail, code).unwrap();
                assert!(
                    text.contains(&page.cause) && text.contains(&page.step) && text.contains(code),
                    "{text}"
                );
            }
        }
        assert!(refused(Rail::CtbcCard, "none").text_en.contains("none"));
    }

    /// A transfer that failed reads as failed, beside the money that is still collected.
    #[test]
    fn what_the_bank_shows_of_a_refund_is_in_words() {
        use counterfoil_domain::RefundsSeen;
        let refunds = RefundsSeen { status: Some("2A290".to_owned()), ..RefundsSeen::default() };
        let state = counterfoil_domain::BankState::Collected;
        let SaidView { text_zh, text_en } = shown(&Shows::Order(Seen::Sinopac { state, refunds }));
        assert!(text_zh.contains("失敗") && text_zh.contains("NT$0"), "{text_zh}");
        assert!(text_en.contains("failed") && text_en.contains("2A290"), "{text_en}");
    }
}
