//! The judge: what the banks' books and the shop's commits show, held against the rules.

use counterfoil_domain::coverage::{PROVISIONAL_MINS, report};
use counterfoil_domain::schedule::AFTER_FORM_MINS;
use counterfoil_domain::{
    Bank, DiscrepancyKind, MinuteSpan, Moment, OperationKind, OperationState, PaymentId, PaymentState, Rail,
    RefundState,
};
use counterfoil_engine::ports::{
    BankReply, BankRequest, Change, Commit, Inquiry, PaidPart, Said, Store, Write,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::Outcome;
use super::books::{entries, given_back};
use super::files::Files;
use super::given::{Given, done, is_in_the_batch};
use super::named::Named;
use super::plan::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::world::World;

/// What the bank shows as paid is seen within so much time in which the program ran and that bank
/// answered.
const SEEN_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// Questions in an hour of refusals.
const REFUSED_QUESTIONS_MAX: usize = 60;
/// A create leaves within the clerk's patience, and the way there.
const PATIENCE_MS: i64 = 20_000;
/// Refusals end before the shop knows it.
const PROBE_MS: i64 = 16 * MINUTE_MS;

/// A sale is dated by the bank's time so nearly.
const SALE_NEAR_MS: i64 = 15 * MINUTE_MS;

/// What is true about a sale, whoever knows it.
pub(super) struct Truth {
    pub(super) rail: Rail,
    pub(super) amount: i64,
    pub(super) number: String,
    sold_at: i64,
    /// The customer has something to pay by.
    shown: bool,
    page_at: Option<i64>,
    /// When the customer paid.
    paid_at: Option<i64>,
    /// From when the rule counts.
    counts_from: i64,
    /// How long it could have been seen since.
    unseen_ms: i64,
    pub(super) state: PaymentState,
    told: bool,
    /// The data file does not know it: another one took its place.
    pub(super) lost: bool,
}

impl Truth {
    /// The file is read again: what it says counts, and the rule begins again.
    pub(super) fn is_read(&mut self, state: Option<PaymentState>, from: i64) {
        self.lost = state.is_none();
        self.state = state.unwrap_or(self.state);
        self.counts_from = self.counts_from.max(from);
        (self.unseen_ms, self.told) = (0, false);
    }

    pub(super) fn is_paid(&self) -> bool {
        self.paid_at.is_some()
    }
}

pub(crate) struct Judge {
    pub(super) start: Moment,
    outcome: Outcome,
    log: Sha256,
    pub(super) truths: BTreeMap<PaymentId, Truth>,
    pub(super) by_number: BTreeMap<String, PaymentId>,
    pub(super) given: Given,
    pub(super) files: Files,
    pub(crate) lag_ms: i64,
    refused: BTreeMap<Bank, Option<i64>>,
    well_since: BTreeMap<Bank, i64>,
    hung_since: BTreeMap<Bank, i64>,
    refused_questions: BTreeMap<Bank, Vec<i64>>,
    named: BTreeMap<Bank, Named>,
}

impl Judge {
    pub(crate) fn new(start: Moment) -> Self {
        Self {
            start,
            outcome: Outcome::default(),
            log: Sha256::new(),
            truths: BTreeMap::new(),
            by_number: BTreeMap::new(),
            given: Given::default(),
            files: Files::default(),
            lag_ms: 0,
            refused: Bank::ALL.into_iter().map(|bank| (bank, None)).collect(),
            well_since: Bank::ALL.into_iter().map(|bank| (bank, 0)).collect(),
            hung_since: Bank::ALL.into_iter().map(|bank| (bank, 0)).collect(),
            refused_questions: Bank::ALL.into_iter().map(|bank| (bank, Vec::new())).collect(),
            named: BTreeMap::new(),
        }
    }

    pub(super) fn violation(&mut self, rule: &str, now: i64, what: &str) {
        let (days, rest) = (now / DAY_MS, now % DAY_MS);
        let (hours, mins) = (rest / HOUR_MS, rest % HOUR_MS / MINUTE_MS);
        self.outcome.violations.push(format!("{rule} day {days} {hours:02}:{mins:02}: {what}"));
    }

    pub(crate) fn disturbed(&mut self, kind: &'static str) {
        *self.outcome.kinds.entry(kind).or_default() += 1;
    }

    /// The program begins, and knows nothing but its file.
    pub(crate) fn opened(&mut self) {
        self.named.clear();
    }

    /// An answer has arrived with a Date that is off by so much.
    pub(crate) fn named(&mut self, bank: Bank, now: i64, off_ms: i64) {
        self.named.entry(bank).or_default().name(now, off_ms);
    }

    pub(crate) fn sold(&mut self, now: i64, id: PaymentId, rail: Rail, amount: i64) {
        if let Some(truth) = self.truths.get_mut(&id) {
            (truth.sold_at, truth.amount) = (now, amount);
            truth.rail = rail;
        }
    }

    pub(crate) fn page_opened(&mut self, id: PaymentId, now: i64) {
        if let Some(truth) = self.truths.get_mut(&id) {
            truth.page_at = Some(now);
        }
    }

    /// By which number the customer can pay, if they were shown something.
    pub(crate) fn can_be_paid(&self, id: PaymentId) -> Option<(Rail, String)> {
        let truth = self.truths.get(&id)?;
        let shown = if truth.rail == Rail::CtbcCard { truth.page_at.is_some() } else { truth.shown };
        (shown && truth.paid_at.is_none()).then(|| (truth.rail, truth.number.clone()))
    }

    /// The bank has taken the customer's money.
    pub(crate) fn paid(&mut self, id: PaymentId, now: i64) {
        let lag_ms = self.lag_ms;
        let Some(truth) = self.truths.get_mut(&id) else { return };
        truth.paid_at = Some(now);
        truth.counts_from = match truth.rail {
            Rail::SinopacAccount | Rail::SinopacCard => now + lag_ms,
            // until 35 min after its form; later by its next point, a day at most
            Rail::CtbcCard => {
                let asked_until = truth.page_at.unwrap_or(now) + AFTER_FORM_MINS * MINUTE_MS;
                if now <= asked_until { now } else { now + DAY_MS }
            }
        };
    }

    /// Time in which the program did or did not run.
    pub(crate) fn passes(&mut self, now: i64, span: i64, runs: bool, hangs: &BTreeMap<Bank, bool>) {
        let mut late = Vec::new();
        for (id, truth) in &mut self.truths {
            let bank = truth.rail.bank();
            let open = truth.is_paid() && !truth.state.has_money() && !truth.told && !truth.lost;
            let well = self.refused[&bank].is_none() && !hangs[&bank] && now >= self.well_since[&bank];
            if !open || !runs || !well {
                continue;
            }
            truth.unseen_ms += (now + span - truth.counts_from.max(now)).max(0);
            if truth.unseen_ms > SEEN_WITHIN_MS {
                truth.told = true;
                late.push(format!(
                    "{} of {id} paid at {} is {:?}",
                    truth.rail.name(),
                    truth.paid_at.unwrap() / MINUTE_MS,
                    truth.state
                ));
            }
        }
        for what in late {
            self.violation("U1", now, &what);
        }
    }

    /// A refund was taken down.
    pub(crate) fn refund_asked(&mut self) {
        self.outcome.refunds += 1;
    }

    pub(crate) fn refuses(&mut self, bank: Bank, now: i64, refuses: bool) {
        let since = self.refused[&bank].unwrap_or(now);
        self.refused.insert(bank, refuses.then_some(since));
        if refuses {
            return;
        }
        // the one question of a refused shop finds out within a quarter of an hour
        self.well_since.insert(bank, now + PROBE_MS);
        let asked = std::mem::take(self.refused_questions.get_mut(&bank).unwrap());
        let most =
            asked.iter().map(|from| asked.iter().filter(|at| (*from..from + HOUR_MS).contains(at)).count());
        if let Some(most) = most.max().filter(|most| *most >= REFUSED_QUESTIONS_MAX) {
            self.violation("U4", now, &format!("{most} questions in an hour of refusals of {bank:?}"));
        }
    }

    /// A bank is silent again from `now` on, or was until now.
    pub(crate) fn hangs(&mut self, bank: Bank, now: i64, hangs: bool) {
        if hangs {
            self.hung_since.insert(bank, now);
        } else if self.well_since[&bank] > self.hung_since[&bank] {
            // the silence took the answer to the one question: the next one finds out
            self.well_since.insert(bank, now + PROBE_MS);
        }
    }

    pub(crate) fn asked(&mut self, bank: Bank, now: i64, is_write: bool, request: &BankRequest) {
        if !is_write {
            self.outcome.questions += 1;
            if self.refused[&bank].is_some() && !matches!(request, BankRequest::Ask(Inquiry::Time { .. })) {
                self.refused_questions.get_mut(&bank).unwrap().push(now);
            }
            return;
        }
        if let BankRequest::Write(Write::Card { kind, .. }) = request
            && is_in_the_batch(self.start.plus_ms(now))
        {
            self.violation("I9", now, &format!("{} in the batch", kind.name()));
        }
        if let BankRequest::Write(
            Write::IssueAccount { bank_order_no, .. } | Write::CreateLink { bank_order_no, .. },
        ) = request
        {
            let sold_at = self
                .by_number
                .get(bank_order_no.as_str())
                .and_then(|id| self.truths.get(id))
                .map(|t| t.sold_at);
            if let Some(age) = sold_at.map(|at| now - at).filter(|age| *age > PATIENCE_MS) {
                self.violation("U5", now, &format!("{bank_order_no} left after {age} ms"));
            }
        }
    }

    /// A window shows what is final, by the bank's true time.
    pub(crate) fn answered(&mut self, bank: Bank, at: Moment, request: &BankRequest, reply: &BankReply) {
        self.read(at.ms_since(self.start), request, &reply.said);
        if let (Bank::Sinopac, BankRequest::Ask(Inquiry::Paid { span, only }), Said::Rows(_)) =
            (bank, request, &reply.said)
            && *only == PaidPart::default()
        {
            let last = at.minute().plus(-(PROVISIONAL_MINS + 1)).min(span.to);
            self.files.shown().extend(span.from.minutes()..=last.minutes());
        }
    }

    pub(crate) fn committed(&mut self, now: i64, commit: &Commit) {
        self.files.committed();
        let audit = &commit.audit;
        self.log.update(format!(
            "{now} {} {} {} {}\n",
            audit.at.millis(),
            audit.what,
            audit.subject,
            audit.detail
        ));
        for change in &commit.changes {
            match change {
                Change::PaymentAdded(payment) => {
                    self.outcome.payments += 1;
                    let off_ms = payment.created_at.ms_since(self.start.plus_ms(now));
                    let named = self.named.get(&payment.rail.bank());
                    if off_ms.abs() > SALE_NEAR_MS && named.is_some_and(|named| named.is_known(now)) {
                        self.violation("U5", now, &format!("sold by a time that is {off_ms} ms off"));
                    }
                    let number = payment.bank_order_no.to_string();
                    self.by_number.insert(number.clone(), payment.id);
                    let truth = Truth {
                        rail: payment.rail,
                        amount: payment.amount.dollars(),
                        number,
                        sold_at: now,
                        shown: false,
                        page_at: None,
                        paid_at: None,
                        counts_from: i64::MAX,
                        unseen_ms: 0,
                        state: payment.state,
                        told: false,
                        lost: false,
                    };
                    self.truths.insert(payment.id, truth);
                }
                Change::PaymentChanged(payment) => {
                    let Some(truth) = self.truths.get_mut(&payment.id) else { continue };
                    truth.state = payment.state;
                    truth.shown |= payment.shown && payment.state == PaymentState::Awaiting;
                    if payment.state.has_money() && truth.paid_at.is_none() {
                        let what =
                            format!("{} is {:?}, and the bank has no money", payment.id, payment.state);
                        self.violation("U7", now, &what);
                    }
                }
                Change::CoverageAdded(coverage) => {
                    let MinuteSpan { from, to } = coverage.span;
                    let shown = self.files.shown();
                    let hidden = (from.minutes()..=to.minutes()).find(|minute| !shown.contains(minute));
                    if let Some(minute) = hidden.filter(|_| !coverage.by_number) {
                        let off = minute - self.start.minute().minutes();
                        self.violation("U2", now, &format!("minute {off} is covered and was never shown"));
                    }
                    if coverage.by_number {
                        self.violation("U2", now, "minutes went by number");
                    }
                }
                Change::ShopAdded(_)
                | Change::ShopChanged(_)
                | Change::PersonAdded(..)
                | Change::PersonChanged(..)
                | Change::PeopleAccepted
                | Change::NewsAdded(_)
                | Change::NewsSeen(_)
                | Change::CustomerAdded(_)
                | Change::CustomerErased(_)
                | Change::OrderErased(_)
                | Change::CustomerCorrected(_)
                | Change::OrderAdded(_)
                | Change::OperationAdded(_)
                | Change::OperationChanged(_)
                | Change::AnswerAdded(_)
                | Change::ReadingAdded(_)
                | Change::RefundAdded(_)
                | Change::RefundChanged(_)
                | Change::RefundBooked(_)
                | Change::RefundUnbooked(_)
                | Change::EvidenceAdded(_)
                | Change::EntryAdded(_)
                | Change::DiscrepancyAdded(_)
                | Change::CaptureAdded(_)
                | Change::ChargeAdded(_)
                | Change::PageLeft(_)
                | Change::PageUndated(..)
                | Change::DiscrepancyClosed(_)
                | Change::ForeignLineAdded(_) => {}
            }
        }
    }

    /// Four days after the last disturbance there is no gap, and no alarm without a cause.
    pub(crate) fn four_days_later(&mut self, world: &mut World, now: Moment) {
        let at = now.ms_since(self.start);
        let health = world.engine().health().clone();
        for bank in Bank::ALL {
            if *health.of(bank) != counterfoil_engine::BankHealth::default() {
                self.violation("U3", at, &format!("{bank:?}: {:?}", health.of(bank)));
            }
        }
        let engine = world.engine();
        let (from, store) = (engine.shop().added_at.minute(), engine.store());
        let before = store.covered_before(Bank::Sinopac, 0).unwrap();
        let spans = store.coverage(Bank::Sinopac, 0, before.unwrap_or(from)).unwrap();
        let coverage = report(from, before, now, &spans, store.covered_by_number(Bank::Sinopac).unwrap());
        if !coverage.gaps.is_empty() || !coverage.by_number.is_empty() {
            let minutes = |spans: &[MinuteSpan]| {
                let off = |m: counterfoil_domain::BankMinute| m.minutes() - self.start.minute().minutes();
                spans.iter().map(|s| format!("{}-{}", off(s.from), off(s.to))).collect::<Vec<_>>().join(" ")
            };
            let what = format!("gaps {} by number {}", minutes(&coverage.gaps), minutes(&coverage.by_number));
            self.violation("U3", at, &what);
        }
        let discrepancies = world.engine().store().discrepancies(500).unwrap();
        self.lost_money_is_told(world, now, &discrepancies);
        for discrepancy in discrepancies {
            let truth = discrepancy.payment.and_then(|id| self.truths.get(&id));
            let caused = match (discrepancy.kind, truth) {
                (DiscrepancyKind::PaidLate, Some(truth)) => truth.paid_at.is_some(),
                (DiscrepancyKind::StaysUnknown, Some(_)) => true,
                (DiscrepancyKind::ForeignMoney, _) => self.is_lost_money(&discrepancy.detail),
                (_, _) => discrepancy.payment.is_some_and(|payment| self.is_touched(payment)),
            };
            if !caused {
                self.violation("U3", at, &format!("{:?} {}", discrepancy.kind, discrepancy.detail));
            }
        }
    }

    /// A week later every payment has ended or has a task, and every amount that a bank has is in
    /// the books.
    pub(crate) fn week_later(&mut self, world: &mut World, now: Moment) {
        let at = now.ms_since(self.start);
        let mut found = Vec::new();
        let entries = entries(world);
        for (id, truth) in self.truths.iter().filter(|(_, truth)| !truth.lost) {
            let store = world.engine.as_ref().unwrap().store();
            let payment = store.payment(*id).unwrap().unwrap();
            let task =
                store.operations_of(*id).unwrap().iter().any(|op| op.state == OperationState::NeedsPerson)
                    || !store.discrepancies_of(*id).unwrap().is_empty();
            if payment.state.is_open() && !task {
                found.push(("U6", format!("{} of {id} is {:?}", truth.rail.name(), payment.state)));
            }
            let refunds = store.refunds_of(*id).unwrap();
            let asks = |of| refunds.iter().any(|r| Some(r.id) == of && r.state == RefundState::NeedsPerson);
            let stuck = store.operations_of(*id).unwrap().into_iter().find(|op| {
                !op.state.is_final()
                    && op.state != OperationState::NeedsPerson
                    && op.kind != OperationKind::PostForm
                    && !asks(op.refund)
            });
            if let Some(op) = stuck {
                found.push(("U6", format!("{} of {id} is {:?}", op.kind.name(), op.state)));
            }
            if truth.paid_at.is_some() != payment.state.has_money() {
                found.push(("U7", format!("paid: {:?}, ours {:?}", truth.paid_at, payment.state)));
            }
            let mut wanted = if truth.paid_at.is_some() { vec![truth.amount] } else { Vec::new() };
            let ended = refunds.iter().filter(|refund| refund.state == RefundState::Done);
            wanted.extend(ended.map(|refund| -refund.amount.dollars()));
            wanted.sort_unstable();
            let stuck = refunds.iter().find(|r| !r.state.is_final() && r.state != RefundState::NeedsPerson);
            if let Some(refund) = stuck {
                let operations = store.operations_of(*id).unwrap();
                let steps = operations.iter().filter(|op| op.refund == Some(refund.id));
                let steps: Vec<_> = steps.map(|op| (op.kind.name(), op.state, op.code.as_deref())).collect();
                found.push(("I10", format!("{} of {id} is {:?}: {steps:?}", refund.id, refund.state)));
            }
            if !refunds.is_empty() {
                let at_bank = given_back(world, truth.rail, &truth.number, false);
                let unsure = refunds.iter().any(|refund| refund.state == RefundState::NeedsPerson);
                let ours = done(&refunds);
                if at_bank > truth.amount {
                    found.push(("I1", format!("{at_bank} of {} given back of {id}", truth.amount)));
                }
                if at_bank != ours && !unsure && !self.is_touched(*id) {
                    found.push(("I4", format!("given back of {id}: bank {at_bank}, ours {ours}")));
                }
            }
            let mut posted = entries.get(id).cloned().unwrap_or_default();
            posted.sort_unstable();
            if posted != wanted {
                found.push(("U7", format!("postings of {id}: {posted:?}, not {wanted:?}")));
            }
        }
        for (rule, what) in found {
            self.violation(rule, at, &what);
        }
        if let Some(broken) = world.engine().store().verify_audit().unwrap().broken_at {
            self.violation("U7", at, &format!("the audit chain breaks at {broken}"));
        }
        for (bank, shop) in [("sinopac", "NA0249_001"), ("ctbc", "10000")] {
            let books = world.control("books", &json!({ "bank": bank, "shop": shop }));
            let busiest = books["busiest_second"].as_u64().unwrap_or(0);
            if busiest > 2 {
                self.violation("U4", at, &format!("{busiest} requests in a second at {bank}"));
            }
        }
    }

    pub(crate) fn outcome(&mut self, _sold: u64) -> Outcome {
        let mut outcome = std::mem::take(&mut self.outcome);
        for violation in &outcome.violations {
            self.log.update(violation);
        }
        outcome.hash = hex::encode(std::mem::take(&mut self.log).finalize());
        outcome
    }
}
