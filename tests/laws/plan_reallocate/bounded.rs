//! Locks beside bounds of cells.

use quotaflow::plan::BoundDef;

use super::mixed::sparse;
use super::*;

impl Company {
    /// The same company where every third cell has bounds inside which these amounts lie.
    fn with_bounds(self, draw: &mut Draw, other: &[i64]) -> Self {
        let mut def = self.def.clone();
        for (leaf, (before, after)) in self.leaves.iter().zip(self.amounts().iter().zip(other)) {
            if draw.below(3) == 0 {
                let money = |cents| Number::from(Quantum::CENT.amount(cents));
                let room = draw.amount(500);
                let least = before.min(after) - room;
                let most = before.max(after) + room;
                let mut bound = BoundDef::at_most(&self.last, money(most)).unwrap();
                bound.min = Some(money(least.max(0))).filter(|_| *before > 0);
                def = def.bound(bound.at(place(leaf)));
            }
        }
        let calendar = Calendar::gregorian();
        let sources = Sources::new(&self.measures, &self.space).calendar(&calendar);
        let cascade = Cascade::compile(def, &sources).unwrap();
        let mut values = vec![vec![
            self.plan.units("sales", &self.last).unwrap().iter().sum(),
        ]];
        let steps: Vec<String> = self.plan.frame().steps().map(ToString::to_string).collect();
        values.extend(
            steps
                .iter()
                .map(|step| self.plan.units("sales", step).unwrap().to_vec()),
        );
        Self {
            plan: Plan::from_units(&cascade, values).unwrap(),
            ..self
        }
    }
}

#[test]
fn locks_hold_inside_the_bounds_of_cells_wherever_they_can() {
    let mut draw = Draw(29);
    for round in 0..200 {
        let company = sparse(&mut draw);
        let scopes = company.scopes(&mut draw);
        let other = company.another(&mut draw, &scopes, &[]);
        let locks = company.locks(&scopes, &other);
        let company = company.with_bounds(&mut draw, &other);
        // That all cells are inside their bounds, the plan has checked.
        let units = company
            .after(vec![edit(&locks)])
            .unwrap_or_else(|error| panic!("round {round}: {error}"));
        company.check(&scopes, &[], &locks, units.last().unwrap());
    }
}
