//! The calendar: named evenings, then properties over calendars and moments of any kind.

use chrono::{NaiveDateTime, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000;

fn at(wall: &str) -> Moment {
    Moment::from_taipei(NaiveDateTime::parse_from_str(wall, "%Y-%m-%d %H:%M").expect("a wall clock"))
}

fn file(start: &str, minutes: i64, margin: i64) -> CalendarFile {
    CalendarFile {
        start: start.into(),
        minutes,
        margin_minutes: margin,
        holidays: ["2026-12-25", "2027-01-01", "2027-02-08"].map(str::to_owned).to_vec(),
        extra_workdays: vec!["2027-02-20".into()],
        ..CalendarFile::default()
    }
}

fn usual_file() -> CalendarFile {
    file("20:00", 120, 10)
}

fn usual() -> BankCalendar {
    BankCalendar::new(&usual_file()).expect("a calendar")
}

fn starts(calendar: &BankCalendar, wall: &str) -> String {
    calendar.next_batch(at(wall)).starts.taipei().format("%Y-%m-%d %H:%M").to_string()
}

#[test]
fn nothing_is_sent_from_ten_to_eight_until_ten_past_ten() {
    let calendar = usual();
    // Friday 2026-11-20
    for (wall, span, yes) in [
        ("2026-11-20 19:49", 0, true),
        ("2026-11-20 19:50", 0, false),
        ("2026-11-20 20:00", 0, false),
        ("2026-11-20 22:09", 0, false),
        ("2026-11-20 22:10", 0, true),
        ("2026-11-20 19:45", 4 * MINUTE, true),
        ("2026-11-20 19:45", 5 * MINUTE, false),
        ("2026-11-20 10:00", 11 * 60 * MINUTE, false),
        ("2026-11-20 22:10", 60 * MINUTE, true),
    ] {
        assert_eq!(calendar.may_send(at(wall), span), yes, "{wall} {span}");
    }
    assert!(!calendar.may_send(at("2026-11-20 22:10").plus_ms(-1), 0));
    assert!(!calendar.may_send(at("2026-11-20 22:09"), -5 * MINUTE), "no step ends before it starts");
    assert!(!calendar.may_send(at("2026-11-20 19:55"), -10 * MINUTE));
    assert!(!calendar.may_send(at("2026-11-20 12:00"), i64::MAX), "for ever is too long");
    assert_eq!(calendar.earliest(at("2026-11-20 19:45"), 5 * MINUTE), Some(at("2026-11-20 22:10")));
    assert_eq!(calendar.earliest(at("2026-11-20 12:00"), 5 * MINUTE), Some(at("2026-11-20 12:00")));
}

/// One day a week, and the next five of them are holidays: the sixth is the workday.
#[test]
fn a_workday_is_found_behind_as_many_holidays_as_there_are() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let holidays = ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14", "2026-12-21"];
    let mondays =
        CalendarFile { weekdays: vec![1], holidays: holidays.map(str::to_owned).to_vec(), ..usual_file() };
    let calendar = BankCalendar::new(&mondays).unwrap();
    assert_eq!(calendar.workday_after(day("2026-11-16")), day("2026-12-28"));
    assert_eq!(calendar.workday_after(day("2026-11-15")), day("2026-11-16"));
}

#[test]
fn days_known_to_have_no_batch_are_free_all_day() {
    let calendar = usual();
    for (wall, yes, why) in [
        ("2026-11-21 20:30", true, "a Saturday of a year with a list"),
        ("2026-12-25 20:30", true, "a listed holiday"),
        ("2027-02-08 20:30", true, "a listed holiday"),
        ("2027-02-20 20:30", false, "a Saturday that is an extra workday"),
        ("2028-01-01 20:30", false, "a Saturday of a year without a list"),
        ("2028-01-03 20:30", false, "a Monday of a year without a list"),
    ] {
        assert_eq!(calendar.may_send(at(wall), 0), yes, "{why}");
    }
    assert!(
        !BankCalendar::default().may_send(at("2026-11-21 20:30"), 0),
        "without any list no evening is free"
    );
}

