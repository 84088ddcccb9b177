//! Run rules: patterns that chance seldom makes in a course of values.

use super::pattern::{Flagging, Run};
use std::cmp::Ordering;
use std::ops::Range;

use super::Course;
use super::whole::Whole;

/// Returns the four Western Electric rules.
#[must_use]
pub fn western_electric() -> [Run; 4] {
    [
        Run::BeyondThree,
        Run::TwoOfThree,
        Run::FourOfFive,
        Run::OneSide(8),
    ]
}

/// Returns the eight Nelson rules, in their order.
#[must_use]
pub fn nelson() -> [Run; 8] {
    [
        Run::BeyondThree,
        Run::OneSide(9),
        Run::SixTrending,
        Run::FourteenAlternating,
        Run::TwoOfThree,
        Run::FourOfFive,
        Run::FifteenWithin,
        Run::EightBeyondBoth,
    ]
}

/// Returns how many false alarms to expect in a period when each of so many subjects raises one after `run_length` points
/// on average.
#[must_use]
pub fn false_alarms(subjects: u32, run_length: f64) -> f64 {
    f64::from(subjects) / run_length
}

impl Run {
    /// Returns the positions of flagged points, from 0.
    #[must_use]
    pub fn flags(self, course: &Course, flagging: Flagging) -> Vec<usize> {
        let (length, count) = (self.points(), course.len());
        let mut flagged = vec![false; count];
        for end in length..=count {
            for member in self.members(course, end - length..end, flagging) {
                flagged[member] = true;
            }
        }
        (0..count).filter(|at| flagged[*at]).collect()
    }

    /// Says whether the last point is flagged.
    #[must_use]
    pub fn flags_last(self, course: &Course, flagging: Flagging) -> bool {
        let Some(start) = course.len().checked_sub(self.points()) else {
            return false;
        };
        let last = course.len() - 1;
        self.members(course, start..course.len(), flagging)
            .contains(&last)
    }

    /// Returns how many points the pattern has.
    #[must_use]
    pub fn points(self) -> usize {
        match self {
            Self::BeyondThree => 1,
            Self::TwoOfThree => 3,
            Self::FourOfFive => 5,
            Self::OneSide(points) => usize::from(points.max(1)),
            Self::SixTrending => 6,
            Self::FourteenAlternating => 14,
            Self::FifteenWithin => 15,
            Self::EightBeyondBoth | Self::EightBeyondAny => 8,
        }
    }

    /// Returns the points that a window flags.
    fn members(self, course: &Course, window: Range<usize>, flagging: Flagging) -> Vec<usize> {
        let values = course.distances();
        let points = &values[window.clone()];
        let last = window.end - 1;
        let whole = |seen: bool| match flagging {
            _ if !seen => Vec::new(),
            Flagging::Last | Flagging::Window => vec![last],
            Flagging::Every => window.clone().collect(),
        };
        let some = |count: usize, distance: u8| {
            let distance = course.sigmas(distance);
            let mut found = Vec::new();
            for side in [Ordering::Greater, Ordering::Less] {
                let beyond =
                    |at: &usize| values[*at].sign() == side && values[*at].size() > distance;
                let members: Vec<usize> = window.clone().filter(beyond).collect();
                if members.len() < count {
                    continue;
                }
                match flagging {
                    Flagging::Last if beyond(&last) => found.push(last),
                    Flagging::Last => {}
                    Flagging::Window => found.push(last),
                    Flagging::Every => found.extend(members),
                }
            }
            found
        };
        let moves = |pair: &[Whole]| pair[1].cmp(&pair[0]);
        let all = |side: Ordering| points.iter().all(|value| value.sign() == side);
        let any = |side: Ordering| points.iter().any(|value| value.sign() == side);
        let beyond_one = || {
            let one = course.sigmas(1);
            points.iter().all(|value| value.size() > one)
        };
        match self {
            Self::BeyondThree => some(1, 3),
            Self::TwoOfThree => some(2, 2),
            Self::FourOfFive => some(4, 1),
            Self::OneSide(_) => whole(all(Ordering::Greater) || all(Ordering::Less)),
            Self::SixTrending => {
                let all = |way| points.windows(2).all(|pair| moves(pair) == way);
                whole(all(Ordering::Greater) || all(Ordering::Less))
            }
            Self::FourteenAlternating => {
                let turns = points.windows(3).all(|three| {
                    let (first, second) = (moves(&three[..2]), moves(&three[1..]));
                    first.is_ne() && first == second.reverse()
                });
                whole(turns)
            }
            Self::FifteenWithin => {
                let one = course.sigmas(1);
                whole(points.iter().all(|value| match flagging {
                    Flagging::Last | Flagging::Window => value.size() <= one,
                    Flagging::Every => value.size() < one,
                }))
            }
            Self::EightBeyondBoth => {
                let sides = any(Ordering::Greater) && any(Ordering::Less);
                whole(sides && beyond_one())
            }
            Self::EightBeyondAny => whole(beyond_one()),
        }
    }
}

