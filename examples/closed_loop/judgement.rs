//! How the company judges: the review, the card and the rules.

use quotaflow::Error;

use quotaflow::key::Key;
use quotaflow::pace::{Days, Pace, Pacing};
use quotaflow::panel::ColumnKey;
use quotaflow::quantity::Ratio;
use quotaflow::review::{Focus, ReviewDef};
use quotaflow::rule::{Deviation, Operand, RuleDef, Severity};
use quotaflow::scorecard::{Benchmark, CurveDef, InputDef, KpiDef, ScorecardDef};
use quotaflow::text::Lang;

use crate::records::World;

pub fn review_def(world: &World) -> Result<ReviewDef, Error> {
    let by_working_days = || Pacing::Even(Days::Working(world.working_days.clone()));
    let paces = vec![
        Pace::new("sales", by_working_days())?,
        Pace::new("visits", by_working_days())?,
    ];
    Ok(ReviewDef::new(paces).driven("sales", "visits")?)
}

/// Results, actions and discipline on one card.
pub fn card() -> Result<ScorecardDef, Error> {
    let paced = |key: &str, weight| -> Result<KpiDef, Error> {
        let curve = CurveDef::through([("0.5", "0"), ("0.8", "60"), ("1", "100"), ("1.2", "120")])?;
        Ok(KpiDef::new(
            key,
            InputDef::rate(ColumnKey::actual(key)?, Benchmark::Pace),
            curve,
        )?
        .weigh(Ratio::percent(weight)))
    };
    let valued = |key: &str, weight, knots: [(&str, &str); 3]| -> Result<KpiDef, Error> {
        let input = InputDef::value(ColumnKey::actual(key)?);
        Ok(KpiDef::new(key, input, CurveDef::through(knots)?)?.weigh(Ratio::percent(weight)))
    };
    let results = vec![
        paced("sales", 70)?,
        valued(
            "overdue_to_sales",
            30,
            [("0", "100"), ("0.1", "80"), ("0.5", "0")],
        )?,
    ];
    let actions = vec![
        paced("visits", 50)?,
        valued(
            "cost_per_visit",
            20,
            [("50", "110"), ("70", "100"), ("140", "0")],
        )?,
        valued(
            "reports_on_time",
            30,
            [("0.5", "0"), ("0.9", "90"), ("1", "100")],
        )?,
    ];
    Ok(ScorecardDef::new("salesperson")?
        .group("results", Ratio::percent(60), results)?
        .group("actions", Ratio::percent(40), actions)?
        .grades("D", [("60", "C"), ("80", "B"), ("95", "A")])?)
}

pub fn rules() -> Result<Vec<RuleDef>, Error> {
    let metric = Operand::metric;
    let percent = Operand::percent;
    let of_pace = |name| metric(name).and_then(|actual| Ok(actual.per(Operand::expected(name)?)));
    let cost = Operand::amount(90, "money:CNY per count:visit".parse()?);
    Ok(vec![
        RuleDef::new(
            "prices below floor",
            metric("sold_below_floor")?.at_least(percent(10)),
        )?
        .severity(Severity::Critical)
        .saying(Lang::EN, "dealers of {subject} resell below the floor")
        .saying(Lang::ZH, "{subject} 的经销商低于底价销售")
        .advising(
            Lang::EN,
            "visit the dealers, stop their rebate, correct the price",
        )
        .advising(Lang::ZH, "走访经销商，停止返利，纠正价格"),
        RuleDef::new(
            "receivables pile up",
            metric("overdue_to_sales")?.above(percent(40)),
        )?
        .severity(Severity::Critical)
        .saying(
            Lang::EN,
            "overdue receivables of {subject} grow beyond two fifths of the quarter's sales",
        )
        .saying(Lang::ZH, "{subject} 逾期应收账款超过季度销售的四成")
        .advising(
            Lang::EN,
            "stop delivery on credit and collect with the manager",
        )
        .advising(Lang::ZH, "停止赊销，与经理一同催收"),
        RuleDef::new(
            "reports missing",
            metric("reports_on_time")?.below(percent(60)),
        )?
        .severity(Severity::Warning)
        .saying(Lang::EN, "{subject} does not hand in weekly plans on time")
        .saying(Lang::ZH, "{subject} 未按时提交周计划")
        .advising(Lang::EN, "talk it through this week")
        .advising(Lang::ZH, "本周面谈"),
        RuleDef::new("few visits", of_pace("visits")?.below(percent(70)))?
            .severity(Severity::Warning)
            .saying(Lang::EN, "{subject} visits too little")
            .saying(Lang::ZH, "{subject} 拜访量不足")
            .advising(Lang::EN, "plan the route of every day with the manager")
            .advising(Lang::ZH, "与经理一起制定每日拜访路线"),
        RuleDef::new("dear visits", metric("cost_per_visit")?.above(cost))?
            .severity(Severity::Info)
            .saying(Lang::EN, "a visit of {subject} costs too much")
            .saying(Lang::ZH, "{subject} 单次拜访成本过高")
            .advising(Lang::EN, "check expense claims and routes")
            .advising(Lang::ZH, "检查报销与路线"),
        RuleDef {
            deviation: Deviation::Favourable,
            ..RuleDef::new("ahead of pace", of_pace("sales")?.above(percent(115)))?
        }
        .severity(Severity::Info)
        .saying(Lang::EN, "{subject} is far ahead of the pace")
        .saying(Lang::ZH, "{subject} 进度大幅领先")
        .advising(Lang::EN, "find out what opened up and use it elsewhere")
        .advising(Lang::ZH, "分析原因并推广"),
    ])
}

/// A point of the focus in words.
pub fn point(focus: &Focus) -> String {
    let name = |key: &Key| key.to_string();
    match focus {
        Focus::Resolve { rule } => format!("resolve: {}", name(rule)),
        Focus::CatchUp { metric } => format!("catch up: {}", name(metric)),
        Focus::Use { rule } => format!("use: {}", name(rule)),
        _ => String::new(),
    }
}
