//! To whom a duty falls by who holds which post: who is accountable for that of a post, and who acts for somebody who is absent.

use chrono::NaiveDate;

use crate::key::Key;
use crate::model::{AbsenceRule, Bearers, Owing, StayRule, VacancyRule};
use crate::quantity::{QuantityError, Ratio};
use crate::space::Posts;

/// A duty, and who holds which post.
pub(super) struct Bearing<'a> {
    pub(super) owing: &'a Owing,
    /// None where the model has none.
    pub(super) posts: Option<&'a Posts>,
    /// The day whose structure holds for all days, if one does.
    pub(super) as_it_is: Option<NaiveDate>,
}

/// To whom something falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bearer<'a> {
    /// In whose row of those who have the duty it stands.
    pub(super) member: &'a Key,
    /// Who is accountable for what falls to a post.
    pub(super) accountable: Option<&'a Key>,
    /// Whether it falls to nobody.
    pub(super) is_excused: bool,
}

impl<'a> Bearing<'a> {
    /// Those of a duty that asks who holds which post.
    fn held(&self) -> (Bearers, Option<&'a Posts>) {
        (self.owing.bearers, self.posts)
    }

    /// How much of a day counts of what falls to somebody who is there.
    pub(super) fn part(&self, member: &Key, day: NaiveDate) -> Result<Ratio, QuantityError> {
        let rules = &self.owing.definition;
        let day = self.as_it_is.unwrap_or(day);
        match self.held() {
            _ if rules.stay != StayRule::ByParts => Ok(Ratio::ONE),
            (Bearers::Posts, Some(posts)) => {
                let is_away = || posts.away(member.as_str(), day).is_some();
                if rules.absent == AbsenceRule::Excused && is_away() {
                    return Ok(Ratio::ZERO);
                }
                match rules.vacant {
                    VacancyRule::Leader => Ok(Ratio::ONE),
                    VacancyRule::Nobody => {
                        let vacant = posts.vacant_part(member.as_str(), day);
                        Ratio::ONE.checked_sub(vacant.unwrap_or(Ratio::ZERO))
                    }
                }
            }
            (Bearers::People, Some(posts)) => {
                let acting = rules.absent == AbsenceRule::Deputy;
                posts.working_part(member.as_str(), day, acting)
            }
            (Bearers::Posts | Bearers::People | Bearers::Others, _) => Ok(Ratio::ONE),
        }
    }

    /// To whom that falls which falls to a member, by the last of its days that count.
    pub(super) fn of<'k>(&self, member: &'k Key, on: NaiveDate) -> Bearer<'k>
    where
        'a: 'k,
    {
        let rules = &self.owing.definition;
        let day = self.as_it_is.unwrap_or(on);
        let itself = Bearer {
            member,
            accountable: None,
            is_excused: false,
        };
        match self.held() {
            (Bearers::Posts, Some(posts)) => {
                let post = member.as_str();
                let away = posts.away(post, day);
                if let Some(away) = away.filter(|_| rules.absent == AbsenceRule::Excused) {
                    return Bearer {
                        accountable: Some(away),
                        is_excused: true,
                        ..itself
                    };
                }
                let present = posts.present(post, day);
                let accountable = match rules.vacant {
                    VacancyRule::Leader => present.or_else(|| posts.decides(post, day).ok()?),
                    VacancyRule::Nobody => present,
                };
                Bearer {
                    accountable,
                    is_excused: accountable.is_none(),
                    ..itself
                }
            }
            // What is shared by parts has left out the days of an absence, and has those of who acts.
            (Bearers::People, Some(posts))
                if rules.stay != StayRule::ByParts && posts.is_absent(member.as_str(), day) =>
            {
                let deputy = posts.deputy(member.as_str(), day);
                let deputy = deputy.filter(|_| rules.absent == AbsenceRule::Deputy);
                Bearer {
                    member: deputy.unwrap_or(member),
                    is_excused: deputy.is_none(),
                    ..itself
                }
            }
            (Bearers::Posts | Bearers::People | Bearers::Others, _) => itself,
        }
    }
}
