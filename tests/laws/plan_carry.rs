//! Laws of gaps that are carried forward, held to a slow reference: nothing is lost, nothing that is fixed moves, no limit is passed, and
//! no room is left where something is left.

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    CapLimit, CarryForward, Cascade, CascadeDef, Change, Easing, Edit, EditError, GivenDef,
    GivenWeight, HoldEdit, HoldWhat, NodeId, Place, Plan, PlanError, Sources, StepDef, Taker,
};
use quotaflow::quantity::{Number, Quantity, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};

const PEOPLE: [&str; 4] = ["ann", "bo", "cy", "reserve"];
const MONTHS: usize = 6;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn person(name: &str) -> Place {
    Place::whole().at("person", name).unwrap()
}

/// Numbers that are the same on every machine (xorshift, Marsaglia 2003).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % limit.unsigned_abs()).unwrap()
    }

    fn index(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(i64::try_from(limit).unwrap())).unwrap()
    }

    fn one_in(&mut self, many: i64) -> bool {
        self.below(many) == 0
    }
}

/// A leaf as the reference knows it.
#[derive(Clone)]
struct Leaf {
    place: Place,
    person: usize,
    month: usize,
    held: bool,
    /// What it has before anything is carried, and what it has become.
    was: i64,
    amount: i64,
}

struct Company {
    plan: Plan,
    leaves: Vec<Leaf>,
    last: String,
}

/// Four people, two products and six months, over the steps in some order; some leaves have nothing and some are held.
fn company(draw: &mut Draw, first_open: usize) -> Company {
    let measure = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap();
    let measures = Measures::new(vec![measure]).unwrap();
    let people = DimensionDef::flat("person", "person", PEOPLE).unwrap();
    let products = DimensionDef::flat("product", "product", ["tea", "milk"]).unwrap();
    let space = Space::new(vec![people, products]).unwrap();
    let half = DayRange::new("2026-01-01".parse().unwrap(), "2026-07-01".parse().unwrap());
    let orders = [
        ["person", "month", "product"],
        ["month", "product", "person"],
        ["product", "person", "month"],
    ];
    let steps = orders[draw.index(3)];
    let def = CascadeDef::new(key("plan"), key("sales"), half.unwrap());
    let def = steps.iter().fold(def, |def, step| {
        def.step(match *step {
            "month" => StepDef::grain(Grain::Month),
            level => StepDef::member(level, level).unwrap(),
        })
    });
    let calendar = Calendar::gregorian();
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let cascade = Cascade::compile(def, &sources).unwrap();
    let frame = cascade.frame();
    let last = steps[2].to_owned();
    let mut values = vec![vec![0]];
    for step in steps {
        values.push(vec![0; frame.nodes(step).unwrap().len()]);
    }
    let mut leaves = Vec::new();
    for leaf in frame.nodes(&last).unwrap() {
        let place = frame.place(leaf);
        let name = |step: &str| {
            let found = place.iter().find(|(own, _)| own.as_str() == step);
            found.unwrap().1.to_string()
        };
        let own = PEOPLE
            .iter()
            .position(|known| *known == name("person"))
            .unwrap();
        let month: usize = name("month")[5..].parse().unwrap();
        let amount = if draw.one_in(5) { 0 } else { draw.below(2_000) };
        leaves.push(Leaf {
            person: own,
            month: month - 1,
            held: month > first_open && draw.one_in(6),
            was: amount,
            amount,
            place,
        });
        let (mut node, mut level) = (Some(leaf), steps.len());
        while let Some(at) = node {
            values[level][at.index()] += amount;
            node = frame.parent(at);
            level = level.saturating_sub(1);
        }
    }
    let mut plan = Plan::from_units(&cascade, values).unwrap();
    let held = leaves
        .iter()
        .filter(|leaf| leaf.held)
        .map(|leaf| leaf.place.clone());
    let hold = HoldEdit {
        measure: key("sales"),
        at: held.collect(),
        what: HoldWhat::Total,
    };
    change(&mut plan, vec![Edit::Hold(hold)]).unwrap();
    Company { plan, leaves, last }
}

fn change(plan: &mut Plan, edits: Vec<Edit>) -> Result<u64, PlanError> {
    plan.apply(Change {
        version: Version::default(),
        by: key("eva"),
        at: "2026-04-01T09:00:00".parse().unwrap(),
        reason: "a slow start".to_owned(),
        based_on: plan.version(),
        edits,
    })
}

