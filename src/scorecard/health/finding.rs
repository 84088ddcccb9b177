//! What can be found, and what is held to be too much.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::panel::ColumnKey;
use crate::quantity::Ratio;
use crate::scorecard::Cliff;

/// What is held to be too much or too little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HealthLimits {
    /// More KPIs than this blur what matters; 12 by default.
    pub most_kpis: usize,
    /// A share of the card below this moves nobody; 0.03 by default.
    pub least_share: Ratio,
    /// A jump of more of the total than this is a cliff; 5 points by default.
    pub largest_jump: Ratio,
    /// More weight than this on what a person can influence by less than half is unfair; 0.2 by default.
    pub most_uninfluenced: Ratio,
    /// Points of two KPIs that run together this closely (coefficient of correlation, in hundredths) count the same thing
    /// twice; 95 by default.
    pub closest: u8,
    /// Means of groups of subjects that lie farther apart than this are hardly fair; 15 points by default.
    pub widest_means: Ratio,
    /// More of the total than this to be gained by keeping a result back until the next period tempts; 2 points by default.
    pub most_by_waiting: Ratio,
}

impl Default for HealthLimits {
    fn default() -> Self {
        Self {
            most_kpis: 12,
            least_share: Ratio::percent(3),
            largest_jump: Ratio::from(5),
            most_uninfluenced: Ratio::percent(20),
            closest: 95,
            widest_means: Ratio::from(15),
            most_by_waiting: Ratio::from(2),
        }
    }
}

/// Something about a card that its owner should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Finding {
    /// There are more KPIs than anybody keeps in mind.
    TooManyKpis {
        /// How many there are.
        count: usize,
    },
    /// A KPI has next to no weight.
    NoWeight {
        /// The KPI.
        kpi: Key,
        /// Its share of the card.
        share: Ratio,
    },
    /// The total jumps: a hair more or less of the input changes it at once.
    Jump {
        /// The KPI.
        kpi: Key,
        /// Where, and by how many points of the KPI.
        cliff: Cliff,
        /// By how many points of the total.
        total: Ratio,
    },
    /// A table of two inputs jumps: a hair more or less of one of them changes the total at once.
    TableStep {
        /// The KPI.
        kpi: Key,
        /// The largest change between two neighbouring cells, in points of the KPI.
        step: Ratio,
        /// By how many points of the total.
        total: Ratio,
    },
    /// More of what is good gives fewer points.
    Perverse {
        /// The KPI.
        kpi: Key,
    },
    /// Whatever is done gives the same points.
    Indifferent {
        /// The KPI.
        kpi: Key,
    },
    /// Beyond an input nothing more is to be had: who has reached it gains by waiting until the next period.
    NothingToGainAbove {
        /// The KPI.
        kpi: Key,
        /// The input.
        at: Ratio,
    },
    /// Below an input nothing more is lost: who cannot reach it gains by giving up the period.
    NothingToLoseBelow {
        /// The KPI.
        kpi: Key,
        /// The input.
        at: Ratio,
    },
    /// Much weight stands on what the scored person can hardly influence.
    Uninfluenced {
        /// The share of the card.
        share: Ratio,
        /// The KPIs.
        kpis: Vec<Key>,
    },
    /// Two KPIs look at the same figure, be it compared with different things (sales against plan, growth of sales), and it is
    /// not declared as shared.
    CountedTwice {
        /// One KPI.
        kpi: Key,
        /// The other.
        other: Key,
        /// The figure.
        metric: ColumnKey,
    },
    /// More points can be had by recording nothing or less, and no gate or veto that asks for activity stands before it.
    SilencePays {
        /// The KPI.
        kpi: Key,
    },
    /// Targets are zero where less is better: they are met or missed, and nothing between.
    ZeroTarget {
        /// The KPI.
        kpi: Key,
        /// How many targets are zero.
        cells: usize,
    },
    /// The plan has a target for which nobody is scored.
    TargetWithoutKpi {
        /// The metric.
        metric: Key,
    },
    /// The panel does not have the column of a KPI.
    NoColumn {
        /// The KPI.
        kpi: Key,
        /// The column.
        column: ColumnKey,
    },
    /// A KPI has never had a number: its figure or its target is always missing.
    NeverKnown {
        /// The KPI.
        kpi: Key,
    },
    /// A KPI has given everybody the same points in every period.
    NeverMoves {
        /// The KPI.
        kpi: Key,
    },
    /// The points of two KPIs have run so closely together that they count the same thing.
    RunTogether {
        /// One KPI.
        kpi: Key,
        /// The other.
        other: Key,
        /// The coefficient of correlation (Pearson) in hundredths, rounded.
        hundredths: i8,
    },
    /// Two rates have the same figures above the line.
    SharedNumerator {
        /// One KPI.
        kpi: Key,
        /// The other.
        other: Key,
    },
    /// Somebody would have gained by keeping a part of a result back until the next period.
    GainsByWaiting {
        /// The KPI.
        kpi: Key,
        /// The place of the subject.
        subject: Vec<Key>,
        /// The place of the period from which it would have been kept back.
        period: Key,
        /// How much of the figure.
        moved: Ratio,
        /// What it would have brought over both periods together, in points of the total.
        gain: Ratio,
    },
    /// Cards of two owners look at the same figure, and it is not declared as shared by both.
    CountedTwiceAcross {
        /// The figure.
        metric: ColumnKey,
        /// One owner and its KPI.
        left: (Key, Key),
        /// The other.
        right: (Key, Key),
    },
    /// A KPI is declared as shared with an owner whose card does not look at the figure: it does not bind them together.
    SharedAlone {
        /// The owner.
        owner: Key,
        /// Its KPI.
        kpi: Key,
        /// With whom it is said to be shared.
        with: Key,
    },
    /// A shared KPI is compared with different things on the cards that share it.
    SharedUnequal {
        /// The figure.
        metric: ColumnKey,
        /// One owner and its KPI.
        left: (Key, Key),
        /// The other.
        right: (Key, Key),
    },
    /// The means of groups lie far apart: the targets of some are easier than those of others.
    Unfair {
        /// The members of the group with the lowest mean.
        lowest: Vec<Key>,
        /// The members of the group with the highest mean.
        highest: Vec<Key>,
        /// How far they lie apart.
        apart: Ratio,
    },
}

