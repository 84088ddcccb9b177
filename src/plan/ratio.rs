//! Ratios: planned through their parts, never split, rolled up part by part.

use super::change::{Mode, Spread, Verb, ZeroBase};
use super::link::Followed;
use super::lots::LotCount;
use super::patch::Patch;
use super::quotient::Quotient;
use super::ratio_edit::{GivesWay, RatioEdit};
use super::{EditError, Layer, NodeId, Plan, PlanError};
use crate::allocation::NegativeWeights;
use crate::measure::{Additivity, Measures};
use crate::quantity::{Number, Ratio, Rounding};

impl Plan {
    /// Adds the ratios among these measures whose both parts the plan has.
    #[must_use]
    pub fn with_ratios(mut self, measures: &Measures) -> Self {
        for measure in measures.iter() {
            let Additivity::Ratio {
                numerator,
                denominator,
            } = &measure.additivity
            else {
                continue;
            };
            let known = self
                .quotients
                .iter()
                .any(|own| own.measure.key == measure.key);
            let parts = (
                self.sheet_index(numerator.as_str()),
                self.sheet_index(denominator.as_str()),
            );
            if let (false, (Ok(numerator), Ok(denominator))) = (known, parts) {
                self.quotients.push(Quotient {
                    measure: measure.clone(),
                    numerator,
                    denominator,
                    link: None,
                });
            }
        }
        self
    }

    /// Returns a ratio at a node: what its numerator is there over what its denominator is, in units of the measures;
    /// `None` where the denominator is zero.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`], [`PlanError::ForeignNode`]; [`PlanError::Quantity`] beyond 128 bits.
    pub fn ratio(&self, measure: &str, node: NodeId) -> Result<Option<Ratio>, PlanError> {
        let found = self
            .quotients
            .iter()
            .find(|own| own.measure.key == *measure);
        let quotient = found.ok_or_else(|| self.unknown_measure(measure))?;
        let part = |sheet: usize| -> Result<Ratio, PlanError> {
            let measure = self.sheets[sheet].measure();
            let amount = self.amount(measure.key.as_str(), node)?;
            Ok(Ratio::from(amount.units()).checked_mul(measure.quantum.ratio())?)
        };
        let (top, bottom) = (part(quotient.numerator)?, part(quotient.denominator)?);
        if bottom.is_zero() {
            return Ok(None);
        }
        Ok(Some(top.checked_div(bottom)?))
    }

    /// Sets a ratio; `before` is what it was before the change.
    pub(super) fn set_ratio(
        &mut self,
        edit: &RatioEdit,
        before: Option<Ratio>,
        followed: &mut Followed,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let node = self.frame.node(&edit.at)?;
        let no_base = || {
            PlanError::Edit(EditError::NoBase {
                measure: edit.measure.clone(),
                place: self.frame.path(node),
            })
        };
        let value = edit.value.or(before).ok_or_else(no_base)?;
        let found = self
            .quotients
            .iter()
            .position(|own| own.measure.key == edit.measure);
        let set = found.ok_or_else(|| self.unknown_measure(edit.measure.as_str()))?;
        let quotient = &self.quotients[set];
        let by_link = quotient.link.as_ref().map(|link| link.ratio_changed);
        let gives_way = edit.gives.or(by_link).ok_or_else(|| {
            PlanError::Edit(EditError::NoRule {
                measure: edit.measure.clone(),
            })
        })?;
        let (gives, stays) = match gives_way {
            GivesWay::Numerator => (quotient.numerator, quotient.denominator),
            GivesWay::Denominator => (quotient.denominator, quotient.numerator),
        };
        let stays = self.sheets[stays].measure();
        let kept = self.amount(stays.key.as_str(), node)?;
        let kept = Ratio::from(kept.units()).checked_mul(stays.quantum.ratio())?;
        let amount = match gives_way {
            GivesWay::Numerator => kept.checked_mul(value)?,
            GivesWay::Denominator if value.is_zero() => return Err(no_base()),
            GivesWay::Denominator => kept.checked_div(value)?,
        };
        let lot = self.sheets[gives].cascade().lots().at(node);
        let gives = self.sheets[gives].measure();
        let lots = amount.checked_div(lot.ratio())?;
        let lots = gives.quantum.round(lots, Rounding::HalfAwayFromZero)?;
        let units = LotCount::new(lots)
            .quanta(lot)
            .ok_or_else(|| PlanError::OutOfRange {
                place: self.frame.path(node),
            })?;
        let amount = Number::from(gives.quantum.amount(units));
        let spread = Spread {
            measure: gives.key.clone(),
            at: edit.at.clone(),
            verb: Verb::Proportional { amount },
            mode: Mode::Replace,
            zero_base: ZeroBase::Equal,
            negative_base: NegativeWeights::Refuse,
            carry: edit.carry.clone(),
            layer: Layer::Assigned,
        };
        let (mark, moved) = (journal.len(), self.sheet_index(spread.measure.as_str())?);
        self.spread(&spread, journal)?;
        self.follow(moved, Some(set), followed, mark, journal)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Company, key, member, recipe};
    use super::super::*;
    use crate::calendar::PeriodId;
    use crate::document::Version;
    use crate::measure::{Additivity, Measure, Measures, Unit};
    use crate::panel::ColumnKey;
    use crate::quantity::{Number, Quantum, Ratio};
    use crate::space::Axis;
    use crate::space::RowId;

