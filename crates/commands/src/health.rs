//! Warnings for a screen, and the operations still open.

use counterfoil_domain::{Bank, Moment, OperationState, Rail, RefundState, Twd};
use counterfoil_engine::ports::{FileDoubt, ForeignMoney, Store};
use counterfoil_engine::{BankHealth, BankTimes, Health};
use serde::Serialize;
use ts_rs::TS;

use crate::error::CommandError;
use crate::failure::Failure;
use crate::people::PersonView;
use crate::refunds::before::RefundAlarmView;
use crate::text::{Language, is_refusal, lasting, sentences};
use crate::views::{WorkView, is_false, time};

/// What is wrong now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HealthView {
    /// The bank, or the way to it, does not answer.
    pub bank: Option<SilenceView>,
    /// CTBC, or the way to it, does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ctbc: Option<SilenceView>,
    /// By how many seconds this computer's clock is behind the bank's; more than a minute either
    /// way.
    #[ts(type = "number | null")]
    pub clock_off_s: Option<i64>,
    /// The clocks of the banks that the shop has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ClockView>>")]
    pub clocks: Vec<ClockView>,
    /// Refunds that rest at a bank for too long.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<RefundAlarmView>>")]
    pub refunds: Vec<RefundAlarmView>,
    /// Owners whose lost PIN was replaced from this computer's account in the last 30 days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<PersonView>>")]
    pub recovered: Vec<PersonView>,
    /// One-person mode is on.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub one_person: bool,
    /// A customer was erased while another program read the data file: until that ends, the log
    /// beside the file still holds the name.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub erasure_unfinished: bool,
    /// Copies of the data file that erasing does not reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub copies: Option<CopiesView>,
    /// Money at the bank that this data file does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub foreign: Option<ForeignSumView>,
    /// The data file is not the one that this computer had last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub file: Option<FileDoubtView>,
    /// Banks of the shop whose keys are lost. The other one goes on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ShutView>>")]
    pub shut: Vec<ShutView>,
    /// The port of the shop's return address that another program has: no browser comes back to
    /// this one, and a CTBC page cannot be handed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub port_taken: Option<u16>,
    /// Why nothing is sold or asked for the time being; what is there can be looked at.
    pub paused: Option<Failure>,
}

/// Files in the shop's folder that look like copies of its data and that this program did not make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CopiesView {
    /// Their names.
    pub files: Vec<String>,
    /// What they are, and what to do.
    pub zh: String,
    /// What they are, and what to do.
    pub en: String,
}

impl CopiesView {
    /// Of these files; nothing where there are none.
    pub fn of(files: Vec<String>) -> Option<Self> {
        let text = |language| sentences(language).get("named-copies-by-hand").cloned().unwrap_or_default();
        let [zh, en] = Language::ALL.map(text);
        (!files.is_empty()).then_some(Self { files, zh, en })
    }
}

/// Money that a person has to look at, because no order of this data file explains it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ForeignSumView {
    /// How many numbers.
    #[ts(type = "number")]
    pub count: usize,
    /// Whole dollars of those that the bank names an amount of.
    #[ts(type = "number")]
    pub sum: i64,
}

/// What the health of a shop says of it; nothing where there is none.
///
/// # Errors
/// Of the store.
pub fn foreign_sum<S: Store>(store: &S) -> Result<Option<ForeignSumView>, CommandError> {
    let lines = store.foreign_money(ForeignMoney::Open)?;
    let sum = lines.iter().filter_map(|line| line.amount).map(Twd::dollars).sum();
    Ok((!lines.is_empty()).then_some(ForeignSumView { count: lines.len(), sum }))
}

impl HealthView {
    /// For a locked window: what every passer-by may know of the shop. No refund and no person.
    #[must_use]
    pub fn masked(self) -> Self {
        Self { refunds: Vec::new(), recovered: Vec::new(), copies: None, foreign: None, ..self }
    }
}

/// A bank that is not spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ShutView {
    /// Which one.
    #[ts(type = "Bank")]
    pub bank: Bank,
    /// Why.
    pub why: Failure,
}

/// A data file that is not the one of before, until an owner accepts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FileDoubtView {
    /// `older-file` or `other-file`.
    #[ts(type = "\"older-file\" | \"other-file\"")]
    pub kind: &'static str,
    /// The last that the file knows of the time before.
    pub from: String,
    /// When it was opened.
    pub to: String,
}

