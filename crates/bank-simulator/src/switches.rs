//! Switches: how the bank behaves where its paper leaves a choice, and jobs that are off until
//! asked for.
//!
//! Promises that every switch has a name, a default and a checked value. The README of this crate
//! lists them.

use serde_json::{Value, json};

/// How many refunds an order may have (sinopac.md 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundRule {
    /// V2.5: several; a card at most one a day.
    ManyOneADay,
    /// V2.4.
    One,
}

/// Which last digit decides about an account refund (sinopac.md 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundDigits {
    /// Of the RefundNo, as in the bank's sandbox.
    Number,
    /// Of the dollars.
    Amount,
    /// None: every one succeeds.
    Off,
}

/// Which refunds a `RefundList` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundListRule {
    /// All, once RefundFlag is Y.
    Flag,
    /// Those that succeeded.
    Done,
    /// All, always.
    Always,
    /// None, as before V1.7.
    Never,
}

/// How a member without value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberStyle {
    Absent,
    Null,
    Empty,
}

/// How amounts are written where number and text both occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AmountStyle {
    /// As the bank does (sinopac.md 4.5): text in `OrderPayQuery`, numbers elsewhere.
    Documented,
    Number,
    Text,
}

/// What a query with more rows than allowed answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PastRows {
    /// The first rows, and no word about the rest.
    Cut,
    /// E2199.
    Error,
}

/// What a late change is hidden from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LateScope {
    /// Every `OrderQuery` and `OrderUnCapturedQuery`.
    All,
    /// Only queries without an order number.
    Range,
}

/// All switches with their present values.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch with a name of its own")]
#[derive(Clone, Debug)]
pub(crate) struct Switches {
    /// Requests that one key may send in a second of bank time; 0 = no limit.
    pub(crate) rate_limit: u32,
    pub(crate) port_check: bool,
    pub(crate) pay_job: bool,
    pub(crate) account_limit: bool,
    pub(crate) exp_billing_days_max: i64,
    pub(crate) past_rows: PastRows,
    pub(crate) rows_max: usize,
    pub(crate) members: MemberStyle,
    pub(crate) amounts: AmountStyle,
    pub(crate) late_seconds: u64,
    pub(crate) late_random: bool,
    pub(crate) late_scope: LateScope,
    pub(crate) drop_notices: bool,
    pub(crate) otp_url: bool,
    /// The `CardPayURL`, whatever it is; empty: the page of the order.
    pub(crate) card_pay_url: String,
    pub(crate) refund_amount_member: bool,
    /// Days from payment to settlement (x900); 0 = never by itself.
    pub(crate) settle_days: i64,
    /// The code that every request is refused with, before the bank acts.
    pub(crate) refuse_all: Option<String>,
    /// How far the `Date` header lies from the bank's clock, in milliseconds.
    pub(crate) date_off_ms: i64,
    /// The signed `Date` lies as far from it.
    pub(crate) date_off_signed: bool,
    /// `"OrderList":[]` beside S0001.
    pub(crate) empty_list: bool,
    /// Each nonce is handed out a second time before the next one.
    pub(crate) nonce_twice: bool,
    /// `Amount` 0 in failures of `OrderCreate`.
    pub(crate) failure_amount: bool,
    /// `Amount` in the answer to a refund.
    pub(crate) maintain_amount: bool,
    pub(crate) refunds: RefundRule,
    /// Refunds of one order before E9918; 0 = no limit.
    pub(crate) refunds_max: usize,
    /// Whole dollars of a shop's refunds in a day before E3604; 0 = no limit.
    pub(crate) refund_day_limit: i64,
    /// From the payment to E9922.
    pub(crate) order_refund_days: i64,
    pub(crate) refund_digits: RefundDigits,
    /// From 2C200 to 2C400.
    pub(crate) refund_work_minutes: i64,
    /// From the request of a card refund to 2C900.
    pub(crate) refund_done_minutes: i64,
    /// From 2A260 to 2A290.
    pub(crate) refund_return_minutes: i64,
    pub(crate) refund_list: RefundListRule,
}

/// The farthest that a `Date` header is moved: 40 years, more than any rule of a client reaches.
pub(crate) const DATE_OFF_MS_MAX: i64 = 40 * 365 * 86_400_000;

