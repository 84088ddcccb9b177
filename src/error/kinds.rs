//! What sort of fault each error of a room is, and where it names a place.

use super::fault::{ErrorKind, Fault, sealed};
use crate::alert::AlertError;
use crate::allocation::AllocationError;
use crate::assignment::AssignmentError;
use crate::band::BandError;
use crate::calendar::CalendarError;
use crate::catalog::PackError;
use crate::channel::ChannelError;
use crate::control::ControlError;
use crate::duty::DutyError;
use crate::fingerprint::FingerprintError;
use crate::funnel::FunnelError;
use crate::journal::{EntryError, JournalError, Misfit, Rejected, Rejection};
use crate::key::KeyError;
use crate::ledger::{LedgerError, RateError, Refusal};
use crate::limits::LimitError;
use crate::margins::MarginsError;
use crate::measure::{MeasureError, UnitError};
use crate::metric::MetricError;
use crate::model::{Mistake, ModelCause, ModelError};
use crate::pace::PaceError;
use crate::panel::PanelError;
use crate::pay::PayError;
use crate::plan::{
    BasisError, ConstraintError, EditError, PlanError, SheetCause, SheetError, SheetMistake,
};
use crate::process::ProcessError;
use crate::quantity::QuantityError;
use crate::rating::RatingError;
use crate::review::ReviewError;
use crate::rule::{RuleError, TextError};
use crate::scenario::{ScenarioCause, ScenarioError};
use crate::scorecard::ScorecardError;
use crate::space::{OutlineCause, OutlineError, OutlineMistake, SpaceError};
use crate::statistics::StatisticsError;
use crate::text::{LangError, TemplateError};
use crate::view::ViewError;

/// Says what sort of fault the variants of an error are: those of a kind, those that are another room's error, those that hold
/// one beside its place, those that hold one which names its place itself, and those that name a place. A new variant is given its kind
/// here, or nothing compiles.
macro_rules! faults {
    ($error:ident {
        $($kind:ident: $($variant:ident)|+;)*
        $(@through $($inner:ident)|+;)?
        $(@beside $($holder:ident.$held:ident)|+;)?
        $(@within $($outer:ident.$core:ident)|+;)?
        $(@placed $($placed:ident.$place:ident)|+;)?
    }) => {
        impl sealed::Sealed for $error {}

        impl Fault for $error {
            fn kind(&self) -> ErrorKind {
                match self {
                    $($(Self::$variant { .. })|+ => ErrorKind::$kind,)*
                    $($(Self::$inner(inner) => inner.kind(),)+)?
                    $($(Self::$holder { $held, .. } => $held.kind(),)+)?
                    $($(Self::$outer { $core, .. } => $core.kind(),)+)?
                }
            }

            fn place(&self) -> Option<String> {
                match self {
                    $($(Self::$inner(inner) => inner.place(),)+)?
                    $($(Self::$outer { $core, .. } => $core.place(),)+)?
                    $($(Self::$placed { $place, .. } => Some($place.to_string()),)+)?
                    _ => None,
                }
            }
        }
    };
}

/// Of several mistakes an error is of the kind and at the place of the first one.
macro_rules! of_the_first {
    ($($error:ident)+) => {
        $(impl sealed::Sealed for $error {}

        impl Fault for $error {
            fn kind(&self) -> ErrorKind {
                let first = self.mistakes.first();
                first.map_or(ErrorKind::Invalid, Fault::kind)
            }

            fn place(&self) -> Option<String> {
                self.mistakes.first().and_then(Fault::place)
            }
        })+
    };
}

faults!(AlertError {
    Unknown: UnknownAlert;
    Missing: HistoryMissing | NoCorrectiveAction;
    Conflict: OutOfOrder | NotBegun | Over | CheckTooEarly;
    Text: Document;
    @through Rule;
});

