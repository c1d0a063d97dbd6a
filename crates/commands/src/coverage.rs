//! How far a bank has been asked, and what is wrong with that.

use counterfoil_domain::coverage::{CoverageReport, report};
use counterfoil_domain::{Bank, BankMinute, BankOrderNo, BankRow, MinuteSpan, Moment, Twd};
use counterfoil_engine::Swept;
use counterfoil_engine::ports::{FileDoubt, FileDoubtKind, ForeignMoney, Store};
use counterfoil_engine::shop::ShopRecord;
use serde::Serialize;
use ts_rs::TS;

use crate::code::Code;
use crate::error::CommandError;
use crate::views::time;

/// Minutes without an answer; both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct GapView {
    /// First minute.
    pub from: String,
    /// Last minute.
    pub to: String,
}

/// How far the bank has been asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CoverageView {
    /// When the shop was added.
    pub from: String,
    /// The last minute that counts.
    pub to: String,
    /// Oldest first; any is an alarm.
    pub gaps: Vec<GapView>,
    /// Minutes that the bank never showed as a whole: only our own numbers were asked about. Any is
    /// an alarm too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<GapView>>")]
    pub by_number: Vec<GapView>,
    /// The same with its bank and kind, and whatever else is wrong with the coverage.
    #[ts(skip)]
    pub alarms: Vec<CoverageAlarmView>,
}

/// The same at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CoverageNow {
    /// How far.
    #[serde(flatten)]
    pub coverage: CoverageView,
    /// Bank time.
    pub now: String,
    /// When SinoPac is swept next; absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next_at: Option<String>,
}

/// What is wrong with the coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoverageAlarm {
    /// The bank never showed these minutes as a whole.
    ByNumber,
    /// This computer's clock is wrong.
    ClockOff,
    /// The bank refuses this shop.
    ShopRefused,
    /// The shop was added by a clock that was ahead.
    BeginsInFuture,
    /// The bank has money that this data file does not know: paid from the first to the last
    /// minute.
    ForeignMoney,
    /// The data file lacks what was in it: from its last row until it was opened.
    OlderFile,
    /// The data file is not the one of before: a copy sold on, or it is another shop's.
    OtherFile,
}

/// Something is wrong with the coverage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageAlarmView {
    /// Which bank's.
    pub bank: Bank,
    /// What is wrong.
    pub kind: CoverageAlarm,
    /// The first minute.
    pub from: String,
    /// The last minute.
    pub to: String,
}

/// What the bank shows of a span of minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SweepView {
    /// The first minute, as asked.
    pub from: String,
    /// The last minute, as asked.
    pub to: String,
    /// Every minute was answered with all that the bank has.
    pub complete: bool,
    /// What was paid, oldest first.
    pub rows: Vec<SweptRowView>,
}

/// What was paid under one number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SweptRowView {
    /// The number that the bank sees.
    pub bank_order_no: String,
    /// Whole dollars; absent: the bank names none.
    pub amount: Option<i64>,
    /// When it was paid.
    pub paid_at: Option<String>,
    /// A payment of this data file.
    pub ours: bool,
}

/// What has come of a sweep that a person asked for. `None`: nothing.
///
/// # Errors
/// Of the store.
pub fn sweep_view<S: Store>(
    store: &S,
    span: MinuteSpan,
    swept: Option<&Swept>,
) -> Result<SweepView, CommandError> {
    let mut shown: Vec<_> = swept.into_iter().flat_map(|swept| swept.rows.values()).collect();
    shown.sort_by_key(|row| row.paid_minute);
    let row = |row: &BankRow| {
        let number = BankOrderNo::from_text(row.bank_order_no.clone());
        let paid_at = row.paid_at.or(row.paid_minute.map(BankMinute::start));
        Ok(SweptRowView {
            bank_order_no: row.bank_order_no.clone(),
            amount: row.amount.map(Twd::dollars),
            paid_at: paid_at.map(time),
            ours: store.payment_by_number(&number)?.is_some(),
        })
    };
    Ok(SweepView {
        from: time(span.from.start()),
        to: time(span.to.start()),
        complete: swept.is_some_and(Swept::is_complete),
        rows: shown.into_iter().map(row).collect::<Result<_, CommandError>>()?,
    })
}

