use super::*;
use crate::calendar::RetailPattern;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn calendar(year: YearDef) -> Calendar {
    Calendar::new(CalendarDef::new(Key::new("test").unwrap(), year)).unwrap()
}

fn labels(set: &PeriodSet) -> Vec<String> {
    set.iter().map(|period| period.label.to_string()).collect()
}

fn label(calendar: &Calendar, grain: Grain, day: NaiveDate) -> String {
    calendar.containing(grain, day).unwrap().label.to_string()
}

/// Weeks of ISO 8601 around the ends of years.
#[test]
fn weeks_at_the_ends_of_years_are_those_of_iso() {
    let gregorian = Calendar::gregorian();
    for (date, expected, weekday) in [
        (day(2021, 1, 1), "2020-W53", 5),
        (day(2020, 12, 28), "2020-W53", 1),
        (day(2024, 12, 30), "2025-W01", 1),
        (day(2027, 1, 3), "2026-W53", 7),
    ] {
        let week = gregorian.containing(Grain::Week, date).unwrap();
        assert_eq!(week.label, expected);
        let weekday_found = date.num_days_from_ce() - week.start.num_days_from_ce() + 1;
        assert_eq!(weekday_found, weekday, "{date}");
    }
    assert_eq!(gregorian.weeks_in(2020).unwrap(), 53);
    assert_eq!(gregorian.weeks_in(2021).unwrap(), 52);
}

#[test]
fn long_years_of_the_retail_calendar() {
    let retail = calendar(YearDef::RETAIL_454);
    let long: Vec<i32> = (2005..=2028)
        .filter(|&year| retail.weeks_in(year).unwrap() == 53)
        .collect();
    assert_eq!(long, [2006, 2012, 2017, 2023, 2028]);
    // The published ends of these years.
    assert_eq!(retail.year(2023).unwrap().end(), day(2024, 2, 4));
    assert_eq!(retail.year(2024).unwrap().end(), day(2025, 2, 2));
}

#[test]
fn weeks_go_to_months_by_four_five_four() {
    let retail = calendar(YearDef::RETAIL_454);
    for year in [2022, 2023] {
        let weeks = retail.year_periods(Grain::Week, year).unwrap();
        for week in &weeks {
            let number = week.id.index() + 1;
            let (quarter, in_quarter) = ((number - 1) / 13, (number - 1) % 13 + 1);
            let expected = match (number, in_quarter) {
                (53, _) => 12,
                (_, 1..=4) => quarter * 3 + 1,
                (_, 5..=9) => quarter * 3 + 2,
                (_, _) => quarter * 3 + 3,
            };
            assert_eq!(week.label, format!("FY{year}-W{number:02}").as_str());
            assert_eq!(
                label(&retail, Grain::Month, week.start),
                format!("FY{year}-P{expected:02}")
            );
        }
    }
}

#[test]
fn the_53rd_week_goes_where_the_definition_says() {
    let YearDef::Retail {
        pattern,
        week_start,
        end_month,
        end_rule,
        numbered_by,
        ..
    } = YearDef::RETAIL_454
    else {
        panic!("not retail")
    };
    let early = calendar(YearDef::Retail {
        pattern,
        week_start,
        end_month,
        end_rule,
        numbered_by,
        long_month: 6,
    });
    let months = early.year_periods(Grain::Month, 2023).unwrap();
    let weeks: Vec<u32> = months.iter().map(|month| month.days() / 7).collect();
    assert_eq!(weeks, [4, 5, 4, 4, 5, 5, 4, 5, 4, 4, 5, 4]);
}

