//! Changes: versions, holds, closed periods, ways of spreading.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use thiserror::Error;

use crate::calendar::DayRange;
use crate::key::Key;
use crate::plan::{CapLimit, CarriedGap, ChangeSummary, LockConflict, LockDef, Path, Place};
use crate::quantity::Ratio;

/// What can be wrong with a change: its version, what is held or closed, and what cannot be spread.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EditError {
    /// What is asked of a place contradicts what is asked below it.
    #[error("{asked}, but {}", below_text(below, needed, available, asked))]
    Contradicted {
        /// What is asked of the smallest place that cannot be.
        asked: AskedAmount,
        /// What is asked of places below it, of which none can be left out.
        below: Vec<AskedAmount>,
        /// How much is needed.
        needed: Decimal,
        /// How much there is.
        available: Decimal,
    },
    /// Two amounts are asked of one place.
    #[error("{place} cannot be {one} and {other} at once: ask for one of them")]
    AskedTwice {
        /// The place.
        place: Path,
        /// What it is to be first.
        one: Decimal,
        /// What it is to be beside that.
        other: Decimal,
    },
    /// The weights of the least change are to be the amounts of a part of the plan.
    #[error(
        "the whole plan cannot be weighed by the amounts of {place} alone: leave the place of the reference out, and name a measure or a version"
    )]
    WeightsOfPart {
        /// The part.
        place: Place,
    },
    /// The text is not a pattern.
    #[error(
        "`{text}` is not a pattern: write numbers joined by spaces or hyphens, not all zero, or P"
    )]
    Pattern {
        /// The text.
        text: String,
    },
    /// A change was made for a version that the plan has left behind.
    #[error(
        "the change is based on version {based_on}, but the plan is at {current}: {}",
        meanwhile_text(meanwhile)
    )]
    Stale {
        /// The version that the change was made for.
        based_on: u64,
        /// The version of the plan.
        current: u64,
        /// The changes in between.
        meanwhile: Vec<ChangeSummary>,
    },
    /// The plan never had this version.
    #[error("there is no version {version}; the plan is at {current}")]
    NoSuchVersion {
        /// The version that was asked for.
        version: u64,
        /// The version of the plan.
        current: u64,
    },
    /// Two versions are compared the wrong way round.
    #[error("version {to} is before version {from}")]
    VersionOrder {
        /// The version from which differences are asked for.
        from: u64,
        /// The version up to which.
        to: u64,
    },
    /// Plans are joined before they are changed.
    #[error("a plan that has been changed cannot be joined with another")]
    Changed,
    /// An edited place is held.
    #[error("{place} is held: release it first")]
    Held {
        /// The place.
        place: Path,
    },
    /// A total above an edited place is held.
    #[error("{place} is held at {held}: keep it, so that what else is below it gives way")]
    HeldAbove {
        /// The held node.
        place: Path,
        /// Its amount.
        held: Decimal,
    },
    /// An edited place is in a closed period.
    #[error("{place} is closed: all before {before} is read-only")]
    Closed {
        /// The place.
        place: Path,
        /// The day before which everything is closed.
        before: NaiveDate,
    },
    /// A close does not open what is closed.
    #[error("everything before {closed} is closed already: reopen it from {before} instead")]
    Reopened {
        /// The day that was asked for.
        before: NaiveDate,
        /// The day before which everything is closed.
        closed: NaiveDate,
    },
    /// What is to be opened is open.
    #[error("{from} is open already{}", closed.map(|closed| format!(": closed is what ends before {closed}")).unwrap_or_default())]
    Open {
        /// The first day that was to be opened.
        from: NaiveDate,
        /// The day before which everything is closed, if anything is.
        closed: Option<NaiveDate>,
    },
    /// The factors above a place reach other amounts only, and nobody beside it may take what that leaves.
    #[error(
        "{asked} cannot be assigned at {place}: the factors lead to {nearest}, and nobody beside may take the rest"
    )]
    FactorMisses {
        /// The place.
        place: Path,
        /// What is asked.
        asked: Decimal,
        /// What can be assigned to it.
        nearest: Decimal,
    },
    /// There is an amount to place but no cell that may move.
    #[error("{amount} cannot be placed at {place}: everything below is held or closed")]
    NothingFree {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// There is an amount to share but nobody below who is eligible for it.
    #[error(
        "{amount} cannot be shared at {place}: nobody below who may move is eligible, so name who gets it"
    )]
    NobodyEligible {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// What is held or closed leaves less than nothing for the rest.
    #[error("{place} cannot be {amount}: {held} of it is held or closed")]
    HeldExceeds {
        /// The node.
        place: Path,
        /// The amount that was asked for.
        amount: Decimal,
        /// What may not move.
        held: Decimal,
    },
    /// There is nothing to be proportional to, and that is refused.
    #[error("{amount} cannot be spread in proportion at {place}: all cells that may move are zero")]
    ZeroBase {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// Some cells are below zero and some above, and that is refused.
    #[error(
        "amounts below and above zero stand beside each other at {place}: say what negative ones mean"
    )]
    MixedSigns {
        /// The node.
        place: Path,
    },
    /// The place to be kept is not above the edited one.
    #[error("{kept} cannot be kept: it is not above {place}")]
    NotAbove {
        /// The place to be kept.
        kept: Path,
        /// The edited place.
        place: Path,
    },
    /// A ratio has no base, so that nothing can be kept or set by it.
    #[error("`{measure}` has no base at {place}")]
    NoBase {
        /// The ratio.
        measure: Key,
        /// The node.
        place: Path,
    },
    /// A ratio is set, and neither the edit nor a link says which of its parts gives way.
    #[error(
        "no rule says which part of `{measure}` gives way: name one in the edit, or link the ratio"
    )]
    NoRule {
        /// The ratio.
        measure: Key,
    },
    /// A number was to be moved with nothing to speak for it.
    #[error("the move of {place} by {by} has no evidence")]
    NoEvidence {
        /// The place.
        place: Place,
        /// Who wanted to move it.
        by: Key,
    },
    /// Draft and target still differ.
    #[error("no agreement yet: gaps are left at {}", paths_text(open))]
    NotAgreed {
        /// Where.
        open: Vec<Path>,
    },
    /// The curve of a cell would run backwards.
    #[error(
        "{place} would run backwards from {day}, by {amount}: add less before, or take less away from then on"
    )]
    RunsBackwards {
        /// The cell.
        place: Path,
        /// The first day of the stretch on which it would.
        day: NaiveDate,
        /// What that stretch would have.
        amount: Decimal,
    },
    /// A held stretch would change.
    #[error(
        "{place} is held at {held} from {} until {}, and would be {found}: release it first, or change other days",
        days.start(), days.end()
    )]
    HeldStretch {
        /// The place.
        place: Place,
        /// The days.
        days: DayRange,
        /// What it is held at.
        held: Decimal,
        /// What it would be.
        found: Decimal,
    },
    /// Nothing of a place is planned on these days.
    #[error("nothing of {place} is planned from {} until {}", days.start(), days.end())]
    NoDays {
        /// The place.
        place: Place,
        /// The days.
        days: DayRange,
    },
    /// Nobody is there to take over, or to give.
    #[error(
        "nobody is planned to balance {place} from {} until {}: name a place that is planned on these days, or let the totals above change",
        days.start(), days.end()
    )]
    NobodyThere {
        /// The cell.
        place: Path,
        /// The days.
        days: DayRange,
    },
    /// Who is to be new is in the plan already.
    #[error(
        "`{member}` is in the plan already: leave out `new` to give a target to a member who is there"
    )]
    PlannedAlready {
        /// The member.
        member: Key,
    },
    /// Who is new would stand nowhere.
    #[error(
        "`{member}` would stand nowhere in the plan: name the member below which it stands, at the level above"
    )]
    NoPlaceFor {
        /// The member.
        member: Key,
    },
    /// Which part of a target goes is no part of it.
    #[error("{share} is no part of a target: write a share from 0 to 1")]
    ShareOutside {
        /// The share.
        share: Ratio,
    },
    /// Something is divided into nothing.
    #[error(
        "{place} is divided into no parts: name at least one with a share above zero, and none below"
    )]
    NoParts {
        /// What is divided.
        place: Place,
    },
    /// Locks do not hold together.
    #[error("{0}")]
    Locks(Box<LockConflict>),
    /// Whether locks hold together was not decided: their scopes cross in more than two ways, or some parent has cells where several
    /// pairs of them meet, or the table that they make is beyond what can be worked out exactly.
    #[error(
        "whether these can hold together was not decided: {}; lock one after the other in changes of their own",
        locks_text(locks)
    )]
    Undecided {
        /// The locks.
        locks: Vec<LockDef>,
    },
    /// Two edits of one change decide one cell.
    #[error(
        "{place} is decided by edit {one} and {}: make them in two changes, or leave one of them out",
        other.map_or_else(|| "by another edit of the change".to_owned(), |other| format!("by edit {other}"))
    )]
    DecidedTwice {
        /// The cell.
        place: Path,
        /// The place of one edit in the change, counted from 1.
        one: usize,
        /// That of the other, where it moves cells by a reallocation too.
        other: Option<usize>,
    },
    /// It is not clear whose members give way to each other.
    #[error(
        "which members give way to each other is not clear from {}: say `across` which step",
        places_text(places)
    )]
    AcrossWhat {
        /// The places.
        places: Vec<Place>,
    },
    /// A place names nobody of those who give way to each other.
    #[error(
        "{place} names nobody at a step of `{across}`, across which amounts move, so that its total is kept: name a member there, or say another `across`"
    )]
    KeptWhole {
        /// The place.
        place: Place,
        /// A step of those who give way.
        across: Key,
    },
    /// Places that have to stand at one step do not.
    #[error(
        "{} stand at different steps: name members of one step",
        places_text(places)
    )]
    StepsDiffer {
        /// The places.
        places: Vec<Place>,
    },
    /// A transfer goes between a place and a part of it.
    #[error(
        "{place} is a part of {whole}, so that nothing can go from one to the other: name places that have no cell in common"
    )]
    PartOf {
        /// The part.
        place: Place,
        /// What it is a part of.
        whole: Place,
    },
    /// An amount of siblings is to go in stated parts to places of different parents.
    #[error(
        "{} stand below different parents, so that no amount of their siblings goes to them in stated parts: say from whom it comes, or make a transfer of each",
        places_text(places)
    )]
    SeveralParents {
        /// The places.
        places: Vec<Place>,
    },
    /// A reallocation would change what it has to keep.
    #[error("the total of {place} is {before} and would be {after}, but a reallocation keeps it")]
    NotKept {
        /// The place.
        place: Place,
        /// What it totals.
        before: Decimal,
        /// What it would total.
        after: Decimal,
    },
    /// More members by combinations of the other steps are looked at together than can be.
    #[error(
        "{members} members by {columns} combinations of the other steps are looked at together, and at most {most} can be: name a narrower place"
    )]
    TooManyAtOnce {
        /// How many stand across the dimension, at all its steps.
        members: u128,
        /// In how many combinations of members and periods at the other steps.
        columns: u128,
        /// How many of both there may be, multiplied.
        most: u128,
    },
    /// Something is held, released, closed, reopened or reverted between two reallocations of a change.
    #[error(
        "edit {edit} stands between reallocations, which all read the plan as it is where the first of them stands: put it before all of them, or after"
    )]
    BetweenReallocations {
        /// The place of the edit in the change, counted from 1.
        edit: usize,
    },
    /// More is to be taken from places than may move there, or less than nothing.
    #[error(
        "{amount} cannot be taken from {}: {available} there may move",
        places_text(places)
    )]
    TakesMore {
        /// The places.
        places: Vec<Place>,
        /// What is to be taken.
        amount: Decimal,
        /// What may move.
        available: Decimal,
    },
    /// Something is left of gaps that are to be carried, and that is refused.
    #[error(
        "{}; raise a limit, release or reopen what is in the way, name others who take it, or write it off",
        gaps_text(gaps)
    )]
    CannotCarry {
        /// The gaps of which something is left.
        gaps: Vec<CarriedGap>,
    },
    /// What is carried at most is below zero.
    #[error(
        "at most {} cannot be carried: write a limit of zero or more",
        cap_text(limit)
    )]
    CapBelowZero {
        /// The limit.
        limit: CapLimit,
    },
    /// What was reached is said of days that are not past.
    #[error(
        "what {place} reached from {} until {} is not past on {from}: name days before it",
        days.start(), days.end()
    )]
    NotPast {
        /// The place.
        place: Place,
        /// The days.
        days: DayRange,
        /// The first day that is not past.
        from: NaiveDate,
    },
    /// What was reached is said twice of one cell.
    #[error("what was reached at {place} is said of {one} and of {other}: say it once")]
    ReachedTwice {
        /// The cell.
        place: Path,
        /// What it is said of.
        one: Place,
        /// What it is said of too.
        other: Place,
    },
    /// A gap was carried forward already.
    #[error(
        "the gap of {place} before {from} was carried forward by version {version}: name the days from then on"
    )]
    CarriedAlready {
        /// The place.
        place: Place,
        /// The version in which it was.
        version: u64,
        /// The day before which it was.
        from: NaiveDate,
    },
    /// A place has no cells.
    #[error("the plan has no cells at {place}")]
    NoCells {
        /// The place.
        place: Place,
    },
    /// A verb about children was used on a leaf.
    #[error("{place} has no children")]
    NoChildren {
        /// The leaf.
        place: Path,
    },
}