    fn plan(measures: &Measures, company: &Company) -> Plan {
        let sources = Sources::new(measures, &company.space).calendar(&company.calendar);
        let def = |measure| {
            recipe(measure)
                .step(member("person", "region"))
                .step(member("person", "person"))
        };
        let sales = Cascade::compile(def("sales"), &sources).unwrap();
        let pieces = Cascade::beside(sales.frame(), def("pieces"), &sources).unwrap();
        let mut plan = sales.run(1000.into()).unwrap();
        plan.join(pieces.run(200.into()).unwrap()).unwrap();
        plan.with_ratios(measures)
    }

    fn measures(company: &Company) -> Measures {
        let mut list: Vec<Measure> = company.measures.iter().cloned().collect();
        let unit: Unit = "money:EUR per count:piece".parse().unwrap();
        let price = Additivity::Ratio {
            numerator: key("sales"),
            denominator: key("pieces"),
        };
        list.push(
            Measure::flow("price", unit, Quantum::CENT)
                .unwrap()
                .adding(price),
        );
        Measures::new(list).unwrap()
    }

    fn apply(plan: &mut Plan, edits: Vec<Edit>) {
        let change = Change {
            version: Version::default(),
            by: key("ann"),
            at: "2026-01-05T09:30:00".parse().unwrap(),
            reason: String::new(),
            based_on: plan.version(),
            edits,
        };
        plan.apply(change).unwrap();
        assert_eq!(plan.verify(), []);
    }

    #[test]
    fn a_price_stays_linked_to_amount_and_volume() {
        let company = Company::new();
        let measures = measures(&company);
        let mut plan = plan(&measures, &company);
        let north = plan.frame().find(&["north"]).unwrap();
        assert_eq!(plan.ratio("price", north).unwrap(), Some(Ratio::from(5)));
        let at = Place::whole().at("region", "north").unwrap();
        let price = |value: Option<i64>, gives| {
            Edit::Ratio(RatioEdit {
                measure: key("price"),
                at: at.clone(),
                value: value.map(Ratio::from),
                gives: Some(gives),
                carry: Carry::Up,
            })
        };
        apply(&mut plan, vec![price(Some(6), GivesWay::Numerator)]);
        assert_eq!(plan.amount("sales", north).unwrap().to_string(), "600.00");
        // More volume at the price that there was.
        let verb = Verb::Proportional {
            amount: Number::from(150),
        };
        let volume = Edit::Spread(Spread::new("pieces", at.clone(), verb).unwrap());
        apply(&mut plan, vec![volume, price(None, GivesWay::Numerator)]);
        assert_eq!(plan.amount("sales", north).unwrap().to_string(), "900.00");
        apply(&mut plan, vec![price(Some(9), GivesWay::Denominator)]);
        assert_eq!(plan.amount("pieces", north).unwrap().to_string(), "100");
        // 900 + 500 over 100 + 100: weighted, not the mean of 9 and 5.
        assert_eq!(
            plan.ratio("price", NodeId::WHOLE).unwrap(),
            Some(Ratio::from(7))
        );
        let year = company
            .calendar
            .year_periods(crate::calendar::Grain::Year, 2026);
        let was = Structure::as_it_was(&company.space);
        let panel = plan.targets(&was, &[], &year.unwrap()).unwrap();
        let whole = panel.answer(
            &ColumnKey::target("price").unwrap(),
            RowId::at(0),
            PeriodId::at(0),
        );
        assert_eq!(
            whole.unwrap().ratio().ok(),
            Some(Ratio::from(7)),
            "a plan without periods is for all of its horizon"
        );
    }

    #[test]
    fn ratios_are_quotient_columns_of_targets() {
        let company = Company::new();
        let measures = measures(&company);
        let sources = Sources::new(&measures, &company.space).calendar(&company.calendar);
        let def = |measure| recipe(measure).step(StepDef::grain(crate::calendar::Grain::Half));
        let sales = Cascade::compile(def("sales"), &sources).unwrap();
        let pieces = Cascade::beside(sales.frame(), def("pieces"), &sources).unwrap();
        let mut plan = sales.run(1000.into()).unwrap();
        plan.join(pieces.run(300.into()).unwrap()).unwrap();
        let plan = plan.with_ratios(&measures);
        let year = company
            .calendar
            .year_periods(crate::calendar::Grain::Year, 2026)
            .unwrap();
        let was = Structure::as_it_was(&company.space);
        let panel = plan.targets(&was, &[] as &[Axis], &year).unwrap();
        let answer = panel
            .answer(
                &ColumnKey::target("price").unwrap(),
                RowId::at(0),
                PeriodId::at(0),
            )
            .unwrap();
        assert_eq!(answer.ratio().ok(), Some(Ratio::new(10, 3).unwrap()));
    }
}
