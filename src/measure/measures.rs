//! The checked list of measures, in which a measure is a number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::MeasureError;
use super::measure::{Additivity, Measure};
use crate::key::{Key, unknown};

/// The number of a measure in its [`Measures`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeasureId(u32);

impl MeasureId {
    /// Returns the position in declared order.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A checked list of measures: keys are unique and every ratio stands on two measures that add up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Measure>", into = "Vec<Measure>")]
pub struct Measures {
    list: Vec<Measure>,
    by_key: BTreeMap<Key, u32>,
}

impl Measures {
    /// Checks and keeps the list, in its order.
    ///
    /// # Errors
    /// [`MeasureError::Duplicate`], [`MeasureError::UnknownMeasure`] and [`MeasureError::NotAdditive`], the last two for the
    /// parts of a ratio.
    pub fn new(list: Vec<Measure>) -> Result<Self, MeasureError> {
        let mut by_key = BTreeMap::new();
        for (index, measure) in list.iter().enumerate() {
            let id =
                u32::try_from(index).map_err(|_| MeasureError::TooMany { count: list.len() })?;
            if by_key.insert(measure.key.clone(), id).is_some() {
                return Err(MeasureError::Duplicate {
                    measure: measure.key.clone(),
                });
            }
        }
        let measures = Self { list, by_key };
        for measure in &measures.list {
            if let Additivity::Ratio {
                numerator,
                denominator,
            } = &measure.additivity
            {
                for part in [numerator, denominator] {
                    let found = measures.require(part.as_str())?;
                    if !matches!(
                        measures.own(found).additivity,
                        Additivity::Flow | Additivity::Stock
                    ) {
                        return Err(MeasureError::NotAdditive {
                            ratio: measure.key.clone(),
                            part: part.clone(),
                        });
                    }
                }
            }
        }
        Ok(measures)
    }

    /// Returns the measure's number, if the key is known.
    #[must_use]
    pub fn id(&self, key: &str) -> Option<MeasureId> {
        self.by_key.get(key).map(|id| MeasureId(*id))
    }

    /// Returns the measure's number.
    ///
    /// # Errors
    /// [`MeasureError::UnknownMeasure`] with the nearest known key.
    pub fn require(&self, key: &str) -> Result<MeasureId, MeasureError> {
        self.id(key).ok_or_else(|| {
            let (name, nearest, known) =
                unknown(key, self.list.iter().map(|known| known.key.as_str()));
            MeasureError::UnknownMeasure {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns the measure of this number, or `None` beyond the last one.
    #[must_use]
    pub fn get(&self, id: MeasureId) -> Option<&Measure> {
        self.list.get(id.index())
    }

    /// The measure of a number that this list gave.
    pub(crate) fn own(&self, id: MeasureId) -> &Measure {
        &self.list[id.index()]
    }

    /// Returns the measures in declared order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Measure> {
        self.list.iter()
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Says whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl TryFrom<Vec<Measure>> for Measures {
    type Error = MeasureError;

    fn try_from(list: Vec<Measure>) -> Result<Self, MeasureError> {
        Self::new(list)
    }
}

impl From<Measures> for Vec<Measure> {
    fn from(measures: Measures) -> Self {
        measures.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Direction;
    use crate::quantity::Quantum;

    fn money(key: &str) -> Measure {
        Measure::flow(key, "money:EUR".parse().unwrap(), Quantum::CENT).unwrap()
    }

    fn ratio(key: &str, numerator: &str, denominator: &str) -> Measure {
        let additivity = Additivity::Ratio {
            numerator: Key::new(numerator).unwrap(),
            denominator: Key::new(denominator).unwrap(),
        };
        money(key).adding(additivity)
    }

    #[test]
    fn no_measures_are_empty_and_one_is_not() {
        assert!(Measures::new(vec![]).unwrap().is_empty());
        assert!(!Measures::new(vec![money("sales")]).unwrap().is_empty());
    }

    #[test]
    fn a_ratio_needs_two_measures_that_add_up() {
        let fine = Measures::new(vec![
            ratio("rate", "margin", "sales"),
            money("margin"),
            money("sales"),
        ]);
        assert_eq!(fine.unwrap().len(), 3);
        let unknown =
            Measures::new(vec![ratio("rate", "margn", "margin"), money("margin")]).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no measure `margn`; did you mean `margin`?"
        );
        let nested = Measures::new(vec![ratio("a", "b", "b"), ratio("b", "c", "c"), money("c")]);
        assert!(matches!(nested, Err(MeasureError::NotAdditive { .. })));
        assert!(matches!(
            Measures::new(vec![money("a"), money("a")]),
            Err(MeasureError::Duplicate { .. })
        ));
    }

    #[test]
    fn a_list_reads_back() {
        let measures = Measures::new(vec![
            money("sales"),
            money("cost").better(Direction::Smaller),
        ])
        .unwrap();
        let text = serde_json::to_string(&measures).unwrap();
        assert_eq!(serde_json::from_str::<Measures>(&text).unwrap(), measures);
        let unknown = text.replacen("\"unit\"", "\"colour\":1,\"unit\"", 1);
        assert!(
            serde_json::from_str::<Measures>(&unknown)
                .unwrap_err()
                .to_string()
                .contains("colour")
        );
    }
}