#[test]
fn a_sale_is_captured_by_the_next_workdays_batch() {
    let calendar = usual();
    for (wall, batch, why) in [
        ("2026-11-20 19:59", "2026-11-20 20:00", "before the batch"),
        (
            "2026-11-20 20:00",
            "2026-11-23 20:00",
            "at its very start it is too late, and then comes a weekend",
        ),
        ("2026-12-24 20:01", "2026-12-28 20:00", "a holiday and a weekend"),
        ("2026-12-31 21:00", "2027-01-04 20:00", "over the end of the year"),
        ("2026-12-31 19:00", "2026-12-31 20:00", "the last evening of the year"),
        ("2027-02-19 21:00", "2027-02-20 20:00", "an extra workday"),
        ("2028-02-28 21:00", "2028-02-29 20:00", "a leap day, in a year without a list"),
        ("2027-12-31 21:00", "2028-01-03 20:00", "weekdays count without a list too"),
    ] {
        assert_eq!(starts(&calendar, wall), batch, "{why}");
    }
    assert!(calendar.knows_year(at("2027-06-01 00:00").day()));
    assert!(!calendar.knows_year(at("2028-01-01 00:00").day()));
}

#[test]
fn a_batch_over_midnight_blocks_the_next_morning_too() {
    let calendar = BankCalendar::new(&file("23:30", 120, 10)).expect("a calendar");
    // Friday night into Saturday; Saturday itself has no batch
    for (wall, yes) in [
        ("2026-11-20 23:19", true),
        ("2026-11-20 23:20", false),
        ("2026-11-21 00:00", false),
        ("2026-11-21 01:39", false),
        ("2026-11-21 01:40", true),
        ("2026-11-21 23:45", true),
        // Monday 00:30 belongs to Sunday's evening, which has none
        ("2026-11-23 00:30", true),
    ] {
        assert_eq!(calendar.may_send(at(wall), 0), yes, "{wall}");
    }
    assert_eq!(starts(&calendar, "2026-11-21 00:30"), "2026-11-23 23:30", "it is running: the next one");
    let wait = calendar.wait(at("2026-11-20 23:40"), 0).expect("it runs");
    assert_eq!(
        (wait.starts_text(), wait.earliest_text(at("2026-11-20 23:40"))),
        ("23:30".into(), "11/21 01:40".into())
    );
    // the last evening of a listed year reaches into an unlisted one, and the other way round
    let only_2026 = CalendarFile { holidays: vec!["2026-12-25".into()], ..file("23:30", 120, 10) };
    let calendar =
        BankCalendar::new(&CalendarFile { extra_workdays: vec![], ..only_2026 }).expect("a calendar");
    assert!(!calendar.may_send(at("2027-01-01 01:00"), 0), "Thursday the 31st has a batch");
    assert!(!calendar.may_send(at("2027-01-02 23:45"), 0), "a Saturday of an unlisted year");
}

#[test]
fn a_margin_may_reach_into_the_evening_before() {
    let calendar = BankCalendar::new(&file("00:05", 60, 10)).expect("a calendar");
    // Sunday 2026-11-22 23:55 is the margin of Monday's batch
    assert!(calendar.may_send(at("2026-11-22 23:54"), 0));
    assert!(!calendar.may_send(at("2026-11-22 23:55"), 0));
    assert!(!calendar.may_send(at("2026-11-22 23:50"), 5 * MINUTE));
    assert_eq!(calendar.earliest(at("2026-11-22 23:55"), 0), Some(at("2026-11-23 01:15")));
    assert_eq!(starts(&calendar, "2026-11-23 00:04"), "2026-11-23 00:05");
    // New Year's Day is a listed holiday, so the last evening of the year is free
    assert!(calendar.may_send(at("2026-12-31 23:58"), 0));
}

#[test]
fn the_sentence_has_its_values() {
    let calendar = usual();
    let noon = at("2026-11-20 12:00");
    assert_eq!(calendar.wait(noon, MINUTE), None);
    let wait = calendar.wait_for_capture(noon, MINUTE).expect("tonight");
    assert_eq!((wait.starts_text(), wait.earliest_text(noon)), ("20:00".into(), "22:10".into()));
    let late = at("2026-11-20 19:55");
    let wait = calendar.wait(late, MINUTE).expect("the margin");
    assert_eq!((wait.starts_text(), wait.earliest_text(late)), ("20:00".into(), "22:10".into()));
    // during the batch what is not yet captured waits for Monday
    let during = at("2026-11-20 21:00");
    let wait = calendar.wait_for_capture(during, MINUTE).expect("Monday");
    assert_eq!(wait.earliest_text(during), "11/23 22:10");
    let odd = BatchWait { earliest: at("2026-11-20 22:10").plus_ms(1), ..wait };
    assert_eq!(odd.earliest_text(during), "22:11", "never promised too early");
}

