//! Conditions: what a rule watches for, as data.

use serde::{Deserialize, Serialize};

use super::RuleError;
use super::control::Control;
use super::operand::Operand;
use super::span::Span;
use crate::key::Key;
use crate::panel::{ColumnKey, Reason};

/// A statement about one subject in one period, as data. What it says is a [`Truth`](super::Truth).
///
/// ```
/// use quotaflow::rule::{Condition, Operand};
/// let behind: Condition = serde_json::from_str(
///     r#"{"compare": {"left": {"attainment": "sales"}, "is": "below",
///                     "right": {"scaled": {"factor": "0.8", "of": {"pace": "sales"}}}}}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let pace = Operand::pace("sales")?.times("0.8".parse()?);
/// assert_eq!(behind, Operand::attainment("sales")?.below(pace));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Condition {
    /// Two operands stand so to each other.
    Compare(Comparison),
    /// An operand lies between two others, ends included.
    Between(Between),
    /// A column's cell is in one of these states. This is always known.
    State(StateTest),
    /// Nothing was recorded in any of the last periods. This is always known, as far as the panel goes back.
    Stale(Silence),
    /// In at least one of the last periods something was due and nothing is recorded. This is always known, as far as
    /// the panel goes back.
    Late(Silence),
    /// The subject is one of these. This is always known.
    Subject(SubjectTest),
    /// All hold; with none, true.
    #[serde(deserialize_with = "crate::document::inside")]
    All(Vec<Self>),
    /// At least one holds; with none, false.
    #[serde(deserialize_with = "crate::document::inside")]
    Any(Vec<Self>),
    /// It does not hold.
    #[serde(deserialize_with = "crate::document::inside")]
    Not(Box<Self>),
    /// At least so many hold.
    AtLeast(AtLeast),
    /// It holds in this and the periods before, so many in a row.
    Consecutive(Consecutive),
    /// It holds in at least so many of the last periods.
    Within(Within),
    /// An operand moved the same way in every one of the last periods.
    Trend(Trend),
    /// An operand's course shows a signal that chance seldom makes.
    Control(Control),
}

/// How two operands stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Is {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Is {
    /// Returns the sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }

    /// Says whether two values of this order stand so.
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Below => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::AtLeast => order.is_ge(),
            Self::Above => order.is_gt(),
        }
    }

    /// Returns the opposite: what holds exactly where this one does not.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Below => Self::AtLeast,
            Self::AtMost => Self::Above,
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::AtLeast => Self::Below,
            Self::Above => Self::AtMost,
        }
    }

    /// Returns what holds between the sides when they are exchanged.
    #[must_use]
    pub fn exchanged(self) -> Self {
        match self {
            Self::Below => Self::Above,
            Self::AtMost => Self::AtLeast,
            Self::Equal => Self::Equal,
            Self::NotEqual => Self::NotEqual,
            Self::AtLeast => Self::AtMost,
            Self::Above => Self::Below,
        }
    }
}

/// Two operands that stand so to each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The first.
    #[serde(deserialize_with = "crate::document::inside")]
    pub left: Operand,
    /// How they stand.
    pub is: Is,
    /// The second, of the same unit.
    #[serde(deserialize_with = "crate::document::inside")]
    pub right: Operand,
}

/// An operand between two others, ends included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The operand.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Operand,
    /// The lowest that holds.
    #[serde(deserialize_with = "crate::document::inside")]
    pub from: Operand,
    /// The highest that holds.
    #[serde(deserialize_with = "crate::document::inside")]
    pub to: Operand,
}

/// Which state a column's cell is in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateTest {
    /// The column.
    pub of: ColumnKey,
    /// The states that hold: `None`, written `value`, where there is a number.
    #[serde(with = "states")]
    pub is: Vec<Option<Reason>>,
}

/// States as the words that conditions use for them.
mod states {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::key::{hint, unknown};
    use crate::panel::Reason;
    use crate::rule::text::state_word;

