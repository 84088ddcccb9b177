//! Conditions over whole columns: 1,024 subjects at a time, one bit for each.
//!
//! Within a block, subject `s` has bit `s / 16` of word `s % 16`: sixteen neighbours are then sixteen lanes of the same
//! simple steps, which compilers turn into vector instructions on any processor. A comparison is the sign of a
//! difference. That is exact as long as both sides stay inside 62 bits, which the largest magnitude of each block shows;
//! a block beyond that is compared cell by cell.

use super::Truth;
use super::condition::Is;
use super::cross::{Base, Bound, Cross, Lane, Part, by_sign, wholes};
use super::node::{Compare, Node};
use super::term::View;
use crate::panel::Reason;

/// Subjects in one block.
pub(crate) const BLOCK: usize = LANES * 64;
/// Words in one block.
pub(crate) const LANES: usize = 16;
/// One bit for each subject of a block.
pub(crate) type Bits = [u64; LANES];

const SIGN: u64 = 1 << 63;
const NONE: Bits = [0; LANES];
/// Both sides of a difference stay below this, so that it has 63 bits.
const MAX_BITS: u32 = 62;

/// What a condition says of a block: true, unknown, or else false.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask {
    pub(super) yes: Bits,
    pub(super) open: Bits,
}

impl Mask {
    pub(super) const TRUE: Self = Self {
        yes: [u64::MAX; LANES],
        open: NONE,
    };
    pub(super) const FALSE: Self = Self {
        yes: NONE,
        open: NONE,
    };
    pub(super) const UNKNOWN: Self = Self {
        yes: NONE,
        open: [u64::MAX; LANES],
    };

    fn known(yes: Bits) -> Self {
        Self { yes, open: NONE }
    }

    pub(super) fn and(mut self, other: &Self) -> Self {
        for lane in 0..LANES {
            let possible =
                (self.yes[lane] | self.open[lane]) & (other.yes[lane] | other.open[lane]);
            self.yes[lane] &= other.yes[lane];
            self.open[lane] = possible & !self.yes[lane];
        }
        self
    }

    pub(super) fn or(mut self, other: &Self) -> Self {
        for lane in 0..LANES {
            self.yes[lane] |= other.yes[lane];
            self.open[lane] = (self.open[lane] | other.open[lane]) & !self.yes[lane];
        }
        self
    }

    pub(super) fn negate(mut self) -> Self {
        for lane in 0..LANES {
            self.yes[lane] = !(self.yes[lane] | self.open[lane]);
        }
        self
    }

    /// Makes unknown what is so marked.
    fn forget(&mut self, unknown: &Bits) {
        for ((yes, open), unknown) in self.yes.iter_mut().zip(&mut self.open).zip(unknown) {
            *yes &= !unknown;
            *open |= unknown;
        }
    }

    /// Says whether no subject of the block can still be true.
    pub(super) fn is_false(&self) -> bool {
        self.yes.iter().chain(&self.open).all(|word| *word == 0)
    }
}

/// How many of some masks hold for each subject, for certain and possibly: the digit of two to the power of `j` is entry `j`.
#[derive(Debug, Clone, Default)]
pub(super) struct Count {
    certain: Vec<Bits>,
    possible: Vec<Bits>,
}

impl Count {
    pub(super) fn add(&mut self, mask: &Mask) {
        add(&mut self.certain, mask.yes);
        add(&mut self.possible, either(&mask.yes, &mask.open));
    }

    /// Takes out what was added before.
    pub(super) fn take(&mut self, mask: &Mask) {
        take(&mut self.certain, mask.yes);
        take(&mut self.possible, either(&mask.yes, &mask.open));
    }

    /// Returns for whom at least so many hold.
    pub(super) fn at_least(&self, count: usize) -> Mask {
        self.at_least_with(count, 0)
    }

    /// Returns the same where so many more may hold or not.
    pub(super) fn at_least_with(&self, count: usize, unknown: usize) -> Mask {
        let yes = reached(&self.certain, count);
        let possible = reached(&self.possible, count.saturating_sub(unknown));
        let mut open = possible;
        for lane in 0..LANES {
            open[lane] &= !yes[lane];
        }
        Mask { yes, open }
    }
}