#[test]
fn a_completed_batch_is_one_that_surely_ran() {
    let calendar = usual();
    let completed = |since, until| calendar.completed_batch(at(since), at(until)).map(|b| b.day.to_string());
    assert_eq!(completed("2026-11-20 12:00", "2026-11-20 22:09"), None, "not over with its margin");
    assert_eq!(completed("2026-11-20 12:00", "2026-11-20 22:10").as_deref(), Some("2026-11-20"));
    assert_eq!(completed("2026-11-20 20:00", "2026-11-23 20:30"), None, "a weekend, and Monday's is running");
    assert_eq!(
        completed("2026-11-18 12:00", "2026-11-22 12:00").as_deref(),
        Some("2026-11-20"),
        "the latest"
    );
    assert_eq!(completed("2026-12-24 21:00", "2026-12-27 23:00"), None, "a holiday");
    assert_eq!(completed("2028-01-03 12:00", "2028-01-31 12:00"), None, "each may have been a holiday");
    assert_eq!(completed("2027-02-19 22:30", "2027-02-20 23:00").as_deref(), Some("2027-02-20"));
    let typed_in = CalendarFile { extra_workdays: vec!["2028-01-08".into()], ..file("20:00", 120, 10) };
    let calendar = BankCalendar::new(&typed_in).expect("a calendar");
    let batch =
        calendar.completed_batch(at("2028-01-03 12:00"), at("2028-01-31 12:00")).expect("one is certain");
    assert_eq!(batch.day.to_string(), "2028-01-08", "the one day that somebody has typed in");
}

#[test]
fn a_step_that_fits_nowhere_is_said_to_fit_nowhere() {
    let calendar =
        BankCalendar::new(&CalendarFile { minutes: 720, margin_minutes: 240, ..CalendarFile::default() });
    let calendar = calendar.expect("a calendar");
    let now = at("2026-11-20 12:00");
    assert!(calendar.earliest(now, SPAN_MS_ALWAYS_FITS).is_some());
    assert_eq!(calendar.earliest(now, SPAN_MS_ALWAYS_FITS + 1), None);
    assert_eq!(calendar.wait(now, SPAN_MS_ALWAYS_FITS + 1), None);
}

#[test]
fn each_wrong_member_is_named() {
    let wrong = |change: &dyn Fn(&mut CalendarFile)| {
        let mut file = file("20:00", 120, 10);
        change(&mut file);
        BankCalendar::new(&file).expect_err("a wrong calendar").to_string()
    };
    for start in
        ["", "20", "24:00", "20:60", "8:00", "08:0", "20:00:00", "eight", "２０:00", "-1:00", " 8:00"]
    {
        assert_eq!(wrong(&|f| f.start = start.into()), "batch.start: HH:MM", "{start}");
    }
    for minutes in [i64::MIN, -1, 0, 721, i64::MAX] {
        assert_eq!(wrong(&|f| f.minutes = minutes), "batch.minutes: 1-720");
    }
    for margin in [i64::MIN, -1, 241, i64::MAX] {
        assert_eq!(wrong(&|f| f.margin_minutes = margin), "batch.margin_minutes: 0-240");
    }
    for days in [vec![], vec![0], vec![1, 8], vec![-1]] {
        assert_eq!(wrong(&|f| f.weekdays.clone_from(&days)), "batch.weekdays: 1-7");
    }
    for day in
        ["", "2026-2-3", "2026-02-30", "20261225", "2026/12/25", "115-12-25 ", "9999-12-31", "0001-01-01"]
    {
        assert_eq!(wrong(&|f| f.holidays.push(day.into())), "batch.holidays: YYYY-MM-DD", "{day}");
        assert_eq!(
            wrong(&|f| f.extra_workdays.push(day.into())),
            "batch.extra_workdays: YYYY-MM-DD",
            "{day}"
        );
    }
    assert_eq!(
        wrong(&|f| f.extra_workdays.push("2026-12-25".into())),
        "batch.extra_workdays: no day of holidays"
    );
    assert_eq!(
        wrong(&|f| f.holidays = vec!["2026-12-25".into(); 2_001]),
        "batch.holidays: 2000 dates at most"
    );
    let holidays = vec!["2026-12-25".to_owned(); 2_000];
    assert!(BankCalendar::new(&CalendarFile { holidays, ..CalendarFile::default() }).is_ok());
}