/// Shares by largest remainder within rooms, one quantum at a time where rounding is concerned: first whoever is full, then the others.
fn shared(amount: i64, weights: &[i64], rooms: &[i64]) -> Vec<i64> {
    let mut found = vec![0; weights.len()];
    let mut free: Vec<usize> = (0..weights.len())
        .filter(|at| weights[*at] > 0 && rooms[*at] > 0)
        .collect();
    let room: i128 = free.iter().map(|at| i128::from(rooms[*at])).sum();
    let mut left = room.min(i128::from(amount));
    loop {
        let all: i128 = free.iter().map(|at| i128::from(weights[*at])).sum();
        let is_full = |at: &usize| left * i128::from(weights[*at]) >= i128::from(rooms[*at]) * all;
        let (full, others): (Vec<usize>, Vec<usize>) =
            free.iter().copied().partition(|at| all > 0 && is_full(at));
        if full.is_empty() {
            break;
        }
        for at in &full {
            found[*at] = rooms[*at];
        }
        left -= full.iter().map(|at| i128::from(rooms[*at])).sum::<i128>();
        free = others;
    }
    let all: i128 = free.iter().map(|at| i128::from(weights[*at])).sum();
    let mut rests: Vec<(i128, usize)> = Vec::new();
    let mut spare = left;
    for at in free {
        let exact = left * i128::from(weights[at]);
        found[at] = i64::try_from(exact / all).unwrap();
        spare -= exact / all;
        rests.push((exact % all, at));
    }
    rests.sort_by_key(|(rest, at)| (std::cmp::Reverse(*rest), *at));
    for (_, at) in rests.iter().take(usize::try_from(spare).unwrap()) {
        found[*at] += 1;
    }
    found
}

/// How the periods that are left share.
#[derive(Clone)]
enum By {
    Targets,
    Equal,
    Season(Vec<i64>),
}

/// What is asked, as the reference knows it.
struct Asked {
    first_open: usize,
    by: By,
    both: bool,
    as_reached: bool,
    per_period: Option<i64>,
    per_place: Option<i64>,
    bo_takes: Option<i64>,
    reserve_takes: bool,
}

/// What is left of a month of somebody: its weight, its room, and each leaf with its weight and its room.
type Slot = (i64, i64, Vec<(usize, i64, i64)>);

/// What a person could take month by month, with their leaves.
fn rooms(
    leaves: &[Leaf],
    asked: &Asked,
    who: usize,
    is_down: bool,
    percent: Option<i64>,
) -> Vec<Slot> {
    (asked.first_open..MONTHS)
        .map(|month| {
            let own = leaves.iter().enumerate();
            let own = own.filter(|(_, leaf)| (leaf.person, leaf.month) == (who, month));
            let own: Vec<(usize, &Leaf)> = own.collect();
            let room = |leaf: &Leaf| match (leaf.held, is_down) {
                (true, _) => 0,
                (false, true) => leaf.amount.max(0),
                (false, false) => i64::MAX / 4,
            };
            let has_size = own.iter().any(|(_, leaf)| room(leaf) > 0 && leaf.was != 0);
            let cells = own.iter().map(|(at, leaf)| {
                let weight = if has_size { leaf.was } else { 1 };
                (*at, weight, if weight == 0 { 0 } else { room(leaf) })
            });
            let cells: Vec<(usize, i64, i64)> = cells.collect();
            let size: i64 = own.iter().map(|(_, leaf)| leaf.was).sum();
            let weight = match &asked.by {
                By::Targets => size,
                By::Equal => 1,
                By::Season(weights) => weights[month],
            };
            let sum = cells
                .iter()
                .map(|(_, _, room)| i128::from(*room))
                .sum::<i128>();
            let mut room = i64::try_from(sum.min(i128::from(i64::MAX))).unwrap();
            if let Some(percent) = percent {
                room = room.min(size * percent / 100);
            }
            (weight, if weight == 0 { 0 } else { room }, cells)
        })
        .collect()
}

/// Pours into the months of somebody, and returns how much went in.
fn pour(
    leaves: &mut [Leaf],
    asked: &Asked,
    who: usize,
    units: i64,
    percent: Option<i64>,
    most: i64,
) -> i64 {
    let slots = rooms(leaves, asked, who, units < 0, percent);
    let weights: Vec<i64> = slots.iter().map(|slot| slot.0).collect();
    let limits: Vec<i64> = slots.iter().map(|slot| slot.1).collect();
    let shares = shared(units.abs().min(most), &weights, &limits);
    for (slot, share) in slots.iter().zip(&shares) {
        let weights: Vec<i64> = slot.2.iter().map(|cell| cell.1).collect();
        let limits: Vec<i64> = slot.2.iter().map(|cell| cell.2).collect();
        let own = shared(*share, &weights, &limits);
        assert_eq!(own.iter().sum::<i64>(), *share);
        for (cell, by) in slot.2.iter().zip(own) {
            leaves[cell.0].amount += by * units.signum();
        }
    }
    shares.iter().sum::<i64>() * units.signum()
}

