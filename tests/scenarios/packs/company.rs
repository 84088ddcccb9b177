//! A company small enough for one thing at a time to be wrong in it: records as lines of text, figures folded from them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet};
use quotaflow::catalog::packs::{self, READ, Room, Watch, figures};
use quotaflow::catalog::records;
use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
use quotaflow::measure::Currency;
use quotaflow::metric::{Layout, measure};
use quotaflow::panel::{Column, Columns, Panel, Reason};
use quotaflow::quantity::Ratio;
use quotaflow::rule::RuleSet;
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};

/// What is recorded, who should be alerted, and figures that are not folded from records.
pub struct Case {
    pub rule: &'static str,
    pub watch: Watch,
    pub wrong: &'static str,
    pub records: Vec<String>,
    /// Column, what it says of the one in whom something is wrong, and of the others; `-` is nothing recorded.
    pub columns: Vec<(&'static str, &'static str, &'static str)>,
}

impl Case {
    pub fn new(rule: &'static str, watch: Watch, wrong: &'static str) -> Self {
        Self {
            rule,
            watch,
            wrong,
            records: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// Records as lines: a kind, a day, and fields.
    pub fn records(mut self, lines: &[&str]) -> Self {
        self.records
            .extend(lines.iter().map(|line| (*line).to_owned()));
        self
    }

    /// One record in each month up to June 2026, on the same day, with these amounts; `-` is none.
    pub fn monthly(
        mut self,
        kind: &str,
        day: u32,
        fields: &str,
        amount: &str,
        values: &str,
    ) -> Self {
        let values: Vec<&str> = values.split_whitespace().collect();
        for (at, value) in values.iter().enumerate() {
            if *value == "-" {
                continue;
            }
            let month = 2026 * 12 + 6 - (values.len() - at);
            let (year, month) = (month / 12, month % 12 + 1);
            self.records.push(format!(
                "{kind} {year}-{month:02}-{day:02} {fields} {amount}={value}"
            ));
        }
        self
    }

    pub fn column(mut self, key: &'static str, wrong: &'static str, others: &'static str) -> Self {
        self.columns.push((key, wrong, others));
        self
    }
}

pub struct Company {
    ledger: Ledger,
}

fn schema() -> Schema {
    let mut people = DimensionDef::new("person", &["team", "person"]).unwrap();
    for (team, members) in [("north", ["bo", "n1", "n2"]), ("south", ["gu", "s1", "s2"])] {
        people = people.member("team", team).unwrap();
        for person in members {
            people = people.child("person", person, team).unwrap();
        }
    }
    // Two of them were taken on this year.
    let dealers = [
        "dx", "dy", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "dz", "dw",
    ];
    let members = dealers.map(|key| serde_json::json!({"key": key, "level": "dealer"}));
    let area = serde_json::json!({"key": "area", "level": "area"});
    let dealers: DimensionDef = serde_json::from_value(serde_json::json!({
        "key": "dealer",
        "hierarchies": [{"key": "dealer", "levels": ["area", "dealer"], "links": [
            {"member": "dz", "parent": "area", "from": "2026-03-01"},
            {"member": "dw", "parent": "area", "from": "2026-06-09"}]}],
        "members": std::iter::once(area).chain(members).collect::<Vec<_>>()
    }))
    .unwrap();
    let others = records::DIMENSIONS.iter();
    let others = others.filter(|key| !["person", "dealer"].contains(key));
    let mut dimensions = vec![people, dealers];
    dimensions.extend(others.map(|key| DimensionDef::flat(key, key, []).unwrap()));
    let space = Space::new(dimensions).unwrap();
    let measures = records::measures(Currency::new("CNY").unwrap()).unwrap();
    let span = DayRange::new(day("2024-01-01"), day("2027-01-01")).unwrap();
    Schema::new(space, measures, records::kinds().unwrap(), span).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn record(line: &str, kinds: &[RecordKind]) -> Record {
    let mut words = line.split_whitespace();
    let (key, on) = (words.next().unwrap(), words.next().unwrap());
    let kind = kinds.iter().find(|kind| kind.key == *key).unwrap();
    words.fold(Record::new(key, day(on)), |record, word| {
        let (field, value) = word.split_once('=').unwrap();
        match field {
            "person" | "dealer" => record.of(field, value),
            _ if kind.dates.iter().any(|known| known.field == *field) => {
                record.date(field, day(value))
            }
            _ if kind.measures.iter().any(|known| known.measure == *field) => {
                record.amount(field, value.parse().unwrap())
            }
            _ => record.attribute(field, value),
        }
    })
}

impl Company {
    pub fn of(case: &Case) -> Self {
        let mut ledger = Ledger::new("crm", schema()).unwrap();
        let kinds = records::kinds().unwrap();
        let lines = case.records.iter();
        let records: Vec<Record> = lines.map(|line| record(line, &kinds)).collect();
        ledger.enter(&records).unwrap();
        Self { ledger }
    }

    fn fold(&self, axis: (&str, &str)) -> Panel {
        let schema = self.ledger.schema();
        let axis = Axis::new(axis.0, axis.1).unwrap();
        let subjects = schema.space().subjects(&axis, Unassigned::Hidden).unwrap();
        let frame = Layout::new(schema.clone(), subjects, months());
        measure(&figures::all().unwrap(), &frame, &self.ledger).unwrap()
    }

    /// The panel of those whom the rule watches, with all figures and all columns that rules read.
    pub fn panel(&self, case: &Case) -> Panel {
        let mut panel = match case.watch {
            Watch::Dealer => self.fold(("dealer", "dealer")),
            Watch::Person => self.fold(("person", "person")),
            Watch::Team => self.fold(("person", "team")),
            Watch::Initiative => {
                let keys = ["spring", "autumn"].map(|key| key.try_into().unwrap());
                let axis = Axis::new("initiative", "initiative").unwrap();
                Panel::new(Subjects::new(axis, keys.to_vec()).unwrap(), months())
            }
            other => panic!("no panel for {other:?}"),
        };
        for read in &READ {
            let given = case.columns.iter().find(|(key, ..)| *key == read.column);
            let (_, wrong, others) = given.copied().unwrap_or((read.column, "-", "-"));
            if read.room == Room::Tally && case.watch == Watch::Team {
                continue;
            }
            panel
                .add(column(read.column, &panel, case.wrong, wrong, others))
                .unwrap();
        }
        if case.watch == Watch::Team {
            for column in self.counts(case, &panel) {
                panel.add(column).unwrap();
            }
        }
        panel
    }

    /// People below target: every person has the target that the case gives for the team.
    fn counts(&self, case: &Case, teams: &Panel) -> Vec<Column> {
        let mut people = self.fold(("person", "person"));
        let space = self.ledger.schema().space();
        let tree = space.dimension("person").unwrap().tree("person").unwrap();
        let given = case.columns.iter().find(|(key, ..)| *key == "each_target");
        let each = given.map_or("-", |(_, each, _)| each);
        people
            .add(column("target:sales", &people, "-", each, each))
            .unwrap();
        packs::counts_of_people(&people, tree)
            .columns(teams)
            .unwrap()
    }

    /// The subjects alerted in June 2026, by rule.
    pub fn alerts(&self, case: &Case) -> BTreeMap<String, Vec<String>> {
        let panel = self.panel(case);
        let rules = RuleSet::compile(packs::watching(case.watch).unwrap(), &panel).unwrap();
        let june = panel.periods().find("2026-06").unwrap();
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for alert in rules.evaluate(&panel, june).unwrap() {
            let subject = panel.subjects().members(alert.subject())[0].to_string();
            found
                .entry(alert.rule().to_string())
                .or_default()
                .push(subject);
        }
        found
    }
}

fn months() -> PeriodSet {
    Calendar::gregorian()
        .periods(Grain::Month, day("2025-01-01"), day("2026-07-01"))
        .unwrap()
}

fn column(key: &str, panel: &Panel, wrong: &str, says: &str, others: &str) -> Column {
    let (mut tops, mut bottoms, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for text in panel.each(|row, _| {
        if panel.subjects().members(row)[0] == *wrong {
            says
        } else {
            others
        }
    }) {
        let known = text.parse::<Ratio>();
        states.push(if known.is_ok() {
            None
        } else {
            Some(Reason::NothingRecorded)
        });
        let ratio = known.unwrap_or(Ratio::ZERO);
        tops.push(ratio.numerator().try_into().unwrap());
        bottoms.push(ratio.denominator().try_into().unwrap());
    }
    let unit = match key {
        "target:sales" | "expected:sales" | "expected:collections" => "money:CNY",
        "score_total" => "point",
        "alerts_recurred" | "alerts_reopened" | "corrective_actions_failed" => "count:alert",
        "oldest_open_alert_days" => "day",
        "days_to_resolve" | "days_to_alert" => "day per count:alert",
        _ => "share",
    };
    let key = key.parse().unwrap();
    let unit = unit.parse().unwrap();
    let column = Column::quotients(key, unit, Ratio::ONE, tops, bottoms).unwrap();
    column.with_reasons(&states).unwrap()
}
