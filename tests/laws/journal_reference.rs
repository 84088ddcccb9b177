//! A company day by day: the slow way to every figure of a journal, from what its documentation says.

use std::collections::{BTreeMap, BTreeSet};

use quotaflow::quantity::Ratio;

/// One thing that happened; others refer to it by its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    pub number: usize,
    /// Days since the first one.
    pub day: i32,
    pub what: Did,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Did {
    Sold {
        person: String,
        cents: i64,
    },
    Visited {
        person: String,
    },
    Hired {
        person: String,
        team: Option<String>,
    },
    Moved {
        person: String,
        team: String,
    },
    Left {
        person: String,
    },
    Reversed(usize),
    Voided(usize),
}

/// Who belongs where before anything happens.
#[derive(Debug, Clone)]
pub struct Company {
    pub teams: Vec<String>,
    pub people: Vec<(String, Option<String>)>,
    /// What was handed over, in order of the times at which it was known.
    pub hand_overs: Vec<Vec<Deed>>,
}

/// Figures of a row in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    pub cents: i64,
    pub orders: i64,
    pub visits: i64,
    standing_cents: i64,
    standing_orders: i64,
}

impl Figures {
    pub fn mean(self) -> Option<Ratio> {
        (self.standing_orders != 0).then(|| {
            Ratio::new(
                i128::from(self.standing_cents),
                100 * i128::from(self.standing_orders),
            )
            .unwrap()
        })
    }

    pub fn rate(self) -> Option<Ratio> {
        (self.visits != 0)
            .then(|| Ratio::new(i128::from(self.orders), i128::from(self.visits)).unwrap())
    }
}

/// What is known after some hand-overs.
pub struct Knowledge<'a> {
    company: &'a Company,
    /// All deeds that are known, in the order in which they were told: structure, records, reversals, voids.
    deeds: Vec<&'a Deed>,
}

impl Company {
    pub fn known(&self, hand_overs: usize) -> Knowledge<'_> {
        let mut deeds = Vec::new();
        for hand_over in &self.hand_overs[..hand_overs] {
            let mut own: Vec<&Deed> = hand_over.iter().collect();
            own.sort_by_key(|deed| (stage(deed), text(deed.number)));
            deeds.extend(own);
        }
        Knowledge {
            company: self,
            deeds,
        }
    }
}

fn stage(deed: &Deed) -> u8 {
    match deed.what {
        Did::Hired { .. } | Did::Moved { .. } | Did::Left { .. } => 0,
        Did::Sold { .. } | Did::Visited { .. } => 1,
        Did::Reversed(_) => 2,
        Did::Voided(_) => 3,
    }
}

/// Ids are compared as texts.
pub fn text(number: usize) -> String {
    number.to_string()
}

