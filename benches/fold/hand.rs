//! The same figures by a program written for exactly this input: the limit that the library is held against.

use crate::input::{CUSTOMERS, Input, PEOPLE, day_to_month};

#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Cell {
    kinds: [u32; 8],
    cost: i64,
    amount: i64,
    visit_cost: i64,
    orders: u32,
    _pad: u32,
}

/// Per customer the first record ever (time of the year and person) and, inline, the first person and the months; further
/// people go to a hash table of (customer, person) to months.
#[derive(Clone, Copy)]
struct Customer {
    first: u64,
    person: u16,
    months: u16,
    _pad: u32,
}

pub struct Sums {
    cells: Vec<Cell>,
    customers: Vec<Customer>,
    keys: Vec<u32>,
    values: Vec<u16>,
    used: usize,
}

const NONE: u32 = u32::MAX;
const BLOCK: usize = 1024;

#[derive(Clone, Default, PartialEq, Debug)]
pub struct Row {
    pub kinds: [u32; 8],
    pub cost: i64,
    pub amount: i64,
    pub orders: u32,
    pub visit_cost: i64,
    pub distinct: u32,
    pub fresh: u32,
    pub lost: u32,
    pub conversion: f64,
    pub per_visit: f64,
}

impl Sums {
    pub fn new() -> Self {
        Self {
            cells: vec![Cell::default(); PEOPLE * 12],
            customers: vec![
                Customer {
                    first: u64::MAX,
                    person: u16::MAX,
                    months: 0,
                    _pad: 0
                };
                CUSTOMERS
            ],
            keys: vec![NONE; 1 << 16],
            values: vec![0; 1 << 16],
            used: 0,
        }
    }

