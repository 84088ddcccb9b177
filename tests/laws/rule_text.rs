//! Text and data say the same.

use proptest::prelude::*;
use quotaflow::calendar::Grain;
use quotaflow::control::{Around, Baseline, Run, Signal, Smoothing, Sums, Tail};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{ColumnKey, Reason, Role};
use quotaflow::quantity::Ratio;
use quotaflow::rule::Control;
use quotaflow::rule::{
    AtLeast, Between, Comparison, Condition, Consecutive, Constant, Is, Operand, Previous, Quiet,
    QuietTime, Quotient, RuleDef, Scaled, Silence, Span, StateTest, SubjectTest, TextError,
    TrailingMean, Trend, Way, Within,
};

fn name() -> impl Strategy<Value = Key> {
    let odd = vec![
        "sales",
        "visits_per_day",
        "pace",
        "and",
        "new customers",
        "a\"b",
        "c\\d",
        "销售额",
        "x.y",
        "1st",
        "any",
        "day",
        "north-west",
        "per",
        "sales:net",
        "(",
        "share",
        "period",
        "least",
        "change",
        "of",
    ];
    prop::sample::select(odd).prop_map(|name| Key::new(name).unwrap())
}

fn ratio() -> impl Strategy<Value = Ratio> {
    (-5_000_i128..5_000, 1_i128..60).prop_map(|(top, bottom)| Ratio::new(top, bottom).unwrap())
}

fn unit() -> impl Strategy<Value = Option<Unit>> {
    let texts = vec![
        "money:EUR",
        "count:visit",
        "count:visit per day",
        "share",
        "day",
        "point",
        "minute",
        "count:new customers",
        "count:客户 per hour",
        "money:EUR per count:\"odd\\\\one\" per day",
        "count:a:b",
        "count:per",
    ];
    prop::option::of(prop::sample::select(texts).prop_map(|text| text.parse().unwrap()))
}

fn span() -> impl Strategy<Value = Span> {
    let grains = vec![
        Grain::Day,
        Grain::Week,
        Grain::Month,
        Grain::Quarter,
        Grain::Half,
        Grain::Year,
    ];
    (0_u16..5, prop::option::of(prop::sample::select(grains)))
        .prop_map(|(count, grain)| Span { count, grain })
}

fn operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![
        (ratio(), unit()).prop_map(|(value, unit)| Operand::Constant(Constant { value, unit })),
        name().prop_map(Operand::Parameter),
        name().prop_map(Operand::Metric),
        name().prop_map(Operand::Target),
        name().prop_map(Operand::Expected),
        name().prop_map(Operand::Projected),
        name().prop_map(Operand::Below),
        (
            name(),
            prop::sample::select(vec![
                QuietTime::Days,
                QuietTime::WorkingDays,
                QuietTime::WorkingTime
            ])
        )
            .prop_map(|(of, time)| Operand::Quiet(Quiet { of, time })),
        name().prop_map(Operand::Attainment),
        name().prop_map(Operand::Pace),
        name().prop_map(Operand::Gap),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            2 => (boxed(), boxed()).prop_map(|(of, to)| Operand::Ratio(Quotient { of, to })),
            2 => (boxed(), boxed()).prop_map(|(of, less)| Operand::Difference { of, less }),
            1 => (boxed(), boxed()).prop_map(|(of, against)| Operand::Change { of, against }),
            2 => (ratio(), boxed()).prop_map(|(factor, of)| Operand::Scaled(Scaled { factor, of })),
            1 => (boxed(), span()).prop_map(|(of, span)| Operand::Previous(Previous { of, span })),
            1 => boxed().prop_map(Operand::LastYear),
            1 => (boxed(), span(), prop::option::of(0_u16..9))
                .prop_map(|(of, span, known)| Operand::TrailingMean(TrailingMean { of, span, known })),
            1 => boxed().prop_map(Operand::Rank),
            1 => boxed().prop_map(Operand::Percentile),
            1 => boxed().prop_map(Operand::FromMedian),
            1 => boxed().prop_map(Operand::Score),
        ]
    })
}

