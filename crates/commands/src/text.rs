//! Sentences. Two catalogues with equal keys: zh-TW written first, English complete. The codes of
//! each bank, and ours about its answers, have a book of their own: cause and next step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use counterfoil_domain::{Operation, OperationState, Rail};
use serde::Deserialize;
use serde_json::Value;

use crate::code::Code;

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 正體中文
    Chinese,
    /// English
    English,
}

impl Language {
    /// zh-TW first.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];
}

/// Why a bank answered as it did, and what to do now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BookEntry {
    /// What happened.
    pub cause: String,
    /// The way out.
    pub step: String,
}

/// Codes after which nothing has left, or nothing was done.
const NEVER_LEFT: [&str; 9] =
    ["connect", "dns", "tls", "nonce", "unsendable", "never-left", "E3001", "E3002", "E3003"];

/// What the books say became of one request.
const OUTCOMES: [&str; 15] = [
    "：什麼都沒有送出",
    "什麼都沒有送出。",
    "，這一筆沒有送出",
    "，什麼都沒有做",
    "，什麼都沒有改變",
    "，結果不明",
    ": nothing was sent",
    "; nothing was sent",
    " Nothing was sent.",
    "; nothing was done",
    "; the bank did nothing",
    ", and nothing was changed",
    "; nothing was refunded",
    "; the outcome is not known",
    ", so the outcome is not known",
];
/// Keys that send one request again, as the books name them.
const REPEATED: [&str; 4] = ["重新開立", "再查一次", "Issue again", "Ask again"];

/// A code of SinoPac's in its file.
#[derive(Deserialize)]
struct InBoth {
    zh: BookEntry,
    en: BookEntry,
}

type Sentences = BTreeMap<String, String>;
type Book = BTreeMap<String, BookEntry>;

/// The catalogue of our own codes.
pub fn sentences(language: Language) -> &'static Sentences {
    static CHINESE: OnceLock<Sentences> = OnceLock::new();
    static ENGLISH: OnceLock<Sentences> = OnceLock::new();
    match language {
        Language::Chinese => CHINESE.get_or_init(|| parsed(include_str!("text/errors.zh-TW.json"))),
        Language::English => ENGLISH.get_or_init(|| parsed(include_str!("text/errors.en.json"))),
    }
}

/// The error book of SinoPac's codes.
pub fn sinopac_book(language: Language) -> &'static Book {
    static BOOKS: OnceLock<(Book, Book)> = OnceLock::new();
    let (chinese, english) = BOOKS.get_or_init(|| {
        let both: BTreeMap<String, InBoth> = parsed(include_str!("text/sinopac.json"));
        both.into_iter().map(|(code, InBoth { zh, en })| ((code.clone(), zh), (code, en))).unzip()
    });
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}

/// The error book of CTBC's pairs of status and errcode.
pub fn ctbc_book(language: Language) -> &'static Book {
    &ctbc(language).book
}

/// Pairs of CTBC's by which a card was refused at the counter, or its page was left: their steps
/// are about the customer. As the answer to a request they only tell why.
pub fn ctbc_card_codes(language: Language) -> &'static BTreeSet<String> {
    &ctbc(language).of_cards
}

/// The sentence of one of our codes, with its values filled in.
pub fn sentence(language: Language, code: Code, values: &BTreeMap<&'static str, Value>) -> String {
    let mut text = sentences(language).get(code.name()).cloned().unwrap_or_else(|| code.name().to_owned());
    for (name, value) in values {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text.replace(&format!("{{{name}}}"), &shown);
    }
    text
}

/// Cause and next step of a code of the rail's bank, or of ours about an answer of that bank.
pub fn bank_code(language: Language, rail: Rail, code: &str) -> Option<&'static BookEntry> {
    let book = book_of(language, rail);
    let server_error = code.starts_with("http-5").then(|| book.get("http-5xx")).flatten();
    // a status without a text of its own, as `http-418`
    let family = code.split('-').next().and_then(|head| book.get(head));
    book.get(code).or(server_error).or(family)
}

/// The state of an operation, and the code that explains it: of its last answer, or `interrupted`
/// where the program ended before there was one.
pub fn code_of(op: Operation) -> Option<(OperationState, String)> {
    let unclear = matches!(op.state, OperationState::Unknown | OperationState::NeedsPerson);
    // an unclear operation was sent: such a code is of an attempt before
    let earlier = op.state == OperationState::Unknown
        && op.code.as_deref().is_some_and(|code| NEVER_LEFT.contains(&code));
    let code = op.code.filter(|_| !earlier).or_else(|| unclear.then(|| "interrupted".to_owned()));
    code.map(|code| (op.state, code))
}

