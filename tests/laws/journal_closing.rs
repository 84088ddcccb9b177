//! Laws of closed books over random companies: closes, reopenings, and what comes late behind them, beside the company told day by
//! day.

use std::collections::BTreeSet;

use proptest::prelude::*;
use quotaflow::journal::{
    Close, Content, Entry, EntryId, HandOver, Journal, JournalError, Needed, Snapshot,
};
use quotaflow::measure::Currency;
use quotaflow::model::{Model, ModelDef};
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::pay::{PayCurveDef, PayElementDef, PayPlanDef};
use quotaflow::quantity::Ratio;
use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, Scorecard, ScorecardDef};
use quotaflow::space::RowId;
use quotaflow::view::{View, ViewError};

use crate::journal::{LAST, companies, date, entry, exact, model, spans, text, time};
use crate::journal_reference::{Judged, Question, Told, known};
use quotaflow::testing::Company;

/// The day through which a hand-over is complete.
pub fn complete(hand_over: usize) -> i32 {
    i32::try_from(hand_over).unwrap() * 50 + 50
}

/// The ends of months, as days since the first of January 2026.
const ENDS: [i32; 11] = [30, 58, 89, 119, 150, 180, 211, 242, 272, 303, 333];

/// What is said of the books with each hand-over, as far as it can be done.
pub fn judged() -> impl Strategy<Value = Vec<Option<Judged>>> {
    let day = prop_oneof![4 => prop::sample::select(&ENDS[..]), 1 => 0..350_i32];
    let drawn = prop_oneof![
        4 => day.clone().prop_map(|day| Some(Judged::Closed(day))),
        1 => day.prop_map(|day| Some(Judged::Reopened(day))),
        2 => Just(None),
    ];
    prop::collection::vec(drawn, 7).prop_map(|drawn| {
        let mut hard = -1;
        let fine = drawn
            .into_iter()
            .enumerate()
            .map(|(at, judged)| match judged {
                Some(Judged::Closed(day)) if hard < day && day <= complete(at) => {
                    hard = day;
                    judged
                }
                Some(Judged::Reopened(day)) if day <= hard => {
                    hard = day - 1;
                    judged
                }
                _ => None,
            });
        fine.collect()
    })
}

/// Adds a card, a pay plan and a view that shows both.
fn judge(definition: &mut ModelDef) {
    let sales = || InputDef::value(ColumnKey::actual("sales").unwrap());
    let curve = CurveDef::through([("-50", "0"), ("150", "100")]).unwrap();
    let kpi = KpiDef::new("sales", sales(), curve).unwrap();
    let card = ScorecardDef::new("points").unwrap();
    let card = card.group("sales", Ratio::ONE, vec![kpi.weigh(Ratio::ONE)]);
    definition.cards = vec![card.unwrap()];
    let curve = PayCurveDef::Amount(CurveDef::line(Ratio::percent(7)));
    let element = PayElementDef::new("share", sales(), curve).unwrap();
    let plan = PayPlanDef::new("commission", vec![element]).unwrap();
    definition.pay = vec![plan.currency(Currency::new("EUR").unwrap())];
    let mut view = definition.views[0].clone();
    view.key = "paid".try_into().unwrap();
    view.show = ["sales", "points", "commission"]
        .map(|name| name.parse().unwrap())
        .to_vec();
    definition.views.push(view);
}

const VIEWS: [&str; 3] = ["by_team", "by_person", "company"];

/// A host: what it has stored, and a journal that it answers.
pub struct Host {
    pub model: Model,
    /// What it has stored, which may be more than its journal has taken in.
    hand_overs: Vec<HandOver>,
    pub journal: Journal,
    asked: usize,
}

impl Host {
    pub fn new((model, promises): (&Model, bool)) -> Self {
        let mut definition: ModelDef = model.definition().clone();
        if definition.cards.is_empty() {
            judge(&mut definition);
        }
        if promises {
            definition.unique_ids = vec!["s".try_into().unwrap()];
        }
        let model = Model::new(definition).unwrap();
        Self {
            journal: Journal::new(&model, date(0)).unwrap(),
            model,
            hand_overs: Vec::new(),
            asked: 0,
        }
    }

