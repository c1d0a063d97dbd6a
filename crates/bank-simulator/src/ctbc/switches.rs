//! Switches of the CTBC dialect: what its papers leave open, with a default for each. The README of
//! this crate lists them.

use serde_json::{Value, json};

use crate::switches::{date_off_ms, name, null_or, pick};

use super::codes::Code;

/// Which captures cover the refunds that enter the file (ctbc.md 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundCover {
    /// No such check.
    Off,
    /// Those of the open batch.
    Batch,
    /// Those of the day.
    Day,
    /// Those that the last batch has collected.
    Cleared,
}

const REFUND_COVERS: [(&str, RefundCover); 4] = [
    ("off", RefundCover::Off),
    ("batch", RefundCover::Batch),
    ("day", RefundCover::Day),
    ("cleared", RefundCover::Cleared),
];
const BATCH_CODES: [(&str, Code); 2] = [("3/40", Code("3", "40")), ("3/31", Code("3", "31"))];

/// All switches with their present values.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch with a name of its own")]
#[derive(Clone, Debug)]
pub(crate) struct Switches {
    /// One lidm, one transaction (10/E1, 10/E2).
    pub(crate) one_lidm: bool,
    pub(crate) page_minutes: i64,
    pub(crate) capture_days: i64,
    pub(crate) refund_days: i64,
    pub(crate) second_reply: bool,
    pub(crate) second_reply_seconds: i64,
    /// AuthCode, AuthRRPID, TermSeq and batch numbers must be the true ones.
    pub(crate) check_fields: bool,
    pub(crate) reversal_in_batch: bool,
    /// Which captures cover refunds; above them 3/71.
    pub(crate) refund_cover: RefundCover,
    /// What is answered while the batch locks the shop: 3/40 or 3/31.
    pub(crate) batch_code: Code,
    /// 22 can be refunded again up to what was captured.
    pub(crate) refund_remainder: bool,
    /// 13 can be captured or reversed, 23 refunded again.
    pub(crate) retry_failed: bool,
    pub(crate) partial_capture: bool,
    pub(crate) partial_refund: bool,
    pub(crate) partial_reversal: bool,
    /// Blanks after every XID and AuthRRPID in answers.
    pub(crate) xid_spaces: usize,
    /// RespCode of success: `00` instead of `0`.
    pub(crate) long_resp_code: bool,
    /// Answers put `ApiEnc` before `MERID`.
    pub(crate) api_enc_first: bool,
    /// Answers are called `text/html`, as was seen.
    pub(crate) html_type: bool,
    /// `yyyy-MM-dd` and `HH:mm:ss` in answers, as one integrator reads them.
    pub(crate) txn_marks: bool,
    /// Bytes that are no Big5 in a text that the page only shows are 10/80.
    pub(crate) refuse_odd_bytes: bool,
    /// The pair that every request is refused with, before the bank acts.
    pub(crate) refuse_all: Option<Code>,
    /// How far the `Date` header lies from the bank's clock, in milliseconds.
    pub(crate) date_off_ms: i64,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            one_lidm: false,
            page_minutes: 30,
            capture_days: 30,
            refund_days: 180,
            second_reply: false,
            second_reply_seconds: 0,
            check_fields: true,
            reversal_in_batch: true,
            refund_cover: RefundCover::Off,
            batch_code: Code("3", "40"),
            refund_remainder: true,
            retry_failed: true,
            partial_capture: true,
            partial_refund: true,
            partial_reversal: false,
            xid_spaces: 0,
            long_resp_code: false,
            api_enc_first: false,
            html_type: true,
            txn_marks: false,
            refuse_odd_bytes: false,
            refuse_all: None,
            date_off_ms: 0,
        }
    }
}