/// An amount that is asked of a place, or that a place has and cannot leave.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AskedAmount {
    /// No less than this.
    #[error("{place} is at least {amount}")]
    AtLeast {
        /// The place.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// No more than this.
    #[error("{place} is at most {amount}")]
    AtMost {
        /// The place.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// Just this, because it is asked for or held.
    #[error("{place} is {amount}")]
    Exactly {
        /// The place.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// Just this, because nothing there has any weight by which it could move.
    #[error("{place} stays {amount}, having no weight")]
    Unmoved {
        /// The place.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
    /// Just this, which a node keeps and hands down to nobody.
    #[error("{amount} is kept apart at {place}")]
    Apart {
        /// The node.
        place: Path,
        /// The amount.
        amount: Decimal,
    },
}

impl AskedAmount {
    fn parts(&self) -> (&Path, &Decimal) {
        match self {
            Self::AtLeast { place, amount }
            | Self::AtMost { place, amount }
            | Self::Exactly { place, amount }
            | Self::Unmoved { place, amount }
            | Self::Apart { place, amount } => (place, amount),
        }
    }
}

fn gaps_text(gaps: &[CarriedGap]) -> String {
    let mut parts: Vec<String> = gaps.iter().take(NAMED).map(ToString::to_string).collect();
    if gaps.len() > NAMED {
        parts.push(format!("{} more", gaps.len() - NAMED));
    }
    parts.join("; ")
}

fn cap_text(limit: &CapLimit) -> String {
    match limit {
        CapLimit::Share(share) => format!("{share} of a target"),
        CapLimit::Amount(amount) => amount.to_string(),
    }
}

/// How many of the amounts below a place a sentence names.
const NAMED: usize = 5;

fn below_text(
    below: &[AskedAmount],
    needed: &Decimal,
    available: &Decimal,
    asked: &AskedAmount,
) -> String {
    let (place, own) = asked.parts();
    // Nothing is below a leaf but what it is itself.
    if let [leaf] = below
        && leaf.parts().0 == place
    {
        return leaf.to_string();
    }
    let mut parts: Vec<String> = below.iter().take(NAMED).map(ToString::to_string).collect();
    if below.len() > NAMED {
        parts.push(format!("{} more", below.len() - NAMED));
    }
    let parts = if parts.is_empty() {
        "nothing stands below it".to_owned()
    } else {
        parts.join(", ")
    };
    if needed == own {
        format!("what is below it comes to no more than {available}: {parts}")
    } else {
        format!("what is below it needs {needed}: {parts}")
    }
}

fn meanwhile_text(meanwhile: &[ChangeSummary]) -> String {
    let one =
        |change: &ChangeSummary| format!("{} by {} ({})", change.version, change.by, change.reason);
    meanwhile.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn locks_text(locks: &[LockDef]) -> String {
    let locks = locks.iter().map(ToString::to_string);
    locks.collect::<Vec<_>>().join("; ")
}

fn places_text(places: &[Place]) -> String {
    let places = places.iter().map(ToString::to_string);
    places.collect::<Vec<_>>().join("; ")
}

fn paths_text(paths: &[Path]) -> String {
    paths
        .iter()
        .map(Path::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
