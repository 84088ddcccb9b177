//! Hand-worked funnels.

mod journey;
mod stages;
mod value;

use chrono::NaiveDate;

use super::*;
use crate::calendar::{Calendar, DayRange, Grain};
use crate::document::Version;
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Panel, Reason, RollUp};
use crate::quantity::Ratio;
use crate::quantity::{Quantum, Rounding};
use crate::space::{Axis, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A day of the year 2026, by month and day.
fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn days(from: NaiveDate, to: NaiveDate) -> DayRange {
    DayRange::new(from, to).unwrap()
}

fn definition() -> FunnelDef {
    let chance = Ratio::percent;
    let stages = vec![
        StageDef::open(key("lead")).norm(10).chance(chance(10)),
        StageDef::open(key("talk")).norm(20).chance(chance(25)),
        StageDef::open(key("offer")).chance(chance(50)),
        StageDef::open(key("won")).ending(StageKind::Won),
        StageDef::open(key("lost")).ending(StageKind::Lost),
    ];
    FunnelDef {
        version: Version::default(),
        key: key("sales"),
        stages,
        moves: None,
    }
}

fn funnel() -> Funnel {
    Funnel::new(definition()).unwrap()
}

const LEAD: StageId = StageId::new(0);
const TALK: StageId = StageId::new(1);
const OFFER: StageId = StageId::new(2);
const WON: StageId = StageId::new(3);

fn deal(name: &str, value: i64, entries: &[(&str, NaiveDate)]) -> Opportunity {
    let entries = (0..)
        .zip(entries)
        .map(|(sequence, (stage, day))| StageEntry {
            day: *day,
            sequence,
            stage: key(stage),
        });
    Opportunity {
        key: key(name),
        owner: Some(key("ann")),
        value,
        closes: None,
        entries: entries.collect(),
    }
}

/// Five deals of the spring.
fn deals() -> Vec<Opportunity> {
    vec![
        deal(
            "a",
            100,
            &[
                ("lead", day(1, 1)),
                ("talk", day(1, 11)),
                ("offer", day(2, 1)),
                ("won", day(2, 11)),
            ],
        ),
        deal(
            "b",
            200,
            &[
                ("lead", day(1, 5)),
                ("offer", day(1, 25)),
                ("lost", day(3, 1)),
            ],
        ),
        deal(
            "c",
            300,
            &[
                ("lead", day(1, 10)),
                ("talk", day(1, 20)),
                ("lead", day(2, 1)),
                ("talk", day(2, 21)),
            ],
        ),
        deal("d", 401, &[("talk", day(2, 5)), ("offer", day(3, 5))]),
        deal("e", 500, &[("lead", day(3, 1))]),
    ]
}