    /// The same host with an empty journal, which takes in again what is stored.
    fn anew(&self) -> Self {
        Self {
            journal: Journal::new(&self.model, date(0)).unwrap(),
            model: self.model.clone(),
            hand_overs: self.hand_overs.clone(),
            asked: 0,
        }
    }

    /// What it has stored of hand-overs up to the head of its journal.
    fn stored(&self) -> impl Iterator<Item = &Entry> + Clone {
        let head = self.journal.head();
        let taken = self.hand_overs.iter().filter(move |hand_over| {
            hand_over
                .head
                .is_some_and(|own| own.entries <= head.entries)
        });
        taken.flat_map(|hand_over| &hand_over.entries)
    }

    fn find(&self, id: &EntryId) -> Option<&Entry> {
        self.stored().find(|entry| entry.id() == id)
    }

    fn of(entry: &Entry) -> Option<&EntryId> {
        match entry.content() {
            Content::Reverse(reversal) => Some(&reversal.of),
            Content::Void(of) => Some(of),
            Content::Apply(application) => Some(&application.to),
            _ => None,
        }
    }

    /// These entries with all that are linked to them by what they refer to.
    fn linked(&self, own: BTreeSet<EntryId>) -> Vec<Entry> {
        let refers = |entry: &Entry| -> Vec<EntryId> {
            let by = match entry.content() {
                Content::Apply(application) => application.by.clone(),
                _ => None,
            };
            Self::of(entry).cloned().into_iter().chain(by).collect()
        };
        let mut all = own;
        loop {
            let mut more = all.clone();
            for entry in self.stored() {
                let of = refers(entry);
                if all.contains(entry.id()) {
                    more.extend(of);
                } else if of.iter().any(|of| all.contains(of)) {
                    more.insert(entry.id().clone());
                }
            }
            if more == all {
                break;
            }
            all = more;
        }
        let own = self.stored().filter(|entry| all.contains(entry.id()));
        own.cloned().collect()
    }

    /// The record to which an entry refers in the end.
    fn root<'a>(&'a self, entry: &'a Entry) -> Option<&'a Entry> {
        match Self::of(entry) {
            Some(of) => self.root(self.find(of)?),
            None => matches!(entry.content(), Content::Record(_)).then_some(entry),
        }
    }

    /// What the host has of what a journal needs.
    fn supply(&mut self, needed: &Needed) {
        let own: Vec<Entry> = match needed {
            Needed::Records { pieces } => {
                let asked = |entry: &&Entry| {
                    let Some(root) = self.root(entry) else {
                        return false;
                    };
                    let Content::Record(record) = root.content() else {
                        return false;
                    };
                    pieces.iter().any(|piece| {
                        let members = piece.members.iter();
                        let own = members.map(|(field, member)| (field.as_str(), member.as_str()));
                        let named = record.members.iter().map(|(f, m)| (f.as_str(), m.as_str()));
                        piece.kind.as_str() == record.kind
                            && own.eq(named)
                            && piece.from.is_none_or(|from| from <= root.day())
                            && root.day() < piece.to
                    })
                };
                let own = self.stored().filter(asked);
                self.linked(own.map(|entry| entry.id().clone()).collect())
            }
            Needed::Entries { ids } => {
                let stored = ids.iter().filter(|id| self.find(id).is_some());
                self.linked(stored.cloned().collect())
            }
            other => panic!("{other}"),
        };
        // What is still there, or was never behind a close, is no part of what was forgotten.
        let own: Vec<Entry> = match needed {
            Needed::Entries { ids } => own
                .into_iter()
                .filter(|entry| ids.contains(entry.id()) || self.journal.find(entry.id()).is_none())
                .collect(),
            _ => own,
        };
        self.asked += 1;
        self.journal.supply(needed, &own).unwrap();
    }

