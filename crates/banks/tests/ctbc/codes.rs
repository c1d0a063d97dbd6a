//! Each row of the table of codes through a whole call. The table itself is tested beside it.

use counterfoil_banks::ctbc::codes::TABLE;
use counterfoil_banks::ctbc::{Action, Found};
use counterfoil_domain::BankAnswer;
use counterfoil_engine::ports::RefusalOf;

use super::script::*;

#[tokio::test]
async fn each_row_means_the_same_through_a_whole_call() {
    for row in &TABLE {
        let answer = sealed(&refusal(row.code));
        for action in ACTIONS {
            let reply = act(action, answer.clone()).await;
            let meaning = row.written(action.kind());
            assert_eq!((write(&reply), reply.code.as_str()), ((meaning, None), row.code), "{action:?}");
        }
        let asked = ask([answer.clone(), answer]).await;
        let found = match row.asked {
            // said both ways, the bank has no such order
            Some(RefusalOf::Question) if row.code == "10/11" => Found::Nothing,
            Some(of) => Found::Refused(of),
            None => Found::Silent,
        };
        assert_eq!((asked.found, asked.code.as_str()), (found, row.code));
    }
}

#[tokio::test]
async fn a_code_without_a_row_is_unknown_for_a_write_and_refuses_a_question() {
    for code in ["3/49", "5/1", "9/zz", "7/00", "3/999999", "99/99"] {
        for action in ACTIONS {
            let reply = act(action, sealed(&refusal(code))).await;
            assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, code));
        }
        assert_eq!(ask([sealed(&refusal(code))]).await.found, Found::Refused(RefusalOf::Unclear), "{code}");
    }
    // what is no code is not shown as one
    for code in ["3/4 0", "<b>/1", "3/1234567", "---/1"] {
        let reply = act(Action::Capture, sealed(&refusal(code))).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "bad-json"), "{code}");
    }
}