faults!(AllocationError {
    Outside: NoSuchMember;
    Missing: NoMembers | EmptyLot | NoRoomForRemainder;
    Invalid: NegativeWeight | UnorderedStarts | RemainderToZeroWeight | BlocksInsideBounds;
    Mismatch: LengthMismatch | LotsDoNotDivide | LotsDiffer;
    OutOfRange: OutOfRange;
    Limit: WeightTooFine | TooManyMembers;
    Infeasible: ZeroWeights | CrossedBounds | Impossible | TreeImpossible;
    Conflict: HeldAndBounded;
    @beside InNode.error;
});

faults!(AssignmentError {
    Invalid: Cost;

    Outside: NoSuchRow | NoSuchColumn;
    Limit: TooMany | TooManySteps;
});

faults!(CalendarError {
    Unknown: UnknownPeriod;
    Duplicate: DuplicateLabel | DuplicateException | DuplicateWeekday;
    Missing: EmptyPeriod | NoPeriodHolds | NoWorkingDay | NoWorkingTime | NoWorkingTimeBefore | NoWeekday | NoShifts;
    Invalid: Reversed | NoSuchMonth | StartDay | WeeksAreFixed | Shift | DayBoundary | Weight | ShiftsOverlap | ReversedSpan | NegativeWorkingTime;
    Mismatch: NotNested;
    OutOfRange: DayOutOfRange;
    Outside: NoSuchPeriods | NoSuchNumber | NoSuchPeriod | ForeignPeriod;
    Limit: TooManyPeriods | LongCalendarKey | TooManyExceptions | WeightsTooFine | TooManyShifts | TooManyOccurrences;
    Conflict: Overlap;
    Text: TimeOfDay;
    @beside Label.source;
});

faults!(ChannelError {
    Unknown: UnknownTier | UnknownItem;
    Duplicate: DuplicateTier;
    Missing: NoEnd;
    Invalid: Straddles;
    @through Key | Panel;
});

faults!(ControlError {
    Missing: TooFew | NoSpread;
    Invalid: Parameter;
});

faults!(DutyError {
    Unknown: UnknownItem | UnknownRecord | UnknownRecipient | UnknownObligation | UnknownClass | UnknownCause;
    Duplicate: Duplicate;
    Missing: Nobody | NoConversion | NoHistory | NoWorkingDay | Unsaid | NoWindow | NoEffort;
    Invalid: NotMoved | OwnReviewer | StretchBelowFloor | QuotaBeyondWhole | CountBeyondWhole | NegativeRate | RouteAnchor | TooOften | Weights | Priority | NotTime | OwnLeader;
    Mismatch: NotAmounts | NotCounts;
    OutOfRange: DayOutOfRange;
    Limit: TooMany;
    @through Key | Calendar | Quantity | Allocation | Assignment | Ledger | Panel;
});

faults!(FunnelError {
    Unknown: UnknownStage | UnknownCriterion;
    Duplicate: Duplicate;
    Missing: Unsaid | NoStage;
    Invalid: Chance | DealChance | NegativeWeight;
    Mismatch: Quanta;
    @through Key | Ledger | Panel | Quantity;
});

faults!(KeyError {
    Invalid: Empty | TooLong | Padded | Control;
});

faults!(LedgerError {
    Unknown: UnknownCreditField | UnknownKind | UnknownField | UnknownRecord;
    Duplicate: DuplicateKind | DuplicateField | AliasInUse;
    Invalid: ReservedField | NotRecordable | NotOpening;
    Mismatch: NotMoney | NotExchangeable | Ragged;
    Limit: TooMany;
    Conflict: Refused;
    @through Key | Space | Measure | Rate;
});

