//! Laws of funnel.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::funnel::{
    Deal, Funnel, FunnelDef, MatrixCell, Opportunity, OpportunityMatrix, Reached, StageDef,
    StageEntry, StageKind, StagePair, Survival,
};
use quotaflow::key::Key;
use quotaflow::panel::{Column, Columns, Figures, Panel, RollUp};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Axis, Subjects};

fn key(text: impl AsRef<str>) -> Key {
    Key::new(text).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(offset)
}

fn funnel() -> Funnel {
    let stages = vec![
        StageDef::open(key("s0")),
        StageDef::open(key("s1")),
        StageDef::open(key("s2")),
        StageDef::open(key("s3")).ending(StageKind::Won),
        StageDef::open(key("s4")).ending(StageKind::Lost),
    ];
    let version = Version::default();
    Funnel::new(FunnelDef {
        version,
        key: key("f"),
        stages,
        moves: None,
    })
    .unwrap()
}

fn opportunities() -> impl Strategy<Value = Vec<Opportunity>> {
    let entries = proptest::collection::vec((0_u64..60, 0_u8..5), 0..6);
    proptest::collection::vec(entries, 0..12).prop_map(|drawn| {
        let build = |(id, entries): (u32, Vec<(u64, u8)>)| Opportunity {
            key: key(format!("o{id}")),
            owner: None,
            value: i64::from(id),
            closes: None,
            entries: (0..)
                .zip(entries)
                .map(|(sequence, (on, stage))| StageEntry {
                    day: day(on),
                    sequence,
                    stage: key(format!("s{stage}")),
                })
                .collect(),
        };
        (0..).zip(drawn).map(build).collect()
    })
}

fn months(subjects: &[Key]) -> Panel {
    let months = Calendar::gregorian()
        .periods(Grain::Month, day(0), day(120))
        .unwrap();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), subjects.to_vec());
    Panel::new(subjects.unwrap(), months)
}

/// The figures of each cell: an amount, or the two parts of a quotient.
fn figures(column: &Column) -> Vec<[i64; 2]> {
    match column.figures() {
        Figures::Amounts { units, .. } => units.iter().map(|units| [*units, 0]).collect(),
        Figures::Quotients {
            numerators,
            denominators,
            ..
        } => (numerators.iter().zip(denominators))
            .map(|(top, bottom)| [*top, *bottom])
            .collect(),
    }
}

