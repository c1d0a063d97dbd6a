//! The few words that the system shows for us outside the window, in the language of the system.
//!
//! Outside, because a tray menu and a notification are the desktop's; the words of the window are the screens' own (`ui/src/text`).

use counterfoil_commands::text::Language;

/// The language that the desktop speaks: Chinese of any kind is Chinese, and so is a system that does not say.
pub(crate) fn language() -> Language {
    spoken(sys_locale::get_locale().as_deref())
}

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

/// The line of the tray menu that ends the program.
pub(crate) fn quit(language: Language) -> &'static str {
    match language {
        Language::Chinese => "結束",
        Language::English => "Quit",
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

/// What is told about a payment that came to this state; nothing for a state that waits for nobody.
pub(crate) fn happened(language: Language, state: &str) -> Option<&'static str> {
    Some(match (language, state) {
        (Language::Chinese, "paid" | "settled") => "已付款",
        (Language::Chinese, "paid-late") => "逾期入帳",
        (Language::Chinese, "failed") => "付款失敗",
        (Language::English, "paid" | "settled") => "Paid",
        (Language::English, "paid-late") => "Paid after the end",
        (Language::English, "failed") => "Payment failed",
        (Language::Chinese | Language::English, _) => return None,
    })
}

/// What stands before everything that is told of a shop without real money; nothing in a real one.
pub(crate) fn practice(language: Language, environment: Option<&str>) -> &'static str {
    match (language, environment) {
        (_, Some("production")) => "",
        (Language::Chinese, Some("sandbox")) => "【測試】",
        (Language::English, Some("sandbox")) => "[TEST] ",
        (Language::Chinese, Some(_) | None) => "【示範】",
        (Language::English, Some(_) | None) => "[DEMO] ",
    }
}

/// The way the money came.
pub(crate) fn rail(language: Language, rail: &str) -> &'static str {
    match (language, rail) {
        (Language::Chinese, "sinopac-account") => "虛擬帳號",
        (Language::Chinese, "sinopac-card") => "刷卡連結",
        (Language::Chinese, "ctbc-card") => "中信刷卡",
        (Language::English, "sinopac-account") => "Virtual account",
        (Language::English, "sinopac-card") => "Card link",
        (Language::English, "ctbc-card") => "CTBC card",
        (Language::Chinese | Language::English, _) => "",
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
            for state in ["paid", "settled", "paid-late", "failed"] {
                assert!(happened(language, state).is_some(), "{state}");
            }
            assert_eq!(happened(language, "awaiting"), None);
            for words in [unseen, open] {
                assert!(words(language, 3).contains('3') && !words(language, 0).contains('0'));
            }
        }
    }
}