faults!(MarginsError {
    Duplicate: CellTwice;
    Missing: NoLines | NoGrandTotal | AxisWithoutMargin;
    Invalid: ParentNotBefore | CellsOrEntries | Weight | BoundBeyondZero | MinimumOnZero | Denominator | SumNotWhole | CellsOfSizes | WeightAt | MarginTotals | NestedMargins | CrossingMargins | BoundBeyondZeroAt;
    Mismatch: Shape | CellCount | SumDiffers | SumOutside | Axes | MarginShape | NotClosed;
    OutOfRange: TotalOutOfRange;
    Outside: NoSuchCell | NoSuchPlace;
    Limit: TooLarge | TotalTooLarge | Limit;
    Infeasible: NodeDisagrees | TotalsDiffer | PrescribedAboveTotal | BoundsCross | NodeBoundsCross | Impossible | Overconstrained | NotConverged;
});

faults!(MeasureError {
    Unknown: UnknownMeasure;
    Duplicate: Duplicate;
    Mismatch: NotAdditive;
    Limit: TooMany;
    @through Key;
});

faults!(MetricError {
    Unknown: UnknownMetric | UnknownKind | UnknownField | UnknownValue | UnknownAxis;
    Duplicate: Duplicate;
    Missing: NoKind | NeverEnds;
    Invalid: StockSummed | QuantileShare | ZeroPeriods | WindowNotPeriod | EndWindow | GapNotHere | Reversed;
    Mismatch: MixedDimensions | UnitMismatch | DirectionMismatch | NotComparable | NotAdditive | SubjectLevel | ProgramMismatch;
    Limit: TooMany | TooDeep | Limit;
    Conflict: AgedFlow | Cycle | SchemaMismatch | Overlap | OtherRecords;
    Text: BadPartial;
    @through Key | Calendar | Quantity | Panel;
    @beside Space.error;
    @placed Space.place;
});

faults!(PaceError {
    Duplicate: DuplicateForecast;
    Missing: NoWeight | SeasonGap | WindowTooLong | NoCascade;
    Invalid: NegativeWeight | SeasonWithoutDays | PhasingPoint | NegativeRate | ForecastTooLate | Bins;
    Mismatch: SeasonShape | CascadeSum | Axis | NeedsAmounts;
    Conflict: ForecastOrder;
    @through Key | Panel | Calendar | Quantity;
});

faults!(PackError {
    Text: NotANumber;
    @through Key | Panel | Rule;
    @beside Text.cause;
});

faults!(PanelError {
    Unknown: UnknownColumn;
    Duplicate: DuplicateColumn;
    Invalid: RowsLeftOut;
    Mismatch: Shape | Ragged | DifferentAxes | DifferentRows | DifferentPeriods | DifferentPeriod;
    Outside: Outside;
    Text: ColumnKey;
    @through Key | Row | Period;
    @beside Amount.cause;
});

faults!(BasisError {
    Missing: MissingWeight | MissingFigure | MissingMembers | BlindBasis | TableWithoutPeriods | NeedsPeriods;
    Invalid: TablePeriod | SeasonTotal | NegativeCoefficient | NestedBlend | NestedInverse | ShareOfGate | NegativeWeight;
    Mismatch: ColumnShape | TableShape | NotAmounts | PeriodsDiffer | SeasonShape | ClippedPeriod;
    Limit: WeightTooFine | TableTooFine | TableTooCoarse;
    Infeasible: ZeroWeights | NoInverse | NotEligible | NobodyEligible | GatedAmount;
    @placed GatedAmount.place | NegativeWeight.place | WeightTooFine.place | MissingWeight.place | ZeroWeights.place | SeasonShape.place;
});