impl From<FileDoubt> for FileDoubtView {
    fn from(doubt: FileDoubt) -> Self {
        Self { kind: doubt.kind.name(), from: time(doubt.from), to: time(doubt.to) }
    }
}

/// What a screen may say of a bank's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ClockView {
    /// Which bank.
    #[ts(type = "Bank")]
    pub bank: Bank,
    /// Bank time.
    pub now: String,
    /// The bank has told it since the start, or this computer's clock was right in the run before.
    pub known: bool,
    /// By how many seconds this computer's clock is behind the time that the bank names, while
    /// that is too far off to be believed at once. Whether it is right shows within minutes.
    #[ts(type = "number | null")]
    pub doubted_by_s: Option<i64>,
}

/// Since when nothing came, or the bank refuses what this shop asks, and what it looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SilenceView {
    /// The first question without an answer.
    pub since: String,
    /// Ours: `timeout`, `dns`, `http-502` …
    pub code: String,
    /// What it means.
    pub zh: String,
    /// What it means.
    pub en: String,
    /// What a person can do about it.
    pub step_zh: Option<String>,
    /// What a person can do about it.
    pub step_en: Option<String>,
    /// The bank answers, and refuses to serve this shop.
    pub refused: bool,
    /// When it is asked next, where that is known.
    pub next_at: Option<String>,
}

/// What is wrong now, as a screen shows it, without the people. `clocks`: of the banks that the
/// shop has; `wall`: what this computer's clock shows; `refunds`: of [`crate::refund_alarms`].
pub fn health_view(
    health: &Health,
    clocks: &[(Bank, BankTimes)],
    wall: Moment,
    refunds: Vec<RefundAlarmView>,
    paused: Option<&CommandError>,
) -> HealthView {
    let next_at = |bank| clocks.iter().find(|(of, _)| *of == bank).and_then(|(_, times)| times.next_try);
    let of = |bank: Bank, rail| {
        let BankHealth { silence, refused, .. } = health.of(bank);
        let said = refused.as_ref().or(silence.as_ref())?;
        let [(zh, step_zh), (en, step_en)] =
            Language::ALL.map(|language| lasting(language, rail, &said.code));
        Some(SilenceView {
            since: time(said.since),
            code: said.code.clone(),
            zh,
            en,
            step_zh,
            step_en,
            refused: refused.is_some() || is_refusal(&said.code),
            next_at: next_at(bank).map(time),
        })
    };
    let clock = |(bank, times): &(Bank, BankTimes)| ClockView {
        bank: *bank,
        now: time(times.at),
        known: times.known,
        doubted_by_s: times.named.map(|named| named.ms_since(wall) / 1000),
    };
    HealthView {
        bank: of(Bank::Sinopac, Rail::SinopacAccount),
        ctbc: of(Bank::Ctbc, Rail::CtbcCard),
        clocks: clocks.iter().map(clock).collect(),
        clock_off_s: health.clock_off_ms.map(|ms| ms / 1000),
        refunds,
        recovered: Vec::new(),
        one_person: false,
        erasure_unfinished: false,
        copies: None,
        foreign: None,
        file: None,
        port_taken: None,
        shut: Vec::new(),
        paused: paused.cloned().map(Failure::from),
    }
}

/// Adds what is still open to the counts of a run.
///
/// # Errors
/// Of the store.
pub fn work_view<S: Store>(store: &S, mut view: WorkView) -> Result<WorkView, CommandError> {
    let open = store.open_operations()?;
    // a step counts with its refund
    let alone = open.iter().filter(|op| op.refund.is_none());
    let refunds = store.open_refunds()?;
    let person = |is: bool| u64::from(is);
    let ops = alone.map(|op| person(op.state == OperationState::NeedsPerson));
    let people = ops.chain(refunds.iter().map(|refund| person(refund.state == RefundState::NeedsPerson)));
    let (people, all) = people.fold((0, 0), |(people, all), is| (people + is, all + 1));
    view.needs_person = people;
    view.waiting = all - people;
    Ok(view)
}

#[cfg(test)]
mod tests {
    use counterfoil_engine::Silence;

    use super::*;
    use crate::text::bank_code;

    const WALL: Moment = Moment::from_millis(1_000_000_000_000);

    fn silence(code: &str) -> Silence {
        Silence { since: Moment::from_millis(0), code: code.into() }
    }

    fn told(health: &Health) -> HealthView {
        health_view(health, &[], WALL, Vec::new(), None)
    }

    fn ailing(banks: impl IntoIterator<Item = (Bank, BankHealth)>) -> Health {
        let mut health = Health::default();
        for (bank, ails) in banks {
            *health.banks.get_mut(bank) = ails;
        }
        health
    }

