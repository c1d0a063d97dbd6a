//! What narrows a list of orders, as it was typed or chosen.

use counterfoil_domain::{Filter, Moment, PaymentState, Rail};
use serde::Deserialize;
use ts_rs::TS;

use crate::code::Code;
use crate::error::{CommandError, shortened};

/// Empty members do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct FilterTyped {
    /// The payment method.
    #[ts(type = "Rail | \"\"")]
    pub rail: String,
    /// How far a payment is.
    #[ts(type = "PaymentState | \"\"")]
    pub state: String,
    /// The first day, as people write it: `11/21`, `2026-11-21`, `115/11/21`, today.
    pub from: String,
    /// The last day.
    pub to: String,
}

impl FilterTyped {
    /// Reads it on the day of `now`.
    ///
    /// # Errors
    /// `filter-rail`, `filter-state`, `filter-day` with what was typed, `filter-days` when the last
    /// day is before the first.
    pub fn read(&self, now: Moment) -> Result<Filter, CommandError> {
        let wrong = |code, typed: &str| CommandError::input(code).with("typed", shortened(typed));
        let day = |typed: &str| match typed.trim() {
            "" => Ok(None),
            typed => Filter::day(typed, now.day()).map(Some).ok_or_else(|| wrong(Code::FilterDay, typed)),
        };
        let rail = match self.rail.as_str() {
            "" => None,
            name => Some(Rail::parse(name).ok_or_else(|| wrong(Code::FilterRail, name))?),
        };
        let state = match self.state.as_str() {
            "" => None,
            name => Some(PaymentState::parse(name).ok_or_else(|| wrong(Code::FilterState, name))?),
        };
        let filter = Filter { rail, state, from: day(&self.from)?, to: day(&self.to)? };
        match (filter.from, filter.to) {
            (Some(from), Some(to)) if to < from => Err(CommandError::input(Code::FilterDays)
                .with("from", from.to_string())
                .with("to", to.to_string())),
            (_, _) => Ok(filter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rail: &str, state: &str, from: &str, to: &str) -> Result<Filter, Code> {
        let typed = FilterTyped { rail: rail.into(), state: state.into(), from: from.into(), to: to.into() };
        typed.read(Moment::parse_rfc3339("2026-11-22T09:00:00+08:00").unwrap()).map_err(|error| error.code)
    }

    #[test]
    fn what_is_empty_does_not_matter_and_what_is_wrong_is_named() {
        let on = |day: &str| Moment::parse_rfc3339(&format!("2026-{day}T00:00:00+08:00")).map(Moment::day);
        assert_eq!(read("", "", "", " "), Ok(Filter::default()));
        let all = Filter {
            rail: Some(Rail::CtbcCard),
            state: Some(PaymentState::PaidLate),
            from: on("11-01"),
            to: on("11-22"),
        };
        assert_eq!(read("ctbc-card", "paid-late", "11/1", "今天"), Ok(all));
        assert_eq!(read("", "", "11/22", "11/22").map(|f| f.to), Ok(on("11-22")));
        assert_eq!(read("card", "", "", ""), Err(Code::FilterRail));
        assert_eq!(read("", "Paid", "", ""), Err(Code::FilterState));
        assert_eq!(read("", "", "2/30", ""), Err(Code::FilterDay));
        assert_eq!(read("", "", "", "soon"), Err(Code::FilterDay));
        assert_eq!(read("", "", "11/22", "11/21"), Err(Code::FilterDays));
    }
}
