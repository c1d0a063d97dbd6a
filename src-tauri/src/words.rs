//! The few words that the system shows for us outside the window, in the language of the screens.
//!
//! Outside, because a tray menu and a notification are the desktop's; the words of the window are
//! the screens' own (`ui/src/text`). Until the screens have said which language they speak, it is
//! that of the system.

use std::sync::{Mutex, PoisonError};

use counterfoil_commands::text::Language;
use counterfoil_commands::{Environment, PaymentState, Rail, RefundState, UnfinishedView};
use tauri::{AppHandle, Manager as _};

/// The language of the screens, as they have said it last.
#[derive(Default)]
pub(crate) struct Spoken(Mutex<Option<Language>>);

impl Spoken {
    /// The screens speak this one.
    pub(crate) fn is(&self, tag: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(spoken(Some(tag)));
    }
}

/// The language to speak now.
pub(crate) fn language(app: &AppHandle) -> Language {
    let said = app.try_state::<Spoken>().and_then(|it| *it.0.lock().unwrap_or_else(PoisonError::into_inner));
    said.unwrap_or_else(|| spoken(sys_locale::get_locale().as_deref()))
}

/// Chinese of any kind is Chinese, and so is a system that does not say.
fn spoken(locale: Option<&str>) -> Language {
    match locale {
        Some(locale) if !locale.starts_with("zh") => Language::English,
        Some(_) | None => Language::Chinese,
    }
}

/// The line of the tray menu that brings the window to the front.
pub(crate) fn open(language: Language, unseen: u32) -> String {
    match (language, unseen) {
        (Language::Chinese, 0) => "開啟存根".into(),
        (Language::Chinese, count) => format!("開啟存根（{count} 筆收款未看）"),
        (Language::English, 0) => "Open Counterfoil".into(),
        (Language::English, 1) => "Open Counterfoil (1 payment not seen)".into(),
        (Language::English, count) => format!("Open Counterfoil ({count} payments not seen)"),
    }
}

/// The line of the tray menu that ends the program, and what that means while something waits.
/// `demo`: a practice shop that starts over with the program.
pub(crate) fn quit(language: Language, left: &UnfinishedView, demo: bool) -> &'static str {
    if left.is_nothing() {
        return in_language(language, "結束", "Quit");
    }
    if demo {
        return in_language(
            language,
            "結束（示範店不保留，下次開啟是全新的）",
            "Quit (the demo keeps nothing; the next start is a new one)",
        );
    }
    in_language(
        language,
        "結束（沒完成的等下次開啟再繼續，不會遺失）",
        "Quit (what waits goes on at the next start; nothing is lost)",
    )
}

/// The line of the tray menu that says what is left to do at the banks.
pub(crate) fn left(language: Language, left: &UnfinishedView) -> String {
    let UnfinishedView { refunds, requests, which: _ } = left;
    match (language, refunds, requests) {
        (Language::Chinese, 0, 0) => "沒有等待中的退款".into(),
        (Language::Chinese, 0, count) => format!("{count} 筆要求等銀行答覆"),
        (Language::Chinese, count, _) => format!("{count} 筆退款未完成"),
        (Language::English, 0, 0) => "No refund waits".into(),
        (Language::English, 0, 1) => "1 request waits for a bank".into(),
        (Language::English, 0, count) => format!("{count} requests wait for a bank"),
        (Language::English, 1, _) => "1 refund waits".into(),
        (Language::English, count, _) => format!("{count} refunds wait"),
    }
}

/// What the tray says under the pointer.
pub(crate) fn unseen(language: Language, count: u32) -> String {
    match (language, count) {
        (Language::Chinese, 0) => "存根".into(),
        (Language::Chinese, count) => format!("存根：{count} 筆收款未看"),
        (Language::English, 0) => "Counterfoil".into(),
        (Language::English, 1) => "Counterfoil: 1 payment not seen".into(),
        (Language::English, count) => format!("Counterfoil: {count} payments not seen"),
    }
}

/// What a notification says in the place of amount and number while the window is locked.
pub(crate) fn locked(language: Language) -> &'static str {
    match language {
        Language::Chinese => "解鎖後看金額與顧客。",
        Language::English => "Unlock to see the amount.",
    }
}

/// The words for a refund that reached this state; none for one that asks for no one.
pub(crate) fn refund(language: Language, state: RefundState) -> Option<&'static str> {
    use RefundState as S;
    let (chinese, english) = match state {
        S::Done => ("退款完成", "Refund done"),
        S::Declined => ("退款沒有成功", "Refund not made"),
        S::NeedsPerson => ("退款需要處理", "A refund needs your decision"),
        S::Requested | S::Approved | S::Waiting | S::Working | S::AtBank | S::Withdrawn => return None,
    };
    Some(in_language(language, chinese, english))
}

