//! What people are told about refunds, and what they say about them (money rules 4 and 8).

use counterfoil_commands::{
    Looks, Names, RefundPreview, RefundTyped, UnfinishedView, refund_alarms, refund_preview, refund_view,
    unfinished,
};
use counterfoil_domain::{Actor, CardState, PaymentId, Rail, RefundState};
use counterfoil_engine::Decision;
use counterfoil_tests::crash::Points;
use counterfoil_tests::ledger;
use counterfoil_tests::world::{World, at, shop_json};
use serde_json::json;

use crate::refunds::{DAY, START, given_back, paid, request, state, steps, waits};
use crate::seen::{accounts, fault, number};

/// Asked at 18:59, and the computer goes off before anything was sent: by the new state a cancelled
/// sale has become a refund, and the person who asked finds what has changed.
#[test]
fn what_a_night_changed_is_kept_for_the_person_who_asked() {
    let mut world = World::new(START, 16);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at("2026-11-23T18:59:59+08:00"));
    let refund = request(&mut world, payment, 800, 1);
    let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
    assert_eq!(view.told.unwrap().text.text_zh, "顧客的卡上不會有這筆消費。");
    assert_eq!(view.changed, None);
    world.end();
    world.sleep_to(at("2026-11-24T09:00:00+08:00"));
    world.open();
    world.run_to(at("2026-11-24T09:01:00+08:00"));
    assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "accepted".to_owned())]);
    let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
    assert_eq!(view.told.unwrap().way, "cancel", "it stays");
    let changed = view.changed.unwrap();
    assert_eq!((changed.way, changed.batch.as_deref()), ("refund", Some("2026-11-24")));
    let since = changed.at.unwrap();
    assert!(since.starts_with("2026-11-24T09:00:"), "as soon as the computer is on again: {since}");
    let text = "申請時預定在請款前取消；銀行已先請款，所以改為退款。顧客會看到一筆消費和一筆退款。";
    assert_eq!(changed.text.text_zh, text);
    let details = "SELECT detail FROM audit WHERE what = 'refund-plan' AND detail LIKE '%told%'";
    let detail: String = ledger::read(world.folder()).query_row(details, [], |row| row.get(0)).unwrap();
    assert_eq!(detail, "working told cancel, ran refund 2026-11-24");
    world.run_to(at("2026-11-25T02:00:00+08:00"));
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
    assert!(refund_view(world.engine().store(), refund, Names::Full).unwrap().changed.is_some());
}

/// A computer that was off: its start asks about the refunds that are due first, then sweeps the
/// time since, and only then asks about single sales.
#[test]
fn a_start_asks_about_due_refunds_first_and_then_sweeps() {
    let mut world = World::new(START, 18);
    let payment = paid(&mut world, Rail::SinopacCard, 900);
    let refunded = number(&world, payment);
    let others: Vec<_> = accounts(&mut world, 4).into_iter().map(|one| number(&world, one)).collect();
    let refund = request(&mut world, payment, 900, 1);
    world.run_secs(30);
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
    world.end();
    world.sleep_to(at("2026-11-24T09:00:00+08:00"));
    world.open();
    world.run_secs(300);
    let bank = world.bank.lock().unwrap();
    let asked: Vec<_> = bank
        .calls()
        .filter(|call| call.service == "OrderQuery" && call.at.as_str() >= "2026-11-24")
        .map(|call| call.order.clone().unwrap_or_default())
        .collect();
    let first = |wanted: &dyn Fn(&String) -> bool| asked.iter().position(wanted).unwrap();
    let (of_refund, of_sweep) = (first(&|order| *order == refunded), first(&String::is_empty));
    let of_others = first(&|order| others.contains(order));
    assert!(of_refund < of_sweep && of_sweep < of_others, "{asked:?} {refunded} {others:?}");
}

/// What keeps the program when its window is closed: not the money that customers still bring, but
/// each refund until its end, and a request whose answer is lost until it is found out.
#[test]
fn what_must_go_on_by_itself_is_counted() {
    let mut world = World::new(START, 19);
    let left = |world: &mut World| {
        let UnfinishedView { refunds, requests, which: _ } = unfinished(world.engine().store()).unwrap();
        (refunds, requests)
    };
    let payment = paid(&mut world, Rail::SinopacCard, 900);
    let page = world.sell(Rail::CtbcCard, 500).payment;
    world.run_secs(5);
    world.open_page(page);
    world.sell(Rail::SinopacAccount, 100);
    world.run_secs(5);
    assert_eq!(left(&mut world), (0, 0));
    let refund = request(&mut world, payment, 900, 1);
    assert_eq!(left(&mut world), (1, 0));
    world.run_secs(30);
    assert_eq!((state(&mut world, refund), left(&mut world)), (RefundState::AtBank, (1, 0)));
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, refund), left(&mut world)), (RefundState::Done, (0, 0)));
    fault(&world, "drop-after", "OrderCreate", 1);
    world.sell(Rail::SinopacAccount, 300);
    world.run_secs(2);
    assert_eq!(left(&mut world), (0, 1));
    world.run_secs(600);
    assert_eq!(left(&mut world), (0, 0));
}