    /// Takes in a hand-over, asked or not, and returns the numbers of the entries that were refused.
    pub fn enter(&mut self, hand_over: &HandOver) -> BTreeSet<String> {
        loop {
            let (known, through) = (hand_over.known, hand_over.complete_through);
            match self.journal.enter_good(known, through, &hand_over.entries) {
                Ok(receipt) => {
                    let refused: BTreeSet<EntryId> =
                        receipt.rejected.into_iter().map(|one| one.id).collect();
                    let good = hand_over.entries.iter();
                    let good = good.filter(|entry| !refused.contains(entry.id())).cloned();
                    let mut taken = HandOver::new(known, through, good.collect());
                    taken.head = Some(receipt.head);
                    self.hand_overs.push(taken);
                    return refused.iter().map(|id| id.id.to_string()).collect();
                }
                Err(JournalError::Needed { needed }) => self.supply(&needed),
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Goes on with the stored hand-over of a number, asked or not.
    fn replay(&mut self, at: usize) {
        loop {
            match self.journal.replay([&self.hand_overs[at]]) {
                Ok(()) => return,
                Err(JournalError::Needed { needed }) => self.supply(&needed),
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub fn panel(&mut self, ask: impl Fn(&Journal) -> View) -> Panel {
        loop {
            match ask(&self.journal).panel() {
                Ok(panel) => return panel,
                Err(ViewError::Needed { needed }) => match *needed {
                    Needed::Journal { hand_overs, .. } => {
                        let mut earlier = self.anew();
                        (0..usize::try_from(hand_overs).unwrap()).for_each(|at| earlier.replay(at));
                        return earlier.panel(ask);
                    }
                    needed => self.supply(&needed),
                },
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub fn answers(&mut self, as_of: i32, structure: Option<i32>) -> Vec<String> {
        let views = VIEWS.map(|name| {
            self.panel(|journal| {
                let view = journal.view(name).unwrap().as_of(date(as_of));
                match structure {
                    Some(day) => view.as_it_is(date(day)),
                    None => view,
                }
            })
        });
        views
            .iter()
            .map(|panel| serde_json::to_string(panel).unwrap())
            .collect()
    }
}

pub fn judgement(at: usize, judged: Judged) -> Entry {
    let own = EntryId::new("books", &text(at)).unwrap();
    match judged {
        Judged::Closed(day) => Entry::close(own, date(day), Close::Hard),
        Judged::Reopened(day) => Entry::reopen(own, date(day)).by("cfo").because("a law"),
    }
}

/// Takes a company in with what is said of its books, and leaves out of it what is refused.
pub fn lived(company: &mut Company, judged: &[Option<Judged>], model: (&Model, bool)) -> Host {
    let mut host = Host::new(model);
    let whole = company.clone();
    for (at, deeds) in company.hand_overs.iter_mut().enumerate() {
        let mut entries: Vec<Entry> = deeds.iter().map(|deed| entry(&whole, deed)).collect();
        entries.extend(judged[at].map(|judged| judgement(at, judged)));
        let refused = host.enter(&HandOver::new(time(at), date(complete(at)), entries));
        deeds.retain(|deed| !refused.contains(&text(deed.number)));
    }
    host
}

/// At once, or in parts with snapshots written and read between and what was supplied let go: the same answers.
pub fn restarts(
    mut company: Company,
    judged: &[Option<Judged>],
    model: (&Model, bool),
    (as_of, cuts): (i32, &[bool]),
) -> Result<(), TestCaseError> {
    let mut plain = lived(&mut company, judged, model);
    let mut host = plain.anew();
    for (at, is_cut) in (0..plain.hand_overs.len()).zip(cuts) {
        host.replay(at);
        if *is_cut {
            let night = serde_json::to_string(&host.journal.snapshot()).unwrap();
            let read: Snapshot = serde_json::from_str(&night).unwrap();
            host.journal = Journal::open(&host.model, read).unwrap();
            prop_assert_eq!(
                serde_json::to_string(&host.journal.snapshot()).unwrap(),
                night
            );
            let told = host.answers(as_of, None);
            host.journal.forget().unwrap();
            prop_assert_eq!(host.answers(as_of, None), told);
        }
    }
    prop_assert_eq!(host.journal.head(), plain.journal.head());
    prop_assert_eq!(host.journal.waiting(), plain.journal.waiting());
    for structure in [None, Some(0), Some(as_of)] {
        prop_assert_eq!(
            host.answers(as_of, structure),
            plain.answers(as_of, structure)
        );
    }
    Ok(())
}

/// What was known at a time does not change whatever comes later, by the structure as it was and as it is; what is closed is
/// answered by the journal of that time.
pub fn stays_known(
    mut company: Company,
    judged: &[Option<Judged>],
    model: (&Model, bool),
    as_of: i32,
) -> Result<(), TestCaseError> {
    let mut host = Host::new(model);
    let mut told = Vec::new();
    let whole = company.clone();
    let structures = [None, Some(as_of)];
    for (at, deeds) in company.hand_overs.iter_mut().enumerate() {
        let mut entries: Vec<Entry> = deeds.iter().map(|deed| entry(&whole, deed)).collect();
        entries.extend(judged[at].map(|judged| judgement(at, judged)));
        host.enter(&HandOver::new(time(at), date(complete(at)), entries));
        let answers = structures.map(|structure| host.answers(as_of, structure));
        told.push((time(at), answers));
    }
    for (known, before) in told {
        for (structure, before) in structures.iter().zip(before) {
            for (name, before) in VIEWS.iter().zip(before) {
                let panel = host.panel(|journal| {
                    let view = journal
                        .view(name)
                        .unwrap()
                        .as_of(date(as_of))
                        .known_at(known);
                    match structure {
                        Some(day) => view.as_it_is(date(*day)),
                        None => view,
                    }
                });
                let found = serde_json::to_string(&panel).unwrap();
                prop_assert_eq!(found, before, "{} at {} by {:?}", name, known, structure);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn closed_figures_stay_and_what_comes_late_adjusts(
        company in companies(),
        judged in judged(),
        as_of in 0..=LAST,
        promises in any::<bool>(),
    ) {
        let mut company = company;
        let mut host = lived(&mut company, &judged, (&model(), promises));
        let seen = company.hand_overs.len();
        let reopens = judged.iter().any(|judged| matches!(judged, Some(Judged::Reopened(_))));
        let as_of = if reopens { as_of.max(complete(seen)) } else { as_of };
        for (name, by_team) in [("by_team", true), ("by_person", false)] {
            let panel = host.panel(|journal| journal.view(name).unwrap().as_of(date(as_of)));
            let periods = spans(panel.periods());
            let question = Question { by_team, periods: &periods, as_of, structure: None };
            let told = Told::of(&company, (seen, &judged), &question, complete);
            let open = known(&company, seen).figures(&question);
            let labels: Vec<String> = panel.periods().iter().map(|one| one.label.to_string()).collect();
            for row in panel.subjects().ids() {
                let label = panel.subjects().label(row);
                for (at, (period, (from, _))) in panel.periods().ids().zip(&periods).enumerate() {
                    let place = format!("{label} in {} as of {as_of} by {judged:?}", labels[at]);
                    let (then, there) = match told.closed.get(&at) {
                        Some((rows, then)) => {
                            let lies = then.0.keys().any(|(row, of, _)| *row == label && *of == at);
                            (then, lies || rows.contains(&label))
                        }
                        None => (&open, true),
                    };
                    let own = |name| then.0.get(&(label.clone(), at, name)).copied().unwrap_or(0);
                    let due = |value: Ratio| match there {
                        _ if *from > as_of => Err(Reason::NotYetDue),
                        false => Err(Reason::NotApplicable),
                        true => Ok(value),
                    };
                    let found = exact(&panel, "sales", row, period);
                    // Whether nobody has a row in a closed period depends on what else lay there then.
                    let orders = exact(&panel, "orders", row, period);
                    let is_nothing = |found| [Err(Reason::NotApplicable), Ok(Ratio::ZERO)].contains(found);
                    // An order of nothing is one.
                    if label == "unassigned" && told.closed.contains_key(&at) && [found, orders].iter().all(is_nothing) {
                        prop_assert_eq!((own("sales"), own("orders")), (0, 0), "{}", place);
                        continue;
                    }
                    let cents = |name, by: i64| Ratio::new(i128::from(own(name)), i128::from(by)).ok();
                    let mean = cents("standing_sales", 100 * own("standing"));
                    let mean = mean.map_or(due(Ratio::ZERO).and(Err(Reason::NoBase)), due);
                    prop_assert_eq!(found, due(cents("sales", 100).unwrap()), "sales of {}", place);
                    prop_assert_eq!(exact(&panel, "orders", row, period), due(Ratio::from(own("orders"))), "orders of {}", place);
                    prop_assert_eq!(exact(&panel, "mean", row, period), mean, "mean of {}", place);
                    for name in ["receivables", "settled", "moved_in"] {
                        let wanted = due(cents(name, 100).unwrap());
                        prop_assert_eq!(exact(&panel, name, row, period), wanted, "{} of {}", name, place);
                    }
                    for of in told.closed.keys() {
                        for (metric, scale) in [("sales", 100), ("orders", 1)] {
                            let units = told.adjusted.get(&(label.clone(), *of, at, metric)).copied().unwrap_or(0);
                            let key = ColumnKey::actual(&format!("adjustment of {} ({metric})", labels[*of])).unwrap();
                            let found = match panel.find(&key) {
                                Some(_) => panel.answer(&key, row, period).unwrap().ratio().unwrap_or(Ratio::ZERO),
                                None => Ratio::ZERO,
                            };
                            prop_assert_eq!(found, Ratio::new(i128::from(units), scale).unwrap(), "{} of {}", key, place);
                        }
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn closed_books_restart(
        company in companies(),
        judged in judged(),
        as_of in 0..=LAST,
        cuts in prop::collection::vec(any::<bool>(), 7),
        promises in any::<bool>(),
    ) {
        restarts(company, &judged, (&model(), promises), (as_of, &cuts))?;
    }

    #[test]
    fn closed_books_are_known_at(
        company in companies(),
        judged in judged(),
        as_of in 0..=LAST,
        promises in any::<bool>(),
    ) {
        stays_known(company, &judged, (&model(), promises), as_of)?;
    }

    /// What was entered is placed, with nobody, left out with a reason, or an adjustment; a journal that was never closed holds as
    /// much.
    #[test]
    fn nothing_leaks_from_closed_books(company in companies(), judged in judged()) {
        let mut company = company;
        let mut host = lived(&mut company, &judged, (&model(), true));
        let mut open = lived(&mut company, &[None; 7], (&model(), true));
        for name in ["by_team", "by_person"] {
            let total = |host: &mut Host| {
                let panel = host.panel(|journal| journal.view(name).unwrap().as_of(date(LAST)));
                let own = |key: &str| key == "sales" || key.ends_with("(sales)");
                let columns = panel.columns().iter().filter(|column| own(column.key().metric.as_str()));
                let keys: Vec<ColumnKey> = columns.map(|column| column.key().clone()).collect();
                let mut sum = Ratio::ZERO;
                for key in &keys {
                    for row in panel.subjects().ids() {
                        for period in panel.periods().ids() {
                            let one = panel.answer(key, row, period).unwrap().ratio();
                            sum = sum.checked_add(one.unwrap_or(Ratio::ZERO)).unwrap();
                        }
                    }
                }
                sum
            };
            prop_assert_eq!(total(&mut host), total(&mut open), "{}", name);
        }
    }
    /// Scores of closed periods are those of the figures that were told, and what is known late about them is paid once.
    #[test]
    fn what_is_closed_is_scored_once_and_paid_in_full(company in companies(), judged in judged()) {
        let mut company = company;
        let mut host = lived(&mut company, &judged, (&model(), true));
        let mut open = lived(&mut company, &[None; 7], (&model(), true));
        let [panel, plain] = [&mut host, &mut open]
            .map(|host| host.panel(|journal| journal.view("paid").unwrap().as_of(date(LAST))));
        let card = Scorecard::compile(host.model.definition().cards[0].clone()).unwrap();
        let points = ColumnKey::actual("points").unwrap();
        let mut scored = Panel::new(panel.subjects().clone(), panel.periods().clone());
        scored.add(panel.column(&ColumnKey::actual("sales").unwrap()).unwrap().clone()).unwrap();
        scored.extend(card.columns(points.clone())).unwrap();
        prop_assert_eq!(scored.column(&points).unwrap(), panel.column(&points).unwrap());
        let paid = |panel: &Panel, row: RowId| {
            let own = |key: &str| key == "commission" || key.ends_with("(commission)");
            let columns = panel.columns().iter().filter(|column| own(column.key().metric.as_str()));
            let mut sum = Ratio::ZERO;
            for column in columns {
                for period in panel.periods().ids() {
                    let one = panel.answer(column.key(), row, period).unwrap().ratio();
                    sum = sum.checked_add(one.unwrap_or(Ratio::ZERO)).unwrap();
                }
            }
            sum
        };
        for row in panel.subjects().ids() {
            let known = plain.subjects().find(panel.subjects().members(row));
            let due = known.map_or(Ratio::ZERO, |known| paid(&plain, known));
            prop_assert_eq!(paid(&panel, row), due, "{} by {:?}", panel.subjects().label(row), judged);
        }
    }
}
