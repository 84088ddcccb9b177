//! Laws of back-tests: what is counted, against counts cell by cell.

use crate::at::{PeriodAt, RowAt};

use proptest::prelude::*;
use quotaflow::key::Key;
use quotaflow::panel::Panel;
use quotaflow::quantity::Ratio;
use quotaflow::rule::backtest::{Backtest, Episode, Trial, Wanted, Workload, suggest, thresholds};
use quotaflow::rule::check::Anomaly;
use quotaflow::rule::{
    Comparison, Condition, Constant, Is, Operand, Persistence, RuleDef, RuleSet,
};
use quotaflow::space::{Dimension, DimensionDef};

use super::rule::{PERIODS, cells, condition, operand, panel};

const SUBJECTS: usize = 3;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The cells in which a rule fires, as rows of each subject.
fn rows(panel: &Panel, fires: impl Fn(usize, usize) -> bool) -> Vec<Episode> {
    let mut rows = Vec::new();
    for subject in 0..SUBJECTS {
        for from in 0..PERIODS {
            if fires(subject, from) && (from == 0 || !fires(subject, from - 1)) {
                let periods = (from..PERIODS).take_while(|at| fires(subject, *at)).count();
                rows.push(Episode {
                    from: panel.period_at(from),
                    subject: panel.row_at(subject),
                    periods,
                });
            }
        }
    }
    rows.sort();
    rows
}

fn tested(rules: Vec<RuleDef>, panel: &Panel) -> (RuleSet, Backtest) {
    let rules = RuleSet::compile(rules, panel).unwrap();
    let tested = rules.backtest(panel).unwrap();
    (rules, tested)
}

/// Mia leads s0 and s2, nat leads s1.
fn people() -> Dimension {
    let people = DimensionDef::new("person", &["manager", "person"]).unwrap();
    let people = people
        .member("manager", "mia")
        .unwrap()
        .member("manager", "nat")
        .unwrap();
    let led = [("s0", "mia"), ("s1", "nat"), ("s2", "mia")];
    let people = led.iter().fold(people, |people, (person, manager)| {
        people.child("person", person, manager).unwrap()
    });
    Dimension::new(people).unwrap()
}

