//! Published tables with two margins, each with its id: apportionment, witnesses, controlled rounding, fitting.

use quotaflow::margins::{
    Apportionment, Claims, Closing, ExactTable, Marginal, MarginsError, Matrix, Orientation, Seed,
    Signpost, Stratum, Tolerance, TwoWay,
};

fn rows(table: &Matrix) -> Vec<Vec<i64>> {
    (0..table.rows())
        .map(|row| table.row(row).map(|(_, quanta)| quanta).collect())
        .collect()
}

fn stated(weights: &[&[i64]], rows: &[i64], columns: &[i64]) -> TwoWay {
    TwoWay::new(
        Seed::counts(rows.len(), columns.len(), &weights.concat()).unwrap(),
        Marginal::flat(rows.iter().copied()).unwrap(),
        Marginal::flat(columns.iter().copied()).unwrap(),
    )
    .unwrap()
}

struct Seats {
    name: &'static str,
    votes: &'static [&'static [i64]],
    rows: Option<&'static [i64]>,
    columns: &'static [i64],
    /// Nothing where several answers are as good.
    expected: Option<&'static [&'static [i64]]>,
}

#[test]
fn biproportional_apportionments() {
    let cases = [
        Seats {
            name: "three districts, three parties",
            votes: &[&[123, 45, 815], &[912, 714, 414], &[312, 255, 215]],
            rows: Some(&[5, 11, 4]),
            columns: &[7, 5, 8],
            expected: Some(&[&[1, 0, 4], &[4, 4, 3], &[2, 1, 1]]),
        },
        Seats {
            name: "equal votes everywhere",
            votes: &[&[10, 10], &[10, 10]],
            rows: None,
            columns: &[3, 1],
            expected: None,
        },
        Seats {
            name: "one district, 5 seats",
            votes: &[&[1500], &[4500]],
            rows: None,
            columns: &[5],
            expected: Some(&[&[1], &[4]]),
        },
        Seats {
            name: "one district, 7 seats",
            votes: &[&[1500], &[4500]],
            rows: None,
            columns: &[7],
            expected: Some(&[&[2], &[5]]),
        },
    ];
    for case in cases {
        let claims = Claims::new(case.votes.len(), case.columns.len(), case.votes.concat());
        let found: Apportionment = claims
            .unwrap()
            .biproportional(case.rows, case.columns, Signpost::Webster)
            .unwrap();
        let table = found.table();
        assert_eq!(
            table.line_totals(Orientation::Columns).unwrap(),
            case.columns,
            "{}",
            case.name
        );
        if let Some(totals) = case.rows {
            assert_eq!(
                table.line_totals(Orientation::Rows).unwrap(),
                totals,
                "{}",
                case.name
            );
        }
        match case.expected {
            Some(expected) => {
                assert_eq!(rows(table), expected, "{}", case.name);
                assert_eq!(found.ties(), [], "{}", case.name);
            }
            None => assert!(!found.ties().is_empty(), "{}: a tie is reported", case.name),
        }
    }
}

struct Witness {
    name: &'static str,
    weights: &'static [&'static [i64]],
    rows: &'static [i64],
    columns: &'static [i64],
    needing: &'static [usize],
    offering: &'static [usize],
    needed: i128,
    available: i128,
}

#[test]
fn witnesses_of_what_is_impossible() {
    let cases = [
        Witness {
            name: "a row of two with one open cell",
            weights: &[&[1000, 0], &[10, 1]],
            rows: &[2, 0],
            columns: &[1, 1],
            needing: &[0],
            offering: &[0],
            needed: 2,
            available: 1,
        },
        Witness {
            name: "a row of six with two open columns",
            weights: &[&[4, 0, 1], &[3, 20, 0]],
            rows: &[2, 6],
            columns: &[1, 3, 4],
            needing: &[1],
            offering: &[0, 1],
            needed: 6,
            available: 4,
        },
        Witness {
            name: "two rows on one column",
            weights: &[&[5, 0], &[0, 15], &[0, 16]],
            rows: &[2, 1, 1],
            columns: &[3, 1],
            needing: &[1, 2],
            offering: &[1],
            needed: 2,
            available: 1,
        },
        Witness {
            name: "a margin over zeros",
            weights: &[&[0, 5], &[3, 4]],
            rows: &[10, 10],
            columns: &[15, 5],
            needing: &[0],
            offering: &[1],
            needed: 10,
            available: 5,
        },
    ];
    for case in cases {
        let stated = stated(case.weights, case.rows, case.columns);
        let Err(MarginsError::Impossible { blocked }) = stated.fit(Tolerance::Quanta(0.1)) else {
            panic!("{}: not refused", case.name);
        };
        let nodes = |parts: &[Stratum]| parts.iter().filter_map(Stratum::node).collect::<Vec<_>>();
        assert_eq!(blocked.axis(), Orientation::Rows, "{}", case.name);
        assert_eq!(nodes(blocked.needing()), case.needing, "{}", case.name);
        assert_eq!(nodes(blocked.offering()), case.offering, "{}", case.name);
        // The proof, added up from the input: what the rows need, and all that the columns they can use have.
        let needed: i64 = case.needing.iter().map(|row| case.rows[*row]).sum();
        let usable = |column: &usize| {
            case.needing
                .iter()
                .any(|row| case.weights[*row][*column] > 0)
        };
        let open: Vec<usize> = (0..case.columns.len()).filter(usable).collect();
        let available: i64 = open.iter().map(|column| case.columns[*column]).sum();
        assert_eq!(open, case.offering, "{}", case.name);
        assert_eq!(
            (i128::from(needed), i128::from(available)),
            (case.needed, case.available)
        );
        assert_eq!(
            (blocked.needed(), blocked.available()),
            (case.needed, case.available),
            "{}",
            case.name
        );
    }
}