#[test]
fn it_stands_in_a_shop_file_as_the_contract_writes_it() {
    let text = r#"{"start":"20:00","minutes":120,"margin_minutes":10,"weekdays":[1,2,3,4,5],"holidays":["2026-12-25"],"extra_workdays":[]}"#;
    let calendar: BankCalendar = serde_json::from_str(text).expect("the contract's example");
    assert_eq!(serde_json::to_string(&calendar).expect("it is written"), text);
    let left_out: BankCalendar = serde_json::from_str("{}").expect("all of it may be left out");
    assert_eq!(left_out, BankCalendar::default());
    assert_eq!(BankCalendar::new(&CalendarFile::default()), Ok(BankCalendar::default()));
    for wrong in [r#"{"start":"25:00"}"#, r#"{"begin":"20:00"}"#, r#"{"minutes":0}"#] {
        assert!(serde_json::from_str::<BankCalendar>(wrong).is_err(), "{wrong}");
    }
}

/// Days around the turns of 2026, 2027 and 2028.
fn day() -> impl Strategy<Value = NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day");
    (0_i64..460).prop_map(move |n| day_plus(epoch, n))
}

fn calendars() -> impl Strategy<Value = CalendarFile> {
    let time = (0_u32..24, 0_u32..60).prop_map(|(h, m)| format!("{h:02}:{m:02}"));
    let lists = (vec(1_i64..=7, 1..6), vec(day(), 0..12), vec(day(), 0..4), proptest::bool::ANY);
    (time, 1_i64..=MINUTES_MAX, 0_i64..=MARGIN_MINUTES_MAX, lists).prop_map(
        |(start, minutes, margin_minutes, (weekdays, holidays, extra, contract))| {
            let extra = extra.into_iter().filter(|day| !holidays.contains(day));
            let extra_workdays = extra.map(|day| day.to_string()).collect();
            let holidays = holidays.iter().map(ToString::to_string).collect();
            CalendarFile {
                start,
                minutes,
                margin_minutes,
                weekdays,
                holidays,
                extra_workdays,
                no_batch_on_public_holidays: contract,
            }
        },
    )
}

fn moments() -> impl Strategy<Value = Moment> {
    (day(), 0_i64..86_400_000).prop_map(|(day, ms)| Moment::start_of(day).plus_ms(ms))
}

fn has_batch(file: &CalendarFile, day: NaiveDate) -> bool {
    let text = day.to_string();
    file.extra_workdays.contains(&text) || (by_the_shop(file, day) && !holidays::is_public(day))
}

/// Without the list that ships with the program.
fn by_the_shop(file: &CalendarFile, day: NaiveDate) -> bool {
    let text = day.to_string();
    let weekday = file.weekdays.contains(&i64::from(day.weekday().number_from_monday()));
    file.extra_workdays.contains(&text) || (weekday && !file.holidays.contains(&text))
}

/// Shows once more and otherwise: a day on which a batch is possible.
fn possible(file: &CalendarFile, day: NaiveDate) -> bool {
    let year = day.format("%Y-").to_string();
    let listed = file.holidays.iter().any(|h| h.starts_with(&year));
    let text = day.to_string();
    if file.extra_workdays.contains(&text) {
        return true;
    }
    if file.no_batch_on_public_holidays && holidays::is_public(day) {
        return false;
    }
    by_the_shop(file, day) || (!listed && !file.holidays.contains(&text))
}