    pub(super) fn serialize<S: Serializer>(
        states: &[Option<Reason>],
        writer: S,
    ) -> Result<S::Ok, S::Error> {
        writer.collect_seq(states.iter().map(|state| state_word(*state)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        reader: D,
    ) -> Result<Vec<Option<Reason>>, D::Error> {
        let words = Vec::<String>::deserialize(reader)?;
        let state = |word: &String| {
            Reason::CELLS
                .into_iter()
                .find(|state| state_word(*state) == word)
                .ok_or_else(|| {
                    let (name, nearest, known) = unknown(word, Reason::CELLS.map(state_word));
                    let hint = hint(nearest.as_deref(), &known);
                    de::Error::custom(format_args!("`{name}` is no state{hint}"))
                })
        };
        words.iter().map(state).collect()
    }
}

/// A column without records over a span.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// The column.
    pub of: ColumnKey,
    /// This period and so many before it that the span is full.
    #[serde(default)]
    pub span: Span,
}

/// Which subjects hold: those with a member in the list or with a member whose key starts so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectTest {
    /// Members, of any axis.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Key>,
    /// Beginnings of members' keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts_with: Vec<Key>,
}

impl SubjectTest {
    /// Says whether a subject with these members is meant.
    #[must_use]
    pub fn holds(&self, subject: &[Key]) -> bool {
        subject.iter().any(|member| {
            self.members.contains(member)
                || self
                    .starts_with
                    .iter()
                    .any(|start| member.as_str().starts_with(start.as_str()))
        })
    }

    /// Says whether some member may be meant by both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let named = |one: &Self, two: &Self| {
            let mut members = one.members.iter();
            members.any(|member| two.holds(std::slice::from_ref(member)))
        };
        let starts = |one: &Self, two: &Self| {
            let mut pairs = one.starts_with.iter();
            pairs.any(|own| {
                let mut others = two.starts_with.iter();
                others.any(|other| other.as_str().starts_with(own.as_str()))
            })
        };
        named(self, other) || named(other, self) || starts(self, other) || starts(other, self)
    }

    /// Says whether this test holds for every subject for which the other does.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let members = other
            .members
            .iter()
            .all(|member| self.holds(std::slice::from_ref(member)));
        let starts = other.starts_with.iter().all(|start| {
            let mut own = self.starts_with.iter();
            own.any(|own| start.as_str().starts_with(own.as_str()))
        });
        members && starts
    }
}

/// At least so many of the conditions hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtLeast {
    /// How many.
    pub count: u32,
    /// Of these.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Vec<Condition>,
}

/// A condition that holds so many periods in a row, up to this one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consecutive {
    /// How many.
    pub span: Span,
    /// The condition.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Box<Condition>,
}

/// A condition that holds in some of the last periods.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Within {
    /// In how many, at least.
    pub count: u16,
    /// Of how many.
    pub span: Span,
    /// The condition.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Box<Condition>,
}

/// Which way an operand moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Each period is higher than the one before.
    Rising,
    /// Each period is lower than the one before.
    Falling,
}

/// An operand that moved the same way in every one of the last periods.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// The operand.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Operand,
    /// The way.
    pub is: Way,
    /// How many moves: two periods falling need the values of three.
    pub span: Span,
}

impl Condition {
    /// The deepest nesting of conditions and operands.
    pub const MAX_DEPTH: usize = crate::document::MAX_DEPTH;
    /// The most conditions and operands in one condition.
    pub const MAX_SIZE: usize = 2_000;
    /// The most periods that one condition may visit for one answer, when spans stand inside spans.
    pub const MAX_VISITS: u64 = 10_000;