/// Cause and next step for an operation, by its state and the code of its last answer: we read out
/// what was lost, may resend what never left, and leave to a person what cannot be found out.
pub fn explained(language: Language, rail: Rail, state: OperationState, code: &str) -> Option<BookEntry> {
    use OperationState as S;
    let book = book_of(language, rail);
    let unlisted = book.get("unlisted")?;
    let said = bank_code(language, rail, code).unwrap_or(unlisted);
    let unclear = said.step.starts_with(&unlisted.step);
    let (never_left, of_card) = match rail {
        // what has not left there is the nonce
        Rail::SinopacAccount | Rail::SinopacCard => ("nonce", false),
        Rail::CtbcCard => ("not-sent", ctbc_card_codes(language).contains(code)),
    };
    // its text is about a lost answer, but nothing has left
    let unsent = || if unclear { book.get(never_left) } else { Some(said) };
    // one pair refuses one kind of request and leaves another unclear; then it is asked about,
    // whatever else it advises
    let pair_unclear = rail == Rail::CtbcCard && code.contains('/') && !unclear;
    let (cause, step) = match state {
        S::Unknown | S::Pending if pair_unclear => (said, unlisted),
        S::Planned | S::Accepted | S::Declined if of_card => (said, book.get("refused")?),
        S::Planned | S::Accepted | S::Declined | S::Pending | S::Unknown => (said, said),
        S::Sending | S::NotSent | S::NotNow => (unsent()?, book.get("retrying")?),
        S::Abandoned => (unsent()?, unsent()?),
        S::DidNotHappen => (book.get("did-not-happen")?, book.get("did-not-happen")?),
        S::NeedsPerson => (said, book.get("needs-person")?),
    };
    Some(BookEntry { cause: cause.cause.clone(), step: step.step.clone() })
}

/// Why a bank is silent or refuses this shop, and what a person can do about it. The books speak of
/// one request: what became of that, and how to repeat it, is left out here.
pub fn lasting(language: Language, rail: Rail, code: &str) -> (String, Option<String>) {
    let Some(entry) = bank_code(language, rail, code) else { return (code.to_owned(), None) };
    let cause = OUTCOMES.iter().fold(entry.cause.clone(), |cause, outcome| cause.replace(outcome, ""));
    let general = |name: &str| sentences(language).get(name).cloned();
    let step = match code {
        "connect" | "dns" | "reset" | "timeout" | "html" | "nonce" => general("lasting-network"),
        "tls" => general("lasting-tls"),
        _ => Some(entry.step.clone()).filter(|step| {
            let waits = book_of(language, rail).get("unlisted");
            !waits.is_some_and(|waits| step.starts_with(&waits.step))
                && !REPEATED.iter().any(|key| step.contains(key))
        }),
    };
    (cause, step)
}

/// A code by which a bank refuses to serve this shop: its own, or its gateway's.
pub fn is_refusal(code: &str) -> bool {
    matches!(code, "http-401" | "http-499") || !code.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A cancellation, explained to the clerk. `code`: as [`code_of`]. `None`: under way, no result
/// yet.
pub fn cancel_explained(
    language: Language,
    rail: Rail,
    state: OperationState,
    code: &str,
) -> Option<BookEntry> {
    use OperationState as S;
    let name = match state {
        S::Planned | S::Accepted => return None,
        S::Sending | S::NotSent | S::NotNow => "cancel-waits",
        S::Pending | S::Unknown => "cancel-unclear",
        S::Declined => "cancel-declined",
        S::DidNotHappen => "cancel-not-done",
        S::Abandoned => "cancel-not-sent",
        S::NeedsPerson => "cancel-needs-person",
    };
    let mut entry = own_entry(language, name)?;
    if state == S::Declined {
        let (cause, _) = lasting(language, rail, code);
        entry.cause = entry.cause.replace("{cause}", &cause);
    }
    Some(entry)
}

/// An entry for what is explained apart from any code: two sentences of the catalogue.
pub fn own_entry(language: Language, name: &str) -> Option<BookEntry> {
    let text = |name: &str| sentences(language).get(name).cloned();
    Some(BookEntry { cause: text(name)?, step: text(&format!("{name}-step"))? })
}

/// CTBC's book, put together.
#[derive(Default)]
struct Ctbc {
    book: Book,
    of_cards: BTreeSet<String>,
}

/// The format of the file: one key holds all pairs that share a text, with blanks between them.
#[derive(Default, Deserialize)]
struct CtbcFile {
    card: BTreeMap<String, InBoth>,
    requests: BTreeMap<String, InBoth>,
}

fn ctbc(language: Language) -> &'static Ctbc {
    static BOOKS: OnceLock<(Ctbc, Ctbc)> = OnceLock::new();
    let (chinese, english) = BOOKS.get_or_init(|| {
        let CtbcFile { card, requests } = parsed(include_str!("text/ctbc.json"));
        let codes = |codes: &str| codes.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let of_cards: BTreeSet<String> = card.keys().flat_map(|key| codes(key)).collect();
        let of = |entry: fn(&InBoth) -> &BookEntry| {
            let each = |(key, both): (&String, &InBoth)| {
                let entry = entry(both);
                codes(key).into_iter().map(|code| (code, entry.clone())).collect::<Vec<_>>()
            };
            Ctbc { book: card.iter().chain(&requests).flat_map(each).collect(), of_cards: of_cards.clone() }
        };
        (of(|both| &both.zh), of(|both| &both.en))
    });
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}

