//! A company day by day: the slow way to every figure of a journal, from what its documentation says.

use std::collections::{BTreeMap, BTreeSet};

use quotaflow::testing::{Company, Deed, Did, Recorded};

/// By row, period and name; 0 where nothing lies.
#[derive(Debug, Default, Clone)]
pub struct Figures(pub BTreeMap<(String, usize, &'static str), i64>);

impl Figures {
    fn add(&mut self, row: &str, period: usize, name: &'static str, more: i64) {
        *self.0.entry((row.to_owned(), period, name)).or_default() += more;
    }
}

/// An order that stands: its day and number, its period, customer and row, what is left of it, and its person.
type Order<'a> = ((i32, usize), usize, &'a str, String, i64, &'a str);

/// How a view is asked: rows, periods as days from and to, the as-of day, the day whose structure holds for all days.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub by_team: bool,
    pub periods: &'a [(i32, i32)],
    pub as_of: i32,
    pub structure: Option<i32>,
}

impl Question<'_> {
    fn period(&self, day: i32) -> usize {
        let holds = |(from, to): &(i32, i32)| (*from..*to).contains(&day);
        self.periods.iter().position(holds).unwrap()
    }

    /// The last day of a period that is seen.
    fn last(&self, period: usize) -> i32 {
        (self.periods[period].1 - 1).min(self.as_of)
    }
}

/// What is known after some hand-overs.
pub struct Knowledge<'a> {
    company: &'a Company,
    /// All deeds that are known, in the order in which they were told.
    deeds: Vec<&'a Deed>,
}

/// What is known of a company after some hand-overs.
pub fn known(company: &Company, hand_overs: usize) -> Knowledge<'_> {
    let mut deeds = Vec::new();
    for hand_over in &company.hand_overs[..hand_overs] {
        let mut own: Vec<&Deed> = hand_over.iter().collect();
        // Ids are compared as texts.
        own.sort_by_key(|deed| deed.number.to_string());
        deeds.extend(own);
    }
    Knowledge { company, deeds }
}