impl Default for Switches {
    fn default() -> Self {
        Self {
            rate_limit: 0,
            port_check: false,
            pay_job: false,
            account_limit: true,
            exp_billing_days_max: 30,
            past_rows: PastRows::Cut,
            rows_max: 300,
            members: MemberStyle::Absent,
            amounts: AmountStyle::Documented,
            late_seconds: 0,
            late_random: false,
            late_scope: LateScope::All,
            drop_notices: false,
            otp_url: false,
            card_pay_url: String::new(),
            refund_amount_member: true,
            settle_days: 0,
            refuse_all: None,
            date_off_ms: 0,
            date_off_signed: false,
            empty_list: true,
            nonce_twice: false,
            failure_amount: true,
            maintain_amount: true,
            refunds: RefundRule::ManyOneADay,
            refunds_max: 0,
            refund_day_limit: 0,
            order_refund_days: 180,
            refund_digits: RefundDigits::Number,
            refund_work_minutes: 30,
            refund_done_minutes: 1_440,
            refund_return_minutes: 1_440,
            refund_list: RefundListRule::Flag,
        }
    }
}

impl Switches {
    /// Sets one switch; `None` when the name is unknown or the value does not fit, and then nothing
    /// changes.
    pub(crate) fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "rate_limit" => self.rate_limit = u32::try_from(within(value, 0, 1_000)?).ok()?,
            "port_check" => self.port_check = value.as_bool()?,
            "pay_job" => self.pay_job = value.as_bool()?,
            "account_limit" => self.account_limit = value.as_bool()?,
            "exp_billing_days_max" => {
                self.exp_billing_days_max = i64::try_from(within(value, 1, 99)?).ok()?;
            }
            "past_300" => {
                self.past_rows = match value.as_str()? {
                    "cut" => PastRows::Cut,
                    "error" => PastRows::Error,
                    _ => return None,
                }
            }
            "rows_max" => self.rows_max = usize::try_from(within(value, 1, 300)?).ok()?,
            "members" => {
                self.members = match value.as_str()? {
                    "absent" => MemberStyle::Absent,
                    "null" => MemberStyle::Null,
                    "empty" => MemberStyle::Empty,
                    _ => return None,
                }
            }
            "amounts" => {
                self.amounts = match value.as_str()? {
                    "documented" => AmountStyle::Documented,
                    "number" => AmountStyle::Number,
                    "string" => AmountStyle::Text,
                    _ => return None,
                }
            }
            "late_seconds" => self.late_seconds = within(value, 0, 540)?,
            "late_random" => self.late_random = value.as_bool()?,
            "late_scope" => {
                self.late_scope = match value.as_str()? {
                    "all" => LateScope::All,
                    "range" => LateScope::Range,
                    _ => return None,
                }
            }
            "drop_notices" => self.drop_notices = value.as_bool()?,
            "otp_url" => self.otp_url = value.as_bool()?,
            "card_pay_url" => value.as_str()?.clone_into(&mut self.card_pay_url),
            "refund_amount_member" => self.refund_amount_member = value.as_bool()?,
            "settle_days" => self.settle_days = i64::try_from(within(value, 0, 365)?).ok()?,
            "refuse_all" => {
                self.refuse_all = null_or(value, |code| is_refusal(code).then(|| code.to_owned()))?;
            }
            "date_off_ms" => self.date_off_ms = date_off_ms(value)?,
            "date_off_signed" => self.date_off_signed = value.as_bool()?,
            "empty_list" => self.empty_list = value.as_bool()?,
            "nonce_twice" => self.nonce_twice = value.as_bool()?,
            "failure_amount" => self.failure_amount = value.as_bool()?,
            "maintain_amount" => self.maintain_amount = value.as_bool()?,
            "refunds" => self.refunds = pick(value, &REFUND_RULES)?,
            "refunds_max" => self.refunds_max = usize::try_from(within(value, 0, 99)?).ok()?,
            "refund_day_limit" => {
                self.refund_day_limit = i64::try_from(within(value, 0, 99_999_999)?).ok()?;
            }
            "order_refund_days" => self.order_refund_days = i64::try_from(within(value, 1, 400)?).ok()?,
            "refund_digits" => self.refund_digits = pick(value, &REFUND_DIGITS)?,
            "refund_work_minutes" => self.refund_work_minutes = minutes(value)?,
            "refund_done_minutes" => self.refund_done_minutes = minutes(value)?,
            "refund_return_minutes" => self.refund_return_minutes = minutes(value)?,
            "refund_list" => self.refund_list = pick(value, &REFUND_LISTS)?,
            _ => return None,
        }
        Some(())
    }

    /// All names with their values.
    pub(crate) fn show(&self) -> Value {
        json!({
            "rate_limit": self.rate_limit,
            "port_check": self.port_check,
            "pay_job": self.pay_job,
            "account_limit": self.account_limit,
            "exp_billing_days_max": self.exp_billing_days_max,
            "past_300": match self.past_rows {
                PastRows::Cut => "cut",
                PastRows::Error => "error",
            },
            "rows_max": self.rows_max,
            "members": match self.members {
                MemberStyle::Absent => "absent",
                MemberStyle::Null => "null",
                MemberStyle::Empty => "empty",
            },
            "amounts": match self.amounts {
                AmountStyle::Documented => "documented",
                AmountStyle::Number => "number",
                AmountStyle::Text => "string",
            },
            "late_seconds": self.late_seconds,
            "late_random": self.late_random,
            "late_scope": match self.late_scope {
                LateScope::All => "all",
                LateScope::Range => "range",
            },
            "drop_notices": self.drop_notices,
            "otp_url": self.otp_url,
            "card_pay_url": self.card_pay_url,
            "refund_amount_member": self.refund_amount_member,
            "settle_days": self.settle_days,
            "refuse_all": self.refuse_all,
            "date_off_ms": self.date_off_ms,
            "date_off_signed": self.date_off_signed,
            "empty_list": self.empty_list,
            "nonce_twice": self.nonce_twice,
            "failure_amount": self.failure_amount,
            "maintain_amount": self.maintain_amount,
            "refunds": name(self.refunds, &REFUND_RULES),
            "refunds_max": self.refunds_max,
            "refund_day_limit": self.refund_day_limit,
            "order_refund_days": self.order_refund_days,
            "refund_digits": name(self.refund_digits, &REFUND_DIGITS),
            "refund_work_minutes": self.refund_work_minutes,
            "refund_done_minutes": self.refund_done_minutes,
            "refund_return_minutes": self.refund_return_minutes,
            "refund_list": name(self.refund_list, &REFUND_LISTS),
        })
    }

    /// How far the signed `Date` lies from the bank's clock.
    pub(crate) fn signed_off_ms(&self) -> i64 {
        if self.date_off_signed { self.date_off_ms } else { 0 }
    }
}