#[test]
fn quarters_of_five_four_and_four_weeks() {
    let YearDef::Retail {
        week_start,
        end_month,
        end_rule,
        numbered_by,
        long_month,
        ..
    } = YearDef::RETAIL_454
    else {
        panic!("not retail")
    };
    for (pattern, quarter) in [
        (RetailPattern::P544, [5, 4, 4]),
        (RetailPattern::P445, [4, 4, 5]),
    ] {
        let calendar = calendar(YearDef::Retail {
            pattern,
            week_start,
            end_month,
            end_rule,
            numbered_by,
            long_month,
        });
        let months = |year| -> Vec<u32> {
            let months = calendar.year_periods(Grain::Month, year).unwrap();
            months.iter().map(|month| month.days() / 7).collect()
        };
        let mut expected = quarter.repeat(4);
        assert_eq!(months(2022), expected);
        // A year of 53 weeks: the last month has one more.
        expected[11] += 1;
        assert_eq!(months(2023), expected);
    }
}

#[test]
fn labels_of_the_gregorian_calendar() {
    let gregorian = Calendar::gregorian();
    for (grain, expected) in [
        (Grain::Day, "2011-05-31"),
        (Grain::Week, "2011-W22"),
        (Grain::Month, "2011-05"),
        (Grain::Quarter, "2011-Q2"),
        (Grain::Half, "2011-H1"),
        (Grain::Year, "2011"),
    ] {
        assert_eq!(label(&gregorian, grain, day(2011, 5, 31)), expected);
    }
    let quarters = gregorian
        .periods(Grain::Quarter, day(2025, 12, 31), day(2026, 4, 2))
        .unwrap();
    assert_eq!(labels(&quarters), ["2025-Q4", "2026-Q1", "2026-Q2"]);
    assert_eq!(quarters.key(), "gregorian.quarter");
}

#[test]
fn a_fiscal_year_from_july_is_numbered_as_stated() {
    let year = |numbered_by| YearDef::Months {
        start_month: 7,
        start_day: 1,
        numbered_by,
    };
    let by_end = calendar(year(YearNumber::End));
    let by_start = calendar(year(YearNumber::Start));
    let date = day(2025, 8, 15);
    assert_eq!(label(&by_end, Grain::Year, date), "FY2026");
    assert_eq!(label(&by_start, Grain::Year, date), "FY2025");
    assert_eq!(label(&by_end, Grain::Month, date), "FY2026-P02");
    assert_eq!(
        label(&by_end, Grain::Quarter, day(2026, 6, 30)),
        "FY2026-Q4"
    );
    assert_eq!(label(&by_end, Grain::Half, day(2026, 1, 1)), "FY2026-H2");
    assert_eq!(label(&by_end, Grain::Week, day(2026, 1, 1)), "2026-W01");
    assert_eq!(by_end.year(2026).unwrap().days(), 365);
}

#[test]
fn months_may_start_in_mid_month() {
    let tax = calendar(YearDef::Months {
        start_month: 4,
        start_day: 6,
        numbered_by: YearNumber::Start,
    });
    let first = tax.containing(Grain::Month, day(2026, 5, 5)).unwrap();
    assert_eq!(first.label, "FY2026-P01");
    assert_eq!((first.start, first.end), (day(2026, 4, 6), day(2026, 5, 6)));
    assert_eq!(label(&tax, Grain::Year, day(2026, 4, 5)), "FY2025");
}

#[test]
fn weeks_may_be_counted_from_the_year_start_or_by_majority() {
    let blocks = Calendar::new(
        CalendarDef::new(Key::new("b").unwrap(), YearDef::CALENDAR_YEAR).weeks(WeekDef::YearBlocks),
    )
    .unwrap();
    let weeks = blocks.year_periods(Grain::Week, 2024).unwrap();
    assert_eq!(weeks.len(), 53);
    assert_eq!(weeks.iter().next_back().unwrap().days(), 2);
    assert_eq!(blocks.weeks_in(2023).unwrap(), 53);

    let sunday = WeekDef::Majority {
        first_day: Weekday::Sun,
    };
    let july = YearDef::Months {
        start_month: 7,
        start_day: 1,
        numbered_by: YearNumber::End,
    };
    let majority =
        Calendar::new(CalendarDef::new(Key::new("m").unwrap(), july).weeks(sunday)).unwrap();
    // 1 July 2025 is a Tuesday: the week from Sunday 29 June has its fourth day on Wednesday 2 July.
    let week = majority.containing(Grain::Week, day(2025, 6, 29)).unwrap();
    assert_eq!(week.label, "FY2026-W01");
    assert_eq!(week.start, day(2025, 6, 29));
    let weeks = majority.year_periods(Grain::Week, 2026).unwrap();
    assert_eq!(weeks.start(), Some(day(2025, 6, 29)));
    assert_eq!(
        u32::try_from(weeks.len()).unwrap(),
        majority.weeks_in(2026).unwrap()
    );
}

