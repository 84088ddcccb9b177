//! A company that does not exist: three territories, twelve salespeople, four product groups, dealers, and what they did
//! from January of one year to September of the next. Made by a seeded generator, so that every run sees the same.
//!
//! Four diseases are built in on purpose:
//! - prices in disorder: two dealers in the south resell below the floor from July 2026, and `guo` sells to them cheap;
//! - receivables pile up: the dealers of `meng` pay later and later from April 2026;
//! - no plan: `song` hands in hardly any weekly plan from June 2026;
//! - low productivity: `he` visits half as often as the others, and each visit costs twice as much.

#![allow(dead_code, reason = "each example uses its own part of this")]

use chrono::{Datelike, Days, NaiveDate, Weekday};

pub const TERRITORIES: [(&str, [&str; 4]); 3] = [
    ("north", ["an", "bai", "chen", "deng"]),
    ("east", ["fang", "hou", "jin", "kong"]),
    ("south", ["guo", "meng", "song", "tang"]),
];

/// Product groups with their list price and floor in cents a piece.
pub const GROUPS: [(&str, i64, i64); 4] = [
    ("sauces", 1_200, 1_080),
    ("noodles", 450, 400),
    ("drinks", 300, 270),
    ("snacks", 800, 720),
];

pub const FIRST_DAY: (i32, u32, u32) = (2025, 1, 1);
pub const AS_OF: (i32, u32, u32) = (2026, 9, 18);

pub struct Dealer {
    pub key: String,
    pub person: &'static str,
    pub territory: &'static str,
}

pub struct Order {
    pub id: String,
    pub on: NaiveDate,
    pub person: &'static str,
    pub dealer: usize,
    pub group: usize,
    pub pieces: i64,
    pub cents: i64,
}

pub struct Payment {
    pub order: usize,
    pub on: NaiveDate,
    pub cents: i64,
}

pub struct Visit {
    pub id: String,
    pub on: NaiveDate,
    pub person: &'static str,
    pub dealer: usize,
    pub minutes: i64,
    pub cents: i64,
    pub ordered: bool,
}

pub struct Report {
    pub id: String,
    pub due: NaiveDate,
    pub handed_in: Option<NaiveDate>,
    pub person: &'static str,
}

pub struct Price {
    pub id: String,
    pub on: NaiveDate,
    pub dealer: usize,
    pub group: usize,
    pub cents: i64,
}

/// What happened, in order of the day.
pub struct Company {
    pub dealers: Vec<Dealer>,
    pub orders: Vec<Order>,
    pub payments: Vec<Payment>,
    pub visits: Vec<Visit>,
    pub reports: Vec<Report>,
    pub prices: Vec<Price>,
}

pub fn date((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date of the calendar")
}

/// A small generator of numbers that look random (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn range(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).expect("low is not above high");
        low + i64::try_from(self.next() % span).expect("a span of 63 bits")
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.range(1, 100) <= percent
    }
}