/// Adds one where a bit is set: what a digit cannot hold is carried to the next.
fn add(digits: &mut Vec<Bits>, mut one: Bits) {
    for digit in &mut *digits {
        let mut carried = 0;
        for lane in 0..LANES {
            let sum = digit[lane] ^ one[lane];
            one[lane] &= digit[lane];
            digit[lane] = sum;
            carried |= one[lane];
        }
        if carried == 0 {
            return;
        }
    }
    if one.iter().any(|word| *word != 0) {
        digits.push(one);
    }
}

/// Takes one away where a bit is set.
fn take(digits: &mut [Bits], mut one: Bits) {
    for digit in digits {
        for lane in 0..LANES {
            let rest = digit[lane] ^ one[lane];
            one[lane] &= !digit[lane];
            digit[lane] = rest;
        }
    }
}

/// Returns where a number is at least so large.
fn reached(digits: &[Bits], count: usize) -> Bits {
    if digits.len() < usize::BITS as usize && count >> digits.len() != 0 {
        return NONE;
    }
    // From the lowest digit up: a larger digit decides, an equal one leaves it to those below.
    let mut found = [u64::MAX; LANES];
    for (place, digit) in digits.iter().enumerate() {
        let wanted = count >> place & 1 == 1;
        for lane in 0..LANES {
            found[lane] = if wanted {
                found[lane] & digit[lane]
            } else {
                found[lane] | digit[lane]
            };
        }
    }
    found
}

/// What is known of the whole numbers of one lane in one block.
#[derive(Debug, Clone, Copy)]
struct Shape {
    period: usize,
    /// All bits that occur in a magnitude.
    magnitude: u64,
    /// Whether a number below zero, or zero itself, occurs.
    negative: bool,
    not_positive: bool,
}

/// One block of subjects.
pub(crate) struct Block<'v, 'a> {
    view: &'v View<'a>,
    start: usize,
    len: usize,
    shapes: Vec<Option<Shape>>,
    unknown: Vec<Option<(usize, Option<Bits>)>>,
}

impl<'v, 'a> Block<'v, 'a> {
    /// Returns the block that starts with this subject.
    pub(crate) fn new(view: &'v View<'a>, start: usize) -> Self {
        let len = (view.subjects() - start).min(BLOCK);
        let columns = view.columns.len();
        Self {
            view,
            start,
            len,
            shapes: vec![None; columns * 3],
            unknown: vec![None; columns],
        }
    }

    /// Goes on to the block that starts with this subject.
    pub(crate) fn move_to(&mut self, start: usize) {
        self.start = start;
        self.len = (self.view.subjects() - start).min(BLOCK);
        self.shapes.fill(None);
        self.unknown.fill(None);
    }

    /// Returns the panel as the rules see it.
    pub(super) fn view(&self) -> &'v View<'a> {
        self.view
    }

    /// Returns the position of the first subject.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Returns how many subjects there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the bits of the subjects that there are.
    pub(crate) fn present(&self) -> Bits {
        if self.len == BLOCK {
            [u64::MAX; LANES]
        } else {
            self.bits(|_| true)
        }
    }

    /// Returns the bits of the subjects for which `holds`, which is asked with the subject's position in the panel.
    pub(super) fn bits(&self, mut holds: impl FnMut(usize) -> bool) -> Bits {
        let mut bits = NONE;
        for at in 0..self.len {
            bits[at % LANES] |= u64::from(holds(self.start + at)) << (at / LANES);
        }
        bits
    }

    /// Returns what a condition says of every subject of the block. Bits beyond the last subject mean nothing.
    pub(super) fn mask(&mut self, node: &Node, period: usize) -> Mask {
        match node {
            Node::Compare(compare) => match &compare.cross {
                Some(Cross::Bound { lane, test }) => self.bound(*lane, *test, period),
                Some(Cross::Products {
                    left,
                    by_left,
                    is,
                    right,
                    by_right,
                    base,
                }) => self.products((*left, *by_left), *is, (*right, *by_right), *base, period),
                None => self.compared(compare, period),
            },
            Node::State { slot, states } => {
                let known = self.states(*slot, period);
                Mask::known(pack(&known, |state| {
                    states & (1 << Reason::code(state)) != 0
                }))
            }
            Node::Subject(test) => Mask::known(self.bits(|at| test.holds(self.view.members(at)))),
            Node::Chart(chart) => self.each(|view, subject| chart.truth(view, subject, period)),
            Node::All(all) => {
                let mut mask = Mask::TRUE;
                for node in all {
                    mask = mask.and(&self.mask(node, period));
                }
                mask
            }
            Node::Any(any) => {
                let mut mask = Mask::FALSE;
                for node in any {
                    mask = mask.or(&self.mask(node, period));
                }
                mask
            }
            Node::Not(node) => self.mask(node, period).negate(),
            Node::AtLeast(count, of) => {
                let mut counted = Count::default();
                for node in of {
                    counted.add(&self.mask(node, period));
                }
                counted.at_least(usize::try_from(*count).unwrap_or(usize::MAX))
            }
            Node::Within { of, .. } if of.is_deep() => {
                let mut one = self.masks(node, period..period + 1);
                one.pop().unwrap_or(Mask::UNKNOWN)
            }
            Node::Within { count, periods, of } if count == periods => {
                let mut mask = Mask::TRUE;
                for back in 0..*periods {
                    mask = mask.and(&self.earlier(of, period, back));
                    if mask.is_false() {
                        break;
                    }
                }
                mask
            }
            Node::Within { count, periods, of } => {
                let seen = (*periods).min(period + 1);
                let mut counted = Count::default();
                for back in 0..seen {
                    counted.add(&self.mask(of, period - back));
                }
                counted.at_least_with(*count, periods - seen)
            }
        }
    }