#[test]
fn a_year_that_ends_on_the_last_friday_of_the_month_stays_in_the_month() {
    let last = calendar(YearDef::Retail {
        pattern: RetailPattern::P445,
        week_start: Weekday::Sat,
        end_month: 9,
        end_rule: YearEnd::LastInMonth,
        numbered_by: YearNumber::End,
        long_month: 12,
    });
    // 26 September 2025 and 25 September 2026 are the last Fridays.
    let year = last.year(2026).unwrap();
    assert_eq!(
        (year.start(), year.end()),
        (day(2025, 9, 27), day(2026, 9, 26))
    );
    let months = last.year_periods(Grain::Month, 2026).unwrap();
    let weeks: Vec<u32> = months.iter().map(|month| month.days() / 7).collect();
    assert_eq!(weeks, [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5]);
}

#[test]
fn the_first_and_the_last_year_answer_or_say_why_not() {
    let gregorian = Calendar::gregorian();
    assert_eq!(gregorian.year(1).unwrap().start(), day(1, 1, 1));
    assert_eq!(gregorian.year(9999).unwrap().end(), day(10_000, 1, 1));
    assert!(gregorian.year(0).is_err());
    assert!(gregorian.year(10_000).is_err());
    assert!(gregorian.year(i32::MAX - 1).is_err());
    assert_eq!(
        label(&gregorian, Grain::Day, day(9999, 12, 31)),
        "9999-12-31"
    );
    assert!(matches!(
        gregorian.containing(Grain::Week, day(9999, 12, 31)),
        Err(CalendarError::DayOutOfRange { .. })
    ));
    let all = gregorian
        .periods(Grain::Year, day(1, 1, 1), day(10_000, 1, 1))
        .unwrap();
    assert_eq!(all.len(), 9999);
    assert!(matches!(
        gregorian.periods(Grain::Day, day(1, 1, 1), day(9999, 12, 31)),
        Err(CalendarError::TooManyPeriods { .. })
    ));
    assert!(matches!(
        gregorian.periods(Grain::Day, day(2, 1, 1), day(1, 12, 31)),
        Err(CalendarError::Reversed { .. })
    ));
    assert!(
        gregorian
            .periods(Grain::Day, day(2, 1, 1), day(2, 1, 1))
            .unwrap()
            .is_empty()
    );
    assert!(gregorian.containing(Grain::Year, NaiveDate::MAX).is_err());
    assert!(gregorian.containing(Grain::Year, NaiveDate::MIN).is_err());
}

#[test]
fn every_broken_calendar_has_its_own_error() {
    let months = |start_month, start_day| {
        let year = YearDef::Months {
            start_month,
            start_day,
            numbered_by: YearNumber::End,
        };
        CalendarDef::new(Key::new("c").unwrap(), year)
    };
    assert!(matches!(
        Calendar::new(months(13, 1)),
        Err(CalendarError::NoSuchMonth { month: 13, .. })
    ));
    assert!(matches!(
        Calendar::new(months(2, 29)),
        Err(CalendarError::StartDay { day: 29, .. })
    ));
    let mut long = months(2, 1);
    long.key = Key::new("k".repeat(181)).unwrap();
    assert!(matches!(
        Calendar::new(long),
        Err(CalendarError::LongCalendarKey { bytes: 181, .. })
    ));
    let retail = CalendarDef::new(Key::new("c").unwrap(), YearDef::RETAIL_454).weeks(WeekDef::Iso);
    assert!(matches!(
        Calendar::new(retail),
        Err(CalendarError::WeeksAreFixed { .. })
    ));
}