faults!(ConstraintError {
    Missing: NoTotal;
    Invalid: NotWholeLots | PeriodsInLots | NotTwoSteps | CrossingTotals | InvalidLot | MethodInMixedLots | FactorNotAbove | MethodInsideBounds | TotalsInLots;
    Mismatch: LotsDoNotDivide | FactorsOfNobody | NobodyHandsDown;
    Duplicate: FactorsTwice;
    Infeasible: TotalsDisagree | BoundBeyondZero | MinimumWithoutWeight | TotalsOutOfBounds | CrossedBounds | Impossible | TotalsNotFound | TotalsImpossible | PrescribedBroken | OutsideBounds;
    @beside Margins.error;
    @placed NotWholeLots.place | LotsDoNotDivide.place | PeriodsInLots.place | NobodyHandsDown.place | CrossedBounds.place | Impossible.place | NotTwoSteps.place | CrossingTotals.place | NoTotal.place | TotalsDisagree.place | BoundBeyondZero.place | MinimumWithoutWeight.place | TotalsOutOfBounds.place | TotalsNotFound.place | Margins.place | TotalsImpossible.place | PrescribedBroken.place | OutsideBounds.place;
});

faults!(EditError {
    Outside: NoSuchVersion | NotPast;
    Missing: NoBase | NoRule | NoEvidence | NoChildren | NoDays | NobodyThere | NoParts | NoPlaceFor | AcrossWhat | NoCells;
    Mismatch: MixedSigns | WeightsOfPart | KeptWhole | StepsDiffer | PartOf | SeveralParents;
    OutOfRange: ShareOutside | CapBelowZero;
    Infeasible: CannotCarry | NothingFree | FactorMisses | HeldExceeds | ZeroBase | RunsBackwards | Contradicted | Locks | Undecided | TakesMore | NotKept | NobodyEligible;
    Conflict: CarriedAlready | ReachedTwice | AskedTwice | DecidedTwice | Stale | VersionOrder | Changed | Held | HeldAbove | HeldStretch | Closed | Open | Reopened | PlannedAlready | NotAgreed | BetweenReallocations;
    Text: Pattern;
    Invalid: NotAbove;
    Limit: TooManyAtOnce;
    @placed CarriedAlready.place | ReachedTwice.place | NotPast.place | AskedTwice.place | Held.place | HeldAbove.place | Closed.place | NothingFree.place | FactorMisses.place | HeldExceeds.place | ZeroBase.place | MixedSigns.place | NotAbove.place | NoBase.place | NoEvidence.place | NoChildren.place | RunsBackwards.place | HeldStretch.place | NoDays.place | NobodyThere.place | NoParts.place | WeightsOfPart.place | DecidedTwice.place | KeptWhole.place | NoCells.place | PartOf.place | NotKept.place | NobodyEligible.place;
});

faults!(PlanError {
    Unknown: UnknownStep | UnknownSource | UnknownPeriod | UnknownMeasure | UnknownName | UnknownNode | UnknownDimension;
    Duplicate: DuplicateStep | DuplicatePlace | DuplicateMeasure | NamedTwice;
    Missing: EmptyLevel | NoAtoms | NoCalendar | NoWorkingDays | NotPlanned | NoCascade | NothingSaved;
    Invalid: NotPeriods | NotAtLevel | ActivityReversed | BelowStep | OpeningPlace;
    Mismatch: NotNested | NotForKind | OpeningDiffers | DifferentFrames | ValuesShape | Damaged | OtherSources;
    OutOfRange: OutOfRange | SumOutOfRange;
    Outside: ForeignNode | NotANode | NotInPeriod | ActivityPlace;
    Limit: TooManySteps | TooManyNodes | CombinationTooCoarse | Limit;
    Infeasible: NotSplittable;
    @through Key | Measure | Space | Calendar | Panel | Quantity | Allocation | Basis | Constraint | Edit;
    @beside Split.error;
    @within Follows.error;
    @placed EmptyLevel.place | NotANode.place | DuplicatePlace.place | BelowStep.place | ActivityReversed.place | ActivityPlace.place | Split.place | OpeningPlace.place | OpeningDiffers.place | OutOfRange.place | NotInPeriod.place;
});

faults!(ProcessError {
    Unknown: UnknownStep | UnknownEvent;
    Outside: ForeignStep;
    Duplicate: Twice;
    Missing: EmptyName | Unsaid;
    Invalid: NegativeVariance;
    Limit: TooFine | TooMany | AlignmentTooLarge;
    Conflict: Rejected | BeforeOpening;
    @through Key | Calendar | Ledger | Panel | Quantity;
});

