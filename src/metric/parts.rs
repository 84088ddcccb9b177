//! A program's parts: formulas over what is counted, summed and seen, by kind of record.

use std::sync::Arc;

use super::filter::{Credited, DateColumn, Source, Test};
use super::metric::{
    Age, Entity, First, OpenFigure, Placed, QuantileMethod, SameDay, SeenBy, Selection, Value,
};
use super::moment::Clock;
use super::store::sum_bit;
use super::subject::Lookup;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::Reason;
use crate::quantity::{Quantum, Ratio};

/// A metric with its formula resolved.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) key: Key,
    pub(super) unit: Unit,
    /// Where it is stated or follows from what the figure is made of.
    pub(super) direction: Option<Direction>,
    /// Whether a measure says so that does not merely say nothing.
    pub(super) is_firm: bool,
    pub(super) node: Node,
}

/// A formula with its parts resolved.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Count(usize),
    Sum {
        part: usize,
        quantum: Quantum,
        count: Option<usize>,
    },
    Extreme {
        part: usize,
        end: End,
        quantum: Quantum,
    },
    Quantile {
        from: Drawn,
        p: Ratio,
        method: QuantileMethod,
        quantum: Quantum,
    },
    Gaps {
        from: Drawn,
        figure: GapFigure,
    },
    /// Records that nothing has ended.
    Waiting {
        pair: usize,
        figure: WaitingFigure,
    },
    /// The days since the latest day of an extreme.
    Since {
        part: usize,
        never: Never,
    },
    Open {
        part: usize,
        quantum: Quantum,
    },
    /// The number of what is open, and the sum of the dates from which its age counts.
    OpenAge {
        count: usize,
        since: usize,
    },
    Last {
        part: usize,
        quantum: Quantum,
    },
    Concentration {
        part: usize,
        figure: Concentrated,
        quantum: Quantum,
    },
    Distinct(usize),
    New(usize),
    Ask {
        part: usize,
        question: Question,
        scope: SeenBy,
        touches: usize,
        first: First,
    },
    Ratio {
        of: Box<Self>,
        to: Box<Self>,
        scale: Ratio,
    },
    Difference {
        of: Box<Self>,
        minus: Box<Self>,
    },
    Scaled {
        of: Box<Self>,
        by: Ratio,
    },
    Earlier {
        of: Box<Self>,
        name: &'static str,
        base: Bases,
    },
    Growth {
        of: Box<Self>,
        name: &'static str,
        base: Bases,
    },
    Share {
        of: Box<Self>,
        groups: Arc<[u32]>,
    },
    Days,
    /// Another metric, by its position.
    Metric(usize),
}

impl Node {
    /// Of a figure that is drawn from single records: how many periods after its own it looks at.
    pub(super) fn drawn_ahead(&self) -> Option<usize> {
        match self {
            Self::Ask { question, .. } => Some(question.ahead()),
            Self::Extreme { .. }
            | Self::Quantile { .. }
            | Self::Gaps { .. }
            | Self::Waiting { .. }
            | Self::Since { .. }
            | Self::Last { .. }
            | Self::Concentration { .. }
            | Self::Distinct(_)
            | Self::New(_) => Some(0),
            Self::Count(_)
            | Self::Sum { .. }
            | Self::Open { .. }
            | Self::OpenAge { .. }
            | Self::Ratio { .. }
            | Self::Difference { .. }
            | Self::Scaled { .. }
            | Self::Earlier { .. }
            | Self::Growth { .. }
            | Self::Share { .. }
            | Self::Days
            | Self::Metric(_) => None,
        }
    }
}

/// By period, the one that it is compared with.
pub(super) type Bases = Arc<[Option<usize>]>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Low,
    High,
}

/// Where a sample comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    Samples(usize),
    Trail(usize),
    Pair(usize),
}

/// A figure of what is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitingFigure {
    Count,
    Age,
}

/// A figure of gaps that needs no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GapFigure {
    Sum,
    Mean,
    Low,
    High,
}

/// What is asked of the periods in which an entity was seen.
/// What is said of an event that never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Never {
    /// As long as since the subject was taken on.
    SinceTakenOn,
    NothingRecorded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Lost {
        seen_within: usize,
        absent_for: usize,
    },
    Reactivated {
        after: usize,
    },
    Retained,
    Previous,
    Dormant {
        periods: usize,
    },
    TakenOver,
}

/// A selection resolved: for each kind of record its conditions, or that it is not selected.
#[derive(Debug, Clone)]
pub(super) struct Selected {
    pub(super) definition: Selection,
    pub(super) grid: usize,
    pub(super) kinds: Vec<Option<Vec<Test>>>,
}

/// A part of a bank: the selection and where its figures stand.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub(super) selection: usize,
    pub(super) taken_back: TakenBack,
    pub(super) bank: usize,
    pub(super) lane: CountLane,
}

/// Where a reversal takes away what it reverses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TakenBack {
    /// On its own day: counts and sums say when.
    Then,
    /// Where the original stands, so that only what stands is left: a mean is of that.
    There,
}

/// Where in its bank a count stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CountLane {
    Count(usize),
    /// In a place for sums that was free.
    Sum(usize),
}