fn column() -> impl Strategy<Value = ColumnKey> {
    let roles = vec![Role::Actual, Role::Target, Role::Expected, Role::Projected];
    let told = (name(), prop::sample::select(roles));
    let supplied = vec![
        "below",
        "quiet",
        "quiet_working_days",
        "quiet_working_time",
        "other",
    ];
    let supplied = (prop::sample::select(supplied), name());
    prop_oneof![
        told.prop_map(|(metric, role)| ColumnKey { metric, role }),
        supplied.prop_map(|(word, of)| ColumnKey::actual(&format!("{word}:{of}")).unwrap()),
    ]
}

fn control() -> impl Strategy<Value = Control> {
    let baseline = prop_oneof![
        (0_u16..30).prop_map(Baseline::First),
        (ratio(), ratio()).prop_map(|(centre, sigma)| Baseline::Around(Around { centre, sigma })),
    ];
    let runs = vec![
        Run::BeyondThree,
        Run::TwoOfThree,
        Run::FourOfFive,
        Run::SixTrending,
        Run::FourteenAlternating,
        Run::FifteenWithin,
        Run::EightBeyondBoth,
        Run::EightBeyondAny,
        Run::OneSide(8),
        Run::OneSide(0),
    ];
    let signal = prop_oneof![
        prop::sample::select(runs).prop_map(Signal::Run),
        (ratio(), ratio()).prop_map(|(lambda, factor)| Signal::Ewma(Smoothing { lambda, factor })),
        (ratio(), ratio()).prop_map(|(allowance, interval)| Signal::Cusum(Sums {
            allowance,
            interval
        })),
    ];
    let side = prop::sample::select(vec![Tail::Either, Tail::High, Tail::Low]);
    (operand(), baseline, signal, side).prop_map(|(of, baseline, signal, side)| Control {
        of,
        baseline,
        signal,
        side,
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let is = prop::sample::select(vec![
        Is::Below,
        Is::AtMost,
        Is::Equal,
        Is::NotEqual,
        Is::AtLeast,
        Is::Above,
    ]);
    let states = prop::collection::vec(prop::sample::select(Reason::CELLS.to_vec()), 0..3);
    let names = || prop::collection::vec(name(), 0..3);
    let leaf = prop_oneof![
        4 => (operand(), is, operand()).prop_map(|(left, is, right)| Condition::Compare(Comparison { left, is, right })),
        1 => (operand(), operand(), operand()).prop_map(|(of, from, to)| Condition::Between(Between { of, from, to })),
        1 => (column(), states).prop_map(|(of, is)| Condition::State(StateTest { of, is })),
        1 => (column(), span()).prop_map(|(of, span)| Condition::Stale(Silence { of, span })),
        1 => (column(), span()).prop_map(|(of, span)| Condition::Late(Silence { of, span })),
        1 => (names(), names())
            .prop_map(|(members, starts_with)| Condition::Subject(SubjectTest { members, starts_with })),
        1 => control().prop_map(Condition::Control),
        1 => (operand(), any::<bool>(), span()).prop_map(|(of, up, span)| {
            Condition::Trend(Trend { of, is: if up { Way::Rising } else { Way::Falling }, span })
        }),
    ];
    leaf.prop_recursive(5, 20, 3, |inner| {
        let list = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            2 => list().prop_map(Condition::All),
            2 => list().prop_map(Condition::Any),
            1 => inner.clone().prop_map(Condition::negate),
            1 => (list(), 0_u32..4).prop_map(|(of, count)| Condition::AtLeast(AtLeast { count, of })),
            1 => (inner.clone(), span())
                .prop_map(|(of, span)| Condition::Consecutive(Consecutive { span, of: Box::new(of) })),
            1 => (inner.clone(), span(), 0_u16..4)
                .prop_map(|(of, span, count)| Condition::Within(Within { count, span, of: Box::new(of) })),
        ]
    })
}

proptest! {
    #![proptest_config(crate::cases(1_500))]

    #[test]
    fn what_is_printed_reads_back(condition in condition()) {
        let text = condition.to_string();
        let back: Condition = text.parse().map_err(|error| TestCaseError::fail(format!("{error} in {text}")))?;
        prop_assert_eq!(&back, &condition, "{}", text);
        prop_assert_eq!(back.to_string(), text);
    }

    #[test]
    fn a_document_may_give_its_condition_as_text(condition in condition()) {
        let text = serde_json::to_string(&condition.to_string()).unwrap();
        let rule: RuleDef = serde_json::from_str(&format!(r#"{{"key": "k", "when": {text}, "clear": {text}}}"#)).unwrap();
        prop_assert_eq!(&rule.when, &condition);
        prop_assert_eq!(rule.clear.as_ref(), Some(&condition));
        let data = serde_json::to_string(&rule).unwrap();
        prop_assert_eq!(serde_json::from_str::<RuleDef>(&data).unwrap(), rule);
    }

    #[test]
    fn no_text_makes_the_reader_fail_in_another_way_than_by_an_error(text in "\\PC{0,60}") {
        let _ = text.parse::<Condition>();
        let _ = text.parse::<Operand>();
    }

    #[test]
    fn an_error_stands_inside_the_text(
        condition in condition(), at in any::<prop::sample::Index>(), until in any::<prop::sample::Index>(), put in "[()<>a-z0-9 ,\"%$é]{0,3}",
    ) {
        // A text that was right, with something left out or put in.
        let letters: Vec<char> = condition.to_string().chars().collect();
        let (from, to) = (at.index(letters.len() + 1), until.index(letters.len() + 1));
        let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 4));
        let changed: String = letters[..from].iter().copied().chain(put.chars()).chain(letters[to..].iter().copied()).collect();
        match changed.parse::<Condition>() {
            Ok(read) => prop_assert_eq!(read.to_string().parse::<Condition>().unwrap(), read),
            Err(
                TextError::Unexpected { at, .. }
                | TextError::OpenQuote { at }
                | TextError::Number { at, .. }
                | TextError::Name { at, .. }
                | TextError::Whose { at, .. }
                | TextError::TooDeep { at, .. },
            ) => prop_assert!(at <= changed.chars().count(), "{} in {}", at, changed),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn no_list_of_words_does_either(words in prop::collection::vec(prop::sample::select(vec![
        "(", ")", "and", "or", "not", "sales", "<", "3", "80%", "of", "pace", "for", "in", "weeks", "-", "/", ",", "$",
        "at", "least", "between", "falling", "subject", "starting", "\"x y\"", "mean", "missing", "1/3", "money:EUR",
    ]), 0..20)) {
        let text = words.join(" ");
        if let Ok(condition) = text.parse::<Condition>() {
            prop_assert_eq!(condition.to_string().parse::<Condition>().unwrap(), condition);
        }
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, expected) in [
        (
            "",
            "at character 0: expected a metric, a number or a function, found the end",
        ),
        (
            "sales",
            "at character 5: expected a comparison such as `<`, `between` or `falling`, found the end",
        ),
        (
            "sales fallin for 2 weeks",
            "at character 6: expected a comparison such as `<`, `between` or `falling`, found `fallin`; did you mean `falling`?",
        ),
        (
            "sales < 3 annd visits < 2",
            "at character 10: expected `and`, `or`, `for` or the end, found `annd`; did you mean `and`?",
        ),
        (
            "sales < 3 for 2 weks",
            "at character 16: expected `periods`, `days`, `weeks`, `months`, `quarters`, `halves` or `years`, found `weks`; did you mean `weeks`?",
        ),
        (
            "targt(sales) < 3",
            "at character 0: expected a function, found `targt`; did you mean `target`?",
        ),
        ("(sales < 3", "at character 10: expected `)`, found the end"),
        (
            "sales < 3 money:eur",
            "at character 10: expected a unit such as EUR, count:visit or share, found `money:eur`",
        ),
        (
            "5 < pace",
            "at character 4: write `pace(metric)`, since the other side has no metric",
        ),
        (
            "sales < \"x",
            "at character 8: the quoted name does not end",
        ),
        (
            "sales < 1.2.3",
            "at character 8: `1.2.3` is not an exact number",
        ),
        (
            "sales < 3 for 2.5 weeks",
            "at character 14: expected a whole number below 65536, found `2.5`",
        ),
        (
            "state(sales) in (valu)",
            "at character 17: expected a state, found `valu`; did you mean `value`?",
        ),
        (
            "sales ; 3",
            "at character 6: expected a word, a number or a sign, found `;`",
        ),
        (
            "target(and) < 3",
            "at character 7: expected a name; one that is a word of the language stands in quotes, found `and`",
        ),
    ] {
        assert_eq!(text.parse::<Condition>().unwrap_err().to_string(), expected);
    }
    let deep = format!("{}sales < 3{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(
        deep.parse::<Condition>()
            .unwrap_err()
            .to_string()
            .contains("deep")
    );
    let long = format!("sales < 3{}", " for 2 weeks".repeat(5_000));
    assert!(
        long.parse::<Condition>()
            .unwrap_err()
            .to_string()
            .contains("deep")
    );
    let not = "not ".repeat(20_000);
    assert!(
        not.parse::<Condition>()
            .unwrap_err()
            .to_string()
            .contains("deep")
    );
    let minus = format!("sales {} < 3", "- 1 ".repeat(5_000));
    assert!(
        minus
            .parse::<Condition>()
            .unwrap_err()
            .to_string()
            .contains("deep")
    );
}

#[test]
fn behind_its_sign_every_word_is_a_parameter() {
    for word in [
        "and",
        "or",
        "not",
        "at",
        "least",
        "of",
        "for",
        "in",
        "between",
        "rising",
        "falling",
        "subject",
        "starting",
        "true",
        "false",
        "missing",
        "state",
        "stale",
        "late",
        "target",
        "expected",
        "projected",
        "attainment",
        "pace",
        "gap",
        "previous",
        "last_year",
        "change",
        "mean",
        "rank",
        "percentile",
        "from_median",
        "score",
        "all",
        "any",
        "control",
        "per",
        "day",
    ] {
        let text = format!(
            "sales between ${word} and 80% of ${word} and change(sales, ${word}) < ${word} in 1 of 2 periods"
        );
        let condition: Condition = text.parse().unwrap();
        assert_eq!(condition.to_string(), text);
        let quoted: Condition = text
            .replace(&format!("${word}"), &format!("$\"{word}\""))
            .parse()
            .unwrap();
        assert_eq!(quoted, condition);
    }
    assert_eq!(
        "sales < $ 3".parse::<Condition>().unwrap_err().to_string(),
        "at character 10: expected a parameter's name, found `3`"
    );
}

#[test]
fn texts_of_the_trade_read_as_meant() {
    let sales = || Operand::metric("sales").unwrap();
    for (text, expected) in [
        (
            "sales < 80% of last_year(sales) or (sales - target(sales)) / target(sales) <= -10%",
            sales()
                .below(sales().last_year().times("0.8".parse().unwrap()))
                .or(sales()
                    .less(Operand::target("sales").unwrap())
                    .per(Operand::target("sales").unwrap())
                    .at_most(Operand::percent(-10))),
        ),
        (
            "not missing(report) for 2 weeks",
            Condition::missing("report".parse().unwrap())
                .lasting(Span::of(2, Grain::Week))
                .negate(),
        ),
        (
            "(sales falling for 2 months) in 2 of 4 periods",
            sales().falling(Span::of(2, Grain::Month)).within(2, 4),
        ),
        (
            "sales between 1 and 2 and sales < 3",
            sales()
                .between(Operand::number(1), Operand::number(2))
                .and(sales().below(Operand::number(3))),
        ),
        (
            "sales < 5000 money:EUR for 3 days",
            sales()
                .below(Operand::amount(5000, "money:EUR".parse().unwrap()))
                .lasting(Span::of(3, Grain::Day)),
        ),
    ] {
        assert_eq!(text.parse::<Condition>().unwrap(), expected, "{text}");
    }
}

#[test]
fn no_depth_exhausts_the_stack() {
    let many = 30_000;
    for text in [
        "(".repeat(many),
        "not ".repeat(many / 2),
        format!("{}sales < 1", "all(".repeat(many / 2)),
        format!("sales < {}1", "1% of ".repeat(many / 3)),
        format!("sales < 1{}", " - 1".repeat(many / 2)),
        format!("sales < 1{}", " / a".repeat(many / 2)),
        format!("sales < 1{}", " for 2 days".repeat(many / 6)),
        format!("{}sales", "rank(".repeat(many / 3)),
        format!("a < 1{}", " and (a < 1 or (a < 2".repeat(1_000)),
    ] {
        let error = text.parse::<Condition>().unwrap_err();
        assert!(matches!(error, TextError::TooDeep { .. }), "{error}");
    }
    // Side by side is not deep.
    let wide = vec!["sales < 1"; 5_000].join(" or ");
    assert!(wide.parse::<Condition>().is_ok());
    let long = "a".repeat(100_001);
    assert!(matches!(
        long.parse::<Condition>(),
        Err(TextError::TooLong {
            bytes: 100_001,
            limit: 100_000
        })
    ));
}
