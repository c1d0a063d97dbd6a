//! The error books of the banks' codes: every code of a bank's list, and every one of ours, has a
//! cause and a next step in both languages, in the words of the counter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use counterfoil_banks::ctbc::Action;
use counterfoil_banks::ctbc::codes::TABLE as PAIRS;
use counterfoil_banks::sinopac::codes::TABLE;
use counterfoil_banks::transport::Fault;
use counterfoil_commands::text::{BookEntry, Language, ctbc_book, ctbc_card_codes, sinopac_book};
use counterfoil_domain::{BankAnswer, Twd};

use crate::repository::{assert_none, root};

type Book = BTreeMap<String, BookEntry>;

/// Our own codes for answers without one of SinoPac's, and for how far a request got.
const OURS: &[&str] = &[
    "account-refused",
    "bad-json",
    "bad-sign",
    "did-not-happen",
    "echo-differs",
    "form",
    "html",
    "http",
    "http-401",
    "http-403",
    "http-404",
    "http-405",
    "http-415",
    "http-429",
    "http-499",
    "http-5xx",
    "interrupted",
    "link-refused",
    "needs-person",
    "never-left",
    "no-token",
    "nonce",
    "other-token",
    "retrying",
    "unlisted",
    "unsendable",
];
/// The same of CTBC, and its one pair of success.
const OURS_OF_CTBC: &[&str] = &[
    "0/00",
    "bad-json",
    "bad-mac",
    "did-not-happen",
    "echo-differs",
    "form",
    "html",
    "http",
    "http-403",
    "http-404",
    "http-405",
    "http-429",
    "http-5xx",
    "interrupted",
    "needs-person",
    "never-left",
    "no-envelope",
    "not-sent",
    "refused",
    "retrying",
    "unlisted",
    "unsendable",
];
const FAULTS: [Fault; 6] =
    [Fault::Dns, Fault::Connect, Fault::Tls, Fault::Timeout, Fault::Reset, Fault::TooLarge];
/// Codes about a refund: neither their cause nor their step may speak of selling once more.
const REFUNDS: &[&str] = &[
    "E3600", "E3601", "E3602", "E3603", "E3604", "E3605", "E3607", "E3608", "E3609", "E3610", "E3611",
    "E5501", "E9917", "E9918", "E9919", "E9920", "E9922",
];
const REFUNDS_OF_CTBC: &[&str] = &[
    "3/1", "3/7", "3/18", "3/20", "3/47", "3/51", "3/53", "3/56", "3/70", "3/71", "3/72", "4/9", "8/21",
    "9/nx", "10/28",
];
const HALF_WIDTH: &str = ",.;:?!()'\"%";
const FULL_WIDTH: &str = "，。；：？！、（）「」";

