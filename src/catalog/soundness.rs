//! Ready rules that judge targets when they are set, before anybody sells: whether they are sound, and whether they ask for too little.

use crate::band::{Bands, Owner};
use crate::catalog::error::PackError;
use crate::catalog::packs::constant;
use crate::key::Key;
use crate::rule::{Grade, Grading, RuleDef, RulePack, Severity};
use crate::text::{Lang, Texts};

/// One rule: its name, condition, parameters and severity, what grades it, and what people read in English and Chinese.
struct Finding {
    key: &'static str,
    when: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    severity: Severity,
    /// What is sized, and below which size it is grave.
    grave: Option<(&'static str, &'static str)>,
    title: (&'static str, &'static str),
    message: (&'static str, &'static str),
    action: (&'static str, &'static str),
}

const FINDINGS: [Finding; 6] = [
    Finding {
        key: "growth_seldom_reached",
        when: "sales.growth_known >= $periods and sales.growth_reached / sales.growth_known < $share",
        parameters: &[("periods", "8"), ("share", "25%")],
        severity: Severity::Warning,
        grave: Some(("sales.growth_reached / sales.growth_known", "5%")),
        title: ("Growth seldom reached before", "增幅历史上很少达到"),
        message: (
            "The target of {subject} in {period}, {target:sales}, asks for growth over last year that was reached in {sales.growth_reached} of {sales.growth_known} periods",
            "{subject} {period} 目标 {target:sales}，其同比增幅在过去 {sales.growth_known} 期中只达到过 {sales.growth_reached} 次",
        ),
        action: (
            "Write down what is different this time (orders in hand, new people, a new market), or lower the target",
            "写明这次有何不同（在手订单、新增人手、新市场），否则下调目标",
        ),
    },
    Finding {
        key: "growth_always_reached",
        when: "sales.growth_known >= $periods and sales.growth_reached / sales.growth_known > $share and target(sales) / last_year(sales) < $growth",
        parameters: &[("periods", "8"), ("share", "95%"), ("growth", "102%")],
        severity: Severity::Info,
        grave: None,
        title: ("Target without stretch", "目标没有挑战性"),
        message: (
            "The target of {subject} in {period}, {target:sales}, is less than {growth} of a year before, though that was reached in {sales.growth_reached} of {sales.growth_known} periods",
            "{subject} {period} 目标 {target:sales}，不到上年同期的 {growth}，而这样的增幅在过去 {sales.growth_known} 期中达到过 {sales.growth_reached} 次",
        ),
        action: (
            "Raise it towards what the best periods showed, or put the spare effort where the market opens",
            "参照历史较好水平适当提高，或把余力投向机会市场",
        ),
    },
    Finding {
        key: "target_off_season",
        when: "sales.season_shift > $most or sales.season_shift < $least",
        parameters: &[("most", "150%"), ("least", "67%")],
        severity: Severity::Warning,
        grave: None,
        title: ("Target off season", "目标与季节规律不符"),
        message: (
            "The part of its year that {subject} is to reach in {period} is {sales.season_shift} of what it was the year before",
            "{subject} {period} 目标占全年的比重为上年同期比重的 {sales.season_shift}",
        ),
        action: (
            "Split the year by last year's season, or say which event moves it",
            "按上年季节规律分解，或说明是什么活动改变了节奏",
        ),
    },
    Finding {
        key: "target_uneven_by_potential",
        when: "from_median(target(sales) / potential) / (target(sales) / potential - from_median(target(sales) / potential)) > $above \
               or from_median(target(sales) / potential) / (target(sales) / potential - from_median(target(sales) / potential)) < $below",
        parameters: &[("above", "50%"), ("below", "-50%")],
        severity: Severity::Warning,
        grave: None,
        title: ("Target uneven by potential", "目标与市场潜力不匹配"),
        message: (
            "The target of {subject} in {period}, {target:sales} for a potential of {potential}, is far from what the others have for theirs",
            "{subject} {period} 目标 {target:sales}，市场潜力 {potential}，目标与潜力之比明显偏离同级",
        ),
        action: (
            "Shift targets or territories until both follow the potential",
            "调整目标或区域划分，使其与潜力相称",
        ),
    },
    Finding {
        key: "target_needs_more_hours",
        when: "target(sales) / last_year(sales) / (target(hours) / last_year(hours)) > $share",
        parameters: &[("share", "125%")],
        severity: Severity::Serious,
        grave: None,
        title: ("Target beyond capacity", "目标超出人力"),
        message: (
            "{subject} has {target:hours} for a target of {target:sales} in {period}: an hour would have to bring far more than a year before",
            "{subject} {period} 目标 {target:sales}，可用工时 {target:hours}，每小时产出须远高于上年同期",
        ),
        action: (
            "Add people or hours, find what makes an hour worth more, or lower the target",
            "增加人手或工时，找到提高单位产出的办法，否则下调目标",
        ),
    },
    Finding {
        key: "expense_target_above_ceiling",
        when: "target(expense) / target(sales) > $ceiling",
        parameters: &[("ceiling", "12%")],
        severity: Severity::Serious,
        grave: None,
        title: ("Expense target above its ceiling", "费用预算超过上限"),
        message: (
            "{subject} is to spend {target:expense} for {target:sales} in {period}: more than the ceiling of {ceiling}",
            "{subject} {period} 费用预算 {target:expense}，销售目标 {target:sales}，超过上限 {ceiling}",
        ),
        action: (
            "Cut the budget to the ceiling, or have the exception agreed in writing",
            "把预算压回上限，或书面批准例外",
        ),
    },
];