    #[test]
    fn the_silence_of_each_bank_is_told_from_its_own_book() {
        let of = |code| BankHealth { silence: Some(silence(code)), ..BankHealth::default() };
        let view = told(&ailing([(Bank::Sinopac, of("http-401")), (Bank::Ctbc, of("html"))]));
        let cause = |rail, code| bank_code(Language::Chinese, rail, code).map(|entry| entry.cause.clone());
        assert_eq!(view.bank.map(|of| of.zh), cause(Rail::SinopacCard, "http-401"));
        let ctbc = view.ctbc.unwrap();
        assert_eq!(ctbc.zh, "收到的是網頁，不是銀行的回覆：可能是防火牆或需要登入的網路。");
        assert!(!ctbc.refused && ctbc.step_zh.is_some_and(|step| step.contains("檢查網路")));
        let refused = BankHealth {
            silence: Some(silence("timeout")),
            refused: Some(silence("E0102")),
            clock_doubted: true,
        };
        let view = told(&ailing([(Bank::Sinopac, refused)]));
        assert_eq!(view.bank.map(|of| (of.code, of.refused)), Some(("E0102".to_owned(), true)));
    }

    #[test]
    fn a_network_address_is_refused_by_either_bank_in_the_same_way() {
        let of = |code| BankHealth { silence: Some(silence(code)), ..BankHealth::default() };
        let times = BankTimes { at: WALL, known: true, named: None, next_try: Some(WALL.plus_ms(60_000)) };
        let health = ailing([(Bank::Sinopac, of("http-499")), (Bank::Ctbc, of("9/nz"))]);
        let view = health_view(&health, &[(Bank::Ctbc, times)], WALL, Vec::new(), None);
        for said in [view.bank.clone().unwrap(), view.ctbc.clone().unwrap()] {
            assert!(said.refused, "{said:?}");
            for text in [&said.zh, &said.en] {
                assert!(!text.contains("什麼都沒") && !text.contains("nothing"), "{text}");
            }
            assert!(said.step_zh.is_some_and(|step| step.contains("固定 IP")), "{}", said.code);
        }
        assert_eq!(view.bank.unwrap().next_at, None, "nobody knows");
        assert_eq!(view.ctbc.unwrap().next_at, Some(WALL.plus_ms(60_000).to_string()));
    }

    #[test]
    fn each_clock_is_told_with_what_is_known_of_it() {
        let known = BankTimes { at: WALL, known: true, named: None, next_try: None };
        let named = Some(WALL.plus_ms(-7_200_000));
        let doubted = BankTimes { known: false, named, ..known };
        let clocks = [(Bank::Sinopac, known), (Bank::Ctbc, doubted)];
        let view = health_view(&Health::default(), &clocks, WALL, Vec::new(), None);
        let seen: Vec<_> = view.clocks.iter().map(|c| (c.bank, c.known, c.doubted_by_s)).collect();
        assert_eq!(seen, [(Bank::Sinopac, true, None), (Bank::Ctbc, false, Some(-7_200))]);
        assert_eq!(view.clocks[0].now, WALL.to_string());
    }

    /// The bar adds the code last, in small; before it are words, in both languages.
    #[test]
    fn a_refusal_of_the_shop_is_told_by_its_cause() {
        let refused = |code: &str| BankHealth { refused: Some(silence(code)), ..BankHealth::default() };
        for code in ["E0100", "E0101", "E0102"] {
            let view = told(&ailing([(Bank::Sinopac, refused(code))]));
            let said = view.bank.unwrap();
            assert!(said.refused && view.ctbc.is_none());
            assert!(said.zh.contains("商店") && said.en.contains("shop") && said.zh != said.en, "{code}");
            assert!(![said.zh, said.en].iter().any(|text| text.contains(code)), "{code}");
            assert!(said.step_zh.is_some_and(|step| step.contains("檢查設定") == (code != "E0102")));
        }
        let view = told(&ailing([(Bank::Ctbc, refused("3/32"))]));
        let said = view.ctbc.unwrap();
        assert!(said.refused && said.zh.contains("網站特店編號") && said.en.contains("MerID"));
        // a code that no book holds is not explained by a guess
        let view = told(&ailing([(Bank::Sinopac, refused("E7777"))]));
        assert_eq!(
            view.bank.map(|of| (of.zh, of.en, of.step_zh)),
            Some(("E7777".into(), "E7777".into(), None))
        );
    }
}