    /// Returns the condition that this one and `other` hold. Conjunctions join.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            first => Self::All(vec![first, other]),
        }
    }

    /// Returns the condition that this one or `other` holds. Disjunctions join.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut any) => {
                any.push(other);
                Self::Any(any)
            }
            first => Self::Any(vec![first, other]),
        }
    }

    /// Returns the condition that this one does not hold.
    #[must_use]
    pub fn negate(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Returns the condition that this one holds so many periods in a row.
    #[must_use]
    pub fn lasting(self, span: impl Into<Span>) -> Self {
        Self::Consecutive(Consecutive {
            span: span.into(),
            of: Box::new(self),
        })
    }

    /// Returns the condition that this one holds in at least `count` of the last periods.
    #[must_use]
    pub fn within(self, count: u16, span: impl Into<Span>) -> Self {
        Self::Within(Within {
            count,
            span: span.into(),
            of: Box::new(self),
        })
    }

    /// Returns the condition that nothing was recorded of these figures.
    #[must_use]
    pub fn missing(of: ColumnKey) -> Self {
        Self::State(StateTest {
            of,
            is: vec![Some(Reason::NothingRecorded)],
        })
    }

    /// Checks that the condition stays inside [`Condition::MAX_DEPTH`], [`Condition::MAX_SIZE`], [`Span::MAX`] and
    /// [`Condition::MAX_VISITS`].
    ///
    /// # Errors
    /// [`RuleError::TooDeep`], [`RuleError::TooLarge`], [`RuleError::Span`], [`RuleError::TooManyVisits`]; the place in
    /// it is empty.
    pub fn check_bounds(&self) -> Result<(), RuleError> {
        // A list of what is still to be seen rather than recursion: a document may nest deeper than the stack is.
        let mut open = vec![(Node::Condition(self), 1_usize, 1_u64)];
        let mut size = 0;
        while let Some((node, depth, visits)) = open.pop() {
            size += 1;
            if depth > Self::MAX_DEPTH {
                return Err(RuleError::TooDeep {
                    limit: Self::MAX_DEPTH,
                });
            }
            if size + open.len() > Self::MAX_SIZE {
                return Err(RuleError::TooLarge {
                    limit: Self::MAX_SIZE,
                });
            }
            let span = match node {
                Node::Condition(condition) => condition.span(),
                Node::Operand(operand) => operand.span(),
            };
            let mut visits = visits;
            if let Some(span) = span {
                if span.count == 0 || span.count > Span::MAX {
                    return Err(RuleError::Span {
                        count: span.count,
                        limit: Span::MAX,
                    });
                }
                // A previous value is one visit, however far back; everything else looks at every period between.
                let each = match node {
                    Node::Operand(Operand::Previous(_)) => 1,
                    Node::Condition(Self::Trend(_)) => 2 * u64::from(span.count),
                    _ => u64::from(span.count),
                };
                visits = visits.saturating_mul(each);
                if visits > Self::MAX_VISITS {
                    return Err(RuleError::TooManyVisits {
                        limit: Self::MAX_VISITS,
                    });
                }
            }
            match node {
                Node::Condition(condition) => {
                    condition.children(|_, child| {
                        open.push((Node::Condition(child), depth + 1, visits));
                    });
                    condition
                        .operands(|_, child| open.push((Node::Operand(child), depth + 1, visits)));
                }
                Node::Operand(operand) => {
                    operand
                        .children(|_, child| open.push((Node::Operand(child), depth + 1, visits)));
                }
            }
        }
        Ok(())
    }

    /// Calls `each` with the place and value of every condition directly inside.
    pub(crate) fn children<'a>(&'a self, mut each: impl FnMut(usize, &'a Self)) {
        match self {
            Self::All(list) | Self::Any(list) | Self::AtLeast(AtLeast { of: list, .. }) => {
                for (index, child) in list.iter().enumerate() {
                    each(index, child);
                }
            }
            Self::Not(child)
            | Self::Consecutive(Consecutive { of: child, .. })
            | Self::Within(Within { of: child, .. }) => each(0, child),
            Self::Compare(_)
            | Self::Between(_)
            | Self::State(_)
            | Self::Stale(_)
            | Self::Late(_)
            | Self::Subject(_)
            | Self::Trend(_)
            | Self::Control(_) => {}
        }
    }

    /// Calls `each` with the name and value of every operand directly inside.
    pub(crate) fn operands<'a>(&'a self, mut each: impl FnMut(&'static str, &'a Operand)) {
        match self {
            Self::Compare(Comparison { left, right, .. }) => {
                each("left", left);
                each("right", right);
            }
            Self::Between(Between { of, from, to }) => {
                each("of", of);
                each("from", from);
                each("to", to);
            }
            Self::Trend(Trend { of, .. }) | Self::Control(Control { of, .. }) => each("of", of),
            Self::State(_)
            | Self::Stale(_)
            | Self::Late(_)
            | Self::Subject(_)
            | Self::All(_)
            | Self::Any(_)
            | Self::Not(_)
            | Self::AtLeast(_)
            | Self::Consecutive(_)
            | Self::Within(_) => {}
        }
    }

    /// Returns the span of periods that this condition looks back by itself, if it does.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Self::Stale(Silence { span, .. })
            | Self::Late(Silence { span, .. })
            | Self::Consecutive(Consecutive { span, .. })
            | Self::Within(Within { span, .. })
            | Self::Trend(Trend { span, .. }) => Some(*span),
            // The whole course is looked at, however long the panel is.
            Self::Control(_) => Some(Span::periods(Span::MAX)),
            Self::Compare(_)
            | Self::Between(_)
            | Self::State(_)
            | Self::Subject(_)
            | Self::All(_)
            | Self::Any(_)
            | Self::Not(_)
            | Self::AtLeast(_) => None,
        }
    }
}

