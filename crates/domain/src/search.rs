//! What was typed into the search box, read: an amount, the end of an account, the beginning of a
//! bank's number, a day, and always words. All that it can be is looked for.
//!
//! Words: every character beyond ASCII is one of its own, so that any part of a Chinese name is
//! found; a run of ASCII letters and digits is one, in lower case. Signs and blanks part words. The
//! data file keeps words, so the rule uses fixed ranges and not tables that grow with Unicode:
//! **whoever changes it must rebuild the file's words**.
//!
//! Left out: other forms of the same letter (`É` and `é`, half-width katakana), and parts of a
//! Latin word other than its beginning.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::money::{Twd, half_width};
use crate::time::day_plus;

/// No more of what was typed is looked at.
pub const SEARCH_CHARS_MAX: usize = 100;
/// The shortest end of an account that is looked for, and its whole length.
const TAIL_DIGITS: std::ops::RangeInclusive<usize> = 3..=14;
/// The shortest beginning of a bank's number: its second.
const NUMBER_CHARS: std::ops::RangeInclusive<usize> = 6..=20;
/// The year 1 of the Republic is 1912.
const ROC_YEARS: i32 = 1_911;
/// From so many characters on, the last word may be the beginning of a longer one.
const BEGINNING_CHARS_MIN: usize = 2;

/// What is looked for: orders to which any of these applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The price.
    pub amount: Option<Twd>,
    /// The last digits of a virtual account.
    pub account_end: Option<String>,
    /// The first characters of the number that the bank sees.
    pub number_start: Option<String>,
    /// The bank's day of the sale, or of the payment.
    pub day: Option<NaiveDate>,
    /// Both of them typed: the price, and the day of the sale or of the payment.
    pub amount_on: Option<(Twd, NaiveDate)>,
    /// Description, name and note must hold all of these; none: words are not looked for.
    pub phrases: Vec<Phrase>,
    /// Where words are looked for.
    pub look_in: LookIn,
}

/// The texts of an order in which words are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LookIn {
    /// Description, name and note.
    #[default]
    All,
    /// The description.
    Descriptions,
    /// The description as whoever may not see names is shown it: a guess confirms no hidden text.
    Shown,
}

/// Words side by side in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// At least one, each of ASCII letters and digits, or one character beyond ASCII.
    pub words: Vec<String>,
    /// The last word may be the beginning of a longer one.
    pub open_ended: bool,
}

impl Search {
    /// Reads what was typed on a day. `None`: there is nothing in it to look for.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use counterfoil_domain::{Search, Twd};
    ///
    /// let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    /// let digits = Search::read("1200", today).unwrap();
    /// assert_eq!(digits.amount, Some(Twd::new(1_200)));
    /// assert_eq!(digits.account_end.as_deref(), Some("1200"));
    /// assert_eq!(Search::read("昨天", today).unwrap().day, today.pred_opt());
    /// assert_eq!(Search::read("。", today), None);
    /// ```
    pub fn read(typed: &str, today: NaiveDate) -> Option<Self> {
        let text = narrow(typed);
        let text = text.trim();
        let search = Self {
            amount: amount(text),
            amount_on: amount_on(text, today),
            account_end: account_end(text),
            number_start: number_start(text),
            day: day(text, today),
            phrases: phrases(text),
            look_in: LookIn::All,
        };
        (search != Self::default()).then_some(search)
    }
}

/// A day alone, in any of the forms that the search box reads.
pub(crate) fn day_typed(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    day(narrow(typed).trim(), today)
}

fn narrow(typed: &str) -> String {
    typed.chars().take(SEARCH_CHARS_MAX).map(half_width).collect()
}

/// The words of a text with a blank between, as they are kept for searching.
pub fn words(text: &str) -> String {
    split(text).join(" ")
}

/// Blanks and hyphens may part the groups of an account.
fn account_end(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let is_end = TAIL_DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_end.then_some(digits)
}

fn number_start(text: &str) -> Option<String> {
    let is_start = NUMBER_CHARS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    is_start.then(|| text.to_ascii_uppercase())
}

/// `12600`, `NT$12,600`, `12600元`.
fn amount(text: &str) -> Option<Twd> {
    Twd::parse(text.strip_suffix(['元', '塊', '圓']).unwrap_or(text), Twd::WIRE_MAX).ok()
}

/// An amount and a day with a blank between, in either order.
fn amount_on(text: &str, today: NaiveDate) -> Option<(Twd, NaiveDate)> {
    let blanks = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    blanks.filter_map(|at| text.split_at_checked(at)).find_map(|(before, behind)| {
        let (before, behind) = (before.trim(), behind.trim());
        let either = |sum, on| amount(sum).zip(day(on, today));
        either(before, behind).or_else(|| either(behind, before))
    })
}