#[test]
fn controlled_roundings() {
    // Tenths of 11.
    let table = ExactTable::new(1, 4, vec![11, 22, 33, 44], 10).unwrap();
    let whole = table
        .close(
            &Marginal::flat([11]).unwrap(),
            &Marginal::free(4).unwrap(),
            Closing::LeastChange,
        )
        .unwrap();
    assert_eq!(rows(&whole), [[1, 2, 3, 5]]);

    // Rows of 2.1 and 1.9 cannot be whole.
    let table = ExactTable::new(2, 2, vec![11, 10, 9, 10], 10).unwrap();
    let refused = table.whole_margins(Orientation::Rows).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "line 0 of the rows sums to 2.1, which is not whole"
    );

    // The published answer totals 26 of 27 and moves columns by up to two bases. Ours, in fives of the counts,
    // keeps every cell, row, column and the whole within one base.
    let counts = [[6, 0, 1, 3, 4], [1, 2, 3, 1, 2], [0, 1, 1, 0, 2]];
    let published = [[6, 0, 0, 5, 5], [0, 0, 5, 0, 0], [0, 0, 0, 0, 5]];
    let table = ExactTable::new(3, 5, counts.concat(), 5).unwrap();
    for closing in [Closing::Direct, Closing::LeastChange] {
        let whole = table
            .close(
                &Marginal::free(3).unwrap(),
                &Marginal::free(5).unwrap(),
                closing,
            )
            .unwrap();
        let fives: Vec<Vec<i64>> = rows(&whole)
            .into_iter()
            .map(|row| row.into_iter().map(|units| 5 * units).collect())
            .collect();
        assert_ne!(fives, published);
        let near = |ours: i64, theirs: i64| (ours - theirs).abs() < 5;
        for (ours, counts) in fives.iter().zip(&counts) {
            assert!(near(ours.iter().sum(), counts.iter().sum()));
            assert!(ours.iter().zip(counts).all(|(a, b)| near(*a, *b)));
        }
        for column in 0..5 {
            let sum = |of: &dyn Fn(usize) -> i64| (0..3).map(of).sum::<i64>();
            let (ours, theirs) = (
                sum(&|row| fives[row][column]),
                sum(&|row| counts[row][column]),
            );
            assert!(near(ours, theirs));
        }
        assert!(near(fives.iter().flatten().sum(), 27));
    }
}

struct Fitted {
    name: &'static str,
    weights: &'static [&'static [i64]],
    rows: &'static [i64],
    columns: &'static [i64],
    expected: &'static [f64],
}

#[test]
fn fits_to_both_margins() {
    let cases = [
        Fitted {
            name: "a survey table, in hundredths",
            weights: &[&[1, 1], &[1, 1]],
            rows: &[5_200, 4_800],
            columns: &[8_700, 1_300],
            expected: &[4524.0, 676.0, 4176.0, 624.0],
        },
        Fitted {
            name: "a table with a zero",
            weights: &[&[1, 1], &[1, 1]],
            rows: &[50, 50],
            columns: &[30, 70],
            expected: &[15.0, 35.0, 15.0, 35.0],
        },
        Fitted {
            name: "a table of shares",
            weights: &[
                &[40, 30, 20, 10],
                &[35, 50, 100, 75],
                &[30, 80, 70, 120],
                &[20, 30, 40, 50],
            ],
            rows: &[150, 300, 400, 150],
            columns: &[200, 300, 400, 100],
            expected: &[
                64.558_510,
                46.232_460,
                35.384_298,
                3.824_732,
                49.967_919,
                68.159_354,
                156.498_546,
                25.374_180,
                56.721_944,
                144.428_226,
                145.082_481,
                53.767_349,
                28.751_627,
                41.179_961,
                63.034_674,
                17.033_738,
            ],
        },
    ];
    for case in cases {
        let stated = stated(case.weights, case.rows, case.columns);
        let fit = stated.fit(Tolerance::Quanta(1e-9)).unwrap();
        let width = case.columns.len();
        for (cell, expected) in case.expected.iter().enumerate() {
            let found = fit.value(cell / width, cell % width);
            assert!(
                (found - expected).abs() < 6e-7,
                "{}: cell {cell} is {found}",
                case.name
            );
        }
        // And in whole quanta both margins are exact.
        for closing in [Closing::Direct, Closing::LeastChange] {
            let table = fit.close(closing).unwrap();
            assert_eq!(
                table.line_totals(Orientation::Rows).unwrap(),
                case.rows,
                "{}",
                case.name
            );
            assert_eq!(
                table.line_totals(Orientation::Columns).unwrap(),
                case.columns,
                "{}",
                case.name
            );
        }
    }
}