/// A bank's codes, and its book in either language.
struct Bank {
    codes: BTreeSet<&'static str>,
    refunds: &'static [&'static str],
    books: [(Language, &'static Book); 2],
}

fn banks() -> [Bank; 2] {
    let faults = || FAULTS.map(Fault::code).into_iter();
    let sinopac = TABLE.iter().map(|row| row.code).chain(faults()).chain(OURS.iter().copied());
    let ctbc = PAIRS.iter().map(|row| row.code).chain(faults()).chain(OURS_OF_CTBC.iter().copied());
    [
        Bank { codes: sinopac.collect(), refunds: REFUNDS, books: books() },
        Bank { codes: ctbc.collect(), refunds: REFUNDS_OF_CTBC, books: books_of_ctbc() },
    ]
}

fn books_of_ctbc() -> [(Language, &'static Book); 2] {
    Language::ALL.map(|language| (language, ctbc_book(language)))
}

fn books() -> [(Language, &'static Book); 2] {
    Language::ALL.map(|language| (language, sinopac_book(language)))
}

/// Every text of a book beside its code.
fn texts(book: &Book) -> impl Iterator<Item = (&str, &str)> {
    book.iter().flat_map(|(code, entry)| [(code.as_str(), entry.cause.as_str()), (code, &entry.step)])
}

/// Codes without both texts, and texts without a code.
fn holes(codes: &BTreeSet<&str>, book: &Book) -> Vec<String> {
    let told = |code: &&str| {
        book.get(*code).is_some_and(|e| !e.cause.trim().is_empty() && !e.step.trim().is_empty())
    };
    let missing = codes.iter().filter(|code| !told(code)).map(|code| format!("{code} lacks a text"));
    let nobodys = book.keys().filter(|code| !codes.contains(code.as_str()));
    missing.chain(nobodys.map(|code| format!("{code} is nobody's code"))).collect()
}

/// Who reads the same cause must be told the same step.
fn one_cause_two_steps(book: &Book) -> Vec<String> {
    let mut steps: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    let mut found = Vec::new();
    for (code, entry) in book {
        let (first, step) = *steps.entry(&entry.cause).or_insert((code, &entry.step));
        if step != entry.step {
            found.push(format!("{first} and {code} say the same, but not what to do"));
        }
    }
    found
}

/// Half-width marks in a Chinese text, but inside `30,000`; and blanks beside full-width ones.
fn typography(code: &str, text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let inside = |at: usize| {
        let near =
            |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_alphanumeric);
        near(at.checked_sub(1)) && near(Some(at + 1))
    };
    let half = letters.iter().enumerate().any(|(at, c)| HALF_WIDTH.contains(*c) && !inside(at));
    let blank = letters.windows(2).any(|two| {
        matches!(two, [a, b] if (*a == ' ' && FULL_WIDTH.contains(*b)) || (*b == ' ' && FULL_WIDTH.contains(*a)))
    });
    (half || blank || text.trim() != text).then(|| format!("{code}: {text}"))
}

/// The page shows the code last and small, below the words; so the words hold none.
fn holds_a_code(code: &str, text: &str) -> bool {
    let like_the_banks = |word: &str| {
        let (head, digits) = word.split_at_checked(1).unwrap_or(("", ""));
        "ESM".contains(head) && digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let letters: Vec<char> = text.chars().collect();
    let pair = letters.windows(3).any(
        |near| matches!(near, [a, '/', b] if a.is_ascii_digit() && (b.is_ascii_alphanumeric() || *b == '-')),
    );
    text.starts_with(code) || words.any(like_the_banks) || pair
}

#[test]
fn every_code_has_cause_and_step_in_both_languages_and_no_text_is_nobodys() {
    assert!(TABLE.len() > 170 && PAIRS.len() > 170);
    for Bank { codes, books, .. } in banks() {
        for (_, book) in books {
            assert_none(&holes(&codes, book));
        }
    }
}

/// The simulator holds the bank's list with its texts, and answers an unknown code with one text
/// for all: a code that it lacks would go unnoticed.
#[test]
fn our_table_and_the_simulator_have_the_same_codes_of_sinopac() {
    let source = fs::read_to_string(root().join("crates/bank-simulator/src/sinopac/codes.rs")).unwrap();
    let listed = |line: &str| Some(line.trim().strip_prefix("(\"")?.split('"').next()?.to_owned());
    let simulated: BTreeSet<String> = source.lines().filter_map(listed).collect();
    let ours: BTreeSet<String> = TABLE.iter().map(|row| row.code.to_owned()).collect();
    assert_eq!(simulated, ours);
}

#[test]
fn the_same_cause_never_asks_for_two_different_steps() {
    for (_, book) in banks().into_iter().flat_map(|bank| bank.books) {
        assert_none(&one_cause_two_steps(book));
    }
}

#[test]
fn chinese_has_full_width_marks_and_no_text_holds_a_code() {
    for (language, book) in banks().into_iter().flat_map(|bank| bank.books) {
        let found: Vec<String> = texts(book)
            .filter_map(|(code, text)| match language {
                Language::Chinese => typography(code, text),
                Language::English => None,
            })
            .collect();
        assert_none(&found);
        let found: Vec<String> = texts(book)
            .filter(|(code, text)| holds_a_code(code, text))
            .map(|(code, text)| format!("{code}: {text}"))
            .collect();
        assert_none(&found);
    }
}

#[test]
fn refund_codes_speak_of_the_refund() {
    let all = banks()
        .into_iter()
        .flat_map(|bank| bank.books.map(|(language, book)| (language, book, bank.refunds)));
    for (language, book, codes) in all {
        let (refund, selling): (&str, &[&str]) = match language {
            Language::Chinese => ("退", &["重新開立", "再開一次", "帶回金額", "刷卡連結"]),
            Language::English => ("refund", &["Issue again", "sell again", "Bring back", "card link"]),
        };
        for code in codes {
            let BookEntry { cause, step } = &book[*code];
            assert!(cause.contains(refund) || step.contains(refund), "{code}: {cause} {step}");
            assert!(selling.iter().all(|words| !step.contains(words)), "{code}: {step}");
        }
    }
}

#[test]
fn a_lost_answer_is_asked_about_and_never_sent_again() {
    for [(_, zh), (_, en)] in banks().map(|bank| bank.books) {
        let mut lost = 0;
        for (code, entry) in zh {
            let unclear = entry.cause.contains("結果不明");
            assert_eq!(unclear, en[code].cause.contains("outcome is not known"), "{code}");
            if unclear {
                lost += 1;
                assert!(entry.step.starts_with(&zh["unlisted"].step), "{code}: {}", entry.step);
                assert!(en[code].step.starts_with(&en["unlisted"].step), "{code}: {}", en[code].step);
            }
        }
        assert!(lost > 30, "{lost}");
        // never resent; a new number when the lost one was never shown, as with every card page
        let step = &zh["unlisted"].step;
        assert!(step.contains("不會再送一次") && !step.contains("再開一次"), "{step}");
        let anew = step.contains("重新開立");
        assert_eq!(anew, zh.contains_key("E0101"), "{step}");
        assert!(!anew || (step.contains("換一個新單號") && step.contains("還沒有開出")), "{step}");
    }
}

#[test]
fn every_key_that_a_step_names_stands_on_a_screen_and_in_the_other_language_too() {
    let read = |name: &str| -> BTreeMap<String, String> {
        let text = fs::read_to_string(root().join("ui/src/text").join(name)).expect("the catalogue exists");
        serde_json::from_str(&text).expect("keys and texts")
    };
    let (screens, english) = (read("zh-TW.json"), read("en.json"));
    for [(_, zh), (_, en)] in banks().map(|bank| bank.books) {
        let mut found = BTreeSet::new();
        let mut named = BTreeSet::new();
        for (code, entry) in zh {
            let pressed = entry.step.split("按「").skip(1).filter_map(|rest| rest.split('」').next());
            for key in pressed {
                named.insert(key);
                let label =
                    screens.iter().find(|(_, label)| *label == key).map(|(name, _)| english[name].as_str());
                if !label.is_some_and(|label| en[code].step.contains(label)) {
                    found.insert(format!(
                        "{code}: 「{key}」 is on no screen, or the English step does not name it"
                    ));
                }
            }
        }
        assert!(named.contains("重新開立") && named.iter().any(|key| key.starts_with("更換")), "{named:?}");
        assert_none(&found.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn the_book_names_the_way_out_and_who_has_it() {
    let [(_, zh), (_, en)] = books();
    for (codes, zh_words, en_words) in [
        ("E1200 E1201 E1202", "轉入網址", "return address"),
        ("E0403 E0408", "刷卡連結", "card link"),
        ("E0403 E0408", "30,000", "30,000"),
        ("E3501 E0000 bad-sign", "A1、A2、B1、B2", "A1, A2, B1 and B2"),
        ("E3501 E0000 bad-sign http-401 form", "「更換金鑰」", "Replace keys"),
        ("E0000 E0100 E0101 E0102 E3501 E3606 http-401 http-499", "請負責人", "owner"),
        ("E0102 E3600 E3801 http-499 needs-person", "商店代號", "shop number"),
        ("E3600 needs-person", "銀行訂單編號", "the bank's order number"),
        ("E3603 E9922", "手動退款", "refund by hand"),
        ("http-499", "IP", "IP"),
        ("http-401", "X-KeyID", "X-KeyID"),
        ("http-429", "放慢", "slows down"),
    ] {
        for code in codes.split_whitespace() {
            assert!(zh[code].step.contains(zh_words), "{code}: {}", zh[code].step);
            assert!(en[code].step.contains(en_words), "{code}: {}", en[code].step);
        }
    }
    for (code, text) in texts(zh).chain(texts(en)) {
        let text = text.to_lowercase();
        for empty in ["請洽客服", "聯絡客服", "contact support", "call support"] {
            assert!(!text.contains(empty), "{code} sends the owner away");
        }
    }
}

#[test]
fn ctbcs_texts_fit_what_its_pairs_mean() {
    let refund = Action::Refund { amount: Twd::new(1) };
    let actions = [
        Action::ReverseAuthorization,
        Action::Capture,
        Action::ReverseCapture,
        refund,
        Action::ReverseRefund,
    ];
    for language in Language::ALL {
        let (book, of_cards) = (ctbc_book(language), ctbc_card_codes(language));
        let (again, nothing) = match language {
            Language::Chinese => ("程式查到沒有收款後，按「重新開立」。", "不必再按："),
            Language::English => (
                "When Counterfoil has read that nothing was collected, press Issue again.",
                "Nothing to press:",
            ),
        };
        for row in &PAIRS {
            let entry = &book[row.code];
            let means = actions.map(|action| row.written(action.kind()));
            let unclear = entry.step.starts_with(&book["unlisted"].step);
            let of_card = of_cards.contains(row.code);
            assert!(!(unclear && means.contains(&BankAnswer::Declined)), "{} says no", row.code);
            // what may be asked for later goes by itself, but at the counter, where the customer
            // waits
            assert_eq!(
                entry.step.starts_with(nothing),
                means[0] == BankAnswer::NotNow && !of_card,
                "{}",
                row.code
            );
            // a card goes through again only after the bank was asked
            assert_eq!(entry.step.contains(again), of_card, "{}", row.code);
            let names_the_key = entry.step.contains("重新開立") || entry.step.contains("Issue again");
            assert!(of_card || !names_the_key, "{}", row.code);
        }
        for (status, cards) in [("8", 60), ("12", 15), ("10", 8)] {
            let of_status = of_cards.iter().filter(|code| code.split('/').next() == Some(status));
            assert!(of_status.count() >= cards, "{status}");
        }
    }
    assert_eq!(ctbc_card_codes(Language::Chinese), ctbc_card_codes(Language::English));
}

#[test]
fn ctbcs_book_names_the_way_out_and_who_has_it() {
    let [(_, zh), (_, en)] = books_of_ctbc();
    for (codes, zh_words, en_words) in [
        ("9/nz", "固定 IP", "fixed IP"),
        ("9/nz", "星期一送件，星期六生效", "filed on Monday, it works on Saturday"),
        ("9/nz", "兩週", "two weeks"),
        ("8/05 8/51 8/41 12/40 12/42", "跟顧客說", "Tell the customer"),
        ("12/40", "簡訊", "one-time password"),
        ("8/04 8/41 8/43", "不要扣留卡片", "do not keep the card"),
        ("3/71", "不要退現金", "pay out no cash"),
        ("3/53 3/56", "不要退現金", "pay out cash"),
        ("3/1 3/18 3/20 9/nx", "手動退款", "by hand"),
        ("3/40 3/48 3/31 3/70 3/72 retrying", "本機須開機", "must be on"),
        ("bad-mac 10/96 10/97 form", "「更換中信金鑰」", "Replace MAC key"),
        ("bad-mac 10/96 10/97", "中信金鑰", "MAC key"),
        ("3/32 9/ns 10/18 10/101 10/102", "網站特店編號", "MerID"),
        ("3/32 9/ns 10/101 10/96", "「檢查設定」", "Check settings"),
        ("3/1 3/32 9/nx 9/nz 12/24 needs-person", "請負責人", "owner"),
        ("8/21 3/51 needs-person", "銀行訂單編號", "the bank's order number"),
    ] {
        for code in codes.split_whitespace() {
            let step = en[code].step.to_lowercase();
            assert!(zh[code].step.contains(zh_words), "{code}: {}", zh[code].step);
            assert!(step.contains(&en_words.to_lowercase()), "{code}: {}", en[code].step);
        }
    }
    assert!(zh["3/71"].cause.contains("今日請款額不足"));
    for (code, text) in texts(zh).chain(texts(en)) {
        for other in ["永豐", "SinoPac", "A1、A2", "X-KeyID", "虛擬帳號", "刷卡連結", "card link"]
        {
            assert!(!text.contains(other), "{code} speaks of the other bank: {text}");
        }
    }
}

/// What only the banks' papers call so: the shop has keys and a connection.
const PROTOCOL: &[&str] = &["壓碼字串", "簽章", "一次性數值", "one-time value", "nonce", "our sign"];

#[test]
fn no_sentence_speaks_of_the_protocol() {
    let dir = root().join("crates/commands/src/text");
    let sentences = |name: &str| fs::read_to_string(dir.join(name)).expect("a catalogue");
    for name in ["ctbc.json", "sinopac.json", "errors.zh-TW.json", "errors.en.json"] {
        let text = sentences(name);
        // a code is what our own program knows a failure by, and no sentence
        let lines = text.lines().filter_map(|line| line.split_once(": ")).map(|(_, said)| said);
        for line in lines {
            for word in PROTOCOL {
                assert!(!line.contains(word), "{name} says {word}: {line}");
            }
        }
    }
}

#[test]
fn planted_faults_are_found() {
    let entry = |cause: &str, step: &str| BookEntry { cause: cause.into(), step: step.into() };
    let book = |entries: &[(&str, BookEntry)]| -> Book {
        entries.iter().map(|(code, entry)| ((*code).into(), entry.clone())).collect()
    };
    let codes = BTreeSet::from(["E1", "E2"]);
    let good = book(&[("E1", entry("甲", "一")), ("E2", entry("乙", "二"))]);
    assert_eq!(holes(&codes, &good), Vec::<String>::new());
    let bad = book(&[("E1", entry("甲", " ")), ("E3", entry("乙", "二"))]);
    assert_eq!(holes(&codes, &bad), ["E1 lacks a text", "E2 lacks a text", "E3 is nobody's code"]);
    assert_eq!(one_cause_two_steps(&good), Vec::<String>::new());
    assert_eq!(one_cause_two_steps(&book(&[("E1", entry("甲", "一")), ("E2", entry("甲", "二"))])).len(), 1);
    for fine in ["NT$30,000，或 Wi-Fi。", "「設定 › 永豐」的 A1、A2。"] {
        assert_eq!(typography("x", fine), None);
    }
    for wrong in ["等一下. 再查", "好，再見,", "做完。 再查", "是嗎?", "（甲)", " 甲"] {
        assert!(typography("x", wrong).is_some(), "{wrong}");
    }
    assert!(holds_a_code("E0000", "簽章不對（E0000）。") && holds_a_code("dns", "dns 有問題"));
    assert!(!holds_a_code("E0000", "A1 到 B2，30,000，HTTPS。"));
    assert!(holds_a_code("8/05", "銀行說 3/71。") && holds_a_code("8/05", "It says 9/nz."));
}