/// Asked before one batch and sent after it: the day on which the money goes back has changed, and
/// the way has not. What goes as it was told has not changed.
#[test]
fn a_refund_that_misses_its_batch_names_the_next() {
    for (asked, changed) in [("24T10:00", None), ("24T19:30", Some("2026-11-25"))] {
        let mut world = World::new(START, 17);
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        world.run_to(at(&format!("2026-11-{asked}:00+08:00")));
        let refund = request(&mut world, payment, 300, 1);
        if changed.is_some() {
            world.end();
            world.sleep_to(at("2026-11-25T09:00:00+08:00"));
            world.open();
        }
        world.run_secs(60);
        assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "accepted".to_owned())]);
        let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
        assert_eq!(view.told.unwrap().batch.as_deref(), Some("2026-11-24"));
        assert_eq!(view.changed.as_ref().and_then(|view| view.batch.as_deref()), changed);
        let text = "申請時預定隨 11/24 的銀行批次退款，實際改為 11/25 的批次。";
        assert_eq!(view.changed.map(|view| view.text.text_zh), changed.map(|_| text.to_owned()));
    }
}

fn alarms(world: &mut World) -> Vec<&'static str> {
    let now = world.clocks();
    let at = world.engine().bank_time(now);
    refund_alarms(world.engine().store(), at).unwrap().iter().map(|alarm| alarm.kind).collect()
}

/// A batch that does not let the sale go: after three workdays an alarm, which ends by itself.
#[test]
fn a_sale_that_the_batch_keeps_locked_is_an_alarm_until_it_is_free() {
    let mut world = World::new(START, 19);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    let refund = request(&mut world, payment, 300, 1);
    // the batch of Monday ends on Friday at noon
    world.control("batch", &json!({ "bank": "ctbc", "shop": "10000", "end_late_minutes": 5_160 }));
    world.run_to(at("2026-11-26T23:00:00+08:00"));
    assert_eq!(waits(&mut world, refund).map(|(text, _)| text.contains("正在處理這一筆")), Some(true));
    assert_eq!(alarms(&mut world), Vec::<&str>::new(), "Tuesday, Wednesday, Thursday");
    world.run_to(at("2026-11-27T09:00:00+08:00"));
    assert_eq!(alarms(&mut world), ["locked-too-long"]);
    assert_eq!(steps(&mut world, refund), [], "nothing was sent meanwhile");
    world.run_to(at("2026-11-27T14:00:00+08:00"));
    assert_eq!(alarms(&mut world), Vec::<&str>::new(), "it ends by itself");
    world.run_to(at("2026-12-02T02:00:00+08:00"));
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 300));
}

/// A bank that answers nothing: the refund says why it waits, and after three workdays it is an
/// alarm, also across starts. The first answer ends it.
#[test]
fn a_bank_that_answers_nothing_is_an_alarm_until_it_does() {
    let mut world = World::new(START, 21);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at("2026-11-24T09:00:00+08:00"));
    fault(&world, "drop-before", "Inquiry", 10_000);
    let refund = request(&mut world, payment, 300, 1);
    for morning in ["25", "26", "27"] {
        world.run_to(at(&format!("2026-11-{morning}T09:00:00+08:00")));
        assert_eq!(waits(&mut world, refund).map(|(text, _)| text.contains("銀行沒有回覆")), Some(true));
        assert_eq!(alarms(&mut world), Vec::<&str>::new(), "{morning}");
        world.end();
        world.open();
    }
    world.run_to(at("2026-11-30T09:00:00+08:00"));
    assert_eq!(alarms(&mut world), ["unanswered-too-long"]);
    assert_eq!(steps(&mut world, refund), [], "nothing was sent");
    world.control("faults", &json!({ "clear": true }));
    world.run_secs(2 * 3_600);
    assert_eq!((alarms(&mut world), state(&mut world, refund)), (vec![], RefundState::AtBank));
}

/// The bank has a refund and does not end it: after seven days an alarm, which ends by itself.
#[test]
fn a_refund_that_the_bank_does_not_end_is_an_alarm_until_it_does() {
    let mut world = World::new(START, 20);
    world.control("switch", &json!({ "refund_digits": "off" }));
    let payment = paid(&mut world, Rail::SinopacAccount, 900);
    let refund = request(&mut world, payment, 400, 1);
    world.run_secs(30);
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
    // no card shows a transfer
    let told = refund_view(world.engine().store(), refund, Names::Full).unwrap().told.unwrap();
    assert_eq!(told.text.text_zh, "錢會退回顧客轉出的帳戶。");
    let order = number(&world, payment);
    world.control("refund_state", &json!({ "order": order, "state": "2A400" }));
    world.run_to(at("2026-11-30T09:00:00+08:00"));
    assert_eq!((alarms(&mut world), state(&mut world, refund)), (vec![], RefundState::AtBank));
    world.run_to(at("2026-11-30T09:10:00+08:00"));
    assert_eq!(alarms(&mut world), ["pending-too-long"]);
    // the next reading asks a person, who can write down what the bank says
    world.run_secs(4 * 3_600);
    let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
    let choices: Vec<&str> = view.choices.iter().map(|choice| choice.choice).collect();
    assert_eq!(choices, ["done", "not-done", "keep-asking"]);
    assert_eq!(alarms(&mut world), ["pending-too-long"]);
    world.control("refund_state", &json!({ "order": order, "state": "2A900" }));
    world.run_secs(DAY);
    assert_eq!((alarms(&mut world), state(&mut world, refund)), (vec![], RefundState::Done));
}