/// Carries forward slowly: of each person who is short the parts that are carried, given and left.
fn slowly(leaves: &mut [Leaf], asked: &Asked, reached: &[(usize, i64)]) -> Vec<[i64; 4]> {
    let mut told = Vec::new();
    let before = leaves.to_vec();
    let mut ordered = reached.to_vec();
    ordered.sort_unstable();
    let past = |who: usize| {
        let own = before.iter().enumerate();
        let own = own.filter(move |(_, leaf)| leaf.person == who && leaf.month < asked.first_open);
        own.map(|(at, leaf)| (at, leaf.amount)).collect::<Vec<_>>()
    };
    if asked.as_reached {
        for (who, amount) in &ordered {
            let parts = past(*who);
            let mut weights: Vec<i64> = parts.iter().map(|part| part.1).collect();
            if weights.iter().all(|weight| *weight == 0) {
                const DAYS: [i64; MONTHS] = [31, 28, 31, 30, 31, 30];
                weights = parts
                    .iter()
                    .map(|part| DAYS[before[part.0].month])
                    .collect();
            }
            let now = shared(*amount, &weights, &vec![i64::MAX / 4; weights.len()]);
            for (part, now) in parts.iter().zip(now) {
                leaves[part.0].amount = now;
            }
        }
    }
    for (who, amount) in &ordered {
        let target: i64 = past(*who).iter().map(|part| part.1).sum();
        let gap = target - amount;
        if gap < 0 && !asked.both {
            told.push([gap, 0, 0, 0]);
            continue;
        }
        let size: i64 = before
            .iter()
            .filter(|leaf| leaf.person == *who && leaf.month >= asked.first_open)
            .map(|leaf| leaf.amount)
            .sum();
        let most = asked
            .per_place
            .map_or(i64::MAX, |percent| size * percent / 100);
        let carried = pour(leaves, asked, *who, gap, asked.per_period, most);
        told.push([gap, carried, 0, gap - carried]);
    }
    let mut bo_left = asked.bo_takes.unwrap_or(0);
    for own in &mut told {
        let left = own[3];
        if left == 0 {
            continue;
        }
        // Bo has the weight 2 and the reserve 1.
        let takers: Vec<(usize, i64)> = [
            (1, 2, asked.bo_takes.is_some()),
            (3, 1, asked.reserve_takes),
        ]
        .iter()
        .filter(|taker| taker.2)
        .map(|taker| (taker.0, taker.1))
        .collect();
        let limits = takers.iter().map(|(who, _)| {
            let all = rooms(leaves, asked, *who, left < 0, None);
            let all = all.iter().map(|slot| i128::from(slot.1)).sum::<i128>();
            let room = i64::try_from(all.min(i128::from(i64::MAX / 4))).unwrap();
            if *who == 1 { room.min(bo_left) } else { room }
        });
        let limits: Vec<i64> = limits.collect();
        let weights: Vec<i64> = takers.iter().map(|taker| taker.1).collect();
        for ((who, _), share) in takers.iter().zip(shared(left.abs(), &weights, &limits)) {
            let given = pour(leaves, asked, *who, share * left.signum(), None, i64::MAX);
            assert_eq!(given.abs(), share);
            own[2] += given;
            own[3] -= given;
            if *who == 1 {
                bo_left -= given.abs();
            }
        }
    }
    told
}

fn edit(asked: &Asked, reached: &[(usize, i64)]) -> CarryForward {
    let from = format!("2026-{:02}-01", asked.first_open + 1)
        .parse()
        .unwrap();
    let mut edit = CarryForward::new("sales", from).unwrap().writing_off();
    for (who, amount) in reached {
        edit = edit.reaching(person(PEOPLE[*who]), Number::from(*amount));
    }
    edit = edit.by(match &asked.by {
        By::Targets => Easing::Draft,
        By::Equal => Easing::Equal,
        By::Season(weights) => Easing::Given(GivenDef {
            weights: (0..MONTHS)
                .map(|month| GivenWeight {
                    at: Place::whole()
                        .at("month", &format!("2026-{:02}", month + 1))
                        .unwrap(),
                    weight: Ratio::from(weights[month]),
                })
                .collect(),
            otherwise: None,
        }),
    });
    let share = |percent: i64| CapLimit::Share(Ratio::new(i128::from(percent), 100).unwrap());
    if let Some(percent) = asked.per_period {
        edit = edit.per_period(share(percent));
    }
    if let Some(percent) = asked.per_place {
        edit = edit.per_place(share(percent));
    }
    if let Some(most) = asked.bo_takes {
        let mut bo = Taker::new(person("bo")).at_most(Number::from(most));
        bo.share = Ratio::from(2);
        edit = edit.other(bo);
    }
    if asked.reserve_takes {
        edit = edit.other(Taker::new(person("reserve")));
    }
    if asked.both {
        edit = edit.both();
    }
    if asked.as_reached {
        edit = edit.as_reached();
    }
    edit
}