faults!(QuantityError {
    Invalid: InvalidQuantum | ZeroDenominator | NotAShare;

    Mismatch: FinerThanQuantum | QuantumMismatch;
    OutOfRange: OutOfRange | Overflow | RatioOverflow;
    Limit: TooManyDigits;
    Text: NotANumber | OtherForm;
    Conflict: SignClash;
});

faults!(RateError {
    Unknown: UnknownTable | UnknownCurrency;
    Duplicate: Twice | DuplicateTable;
    Missing: NoRate;
    Invalid: NotPositive | OfBase;
    Limit: TooMany;
    @through Quantity;
});

faults!(Refusal {
    Unknown: UnknownKind | UnknownField | UnknownValue | UnknownRecord | UnknownAmount;
    Outside: NoSuchNumber;
    Duplicate: CreditTwice | IdInUse;
    Missing: Missing | NotCredited | Untimed | OpensNothing;
    Invalid: CreditSum | CreditShare | CreditAndMember | ReversalWithContent | RateNotPositive | SettlesItself | NotARecord;
    Mismatch: CurrencyMismatch | RateOfApplication | CurrencyOfPayment | OtherKind | SharedInPart;
    OutOfRange: OutsideSpan | DayOutOfRange | TimeOutOfRange | MoreThanThere | BeyondRange;
    Limit: CreditTooFine | TimeTooFine | Full;
    Conflict: Restated | Sequence | AlreadyReversed | ReversedBefore | TakenBackLater | GoneSince;
    @beside Member.error | Text.error | Amount.error | Rate.error;
});

faults!(ReviewError {
    Unknown: UnknownPace;
    Missing: NotUnderReview;
    Conflict: OtherSources;
    @through Key | Calendar | Pace | Panel | Rule | Scorecard | Allocation | Quantity;
});

faults!(RuleError {
    Unknown: UnknownRule | UnknownColumn | UnknownParameter | UnknownMember | UnknownPlaceholder | UnknownLevel;
    Duplicate: DuplicateRule;
    Missing: NoSource | Empty;
    Invalid: Span | Count | Flapping | Ladder | Dates;
    Mismatch: Units | Grain;
    Outside: NoSuchPeriod | NoSuchSubject;
    Limit: TooManyRules | TooDeep | TooLarge | TooManyVisits | TooFine;
    Conflict: OtherPack | ColumnChanged;
    @through Key | Panel | Calendar | Control | Message | Row;
    @beside In.problem;
    @placed In.place;
});

faults!(ScenarioCause {
    Unknown: UnknownReady | UnknownView | UnknownRule | UnknownEntry;
    Missing: Waits | Void;
    Limit: Limit;
    @through Key | Model | Entry | Rejection | Journal | View | Calendar | Ledger | Metric | Panel | Scorecard | Rule | Review | Pack | Measure;
    @beside Unjudged.cause;
});

faults!(BandError {
    Missing: NoBands | Gap | EmptyInterval;
    Invalid: NotRising;
    Limit: TooMany;
    Conflict: Overlap;
    Text: Interval;
});

faults!(PayError {
    Unknown: UnknownPayment;
    Duplicate: PaidTwice | PayrollTwice;
    Missing: NoElement | NoCurrency;
    Invalid: FloorAboveCap | Shares | NegativeShare | Negative | Unpaid | NeverInForce;
    Mismatch: Quanta | Differ;
    Conflict: NotToDate | PaidLater | BothInForce;
    Outside: NotInForce;
    Limit: TooMany;
    @through Scorecard | Band | Key | Panel | Quantity | Allocation;
    @beside In.source;
    @placed In.place;
});