impl CountLane {
    /// Its bit in the masks of the bank.
    pub(super) fn bit(self) -> u8 {
        match self {
            Self::Count(lane) => u8::try_from(lane).unwrap_or(0),
            Self::Sum(lane) => sum_bit(lane),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct ValuePart {
    pub(super) selection: usize,
    pub(super) value: Value,
    /// By kind of record.
    pub(super) sources: Vec<Option<Source>>,
    /// For sums; what is drawn singly is of what stands.
    pub(super) taken_back: TakenBack,
    /// Bank and lane, for sums.
    pub(super) bank: usize,
    pub(super) lane: usize,
}

#[derive(Debug, Clone)]
pub(super) struct EntityPart {
    pub(super) selection: usize,
    pub(super) entity: usize,
}

#[derive(Debug, Clone)]
pub(super) struct TrailPart {
    pub(super) selection: usize,
    pub(super) entity: Option<usize>,
    pub(super) kept_for: Trailed,
}

/// What the days of records are kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trailed {
    /// The days between records of the same subject.
    Gaps(SameDay),
    /// The days from a record to one of another selection, whoever's it is.
    Pairs,
}

impl Trailed {
    pub(super) fn credited(self) -> fn(&Selection) -> Credited {
        match self {
            Self::Gaps(_) => Credited::each,
            Self::Pairs => Credited::recording,
        }
    }
}

/// Records of two selections that are matched by an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PairPart {
    /// A trail.
    pub(super) starts: usize,
    /// A trail.
    pub(super) ends: usize,
    pub(super) placed: Placed,
}

/// Records that are open at the end of a period.
#[derive(Debug, Clone)]
pub(super) struct OpenPart {
    pub(super) selection: usize,
    pub(super) value: Option<Value>,
    pub(super) until: Option<Key>,
    pub(super) age: Option<Age>,
    pub(super) figure: OpenFigure,
    /// By kind of record.
    pub(super) kinds: Vec<Option<OpenColumns>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenColumns {
    pub(super) source: Option<Source>,
    pub(super) until: Option<DateColumn>,
    pub(super) since: Option<DateColumn>,
}

/// A figure of concentration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concentrated {
    Top(usize),
    Herfindahl,
}

/// A value by entity.
#[derive(Debug, Clone)]
pub(super) struct HeldPart {
    pub(super) selection: usize,
    pub(super) entity: usize,
    pub(super) value: Option<Value>,
    /// By kind of record.
    pub(super) sources: Vec<Option<Source>>,
}

/// Figures that stand side by side; they share a grid.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    pub(super) grid: usize,
    /// Tallies, by lane.
    pub(super) counts: Vec<usize>,
    /// What is summed, by lane.
    pub(super) sums: Vec<Summed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Summed {
    /// A sum, by its position.
    Value(usize),
    /// A tally for which there was no other place.
    Tally(usize),
}

/// What is counted once, as a column of each kind of record.
#[derive(Debug, Clone)]
pub(super) struct EntityColumns {
    pub(super) definition: Entity,
    pub(super) kinds: Vec<Option<EntityColumn>>,
    /// The number of members; `None` for texts, of which there may be more any day.
    pub(super) members: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum EntityColumn {
    /// The member of a placement; the placement's own number where there is no table.
    Place {
        column: usize,
        members: Option<Arc<[u32]>>,
    },
    Text {
        column: usize,
    },
    /// The record's own day, numbered from the first day of the ledger's span on.
    Day {
        first: i32,
    },
}

/// All parts of a program.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) selections: Vec<Selected>,
    pub(super) tallies: Vec<Tally>,
    pub(super) sums: Vec<ValuePart>,
    pub(super) banks: Vec<Bank>,
    pub(super) extremes: Vec<ValuePart>,
    pub(super) samples: Vec<ValuePart>,
    pub(super) presences: Vec<EntityPart>,
    pub(super) touches: Vec<EntityPart>,
    pub(super) trails: Vec<TrailPart>,
    pub(super) pairs: Vec<PairPart>,
    pub(super) opens: Vec<OpenPart>,
    pub(super) holdings: Vec<HeldPart>,
    pub(super) lasts: Vec<HeldPart>,
    pub(super) first_days: Vec<i32>,
    /// The last day of each period that is seen.
    pub(super) last_days: Vec<i32>,
    /// Whether reversals take away what they reverse everywhere.
    pub(super) from_the_start: bool,
    /// The day on which each subject was taken on.
    pub(super) taken_on: Vec<Option<i32>>,
    pub(super) entities: Vec<EntityColumns>,
    /// By grid, then by kind of record: the subjects and the date.
    pub(super) places: Vec<Vec<Option<(Lookup, DateColumn)>>>,
    pub(super) clocks: Vec<Clock>,
    /// The metrics, each after those that it is made from.
    pub(super) order: Vec<usize>,
}

impl Parts {
    /// Returns for how many days nothing can have been recorded of a subject of which nothing was: since it was taken on.
    pub(super) fn silent_since_taken_on(
        &self,
        never: Never,
        subject: usize,
        last: i32,
    ) -> Result<i32, Reason> {
        if never == Never::NothingRecorded {
            return Err(Reason::NothingRecorded);
        }
        match self.taken_on.get(subject).copied().flatten() {
            Some(first) if first <= last => Ok(last - first),
            Some(_) => Err(Reason::NotApplicable),
            None => Err(Reason::NothingRecorded),
        }
    }
}
