use super::*;
use proptest::prelude::*;

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn at(curve: &Curve, input: &str) -> String {
    curve.at(ratio(input)).unwrap().to_string()
}

#[test]
fn a_knot_can_jump_and_says_who_owns_the_point() {
    let knots = |owner| {
        let jump = Some(Jump {
            to: ratio("50"),
            owner,
        });
        let knots = vec![
            Knot {
                at: ratio("0.8"),
                points: ratio("0"),
                jump,
            },
            Knot {
                at: ratio("1"),
                points: ratio("100"),
                jump: None,
            },
        ];
        Curve::new(CurveDef::new(Shape::Knots {
            knots,
            below: Outside::Flat,
            above: Outside::Extend,
        }))
        .unwrap()
    };
    let upper = knots(Owner::Upper);
    assert_eq!(
        ["0.79", "0.8", "0.9", "1", "1.2"].map(|x| at(&upper, x)),
        ["0", "50", "75", "100", "150"]
    );
    assert_eq!(at(&knots(Owner::Lower), "0.8"), "0");
}

#[test]
fn units_count_in_shares_in_full_or_as_begun() {
    let unit = |part| {
        let unit = PerUnit {
            base: ratio("30"),
            from: Ratio::ONE,
            every: ratio("0.05"),
            above: ratio("2"),
            below: ratio("-1"),
            part,
        };
        Curve::new(CurveDef::new(Shape::PerUnit(unit))).unwrap()
    };
    let inputs = ["0.88", "0.9", "1", "1.07", "1.1"];
    assert_eq!(
        inputs.map(|x| at(&unit(PartialUnit::Share), x)),
        ["27.6", "28", "30", "32.8", "34"]
    );
    assert_eq!(
        inputs.map(|x| at(&unit(PartialUnit::Nothing), x)),
        ["28", "28", "30", "32", "34"]
    );
    assert_eq!(
        inputs.map(|x| at(&unit(PartialUnit::Full), x)),
        ["27", "28", "30", "34", "34"]
    );
}

/// Just below 1 the curve comes as near to 100 as one likes and never has it: at 1 it falls to 20.
#[test]
fn the_range_of_a_curve_holds_what_it_only_comes_near_to() {
    let knot = |at: &str, points: &str, to: Option<&str>| Knot {
        at: ratio(at),
        points: ratio(points),
        jump: to.map(|to| Jump {
            to: ratio(to),
            owner: Owner::Upper,
        }),
    };
    let curve = Curve::new(CurveDef::new(Shape::Knots {
        knots: vec![
            knot("0", "0", None),
            knot("1", "100", Some("20")),
            knot("2", "20", None),
        ],
        below: Outside::Flat,
        above: Outside::Flat,
    }))
    .unwrap();
    assert_eq!(at(&curve, "1"), "20");
    assert_eq!(curve.range(), (Some(Ratio::ZERO), Some(ratio("100"))));
}

#[test]
fn broken_curves_are_refused() {
    let knots = |pairs: &[(&'static str, &'static str)]| {
        Curve::new(CurveDef::through(pairs.iter().copied()).unwrap())
    };
    assert_eq!(knots(&[]).unwrap_err(), ScorecardError::NoKnots);
    let falling = knots(&[("1", "0"), ("0.5", "1")]).unwrap_err();
    assert_eq!(
        falling.to_string(),
        "the inputs of the knots must rise, but 0.5 follows 1"
    );
    let crossed = CurveDef::line(Ratio::ONE)
        .floor(ratio("10"))
        .cap(ratio("5"));
    assert!(matches!(
        Curve::new(crossed),
        Err(ScorecardError::FloorAboveCap { .. })
    ));
    let still = PerUnit {
        base: Ratio::ZERO,
        from: Ratio::ZERO,
        every: Ratio::ZERO,
        above: Ratio::ONE,
        below: Ratio::ZERO,
        part: PartialUnit::Share,
    };
    assert!(matches!(
        Curve::new(CurveDef::new(Shape::PerUnit(still))),
        Err(ScorecardError::Unit { .. })
    ));
    let huge = Curve::new(CurveDef::line(Ratio::from(i64::MAX)));
    assert!(matches!(huge, Err(ScorecardError::NumberRange { .. })));
    let gap = CurveDef::steps([("(.., 0.89]", "0"), ("[0.9, ..)", "1")]).unwrap();
    assert!(matches!(
        Curve::new(gap),
        Err(ScorecardError::Band(crate::band::BandError::Gap { .. }))
    ));
}

#[test]
fn a_curve_reads_back() {
    let text = r#"{"shape":{"knots":{"knots":[{"at":"0","points":"0"},{"at":"1","points":"100","jump":{"to":"110","owner":"lower"}}],"below":"flat","above":"flat"}},"cap":"105"}"#;
    let curve: Curve = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&curve).unwrap(), text);
    assert!(
        serde_json::from_str::<Curve>(&text.replace("cap", "cup"))
            .unwrap_err()
            .to_string()
            .contains("cup")
    );
}