proptest! {
    /// What owners have by themselves adds up to what all have together: no opportunity counts twice, and rates of the
    /// whole are its numerators over its denominators.
    #[test]
    fn owners_add_up_to_the_whole(mut opportunities in opportunities(), pair in (0_usize..3, 0_usize..5)) {
        let owners = [key("ann"), key("bo"), key("cy")];
        for (number, opportunity) in opportunities.iter_mut().enumerate() {
            opportunity.owner = owners.get(number % 3).cloned();
        }
        let funnel = funnel();
        let pipeline = funnel.pipeline(&opportunities, day(70)).unwrap();
        let pairs = [StagePair::new(key(format!("s{}", pair.0)), key(format!("s{}", pair.1)))];
        let all = key("all");
        let columns = |to, panel: &Panel| {
            let mut columns = pipeline.conversion_columns(&key("d"), &pairs, to).columns(panel).unwrap();
            columns.append(&mut pipeline.stage_columns(&key("d"), to).columns(panel).unwrap());
            columns
        };
        let (own, whole) = (columns(RollUp::Person, &months(&owners)), columns(RollUp::Whole(&all), &months(std::slice::from_ref(&all))));
        for (own, whole) in own.iter().zip(&whole) {
            let name = own.key().to_string();
            // A flow without base keeps no numerator; its parts, reached and started, are among the columns.
            if ["median", "lasting", "oldest", "flow"].iter().any(|what| name.contains(what)) {
                continue;
            }
            let parts = figures(own);
            for (period, sum) in figures(whole).into_iter().enumerate() {
                if whole.reasons()[period].is_some() {
                    continue;
                }
                for part in 0..2 {
                    let states = &own.reasons()[period * 3..];
                    let found: i64 = (0..3).filter(|row| states[*row].is_none()).map(|row| parts[period * 3 + row][part]).sum();
                    prop_assert_eq!(found, sum[part], "{} of month {}", name, period);
                }
            }
        }
    }

    /// Entries less exits are what is in a stage, at the end of any days from the beginning on.
    #[test]
    fn entries_less_exits_are_open(opportunities in opportunities(), end in 1_u64..70) {
        let funnel = funnel();
        let pipeline = funnel.pipeline(&opportunities, day(80)).unwrap();
        for traffic in pipeline.traffic(DayRange::new(day(0), day(end)).unwrap()) {
            prop_assert_eq!(traffic.entries - traffic.exits, traffic.open);
            prop_assert!(traffic.re_entries <= traffic.entries);
        }
    }

    /// Traffic of adjacent days adds up.
    #[test]
    fn traffic_adds_up_over_adjacent_days(opportunities in opportunities(), middle in 0_u64..80) {
        let funnel = funnel();
        let pipeline = funnel.pipeline(&opportunities, day(80)).unwrap();
        let traffic = |from, to| pipeline.traffic(DayRange::new(day(from), day(to)).unwrap());
        let (first, second, both) = (traffic(0, middle), traffic(middle, 80), traffic(0, 80));
        for stage in 0..5 {
            prop_assert_eq!(first[stage].entries + second[stage].entries, both[stage].entries);
            prop_assert_eq!(first[stage].exits + second[stage].exits, both[stage].exits);
            prop_assert_eq!(first[stage].skipped + second[stage].skipped, both[stage].skipped);
        }
    }

    /// A way is as long as its visits together, and the order of the list means nothing.
    #[test]
    fn a_journey_is_as_long_as_its_visits(opportunities in opportunities()) {
        let funnel = funnel();
        for opportunity in &opportunities {
            let journey = funnel.journey(opportunity, day(80)).unwrap();
            let mut other = opportunity.clone();
            other.entries.reverse();
            prop_assert_eq!(&funnel.journey(&other, day(80)).unwrap(), &journey);
            let together: i64 = journey.visits.iter().map(|visit| visit.days(day(80))).sum();
            let whole = journey.begun().map_or(0, |begun| (day(80) - begun).num_days());
            prop_assert_eq!(together, whole);
            let by_stage: i64 = funnel.stage_ids().filter_map(|stage| journey.days_in(stage)).sum();
            prop_assert_eq!(by_stage, whole);
        }
    }

    /// More reach a stage when passing it over counts, and all that start are converted, undecided or out.
    #[test]
    fn passing_over_only_adds(opportunities in opportunities(), from in 0_usize..3, to in 0_usize..4) {
        let funnel = funnel();
        let pipeline = funnel.pipeline(&opportunities, day(80)).unwrap();
        let days = DayRange::new(day(0), day(80)).unwrap();
        let ids: Vec<_> = funnel.stage_ids().collect();
        let (from, to) = (ids[from], ids[to]);
        let (entered, passed) = (pipeline.cohort(from, to, days, Reached::Entered), pipeline.cohort(from, to, days, Reached::OrPassed));
        prop_assert_eq!(entered.base, passed.base);
        prop_assert!(entered.converted <= passed.converted);
        for found in [entered, passed] {
            prop_assert!(found.converted + found.undecided <= found.base);
            prop_assert!(found.rate().is_none_or(|rate| rate <= Ratio::ONE));
        }
    }

    /// A stage of another funnel is nowhere in this one: nothing is there, nothing leads there, and nothing panics.
    #[test]
    fn a_stage_of_another_funnel_is_nowhere(opportunities in opportunities(), own in 0_usize..5) {
        let funnel = funnel();
        let pipeline = funnel.pipeline(&opportunities, day(80)).unwrap();
        let more = (0..9).map(|index| StageDef::open(key(format!("t{index}")))).collect();
        let other = Funnel::new(FunnelDef { version: Version::default(), key: key("g"), stages: more, moves: None }).unwrap();
        let (foreign, known) = (other.require("t8").unwrap(), funnel.stage_ids().nth(own).unwrap());
        let days = DayRange::new(day(0), day(80)).unwrap();
        prop_assert!(funnel.key_of(foreign).is_none() && !funnel.allows(known, foreign) && !funnel.allows(foreign, known));
        prop_assert!(pipeline.stays(foreign).ended().is_empty() && pipeline.totals(foreign).open().is_empty());
        prop_assert_eq!(pipeline.cohort(known, foreign, days, Reached::OrPassed).converted, 0);
        prop_assert_eq!(pipeline.period(foreign, foreign, days, Reached::Entered).base, 0);
        prop_assert!(pipeline.stated_chances().of(foreign).is_none());
    }

    /// The curve falls from one, and without anything open it is the plain share.
    #[test]
    fn survival_falls_and_is_plain_without_open_ones(ended in proptest::collection::vec(0_i64..30, 0..25), open in proptest::collection::vec(0_i64..30, 0..25)) {
        let found = Survival::new(&ended, &open);
        let mut last = Ratio::ONE;
        for step in found.steps() {
            prop_assert!(step.lasting <= last && !step.lasting.is_negative());
            last = step.lasting;
        }
        let plain = Survival::new(&ended, &[]);
        for time in 0..30 {
            let longer = ended.iter().filter(|other| **other > time).count();
            if let Ok(share) = Ratio::new(i128::try_from(longer).unwrap(), i128::try_from(ended.len()).unwrap()) {
                prop_assert_eq!(plain.lasting(time), share);
                prop_assert!(found.lasting(time) >= share, "what is open can only make things last longer");
            }
        }
    }

    #[test]
    fn a_matrix_places_by_its_bars_and_sorts_by_expected_value(
        all in prop::collection::vec((0_i64..100, 0_i32..=100), 0..20),
    ) {
        let matrix = OpportunityMatrix { profit: Ratio::from(50), chance: Ratio::percent(50), criteria: Vec::new() };
        let candidates: Vec<Deal> = all
            .iter()
            .enumerate()
            .map(|(at, (profit, chance))| Deal { key: key(format!("o{at}")), profit: Ratio::from(*profit), chance: Ratio::percent(*chance), owner: None,
                fits: BTreeSet::new() })
            .collect();
        let placed = matrix.place(&candidates).unwrap();
        prop_assert_eq!(placed.len(), all.len());
        prop_assert!(placed.windows(2).all(|pair| pair[0].expected >= pair[1].expected));
        for one in placed {
            let at: usize = one.key.as_str()[1..].parse().unwrap();
            let (profit, chance) = all[at];
            prop_assert_eq!(one.expected, Ratio::new(i128::from(profit) * i128::from(chance), 100).unwrap());
            let much = matches!(one.cell, MatrixCell::Pursue | MatrixCell::Develop);
            let likely = matches!(one.cell, MatrixCell::Pursue | MatrixCell::Collect);
            prop_assert_eq!((much, likely), (profit >= 50, chance >= 50));
            prop_assert_eq!(one.fit, None);
        }
    }
}
