//! A plan with totals of territories and of products at once.

mod vectors;

use quotaflow::allocation::Bound;
use quotaflow::margins::{
    Closing, Marginal, MarginsError, Node, Orientation, Seed, Stratum, Tolerance, TwoWay,
};

/// A company of two regions, north (Ann, Bo) and south (Cy), by three products; last year as the weights.
///
/// | | tea | oil | rice |
/// |---|---|---|---|
/// | Ann | 20 | 10 | 10 |
/// | Bo | 10 | 10 | 20 |
/// | Cy | 10 | 0 | 10 |
fn company() -> Result<(Seed, Vec<Node>), MarginsError> {
    let last_year = Seed::counts(3, 3, &[20, 10, 10, 10, 10, 20, 10, 0, 10])?;
    let nodes = vec![
        Node::root(),
        Node::under(0),
        Node::under(0),
        Node::under(1),
        Node::under(1),
        Node::under(2),
    ];
    Ok((last_year, nodes))
}

#[test]
fn territories_and_products_are_met_at_once() {
    let (last_year, mut nodes) = company().unwrap();
    // North has to make 90 and south 30; who in the north makes how much is left to the weights.
    nodes[1] = nodes[1].totalling(90);
    nodes[2] = nodes[2].totalling(30);
    let products = Marginal::flat([50, 30, 40]).unwrap();
    let plan = TwoWay::new(last_year, Marginal::tree(nodes).unwrap(), products).unwrap();
    assert_eq!(plan.total(), 120);

    // Cy sells no oil, so all 30 of it is north's, 15 each by the weights. South divides 30 and north 60 into tea and
    // rice: with x of the tea in the south, x : (30 - x) = 10 v : 10 w and (50 - x) : (10 + x) = 30 v : 30 w, so both
    // ratios are one and the same: x (10 + x) = (50 - x)(30 - x), hence 90 x = 1500 and x = 16 2/3.
    let fit = plan.fit(Tolerance::Quanta(1e-9)).unwrap();
    assert!((fit.value(2, 0) - 50.0 / 3.0).abs() < 1e-6);
    assert!((fit.value(0, 1) - 15.0).abs() < 1e-6);
    // North's 33 1/3 of tea go 2 : 1, its 26 2/3 of rice 1 : 2.
    assert!((fit.value(0, 0) - 200.0 / 9.0).abs() < 1e-6);
    assert!((fit.value(1, 2) - 160.0 / 9.0).abs() < 1e-6);

    // 22.22 11.11 | 8.89 17.78 | 16.67 13.33: of tea two cells and of rice one go down as they should; the cheapest way
    // to close is 22, 11, 17 of tea and 9, 18, 13 of rice.
    let table = fit.close(Closing::LeastChange).unwrap();
    let cells: Vec<Vec<i64>> = (0..3)
        .map(|row| table.row(row).map(|(_, quanta)| quanta).collect())
        .collect();
    assert_eq!(cells, [[22, 15, 9], [11, 15, 18], [17, 0, 13]]);
    let people = table
        .node_totals(Orientation::Rows, plan.marginal(Orientation::Rows))
        .unwrap();
    assert_eq!(people, [120, 90, 30, 46, 44, 30]);
}

#[test]
fn what_a_region_cannot_sell_is_proved() {
    let (last_year, mut nodes) = company().unwrap();
    // South has to make 60, but sells no oil, and of tea at most 15; rice is planned at 40 in all.
    nodes[1] = nodes[1].totalling(60);
    nodes[2] = nodes[2].totalling(60);
    let plan = TwoWay::new(
        last_year,
        Marginal::tree(nodes).unwrap(),
        Marginal::flat([50, 30, 40]).unwrap(),
    )
    .unwrap()
    .bounded(2, 0, Bound::at_most(15))
    .unwrap();
    let Err(MarginsError::Impossible { blocked }) = plan.solve(Closing::LeastChange) else {
        panic!("not refused");
    };
    let nodes = |parts: &[Stratum]| parts.iter().filter_map(Stratum::node).collect::<Vec<_>>();
    assert_eq!(
        (blocked.axis(), nodes(blocked.needing())),
        (Orientation::Rows, vec![2])
    );
    // 60 needed: 40 of rice and 15 of tea are open.
    assert_eq!(nodes(blocked.offering()), [2]);
    assert_eq!(
        (blocked.needed(), blocked.available(), blocked.maxima()),
        (60, 55, 15)
    );
}

/// Rows of 10 over columns of -5, -15 and 40. The first round makes each row -5, -5 and 20: the column above zero is met, and those
/// below are not.
#[test]
fn a_share_of_a_margin_below_zero_is_asked_for_as_well() {
    let stated = TwoWay::new(
        Seed::counts(2, 3, &[1, 1, 100, 1, 1, 100]).unwrap(),
        Marginal::flat(vec![10, 10]).unwrap(),
        Marginal::flat(vec![-5, -15, 40]).unwrap(),
    )
    .unwrap();
    let fit = stated.fit(Tolerance::Relative(1e-6)).unwrap();
    assert!(fit.error() < 1e-3, "{}", fit.error());
    for row in 0..2 {
        for (column, wanted) in [-2.5, -7.5, 20.0].into_iter().enumerate() {
            let found = fit.value(row, column);
            assert!((found - wanted).abs() < 1e-3, "{found} for {wanted}");
        }
    }
    // A column of zero with sales and returns in it is asked for too.
    let stated = TwoWay::new(
        Seed::counts(2, 2, &[3, 1, 1, 1]).unwrap(),
        Marginal::flat(vec![6, -6]).unwrap(),
        Marginal::flat(vec![0, 0]).unwrap(),
    )
    .unwrap();
    let fit = stated.fit(Tolerance::Relative(1e-6)).unwrap();
    for column in 0..2 {
        let total = fit.value(0, column) + fit.value(1, column);
        assert!(total.abs() < 1e-4, "{total}");
    }
}