impl Knowledge<'_> {
    fn find(&self, number: usize) -> Option<&Deed> {
        self.deeds
            .iter()
            .copied()
            .find(|deed| deed.number == number)
    }

    pub fn is_voided(&self, deed: &Deed) -> bool {
        let voids = |other: &&&Deed| other.what == Did::Voided(deed.number);
        self.deeds
            .iter()
            .filter(voids)
            .any(|void| !self.is_voided(void))
    }

    fn is_there(&self, person: &str) -> bool {
        let hired =
            |deed: &&&Deed| matches!(&deed.what, Did::Hired { person: own, .. } if own == person);
        self.company.people.iter().any(|(own, _)| own == person)
            || self
                .deeds
                .iter()
                .filter(hired)
                .any(|deed| !self.is_voided(deed))
    }

    /// Whether a deed counts by what is known.
    pub fn stands(&self, deed: &Deed) -> bool {
        !self.is_voided(deed)
            && match &deed.what {
                Did::Hired { .. } => true,
                Did::Sold { person, .. }
                | Did::Visited { person }
                | Did::Moved { person, .. }
                | Did::Left { person } => self.is_there(person),
                Did::Reversed(of) => self.find(*of).is_some_and(|of| self.stands(of)),
                Did::Voided(of) => self.find(*of).is_some(),
            }
    }

    /// The numbers of what waits.
    pub fn waiting(&self) -> BTreeSet<usize> {
        let waits = self
            .deeds
            .iter()
            .filter(|deed| !self.stands(deed) && !self.is_voided(deed));
        waits.map(|deed| deed.number).collect()
    }

    /// Whether a person is in the structure as of a day.
    fn is_in(&self, person: &str, as_of: i32) -> bool {
        let hired = |deed: &&Deed| {
            let own = matches!(&deed.what, Did::Hired { person: own, .. } if own == person);
            own && deed.day <= as_of && self.stands(deed)
        };
        self.company.people.iter().any(|(own, _)| own == person)
            || self.deeds.iter().copied().any(|deed| hired(&deed))
    }

    /// The row of a person on a day: the last that was told of the last day up to then, as of a day.
    fn row(&self, by_team: bool, person: &str, on: i32, as_of: i32) -> String {
        let nobody = "unassigned".to_owned();
        if !self.is_in(person, as_of) {
            return nobody;
        }
        if !by_team {
            return person.to_owned();
        }
        let own = self.company.people.iter().find(|(own, _)| own == person);
        let mut team = own.and_then(|(_, team)| team.clone());
        let mut since = i32::MIN;
        for deed in self
            .deeds
            .iter()
            .filter(|deed| deed.day <= on.min(as_of) && self.stands(deed))
        {
            let now = match &deed.what {
                Did::Hired { person: own, team } if own == person => team.clone(),
                Did::Moved { person: own, team } if own == person => Some(team.clone()),
                Did::Left { person: own } if own == person => None,
                _ => continue,
            };
            // A hire without a team says nothing of teams.
            let silent = matches!(&deed.what, Did::Hired { team: None, .. });
            if deed.day >= since && !silent {
                (team, since) = (now, deed.day);
            }
        }
        team.unwrap_or(nobody)
    }

    /// The figures by row and period, where anything lies, as of a day; by the structure of each day or of one for all.
    pub fn figures(
        &self,
        by_team: bool,
        periods: &[(i32, i32)],
        as_of: i32,
        structure: Option<i32>,
    ) -> BTreeMap<(String, usize), Figures> {
        let mut found: BTreeMap<(String, usize), Figures> = BTreeMap::new();
        for deed in self
            .deeds
            .iter()
            .filter(|deed| deed.day <= as_of && self.stands(deed))
        {
            // A reversal takes back what its record brought, from the row that had it.
            let (of, sign) = match deed.what {
                Did::Reversed(of) => (self.find(of).unwrap(), -1),
                _ => (*deed, 1),
            };
            let (person, cents) = match &of.what {
                Did::Sold { person, cents } => (person, Some(*cents)),
                Did::Visited { person } => (person, None),
                _ => continue,
            };
            let row = self.row(by_team, person, structure.unwrap_or(of.day), as_of);
            let period = |day: i32| {
                periods
                    .iter()
                    .position(|(from, to)| (*from..*to).contains(&day))
            };
            if let Some(period) = period(deed.day) {
                let figures = found.entry((row.clone(), period)).or_default();
                match cents {
                    Some(cents) => {
                        figures.cents += sign * cents;
                        figures.orders += sign;
                    }
                    None => figures.visits += sign,
                }
            }
            // A mean is of what stands, where it stood.
            if let (Some(period), Some(cents)) = (period(of.day), cents) {
                let figures = found.entry((row, period)).or_default();
                figures.standing_cents += sign * cents;
                figures.standing_orders += sign;
            }
        }
        found
    }

    /// The rows that there are as of a day.
    pub fn rows(&self, by_team: bool, as_of: i32) -> BTreeSet<String> {
        if by_team {
            return self.company.teams.iter().cloned().collect();
        }
        let hired = self.deeds.iter().filter_map(|deed| match &deed.what {
            Did::Hired { person, .. } => Some(person),
            _ => None,
        });
        let people = self
            .company
            .people
            .iter()
            .map(|(person, _)| person)
            .chain(hired);
        people
            .filter(|person| self.is_in(person, as_of))
            .cloned()
            .collect()
    }
}

