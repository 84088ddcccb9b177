//! A law of targets held against history, by a reference that divides.

use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::measure::Direction;
use quotaflow::panel::{Column, ColumnKey, Figure, Panel};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::Subjects;
use quotaflow::statistics::target_history_columns;

proptest! {
    #[test]
    fn growth_is_counted_as_dividing_counts_it_and_seasons_make_a_whole(
        sold in prop::collection::vec(-5_i64..200, 12), targets in prop::collection::vec(1_i64..200, 16), over in 6_usize..=12, limit: bool,
    ) {
        let quarters = Calendar::gregorian().periods(Grain::Quarter, "2023-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
        let last = quarters.iter().nth(over - 1).unwrap().end.pred_opt().unwrap();
        let mut panel = Panel::new(Subjects::whole(), quarters).as_of_day(last);
        let better = if limit { Direction::Smaller } else { Direction::Larger };
        let all = [sold.clone(), vec![0; 4]].concat();
        for (key, units) in [(ColumnKey::actual("sales").unwrap(), all), (ColumnKey::target("sales").unwrap(), targets.clone())] {
            panel.add(Column::amounts(key, "money:EUR".parse().unwrap(), Quantum::ONE, units).better(better)).unwrap();
        }
        panel.extend(target_history_columns(&ColumnKey::actual("sales").unwrap())).unwrap();
        let told = |column: &str, at: usize| {
            let period = panel.periods().iter().nth(at).unwrap();
            let label = panel.periods().label(period.id).unwrap().to_string();
            panel.get(&format!("sales.{column}"), [""; 0], &label).unwrap().found().and_then(Figure::value).ok()
        };
        // What is over and was above zero a year before has a growth.
        let growth = |at: usize| {
            let base = *sold.get(at.checked_sub(4)?)?;
            (at < over && base > 0).then(|| Ratio::new(i128::from(sold[at]), i128::from(base)).unwrap())
        };
        for (at, target) in targets.iter().enumerate() {
            let base = at.checked_sub(4).filter(|before| *before < over).map(|before| sold[before]).filter(|base| *base > 0);
            let wanted = base.map(|base| {
                let asked = Ratio::new(i128::from(*target), i128::from(base)).unwrap();
                let known: Vec<Ratio> = (0..at).filter_map(growth).collect();
                let reached = known.iter().filter(|own| if limit { **own <= asked } else { **own >= asked }).count();
                (Ratio::from(i64::try_from(known.len()).unwrap()), Ratio::from(i64::try_from(reached).unwrap()))
            });
            prop_assert_eq!(told("growth_known", at), wanted.map(|own| own.0));
            prop_assert_eq!(told("growth_reached", at), wanted.map(|own| own.1));
        }
        // Shifts weighed by the season of the year before make one.
        for year in 1..4_usize {
            let bases: Vec<i64> = (0..4).filter_map(|at| sold.get(4 * (year - 1) + at).copied()).collect();
            let is_known = 4 * year <= over && bases.iter().all(|base| *base > 0);
            let mut sum = Ratio::ZERO;
            for at in 0..4 {
                let shift = told("season_shift", 4 * year + at);
                prop_assert_eq!(shift.is_some(), is_known);
                if let Some(shift) = shift {
                    let part = Ratio::new(i128::from(bases[at]), i128::from(bases.iter().sum::<i64>())).unwrap();
                    sum = sum.checked_add(shift.checked_mul(part).unwrap()).unwrap();
                }
            }
            prop_assert!(!is_known || sum == Ratio::ONE);
        }
    }
}