#[test]
fn what_is_carried_is_what_a_slow_reference_carries() {
    let mut draw = Draw(20_261_201);
    let (mut carried, mut given, mut left, mut stayed, mut refused) = (0, 0, 0, 0, 0);
    for round in 0..600 {
        let first_open = 1 + draw.index(MONTHS);
        let Company {
            plan,
            mut leaves,
            last,
        } = company(&mut draw, first_open);
        let asked = Asked {
            first_open,
            by: match draw.index(3) {
                0 => By::Targets,
                1 => By::Equal,
                _ => By::Season((0..MONTHS).map(|_| draw.below(4)).collect()),
            },
            both: draw.one_in(2),
            as_reached: draw.one_in(3),
            per_period: draw.one_in(2).then(|| draw.below(60)),
            per_place: draw.one_in(3).then(|| draw.below(60)),
            bo_takes: draw.one_in(2).then(|| draw.below(800)),
            reserve_takes: draw.one_in(2),
        };
        let mut reached: Vec<(usize, i64)> = Vec::new();
        for who in 0..3 {
            if !draw.one_in(4) {
                let own = leaves
                    .iter()
                    .filter(|leaf| leaf.person == who && leaf.month < first_open);
                let target: i64 = own.map(|leaf| leaf.amount).sum();
                reached.push((who, draw.below(2 * target + 2)));
            }
        }
        if first_open == MONTHS {
            // Nothing is left of the half year: whoever is short has all of it left.
            stayed += 1;
        }
        let mut one = edit(&asked, &reached);
        let mut told = plan.carry_forward(&one).unwrap();
        let mut applied = plan.clone();
        change(&mut applied, vec![Edit::CarryForward(one.clone())]).unwrap();
        assert!(applied.verify().is_empty(), "round {round}");
        assert_eq!(
            told.moved,
            applied.differences(1, 2).unwrap(),
            "round {round}"
        );

        let wanted = slowly(&mut leaves, &asked, &reached);
        let amounts: Vec<i64> = leaves.iter().map(|leaf| leaf.amount).collect();
        assert_eq!(
            applied.units("sales", &last).unwrap(),
            amounts,
            "round {round}"
        );
        let found = told
            .gaps
            .iter()
            .map(|gap| [gap.gap, gap.carried, gap.given, gap.left].map(Quantity::units));
        assert_eq!(found.collect::<Vec<_>>(), wanted, "round {round}");
        for gap in &told.gaps {
            let parts = gap.carried.units() + gap.given.units() + gap.left.units();
            assert!(parts == gap.gap.units() || parts == 0);
            assert_eq!(
                gap.left.units() != 0 && gap.given.units() == 0,
                gap.left.units() != 0 && gap.given.units() == 0 && !gap.limits.is_empty(),
                "round {round}: {gap}"
            );
            carried += i32::from(gap.carried.units() != 0);
            given += i32::from(gap.given.units() != 0);
            left += i32::from(gap.left.units() != 0);
        }

        // The order in which it is said plays no part.
        one.reached.reverse();
        one.others.reverse();
        told.asked = one.clone();
        assert_eq!(plan.carry_forward(&one).unwrap(), told, "round {round}");
        // What is undone is as it was, and done again it is as it became.
        change(&mut applied, vec![Edit::Revert { to: 1 }]).unwrap();
        for step in plan.frame().steps() {
            assert_eq!(
                applied.units("sales", step.as_str()),
                plan.units("sales", step.as_str())
            );
        }
        // Where something is left that is not written off, nothing is done.
        one.rest = quotaflow::plan::CarryRest::Refused;
        let is_left = told.gaps.iter().any(|gap| gap.left.units() != 0);
        let done = change(&mut applied, vec![Edit::CarryForward(one)]);
        assert_eq!(
            matches!(done, Err(PlanError::Edit(EditError::CannotCarry { .. }))),
            is_left
        );
        refused += i32::from(is_left);
        if is_left {
            let whole = applied.amount("sales", NodeId::WHOLE);
            assert_eq!(whole, plan.amount("sales", NodeId::WHOLE));
        }
    }
    let all = [carried, given, left, stayed, refused];
    assert!(all.iter().all(|many| *many > 60), "{all:?}");
}
