//! One small company on which documents are tried.

use std::sync::LazyLock;

use quotaflow::calendar::{Calendar, PeriodId, PeriodSet, WorkingDays};
use quotaflow::ledger::{Ledger, Record, Schema};
use quotaflow::limits::{Limits, Size};
use quotaflow::measure::Measures;
use quotaflow::metric::{Layout, Program};
use quotaflow::model::PeriodsDef;
use quotaflow::panel::{Column, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::scenario::ScenarioDef;
use quotaflow::scorecard::Scorecard;
use quotaflow::space::{RowId, Space, Subjects, Unassigned};

const SCENARIO: &str = include_str!("../../laws/documents/scenario.json");

pub(super) static COMPANY: LazyLock<Company> = LazyLock::new(Company::new);

pub(super) struct Company {
    pub(super) scenario: ScenarioDef,
    pub(super) schema: Schema,
    pub(super) calendar: Calendar,
    pub(super) working: WorkingDays,
    pub(super) subjects: Subjects,
    pub(super) months: PeriodSet,
    pub(super) program: Program,
    /// The figures of the records, with targets and expectations beside them.
    pub(super) panel: Panel,
}

/// Limits under which whatever is accepted is quickly done.
pub(super) fn small() -> Limits {
    Limits::default()
        .with(Size::Rows, 400)
        .with(Size::Cells, 4_000)
        .with(Size::Nodes, 2_000)
        .with(Size::Steps, 100_000)
        .with(Size::Bytes, 1 << 24)
}

impl Company {
    fn new() -> Self {
        let scenario: ScenarioDef = serde_json::from_str(SCENARIO).unwrap();
        let model = &scenario.model;
        let schema = Schema::new(
            Space::new(model.dimensions.clone()).unwrap(),
            Measures::new(model.measures.clone()).unwrap(),
            model.kinds.clone(),
            model.span,
        );
        let schema = schema.unwrap();
        let calendar = Calendar::new(model.calendar.clone().unwrap()).unwrap();
        let working = WorkingDays::new(model.working_days.clone().unwrap()).unwrap();
        let view = &model.views[0];
        let subjects = schema
            .space()
            .subjects(&view.rows[0], Unassigned::Shown)
            .unwrap();
        let PeriodsDef::Grain(def) = &view.periods else {
            panic!("a grain")
        };
        let months = calendar.periods(def.grain, def.from, def.to).unwrap();
        let layout = Layout::new(schema.clone(), subjects.clone(), months.clone())
            .with_calendar(calendar.clone())
            .as_of_day(scenario.as_of);
        let program = Program::compile(&model.metrics, &layout).unwrap();
        let mut ledger = Ledger::new("test", schema.clone()).unwrap();
        ledger.enter(&scenario.records).unwrap();
        let mut panel = program.panel(&program.fold(&ledger).unwrap()).unwrap();
        let target = |row: RowId, period: PeriodId| {
            10_000 + 100 * i64::try_from(row.index() + period.index()).unwrap()
        };
        let more = Column::amounts(
            "target(sales)".parse().unwrap(),
            "money:EUR".parse().unwrap(),
            Quantum::CENT,
            panel.each(target),
        );
        panel.add(more).unwrap();
        Self {
            scenario,
            schema,
            calendar,
            working,
            subjects,
            months,
            program,
            panel,
        }
    }

    pub(super) fn ledger(&self) -> Ledger {
        Ledger::new("test", self.schema.clone()).unwrap()
    }

    /// A ledger of these records, if they are all good.
    pub(super) fn ledger_of(&self, name: &str, records: &[Record]) -> Option<Ledger> {
        let mut ledger = Ledger::new(name, self.schema.clone()).unwrap();
        match ledger.enter(records) {
            Ok(_) => Some(ledger),
            Err(error) => {
                super::told(&error);
                assert!(ledger.is_empty(), "a refused batch left something behind");
                None
            }
        }
    }

    pub(super) fn card(&self) -> Scorecard {
        Scorecard::compile(self.scenario.model.cards[0].clone()).unwrap()
    }
}
