//! Seeded activity records: 2,000 people, 200,000 customers, eight kinds of activity, one year.

pub const RECORDS: usize = 10_000_000;
pub const PEOPLE: usize = 2_000;
pub const CUSTOMERS: usize = 200_000;
const MONTH_DAYS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAY: u64 = 86_400_000;

/// Columns of 32 bytes a record, as a program written for them would hold them.
pub struct Input {
    pub person: Vec<u16>,
    pub customer: Vec<u32>,
    pub kind: Vec<u8>,
    /// Milliseconds since the year began.
    pub time: Vec<i64>,
    pub cost: Vec<i64>,
    pub amount: Vec<i64>,
    pub won: Vec<u8>,
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A customer belongs to one person; 3 records in 100 are by some other. Each customer is active in some months only. 30 %
/// of the records are visits (kind 0), 10 % orders (kind 7), of which 40 % are won.
pub fn input(records: usize, seed: u64) -> Input {
    let mut starts = [0; 12];
    for month in 1..12 {
        starts[month] = starts[month - 1] + MONTH_DAYS[month - 1];
    }
    let mut random = Random(seed);
    let mut input = Input {
        person: Vec::with_capacity(records),
        customer: Vec::with_capacity(records),
        kind: Vec::with_capacity(records),
        time: Vec::with_capacity(records),
        cost: Vec::with_capacity(records),
        amount: Vec::with_capacity(records),
        won: Vec::with_capacity(records),
    };
    for _ in 0..records {
        let customer = random.below(CUSTOMERS as u64);
        let hash = mix(customer + 0x5A1E_3002);
        let pattern = ((hash & (hash >> 12)) | (hash >> 24)) & 0xFFF;
        let pattern = if pattern == 0 {
            1 << ((hash >> 60) % 12)
        } else {
            pattern
        };
        let month = loop {
            let month = random.below(12) as usize;
            if pattern >> month & 1 == 1 {
                break month;
            }
        };
        let other = random.below(100) < 3;
        let person = if other {
            random.below(PEOPLE as u64)
        } else {
            customer % PEOPLE as u64
        };
        let kind = random.below(10).saturating_sub(2) as u8;
        input.person.push(person as u16);
        input.customer.push(customer as u32);
        input.kind.push(kind);
        input
            .time
            .push((starts[month] * DAY + random.below(MONTH_DAYS[month] * DAY)) as i64);
        input.cost.push(random.below(50_000) as i64);
        input.amount.push(if kind == 7 {
            100 + random.below(10_000_000) as i64
        } else {
            0
        });
        input.won.push(u8::from(random.below(100) < 40));
    }
    input
}

pub fn day_to_month() -> [u8; 366] {
    let mut table = [11; 366];
    let mut day = 0;
    for (month, days) in (0_u8..).zip(MONTH_DAYS) {
        for _ in 0..days {
            table[day] = month;
            day += 1;
        }
    }
    table
}
