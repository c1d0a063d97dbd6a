//! The state diagrams in the money rules are those of the code: `cargo xtask bindings` draws them,
//! this compares them.

use std::fmt::Debug;
use std::fs;

use counterfoil_domain::{OperationState, PaymentState};

use crate::bindings::write_is_wanted;
use crate::repository::{assert_none, root};

const PAGE: &str = "docs/money-rules.md";

/// The mark before each diagram, and the diagram.
fn diagrams() -> [(&'static str, String); 2] {
    [
        ("<!-- states of a payment:", diagram(&PaymentState::ALL, PaymentState::may_become)),
        ("<!-- states of an operation:", diagram(&OperationState::ALL, OperationState::may_become)),
    ]
}

/// Every step of a table. What nothing leads to is a beginning, what leads nowhere is an end.
fn diagram<S: Copy + Debug>(all: &[S], may_become: impl Fn(S, S) -> bool) -> String {
    let mut lines = vec!["stateDiagram-v2".to_owned()];
    let begins = all.iter().filter(|to| !all.iter().any(|from| may_become(*from, **to)));
    lines.extend(begins.map(|state| format!("    [*] --> {state:?}")));
    for from in all {
        let steps: Vec<&S> = all.iter().filter(|to| may_become(*from, **to)).collect();
        lines.extend(steps.iter().map(|to| format!("    {from:?} --> {to:?}")));
        lines.extend(steps.is_empty().then(|| format!("    {from:?} --> [*]")));
    }
    lines.join("\n") + "\n"
}

/// The page with this diagram in the first block behind the mark. `None`: there is no such block.
fn drawn(page: &str, mark: &str, diagram: &str) -> Option<String> {
    let (before, behind) = page.split_once(mark)?;
    let (comment, block) = behind.split_once("```mermaid\n")?;
    let (_, after) = block.split_once("```")?;
    Some(format!("{before}{mark}{comment}```mermaid\n{diagram}```{after}"))
}

fn violations(page: &str, mark: &str, diagram: &str) -> Vec<String> {
    match drawn(page, mark, diagram) {
        Some(wanted) if wanted == page => Vec::new(),
        Some(_) => vec![format!("{PAGE}: the diagram behind `{mark}` is stale: run `cargo xtask bindings`")],
        None => vec![format!("{PAGE}: no diagram behind `{mark}`")],
    }
}

#[test]
fn the_money_rules_show_the_states_of_the_code() {
    let path = root().join(PAGE);
    let mut page = fs::read_to_string(&path).expect("the page exists").replace('\r', "");
    if write_is_wanted() {
        page = diagrams()
            .iter()
            .fold(page, |page, (mark, diagram)| drawn(&page, mark, diagram).expect("the page has its marks"));
        fs::write(&path, &page).expect("the page can be written");
    }
    for (mark, diagram) in diagrams() {
        assert_none(&violations(&page, mark, &diagram));
    }
}

#[test]
fn a_planted_step_is_found() {
    let told = diagram(&[1, 2, 3], |from, to| to == from + 1);
    assert_eq!(told, "stateDiagram-v2\n    [*] --> 1\n    1 --> 2\n    2 --> 3\n    3 --> [*]\n");
    let page =
        |block: &str| format!("# Rules\n\n<!-- x: y -->\n\n```mermaid\n{block}```\n\n```\nother\n```\n");
    assert_eq!(violations(&page(&told), "<!-- x:", &told), Vec::<String>::new());
    assert_eq!(violations(&page("stateDiagram-v2\n"), "<!-- x:", &told).len(), 1);
    assert_eq!(violations(&page(&told), "<!-- z:", &told).len(), 1);
    assert_eq!(drawn(&page(""), "<!-- x:", &told), Some(page(&told)));
}