/// A chain of shops with thirteen periods of four weeks, whose year ends on the Sunday nearest 31 December.
fn thirteen(long_quarter: u8, long_period: u8) -> Calendar {
    calendar(YearDef::FourWeeks {
        week_start: Weekday::Mon,
        end_month: 12,
        end_rule: YearEnd::Nearest,
        numbered_by: YearNumber::End,
        long_quarter,
        long_period,
    })
}

#[test]
fn thirteen_periods_of_four_weeks_make_a_year() {
    let shops = thirteen(4, 13);
    let weeks = |grain, year| -> Vec<u32> {
        let periods = shops.year_periods(grain, year).unwrap();
        periods.iter().map(|period| period.days() / 7).collect()
    };
    assert_eq!(weeks(Grain::Month, 2025), [4; 13]);
    assert_eq!(weeks(Grain::Quarter, 2025), [12, 12, 12, 16]);
    assert_eq!(weeks(Grain::Half, 2025), [24, 28]);
    assert_eq!(weeks(Grain::Year, 2025), [52]);
    // 2026 ends on Sunday 3 January 2027: 53 weeks.
    assert_eq!(shops.year(2026).unwrap().end(), day(2027, 1, 4));
    assert_eq!(weeks(Grain::Month, 2026)[11..], [4, 5]);
    assert_eq!(weeks(Grain::Quarter, 2026), [12, 12, 12, 17]);
    assert_eq!(label(&shops, Grain::Month, day(2027, 1, 3)), "FY2026-P13");
    assert_eq!(label(&shops, Grain::Quarter, day(2026, 3, 23)), "FY2026-Q2");
    let early = thirteen(1, 4);
    let periods = early.year_periods(Grain::Quarter, 2026).unwrap();
    let weeks: Vec<u32> = periods.iter().map(|period| period.days() / 7).collect();
    assert_eq!(weeks, [17, 12, 12, 12]);
    // The fourth period is longer in a long year alone.
    let lengths = |year| -> Vec<u32> {
        let periods = early.year_periods(Grain::Month, year).unwrap();
        periods.iter().map(|period| period.days() / 7).collect()
    };
    assert_eq!(lengths(2025), [4; 13]);
    assert_eq!(lengths(2026), [4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
    // What is left out is the last quarter and the last period.
    let text = r#"{"key": "stores", "year": {"kind": "four_weeks", "week_start": "monday",
        "end_month": 12, "end_rule": "nearest", "numbered_by": "end"}}"#;
    let stores: CalendarDef = serde_json::from_str(text).unwrap();
    assert_eq!(stores.year, shops.definition().year);
    let refused = |long_quarter, long_period| {
        let YearDef::FourWeeks {
            week_start,
            end_month,
            end_rule,
            numbered_by,
            ..
        } = thirteen(4, 13).definition().year
        else {
            panic!("thirteen periods")
        };
        let year = YearDef::FourWeeks {
            week_start,
            end_month,
            end_rule,
            numbered_by,
            long_quarter,
            long_period,
        };
        let def = CalendarDef::new(Key::new("test").unwrap(), year);
        Calendar::new(def).unwrap_err().to_string()
    };
    assert_eq!(
        refused(5, 13),
        "the quarter of four periods of calendar `test` is 5: it must be 1 to 4"
    );
    assert_eq!(
        refused(4, 14),
        "the period with the 53rd week of calendar `test` is 14: it must be 1 to 13"
    );
}