/// The blackout of a day, on the wall clock.
fn blackout(file: &CalendarFile, day: NaiveDate) -> (NaiveDateTime, NaiveDateTime) {
    let start = day.and_time(NaiveTime::parse_from_str(&file.start, "%H:%M").expect("a time"));
    let margin = TimeDelta::minutes(file.margin_minutes);
    (start - margin, start + TimeDelta::minutes(file.minutes) + margin)
}

proptest! {
    #[test]
    fn we_send_outside_all_possible_batches_and_only_there(file in calendars(), at in moments(), span in 0_i64..200_000_000) {
        let calendar = BankCalendar::new(&file).expect("a calendar");
        let (from, until) = (at.taipei().naive_local(), at.plus_ms(span).taipei().naive_local());
        let touched = (-3..=6).map(|n| day_plus(at.day(), n)).any(|day| {
            let (begins, ends) = blackout(&file, day);
            possible(&file, day) && from < ends && until >= begins
        });
        prop_assert_eq!(calendar.may_send(at, span), !touched);
        prop_assert_eq!(calendar.wait(at, span).is_some(), touched && calendar.earliest(at, span).is_some());
    }

    #[test]
    fn the_earliest_time_is_one_and_there_is_none_before(file in calendars(), at in moments(), span in 0_i64..=SPAN_MS_ALWAYS_FITS, back in 0_i64..1_000) {
        let calendar = BankCalendar::new(&file).expect("a calendar");
        let earliest = calendar.earliest(at, span).expect("such a step always fits");
        prop_assert!(earliest >= at && calendar.may_send(earliest, span));
        prop_assert!(earliest == at || !calendar.may_send(earliest.plus_ms(-1), span));
        let between = at.plus_ms(earliest.ms_since(at) * back / 1_000);
        prop_assert!(between == earliest || !calendar.may_send(between, span));
        prop_assert!(earliest.ms_since(at) < 2 * 86_400_000);
    }

    #[test]
    fn a_longer_step_never_goes_where_a_shorter_one_may_not(file in calendars(), at in moments(), span in 0_i64..90_000_000, more in 0_i64..90_000_000) {
        let calendar = BankCalendar::new(&file).expect("a calendar");
        prop_assert!(calendar.may_send(at, span) || !calendar.may_send(at, span + more));
    }

    #[test]
    fn the_capture_is_the_next_workdays_batch_and_never_goes_back(file in calendars(), at in moments(), later in 0_i64..900_000_000) {
        let calendar = BankCalendar::new(&file).expect("a calendar");
        let batch = calendar.next_batch(at);
        prop_assert!(has_batch(&file, batch.day) && batch.starts > at);
        prop_assert_eq!(batch, calendar.batch_of(batch.day));
        let skipped = at.day().iter_days().take_while(|day| *day < batch.day);
        for day in skipped {
            prop_assert!(!has_batch(&file, day) || calendar.batch_of(day).starts <= at, "{}", day);
        }
        prop_assert!(calendar.next_batch(at.plus_ms(later)).starts >= batch.starts);
        // and while it runs nothing is sent
        prop_assert!(!calendar.may_send(batch.starts, 0) && !calendar.may_send(batch.ends, 0) || file.margin_minutes == 0);
        prop_assert!(!calendar.may_send(batch.ends.plus_ms(-1), 0));
    }

    #[test]
    fn a_completed_batch_is_possible_over_and_counted_for_good(file in calendars(), since in moments(), hours in 0_i64..400) {
        let calendar = BankCalendar::new(&file).expect("a calendar");
        let until = since.plus_mins(hours * 60);
        if let Some(batch) = calendar.completed_batch(since, until) {
            prop_assert!(has_batch(&file, batch.day) && since < batch.starts);
            prop_assert!(batch.ends.plus_mins(file.margin_minutes) <= until);
            prop_assert!(calendar.completed_batch(since, until.plus_days(1)).is_some());
        }
    }
}

#[test]
fn a_date_is_read_as_people_write_it() {
    for (typed, wanted) in
        [("2026-01-01", "2026-01-01"), (" 2026/1/1\r", "2026-01-01"), ("2026-2/28", "2026-02-28")]
    {
        assert_eq!(typed_date(typed).map(|day| day.to_string()).as_deref(), Some(wanted), "{typed}");
    }
    for typed in [
        "",
        "2026-02-29",
        "1/1",
        "26-01-01",
        "2026-001-01",
        "2026-01-01-",
        "2026-+1-01",
        "1969-12-31",
        "20260101",
    ] {
        assert_eq!(typed_date(typed), None, "{typed}");
    }
}

