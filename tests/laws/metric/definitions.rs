//! One metric at least of every formula there is.

use quotaflow::calendar::{Grain, YearComparison};
use quotaflow::key::Key;
use quotaflow::metric::{
    Age, Concentration, Empty, Entities, Entity, Filter, First, Formula, MetricDef, OpenFigure,
    Placed, QuantileMethod, Relation, SameDay, SeenBy, Selection, Timeframe, Value, Valued,
};
use quotaflow::quantity::Ratio;

pub(crate) fn both() -> Selection {
    Selection::of_any(&["visit", "order"]).unwrap()
}

pub(crate) fn orders() -> Selection {
    Selection::of("order").unwrap()
}

pub(crate) fn visited() -> Selection {
    Selection::of("visit").unwrap()
}

pub(crate) fn customers(of: Selection) -> Entities {
    Entities::members("customer", of).unwrap()
}

pub(crate) fn customer() -> Entity {
    Entity::Member {
        dimension: Key::new("customer").unwrap(),
        level: None,
    }
}

#[expect(clippy::too_many_lines, reason = "a list")]
pub(crate) fn definitions() -> Vec<MetricDef> {
    let won = || orders().with("outcome", "won").unwrap();
    let sales = |of: Selection| Valued::measure("sales", of).unwrap();
    let gap = |entity: Option<Entity>, same_day| Value::Gap { entity, same_day };
    let several = Filter::Any(vec![
        Filter::attribute("outcome", &["lost", "postponed"]).unwrap(),
        Filter::Not(Box::new(Filter::Has(Key::new("customer").unwrap()))),
        Filter::at_least("sales", 2).unwrap(),
    ]);
    let mut metrics = Vec::new();
    let mut add = |key: &str, formula| metrics.push(MetricDef::new(key, formula).unwrap());
    add("visits", Formula::count("visit").unwrap());
    add("orders", Formula::count("order").unwrap());
    add("won", Formula::Count(won()));
    add("several", Formula::Count(both().only(several)));
    add(
        "blue",
        Formula::Count(both().only(Filter::member("person", &["blue"]).unwrap())),
    );
    let below = Filter::compared("sales", Relation::Below, "floor").unwrap();
    add("below", Formula::Count(both().only(below)));
    let same = Filter::same_member("person", "helper", "team").unwrap();
    add("same_team", Formula::Count(both().only(same)));
    add("days_seen", Formula::Distinct(Entities::days(both())));
    add(
        "days_seen_3",
        Formula::Distinct(Entities::days(orders().in_window(Timeframe::Trailing(3)))),
    );
    add(
        "open_age",
        Formula::OpenAge {
            of: orders(),
            until: Some(Key::new("due").unwrap()),
            since: Key::new("day").unwrap(),
        },
    );
    add("silent", Formula::Since(won()));
    add("since_won", Formula::Elapsed(won()));
    add("silent_due", Formula::Since(both().by_date("due").unwrap()));
    add("due", Formula::Count(orders().by_date("due").unwrap()));
    add("sales", Formula::sum("sales", "order").unwrap());
    add(
        "sales_known",
        Formula::Sum(sales(both()).when_empty(Empty::NothingRecorded)),
    );
    add(
        "trailing",
        Formula::Sum(sales(orders().in_window(Timeframe::Trailing(3)))),
    );
    add(
        "days_45",
        Formula::Sum(sales(orders().in_window(Timeframe::TrailingDays(45)))),
    );
    add("as_of", Formula::Count(both().in_window(Timeframe::AsOf)));
    add(
        "qtd",
        Formula::Count(both().in_window(Timeframe::ToDate(Grain::Quarter))),
    );
    add("mean", Formula::Mean(sales(won())));
    add("low", Formula::Minimum(sales(both())));
    add(
        "high",
        Formula::Maximum(sales(both().in_window(Timeframe::Trailing(2)))),
    );
    let quantile = |value: Value, of, p: Ratio, method| Formula::Quantile {
        value,
        of,
        p,
        method,
    };
    let amount = || Value::Measure(Key::new("sales").unwrap());
    add(
        "p90",
        quantile(amount(), both(), Ratio::percent(90), QuantileMethod::Type7),
    );
    add(
        "p25",
        quantile(
            amount(),
            both(),
            Ratio::percent(25),
            QuantileMethod::NearestRank,
        ),
    );
    add(
        "term",
        Formula::Mean(Valued::days("day", "due", orders()).unwrap()),
    );
    add("distinct", Formula::Distinct(customers(both())));
    add(
        "distinct_3",
        Formula::Distinct(customers(both().in_window(Timeframe::Trailing(3)))),
    );
    add(
        "outcomes",
        Formula::Distinct(Entities::values("outcome", both()).unwrap()),
    );
    add("new", Formula::New(customers(both())));
    add("new_won", Formula::New(customers(won())));
    let lost = |seen_within, absent_for, scope| Formula::Lost {
        entity: customer(),
        of: both(),
        seen_within,
        absent_for,
        scope,
        first: First::Zero,
    };
    add("lost_event", lost(1, 2, SeenBy::Overall));
    add("lost_state", lost(4, 2, SeenBy::Overall));
    add("lost_own", lost(3, 1, SeenBy::Subject));
    for (key, scope) in [("back_own", SeenBy::Subject), ("back", SeenBy::Overall)] {
        add(
            key,
            Formula::Reactivated {
                entity: customer(),
                of: both(),
                after: 2,
                scope,
            },
        );
    }
    add(
        "retained",
        Formula::Retained {
            entity: customer(),
            of: both(),
            scope: SeenBy::Overall,
        },
    );
    add(
        "previous",
        Formula::Previous {
            entity: customer(),
            of: both(),
            scope: SeenBy::Overall,
        },
    );
    add(
        "dormant",
        Formula::Dormant {
            entity: customer(),
            of: both(),
            periods: 2,
            scope: SeenBy::Subject,
        },
    );
    add("taken_over", Formula::TakenOver(customers(both())));
    add(
        "gap",
        Formula::Mean(Valued::new(gap(Some(customer()), SameDay::Each), both())),
    );
    add(
        "gap_days",
        Formula::Maximum(Valued::new(gap(None, SameDay::Once), both())),
    );
    let due = || Key::new("due").unwrap();
    add(
        "open",
        Formula::Open {
            value: None,
            of: orders(),
            until: Some(due()),
            age: None,
            figure: OpenFigure::Closing,
        },
    );
    let age = Some(Age::since("day", Some(10), Some(30)).unwrap());
    add(
        "ageing",
        Formula::Open {
            value: Some(amount()),
            of: both(),
            until: Some(due()),
            age,
            figure: OpenFigure::Closing,
        },
    );
    add(
        "stock",
        Formula::Last {
            value: amount(),
            entity: customer(),
            of: both(),
        },
    );
    let concentration = |value, figure| Formula::Concentration {
        value,
        entity: customer(),
        of: both(),
        figure,
    };
    add(
        "top_2",
        concentration(Some(amount()), Concentration::Top(2)),
    );
    add("hhi", concentration(None, Concentration::Herfindahl));
    let boxed = |formula: Result<Formula, _>| Box::new(formula.unwrap());
    add(
        "growth",
        Formula::Growth {
            of: boxed(Formula::metric("orders")),
            periods: 1,
        },
    );
    add(
        "earlier",
        Formula::Earlier {
            of: boxed(Formula::metric("mean")),
            periods: 2,
        },
    );
    add(
        "share",
        Formula::Share {
            of: boxed(Formula::metric("orders")),
            within: Vec::new(),
        },
    );
    add(
        "average_stock",
        Formula::AverageBalance(boxed(Formula::metric("stock"))),
    );
    let of = boxed(Formula::metric("orders"));
    add(
        "last_year",
        Formula::LastYear {
            of,
            comparison: YearComparison::default(),
        },
    );
    let of = boxed(Formula::metric("orders"));
    add(
        "year_growth",
        Formula::YearGrowth {
            of,
            comparison: YearComparison::default(),
        },
    );
    add("days", Formula::Days);
    add("again", Formula::metric("orders").unwrap());
    let visits = Formula::metric("visits").unwrap();
    add("rate", Formula::metric("orders").unwrap().per_100(visits));
    add(
        "until",
        Formula::Mean(Valued::until(orders(), visited(), customer())),
    );
    let begun = Value::Until {
        end: Box::new(visited()),
        by: customer(),
        placed: Placed::Start,
    };
    add(
        "until_begun",
        quantile(
            begun,
            orders(),
            Ratio::percent(50),
            QuantileMethod::NearestRank,
        ),
    );
    add(
        "waiting",
        Formula::Waiting {
            of: orders(),
            end: visited(),
            by: customer(),
        },
    );
    add(
        "waiting_age",
        Formula::WaitingAge {
            of: orders(),
            end: visited(),
            by: customer(),
        },
    );
    let minus = boxed(Formula::metric("visits"));
    add(
        "more",
        Formula::Difference {
            of: boxed(Formula::metric("orders")),
            minus,
        },
    );
    let minus = boxed(Formula::metric("low"));
    add(
        "spread",
        Formula::Difference {
            of: boxed(Formula::metric("p90")),
            minus,
        },
    );
    let daily = Formula::Metric(Key::new("sales").unwrap()).per(Formula::Days);
    add(
        "daily",
        Formula::Scaled {
            of: Box::new(daily),
            by: Ratio::percent(50),
        },
    );
    metrics
}