fn book_of(language: Language, rail: Rail) -> &'static Book {
    match rail {
        Rail::SinopacAccount | Rail::SinopacCard => sinopac_book(language),
        Rail::CtbcCard => ctbc_book(language),
    }
}

/// The catalogues are part of the program and their form is tested: a broken one reads as empty.
fn parsed<T: Default + for<'a> Deserialize<'a>>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_the_same_things() {
        let [zh, en] = Language::ALL.map(sentences);
        assert!(zh.len() > 20);
        assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        let holes = |text: &str| text.matches('{').count();
        for (code, text) in zh {
            assert_eq!(holes(text), holes(&en[code]), "{code}");
        }
    }

    #[test]
    fn a_sentence_that_names_a_command_says_first_what_to_do_in_the_window() {
        let of_the_terminal =
            ["clock-refused", "pin-missing", "pins-lost", "shop-exists", "vault-plain-text"];
        let commands = ["counterfoil ", "refund show", "people list", "shop add", " --", "{ways}"];
        let seconds =
            ["指令列", "或執行", "或再執行", "或 counterfoil", "ommand line", " or run", " or with"];
        for (code, text) in Language::ALL.into_iter().flat_map(sentences) {
            let first = |words: &[&str]| words.iter().filter_map(|words| text.find(words)).min();
            let (named, second) = (first(&commands), first(&seconds));
            let is_second = named.is_none() || second.is_some() && second <= named;
            assert!(is_second || of_the_terminal.contains(&code.as_str()), "{code}: {text}");
        }
    }

    fn explained_in(language: Language, rail: Rail, state: OperationState, code: &str) -> (String, String) {
        let entry = explained(language, rail, state, code).unwrap();
        (entry.cause, entry.step)
    }

    #[test]
    fn what_to_do_depends_on_where_the_operation_stands() {
        use OperationState as S;
        for language in Language::ALL {
            let book = sinopac_book(language);
            let text = |code: &str| (book[code].cause.clone(), book[code].step.clone());
            let said = |state, code| explained_in(language, Rail::SinopacCard, state, code);
            assert_eq!(said(S::Declined, "E0403"), text("E0403"));
            assert_eq!(said(S::Unknown, "timeout"), text("timeout"));
            assert_eq!(
                said(S::Unknown, "E7777"),
                text("unlisted"),
                "a code without a text is an unclear one"
            );
            assert_eq!(said(S::Abandoned, "connect"), text("connect"));
            assert_eq!(said(S::DidNotHappen, "timeout"), text("did-not-happen"));
            for waiting in [S::Sending, S::NotSent, S::NotNow] {
                let (cause, step) = said(waiting, "connect");
                assert_eq!((cause, step), (text("connect").0, text("retrying").1), "{waiting:?}");
            }
            assert_eq!(said(S::NeedsPerson, "E9900"), (text("E9900").0, text("needs-person").1));
        }
    }

    #[test]
    fn what_was_sent_before_the_program_ended_is_not_explained_by_an_attempt_that_never_left() {
        use OperationState as S;
        let of = |state: S, code: Option<&str>| {
            let at = counterfoil_domain::Moment::from_millis(0);
            let op = Operation {
                id: counterfoil_domain::OperationId::from_bytes([1; 16]),
                payment: counterfoil_domain::PaymentId::from_bytes([2; 16]),
                kind: counterfoil_domain::operation::OperationKind::IssueAccount,
                state,
                planned_at: at,
                due_at: at,
                attempts: 2,
                sent_at: Some(at),
                snapshot: None,
                code: code.map(str::to_owned),
                version: 1,
                refund: None,
                step: None,
                amount: None,
            };
            code_of(op).map(|(_, code)| code)
        };
        assert_eq!(of(S::Unknown, None).as_deref(), Some("interrupted"));
        assert_eq!(of(S::NeedsPerson, None).as_deref(), Some("interrupted"));
        assert_eq!(of(S::Planned, None), None);
        assert_eq!(of(S::NotSent, Some("connect")).as_deref(), Some("connect"));
        assert_eq!(of(S::Unknown, Some("timeout")).as_deref(), Some("timeout"));
        for code in NEVER_LEFT {
            assert_eq!(of(S::Unknown, Some(code)).as_deref(), Some("interrupted"), "{code}");
        }
    }

    #[test]
    fn what_never_left_is_never_called_unclear() {
        for rail in [Rail::SinopacCard, Rail::CtbcCard] {
            let book = book_of(Language::Chinese, rail);
            for code in book.keys().map(String::as_str).chain(["http-418", "http-503", "9/99"]) {
                let (cause, step) = explained_in(Language::Chinese, rail, OperationState::Abandoned, code);
                assert!(!cause.contains("結果不明") && !step.starts_with("等一下"), "{code}");
                let (cause, step) = explained_in(Language::English, rail, OperationState::Abandoned, code);
                assert!(
                    !cause.contains("outcome is not known") && !step.starts_with("Wait. Counterfoil"),
                    "{code}"
                );
            }
        }
    }

    #[test]
    fn a_code_is_looked_up_in_the_book_of_its_bank() {
        for language in Language::ALL {
            let of = |rail, code| bank_code(language, rail, code);
            for rail in [Rail::SinopacAccount, Rail::SinopacCard] {
                assert_eq!(of(rail, "E0403"), sinopac_book(language).get("E0403"));
                assert_eq!(of(rail, "timeout"), sinopac_book(language).get("timeout"));
                assert_eq!(of(rail, "8/05"), None);
            }
            assert_eq!(of(Rail::CtbcCard, "8/05"), ctbc_book(language).get("8/05"));
            assert_eq!(of(Rail::CtbcCard, "timeout"), ctbc_book(language).get("timeout"));
            assert_eq!(of(Rail::CtbcCard, "E0403"), None);
            assert_eq!(of(Rail::CtbcCard, "http-502"), ctbc_book(language).get("http-5xx"));
            assert_eq!(of(Rail::CtbcCard, "http-302"), ctbc_book(language).get("http"));
            assert_eq!(of(Rail::CtbcCard, "-1/-1"), ctbc_book(language).get("-1/-1"));
            assert_eq!(of(Rail::CtbcCard, "8/99"), None, "an unlisted pair is an unclear one");
            assert_ne!(of(Rail::CtbcCard, "timeout"), of(Rail::SinopacCard, "timeout"));
        }
    }

    #[test]
    fn an_answer_of_ctbc_is_explained_by_where_the_request_stands() {
        use OperationState as S;
        for language in Language::ALL {
            let book = ctbc_book(language);
            let text = |code: &str| (book[code].cause.clone(), book[code].step.clone());
            let said = |state, code| explained_in(language, Rail::CtbcCard, state, code);
            // a refund that a card's bank refused is not a customer who may try another card
            assert_eq!(said(S::Declined, "8/57"), (text("8/57").0, text("refused").1));
            assert_eq!(said(S::Unknown, "8/05"), (text("8/05").0, text("unlisted").1));
            // the same pair refuses one kind of request and leaves another unclear
            assert_eq!(said(S::Declined, "3/17"), text("3/17"));
            assert_eq!(said(S::Unknown, "3/17"), (text("3/17").0, text("unlisted").1));
            assert_eq!(said(S::Unknown, "3/53"), text("3/53"), "it is asked about, and says more");
            assert_eq!(said(S::Unknown, "bad-mac"), text("bad-mac"));
            assert_eq!(said(S::Unknown, "echo-differs"), text("echo-differs"));
            assert_eq!(said(S::Unknown, "8/99"), text("unlisted"));
            assert_eq!(said(S::NotNow, "3/71"), (text("3/71").0, text("retrying").1));
            assert_eq!(said(S::NotSent, "timeout"), (text("not-sent").0, text("retrying").1));
            assert_eq!(said(S::NeedsPerson, "3/56"), (text("3/56").0, text("needs-person").1));
            assert_eq!(said(S::DidNotHappen, "4/1"), text("did-not-happen"));
            for code in book.keys().filter(|code| code.contains('/')) {
                assert!(said(S::Unknown, code).1.starts_with(&book["unlisted"].step), "{code}");
                let declined = said(S::Declined, code).1;
                for selling in ["重新開立", "跟顧客說：卡", "Issue again", "Tell the customer: the card"]
                {
                    assert!(!declined.contains(selling), "{code}: {declined}");
                }
            }
        }
    }

    #[test]
    fn what_lasts_is_told_without_what_became_of_one_request() {
        for language in Language::ALL {
            let banks = [(Rail::SinopacCard, sinopac_book(language)), (Rail::CtbcCard, ctbc_book(language))];
            for (rail, code) in banks.iter().flat_map(|(rail, book)| book.keys().map(|code| (*rail, code))) {
                let (cause, step) = lasting(language, rail, code);
                let step = step.unwrap_or_default();
                for outcome in ["什麼都沒", "結果不明", "othing was", "did nothing", "outcome is"] {
                    assert!(!cause.contains(outcome) && !step.contains(outcome), "{code}: {cause}");
                }
                assert!(!REPEATED.iter().any(|key| step.contains(key)), "{code}: {step}");
                assert!(cause.ends_with(['。', '.']), "{code}: {cause}");
            }
            let check = match language {
                Language::Chinese => "檢查設定",
                Language::English => "Check settings",
            };
            let of = |rail, code| lasting(language, rail, code).1.unwrap();
            for (rail, code) in
                [(Rail::SinopacCard, "E0102"), (Rail::SinopacCard, "http-499"), (Rail::CtbcCard, "9/nz")]
            {
                assert!(!of(rail, code).contains(check), "{code}: a check cannot help");
            }
            assert!(of(Rail::SinopacCard, "E0101").contains(check));
            assert_eq!(Some(&of(Rail::CtbcCard, "timeout")), sentences(language).get("lasting-network"));
        }
        let refusals = ["E0102", "9/nz", "M0001", "http-499", "http-401"];
        assert!(refusals.into_iter().all(is_refusal));
        assert!(!["timeout", "dns", "http-503", "bad-sign"].into_iter().any(is_refusal));
    }

    #[test]
    fn a_cancellation_is_told_as_one_and_never_as_an_issue() {
        use OperationState as S;
        let states = [
            S::Sending,
            S::NotSent,
            S::NotNow,
            S::Pending,
            S::Unknown,
            S::Declined,
            S::DidNotHappen,
            S::Abandoned,
            S::NeedsPerson,
        ];
        for (language, word) in Language::ALL.into_iter().zip(["取消", "cancel"]) {
            let told = |state| cancel_explained(language, Rail::SinopacAccount, state, "E0403").unwrap();
            for state in states {
                let BookEntry { cause, step } = told(state);
                assert!(cause.contains(word), "{state:?}: {cause}");
                for selling in ["重新開立", "還沒有開出", "Issue again", "no account or link"] {
                    assert!(!cause.contains(selling) && !step.contains(selling), "{state:?}: {step}");
                }
                assert!(!cause.contains('{'), "{cause}");
            }
            let declined = lasting(language, Rail::SinopacAccount, "E0403").0;
            assert!(told(S::Declined).cause.contains(&declined));
            let [waits, paid] = ["cancel-unclear", "cancel-paid"].map(|name| own_entry(language, name));
            assert_eq!(Some(told(S::Unknown)), waits);
            assert!(paid.is_some());
            assert_eq!(cancel_explained(language, Rail::SinopacAccount, S::Accepted, ""), None);
        }
    }

    /// Beside the codes the catalogue has sentences for a cancellation, for a bank's silence, and
    /// for what was sent before an error.
    #[test]
    fn every_code_has_a_sentence_and_no_sentence_lacks_a_code() {
        let coded = sentences(Language::Chinese).keys().map(String::as_str).filter(|key| {
            !["cancel-", "lasting-", "named-", "sent-"].iter().any(|part| key.starts_with(part))
        });
        assert_eq!(coded.collect::<BTreeSet<_>>(), Code::ALL.map(Code::name).into());
    }
}