/// The definition taken word by word, without pieces.
fn obvious(def: &CurveDef, x: Ratio) -> Ratio {
    let raw = match &def.shape {
        Shape::Line { slope, intercept } => slope
            .checked_mul(x)
            .unwrap()
            .checked_add(*intercept)
            .unwrap(),
        Shape::Knots { knots, .. } => {
            let after = knots.iter().position(|knot| x <= knot.at);
            match after {
                None => knots.last().unwrap().points,
                Some(0) => knots[0].points,
                Some(next) => {
                    let (low, high) = (&knots[next - 1], &knots[next]);
                    let share = x
                        .checked_sub(low.at)
                        .unwrap()
                        .checked_div(high.at.checked_sub(low.at).unwrap())
                        .unwrap();
                    let rise = high.points.checked_sub(low.points).unwrap();
                    low.points
                        .checked_add(rise.checked_mul(share).unwrap())
                        .unwrap()
                }
            }
        }
        Shape::Bands(rows) => rows.iter().find(|row| row.range.contains(x)).unwrap().gives,
        Shape::PerUnit(unit) => {
            let far = x.checked_sub(unit.from).unwrap();
            let points = if far.is_negative() {
                unit.below
            } else {
                unit.above
            };
            let far = Ratio::new(far.numerator().abs(), far.denominator())
                .unwrap()
                .checked_div(unit.every)
                .unwrap();
            let units = match unit.part {
                PartialUnit::Share => far,
                PartialUnit::Nothing => Ratio::new(far.numerator() / far.denominator(), 1).unwrap(),
                PartialUnit::Full => Ratio::new(
                    (far.numerator() + far.denominator() - 1) / far.denominator(),
                    1,
                )
                .unwrap(),
            };
            unit.base
                .checked_add(units.checked_mul(points).unwrap())
                .unwrap()
        }
    };
    let raw = def.floor.map_or(raw, |floor| raw.max(floor));
    def.cap.map_or(raw, |cap| raw.min(cap))
}

fn small() -> impl Strategy<Value = Ratio> {
    (-60_i128..60, 1_i128..5).prop_map(|(top, bottom)| Ratio::new(top, bottom).unwrap())
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        (small(), small()).prop_map(|(slope, intercept)| Shape::Line { slope, intercept }),
        (proptest::collection::btree_map(-60_i64..60, small(), 1..7)).prop_map(|knots| {
            Shape::Knots {
                knots: knots
                    .into_iter()
                    .map(|(at, points)| Knot {
                        at: Ratio::from(at),
                        points,
                        jump: None,
                    })
                    .collect(),
                below: Outside::Flat,
                above: Outside::Flat,
            }
        }),
        (
            small(),
            proptest::collection::btree_map(-60_i64..60, small(), 0..7),
            any::<bool>()
        )
            .prop_map(|(first, edges, lower)| {
                let owner = if lower { Owner::Lower } else { Owner::Upper };
                let edges = edges
                    .into_iter()
                    .map(|(at, label)| (Ratio::from(at), label))
                    .collect();
                Shape::Bands(Bands::from_edges(first, edges, owner).unwrap().into())
            }),
        (
            small(),
            small(),
            1_i128..9,
            small(),
            small(),
            prop_oneof![
                Just(PartialUnit::Share),
                Just(PartialUnit::Nothing),
                Just(PartialUnit::Full)
            ]
        )
            .prop_map(
                |(base, from, every, above, below, part)| Shape::PerUnit(PerUnit {
                    base,
                    from,
                    every: Ratio::new(every, 2).unwrap(),
                    above,
                    below,
                    part
                })
            ),
    ]
}

pub(crate) fn definition() -> impl Strategy<Value = CurveDef> {
    (
        shape(),
        proptest::option::of(small()),
        proptest::option::of(0_i64..80),
    )
        .prop_map(|(shape, floor, height)| {
            let cap = height.map(|height| {
                floor
                    .unwrap_or(Ratio::ZERO)
                    .checked_add(Ratio::from(height))
                    .unwrap()
            });
            CurveDef { shape, floor, cap }
        })
}

proptest! {
    #[test]
    fn pieces_say_what_the_definition_says(def in definition(), input in small()) {
        let curve = Curve::new(def.clone()).unwrap();
        let exact = obvious(&def, input);
        prop_assert_eq!(curve.at(input), Some(exact));
        for (top, bottom) in [(input.numerator(), input.denominator()), (input.numerator() * 6, input.denominator() * 6)] {
            for rounding in [Rounding::HalfAwayFromZero, Rounding::Floor, Rounding::HalfEven] {
                let precision = Precision::new(2, rounding).unwrap();
                let shown = exact.to_decimal(2, rounding).unwrap();
                prop_assert_eq!(curve.units_at(top, bottom, precision).map(i128::from), Some(shown.mantissa()));
            }
        }
        // Edges are where pieces change: the points on and around each are the definition's too.
        for (edge, _) in curve.edges() {
            let step = Ratio::new(1, 7919).unwrap();
            for near in [edge.checked_sub(step).unwrap(), edge, edge.checked_add(step).unwrap()] {
                prop_assert_eq!(curve.at(near), Some(obvious(&def, near)));
            }
        }
    }
}