enum Node<'a> {
    Condition(&'a Condition),
    Operand(&'a Operand),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sales() -> Operand {
        Operand::metric("sales").unwrap()
    }

    #[test]
    fn conditions_read_back_and_refuse_what_they_do_not_know() {
        let condition = sales()
            .below(Operand::number(5))
            .lasting(3)
            .and(sales().falling(2).negate())
            .or(Condition::missing("target:sales".parse().unwrap()));
        let text = serde_json::to_string(&condition).unwrap();
        assert_eq!(serde_json::from_str::<Condition>(&text).unwrap(), condition);
        for (from, to) in [
            ("\"span\"", "\"spam\""),
            ("\"below\"", "\"bellow\""),
            ("\"metric\"", "\"metrik\""),
        ] {
            let broken = text.replacen(from, to, 1);
            assert!(
                serde_json::from_str::<Condition>(&broken).is_err(),
                "{from}"
            );
        }
        assert!(
            serde_json::from_str::<Operand>(r#"{"constant": {"value": 0.5}}"#).is_err(),
            "floats are refused"
        );
    }

    #[test]
    fn what_is_too_deep_too_large_or_looks_too_far_back_is_refused() {
        let mut deep = sales().below(Operand::number(5));
        for _ in 0..Condition::MAX_DEPTH {
            deep = deep.negate();
        }
        assert!(matches!(
            deep.check_bounds(),
            Err(RuleError::TooDeep { .. })
        ));
        let wide = Condition::All(vec![sales().below(Operand::number(5)); 700]);
        assert!(matches!(
            wide.check_bounds(),
            Err(RuleError::TooLarge { .. })
        ));
        let zero = sales().falling(0);
        assert!(matches!(
            zero.check_bounds(),
            Err(RuleError::Span { count: 0, .. })
        ));
        let far = sales().below(sales().trailing_mean(300)).lasting(300);
        assert!(matches!(
            far.check_bounds(),
            Err(RuleError::TooManyVisits { .. })
        ));
        assert_eq!(
            sales()
                .below(sales().previous(300))
                .lasting(300)
                .check_bounds(),
            Ok(())
        );
    }

    #[test]
    fn a_comparison_its_opposite_and_its_exchange_agree() {
        use std::cmp::Ordering::{Equal, Greater, Less};
        for is in [
            Is::Below,
            Is::AtMost,
            Is::Equal,
            Is::NotEqual,
            Is::AtLeast,
            Is::Above,
        ] {
            for order in [Less, Equal, Greater] {
                assert_ne!(is.holds(order), is.opposite().holds(order));
                assert_eq!(is.holds(order), is.exchanged().holds(order.reverse()));
            }
        }
    }
}