    fn earlier(&mut self, node: &Node, period: usize, back: usize) -> Mask {
        match period.checked_sub(back) {
            Some(earlier) => self.mask(node, earlier),
            None => Mask::UNKNOWN,
        }
    }

    fn compared(&self, compare: &Compare, period: usize) -> Mask {
        self.each(|view, subject| view.compared(compare, subject, period))
    }

    /// Asks cell by cell, for what has no form in whole numbers.
    fn each(&self, of: impl Fn(&View<'a>, usize) -> Truth) -> Mask {
        let mut mask = Mask::FALSE;
        for at in 0..self.len {
            let truth = of(self.view, self.start + at);
            mask.yes[at % LANES] |= u64::from(truth.is_true()) << (at / LANES);
            mask.open[at % LANES] |= u64::from(truth.is_unknown()) << (at / LANES);
        }
        mask
    }

    fn bound(&mut self, lane: Lane, test: Bound, period: usize) -> Mask {
        let Some(earlier) = period.checked_sub(lane.back) else {
            return Mask::UNKNOWN;
        };
        let limit = match test {
            Bound::Below(bound)
            | Bound::NotBelow(bound)
            | Bound::Above(bound)
            | Bound::NotAbove(bound)
            | Bound::Equal(bound)
            | Bound::NotEqual(bound) => bound,
            Bound::Always(_) => 0,
        };
        let shape = self.shape(lane, earlier);
        let mut padded = [0; BLOCK];
        let numbers = self.numbers(lane, earlier, &mut padded);
        let yes = if bits_of(shape.magnitude | limit.unsigned_abs()) > MAX_BITS {
            pack(numbers, |number| test.holds(number))
        } else {
            match test {
                Bound::Below(bound) => below(numbers, bound),
                Bound::NotBelow(bound) => not(below(numbers, bound)),
                Bound::Above(bound) => above(numbers, bound),
                Bound::NotAbove(bound) => not(above(numbers, bound)),
                Bound::Equal(bound) => not(either(&below(numbers, bound), &above(numbers, bound))),
                Bound::NotEqual(bound) => either(&below(numbers, bound), &above(numbers, bound)),
                Bound::Always(answer) => {
                    if answer {
                        [u64::MAX; LANES]
                    } else {
                        NONE
                    }
                }
            }
        };
        self.without_unknown(yes, &[(lane.slot, earlier)])
    }

    fn products(
        &mut self,
        left: (Lane, i64),
        is: Is,
        right: (Lane, i64),
        base: Base,
        period: usize,
    ) -> Mask {
        let under = match base {
            Base::None => right.0,
            Base::Signed(lane) | Base::Positive(lane) | Base::Zero(lane, ..) => lane,
        };
        let earlier = |lane: Lane| period.checked_sub(lane.back);
        let (Some(then_left), Some(then_right), Some(then_under)) =
            (earlier(left.0), earlier(right.0), earlier(under))
        else {
            return Mask::UNKNOWN;
        };
        let (shape_left, shape_right) = (
            self.shape(left.0, then_left),
            self.shape(right.0, then_right),
        );
        let (mut pad_left, mut pad_right) = ([0; BLOCK], [0; BLOCK]);
        let x = Factor::new(
            self.numbers(left.0, then_left, &mut pad_left),
            left.1,
            shape_left,
        );
        let y = Factor::new(
            self.numbers(right.0, then_right, &mut pad_right),
            right.1,
            shape_right,
        );
        let stands = |is: Is| match is {
            Is::Below => less(&x, &y),
            Is::AtLeast => not(less(&x, &y)),
            Is::Above => less(&y, &x),
            Is::AtMost => not(less(&y, &x)),
            Is::Equal => not(either(&less(&x, &y), &less(&y, &x))),
            Is::NotEqual => either(&less(&x, &y), &less(&y, &x)),
        };
        let mut yes = stands(is);
        let mut no_base = None;
        if base != Base::None {
            let shape = self.shape(under, then_under);
            if shape.not_positive {
                let mut pad = [0; BLOCK];
                let numbers = self.numbers(under, then_under, &mut pad);
                let negative = pack(numbers, |number| number < 0);
                let zero = pack(numbers, |number| number == 0);
                if matches!(base, Base::Signed(_) | Base::Zero(..)) {
                    let turned = stands(is.exchanged());
                    for lane in 0..LANES {
                        yes[lane] = (yes[lane] & !negative[lane]) | (turned[lane] & negative[lane]);
                    }
                    if let Base::Zero(_, _, answers) = base {
                        let said = pack(x.numbers, |above| answers[by_sign(above.cmp(&0))]);
                        for lane in 0..LANES {
                            yes[lane] = (yes[lane] & !zero[lane]) | (said[lane] & zero[lane]);
                        }
                    } else {
                        no_base = Some(zero);
                    }
                } else {
                    no_base = Some(either(&zero, &negative));
                }
            }
        }
        let slots = [
            (left.0.slot, then_left),
            (right.0.slot, then_right),
            (under.slot, then_under),
        ];
        let mut mask = self.without_unknown(yes, &slots);
        if let Some(no_base) = no_base {
            mask.forget(&no_base);
        }
        mask
    }

    fn without_unknown(&mut self, yes: Bits, slots: &[(usize, usize)]) -> Mask {
        let mut mask = Mask::known(yes);
        for (slot, period) in slots {
            if let Some(unknown) = self.unknown(*slot, *period) {
                mask.forget(&unknown);
            }
        }
        mask
    }

    fn cells(&self, period: usize) -> std::ops::Range<usize> {
        let first = period * self.view.subjects() + self.start;
        first..first + self.len
    }

    fn states(&self, slot: usize, period: usize) -> [Option<Reason>; BLOCK] {
        let mut states = [None; BLOCK];
        states[..self.len].copy_from_slice(&self.view.columns[slot].reasons()[self.cells(period)]);
        states
    }

    /// Returns which cells hold no number; `None` where all do.
    fn unknown(&mut self, slot: usize, period: usize) -> Option<Bits> {
        if let Some((known, unknown)) = self.unknown[slot]
            && known == period
        {
            return unknown;
        }
        let states = &self.view.columns[slot].reasons()[self.cells(period)];
        let any = states
            .iter()
            .fold(0, |any, state| any | Reason::code(*state))
            != 0;
        let unknown = any.then(|| pack(&self.states(slot, period), |state| state.is_some()));
        self.unknown[slot] = Some((period, unknown));
        unknown
    }

    /// Returns the whole numbers of a lane, with zeros after the last subject.
    fn numbers<'p>(
        &self,
        lane: Lane,
        period: usize,
        padded: &'p mut [i64; BLOCK],
    ) -> &'p [i64; BLOCK]
    where
        'a: 'p,
    {
        let column: &'a crate::panel::Column = self.view.columns[lane.slot];
        let numbers = &wholes(column.figures(), lane.part)[self.cells(period)];
        if let Ok(block) = <&[i64; BLOCK]>::try_from(numbers) {
            return block;
        }
        padded[..numbers.len()].copy_from_slice(numbers);
        padded
    }

