//! The documents of the rooms that scenarios do not reach.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use quotaflow::calendar::{
    Cadence, Calendar, CalendarDef, DayRange, Grain, PeriodSet, Window, WorkingDays,
    WorkingDaysDef, WorkingHours, WorkingHoursDef, parent_map, refinement,
};
use quotaflow::duty::{
    DoneItem, Duty, MatchRule, PlannedItem, Quota, Route, RouteDef, Submission, spread,
};
use quotaflow::funnel::{Funnel, FunnelDef, Opportunity, Reached, StageKind};
use quotaflow::margins::{Closing, Several, TwoWay};
use quotaflow::process::{Instance, Workflow, WorkflowDef};
use quotaflow::quantity::Ratio;
use serde::{Deserialize, Serialize};

/// One document of each sort, with the days and hours that they are asked about.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rooms {
    as_of: NaiveDate,
    from: NaiveDate,
    to: NaiveDate,
    at: NaiveDateTime,
    steps: i32,
    calendar: CalendarDef,
    second: CalendarDef,
    working: WorkingDaysDef,
    hours: WorkingHoursDef,
    cadences: Vec<Cadence>,
    windows: Vec<Window>,
    set: PeriodSet,
    workflow: WorkflowDef,
    instance: Instance,
    funnel: FunnelDef,
    opportunities: Vec<Opportunity>,
    duty: Duty,
    submissions: Vec<Submission>,
    rule: MatchRule,
    planned: Vec<PlannedItem>,
    done: Vec<DoneItem>,
    route: RouteDef,
    quota: Quota,
    two_way: TwoWay,
    several: Several,
}

const GRAINS: [Grain; 6] = [
    Grain::Day,
    Grain::Week,
    Grain::Month,
    Grain::Quarter,
    Grain::Half,
    Grain::Year,
];

impl Rooms {
    /// Asks everything of everything; answers and errors are both fine.
    pub(crate) fn ask(&self) {
        let working = WorkingDays::new(self.working.clone()).ok();
        let hours = WorkingHours::new(self.hours.clone()).ok();
        for def in [&self.calendar, &self.second] {
            if let Ok(calendar) = Calendar::new(def.clone()) {
                self.ask_calendar(&calendar);
            }
        }
        if let Some(working) = &working {
            self.ask_days(working);
        }
        if let Some(hours) = &hours {
            self.ask_hours(hours);
        }
        self.ask_funnel();
        let _ = self
            .rule
            .match_plan(&self.planned, &self.done, &[], self.as_of);
        let _ = Route::new(self.route.clone()).map(|route| route.overfull());
        let _ = self.quota.standing(&[].into());
        let _ = self.two_way.solve(Closing::default());
        let _ = self.several.solve();
    }

    fn ask_calendar(&self, calendar: &Calendar) {
        for grain in GRAINS {
            let _ = calendar.containing(grain, self.as_of);
            if (self.to - self.from).num_days() < 40_000
                && let Ok(set) = calendar.periods(grain, self.from, self.to)
            {
                let _ = parent_map(&set, &self.set);
                let _ = refinement(&set, &self.set);
            }
        }
        for window in &self.windows {
            let _ = window.resolve(calendar, self.as_of);
        }
    }

    fn ask_days(&self, working: &WorkingDays) {
        let _ = working.add_working_days(self.as_of, self.steps);
        let _ = working.count(self.from, self.to);
        let _ = working.working_days(self.from, self.to);
        let _ = (
            working.roll_forward(self.as_of),
            working.roll_back(self.as_of),
        );
        let _ = (
            working.next_working_day(self.as_of),
            working.previous_working_day(self.as_of),
        );
        let _ = working.period_units(&self.set);
        for cadence in &self.cadences {
            let _ = cadence.occurrences(self.from, self.to, working);
        }
        let _ = spread(
            i64::from(self.steps),
            &self.set,
            self.as_of,
            working,
            Ratio::ONE,
        );
        let asked = self.duty.obligations(self.from, self.to, working);
        if let Ok(asked) = asked.map(|asked| asked.into_iter().take(5_000).collect::<Vec<_>>()) {
            let report = self.duty.report(&asked, &self.submissions, self.as_of);
            let _ = report.map(|report| report.counts(|_, _| true).punctuality());
        }
    }

    fn ask_hours(&self, hours: &WorkingHours) {
        let _ = hours.add_working_time(self.at, TimeDelta::minutes(i64::from(self.steps)));
        let _ = hours.next_working_time(self.at);
        let _ = hours.worked_between(self.instance.opened, self.at);
        let _ = self.workflow.check();
        if let Ok(workflow) = Workflow::new(self.workflow.clone())
            && let Ok(report) = workflow.replay(&self.instance, hours, self.at)
        {
            let _ = (report.time_conformance(), workflow.summary(&[report]));
        }
    }

    fn ask_funnel(&self) {
        let Ok(funnel) = Funnel::new(self.funnel.clone()) else {
            return;
        };
        let Ok(pipeline) = funnel.pipeline(&self.opportunities, self.as_of) else {
            return;
        };
        let _ = (pipeline.stuck(), pipeline.cycle(StageKind::Won));
        let Some(first) = funnel.stage_ids().next() else {
            return;
        };
        for stage in funnel.stage_ids() {
            let _ = (pipeline.stays(stage), pipeline.totals(stage));
            if let Ok(days) = DayRange::new(self.from, self.to) {
                let _ = pipeline.traffic(days);
                let _ = pipeline.cohort(first, stage, days, Reached::default());
                let _ = pipeline.period(first, stage, days, Reached::default());
            }
        }
    }
}