impl Switches {
    /// Sets one switch; `None` when the name is unknown or the value does not fit, and then nothing
    /// changes.
    pub(crate) fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        let within = |least: i64, most: i64| value.as_i64().filter(|number| (least..=most).contains(number));
        match name {
            "one_lidm" => self.one_lidm = value.as_bool()?,
            "page_minutes" => self.page_minutes = within(1, 1_440)?,
            "capture_days" => self.capture_days = within(1, 400)?,
            "refund_days" => self.refund_days = within(1, 400)?,
            "second_reply" => self.second_reply = value.as_bool()?,
            "second_reply_seconds" => self.second_reply_seconds = within(0, 86_400)?,
            "check_fields" => self.check_fields = value.as_bool()?,
            "reversal_in_batch" => self.reversal_in_batch = value.as_bool()?,
            // it was on or off once
            "refund_cover" => {
                self.refund_cover = match value.as_bool() {
                    Some(true) => RefundCover::Batch,
                    Some(false) => RefundCover::Off,
                    None => pick(value, &REFUND_COVERS)?,
                }
            }
            "batch_code" => self.batch_code = pick(value, &BATCH_CODES)?,
            "refund_remainder" => self.refund_remainder = value.as_bool()?,
            "retry_failed" => self.retry_failed = value.as_bool()?,
            "partial_capture" => self.partial_capture = value.as_bool()?,
            "partial_refund" => self.partial_refund = value.as_bool()?,
            "partial_reversal" => self.partial_reversal = value.as_bool()?,
            "xid_spaces" => self.xid_spaces = usize::try_from(within(0, 20)?).ok()?,
            "long_resp_code" => self.long_resp_code = value.as_bool()?,
            "api_enc_first" => self.api_enc_first = value.as_bool()?,
            "html_type" => self.html_type = value.as_bool()?,
            "txn_marks" => self.txn_marks = value.as_bool()?,
            "refuse_odd_bytes" => self.refuse_odd_bytes = value.as_bool()?,
            "ctbc_refuse_all" => {
                self.refuse_all = null_or(value, |code| Code::find(code).filter(|code| *code != Code::OK))?;
            }
            "ctbc_date_off_ms" => self.date_off_ms = date_off_ms(value)?,
            _ => return None,
        }
        Some(())
    }

    /// All names with their values.
    pub(crate) fn show(&self) -> Value {
        json!({
            "one_lidm": self.one_lidm,
            "page_minutes": self.page_minutes,
            "capture_days": self.capture_days,
            "refund_days": self.refund_days,
            "second_reply": self.second_reply,
            "second_reply_seconds": self.second_reply_seconds,
            "check_fields": self.check_fields,
            "reversal_in_batch": self.reversal_in_batch,
            "refund_cover": name(self.refund_cover, &REFUND_COVERS),
            "batch_code": name(self.batch_code, &BATCH_CODES),
            "refund_remainder": self.refund_remainder,
            "retry_failed": self.retry_failed,
            "partial_capture": self.partial_capture,
            "partial_refund": self.partial_refund,
            "partial_reversal": self.partial_reversal,
            "xid_spaces": self.xid_spaces,
            "long_resp_code": self.long_resp_code,
            "api_enc_first": self.api_enc_first,
            "html_type": self.html_type,
            "txn_marks": self.txn_marks,
            "refuse_odd_bytes": self.refuse_odd_bytes,
            "ctbc_refuse_all": self.refuse_all.map(Code::joined),
            "ctbc_date_off_ms": self.date_off_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_shown_can_be_set_and_nothing_else() {
        let shown = Switches::default().show();
        for (name, value) in shown.as_object().unwrap() {
            let mut switches = Switches::default();
            assert!(switches.set(name, value).is_some(), "{name}");
            assert!(switches.set(name, &json!("no value of any switch")).is_none(), "{name}");
            let other = match value {
                Value::Bool(on) => json!(!on),
                Value::Null => json!("3/32"),
                Value::String(_) if name == "refund_cover" => json!("day"),
                Value::String(_) => json!("3/31"),
                Value::Number(_) | Value::Array(_) | Value::Object(_) => json!(7),
            };
            assert!(switches.set(name, &other).is_some(), "{name}");
            assert_eq!(switches.show()[name], other, "{name}");
        }
        for (name, value) in [
            ("nothing", json!(true)),
            ("ctbc_refuse_all", json!("0/00")),
            ("ctbc_refuse_all", json!("E0102")),
        ] {
            assert!(Switches::default().set(name, &value).is_none(), "{name} {value}");
        }
    }
}
