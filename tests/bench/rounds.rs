//! Two sides in turn, and what came of it.

use std::time::{Duration, Instant};

use serde_json::json;

/// How much is measured. The sizes are the same in both.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Rounds; an odd number, so that the median is one of them.
    pub(crate) rounds: u32,
}

impl Plan {
    /// For a look while working.
    pub(crate) const QUICK: Self = Self { rounds: 5 };
    /// For the record.
    pub(crate) const FULL: Self = Self { rounds: 15 };
}

/// One benchmark.
pub(crate) struct Outcome {
    /// What it is held against.
    pub(crate) against: &'static str,
    /// Ours, of the median round.
    pub(crate) ours: f64,
    /// The bound's, of the median round.
    pub(crate) bound: Option<f64>,
    /// Median, lowest, and spread of the rounds' ratios.
    pub(crate) ratio: Option<Ratio>,
    /// Of both figures.
    pub(crate) unit: &'static str,
    /// How many.
    pub(crate) rounds: u32,
    /// What the median ratio is to be; `None`: report only.
    pub(crate) goal: Option<Goal>,
}

/// Where the median ratio is to lie.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// Rates: ours is so much of the bound.
    AtLeast(f64),
    /// Times: ours is so many times the bound.
    AtMost(f64),
    /// Neither side is so much quicker than the other.
    Near(f64),
}

/// Of all rounds.
#[derive(Clone, Copy)]
pub(crate) struct Ratio {
    median: f64,
    worst: f64,
    spread: f64,
}

impl Outcome {
    /// Of the rates of each round, ours first.
    pub(crate) fn of(
        against: &'static str,
        unit: &'static str,
        rates: &[(f64, f64)],
    ) -> Result<Self, String> {
        let ratio = |(ours, bound): &(f64, f64)| ours / bound;
        let mut sorted = rates.to_vec();
        sorted.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
        let (Some(worst), Some(best)) = (sorted.first(), sorted.last()) else {
            return Err(format!("no round was measured against {against}"));
        };
        let middle = sorted.get(sorted.len() / 2).unwrap_or(worst);
        let median = ratio(middle);
        let spread = (ratio(best) - ratio(worst)) / median;
        Ok(Self {
            against,
            ours: middle.0,
            bound: Some(middle.1),
            ratio: Some(Ratio { median, worst: ratio(worst), spread }),
            unit,
            rounds: u32::try_from(rates.len()).unwrap_or(u32::MAX),
            goal: None,
        })
    }

    /// The same with a goal.
    pub(crate) fn aiming(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// The goal that the median does not reach, in words.
    pub(crate) fn missed(&self) -> Option<String> {
        let median = self.ratio?.median;
        let (met, wanted) = match self.goal? {
            Goal::AtLeast(least) => (median >= least, format!("at least {least}")),
            Goal::AtMost(most) => (median <= most, format!("at most {most}")),
            Goal::Near(off) => ((median - 1.0).abs() <= off, format!("1 within {off}")),
        };
        (!met).then(|| format!("against {}: {median:.3}, the goal is {wanted}", self.against))
    }

    /// Of the times of each round, ours first: the longest is the worst.
    pub(crate) fn of_times(
        against: &'static str,
        unit: &'static str,
        times: &[(f64, f64)],
    ) -> Result<Self, String> {
        let mut outcome = Self::of(against, unit, times)?;
        if let Some(ratio) = &mut outcome.ratio {
            ratio.worst += ratio.spread * ratio.median;
        }
        Ok(outcome)
    }

    /// A figure without a bound: report only.
    pub(crate) fn report(against: &'static str, unit: &'static str, figures: &[f64]) -> Result<Self, String> {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let ours = *sorted.get(sorted.len() / 2).ok_or("nothing was measured")?;
        let rounds = u32::try_from(figures.len()).unwrap_or(u32::MAX);
        Ok(Self { against, ours, bound: None, ratio: None, unit, rounds, goal: None })
    }

    /// One JSON object.
    pub(crate) fn json(&self, bench: &str, machine: &str) -> String {
        json!({
            "bench": bench,
            "against": self.against,
            "ours": figure(self.ours),
            "bound": self.bound.map(figure),
            "ratio": self.ratio.map(|r| figure(r.median)),
            "unit": self.unit,
            "rounds": self.rounds,
            "worst": self.ratio.map(|r| figure(r.worst)),
            "spread": self.ratio.map(|r| figure(r.spread)),
            "machine": machine,
        })
        .to_string()
    }

    /// The same for a person.
    pub(crate) fn line(&self, bench: &str) -> String {
        let ours = format!("{bench} against {}: {:.0} {}", self.against, self.ours, self.unit);
        let (Some(bound), Some(ratio)) = (self.bound, self.ratio) else { return ours };
        let Ratio { median, worst, spread } = ratio;
        format!(
            "{ours} of {bound:.0}, ratio {median:.3} (worst {worst:.3}, spread {spread:.3}, {} rounds)",
            self.rounds
        )
    }
}

/// Three decimals are more than any round repeats.
fn figure(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// The rates of two sides in one round: in turn, in pieces, beginning with the other side in every
/// second piece.
///
/// A piece does its work as often as it says and returns how long that took, without what it made
/// ready before.
pub(crate) fn in_turn(
    pieces: u32,
    times: u32,
    mut ours: impl FnMut(u32) -> Result<Duration, String>,
    mut bound: impl FnMut(u32) -> Result<Duration, String>,
) -> Result<(f64, f64), String> {
    let (mut of_ours, mut of_bound) = (Duration::ZERO, Duration::ZERO);
    for piece in 0..pieces {
        if piece % 2 == 0 {
            of_ours += ours(times)?;
            of_bound += bound(times)?;
        } else {
            of_bound += bound(times)?;
            of_ours += ours(times)?;
        }
    }
    let all = f64::from(pieces) * f64::from(times);
    Ok((all / of_ours.as_secs_f64(), all / of_bound.as_secs_f64()))
}

/// Now.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock; that is all it does")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