    fn shape(&mut self, lane: Lane, period: usize) -> Shape {
        let part = match lane.part {
            Part::Units => 0,
            Part::Numerators => 1,
            Part::Denominators => 2,
        };
        let at = lane.slot * 3 + part;
        if let Some(shape) = self.shapes[at]
            && shape.period == period
        {
            return shape;
        }
        let numbers =
            &wholes(self.view.columns[lane.slot].figures(), lane.part)[self.cells(period)];
        let (mut magnitude, mut negative, mut not_positive) = (0, 0, 0);
        for number in numbers {
            // Without its sign bits a number and its complement need the same bits.
            magnitude |= (number ^ (number >> 63)).cast_unsigned();
            negative |= number.cast_unsigned();
            not_positive |= number.wrapping_sub(1).cast_unsigned();
        }
        // The smallest number of all wraps round to the largest; its own sign tells.
        let shape = Shape {
            period,
            magnitude,
            negative: negative & SIGN != 0,
            not_positive: (negative | not_positive) & SIGN != 0,
        };
        self.shapes[at] = Some(shape);
        shape
    }
}

/// A lane with its factor.
struct Factor<'n> {
    numbers: &'n [i64; BLOCK],
    by: i64,
    /// How many bits the largest product has.
    bits: u32,
    /// Whether numbers and factor are not negative and have 32 bits.
    narrow: bool,
}

