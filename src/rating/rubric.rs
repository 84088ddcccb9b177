//! Qualities rated on a rubric: levels, several raters, and how far they agree.

use super::rater_group::RaterGroup;
use super::rating::Rating;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::RatingError;
use crate::calendar::PeriodId;
use crate::key::{Key, KeyError, unknown};
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Columns, Panel, PanelError, Reason};
use crate::quantity::{QuantityError, Quantum, Ratio};
use crate::scorecard::Precision;
use crate::scorecard::calibration::mean;
use crate::scorecard::curve::bounded;
use crate::scorecard::scorecard::unique;
use crate::space::Subjects;
use crate::text::Texts;

/// A level of a rubric: a text that a rater can point to, and its points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelDef {
    /// The stable name.
    pub key: Key,
    /// What is seen in somebody on this level.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The points.
    pub points: Ratio,
}

/// The weight of the ratings from one relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaterWeight {
    /// The relation.
    pub relation: RaterGroup,
    /// Its share of the result; the shares make 1.
    pub weight: Ratio,
}

/// A rubric and how ratings on it are put together, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RubricDef {
    /// The stable name of the quality.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The levels from the lowest to the highest.
    pub levels: Vec<LevelDef>,
    /// The weight of each relation. The weight of one from which nobody has rated goes to the others in proportion; a
    /// rating from a relation without weight is refused.
    pub relations: Vec<RaterWeight>,
    /// How many of the highest and as many of the lowest ratings of each relation are dropped, as long as one is left.
    #[serde(default)]
    pub trim: usize,
    /// From how many ratings on a rater's leniency is corrected: what their mean is above the mean of all is taken off each
    /// of their ratings. Not corrected where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct_from: Option<usize>,
    /// How far the highest and the lowest rating of one subject may lie apart before raters are said to disagree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<Ratio>,
}

impl RubricDef {
    /// Returns a rubric without levels and weights.
    ///
    /// # Errors
    /// [`KeyError`] if `key` cannot be a key.
    pub fn new(key: &str) -> Result<Self, KeyError> {
        Ok(Self {
            key: Key::new(key)?,
            title: Texts::default(),
            levels: Vec::new(),
            relations: Vec::new(),
            trim: 0,
            correct_from: None,
            disagreement: None,
        })
    }

    /// Adds levels with their points, from the lowest to the highest: `levels([("poor", "40"), ("good", "80")])`.
    ///
    /// # Errors
    /// [`RatingError::Key`] and [`RatingError::Quantity`] for a text that is no key or no number.
    pub fn levels<'a>(
        mut self,
        levels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, RatingError> {
        for (key, points) in levels {
            self.levels.push(LevelDef {
                key: Key::new(key)?,
                title: Texts::default(),
                points: points.parse()?,
            });
        }
        Ok(self)
    }

    /// Adds the weight of a relation.
    #[must_use]
    pub fn weigh(mut self, relation: RaterGroup, weight: Ratio) -> Self {
        self.relations.push(RaterWeight { relation, weight });
        self
    }
}

/// A checked rubric: its levels rise, and its weights make 100 %.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RubricDef", into = "RubricDef")]
pub struct Rubric(RubricDef);

/// What the ratings of one subject come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rated {
    /// Who was rated: the members of the subject, one for each axis.
    pub subject: Vec<Key>,
    /// The exact points; nothing recorded where nobody has rated.
    #[serde(with = "crate::panel::written")]
    pub points: Result<Ratio, Reason>,
    /// The mean of each relation that has rated, after correction and trimming.
    #[serde(deserialize_with = "crate::document::keys_once")]
    pub relations: BTreeMap<RaterGroup, Ratio>,
    /// How many have rated.
    pub raters: usize,
    /// How far the highest and the lowest rating lie apart, before correction.
    pub spread: Ratio,
    /// Whether that is more than the rubric allows.
    pub disagree: bool,
    /// What subjects give themselves above what the others give them, where both have rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_above_others: Option<Ratio>,
}