    #[inline]
    fn other(&mut self, customer: u32, person: u16, months: u16) {
        let key = customer * PEOPLE as u32 + u32::from(person);
        let mask = self.keys.len() - 1;
        let mut at = (key.wrapping_mul(0x9E37_79B1) >> 7) as usize & mask;
        loop {
            if self.keys[at] == key {
                self.values[at] |= months;
                return;
            }
            if self.keys[at] == NONE {
                self.keys[at] = key;
                self.values[at] = months;
                self.used += 1;
                if self.used * 2 > self.keys.len() {
                    self.grow();
                }
                return;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let size = self.keys.len() * 4;
        let keys = std::mem::replace(&mut self.keys, vec![NONE; size]);
        let values = std::mem::replace(&mut self.values, vec![0; size]);
        self.used = 0;
        for (key, value) in keys.into_iter().zip(values) {
            if key != NONE {
                self.other(key / PEOPLE as u32, (key % PEOPLE as u32) as u16, value);
            }
        }
    }

    #[inline]
    fn see(&mut self, customer: u32, person: u16, first: u64, months: u16) {
        let own = &mut self.customers[customer as usize];
        own.first = own.first.min(first);
        if own.person == person {
            own.months |= months;
        } else if own.person == u16::MAX {
            own.person = person;
            own.months = months;
        } else {
            self.other(customer, person, months);
        }
    }

    /// Blocks without branches on the data: months first, then the cells, then the customers; the few records whose person
    /// is not the customer's first are set aside.
    pub fn pass(&mut self, input: &Input, from: usize, to: usize) {
        let days = day_to_month();
        let mut months = [0_u8; BLOCK];
        let mut aside = [0_u16; BLOCK];
        let mut at = from;
        while at < to {
            let n = BLOCK.min(to - at);
            let (person, customer) = (&input.person[at..at + n], &input.customer[at..at + n]);
            let (kind, won) = (&input.kind[at..at + n], &input.won[at..at + n]);
            let (time, cost, amount) = (
                &input.time[at..at + n],
                &input.cost[at..at + n],
                &input.amount[at..at + n],
            );
            for j in 0..n {
                // Whole days by a multiplication: floor(2^32 / 84,375) = 50,903, at most one short.
                let scaled = (time[j] as u64) >> 10;
                let day = ((scaled * 50_903) >> 32) as usize;
                let next = (day as u64 + 1) * 86_400_000 <= time[j] as u64;
                months[j] = days[day + usize::from(next)];
            }
            for j in 0..n {
                let cell = &mut self.cells[usize::from(person[j]) * 12 + usize::from(months[j])];
                cell.kinds[usize::from(kind[j] & 7)] += 1;
                cell.cost += cost[j];
                cell.amount += amount[j];
                cell.visit_cost += cost[j] & -i64::from(kind[j] == 0);
                cell.orders += u32::from((kind[j] == 7) & (won[j] == 1));
            }
            let mut count = 0;
            for j in 0..n {
                let own = &mut self.customers[customer[j] as usize];
                own.first = own.first.min((time[j] as u64) << 12 | u64::from(person[j]));
                let fresh = own.person == u16::MAX;
                own.person = if fresh { person[j] } else { own.person };
                let mine = own.person == person[j];
                own.months |= u16::from(mine) << months[j];
                aside[count & (BLOCK - 1)] = j as u16;
                count += usize::from(!mine);
            }
            for j in &aside[..count] {
                let j = usize::from(*j);
                self.other(customer[j], person[j], 1 << months[j]);
            }
            at += n;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.cells.iter_mut().zip(&other.cells) {
            for kind in 0..8 {
                own.kinds[kind] += more.kinds[kind];
            }
            own.cost += more.cost;
            own.amount += more.amount;
            own.visit_cost += more.visit_cost;
            own.orders += more.orders;
        }
        for (customer, more) in (0_u32..).zip(&other.customers) {
            if more.person != u16::MAX {
                self.see(customer, more.person, more.first, more.months);
            }
        }
        for (key, months) in other.keys.iter().zip(&other.values) {
            if *key != NONE {
                let (customer, person) = (*key / PEOPLE as u32, (*key % PEOPLE as u32) as u16);
                self.see(customer, person, u64::MAX, *months);
            }
        }
    }

    pub fn rows(&self) -> Vec<Row> {
        let days = day_to_month();
        let mut rows = vec![Row::default(); PEOPLE * 12];
        let mut pair = |person: usize, months: u16| {
            let base = person * 12;
            let before = (months << 1) | (months << 2) | (months << 3);
            let mut left = months;
            while left != 0 {
                rows[base + left.trailing_zeros() as usize].distinct += 1;
                left &= left - 1;
            }
            let mut left = before & !months & 0xFFF;
            while left != 0 {
                rows[base + left.trailing_zeros() as usize].lost += 1;
                left &= left - 1;
            }
        };
        for own in &self.customers {
            if own.person != u16::MAX {
                pair(usize::from(own.person), own.months);
            }
        }
        for (key, months) in self.keys.iter().zip(&self.values) {
            if *key != NONE {
                pair((*key % PEOPLE as u32) as usize, *months);
            }
        }
        for own in &self.customers {
            if own.first != u64::MAX {
                let month = days[(own.first >> 12) as usize / 86_400_000];
                rows[(own.first & 0xFFF) as usize * 12 + usize::from(month)].fresh += 1;
            }
        }
        for (row, cell) in rows.iter_mut().zip(&self.cells) {
            row.kinds = cell.kinds;
            row.cost = cell.cost;
            row.amount = cell.amount;
            row.orders = cell.orders;
            row.visit_cost = cell.visit_cost;
            let visits = f64::from(cell.kinds[0]);
            row.conversion = f64::from(cell.orders) * 100.0 / visits;
            row.per_visit = cell.visit_cost as f64 / visits;
        }
        rows
    }
}

pub fn one_thread(input: &Input) -> Vec<Row> {
    let mut sums = Sums::new();
    sums.pass(input, 0, input.person.len());
    sums.rows()
}

pub fn two_threads(input: &Input) -> Vec<Row> {
    let half = input.person.len() / 2;
    let (mut left, right) = std::thread::scope(|scope| {
        let right = scope.spawn(|| {
            let mut sums = Sums::new();
            sums.pass(input, half, input.person.len());
            sums
        });
        let mut left = Sums::new();
        left.pass(input, 0, half);
        (left, right.join().unwrap())
    });
    left.merge(&right);
    left.rows()
}