/// The bank names its reference for what it has done: the refund is done by that word, and keeps
/// it.
#[test]
fn the_reference_that_the_bank_named_stays_with_the_refund() {
    let mut world = World::new(START, 18);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at("2026-11-24T09:00:00+08:00"));
    fault(&world, "code:3/53", "Refund", 1);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(3_600);
    let now = world.clocks();
    let keep = Decision::KeepAsking;
    world.engine().decide_refund(now, refund, Actor::Owner, &keep).unwrap();
    assert_eq!(refund_view(world.engine().store(), refund, Names::Full).unwrap().word, None);
    world.run_to(at("2026-12-20T09:00:00+08:00"));
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
    let now = world.clocks();
    let done = Decision::Done { reference: "CR-20261124-77".to_owned() };
    let row = world.engine().decide_refund(now, refund, Actor::Owner, &done).unwrap();
    assert_eq!(row.state, RefundState::Done);
    world.end();
    world.open();
    let word = refund_view(world.engine().store(), refund, Names::Full).unwrap().word.unwrap();
    assert_eq!((word.confirmed_zh.as_str(), word.text.as_str()), ("銀行確認已退", "CR-20261124-77"));
}

fn preview(world: &mut World, payment: PaymentId, dollars: i64) -> RefundPreview {
    preview_for(world, payment, dollars, Actor::Owner)
}

pub(crate) fn preview_for(world: &mut World, payment: PaymentId, dollars: i64, who: Actor) -> RefundPreview {
    let now = world.clocks();
    let clocks = world.engine().clocks(now);
    let looks = Looks { who, at: world.engine().bank_time(now), clocks };
    let typed = RefundTyped {
        payment: payment.to_string(),
        xid: String::new(),
        amount: dollars.to_string(),
        reason: "returned".to_owned(),
        note: None,
    };
    refund_preview(world.engine().store(), &typed, looks).unwrap_or_else(|e| panic!("{e:?}"))
}

/// By the older paper a second refund may be refused: said before asking, and nowhere else.
#[test]
fn the_older_paper_of_sinopac_warns_of_a_second_refund() {
    for (paper, warned) in [("v2.4", vec!["second-may-be-refused"]), ("v2.5", vec![])] {
        let mut shop = shop_json();
        shop["sinopac"]["flags"] = json!({ "paper": paper });
        let mut world = World::of_shop(shop, START, 21, Points::default());
        let whys = |view: RefundPreview| view.warnings.iter().map(|of| of.why).collect::<Vec<_>>();
        for rail in [Rail::SinopacCard, Rail::SinopacAccount] {
            let payment = paid(&mut world, rail, 800);
            assert_eq!(whys(preview(&mut world, payment, 300)), Vec::<&str>::new(), "the first");
            request(&mut world, payment, 300, if rail == Rail::SinopacCard { 1 } else { 2 });
            world.run_secs(3 * DAY);
            let expected = if rail == Rail::SinopacCard { warned.clone() } else { vec![] };
            assert_eq!(whys(preview(&mut world, payment, 500)), expected, "{paper} {rail:?}");
        }
    }
}

/// Money rules 5: the clerk is told before asking.
#[test]
fn before_asking_a_clerk_reads_what_the_customer_will_see_and_until_when_it_waits() {
    let mut world = World::new(START, 22);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    let early = preview(&mut world, payment, 800);
    assert_eq!((early.told.way, early.waiting), ("cancel", None));
    let part = preview(&mut world, payment, 300).waiting.unwrap();
    assert_eq!((part.why, part.until.as_str()), ("capture", "2026-11-23T22:10:00+08:00"));
    world.run_to(at("2026-11-23T19:55:00+08:00"));
    let late = preview(&mut world, payment, 800);
    assert_eq!((late.told.way, late.told.batch.as_deref()), ("refund", Some("2026-11-24")));
    let waiting = late.waiting.unwrap();
    assert_eq!(waiting.text.text_zh, "銀行批次 20:00 開始，最早 22:10（本機須開機）");
    assert_eq!(waiting.until, "2026-11-23T22:10:00+08:00");
    // nothing was kept: what is asked for then is what was shown
    let refund = request(&mut world, payment, 800, 1);
    assert_eq!(refund_view(world.engine().store(), refund, Names::Full).unwrap().told, Some(late.told));
}

/// The stamp says when the money was seen, whatever becomes of the card.
#[test]
fn the_proof_of_money_stays_when_the_card_moves_on() {
    let mut world = World::new(START, 23);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    let seen = world.payment(payment).proof;
    world.run_secs(2 * DAY);
    let later = world.payment(payment);
    assert_eq!((later.card, later.proof), (Some(CardState::Captured), seen));
}
