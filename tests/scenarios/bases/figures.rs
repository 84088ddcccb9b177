//! Who has no figure: those above whom there is nobody, those whom a gate asks, and what counts for them instead.

use super::kept::gate;
use super::*;
use quotaflow::space::Unassigned;

/// Ann in t1 and bo right below the pool: bo has no team.
fn pool() -> Space {
    let mut people = DimensionDef::new("rep", &["pool", "team", "rep"]).unwrap();
    people = people.member("pool", "all").unwrap();
    people = people.child("team", "t1", "all").unwrap();
    people = people.child("rep", "ann", "t1").unwrap();
    people = people.child("rep", "bo", "all").unwrap();
    Space::new(vec![people]).unwrap()
}

#[test]
fn who_has_no_team_and_no_figure_is_refused_or_told_as_everybody_is() {
    let by = |missing, figures: &[(&str, i64)]| {
        let team = StepDef::member("rep", "team").unwrap();
        let team = team.basis(BasisDef::History(total("sold").missing(missing)));
        let def = recipe().step(team).step(reps(BasisDef::Equal));
        run(&pool(), def, &[("sold", of_reps(figures))], 300)
    };
    let ann = [("ann", 100)];
    assert_eq!(
        by(MissingMember::Refuse, &ann).unwrap_err().to_string(),
        "the table `sold` has no figure for unassigned at step `team`: say by `missing` whether they weigh `zero`, an `equal_share` or a `weight`"
    );
    let plan = by(MissingMember::Zero, &ann).unwrap();
    assert_eq!(
        told(&plan),
        ["`sales`: `sold` has no figure for unassigned, which weighs nothing: 0 of 300"]
    );
    let plan = by(MissingMember::EqualShare, &ann).unwrap();
    assert_eq!(units(&plan, "team"), [150, 150]);
    let plan = by(MissingMember::Weight(50.into()), &ann).unwrap();
    let mut teams = units(&plan, "team");
    teams.sort_unstable();
    assert_eq!(teams, [100, 200]);
    // With a figure of bo there is nothing to tell.
    let plan = by(MissingMember::Refuse, &[("ann", 100), ("bo", 200)]).unwrap();
    assert_eq!(told(&plan), [] as [&str; 0]);
}

#[test]
fn a_gate_asks_for_figures_of_whoever_it_is_for() {
    // Migrations alone need seats: who is listed for expansion has none.
    let rows = [
        ("migration", "r1"),
        ("migration", "r2"),
        ("expansion", "r3"),
    ];
    let rows = rows.map(|(kind, rep)| vec![kind.try_into().unwrap(), rep.try_into().unwrap()]);
    let axes = vec![
        Axis::new("type", "type").unwrap(),
        Axis::new("rep", "rep").unwrap(),
    ];
    let combinations = Subjects::rows(axes, rows.to_vec()).unwrap();
    let (measures, space) = (measures(), teams());
    let run = |seats: &[(&str, i64)]| {
        let sources = Sources::new(&measures, &space)
            .combinations(combinations.clone())
            .table("seats".try_into().unwrap(), of_reps(seats));
        let migration = Place::whole().at("type", "migration").unwrap();
        let gate = gate("seats", GatedShare::ToEligible).at(migration);
        let def = recipe()
            .step(StepDef::member("type", "type").unwrap())
            .step(reps(BasisDef::Equal).gate(gate));
        Cascade::compile(def, &sources).and_then(|cascade| cascade.run(200.into()))
    };
    let plan = run(&[("r1", 1), ("r2", 0)]).unwrap();
    assert_eq!(units(&plan, "rep"), [100, 0, 100]);
    let error = run(&[("r1", 1)]).unwrap_err();
    assert!(error.to_string().contains("no figure for r2 at"), "{error}");
}

