//! Who approves a refund from the terminal: one alone, slowly, or two whose hands are apart.

use counterfoil_tests::outside::programs::Bank;

use crate::people_cli::{CLERK, OWNER, acting, code, data_file, done, paid, with_people};

/// A bank names its time in each run that asks for a refund or approves one, also where a run
/// before it has just asked all there is.
#[test]
fn a_request_in_one_person_mode_cools_and_is_not_refused() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    done(acting(&shop, "林", OWNER, &["people", "one-person", "on"]));
    let payment = paid(&bank, &shop);
    let request = ["refund", "request", &payment, "--amount", "100", "--reason", "returned"];
    let refund = done(acting(&shop, "林", OWNER, &request));
    let approve = ["refund", "approve", refund["refund"].as_str().unwrap(), "--amount", "100"];
    assert_eq!(code(&acting(&shop, "林", OWNER, &approve)).1, "refund-cooling");
}

/// Whoever has the account of this computer may be anybody.
#[test]
fn an_owner_whose_pin_was_replaced_is_no_second_person() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let payment = paid(&bank, &shop);
    let request = ["refund", "request", &payment, "--amount", "100", "--reason", "returned"];
    let refund = done(acting(&shop, "王", CLERK, &request));
    let (given, own) = ("94725183", "58163927");
    done(shop.run_typing(&["people", "recover", "林"], given));
    done(acting(&shop, "林", &format!("{given}\n{own}"), &["people", "pin", "林"]));
    let approve = ["refund", "approve", refund["refund"].as_str().unwrap()];
    assert_eq!(code(&acting(&shop, "林", own, &approve)).1, "refund-one-hand");
}

/// A change of a given PIN is dated by a bank, from the terminal alike: the day after it passes by
/// that time only.
#[test]
fn a_pin_that_is_changed_from_the_terminal_is_dated_by_a_bank() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    paid(&bank, &shop);
    done(acting(&shop, "林", &format!("{OWNER}\n495172"), &["people", "pin", "陳"]));
    done(acting(&shop, "陳", "495172\n836209", &["people", "pin", "陳"]));
    let file = rusqlite::Connection::open(data_file(&shop)).unwrap();
    let standing: String = file.query_row("SELECT body FROM standing", [], |row| row.get(0)).unwrap();
    let standing: serde_json::Value = serde_json::from_str(&standing).unwrap();
    let people = standing["people"].as_object().unwrap().values();
    let dated: Vec<_> = people.flat_map(|one| one["givers"].as_array().unwrap()).collect();
    let bound: Vec<_> = dated.iter().filter(|given| given["binds"] == true).collect();
    assert!(!bound.is_empty() && bound.iter().all(|given| given["changed"]["sure"] == true), "{standing}");
}