faults!(RatingError {
    Unknown: UnknownLevel | UnknownRelation;
    Duplicate: TwoWeights | RatedTwice | TwoResults;
    Missing: NoLevel;
    Invalid: NotRising | NegativeWeight | Weights;
    @through Scorecard | Key | Panel | Quantity;
    @beside Subject.source;
});

faults!(ScorecardError {
    Unknown: UnknownName;
    Duplicate: Duplicate;
    Missing: NoKnots | Empty;
    Invalid: NotRising | FloorAboveCap | Unit | Places | Grid | Weights | NegativeWeight;
    Mismatch: Finer | Shape | UnitMismatch;
    OutOfRange: NumberRange;
    Limit: TooFine | TooMany;
    Conflict: Conflict;
    @through Band | Quantity | Key | Panel | Allocation | Template;
    @beside In.source;
    @placed In.place;
});

faults!(SpaceError {
    Unknown: UnknownSubject | UnknownDimension | UnknownLevel | UnknownHierarchy | UnknownMember;
    Duplicate: DuplicateDimension | DuplicateMember | DuplicateSubject | DuplicateLevel | DuplicateHierarchy | TwoParents;
    Missing: NoLevel | EmptyLevel | EmptyLink;
    Invalid: ReservedMember | EmptyTenure | TwoTenures;
    Mismatch: SubjectShape | LeafLevelsDiffer | LevelOrder;
    Invalid: TenurePart;
    Limit: TooMany | Limit;
    Conflict: Cycle | PostOverfull;
    @through Key;
});

faults!(StatisticsError {
    Missing: FewPairs;
    Mismatch: NotAmounts;
    @through Key | Panel | Quantity;
});

faults!(TemplateError {
    Unknown: UnknownPlace;
    Text: Brace;
});

faults!(TextError {
    Invalid: Whose;

    Limit: TooDeep | TooLong;
    Text: Unexpected | OpenQuote | Number;
    @beside Name.problem;
});

faults!(UnitError {
    Text: Currency | NotAUnit;
});

of_the_first!(ModelError OutlineError ScenarioError SheetError);

faults!(ModelCause {
    Unknown: UnknownColumn | UnknownView | UnknownCard | NotAbove;
    Duplicate: DuplicateColumn | DuplicateDuty | DuplicateName | DuplicateView | DuplicateAxis | DuplicateRule | DuplicateWatch | DuplicatePlan | DuplicateTable;
    Conflict: PlannedTwice | OtherWindow | CountedLate | NotOfPosts | WrittenAndPlanned;
    Invalid: NotAnAmount | NotByName;
    Missing: NotPlanned | NeverDue | NotCredited | NoPostField;
    Mismatch: OtherUnit | NoSuchRows;
    @through Calendar | Space | Measure | Ledger | Rate | Metric | Scorecard | Pay | Pace | Review | Panel | Rule | Plan | Duty | Limit;
});

impl sealed::Sealed for FingerprintError {}

impl Fault for FingerprintError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Text
    }
}

faults!(ViewError {
    Unknown: UnknownView | NoRows;
    Limit: Limit;
    Conflict: NotYet;
    Missing: Needed;
    @through Space | Metric | Panel | Plan | Duty;
    @beside Column.cause;
});

faults!(EntryError {
    Missing: NoId;
    Invalid: Reversing | Applying;
    Mismatch: NotJoining | NotReversing | NotApplying | OtherDay;
    Limit: Sequence;
    @through Key;
});

faults!(Rejection {
    Unknown: UnknownRule | UnknownPlan | UnknownDuty | UnknownTarget;
    Duplicate: WrittenTwice;
    Text: Author;
    Outside: BeforeGoLive | NotComplete;
    Missing: Unsigned | NoTotal | NoPosts;
    Conflict: OtherContent | AlreadyThere | Done | ReversedBefore | Circle | Closed | NotClosed | Judged | Returns | Model | HasARow | Overtaken | BuiltOn | Unsettled | OtherVersion | BooksClosed | ClosedMoved | ClosedTarget | Merged | OwesNothing;
    Mismatch: NotAbove | NotARecord | OtherLevel | BelowItself | MergedIntoItself | NotAtLevel | NotARow | HiddenRow;
    @through Record | Space | Alert | Plan | Quantity;
    @beside Cell.cause;
});