impl Knowledge<'_> {
    fn find(&self, number: usize) -> Option<&Deed> {
        let mut all = self.deeds.iter().copied();
        all.find(|deed| deed.number == number)
    }

    /// What stands and lies on or before a day.
    fn by(&self, day: i32) -> impl Iterator<Item = &Deed> {
        let all = self.deeds.iter().copied();
        all.filter(move |deed| deed.day <= day && self.stands(deed))
    }

    pub fn is_voided(&self, deed: &Deed) -> bool {
        let voids = |other: &&Deed| other.what == Did::Voided(deed.number);
        let mut all = self.deeds.iter();
        all.any(|other| voids(other) && !self.is_voided(other))
    }

    /// Whether a person is there as of a day.
    fn is_in(&self, person: &str, as_of: i32) -> bool {
        let hired = |deed: &&&Deed| matches!(&deed.what, Did::Hired(own, _) if own == person);
        let mut hires = self.deeds.iter().filter(hired);
        self.company.people.iter().any(|(own, _)| own == person)
            || hires.any(|deed| deed.day <= as_of && !self.is_voided(deed))
    }

    /// Whether a deed counts by what is known.
    pub fn stands(&self, deed: &Deed) -> bool {
        let counts = |of: usize| self.find(of).is_some_and(|of| self.stands(of));
        !self.is_voided(deed)
            && match &deed.what {
                Did::Hired(..) | Did::Merged(..) => true,
                Did::Recorded(Recorded { person, .. })
                | Did::Moved(person, _)
                | Did::Left(person) => self.is_in(person, i32::MAX),
                Did::Reversed(of, _) => counts(*of),
                Did::Applied(to, by, _) => counts(*to) && by.is_none_or(counts),
                Did::Voided(of) => self.find(*of).is_some(),
            }
    }

    /// The numbers of what waits.
    pub fn waiting(&self) -> BTreeSet<usize> {
        let waits = |deed: &&&Deed| !self.stands(deed) && !self.is_voided(deed);
        let all = self.deeds.iter().filter(waits);
        all.map(|deed| deed.number).collect()
    }

    /// Who a customer turned out to be.
    fn customer<'a>(&'a self, name: &'a str, as_of: i32) -> &'a str {
        let into = self.by(as_of).find_map(|deed| match &deed.what {
            Did::Merged(own, into) if own == name => Some(into),
            _ => None,
        });
        into.map_or(name, |into| self.customer(into, as_of))
    }

    /// The row of a person on a day: the last that was told of the last day up to then, as of a day.
    fn row(&self, of: &Question<'_>, person: &str, on: i32) -> String {
        let (nobody, on) = ("unassigned".to_owned(), of.structure.unwrap_or(on));
        if !self.is_in(person, of.as_of) {
            return nobody;
        }
        if !of.by_team {
            return person.to_owned();
        }
        let own = self.company.people.iter().find(|(own, _)| own == person);
        let mut team = own.and_then(|(_, team)| team.clone());
        let mut since = i32::MIN;
        for deed in self.by(on.min(of.as_of)) {
            let now = match &deed.what {
                // A hire without a team says nothing of teams.
                Did::Hired(own, team) if own == person && team.is_some() => team.clone(),
                Did::Moved(own, team) if own == person => Some(team.clone()),
                Did::Left(own) if own == person => None,
                _ => continue,
            };
            if deed.day >= since {
                (team, since) = (now, deed.day);
            }
        }
        team.unwrap_or(nobody)
    }

    /// Every figure, as of a day: counts and sums when they happened, for means where it stood.
    pub fn figures(&self, of: &Question<'_>) -> Figures {
        let mut found = Figures::default();
        for deed in self.by(of.as_of) {
            let (back, part) = match &deed.what {
                Did::Reversed(back, part) => (self.find(*back), *part),
                _ => (None, None),
            };
            let record = back.unwrap_or(deed);
            let Did::Recorded(own) = &record.what else {
                continue;
            };
            let (count, cents) = match (back, part) {
                (None, _) => (1, own.cents),
                (Some(_), Some(part)) => (0, -part),
                // Of what was taken back in part before, only the rest is taken back as a whole.
                (Some(_), None) => (-1, self.taken(record, i32::MAX) - own.cents),
            };
            let row = self.row(of, &own.person, record.day);
            let (then, there) = (of.period(deed.day), of.period(record.day));
            match own.kind {
                "order" => {
                    found.add(&row, then, "orders", count);
                    found.add(&row, then, "sales", cents);
                    found.add(&row, there, "standing", count);
                    found.add(&row, there, "standing_sales", cents);
                }
                "visit" => found.add(&row, then, "visits", count),
                _ if back.is_none() => self.open(&mut found, of, deed, own),
                _ => {}
            }
        }
        found
    }

    /// How much of a record was taken back in part by a day.
    fn taken(&self, of: &Deed, day: i32) -> i64 {
        let cents = self.by(day).filter_map(|deed| match deed.what {
            Did::Reversed(other, part) if other == of.number => part,
            _ => None,
        });
        cents.sum()
    }

    /// Whether a deed was taken back as a whole by a day.
    fn is_back(&self, of: usize, day: i32) -> bool {
        self.by(day)
            .any(|deed| deed.what == Did::Reversed(of, None))
    }

    /// What is left of an invoice or a payment at the end of a day.
    fn left(&self, item: &Deed, cents: i64, day: i32) -> i64 {
        let is_back = |of: usize| self.is_back(of, day);
        if is_back(item.number) {
            return 0;
        }
        let applied = self.by(day).filter_map(|deed| match deed.what {
            Did::Applied(to, by, cents) if to == item.number || by == Some(item.number) => {
                // Once either is taken back, the other is open again.
                let gone = is_back(deed.number) || is_back(to) || by.is_some_and(is_back);
                (!gone).then_some(cents)
            }
            _ => None,
        });
        cents - self.taken(item, day) - applied.sum::<i64>()
    }

    /// What is open of an item, day by day.
    fn open(&self, found: &mut Figures, of: &Question<'_>, item: &Deed, own: &Recorded) {
        let mut before: Option<(String, i64)> = None;
        for day in item.day..=of.as_of {
            let row = self.row(of, &own.person, day);
            let left = self.left(item, own.cents, day);
            let (at, closes) = (of.period(day), day == of.last(of.period(day)));
            if own.kind == "payment" {
                found.add(&row, at, "unapplied", if closes { left } else { 0 });
                continue;
            }
            match &before {
                None => found.add(&row, at, "entered", own.cents),
                Some((there, held)) if *there != row => {
                    found.add(there, at, "moved_out", *held);
                    found.add(&row, at, "moved_in", *held);
                }
                Some(_) => {}
            }
            let held = before.map_or(own.cents, |(_, held)| held);
            found.add(&row, at, "settled", held - left);
            let late = day - own.due;
            let aged = |is: bool| if is { left } else { 0 };
            let (open, days) = (i64::from(left != 0), i64::from(day - item.day));
            let mut ends = |name, more| found.add(&row, at, name, if closes { more } else { 0 });
            ends("receivables", left);
            ends("overdue", aged(late > 0));
            ends("overdue_1_30", aged((1..=30).contains(&late)));
            ends("open_invoices", open);
            ends("open_days", open * days);
            before = Some((row, left));
        }
    }

    /// Figures of single customers and values in the periods that have begun, of the orders that stand as of a day.
    pub fn singles(&self, of: &Question<'_>, rows: &[String]) -> Figures {
        let mut found = Figures::default();
        let begun = 0..=of.period(of.as_of);
        for (at, row) in begun.flat_map(|at| rows.iter().map(move |row| (at, row))) {
            // What was taken back later stood at the end of the period.
            let orders = self.orders(of, of.last(at));
            let own = || orders.iter().filter(|order| order.3 == *row);
            let here = own().filter(|order| order.1 == at);
            let mut values: Vec<i64> = here.map(|order| order.4).collect();
            values.sort_unstable();
            if let (Some(low), Some(high)) = (values.first(), values.last()) {
                let median = values[values.len().div_ceil(2) - 1];
                found.add(row, at, "low", *low);
                found.add(row, at, "high", *high);
                found.add(row, at, "median", median);
                found.add(row, at, "values", 1);
            }
            let all: BTreeSet<&str> = orders.iter().map(|order| order.2).collect();
            for customer in all {
                let seen = |is: &dyn Fn(usize) -> bool| {
                    own().any(|order| order.2 == customer && is(order.1))
                };
                let is_own = |order: &&Order<'_>| order.2 == customer && order.1 <= at;
                let mut by_then = orders.iter().filter(is_own);
                let first = by_then.next();
                // A last value goes with those to whom it belongs.
                let last = by_then.next_back().or(first);
                let last = last.filter(|order| self.row(of, order.5, of.last(at)) == *row);
                found.add(row, at, "last", last.map_or(0, |order| order.4));
                found.add(row, at, "lasts", i64::from(last.is_some()));
                let name = if seen(&|period| period + 1 == at) {
                    "retained"
                } else if seen(&|period| period < at) {
                    "reactivated"
                } else if first.is_some_and(|order| order.3 == *row && order.1 == at) {
                    "new"
                } else {
                    "taken_over"
                };
                let here = i64::from(seen(&|period| period == at));
                found.add(row, at, "customers", here);
                found.add(row, at, name, here);
            }
        }
        found
    }

    /// The orders as they stood at the end of a day.
    fn orders(&self, of: &Question<'_>, through: i32) -> Vec<Order<'_>> {
        let mut orders: Vec<Order<'_>> = Vec::new();
        for deed in self.by(of.as_of) {
            if let Did::Recorded(own) = &deed.what
                && own.kind == "order"
                && !self.is_back(deed.number, through)
            {
                let (row, at) = (self.row(of, &own.person, deed.day), of.period(deed.day));
                let cents = own.cents - self.taken(deed, through);
                let key = (deed.day, deed.number);
                let customer = self.customer(own.customer, of.as_of);
                orders.push((key, at, customer, row, cents, &own.person));
            }
        }
        orders.sort();
        orders
    }

    /// The rows that there are as of a day.
    pub fn rows(&self, by_team: bool, as_of: i32) -> BTreeSet<String> {
        if by_team {
            return self.company.teams.iter().cloned().collect();
        }
        let hired = self.deeds.iter().filter_map(|deed| match &deed.what {
            Did::Hired(person, _) => Some(person),
            _ => None,
        });
        let known = self.company.people.iter().map(|(person, _)| person);
        let mut all: BTreeSet<String> = known.chain(hired).cloned().collect();
        all.retain(|person| self.is_in(person, as_of));
        all
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
    /// By closed period, the rows that there were and the figures.
    pub closed: BTreeMap<usize, (BTreeSet<String>, Figures)>,
    /// By row, closed period, open period and name.
    pub adjusted: BTreeMap<(String, usize, usize, &'static str), i64>,
}

/// What adds up, so that it is adjusted.
const ADJUSTED: [&str; 3] = ["sales", "orders", "visits"];

impl Told {
    /// Follows the books through some hand-overs: a close fixes what the view told with it, as of its day; an adjustment is what
    /// the view tells of a closed period at the next close, or now, less what it told at the last.
    pub fn of(
        company: &Company,
        (seen, judged): (usize, &[Option<Judged>]),
        of: &Question<'_>,
        complete: impl Fn(usize) -> i32,
    ) -> Self {
        let on = |as_of: i32| Question { as_of, ..*of };
        let mut told = Self::default();
        for (at, judged) in judged.iter().enumerate().take(seen) {
            match judged {
                Some(Judged::Closed(day)) if *day <= of.as_of => {
                    let known = known(company, at + 1);
                    told.adjust(&known, &on(*day));
                    for period in (0..of.periods.len()).filter(|at| of.periods[*at].1 - 1 <= *day) {
                        let fixed = || (known.rows(of.by_team, *day), known.figures(&on(*day)));
                        told.closed.entry(period).or_insert_with(fixed);
                    }
                }
                Some(Judged::Reopened(day)) => {
                    told.adjust(&known(company, at + 1), &on(complete(at)));
                    let Self { closed, adjusted } = &mut told;
                    closed.retain(|period, _| of.periods[*period].1 <= *day);
                    adjusted.retain(|(_, of, ..), _| closed.contains_key(of));
                }
                _ => {}
            }
        }
        told.adjust(&known(company, seen), &on(of.as_of));
        told
    }

    /// What is known of closed periods beyond what was told of them goes into the first open one.
    fn adjust(&mut self, known: &Knowledge<'_>, of: &Question<'_>) {
        let into = self.closed.len();
        let mut more = known.figures(of);
        for (period, (_, then)) in &self.closed {
            for ((row, _, name), own) in then.0.iter().filter(|((_, at, _), _)| at == period) {
                more.add(row, *period, name, -own);
            }
        }
        for ((row, period, _, name), own) in &self.adjusted {
            more.add(row, *period, name, -own);
        }
        for ((row, period, name), own) in more.0 {
            if own != 0 && self.closed.contains_key(&period) && ADJUSTED.contains(&name) {
                *self.adjusted.entry((row, period, into, name)).or_default() += own;
            }
        }
    }
}