fn is_working(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Demand by month, in percent of an ordinary one: the new year and the autumn festival sell.
const SEASON: [i64; 12] = [130, 90, 95, 95, 100, 100, 90, 95, 125, 105, 95, 120];

impl Company {
    pub fn generate() -> Self {
        let mut dice = Dice(20_260_918);
        let mut company = Self {
            dealers: Vec::new(),
            orders: Vec::new(),
            payments: Vec::new(),
            visits: Vec::new(),
            reports: Vec::new(),
            prices: Vec::new(),
        };
        for (territory, people) in TERRITORIES {
            for person in people {
                for number in 1..=8 {
                    company.dealers.push(Dealer {
                        key: format!("{person}-{number}"),
                        person,
                        territory,
                    });
                }
            }
        }
        let as_of = date(AS_OF);
        let mut day = date(FIRST_DAY);
        while day <= as_of {
            if is_working(day) {
                company.work(day, &mut dice);
            }
            if day.weekday() == Weekday::Fri {
                company.report(day, as_of, &mut dice);
            }
            day = day + Days::new(1);
        }
        company
            .payments
            .sort_by_key(|payment| (payment.on, payment.order));
        company.payments.retain(|payment| payment.on <= as_of);
        company
    }

    fn work(&mut self, day: NaiveDate, dice: &mut Dice) {
        let season = SEASON[day.month0() as usize];
        for (_, people) in TERRITORIES {
            for person in people {
                let lazy = person == "hou";
                let visits = if lazy {
                    dice.range(1, 3)
                } else {
                    dice.range(3, 6)
                };
                for _ in 0..visits {
                    let own = self.dealers_of(person);
                    let dealer = own[usize::try_from(dice.range(0, 7)).expect("an index")];
                    let ordered = dice.chance(if lazy { 14 } else { 18 } * season / 100);
                    let cents = dice.range(4_000, 9_000) * if lazy { 2 } else { 1 };
                    self.visits.push(Visit {
                        id: format!("V{:05}", self.visits.len() + 1),
                        on: day,
                        person,
                        dealer,
                        minutes: dice.range(20, 70),
                        cents,
                        ordered,
                    });
                    if ordered {
                        self.order(day, person, dealer, dice);
                    }
                }
            }
        }
        if day.day() % 7 == 3 {
            for dealer in 0..self.dealers.len() {
                if dice.chance(40) {
                    self.observe(day, dealer, dice);
                }
            }
        }
    }

    fn dealers_of(&self, person: &str) -> Vec<usize> {
        (0..self.dealers.len())
            .filter(|index| self.dealers[*index].person == person)
            .collect()
    }

    fn undercuts(&self, dealer: usize, day: NaiveDate) -> bool {
        let key = &self.dealers[dealer].key;
        day >= date((2026, 7, 1)) && (key == "guo-1" || key == "guo-2")
    }

    fn order(&mut self, day: NaiveDate, person: &'static str, dealer: usize, dice: &mut Dice) {
        for _ in 0..dice.range(1, 3) {
            let group = usize::try_from(dice.range(0, 3)).expect("an index");
            let (_, list, _) = GROUPS[group];
            let growth = 100 + 8 * i64::from(day.year() - FIRST_DAY.0);
            let pieces = dice.range(4, 40) * 12 * growth / 100;
            let discount = if self.undercuts(dealer, day) {
                dice.range(12, 16)
            } else {
                dice.range(0, 6)
            };
            let cents = pieces * list * (100 - discount) / 100;
            let index = self.orders.len();
            self.orders.push(Order {
                id: format!("O{:05}", index + 1),
                on: day,
                person,
                dealer,
                group,
                pieces,
                cents,
            });
            let slow = person == "meng" && day >= date((2026, 4, 1));
            let wait = if slow {
                dice.range(70, 150)
            } else {
                dice.range(10, 36)
            };
            let on = day + Days::new(u64::try_from(wait).expect("days"));
            self.payments.push(Payment {
                order: index,
                on,
                cents,
            });
        }
    }

    fn observe(&mut self, day: NaiveDate, dealer: usize, dice: &mut Dice) {
        let group = usize::try_from(dice.range(0, 3)).expect("an index");
        let (_, list, floor) = GROUPS[group];
        let cents = if self.undercuts(dealer, day) {
            floor * dice.range(85, 97) / 100
        } else {
            dice.range(floor, list * 115 / 100)
        };
        self.prices.push(Price {
            id: format!("P{:05}", self.prices.len() + 1),
            on: day,
            dealer,
            group,
            cents,
        });
    }

    fn report(&mut self, friday: NaiveDate, as_of: NaiveDate, dice: &mut Dice) {
        for (_, people) in TERRITORIES {
            for person in people {
                let careless = person == "song" && friday >= date((2026, 6, 1));
                let late = if careless { 60 } else { 8 };
                let missing = if careless { 75 } else { 2 };
                let handed_in = if dice.chance(missing) {
                    None
                } else if dice.chance(late) {
                    Some(friday + Days::new(u64::try_from(dice.range(1, 4)).expect("days")))
                } else {
                    Some(friday)
                };
                self.reports.push(Report {
                    id: format!("R{:05}", self.reports.len() + 1),
                    due: friday,
                    handed_in: handed_in.filter(|day| *day <= as_of),
                    person,
                });
            }
        }
    }
}