#[test]
fn week_1_may_be_the_one_that_holds_1_january() {
    let week_of = |first_day, date| {
        let def = CalendarDef::new(Key::new("us").unwrap(), YearDef::CALENDAR_YEAR)
            .weeks(WeekDef::HoldsNewYear { first_day });
        let week = Calendar::new(def)
            .unwrap()
            .containing(Grain::Week, date)
            .unwrap();
        (week.label.to_string(), week.start)
    };
    // 1 January 2026 is a Thursday: its week begins on Sunday 28 December.
    assert_eq!(
        week_of(Weekday::Sun, day(2026, 1, 1)),
        ("2026-W01".to_owned(), day(2025, 12, 28))
    );
    assert_eq!(
        week_of(Weekday::Sun, day(2025, 12, 27)),
        ("2025-W52".to_owned(), day(2025, 12, 21))
    );
    assert_eq!(
        week_of(Weekday::Sun, day(2026, 1, 4)),
        ("2026-W02".to_owned(), day(2026, 1, 4))
    );
    // A year that begins on the first day of a week has no days before it in week 1.
    assert_eq!(
        week_of(Weekday::Sun, day(2023, 1, 1)),
        ("2023-W01".to_owned(), day(2023, 1, 1))
    );
    // 2028 begins on a Saturday and has 366 days: 54 weeks touch it, the last of which is the next year's first.
    assert_eq!(
        week_of(Weekday::Sun, day(2028, 12, 30)),
        ("2028-W53".to_owned(), day(2028, 12, 24))
    );
    assert_eq!(
        week_of(Weekday::Sun, day(2028, 12, 31)),
        ("2029-W01".to_owned(), day(2028, 12, 31))
    );
    for year in 1999..2035 {
        for first_day in [Weekday::Sun, Weekday::Mon, Weekday::Sat] {
            let (first, start) = week_of(first_day, day(year, 1, 1));
            assert_eq!(first, format!("{year}-W01"));
            let (last, _) = week_of(first_day, start.pred_opt().unwrap());
            assert!(last == format!("{}-W52", year - 1) || last == format!("{}-W53", year - 1));
        }
    }
}

#[test]
fn a_year_may_end_near_the_penultimate_day_of_a_month() {
    let year_end = |end_rule, year| {
        let shop = calendar(YearDef::Retail {
            pattern: RetailPattern::P445,
            week_start: Weekday::Sun,
            end_month: 1,
            end_rule,
            numbered_by: YearNumber::End,
            long_month: 12,
        });
        shop.year(year).unwrap().end().pred_opt().unwrap()
    };
    for year in 1990..2060 {
        let month_end = day(year, 1, 31);
        let saturdays: Vec<NaiveDate> = (1..=38)
            .filter_map(|date| {
                day(year, 1, 1).checked_add_signed(chrono::TimeDelta::days(date - 4))
            })
            .filter(|date| date.weekday() == Weekday::Sat)
            .collect();
        for days_before_end in [0_u8, 1, 3] {
            let wanted = month_end - chrono::TimeDelta::days(i64::from(days_before_end));
            let nearest = saturdays
                .iter()
                .min_by_key(|date| (**date - wanted).num_days().abs());
            let found = year_end(YearEnd::NearestTo { days_before_end }, year);
            assert_eq!(Some(&found), nearest, "{year}, {days_before_end}");
        }
        let inside: Vec<&NaiveDate> = saturdays.iter().filter(|date| date.month() == 1).collect();
        for weeks in [0_u8, 1, 3] {
            let found = year_end(YearEnd::LastBut { weeks }, year);
            assert_eq!(
                &found,
                inside[inside.len() - 1 - usize::from(weeks)],
                "{year}, {weeks}"
            );
        }
        assert_eq!(
            year_end(YearEnd::NearestTo { days_before_end: 0 }, year),
            year_end(YearEnd::Nearest, year)
        );
    }
    let def = CalendarDef::new(
        Key::new("test").unwrap(),
        YearDef::Retail {
            pattern: RetailPattern::P445,
            week_start: Weekday::Sun,
            end_month: 1,
            end_rule: YearEnd::LastBut { weeks: 4 },
            numbered_by: YearNumber::End,
            long_month: 12,
        },
    );
    assert_eq!(
        Calendar::new(def).unwrap_err().to_string(),
        "the weeks before the last one of calendar `test` is 4: it must be 0 to 3"
    );
}