/// What was said of the books with a hand-over, after everything else in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judged {
    Closed(i32),
    Reopened(i32),
}

/// What is told of closed periods, and by what they were adjusted since.
#[derive(Debug, Default)]
pub struct Told {
    /// By closed period, the rows that there were and their figures.
    pub closed: BTreeMap<usize, (BTreeSet<String>, BTreeMap<String, Figures>)>,
    /// By row, closed period and open period: cents, orders and visits.
    pub adjusted: BTreeMap<(String, usize, usize), [i64; 3]>,
}

impl Company {
    /// Follows the books through some hand-overs: a close fixes what the view told with it, as of its day; an adjustment is what
    /// the view tells of a closed period at the next close, or now, less what it told at the last.
    pub fn told(
        &self,
        seen: usize,
        judged: &[Option<Judged>],
        by_team: bool,
        periods: &[(i32, i32)],
        as_of: i32,
        complete: impl Fn(usize) -> i32,
    ) -> Told {
        let mut told = Told::default();
        for (at, judged) in judged.iter().enumerate().take(seen) {
            match judged {
                Some(Judged::Closed(day)) if *day <= as_of => {
                    self.adjust(&mut told, at + 1, by_team, periods, *day);
                    let known = self.known(at + 1);
                    let figures = known.figures(by_team, periods, *day, None);
                    for (period, _) in periods
                        .iter()
                        .enumerate()
                        .filter(|(_, (_, end))| end - 1 <= *day)
                    {
                        let own = figures.iter().filter(|((_, of), _)| *of == period);
                        let own: BTreeMap<_, _> =
                            own.map(|((row, _), own)| (row.clone(), *own)).collect();
                        told.closed
                            .entry(period)
                            .or_insert_with(|| (known.rows(by_team, *day), own));
                    }
                }
                Some(Judged::Reopened(day)) => {
                    self.adjust(&mut told, at + 1, by_team, periods, complete(at));
                    told.closed.retain(|period, _| periods[*period].1 <= *day);
                    let closed = &told.closed;
                    told.adjusted
                        .retain(|(_, of, _), _| closed.contains_key(of));
                }
                _ => {}
            }
        }
        self.adjust(&mut told, seen, by_team, periods, as_of);
        told
    }

    /// What is known of closed periods beyond what was told of them goes into the first open one.
    fn adjust(
        &self,
        told: &mut Told,
        seen: usize,
        by_team: bool,
        periods: &[(i32, i32)],
        as_of: i32,
    ) {
        let into = told.closed.len();
        let mut more: BTreeMap<(String, usize), [i64; 3]> = BTreeMap::new();
        for ((row, period), now) in self.known(seen).figures(by_team, periods, as_of, None) {
            if told.closed.contains_key(&period) {
                more.insert((row, period), [now.cents, now.orders, now.visits]);
            }
        }
        let mut take = |row: &str, period: usize, less: [i64; 3]| {
            let own = more.entry((row.to_owned(), period)).or_default();
            *own = [own[0] - less[0], own[1] - less[1], own[2] - less[2]];
        };
        for (period, (_, rows)) in &told.closed {
            rows.iter()
                .for_each(|(row, own)| take(row, *period, [own.cents, own.orders, own.visits]));
        }
        for ((row, of, _), own) in &told.adjusted {
            take(row, *of, *own);
        }
        for ((row, of), own) in more.into_iter().filter(|(_, own)| *own != [0; 3]) {
            let place = told.adjusted.entry((row, of, into)).or_default();
            *place = [place[0] + own[0], place[1] + own[1], place[2] + own[2]];
        }
    }
}