impl<'n> Factor<'n> {
    fn new(numbers: &'n [i64; BLOCK], by: i64, shape: Shape) -> Self {
        // A number that is the complement of its magnitude is one larger.
        let bits = bits_of(shape.magnitude) + 1 + bits_of(by.unsigned_abs());
        let narrow = !shape.negative
            && bits_of(shape.magnitude) <= 32
            && by >= 0
            && bits_of(by.unsigned_abs()) <= 32;
        Self {
            numbers,
            by,
            bits,
            narrow,
        }
    }
}

fn bits_of(magnitude: u64) -> u32 {
    u64::BITS - magnitude.leading_zeros()
}

/// Returns where the first product is less than the second.
fn less(x: &Factor<'_>, y: &Factor<'_>) -> Bits {
    const LOW: i64 = 0xFFFF_FFFF;
    if x.bits > MAX_BITS || y.bits > MAX_BITS {
        let mut bits = NONE;
        for (at, (left, right)) in x.numbers.iter().zip(y.numbers).enumerate() {
            let below =
                i128::from(*left) * i128::from(x.by) < i128::from(*right) * i128::from(y.by);
            bits[at % LANES] |= u64::from(below) << (at / LANES);
        }
        return bits;
    }
    if x.narrow && y.narrow {
        // With the upper halves seen to be zero, a product is one instruction for several lanes.
        let (by_x, by_y) = (x.by & LOW, y.by & LOW);
        return signs(x.numbers, y.numbers, |left, right| {
            ((left & LOW).wrapping_mul(by_x)).wrapping_sub((right & LOW).wrapping_mul(by_y))
        });
    }
    let (by_x, by_y) = (x.by, y.by);
    signs(x.numbers, y.numbers, |left, right| {
        left.wrapping_mul(by_x)
            .wrapping_sub(right.wrapping_mul(by_y))
    })
}

fn below(numbers: &[i64; BLOCK], bound: i64) -> Bits {
    signs_of(numbers, |number| number.wrapping_sub(bound))
}

fn above(numbers: &[i64; BLOCK], bound: i64) -> Bits {
    signs_of(numbers, |number| bound.wrapping_sub(number))
}

/// Collects the sign of each result.
fn signs_of(numbers: &[i64; BLOCK], of: impl Fn(i64) -> i64) -> Bits {
    let mut bits = NONE;
    for row in numbers.chunks_exact(LANES) {
        for (word, number) in bits.iter_mut().zip(row) {
            *word = (*word >> 1) | (of(*number).cast_unsigned() & SIGN);
        }
    }
    bits
}

/// Collects the sign of each result of two numbers.
fn signs(left: &[i64; BLOCK], right: &[i64; BLOCK], of: impl Fn(i64, i64) -> i64) -> Bits {
    let mut bits = NONE;
    for (left, right) in left.chunks_exact(LANES).zip(right.chunks_exact(LANES)) {
        for ((word, left), right) in bits.iter_mut().zip(left).zip(right) {
            *word = (*word >> 1) | (of(*left, *right).cast_unsigned() & SIGN);
        }
    }
    bits
}

/// Collects for which cells `holds`.
fn pack<T: Copy>(cells: &[T; BLOCK], holds: impl Fn(T) -> bool) -> Bits {
    let mut bits = NONE;
    for row in cells.chunks_exact(LANES) {
        for (word, cell) in bits.iter_mut().zip(row) {
            *word = (*word >> 1) | (u64::from(holds(*cell)) << 63);
        }
    }
    bits
}

fn not(mut bits: Bits) -> Bits {
    for word in &mut bits {
        *word = !*word;
    }
    bits
}

fn either(left: &Bits, right: &Bits) -> Bits {
    std::array::from_fn(|lane| left[lane] | right[lane])
}