/// `週二` and `Tue` are the last one there was, today too; `上週二` is the one of the week before,
/// and `last Tue` the last one before today.
fn weekday(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let monday = day_plus(today, -i64::from(today.weekday().num_days_from_monday()));
    let (week, rest) = ["上個", "上", "這個", "這", "本"]
        .iter()
        .find_map(|week| text.strip_prefix(week).map(|rest| (Some(week.starts_with('上')), rest)))
        .unwrap_or((None, text));
    let named = ["星期", "禮拜", "週", "周"].iter().find_map(|word| rest.strip_prefix(word));
    let of_week =
        named.and_then(|name| ["一", "二", "三", "四", "五", "六", "日"].iter().position(|d| *d == name));
    let of_week = of_week.or_else(|| named.filter(|name| *name == "天").map(|_| 6));
    if let Some(number) = of_week.and_then(|number| i64::try_from(number).ok()) {
        let this_week = day_plus(monday, number);
        return Some(match week {
            Some(true) => day_plus(this_week, -7),
            None if this_week > today => day_plus(this_week, -7),
            Some(false) | None => this_week,
        });
    }
    let text = text.to_ascii_lowercase();
    let (is_last, name) = text.strip_prefix("last ").map_or((false, text.as_str()), |name| (true, name));
    let weekday: Weekday = name.parse().ok()?;
    let back = i64::from(today.weekday().days_since(weekday));
    Some(day_plus(today, -if is_last && back == 0 { 7 } else { back }))
}

/// `2026/11/21`, `2026-11-21`, of this or the last year `11/21` and `11月21日`, of the Republic
/// `115/11/21`, the words for today and yesterday, and weekdays.
fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    match text.to_ascii_lowercase().as_str() {
        "今天" | "今日" | "today" => return Some(today),
        "昨天" | "昨日" | "yesterday" => return Some(day_plus(today, -1)),
        _ => {}
    }
    if let Some(day) = weekday(text, today) {
        return Some(day);
    }
    let written = text.strip_suffix(['日', '號']).map(|text| text.replace(['年', '月'], "/"));
    let text = written.as_deref().unwrap_or(text);
    let parts: Vec<&str> = text.split(['/', '-']).collect();
    let number = |part: &&str| part.parse::<u32>().ok().filter(|_| part.len() <= 4);
    let numbers: Option<Vec<u32>> = parts.iter().map(number).collect();
    match numbers?[..] {
        [month, day] => {
            let this_year = NaiveDate::from_ymd_opt(today.year(), month, day)?;
            if this_year <= today { Some(this_year) } else { this_year.with_year(today.year() - 1) }
        }
        [year, month, day] => {
            let year = i32::try_from(year).ok()?;
            NaiveDate::from_ymd_opt(if year < 1_000 { year + ROC_YEARS } else { year }, month, day)
        }
        _ => None,
    }
}

/// Parts between blanks may be anywhere; the words of one part are side by side.
fn phrases(text: &str) -> Vec<Phrase> {
    let parts = text.split_whitespace().map(split).filter(|words| !words.is_empty());
    let mut phrases: Vec<_> = parts.map(|words| Phrase { words, open_ended: false }).collect();
    if let Some(last) = phrases.last_mut() {
        last.open_ended =
            last.words.last().is_some_and(|word| word.is_ascii() && word.len() >= BEGINNING_CHARS_MIN);
    }
    phrases
}

fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut run = String::new();
    for c in text.chars().map(half_width) {
        if c.is_ascii_alphanumeric() {
            run.push(c.to_ascii_lowercase());
            continue;
        }
        if !run.is_empty() {
            words.push(std::mem::take(&mut run));
        }
        if !c.is_ascii() && !parts(c) {
            words.push(c.to_string());
        }
    }
    if !run.is_empty() {
        words.push(run);
    }
    words
}