#[test]
fn what_counts_at_a_gate_for_whoever_has_no_figure_is_told() {
    let tables = [("tenure", of_reps(&[("r1", 12), ("r2", 6), ("r4", 5)]))];
    let by = |missing| {
        let gate = EligibilityGate::above_zero(total("tenure").missing(missing));
        let gate = gate.within("[6, ..)".parse().unwrap());
        flat(
            recipe().step(reps(BasisDef::Equal).gate(gate)),
            &tables,
            100,
        )
        .unwrap()
    };
    assert_eq!(
        told(&by(MissingMember::Zero)),
        [
            "`sales`: r3 is not eligible, without a figure in `tenure` and one of 0 not being in [6, ..): 25 of 100 go to those who are",
            "`sales`: r4 is not eligible, its `tenure` of 5 not being in [6, ..): 25 of 100 go to those who are",
        ]
    );
    assert_eq!(
        told(&by(MissingMember::Weight("6.5".parse().unwrap()))),
        [
            "`sales`: r3 is eligible, without a figure in `tenure` and one of 6.5 being in [6, ..): 33 of 100",
            "`sales`: r4 is not eligible, its `tenure` of 5 not being in [6, ..): 25 of 100 go to those who are",
        ]
    );
}

#[test]
fn what_is_nobodys_is_none_of_the_others_of_whom_one_has_an_equal_share() {
    // t1 and t2 and what is nobody's, which has no figure: it is none of those among whom shares are equal.
    let (measures, space) = (measures(), teams());
    let run = |figures: &[(&str, i64)]| {
        let rows = ["t1", "t2", "unassigned"].map(|team| vec![team.try_into().unwrap()]);
        let teams = Subjects::rows(vec![Axis::new("rep", "team").unwrap()], rows.to_vec()).unwrap();
        let sources = Sources::new(&measures, &space)
            .combinations(teams)
            .table("sold".try_into().unwrap(), of_reps(figures));
        let share = BasisDef::History(total("sold").missing(MissingMember::EqualShare));
        let mut def = recipe().step(StepDef::member("rep", "team").unwrap().basis(share));
        def.unassigned = Unassigned::Shown;
        let plan = Cascade::compile(def, &sources)
            .unwrap()
            .run(300.into())
            .unwrap();
        let mut teams = units(&plan, "team");
        teams.sort_unstable();
        (teams, plan.applied().len())
    };
    assert_eq!(run(&[]), (vec![0, 150, 150], 2));
    assert_eq!(run(&[("r1", 100)]), (vec![0, 150, 150], 1));
}

#[test]
fn an_inverse_is_a_part_of_a_blend_of_three_whatever_the_figures_are() {
    // Figures in cents of nine and ten digits that have no factor in common: their inverses need 64 bits, each of the others 35.
    let attained = [
        ("r1", 9_999_999_967),
        ("r2", 9_999_999_943),
        ("r3", 9_999_999_929),
        ("r4", 9_999_999_881),
    ];
    let tables = [
        ("attained", of_reps(&attained)),
        (
            "sold",
            of_reps(&[
                ("r1", 9_999_999_851),
                ("r2", 1),
                ("r3", 1),
                ("r4", 9_999_999_833),
            ]),
        ),
        (
            "kw",
            of_reps(&[
                ("r1", 1),
                ("r2", 9_999_999_817),
                ("r3", 9_999_999_787),
                ("r4", 3),
            ]),
        ),
    ];
    let part = |coefficient: &str, basis| BlendPart {
        coefficient: coefficient.parse().unwrap(),
        basis,
    };
    let basis = BasisDef::Blend(vec![
        part(
            "0.5",
            BasisDef::Inverse(Box::new(BasisDef::History(total("attained")))),
        ),
        part("0.25", BasisDef::History(total("sold"))),
        part("0.25", BasisDef::Potential(total("kw"))),
    ]);
    let plan = flat(recipe().step(reps(basis)), &tables, 8_000_000).unwrap();
    // Next to equal parts of one half; each of the others is next to a half of two.
    assert_eq!(units(&plan, "rep"), [2_000_000; 4]);
}