proptest! {
    #![proptest_config(crate::cases(120))]

    #[test]
    fn a_trial_counts_what_each_cell_says(
        cells in cells(SUBJECTS),
        first in condition(),
        second in condition(),
        lasting in 1_u16..3,
    ) {
        let panel = panel(&cells, SUBJECTS);
        let first = RuleDef::new("first", first).unwrap().lasting(Persistence::Periods(lasting.into()));
        let (rules, tested) = tested(vec![first, RuleDef::new("second", second).unwrap()], &panel);
        let judge = rules.over(&panel).unwrap();
        let unreached = rules.unreached(&panel).unwrap();
        for trial in &tested.trials {
            let cell = |(subject, at): (usize, usize)| (judge.row_at(subject), judge.period_at(at));
            let verdict = |subject, at| {
                let (row, period) = cell((subject, at));
                judge.verdict(&trial.rule, row, period).unwrap()
            };
            let all: Vec<(usize, usize)> = (0..SUBJECTS).flat_map(|subject| (0..PERIODS).map(move |at| (subject, at))).collect();
            let fired: Vec<&(usize, usize)> = all.iter().filter(|(subject, at)| verdict(*subject, *at).is_true()).collect();
            prop_assert_eq!(trial.cells, fired.len());
            prop_assert_eq!(trial.undecided, all.iter().filter(|(subject, at)| verdict(*subject, *at).is_unknown()).count());
            let subjects: std::collections::BTreeSet<usize> = fired.iter().map(|(subject, _)| *subject).collect();
            prop_assert_eq!(trial.subjects, subjects.len());
            let mut alerts = trial.alerts.clone();
            alerts.sort();
            prop_assert_eq!(&alerts, &rows(&panel, |subject, at| verdict(subject, at).is_true()));
            prop_assert!(trial.alerts.is_sorted_by_key(|alert| alert.from));
            // Read back as outcomes, the cells are the same rows.
            let again = Trial::labelled(trial.rule.clone(), fired.iter().map(|at| cell(**at)));
            prop_assert_eq!(again.alerts, alerts);

            // What the data never reach is what is true in no cell, whatever has to last.
            let truth = |subject, at| {
                let (row, period) = cell((subject, at));
                judge.truth(&trial.rule, row, period).unwrap()
            };
            let reached = all.iter().any(|(subject, at)| truth(*subject, *at).is_true());
            let said = unreached.iter().find_map(|finding| match finding {
                Anomaly::NotReached { rule, known, unknown, .. } if *rule == trial.rule => Some((*known, *unknown)),
                _ => None,
            });
            let open = all.iter().filter(|(subject, at)| truth(*subject, *at).is_unknown()).count();
            prop_assert_eq!(said, (!reached).then_some((all.len() - open, open)));
        }
        // All work is somebody's, whether it is counted by owner or by manager.
        let alerts: usize = tested.trials.iter().map(|trial| trial.alerts.len()).sum();
        let all_of = |load: &Workload| load.alerts.iter().map(|new| new.count).sum::<usize>();
        let by_owner: usize = tested.workload.iter().map(all_of).sum();
        let people = people();
        let loads = tested.workload_by(&panel, people.tree("person").unwrap());
        prop_assert_eq!((by_owner, loads.iter().map(all_of).sum()), (alerts, alerts));
        for load in &loads {
            // From January to May are 151 days.
            let own = all_of(load);
            prop_assert_eq!(load.per_week, Ratio::new(7 * i128::try_from(own).unwrap(), 151).ok());
        }
    }

    #[test]
    fn scores_add_up_and_grow_with_the_time_that_is_given(
        cells in cells(SUBJECTS),
        sign in condition(),
        bad in condition(),
        lead in 0_usize..4,
    ) {
        let panel = panel(&cells, SUBJECTS);
        let (_, tested) = tested(vec![RuleDef::new("sign", sign).unwrap(), RuleDef::new("bad", bad).unwrap()], &panel);
        let (sign, bad) = (&tested.trials[0], &tested.trials[1]);
        let score = sign.against(bad, PERIODS, lead);
        prop_assert_eq!(score.right + score.wrong + score.open, sign.alerts.len());
        prop_assert_eq!(score.announced + score.missed, bad.alerts.len());
        prop_assert_eq!(score.lead_times.len(), score.announced);
        prop_assert!(score.lead_times.iter().all(|time| *time <= lead));
        // Outcome by outcome: was there an alert of the subject in the time before it, and how early was the first?
        let early: Vec<usize> = bad.alerts.iter().filter_map(|outcome| {
            let signs = sign.alerts.iter().filter(|alert| alert.subject == outcome.subject && alert.from <= outcome.from);
            signs.map(|alert| outcome.from.index() - alert.from.index()).filter(|time| *time <= lead).max()
        }).collect();
        prop_assert_eq!(&score.lead_times, &early);
        // Alert by alert: did an outcome begin while it lasted, or in the time after it?
        let right = sign.alerts.iter().filter(|alert| bad.alerts.iter().any(|outcome| {
            let (began, bad) = (alert.from.index(), outcome.from.index());
            let within = bad <= began + lead || bad < began + alert.periods;
            outcome.subject == alert.subject && outcome.from >= alert.from && within
        }));
        prop_assert_eq!(score.right, right.count());
        let longer = sign.against(bad, PERIODS, lead + 1);
        prop_assert!(longer.right >= score.right && longer.announced >= score.announced);
        // What announces itself is always right and never early.
        let own = bad.against(bad, PERIODS, 0);
        prop_assert_eq!((own.right, own.announced, own.wrong, own.missed), (bad.alerts.len(), bad.alerts.len(), 0, 0));
    }

    #[test]
    fn what_two_sets_have_in_common_is_counted_cell_by_cell(
        cells in cells(SUBJECTS),
        before in condition(),
        after in condition(),
    ) {
        let panel = panel(&cells, SUBJECTS);
        let one = |condition| tested(vec![RuleDef::new("r", condition).unwrap()], &panel);
        let ((old, before), (new, after)) = (one(before), one(after));
        let (old, new) = (old.over(&panel).unwrap(), new.over(&panel).unwrap());
        let fires = |judge: &quotaflow::rule::Judge<'_>, subject, at| judge.verdict(&key("r"), judge.row_at(subject), judge.period_at(at)).unwrap().is_true();
        let (mut both, mut first, mut second) = (0, 0, 0);
        for subject in 0..SUBJECTS {
            for at in 0..PERIODS {
                match (fires(&old, subject, at), fires(&new, subject, at)) {
                    (true, true) => both += 1,
                    (true, false) => first += 1,
                    (false, true) => second += 1,
                    (false, false) => {}
                }
            }
        }
        let found = &before.compared_with(&after)[0];
        prop_assert_eq!((found.cells.both, found.cells.first_only, found.cells.second_only), (both, first, second));
        let turned = &after.compared_with(&before)[0];
        prop_assert_eq!((turned.cells.first_only, turned.before), (second, found.after));
    }

    #[test]
    fn a_suggested_threshold_is_the_best_that_does_what_is_wanted(
        cells in cells(SUBJECTS),
        of in operand(),
        is in prop::sample::select(vec![Is::Below, Is::AtMost, Is::AtLeast, Is::Above]),
        bad in condition(),
        most in 0_i64..4,
        lead in 0_usize..3,
    ) {
        let panel = panel(&cells, SUBJECTS);
        let when = Condition::Compare(Comparison { left: of, is, right: Operand::parameter("limit").unwrap() });
        let number = |value| Constant { value, unit: None };
        let rule = |value| RuleDef::new("r", when.clone()).unwrap().with("limit", number(value)).unwrap();
        // The candidates are what is there to be compared with, and any other number lies between two of them.
        let candidates = thresholds(&rule(Ratio::ONE), &key("limit"), &panel, usize::MAX).unwrap();
        prop_assert!(candidates.is_sorted_by(|left, right| left < right));
        let cells_at = |value: Ratio| {
            let (rules, tested) = tested(vec![rule(value)], &panel);
            drop(rules);
            tested
        };
        for pair in candidates.windows(2) {
            // Any two numbers between neighbours, the nearer end left out, say the same.
            let third = |parts: i128| {
                let step = pair[1].checked_sub(pair[0]).and_then(|gap| gap.checked_mul(Ratio::new(parts, 3).unwrap()));
                step.and_then(|step| pair[0].checked_add(step))
            };
            if let (Ok(one), Ok(other)) = (third(1), third(2)) {
                let (Ok(left), Ok(right)) = (RuleSet::compile([rule(one)], &panel), RuleSet::compile([rule(other)], &panel)) else { continue };
                prop_assert_eq!(&left.backtest(&panel).unwrap().trials[0].alerts, &right.backtest(&panel).unwrap().trials[0].alerts);
            }
        }
        let (_, outcomes) = tested(vec![RuleDef::new("bad", bad).unwrap()], &panel);
        let people = people();
        let tree = people.tree("person").unwrap();
        let most = Ratio::from(most);
        let share = most.checked_div(Ratio::from(4)).unwrap();
        for wanted in [
            Wanted::AlertsPerPeriod(share),
            Wanted::OpenPerPeriod(most),
            Wanted::WorkloadPerWeek { most: share, tree },
            Wanted::Precision { at_least: share, outcome: &outcomes.trials[0], lead },
        ] {
            let found = suggest(&rule(Ratio::ONE), &key("limit"), &candidates, wanted, &panel).unwrap();
            let mean = |count: usize| Ratio::new(i128::try_from(count).unwrap(), i128::try_from(PERIODS).unwrap()).unwrap();
            let fits = |tested: &Backtest| {
                let trial = &tested.trials[0];
                match wanted {
                    Wanted::AlertsPerPeriod(most) => mean(trial.alerts.len()) <= most,
                    Wanted::OpenPerPeriod(most) => mean(trial.cells) <= most,
                    Wanted::WorkloadPerWeek { most, .. } => ["mia", "nat"].iter().all(|manager| {
                        let own = trial.alerts.iter().filter(|alert| (alert.subject == panel.row_at(1)) == (*manager == "nat"));
                        Ratio::new(7 * i128::try_from(own.count()).unwrap(), 151).unwrap() <= most
                    }),
                    Wanted::Precision { at_least, outcome, lead } => {
                        trial.against(outcome, PERIODS, lead).precision().is_some_and(|share| share >= at_least)
                    }
                    other => panic!("{other:?}"),
                }
            };
            let gain = |tested: &Backtest| match wanted {
                Wanted::OpenPerPeriod(_) => tested.trials[0].cells,
                _ => tested.trials[0].alerts.len(),
            };
            let best = candidates.iter().map(|value| (*value, cells_at(*value))).filter(|(_, tested)| fits(tested))
                .map(|(value, tested)| (gain(&tested), std::cmp::Reverse(value))).max();
            prop_assert_eq!(found.map(|found| found.value), best.map(|(_, value)| value.0), "{:?}", wanted);
        }
        // Fewer candidates are some of them, with both ends.
        let few = thresholds(&rule(Ratio::ONE), &key("limit"), &panel, 3).unwrap();
        prop_assert!(few.iter().all(|value| candidates.contains(value)) && few.len() == candidates.len().min(3));
        prop_assert!(candidates.len() < 2 || (few.first(), few.last()) == (candidates.first(), candidates.last()));
    }
}