const REFUND_RULES: [(&str, RefundRule); 2] =
    [("many-one-a-day", RefundRule::ManyOneADay), ("one", RefundRule::One)];
const REFUND_DIGITS: [(&str, RefundDigits); 3] =
    [("number", RefundDigits::Number), ("amount", RefundDigits::Amount), ("off", RefundDigits::Off)];
const REFUND_LISTS: [(&str, RefundListRule); 4] = [
    ("flag", RefundListRule::Flag),
    ("done", RefundListRule::Done),
    ("always", RefundListRule::Always),
    ("never", RefundListRule::Never),
];

/// The value of a word.
pub(crate) fn pick<T: Copy>(value: &Value, words: &[(&str, T)]) -> Option<T> {
    let word = value.as_str()?;
    words.iter().find(|row| row.0 == word).map(|row| row.1)
}

/// The word of a value.
pub(crate) fn name<T: Copy + PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|row| row.1 == value).map_or("", |row| row.0)
}

/// At most ten days.
fn minutes(value: &Value) -> Option<i64> {
    i64::try_from(within(value, 0, 14_400)?).ok()
}

/// The value of a switch that is off when null.
#[expect(clippy::option_option, reason = "outside: whether the value fits; inside: whether it is on")]
pub(crate) fn null_or<T>(value: &Value, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() { Some(None) } else { Some(Some(read(value.as_str()?)?)) }
}

/// A step of a `Date` header, in milliseconds.
pub(crate) fn date_off_ms(value: &Value) -> Option<i64> {
    value.as_i64().filter(|ms| (-DATE_OFF_MS_MAX..=DATE_OFF_MS_MAX).contains(ms))
}

/// A letter and four digits, listed or not; the codes of success refuse nothing.
fn is_refusal(code: &str) -> bool {
    let digits = code.strip_prefix(['E', 'M']).unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn within(value: &Value, least: u64, most: u64) -> Option<u64> {
    value.as_u64().filter(|number| (least..=most).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_shown_can_be_set_to_what_is_shown() {
        let shown = Switches::default().show();
        for (name, value) in shown.as_object().unwrap() {
            assert!(Switches::default().set(name, value).is_some(), "{name}");
        }
    }

    #[test]
    fn unknown_names_and_wrong_values_change_nothing() {
        let mut switches = Switches::default();
        for (name, value) in [
            ("nothing", json!(true)),
            ("pay_job", json!("yes")),
            ("late_seconds", json!(541)),
            ("members", json!("half")),
            ("past_300", json!("more")),
            ("rows_max", json!(0)),
            ("refuse_all", json!("S0000")),
            ("refuse_all", json!("E010")),
            ("refuse_all", json!("3/32")),
            ("refuse_all", json!(true)),
            ("date_off_ms", json!(DATE_OFF_MS_MAX + 1)),
            ("date_off_ms", json!(1.5)),
            ("refunds", json!("two")),
            ("refunds_max", json!(100)),
            ("refund_digits", json!(true)),
            ("refund_list", json!("some")),
            ("refund_done_minutes", json!(14_401)),
            ("order_refund_days", json!(0)),
        ] {
            assert_eq!(switches.set(name, &value), None, "{name}");
        }
        assert_eq!(switches.show(), Switches::default().show());
    }
}
