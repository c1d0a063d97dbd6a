//! Accessibility of the refund screens, judged by axe-core in the real window, where colours and
//! sizes are those that a person sees: no finding, light and dark.
//! Rules: <https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md>.

use counterfoil_tests::outside::programs::Bank;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, DOWN, ENTER, ESCAPE};
use serde_json::{Value, json};

use crate::people::{CLERK_PIN, OWNER_PIN, sign_in, with_people};
use crate::refunds::{ask, paid};

/// Loads axe-core into the page: its script is run by the driver, since the content policy lets no
/// other in.
fn load(window: &Window) {
    let file = counterfoil_tests::folder().join("../ui/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&file).expect("axe-core is installed by `cargo xtask setup`");
    window.run(&axe, &json!([]));
    assert_eq!(window.run("return typeof window.axe.run;", &json!([])), "function");
}

/// What axe finds wrong in either theme, as rule and element.
fn findings(window: &Window) -> Vec<String> {
    let theme = window.attribute("html", "data-theme");
    let mut found = Vec::new();
    for theme in ["light", "dark", theme.as_str()] {
        let script = "const [theme, done] = arguments;
            document.documentElement.dataset.theme = theme;
            // a colour on its way to another is none that a person reads
            const settle = () => document.getAnimations().forEach((one) => one.effect.getComputedTiming().endTime < Infinity && one.finish());
            requestAnimationFrame(() => requestAnimationFrame(() => (settle(), axe).run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) =>
                    done([violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
                        `${id}: ${html} ${failureSummary}`)), passes.length]), (why) => done([[String(why)], 0]))));";
        let judged = window.ask(script, &json!([theme]));
        let wrong = judged[0].as_array().into_iter().flatten().filter_map(Value::as_str);
        found.extend(wrong.map(|finding| format!("{theme}: {finding}")));
        assert!(judged[1].as_u64() > Some(5), "axe has judged: {judged}");
    }
    found
}

fn clean(window: &Window, place: &str) {
    let found = findings(window);
    assert!(found.is_empty(), "{place}: {found:#?}");
}

#[test]
fn axe_finds_nothing_wrong_on_the_screens_of_refunds() {
    let bank = Bank::open();
    bank.control("switch", &json!({ "refund_digits": "off" }));
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    load(&window);
    window.press("gf");
    window.see("[data-refunds] [data-empty]");
    clean(&window, "the empty queue");
    paid(&bank, &window, "1200");
    window.press("x");
    window.see("#refund_amount:focus");
    window.press("1201");
    window.see("[data-refund-problem]");
    clean(&window, "a refused request");
    window.press_with(ALT, "a");
    window.see("[data-refund-told]");
    window.press_with(ALT, "1");
    clean(&window, "a request");
    window.press_with(CONTROL, ENTER);
    window.see("[data-slip] [data-refund-state=requested]");
    clean(&window, "an order with a refund");
    paid(&bank, &window, "800");
    ask(&window, "300");
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.press("gv");
    window.count("[data-approval]", 2);
    clean(&window, "the approvals");
    // one at the bank; and one that the bank cannot refund
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.count("[data-approval]", 1);
    bank.control("fault", &json!({ "kind": "code:E9922", "match": "OrderMaintain", "count": 1 }));
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.count("[data-approval]", 0);
    window.see("[data-refund-banner=needs-person]");
    clean(&window, "no approval, and a notice");
    window.press_with(ALT, ENTER);
    window.press("gf");
    window.see("[data-refund-state=at-bank]");
    window.press(ENTER);
    window.see("[data-sides]");
    clean(&window, "the queue with both sides");
    window.press("1");
    window.see("[data-decide] [data-field], [data-decide] b");
    clean(&window, "a decision");
    window.press(ESCAPE);
    // a refund made in the bank's back office
    paid(&bank, &window, "640");
    let number = window.run("return document.querySelector('[data-slip] .written').innerText;", &json!([]));
    bank.control("refund", &json!({ "order": number, "amount": 40 }));
    window.press("q");
    window.see("[data-discrepancy]");
    window.press("gf");
    window.see("[data-refunds] [data-discrepancy=refunded-outside]");
    window.press(DOWN);
    window.see("[data-discrepancy=refunded-outside][aria-current]");
    window.press("b");
    window.see("#book_amount:focus");
    clean(&window, "a refund that is recorded");
    window.press(ESCAPE);
    // and a fault is seen
    window.run("document.querySelector('h1').style.color = '#ddd';", &json!([]));
    assert!(
        findings(&window).iter().any(|found| found.contains("light: color-contrast")),
        "{:?}",
        findings(&window)
    );
}
