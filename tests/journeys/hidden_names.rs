//! What a clerk is not shown, no search confirms.

use counterfoil_tests::outside::programs::Bank;

use crate::people_cli::{CLERK, acting, done, with_people};

#[test]
fn a_name_that_a_description_hides_finds_nothing() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let sell = ["sell", "--rail", "sinopac-account", "--amount", "450"];
    let named = ["--customer", "歐陽小明", "--description", "歐陽小明的禮盒"];
    done(acting(&shop, "陳", CLERK, &[&sell[..], &named[..]].concat()));
    for (guess, to_clerk) in [("歐陽小明", 0), ("小明的禮", 0), ("450", 1), ("歐", 1)] {
        let found = |name| {
            let found = done(acting(&shop, name, CLERK, &["orders", "search", guess]));
            found["orders"].as_array().unwrap().len()
        };
        assert_eq!((found("陳"), found("王")), (to_clerk, 1), "{guess}");
    }
}