faults!(Misfit {
    Conflict: Gone | Changed | Joined | Told | Begun;
    @through Space;
    @beside Entry.reason;
    @placed Gone.place | Changed.place;
});

impl sealed::Sealed for Rejected {}

impl Fault for Rejected {
    fn kind(&self) -> ErrorKind {
        self.reason.kind()
    }

    fn place(&self) -> Option<String> {
        Some(format!("entries[{}]", self.row))
    }
}

impl sealed::Sealed for JournalError {}

impl Fault for JournalError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Key(inner) => inner.kind(),
            Self::Space(inner) => inner.kind(),
            Self::Metric(inner) => inner.kind(),
            Self::Column { cause, .. } => cause.kind(),
            Self::Rejected { rejected } => rejected.first().map_or(ErrorKind::Invalid, Fault::kind),
            Self::Entry(inner) => inner.kind(),
            Self::NotLater { .. } | Self::LessComplete { .. } | Self::OtherHead { .. } => {
                ErrorKind::Conflict
            }
            Self::OtherModel { .. } => ErrorKind::Mismatch,
            Self::TooMany { .. } => ErrorKind::Limit,
            Self::Limit(inner) => inner.kind(),
            Self::Panel(inner) => inner.kind(),
            Self::Plan(inner) => inner.kind(),
            Self::Duty(inner) => inner.kind(),
            Self::NoPlan { .. } => ErrorKind::Unknown,
            Self::Needed { .. } => ErrorKind::Missing,
            Self::DayNotKept { .. } => ErrorKind::Outside,
            Self::Damaged { .. } | Self::Supplied { .. } | Self::Circle { .. } => {
                ErrorKind::Invalid
            }
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Rejected { rejected } => rejected.first().and_then(Fault::place),
            Self::Damaged { part, .. } => Some((*part).to_owned()),
            Self::Supplied {
                entry: Some(entry), ..
            }
            | Self::Circle { entry, .. } => Some(entry.to_string()),
            _ => None,
        }
    }
}

impl<C: Fault + std::error::Error> sealed::Sealed for Mistake<C> {}

impl<C: Fault + std::error::Error> Fault for Mistake<C> {
    fn kind(&self) -> ErrorKind {
        self.cause.kind()
    }

    fn place(&self) -> Option<String> {
        Some(self.place.clone())
    }
}

faults!(OutlineCause {
    Missing: NoLevels | EmptyColumn | Gap;
    Duplicate: TwoColumns | TwoParents | TwoLevels | SameKey;
    Invalid: Reserved;
    Mismatch: TooManyCells;
    @through Key | Number;
});

impl sealed::Sealed for OutlineMistake {}

impl Fault for OutlineMistake {
    fn kind(&self) -> ErrorKind {
        self.cause.kind()
    }

    fn place(&self) -> Option<String> {
        Some(self.spot())
    }
}

faults!(SheetCause {
    Unknown: UnknownColumn | NotThere;
    Missing: NoHeadings | MissingColumn | NoHeading | Blank;
    Duplicate: TwoColumns | TwoRows;
    Mismatch: Outside | NotALeaf;
    Conflict: MovedOn | NotKept | HeldAbove;
    @through Plan | Number;
});

impl sealed::Sealed for SheetMistake {}

impl Fault for SheetMistake {
    fn kind(&self) -> ErrorKind {
        self.cause.kind()
    }

    fn place(&self) -> Option<String> {
        self.spot()
    }
}

impl sealed::Sealed for LimitError {}

impl Fault for LimitError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Limit
    }
}

impl sealed::Sealed for LangError {}

impl Fault for LangError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Text
    }
}
