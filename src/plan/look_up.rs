//! Targets by names: a measure, members, a period.

use super::cascade::Kind;
use super::frame::Selection;
use super::step::{Split, UNASSIGNED};
use super::{Layer, Plan, PlanError};
use crate::key::{Key, unknown};
use crate::panel::{Answer, Figure};

impl Plan {
    /// Returns the target of a measure for members, each named at the step that splits by its level, in a period, with its unit.
    ///
    /// Members of several steps are named in any order; where not all steps are named, the target is what the nodes that
    /// agree total: January of a region is that of its people. No members is everybody.
    ///
    /// ```
    /// # use quotaflow::calendar::{Calendar, DayRange, Grain};
    /// # use quotaflow::measure::{Measure, Measures};
    /// # use quotaflow::plan::{Cascade, CascadeDef, Sources, StepDef};
    /// # use quotaflow::quantity::Quantum;
    /// # use quotaflow::space::{DimensionDef, Space};
    /// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
    /// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cai"])?])?;
    /// # let (calendar, year) = (Calendar::gregorian(), DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?);
    /// # let recipe = CascadeDef::new("sales-2026".try_into()?, "sales".try_into()?, year)
    /// #     .step(StepDef::member("person", "person")?).step(StepDef::grain(Grain::Month));
    /// # let plan = Cascade::compile(recipe, &Sources::new(&measures, &space).calendar(&calendar))?.run("1000000.00".parse()?)?;
    /// assert_eq!(plan.get("sales", ["bo"], "2026-05")?.to_string(), "27777.78 EUR");
    /// assert_eq!(plan.get("sales", [], "2026-05")?.to_string(), "83333.34 EUR");
    /// let error = plan.get("sales", ["bob"], "2026-05").unwrap_err();
    /// assert_eq!(error.to_string(), "no step of the plan has the member `bob`; did you mean `bo`?");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`]; [`PlanError::UnknownName`] for a member or period; [`PlanError::NamedTwice`] for two members
    /// of one step; [`PlanError::NotPlanned`] for a combination that is not planned; [`PlanError::NotANode`] for a rating over
    /// several nodes.
    pub fn get<'a>(
        &self,
        measure: &str,
        members: impl IntoIterator<Item = &'a str>,
        period: &str,
    ) -> Result<Answer<'_>, PlanError> {
        let sheet = self.sheet_index(measure)?;
        let mut fixed: Vec<(usize, u32)> = Vec::new();
        for name in members {
            let at = self.step_of_member(name)?;
            if let Some((step, _)) = fixed.iter().find(|(step, _)| *step == at.0) {
                return Err(PlanError::NamedTwice {
                    step: self.frame.steps[*step].name.clone(),
                    name: name.to_owned(),
                });
            }
            fixed.push(at);
        }
        fixed.push(self.step_of_period(period)?);
        fixed.sort_unstable();
        let place = fixed.iter().filter_map(|(step, coord)| {
            let name = self.frame.coord_name(*step, *coord)?;
            Some((self.frame.steps[*step].name.clone(), name.clone()))
        });
        let place = place.collect();
        let Selection { node, below } = self.frame.select(&place)?;
        let selection = Selection { node, below };
        let planned = self.sheets[sheet].measure();
        let answer = |units| {
            let figure = Figure::units(units, planned.quantum);
            Answer::new(Ok(figure), &planned.unit)
        };
        if selection.below.is_empty() {
            return Ok(answer(self.sheets[sheet].amounts().assigned_at(node)));
        }
        if matches!(self.sheets[sheet].cascade().kind(), Kind::Rating) {
            return Err(PlanError::NotANode { place });
        }
        if !self.has_any(&selection) {
            return Err(PlanError::NotPlanned { place });
        }
        let seen = self.seen_by(&self.sheets[sheet], Layer::Assigned, &selection)?;
        let level = selection.below.last().map_or(0, |(last, _)| last + 1);
        let agreeing = self.frame.run_below(node, level).filter(|index| {
            let node = super::NodeId::new(level, *index);
            let mut below = selection.below.iter();
            below.all(|(step, coord)| self.frame.coord_at(node, *step) == *coord)
        });
        let sum = agreeing.map(|index| i128::from(seen[level][index])).sum();
        let narrow = |sum: i128| i64::try_from(sum).map_err(|_| self.too_large(node));
        Ok(answer(narrow(sum)?))
    }

    /// Returns the first step that splits by the level of a member, and the member there.
    fn step_of_member(&self, name: &str) -> Result<(usize, u32), PlanError> {
        let steps = &self.frame.steps;
        for (number, step) in steps.iter().enumerate() {
            let Split::Member { dimension, level } = step.split else {
                continue;
            };
            let members = &self.frame.dimensions[dimension];
            let found = members.member(name).ok();
            let here = |member: &u32| {
                *member == UNASSIGNED || members.own[*member as usize] == Some(level)
            };
            if let Some(member) = found.filter(here) {
                return Ok((number, member));
            }
        }
        let known = steps.iter().filter_map(|step| match step.split {
            Split::Member { dimension, level } => Some((dimension, level)),
            Split::Time(_) => None,
        });
        let known = known.flat_map(|(dimension, level)| {
            let members = &self.frame.dimensions[dimension];
            members
                .at_level(level)
                .filter_map(|member| members.keys.get(member as usize).map(Key::as_str))
        });
        let (name, nearest, known) = unknown(name, known);
        Err(PlanError::UnknownName {
            what: "member",
            name,
            nearest,
            known,
        })
    }

    /// Returns the first step whose periods have a label, and the period there.
    fn step_of_period(&self, label: &str) -> Result<(usize, u32), PlanError> {
        let steps = self.frame.steps.iter().enumerate();
        let mut sets = steps.filter_map(|(number, step)| match &step.split {
            Split::Time(periods) => Some((number, &periods.set)),
            Split::Member { .. } => None,
        });
        let found = sets.clone().find_map(|(number, set)| {
            let ordinal = u32::try_from(set.find(label)?.index()).ok()?;
            Some((number, ordinal))
        });
        found.ok_or_else(|| {
            let labels = sets
                .by_ref()
                .flat_map(|(_, set)| set.ids().filter_map(|id| set.label(id).map(Key::as_str)));
            let (name, nearest, known) = unknown(label, labels);
            PlanError::UnknownName {
                what: "period",
                name,
                nearest,
                known,
            }
        })
    }

    /// Says whether some node agrees with a selection.
    fn has_any(&self, selection: &Selection) -> bool {
        let Some((last, _)) = selection.below.last() else {
            return true;
        };
        let level = last + 1;
        let run = self.frame.run_below(selection.node, level);
        run.into_iter().any(|index| {
            let node = super::NodeId::new(level, index);
            let agrees = |(step, coord): &(usize, u32)| self.frame.coord_at(node, *step) == *coord;
            selection.below.iter().all(agrees)
        })
    }
}