impl Rubric {
    /// Checks and keeps the rubric.
    ///
    /// # Errors
    /// [`RatingError::NoLevel`], [`RatingError::Scorecard`] for two levels of one name, [`RatingError::NotRising`] unless
    /// points rise from level to level, [`RatingError::Weights`] unless the weights make 1, [`RatingError::TwoWeights`],
    /// [`RatingError::NegativeWeight`].
    pub fn new(def: RubricDef) -> Result<Self, RatingError> {
        if def.levels.is_empty() {
            return Err(RatingError::NoLevel);
        }
        unique("level", def.levels.iter().map(|level| &level.key))?;
        for level in &def.levels {
            bounded(level.points)?;
        }
        if let Some(pair) = def
            .levels
            .windows(2)
            .find(|pair| pair[0].points >= pair[1].points)
        {
            let (left, right) = (pair[0].points, pair[1].points);
            return Err(RatingError::NotRising { left, right });
        }
        let mut seen = BTreeSet::new();
        let mut sum = Ratio::ZERO;
        for RaterWeight { relation, weight } in &def.relations {
            let (relation, weight) = (*relation, bounded(*weight)?);
            if !seen.insert(relation) {
                return Err(RatingError::TwoWeights { relation });
            }
            if weight.is_negative() {
                return Err(RatingError::NegativeWeight { relation, weight });
            }
            sum = sum.checked_add(weight)?;
        }
        if sum == Ratio::ONE {
            Ok(Self(def))
        } else {
            Err(RatingError::Weights { sum })
        }
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &RubricDef {
        &self.0
    }

    /// Puts the ratings of these subjects together, one result for each in their order; the order of the ratings changes nothing.
    ///
    /// # Errors
    /// [`RatingError::UnknownLevel`], [`RatingError::Subject`] for a rating of somebody else, [`RatingError::RatedTwice`] and
    /// [`RatingError::UnknownRelation`].
    pub fn rate(&self, subjects: &Subjects, ratings: &[Rating]) -> Result<Vec<Rated>, RatingError> {
        let mut sheets: Vec<BTreeMap<&Key, (RaterGroup, Ratio)>> =
            vec![BTreeMap::new(); subjects.len()];
        for rating in ratings {
            let points = self.points_of(rating)?;
            let row = subjects.row(&rating.subject);
            let row = row.map_err(|source| RatingError::Subject {
                rater: rating.rater.clone(),
                source,
            })?;
            if sheets[row.index()]
                .insert(&rating.rater, (rating.relation, points))
                .is_some()
            {
                return Err(RatingError::RatedTwice {
                    rater: rating.rater.clone(),
                    subject: subjects.label(row),
                });
            }
        }
        let leniency = self.leniency(&sheets)?;
        subjects
            .ids()
            .zip(&sheets)
            .map(|(row, sheet)| {
                self.put_together(subjects.members(row), sheet, &leniency)
                    .map_err(RatingError::from)
            })
            .collect()
    }

    /// Gives the points to a panel as a column, rounded once: what was rated in each of these periods, placed by who was rated.
    /// A cell that is not among them has nothing recorded.
    ///
    /// # Errors
    /// [`RatingError::Panel`] for somebody who is not among the panel's subjects or a period of another set,
    /// [`RatingError::TwoResults`] for two results of one cell, [`RatingError::Quantity`].
    pub fn columns(
        rated: &[(PeriodId, Vec<Rated>)],
        key: ColumnKey,
        precision: Precision,
    ) -> impl Columns<Error = RatingError> {
        move |panel: &Panel| -> Result<Vec<Column>, RatingError> {
            let mut points = vec![None; panel.cells()];
            for (period, all) in rated {
                for result in all {
                    let row = panel.subjects().row(&result.subject);
                    let row = row.map_err(PanelError::from)?;
                    let place = &mut points[panel.cell(row, *period)?];
                    if place.replace(result.points).is_some() {
                        return Err(RatingError::TwoResults {
                            subject: panel.subjects().label(row),
                            period: panel.periods().label(*period).cloned(),
                        });
                    }
                }
            }
            let (units, states): (Vec<i64>, Vec<Option<Reason>>) = points
                .into_iter()
                .map(
                    |points| match points.unwrap_or(Err(Reason::NothingRecorded)) {
                        Ok(points) => precision
                            .units_of(points.numerator(), points.denominator())
                            .map_or((0, Some(Reason::OutOfRange)), |units| (units, None)),
                        Err(reason) => (0, Some(reason)),
                    },
                )
                .unzip();
            let quantum = Quantum::decimals(precision.places())?;
            Ok(vec![
                Column::amounts(key, Unit::Point, quantum, units).with_reasons(&states)?,
            ])
        }
    }

    fn points_of(&self, rating: &Rating) -> Result<Ratio, RatingError> {
        let known = || self.0.levels.iter().map(|level| &level.key);
        if !self
            .0
            .relations
            .iter()
            .any(|relation| relation.relation == rating.relation)
        {
            let weighed: Vec<String> = self
                .0
                .relations
                .iter()
                .map(|known| known.relation.to_string())
                .collect();
            let weighed = weighed.iter().map(String::as_str);
            let (name, nearest, known) = unknown(&rating.relation.to_string(), weighed);
            return Err(RatingError::UnknownRelation {
                rater: rating.rater.clone(),
                name,
                nearest,
                known,
            });
        }
        let level = self.0.levels.iter().find(|level| level.key == rating.level);
        level.map(|level| level.points).ok_or_else(|| {
            let (name, nearest, known) = unknown(rating.level.as_str(), known().map(Key::as_str));
            RatingError::UnknownLevel {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns what each rater gives above the mean of all ratings, for raters with enough of them.
    fn leniency<'r>(
        &self,
        sheets: &[BTreeMap<&'r Key, (RaterGroup, Ratio)>],
    ) -> Result<BTreeMap<&'r Key, Ratio>, QuantityError> {
        let Some(enough) = self.0.correct_from else {
            return Ok(BTreeMap::new());
        };
        let mut by_rater: BTreeMap<&Key, Vec<Ratio>> = BTreeMap::new();
        for (rater, (_, points)) in sheets.iter().flatten() {
            by_rater.entry(rater).or_default().push(*points);
        }
        let all: Vec<Ratio> = by_rater.values().flatten().copied().collect();
        let Ok(all) = mean(&all) else {
            return Ok(BTreeMap::new());
        };
        let mut leniency = BTreeMap::new();
        for (rater, points) in by_rater {
            if let (Ok(own), true) = (mean(&points), points.len() >= enough.max(1)) {
                leniency.insert(rater, own.checked_sub(all)?);
            }
        }
        Ok(leniency)
    }

    fn put_together(
        &self,
        subject: &[Key],
        sheet: &BTreeMap<&Key, (RaterGroup, Ratio)>,
        leniency: &BTreeMap<&Key, Ratio>,
    ) -> Result<Rated, QuantityError> {
        let mut by_relation: BTreeMap<RaterGroup, Vec<Ratio>> = BTreeMap::new();
        for (rater, (relation, points)) in sheet {
            let above = leniency.get(rater).copied().unwrap_or(Ratio::ZERO);
            by_relation
                .entry(*relation)
                .or_default()
                .push(points.checked_sub(above)?);
        }
        let mut relations = BTreeMap::new();
        for (relation, mut points) in by_relation {
            points.sort_unstable();
            let trim = self.0.trim.min((points.len() - 1) / 2);
            if let Ok(mean) = mean(&points[trim..points.len() - trim]) {
                relations.insert(relation, mean);
            }
        }
        let (mut sum, mut left) = (Ratio::ZERO, Ratio::ZERO);
        let (mut others, mut others_left) = (Ratio::ZERO, Ratio::ZERO);
        for def in &self.0.relations {
            if let Some(points) = relations.get(&def.relation) {
                let weighted = def.weight.checked_mul(*points)?;
                (sum, left) = (sum.checked_add(weighted)?, left.checked_add(def.weight)?);
                if def.relation != RaterGroup::Own {
                    (others, others_left) = (
                        others.checked_add(weighted)?,
                        others_left.checked_add(def.weight)?,
                    );
                }
            }
        }
        let given = || sheet.values().map(|(_, points)| *points);
        let spread = match (given().min(), given().max()) {
            (Some(low), Some(high)) => high.checked_sub(low)?,
            _ => Ratio::ZERO,
        };
        let own_above_others = match relations.get(&RaterGroup::Own) {
            Some(own) if !others_left.is_zero() => {
                Some(own.checked_sub(others.checked_div(others_left)?)?)
            }
            _ => None,
        };
        let points = if left.is_zero() {
            Err(Reason::NothingRecorded)
        } else {
            Ok(sum.checked_div(left)?)
        };
        let disagree = self.0.disagreement.is_some_and(|allowed| spread > allowed);
        Ok(Rated {
            subject: subject.to_vec(),
            points,
            relations,
            raters: sheet.len(),
            spread,
            disagree,
            own_above_others,
        })
    }
}

impl TryFrom<RubricDef> for Rubric {
    type Error = RatingError;

    fn try_from(def: RubricDef) -> Result<Self, RatingError> {
        Self::new(def)
    }
}

impl From<Rubric> for RubricDef {
    fn from(rubric: Rubric) -> Self {
        rubric.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Grain};
    use crate::space::{Axis, Subjects};

    fn def() -> RubricDef {
        let level = |(key, points): (&str, i64)| LevelDef {
            key: Key::new(key).unwrap(),
            title: Texts::default(),
            points: Ratio::from(points),
        };
        let relation = |(relation, percent)| RaterWeight {
            relation,
            weight: Ratio::percent(percent),
        };
        RubricDef {
            key: Key::new("teamwork").unwrap(),
            title: Texts::default(),
            levels: [("poor", 40), ("fair", 60), ("good", 80), ("very good", 100)]
                .map(level)
                .to_vec(),
            relations: [(Superior, 50), (Peer, 30), (Own, 20)]
                .map(relation)
                .to_vec(),
            trim: 0,
            correct_from: None,
            disagreement: Some(Ratio::from(40)),
        }
    }

    type Given = (&'static str, &'static str, RaterGroup, &'static str);

    fn ratings(list: &[Given]) -> Vec<Rating> {
        let rating = |(subject, rater, relation, level): &Given| {
            Rating::new([subject], rater, *relation, level).unwrap()
        };
        list.iter().map(rating).collect()
    }

    fn people(names: &[&str]) -> Subjects {
        let keys = names.iter().map(|name| Key::new(name).unwrap()).collect();
        Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap()
    }

    use RaterGroup::{Customer, Own, Peer, Superior};

    #[test]
    fn relations_are_weighed_and_an_absent_one_gives_way() {
        let list = ratings(&[
            ("x", "boss", Superior, "good"),
            ("x", "bo", Peer, "poor"),
            ("x", "cy", Peer, "fair"),
            ("x", "ann", Own, "very good"),
            ("y", "boss", Superior, "fair"),
            ("y", "ann", Peer, "good"),
        ]);
        let rated = Rubric::new(def())
            .unwrap()
            .rate(&people(&["x", "y", "z"]), &list)
            .unwrap();
        // 0.5 x 80 + 0.3 x 50 + 0.2 x 100 = 75; the others give (40 + 15) / 0.8 = 68.75.
        assert_eq!(rated[0].points, Ok(Ratio::from(75)));
        assert_eq!(rated[0].own_above_others, Some("31.25".parse().unwrap()));
        assert_eq!(
            (rated[0].spread, rated[0].disagree, rated[0].raters),
            (Ratio::from(60), true, 4)
        );
        // Nobody rated themselves: 0.5 and 0.3 make the whole. (30 + 24) / 0.8.
        assert_eq!(rated[1].points, Ok("67.5".parse().unwrap()));
        assert_eq!(rated[2].points, Err(Reason::NothingRecorded));
        let precision = Precision::new(1, crate::quantity::Rounding::default()).unwrap();
        // The panel has them in another order, and one more.
        let people = people(&["z", "x", "w", "y"]);
        let (from, to) = ("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let year = Calendar::gregorian()
            .periods(Grain::Year, from, to)
            .unwrap();
        let panel = Panel::new(people, year);
        let key = || ColumnKey::actual("teamwork").unwrap();
        let period = panel.periods().ids().next().unwrap();
        let of_the_year = [(period, rated)];
        let column = Rubric::columns(&of_the_year, key(), precision)
            .columns(&panel)
            .unwrap()
            .remove(0);
        let told = [0, 1, 2, 3].map(|cell| column.answer(cell).ratio());
        let nothing = Err(Reason::NothingRecorded);
        assert_eq!(
            told,
            [nothing, Ok(75.into()), nothing, Ok("67.5".parse().unwrap())]
        );
        let twice = [of_the_year[0].clone(), of_the_year[0].clone()];
        let twice = Rubric::columns(&twice, key(), precision).columns(&panel);
        assert_eq!(
            twice.unwrap_err().to_string(),
            "`x` has two results in `2026`"
        );
        let others = Panel::new(self::people(&["x", "y"]), panel.periods().clone());
        let foreign = Rubric::columns(&of_the_year, key(), precision).columns(&others);
        assert_eq!(
            foreign.unwrap_err().to_string(),
            "`z` is not among the subjects; did you mean `x`?"
        );
    }

    #[test]
    fn outliers_are_trimmed_as_long_as_one_is_left() {
        let list = ratings(&[
            ("x", "a", Peer, "poor"),
            ("x", "b", Peer, "good"),
            ("x", "c", Peer, "very good"),
            ("y", "a", Peer, "poor"),
            ("y", "b", Peer, "good"),
        ]);
        let rated = Rubric::new(RubricDef { trim: 5, ..def() })
            .unwrap()
            .rate(&people(&["x", "y"]), &list)
            .unwrap();
        assert_eq!(rated[0].points, Ok(Ratio::from(80)));
        assert_eq!(rated[1].points, Ok(Ratio::from(60)));
    }

    #[test]
    fn a_strict_rater_is_corrected_from_enough_ratings_on() {
        let list = ratings(&[
            ("x", "strict", Peer, "poor"),
            ("y", "strict", Peer, "fair"),
            ("x", "mild", Peer, "good"),
            ("y", "mild", Peer, "very good"),
            ("x", "once", Peer, "good"),
        ]);
        // The mean of all is 72; strict gives 50 and mild 90 on average, who rated once is left alone.
        let rated = Rubric::new(RubricDef {
            correct_from: Some(2),
            ..def()
        })
        .unwrap()
        .rate(&people(&["x", "y"]), &list)
        .unwrap();
        // Subject 0: 40 + 22, 80 - 18, 80.
        assert_eq!(rated[0].points, Ok(Ratio::from(68)));
        assert_eq!(rated[1].points, Ok(Ratio::from(82)));
    }

    #[test]
    fn broken_rubrics_and_ratings_are_refused() {
        let rubric = Rubric::new(def()).unwrap();
        let error = |list: &[Given]| {
            let found = rubric.rate(&people(&["xenia"]), &ratings(list));
            found.unwrap_err().to_string()
        };
        assert_eq!(
            error(&[("xenia", "a", Peer, "god")]),
            "there is no level `god`; did you mean `good`?"
        );
        assert_eq!(
            error(&[("xeni", "a", Peer, "good")]),
            "`a` rates somebody else: `xeni` is not among the subjects; did you mean `xenia`?"
        );
        assert_eq!(
            error(&[("xenia", "a", Peer, "good"), ("xenia", "a", Own, "good")]),
            "`a` rates `xenia` twice"
        );
        assert!(
            error(&[("xenia", "a", Customer, "good")])
                .contains("`customer`, which has no weight; known: `")
        );
        let mut flat = def();
        flat.levels[1].points = Ratio::from(40);
        assert!(matches!(
            Rubric::new(flat),
            Err(RatingError::NotRising { .. })
        ));
        let mut light = def();
        light.relations.pop();
        assert_eq!(
            Rubric::new(light).unwrap_err().to_string(),
            "the weights of the relations add up to 80%, not 100%"
        );
        let text = serde_json::to_string(&rubric).unwrap();
        assert_eq!(serde_json::from_str::<Rubric>(&text).unwrap(), rubric);
    }
}