#[test]
fn a_year_without_a_list_is_named_before_it_begins() {
    let at = |text| Moment::parse_rfc3339(text).unwrap();
    let mut file = CalendarFile::default();
    let years = |file: &CalendarFile, now| BankCalendar::new(file).unwrap().unlisted_years(at(now), 60);
    assert_eq!(years(&file, "2026-12-01T09:00:00+08:00"), [0; 0], "the program has a list of both");
    assert_eq!(years(&file, "2028-06-01T09:00:00+08:00"), [2028]);
    assert_eq!(years(&file, "2028-12-01T09:00:00+08:00"), [2028, 2029]);
    file.holidays.push("2028-12-25".to_owned());
    assert_eq!(years(&file, "2028-06-01T09:00:00+08:00"), [0; 0]);
    assert_eq!(years(&file, "2028-12-01T09:00:00+08:00"), [2029]);
}

/// 2026-09-25 is a Friday on the list that ships with the program.
#[test]
fn a_public_holiday_of_which_the_shop_said_nothing_captures_nothing_and_still_blocks() {
    let calendar = usual();
    let (noon, evening, night) = (at("2026-09-25 12:00"), at("2026-09-25 20:30"), at("2026-09-25 22:10"));
    assert_eq!(starts(&calendar, "2026-09-25 12:00"), "2026-09-29 20:00", "the 28th is one too");
    assert!(!calendar.may_send(evening, 0), "but a batch may run");
    assert_eq!(calendar.next_possible_batch(noon).starts, at("2026-09-25 20:00"));
    assert_eq!(calendar.completed_batch(noon, night), None, "and surely none did");

    let silent = BankCalendar::default();
    assert!(!silent.may_send(evening, 0) && !silent.may_send(at("2026-09-26 20:30"), 0));
    let possible = |wall| silent.next_possible_batch(at(wall)).starts;
    assert_eq!(possible("2026-09-26 12:00"), at("2026-09-26 20:00"));
    assert_eq!(possible("2026-09-26 20:00"), at("2026-09-27 20:00"), "that one has begun");
    let friday = (at("2026-11-20 12:00"), at("2026-11-20 22:10"));
    assert_eq!(silent.completed_batch(friday.0, friday.1), None, "the shipped list proves nothing");
}

#[test]
fn a_contract_without_batches_on_public_holidays_frees_them() {
    let file = CalendarFile { no_batch_on_public_holidays: true, ..CalendarFile::default() };
    let calendar = BankCalendar::new(&file).unwrap();
    assert!(calendar.may_send(at("2026-09-25 20:30"), 0));
    assert!(!calendar.may_send(at("2026-09-26 20:30"), 0), "of a Saturday it says nothing");
    assert!(!calendar.may_send(at("2028-12-25 20:30"), 0), "nor of a year that no list holds");
    assert_eq!(calendar.next_possible_batch(at("2026-09-25 12:00")).starts, at("2026-09-26 20:00"));
    let completed = |day: &str| {
        calendar.completed_batch(at(&format!("{day} 12:00")), at(&format!("{day} 22:10"))).is_some()
    };
    assert!(completed("2026-11-20") && !completed("2026-09-25") && !completed("2028-11-20"));
    let extra = CalendarFile { extra_workdays: vec!["2026-09-25".into()], ..file };
    let calendar = BankCalendar::new(&extra).unwrap();
    assert!(!calendar.may_send(at("2026-09-25 20:30"), 0), "the shop knows better");
    assert_eq!(starts(&calendar, "2026-09-25 12:00"), "2026-09-25 20:00");
    let text = r#"{"no_batch_on_public_holidays":true}"#;
    assert_eq!(
        serde_json::from_str::<BankCalendar>(text).unwrap(),
        BankCalendar::new(&file_of(text)).unwrap()
    );
}

fn file_of(text: &str) -> CalendarFile {
    serde_json::from_str(text).unwrap()
}
