//! The sentences about refunds: two catalogues with equal keys, `text/refunds.zh-TW.json` and its
//! English twin. Left out: which sentence is due (`refunds.rs` and the files beside this one).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{RefundWhyView, SaidView};
use crate::text::Language;

/// A reason with its sentence.
pub(super) fn named(why: &'static str, values: &[(&str, String)]) -> RefundWhyView {
    RefundWhyView { why, text: said(why, values) }
}

/// The sentence of this key, in both languages.
pub(super) fn said(key: &str, values: &[(&str, String)]) -> SaidView {
    let [text_zh, text_en] = Language::ALL.map(|language| filled(language, key, values));
    SaidView { text_zh, text_en }
}

fn filled(language: Language, key: &str, values: &[(&str, String)]) -> String {
    let text = sentences(language).get(key).cloned().unwrap_or_else(|| key.to_owned());
    values.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

type Sentences = BTreeMap<String, String>;

fn sentences(language: Language) -> &'static Sentences {
    static CHINESE: OnceLock<Sentences> = OnceLock::new();
    static ENGLISH: OnceLock<Sentences> = OnceLock::new();
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or_default();
    match language {
        Language::Chinese => CHINESE.get_or_init(|| parsed(include_str!("../text/refunds.zh-TW.json"))),
        Language::English => ENGLISH.get_or_init(|| parsed(include_str!("../text/refunds.en.json"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BY_HAND, TRANSFER, before, changed_key, outcome, ways};
    use super::*;
    use counterfoil_domain::RefundStatus;
    use counterfoil_domain::refund::{Choice, Confirmed, RefundAlarm, RefundWhy, WaitWhy, Way};
    use counterfoil_domain::{BankState, CardState, RefundState};

    /// Sentences that only screens show.
    const OF_SCREENS: [&str; 17] = [
        "now.at-once",
        "now.people",
        "now.either",
        "now.own",
        "now.no-bank-time",
        "now.none-yet",
        "now.none",
        "then.transfer",
        "then.cancel",
        "then.refund",
        "progress.approve",
        "progress.confirm",
        "side.sent",
        "seen.not-there",
        "seen.nothing",
        "seen.no-refund-in-bill",
        "seen.with-refunds",
    ];

    #[test]
    fn every_reason_and_state_has_its_sentence_in_both_languages() {
        let whys = RefundWhy::all().map(|why| why.name().to_owned());
        let states = RefundState::ALL.into_iter().map(|state| format!("state.{}", state.name()));
        let told = Way::ALL
            .into_iter()
            .flat_map(|way| [format!("told.{}", way.name()), changed_key(way).to_owned()]);
        let words = Confirmed::ALL.map(|confirmed| format!("confirmed.{}", confirmed.name()));
        let alarms = RefundAlarm::ALL.map(|alarm| format!("alarm.{}", alarm.name()));
        let choices = Choice::ALL.into_iter().flat_map(|choice| {
            let key = format!("choice.{}", choice.name());
            [format!("{key}.about"), key]
        });
        let others = told
            .chain(words)
            .chain(alarms)
            .chain(choices)
            .chain(["changed.batch", before::SECOND].map(str::to_owned))
            .chain(OF_SCREENS.map(str::to_owned))
            .chain(CardState::ALL.map(|state| outcome::card_key(state).to_owned()))
            .chain(BankState::ALL.map(|state| format!("seen.{}", state.name())));
        let others =
            others.chain([outcome::TAKEN, outcome::PENDING, outcome::REFUSED_CODE].map(str::to_owned));
        let statuses = RefundStatus::ALL.map(|status| outcome::status_key(status).to_owned());
        let others = others.chain(statuses).chain(
            [BY_HAND, TRANSFER, ways::UNCLEAR, ways::UNLISTED, ways::LATE, ways::REFUSED, ways::WANTED]
                .map(str::to_owned),
        );
        let wanted: std::collections::BTreeSet<String> = whys.chain(states).chain(others).collect();
        for language in Language::ALL {
            let have: std::collections::BTreeSet<String> = sentences(language).keys().cloned().collect();
            assert_eq!(have, wanted, "{language:?}");
            let computer = match language {
                Language::Chinese => "（本機須開機）",
                Language::English => "with this computer on",
            };
            // who waits is told until when, and that nothing goes on without the computer
            for why in WaitWhy::ALL {
                let text =
                    filled(language, why.name(), &[("until", "22:10".into()), ("start", "20:00".into())]);
                assert!(text.contains("22:10") && !text.contains('{'), "{language:?} {why:?}: {text}");
                assert!(text.contains(computer), "{language:?} {why:?}: {text}");
            }
        }
    }
}
