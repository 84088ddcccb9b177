//! The methods of splitting one amount, with the laws that each keeps.

use serde::{Deserialize, Serialize};

use super::AllocationError;
use super::divisor::Signposts;
use super::weights::Weights;

/// How the exact shares of an amount become whole ones.
///
/// The exact share of a member is `total x weight / sum of weights`. All methods here are exact in sum (with what is kept
/// apart counted), sign-symmetric, and give nothing to a member of weight zero. Beyond that:
///
/// | method | quota rule | house monotone | fair to the order |
/// |---|---|---|---|
/// | largest remainder | yes | no | yes |
/// | Webster, Hill, Dean | no | yes | yes |
/// | Jefferson | lower quota only | yes | yes |
/// | Adams | upper quota only | yes | yes |
/// | running | yes, and so does every prefix by less than one quantum | no | no |
/// | spare to first | yes | no | no |
/// | spare to heaviest | lower quota, and at most one quantum above the exact share | no | yes |
/// | remainder to the largest, to a named member | lower quota only | no | yes |
/// | remainder apart | yes, never rounded up | yes | yes |
/// | blocks apart | upper quota only | yes | yes |
///
/// *Quota rule*: every share is the exact share rounded down or up; the *lower* half of it is that none is less, the *upper*
/// that none is more. *House monotone*: no share shrinks when the total grows. *Fair to the order*: the members' declared
/// order decides ties only. Where the table says no, there are amounts and weights that break the law. Holding a member at
/// the share that it has changes no other share by a divisor method, but may by largest remainder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Method {
    /// Each share rounded down; the quanta to spare go one each to the largest remainders. The default.
    ///
    /// Also Hamilton's or Hare-Niemeyer's method. Source: M. L. Balinski and H. P. Young, *Fair Representation* (1982),
    /// chapter 3 and appendix A.
    #[default]
    LargestRemainder,
    /// The divisor method that rounds to the nearest, a half up: for shares without bias to large or small members.
    ///
    /// Also Sainte-Laguë's method. May stray from the quota rule, though rarely. Source of all five divisor methods: M. L.
    /// Balinski and H. P. Young, *Fair Representation* (1982), appendix A.
    Webster,
    /// The divisor method that rounds down: it favours the large members, and gives nobody less than the exact share
    /// rounded down. Also D'Hondt's method.
    Jefferson,
    /// The divisor method that rounds at the geometric mean of two neighbours: differences between shares are least
    /// relative to them. Nobody goes without while anybody has two. Also the method of equal proportions.
    Hill,
    /// The divisor method that rounds up: it favours the small members, and gives nobody more than the exact share rounded
    /// up. Nobody goes without while anybody has two.
    Adams,
    /// The divisor method that rounds at the harmonic mean of two neighbours. Nobody goes without while anybody has two.
    Dean,
    /// The quanta to spare go one each to the first members in declared order whose share is not whole.
    SpareToFirst,
    /// The quanta to spare go one each to the heaviest members, though their share be whole: at most one quantum above the
    /// exact share, less than one below.
    SpareToHeaviest,
    /// All quanta to spare go to the one heaviest member.
    RemainderToLargest,
    /// All quanta to spare go to this member (its place in declared order), whose weight must not be zero.
    RemainderTo(usize),
    /// The quanta to spare stay unallocated.
    RemainderApart,
    /// Only whole multiples of the smallest whole-number proportions are given; the rest stays unallocated, so that the
    /// shares are exactly proportional.
    BlocksApart,
    /// Each share is the rounded running total up to the member less the one before it (a half rounds up), so that a
    /// running total is within half a quantum of its exact value: the method for periods of time.
    Running,
}

impl Method {
    /// Refuses a named member that does not exist or must get nothing.
    pub(super) fn check_member(self, weights: &Weights) -> Result<(), AllocationError> {
        let Self::RemainderTo(member) = self else {
            return Ok(());
        };
        match weights.get(member) {
            None => Err(AllocationError::NoSuchMember {
                member,
                members: weights.len(),
            }),
            Some(0) if weights.sum() > 0 => Err(AllocationError::RemainderToZeroWeight { member }),
            Some(_) => Ok(()),
        }
    }

    /// Returns the signposts of a divisor method.
    pub(super) fn signposts(self) -> Option<Signposts> {
        match self {
            Self::Webster => Some(Signposts::Webster),
            Self::Jefferson => Some(Signposts::Jefferson),
            Self::Hill => Some(Signposts::Hill),
            Self::Adams => Some(Signposts::Adams),
            Self::Dean => Some(Signposts::Dean),
            Self::LargestRemainder
            | Self::SpareToFirst
            | Self::SpareToHeaviest
            | Self::RemainderToLargest
            | Self::RemainderTo(_)
            | Self::RemainderApart
            | Self::BlocksApart
            | Self::Running => None,
        }
    }
}