impl Course {
    /// Returns the positions of the points that a pattern flags, from 0.
    #[must_use]
    pub fn run(&self, run: Run, flagging: Flagging) -> Vec<usize> {
        run.flags(self, flagging)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Around;
    use crate::quantity::Ratio;

    /// Values in standard deviations, to three decimals.
    fn course(values: &[f64]) -> Course {
        let ratio = |value: &f64| format!("{value:.3}").parse().unwrap();
        let values: Vec<Ratio> = values.iter().map(ratio).collect();
        let (centre, sigma) = (Ratio::ZERO, Ratio::ONE);
        Course::around(&values, Around { centre, sigma }).unwrap()
    }

    /// Group means of the piston rings, in standard deviations of a mean.
    const RINGS: [f64; 40] = [
        2.062, -0.132, 1.559, 0.417, 0.508, -1.274, -0.269, -1.000, 0.691, -0.726, -1.594, 0.051,
        -0.634, -2.508, 1.102, -1.046, -0.086, 1.422, -0.680, 1.834, -0.314, 0.097, 0.280, 0.920,
        -0.680, 1.696, 0.234, -2.051, 0.554, -0.863, 1.377, 1.011, -0.771, 2.291, 2.611, 0.645,
        3.525, 4.210, 5.078, 2.656,
    ];

    /// Positions from 1, as the sources count.
    fn found(run: Run, values: &[f64], flagging: Flagging) -> Vec<usize> {
        let flags = run.flags(&course(values), flagging);
        for end in 1..=values.len() {
            let last = run.flags_last(&course(&values[..end]), flagging);
            // Later windows may flag earlier points; without that, a point is flagged when it comes.
            assert!(flagging == Flagging::Every || last == flags.contains(&(end - 1)));
        }
        flags.into_iter().map(|at| at + 1).collect()
    }

    #[test]
    fn piston_rings_in_three_readings() {
        for (run, flagging, expected) in [
            (Run::BeyondThree, Flagging::Last, &[37, 38, 39][..]),
            (Run::BeyondThree, Flagging::Window, &[37, 38, 39]),
            (Run::BeyondThree, Flagging::Every, &[37, 38, 39]),
            (Run::TwoOfThree, Flagging::Last, &[35, 37, 38, 39, 40]),
            (Run::TwoOfThree, Flagging::Window, &[35, 36, 37, 38, 39, 40]),
            (Run::TwoOfThree, Flagging::Every, &[34, 35, 37, 38, 39, 40]),
            (Run::FourOfFive, Flagging::Last, &[35, 38, 39, 40]),
            (Run::FourOfFive, Flagging::Window, &[35, 38, 39, 40]),
            (
                Run::FourOfFive,
                Flagging::Every,
                &[31, 32, 34, 35, 37, 38, 39, 40],
            ),
        ] {
            assert_eq!(
                found(run, &RINGS, flagging),
                expected,
                "{run:?} {flagging:?}"
            );
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn patterns_are_flagged_as_their_sources_do() {
        use Flagging::{Every, Last, Window};
        let row = |value: f64, count: usize| vec![value; count];
        let joined = |parts: &[Vec<f64>]| parts.concat();
        let rise_and_fall = [
            1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0,
        ];
        let zigzag = [
            1.0, 3.0, 2.0, 4.0, 3.0, 5.0, 4.0, 6.0, 5.0, 7.0, 6.0, 8.0, 7.0, 9.0, 8.0,
        ];
        let both = [1.2, -1.3, 1.1, -1.4, 1.5, -1.2, 1.3, -1.1, 0.2];
        let cases: Vec<(Run, Vec<f64>, Flagging, Vec<usize>)> = vec![
            (
                Run::BeyondThree,
                vec![0.0, 3.2, -3.5, 2.9],
                Last,
                vec![2, 3],
            ),
            (Run::BeyondThree, vec![3.0], Last, vec![]),
            (Run::BeyondThree, vec![3.0], Every, vec![]),
            (
                Run::TwoOfThree,
                vec![0.0, 2.5, 1.0, 2.6, 0.0],
                Last,
                vec![4],
            ),
            (
                Run::TwoOfThree,
                vec![0.0, 2.5, 2.6, 1.0],
                Window,
                vec![3, 4],
            ),
            (Run::TwoOfThree, vec![0.0, 2.5, 2.6, 1.0], Last, vec![3]),
            (Run::TwoOfThree, vec![0.0, 2.5, 2.6, 1.0], Every, vec![2, 3]),
            (Run::TwoOfThree, vec![2.5, 0.0, -2.5], Last, vec![]),
            (Run::TwoOfThree, vec![2.5, 0.0, -2.5], Window, vec![]),
            (Run::TwoOfThree, vec![2.5, 0.0, -2.5], Every, vec![]),
            (
                Run::FourOfFive,
                vec![0.0, 1.2, 1.3, 0.2, 1.4, 1.5],
                Last,
                vec![6],
            ),
            (
                Run::OneSide(8),
                joined(&[row(-1.0, 8), row(1.0, 1)]),
                Last,
                vec![8],
            ),
            (
                Run::OneSide(9),
                joined(&[row(0.5, 10), row(-0.5, 10)]),
                Last,
                vec![9, 10, 19, 20],
            ),
            (Run::OneSide(9), row(0.5, 10), Window, vec![9, 10]),
            (Run::OneSide(9), row(0.5, 10), Every, (1..=10).collect()),
            (
                Run::OneSide(9),
                joined(&[row(0.5, 5), row(0.0, 1), row(0.5, 5)]),
                Every,
                vec![],
            ),
            (
                Run::SixTrending,
                rise_and_fall.to_vec(),
                Last,
                vec![6, 7, 13, 14],
            ),
            (
                Run::SixTrending,
                vec![0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
                Last,
                vec![6],
            ),
            (
                Run::FourteenAlternating,
                zigzag.to_vec(),
                Last,
                vec![14, 15],
            ),
            (
                Run::FifteenWithin,
                joined(&[row(0.3, 16), row(1.2, 1)]),
                Last,
                vec![15, 16],
            ),
            (Run::FifteenWithin, row(1.0, 15), Last, vec![15]),
            (Run::FifteenWithin, row(1.0, 15), Window, vec![15]),
            (Run::FifteenWithin, row(1.0, 15), Every, vec![]),
            (Run::EightBeyondBoth, both.to_vec(), Last, vec![8]),
            (Run::EightBeyondBoth, row(1.2, 8), Last, vec![]),
            (Run::EightBeyondAny, row(1.2, 8), Window, vec![8]),
            (Run::EightBeyondAny, row(1.2, 8), Every, (1..=8).collect()),
            // A shift that several rules see, each from its own point on.
            (
                Run::OneSide(8),
                joined(&[row(2.5, 7), row(3.2, 1)]),
                Last,
                vec![8],
            ),
            (
                Run::FourOfFive,
                joined(&[row(2.5, 7), row(3.2, 1)]),
                Last,
                vec![5, 6, 7, 8],
            ),
            (
                Run::TwoOfThree,
                joined(&[row(2.5, 7), row(3.2, 1)]),
                Last,
                vec![3, 4, 5, 6, 7, 8],
            ),
            (
                Run::BeyondThree,
                joined(&[row(2.5, 7), row(3.2, 1)]),
                Last,
                vec![8],
            ),
        ];
        for (run, values, flagging, expected) in cases {
            assert_eq!(
                found(run, &values, flagging),
                expected,
                "{run:?} {flagging:?} {values:?}"
            );
        }
        assert_eq!((western_electric().len(), nelson().len()), (4, 8));
    }
}