/// How often each kind of finding was made, for a summary.
#[must_use]
pub fn count_findings(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.name()).or_insert(0) += 1;
    }
    counts
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// Worth knowing; often intended.
    Note,
    /// Likely to mislead those who are scored.
    Warning,
    /// The card does not measure what it says.
    Error,
}

impl Finding {
    /// Returns how much the finding matters.
    #[must_use]
    pub fn level(&self) -> FindingLevel {
        match self {
            Self::NothingToGainAbove { .. }
            | Self::NothingToLoseBelow { .. }
            | Self::NoWeight { .. } => FindingLevel::Note,
            Self::TooManyKpis { .. }
            | Self::ZeroTarget { .. }
            | Self::Jump { .. }
            | Self::TableStep { .. }
            | Self::GainsByWaiting { .. }
            | Self::CountedTwiceAcross { .. }
            | Self::SharedAlone { .. }
            | Self::SharedUnequal { .. }
            | Self::Uninfluenced { .. }
            | Self::CountedTwice { .. }
            | Self::SilencePays { .. }
            | Self::TargetWithoutKpi { .. }
            | Self::NeverMoves { .. }
            | Self::RunTogether { .. }
            | Self::SharedNumerator { .. }
            | Self::Unfair { .. } => FindingLevel::Warning,
            Self::Perverse { .. }
            | Self::Indifferent { .. }
            | Self::NoColumn { .. }
            | Self::NeverKnown { .. } => FindingLevel::Error,
        }
    }

    /// Returns the stable name of the kind of finding.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooManyKpis { .. } => "too_many_kpis",
            Self::NoWeight { .. } => "no_weight",
            Self::Jump { .. } => "jump",
            Self::TableStep { .. } => "table_step",
            Self::GainsByWaiting { .. } => "gains_by_waiting",
            Self::CountedTwiceAcross { .. } => "counted_twice_across",
            Self::SharedAlone { .. } => "shared_alone",
            Self::SharedUnequal { .. } => "shared_unequal",
            Self::Perverse { .. } => "perverse",
            Self::Indifferent { .. } => "indifferent",
            Self::NothingToGainAbove { .. } => "nothing_to_gain_above",
            Self::NothingToLoseBelow { .. } => "nothing_to_lose_below",
            Self::Uninfluenced { .. } => "uninfluenced",
            Self::CountedTwice { .. } => "counted_twice",
            Self::SilencePays { .. } => "silence_pays",
            Self::ZeroTarget { .. } => "zero_target",
            Self::TargetWithoutKpi { .. } => "target_without_kpi",
            Self::NoColumn { .. } => "no_column",
            Self::NeverKnown { .. } => "never_known",
            Self::NeverMoves { .. } => "never_moves",
            Self::RunTogether { .. } => "run_together",
            Self::SharedNumerator { .. } => "shared_numerator",
            Self::Unfair { .. } => "unfair",
        }
    }
}