/// Signs and blanks beyond ASCII, and what cannot be seen.
const fn parts(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{A9}' | '\u{AB}'..='\u{B1}' | '\u{B4}' | '\u{B6}'..='\u{B8}' | '\u{BB}' | '\u{BF}'
        | '\u{1680}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}'
        | '\u{303D}' | '\u{30FB}' | '\u{FE00}'..='\u{FE1F}' | '\u{FE30}'..='\u{FE6F}' | '\u{FEFF}'
        | '\u{FF5F}'..='\u{FF65}' | '\u{FFF0}'..='\u{FFFF}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn read(typed: &str) -> Search {
        Search::read(typed, today()).unwrap()
    }

    #[test]
    fn a_day_is_read_in_every_form_that_people_write() {
        let on = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (typed, day) in [
            ("今天", on(2026, 11, 22)),
            ("Yesterday", on(2026, 11, 21)),
            ("2026/11/21", on(2026, 11, 21)),
            ("２０２６-1-2", on(2026, 1, 2)),
            ("11/22", on(2026, 11, 22)),
            ("11/23", on(2025, 11, 23)),
            ("115/2/28", on(2026, 2, 28)),
            ("999/1/1", on(2_910, 1, 1)),
            ("1000/1/1", on(1_000, 1, 1)),
            ("2/30", None),
            ("2026/13/1", None),
            ("11/22/33/44", None),
            ("1122", None),
            ("昨天的茶", None),
            // 2026-11-22 is a Sunday
            ("上週二", on(2026, 11, 10)),
            ("上星期日", on(2026, 11, 15)),
            ("上個禮拜天", on(2026, 11, 15)),
            ("週二", on(2026, 11, 17)),
            ("星期日", on(2026, 11, 22)),
            ("這週五", on(2026, 11, 20)),
            ("last Tue", on(2026, 11, 17)),
            ("last Sunday", on(2026, 11, 15)),
            ("Sun", on(2026, 11, 22)),
            ("11月21日", on(2026, 11, 21)),
            ("115年2月28號", on(2026, 2, 28)),
            ("上週八", None),
            ("週", None),
        ] {
            assert_eq!(read(typed).day, day, "{typed}");
        }
    }

    #[test]
    fn an_amount_and_a_day_are_looked_for_together() {
        let both =
            |day: (u32, u32)| NaiveDate::from_ymd_opt(2026, day.0, day.1).map(|on| (Twd::new(12_600), on));
        for (typed, found) in [
            ("12600 上週二", both((11, 10))),
            ("上週二 12,600元", both((11, 10))),
            ("NT$12600  last tue", both((11, 17))),
            ("last tue 12600", both((11, 17))),
            ("１２６００　11/21", both((11, 21))),
            ("12600元", None),
            ("12600 王小姐", None),
            ("12600 11/24 x", None),
        ] {
            assert_eq!(Search::read(typed, today()).and_then(|search| search.amount_on), found, "{typed}");
        }
        assert_eq!(read("12600元").amount, Some(Twd::new(12_600)));
    }

    fn phrase(words: &[&str], open_ended: bool) -> Phrase {
        Phrase { words: words.iter().map(|w| (*w).to_owned()).collect(), open_ended }
    }

    #[test]
    fn what_was_typed_is_all_that_it_can_be() {
        let digits = read("１２００");
        assert_eq!(digits.amount, Some(Twd::new(1_200)));
        assert_eq!(digits.account_end.as_deref(), Some("1200"));
        assert_eq!(digits.number_start, None);
        assert_eq!(digits.phrases, [phrase(&["1200"], true)]);
        assert_eq!(read("NT$1,200").amount, Some(Twd::new(1_200)));
        assert_eq!(read("NT$1,200").account_end, None);
        assert_eq!(read("9992-2512 3456 78").account_end.as_deref(), Some("99922512345678"));
        for (typed, expected) in [("12", None), ("123", Some("123")), ("999225123456789", None)] {
            assert_eq!(read(typed).account_end.as_deref(), expected, "{typed}");
        }
        assert_eq!(read("tk3x9a").number_start.as_deref(), Some("TK3X9A"));
        assert_eq!(read("tk3x9").number_start, None);
        assert_eq!(read("tk3x9-a").number_start, None);
        for nothing in ["", " 　", "\0", "\"", "*()-:^", "。、", "\u{200b}"] {
            assert_eq!(Search::read(nothing, today()), None, "{nothing:?}");
        }
    }

    #[test]
    fn words_of_texts() {
        assert_eq!(words("林小姐 LINE:Amy_1２"), "林 小 姐 line amy 12");
        assert_eq!(words("さくら 김치 A4紙🍵"), "さ く ら 김 치 a4 紙 🍵");
        assert_eq!(words("𠮷野\u{fe00}家"), "𠮷 野 家");
        assert_eq!(words("\"*()\0 NEAR"), "near");
        assert_eq!(read("小姐 am").phrases, [phrase(&["小", "姐"], false), phrase(&["am"], true)]);
        // one letter begins half of all words
        assert_eq!(read("a").phrases, [phrase(&["a"], false)]);
        assert_eq!(read("am 小").phrases, [phrase(&["am"], false), phrase(&["小"], false)]);
    }

    proptest! {
        #[test]
        fn nothing_but_words_comes_out_and_never_many(typed in any::<String>(), more in ".{0,300}") {
            for text in [&typed, &more] {
                let Some(search) = Search::read(text, today()) else { continue };
                let all: Vec<_> = search.phrases.iter().flat_map(|p| &p.words).collect();
                prop_assert!(all.len() <= SEARCH_CHARS_MAX);
                prop_assert!(search.phrases.iter().all(|p| !p.words.is_empty()));
                for word in all {
                    let one = word.chars().count() == 1 && !word.is_ascii();
                    let run = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                    prop_assert!(!word.is_empty() && (one || run), "{word:?}");
                }
            }
        }

        #[test]
        fn words_are_found_again(text in ".{0,60}") {
            let kept = words(&text);
            prop_assert_eq!(&words(&kept), &kept);
            let typed: Vec<String> =
                Search::read(&text, today()).map(|s| s.phrases).unwrap_or_default().into_iter().flat_map(|p| p.words).collect();
            prop_assert_eq!(typed.join(" "), kept);
        }
    }
}