/// The words for a payment that reached this state; none for a state that needs no attention.
pub(crate) fn happened(language: Language, state: PaymentState) -> Option<&'static str> {
    use PaymentState as S;
    let (chinese, english) = match state {
        S::Paid | S::Settled => ("已付款", "Paid"),
        S::PaidLate => ("逾期入帳", "Paid after the end"),
        S::Failed => ("付款失敗", "Payment failed"),
        S::Issuing | S::Awaiting | S::Authorized | S::Released | S::NotIssued | S::Expired | S::Cancelled => {
            return None;
        }
    };
    Some(in_language(language, chinese, english))
}

/// The prefix of every notification from a shop without real money; empty in a real one.
pub(crate) fn practice(language: Language, environment: Option<Environment>) -> &'static str {
    match environment {
        Some(Environment::Production) => "",
        Some(Environment::Sandbox) => in_language(language, "【測試】", "[TEST] "),
        Some(Environment::Demo | Environment::Custom) | None => in_language(language, "【示範】", "[DEMO] "),
    }
}

/// The way the money came.
pub(crate) fn rail(language: Language, rail: Rail) -> &'static str {
    match rail {
        Rail::SinopacAccount => in_language(language, "虛擬帳號", "Virtual account"),
        Rail::SinopacCard => in_language(language, "刷卡連結", "Card link"),
        Rail::CtbcCard => in_language(language, "中信刷卡", "CTBC card"),
    }
}

fn in_language(language: Language, chinese: &'static str, english: &'static str) -> &'static str {
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}

/// `NT$12,600`
pub(crate) fn dollars(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in (1..=digits.len()).rev().zip(digits.chars()) {
        grouped.push(digit);
        if place > 1 && place % 3 == 1 {
            grouped.push(',');
        }
    }
    format!("{}NT${grouped}", if amount < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_speaks_chinese_or_nothing_gets_chinese() {
        for (locale, wanted) in [
            (Some("zh-TW"), Language::Chinese),
            (Some("zh_HK"), Language::Chinese),
            (None, Language::Chinese),
            (Some("en-US"), Language::English),
            (Some("de-AT"), Language::English),
        ] {
            assert_eq!(spoken(locale), wanted, "{locale:?}");
        }
    }

    #[test]
    fn amounts_are_grouped() {
        for (amount, wanted) in [
            (1, "NT$1"),
            (999, "NT$999"),
            (1_000, "NT$1,000"),
            (1_234_567, "NT$1,234,567"),
            (-500, "-NT$500"),
        ] {
            assert_eq!(dollars(amount), wanted);
        }
    }

    #[test]
    fn every_state_that_is_told_has_words_in_both_languages() {
        for language in Language::ALL {
            for state in PaymentState::ALL {
                let told = state.has_money() || state == PaymentState::Failed;
                assert_eq!(happened(language, state).is_some(), told, "{state:?}");
            }
            for state in RefundState::ALL {
                let told =
                    matches!(state, RefundState::Done | RefundState::Declined | RefundState::NeedsPerson);
                assert_eq!(refund(language, state).is_some(), told, "{state:?}");
            }
            for words in [unseen, open] {
                assert!(words(language, 3).contains('3') && !words(language, 0).contains('0'));
            }
        }
    }

    #[test]
    fn the_tray_says_what_waits_and_what_quitting_means() {
        let of = |refunds, requests| UnfinishedView { refunds, requests, ..UnfinishedView::default() };
        for (left_now, chinese, english) in [
            (of(0, 0), "沒有等待中的退款", "No refund waits"),
            (of(1, 0), "1 筆退款未完成", "1 refund waits"),
            (of(2, 3), "2 筆退款未完成", "2 refunds wait"),
            (of(0, 1), "1 筆要求等銀行答覆", "1 request waits for a bank"),
            (of(0, 2), "2 筆要求等銀行答覆", "2 requests wait for a bank"),
        ] {
            assert_eq!(
                [left(Language::Chinese, &left_now), left(Language::English, &left_now)],
                [chinese, english]
            );
            let says = |demo| {
                let line = quit(Language::English, &left_now, demo);
                (line.contains("nothing is lost"), line.contains("keeps nothing"))
            };
            let waits = !left_now.is_nothing();
            assert_eq!((says(false), says(true)), ((waits, false), (false, waits)), "{left_now:?}");
        }
    }
}