/// Returns the rules that judge targets when they are set, of people, teams and territories alike, in quarters, months or years: growth
/// against the own history, too little stretch, a season that is another one than the year before, targets that do not follow the
/// potential, capacity in hours, and expense against its ceiling.
///
/// They read `sales` and `target:sales` and what [`target_history_columns`](crate::statistics::target_history_columns) adds of them; a rule whose figures
/// a company does not have (`potential`, `hours`, `target:hours`, `target:expense`) is left out by
/// [`RuleSet::fitting`](crate::rule::RuleSet::fitting). Thresholds are parameters, set like those of every pack ([`RulePack::set`]).
/// What a finding says, in numbers and in both languages, what to do and how grave it is are those of an [`Alert`](crate::rule::Alert).
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::catalog::sound_targets;
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::rule::RuleSet;
/// use quotaflow::space::Subjects;
/// use quotaflow::statistics::target_history_columns;
/// use quotaflow::text::Locale;
/// let quarters = Calendar::gregorian().periods(Grain::Quarter, "2023-01-01".parse()?, "2027-01-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), quarters).as_of_day("2025-12-31".parse()?);
/// // About 5 % more every year; 20 % more are asked for.
/// let mut sold: Vec<i64> = vec![100, 120, 90, 200, 104, 127, 94, 211, 110, 132, 99, 221];
/// let targets = [vec![0; 12], vec![132, 158, 119, 265]].concat();
/// sold.resize(16, 0);
/// for (key, units) in [(ColumnKey::actual("sales")?, sold), (ColumnKey::target("sales")?, targets)] {
///     panel.add(Column::amounts(key, "money:EUR".parse()?, Quantum::ONE, units))?;
/// }
/// panel.extend(target_history_columns(&ColumnKey::actual("sales")?))?;
/// let (rules, _) = RuleSet::fitting(sound_targets()?.rules, &panel)?;
/// let found = rules.evaluate(&panel, panel.periods().id("2026-Q4")?)?;
/// assert_eq!(
///     found[0].explain(&rules, &panel)?.message(&Locale::EN),
///     "The target of all in 2026-Q4, EUR 265, asks for growth over last year that was reached in 0 of 8 periods"
/// );
/// # Ok::<(), quotaflow::Error>(())
/// ```
///
/// # Errors
/// None with the rules as shipped, which the tests read.
pub fn sound_targets() -> Result<RulePack, PackError> {
    let rules = FINDINGS.iter().map(Finding::rule);
    let mut pack = RulePack::new("sound_targets", rules.collect::<Result<_, _>>()?)?;
    pack.title = texts(("Sound targets", "目标合理性"));
    Ok(pack)
}

impl Finding {
    fn rule(&self) -> Result<RuleDef, PackError> {
        let key = Key::new(self.key)?;
        let unread = |text: &str| {
            let (rule, text) = (key.clone(), text.to_owned());
            move |cause| PackError::Text { rule, text, cause }
        };
        let when = self.when.parse().map_err(unread(self.when))?;
        let mut rule = RuleDef::new(self.key, when)?
            .severity(self.severity)
            .saying(Lang::EN, self.message.0)
            .saying(Lang::ZH, self.message.1)
            .advising(Lang::EN, self.action.0)
            .advising(Lang::ZH, self.action.1);
        rule.title = texts(self.title);
        for (name, text) in self.parameters {
            rule = rule.with(name, constant(&key, text)?)?;
        }
        if let Some((of, below)) = self.grave {
            let of = of.parse().map_err(unread(of))?;
            let edges = vec![(constant(&key, below)?.value, self.severity)];
            if let Ok(bands) = Bands::from_edges(Severity::Serious, edges, Owner::Upper) {
                let unknown = self.severity;
                rule.severity = Grade::By(Grading { of, bands, unknown });
            }
        }
        Ok(rule)
    }
}

fn texts((english, chinese): (&str, &str)) -> Texts {
    Texts::new(Lang::EN, english).and(Lang::ZH, chinese)
}
