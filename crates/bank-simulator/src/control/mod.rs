//! The `/control` calls: what a test, a demo or a person makes the bank do. The README of this
//! crate lists them.
//!
//! Promises that a call over HTTP and a call of the library do the same, and that a refused call
//! changes nothing. Each group of calls has a file: `customer` (pay, decline), `plant` (false books
//! and stray notices), `refunds` (at the banks' back offices), `batches` (CTBC's batch), `running`
//! (clock, shops, faults, switches) and `books` (what happened). `ctbc` does at CTBC what
//! `customer`, `plant` and `shops` do at SinoPac.

mod args;
mod batches;
mod books;
mod ctbc;
mod customer;
mod error;
mod plant;
mod refunds;
mod running;

use serde_json::{Value, json};

use crate::http::{HttpAnswer, HttpRequest};
use crate::simulator::Simulator;

use self::args::{bank, text, time};
pub use self::books::{BookLine, CardLine, RefundLine};
pub use self::customer::BrowserReturn;
pub use self::error::ControlError;

impl Simulator {
    /// Any control call by name, with the arguments that `/control` takes.
    ///
    /// # Errors
    /// When the call is unknown, an argument does not fit, or the order is not in a state for it.
    pub fn control(&mut self, call: &str, args: &Value) -> Result<Value, ControlError> {
        let bank = bank(args)?;
        let of_one_bank =
            ["pay", "decline", "pay_all", "plant", "late", "notify", "shops", "refund", "refund_state"];
        if bank == Some("ctbc") && of_one_bank.contains(&call) {
            return self.ctbc_call(call, args);
        }
        match call {
            "pay" => {
                let answer = self.pay(text(args, "shop")?, text(args, "order")?, time(args, "at")?)?;
                Ok(json!({ "return": answer }))
            }
            "decline" => {
                let answer = self.decline(text(args, "shop")?, text(args, "order")?)?;
                Ok(json!({ "return": answer }))
            }
            "pay_all" => self.pay_all(args),
            "plant" => self.plant(args),
            "late" => self.late(args),
            "notify" => self.notify(args),
            "refund" => self.refund_by_hand(args),
            "refund_state" => self.refund_state(args),
            "clock" => self.clock(args),
            "advance" => self.advance_by(args),
            "shops" => self.shops(args),
            "fault" => self.fault(args),
            "faults" => Ok(self.show_faults(args)),
            "switch" => self.switch(args),
            "books" => self.show_books(args),
            "calls" => Ok(self.show_calls(args)),
            "reset" => {
                self.reset();
                Ok(json!({ "reset": true }))
            }
            "run_batch" | "batch" | "busy" if bank == Some("sinopac") => Err(ControlError::NotBuilt),
            "run_batch" => self.run_batch(args),
            "batch" => self.batch(args),
            "busy" => self.busy(args),
            _ => Err(ControlError::UnknownCall),
        }
    }

    /// A request to `/control`: `/control/NAME` with the arguments as body, or `/control` with
    /// `{"NAME": arguments}`.
    pub(crate) fn control_request(&mut self, request: &HttpRequest) -> HttpAnswer {
        let name = request.bare_path().trim_start_matches("/control").trim_matches('/').to_owned();
        let asks_only = matches!(name.as_str(), "books" | "calls" | "clock" | "faults");
        if request.method != "POST" && !(request.method == "GET" && asks_only) {
            return error(405, "method", "control calls are POST");
        }
        let body = if request.body.is_empty() {
            Some(json!({}))
        } else {
            serde_json::from_slice(&request.body).ok()
        };
        let Some(body) = body else { return error(400, "json", "the body is not JSON") };
        let (name, args) = match (name.is_empty(), body) {
            (true, Value::Object(map)) if map.len() == 1 => map.into_iter().next().unwrap_or_default(),
            (_, body) => (name, body),
        };
        match self.control(&name, &args) {
            Ok(answer) => HttpAnswer::json(200, &answer),
            Err(refused) => error(refused.status(), refused.code(), &refused.to_string()),
        }
    }
}

fn error(status: u16, code: &str, message: &str) -> HttpAnswer {
    HttpAnswer::json(status, &json!({"error": {"code": code, "message": message}}))
}