/// How far the bank has been asked, at bank time `at`.
///
/// # Errors
/// Of the store.
pub fn coverage<S: Store>(store: &S, at: Moment) -> Result<CoverageView, CommandError> {
    let shop = store.shop()?.ok_or_else(|| CommandError::input(Code::NoShop))?;
    let from = shop.added_at.minute();
    let mut view = if shop.has(Bank::Sinopac) {
        let before = store.covered_before(Bank::Sinopac, 0)?;
        let spans = store.coverage(Bank::Sinopac, 0, before.unwrap_or(from))?;
        report(from, before, at, &spans, store.covered_by_number(Bank::Sinopac)?).into()
    } else {
        // nothing to sweep: CTBC is asked about each payment
        let (from, to) = (time(from.start()), time(at));
        CoverageView { from, to, gaps: Vec::new(), by_number: Vec::new(), alarms: Vec::new() }
    };
    // CTBC is not swept: nothing of it begins
    if shop.has(Bank::Sinopac) && from > at.minute() {
        view.alarm(Bank::Sinopac, CoverageAlarm::BeginsInFuture, at, from.start());
    }
    for bank in Bank::ALL.into_iter().filter(|bank| shop.has(*bank)) {
        if let Some(refusal) = store.kept_refusal(bank)? {
            view.alarm(bank, CoverageAlarm::ShopRefused, refusal.since, at);
        }
    }
    let foreign = store.foreign_money(ForeignMoney::Open)?;
    // newest first
    if let (Some(last), Some(first)) = (foreign.first(), foreign.last())
        && let (Some(from), Some(to)) = (first.paid_minute, last.paid_minute)
    {
        view.alarm(last.bank, CoverageAlarm::ForeignMoney, from.start(), to.start());
    }
    Ok(view)
}

impl CoverageView {
    /// What was sold in the doubted time may be in no list, at each bank of the shop.
    pub fn doubt(&mut self, shop: &ShopRecord, doubt: &FileDoubt) {
        let kind = match doubt.kind {
            FileDoubtKind::Older => CoverageAlarm::OlderFile,
            FileDoubtKind::Other => CoverageAlarm::OtherFile,
        };
        for bank in Bank::ALL.into_iter().filter(|bank| shop.has(*bank)) {
            self.alarm(bank, kind, doubt.from, doubt.to);
        }
    }

    /// One more alarm, with the two instants in either order.
    pub fn alarm(&mut self, bank: Bank, kind: CoverageAlarm, one: Moment, other: Moment) {
        let (from, to) = (one.min(other).to_string(), one.max(other).to_string());
        self.alarms.push(CoverageAlarmView { bank, kind, from, to });
    }
}

impl From<CoverageReport> for CoverageView {
    fn from(report: CoverageReport) -> Self {
        let gap = |g: MinuteSpan| GapView { from: g.from.to_string(), to: g.to.to_string() };
        let gaps = report.gaps.into_iter().map(gap).collect();
        let by_number: Vec<GapView> = report.by_number.into_iter().map(gap).collect();
        let alarm = |g: &GapView| CoverageAlarmView {
            bank: Bank::Sinopac,
            kind: CoverageAlarm::ByNumber,
            from: g.from.clone(),
            to: g.to.clone(),
        };
        let alarms = by_number.iter().map(alarm).collect();
        // a shop of this minute is covered up to where it begins
        let (from, to) = (report.from.to_string(), report.to.max(report.from).to_string());
        Self { from, to, gaps, by_number, alarms }
    }
}
