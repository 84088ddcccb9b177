//! The wording that comes with the library.

use super::Phrase;
use crate::text::Lang;

/// Returns a phrase in a language that ships.
pub(super) fn shipped(phrase: Phrase, language: Lang) -> Option<&'static str> {
    let at = [Lang::EN, Lang::ZH]
        .iter()
        .position(|shipped| *shipped == language)?;
    Some(both(phrase)[at])
}

/// English and Chinese.
fn both(phrase: Phrase) -> [&'static str; 2] {
    match phrase {
        Phrase::Head => ["{card}: {subject}, {period}", "{card}：{subject}，{period}"],
        Phrase::Group => [
            "{group}: {points} points × {share} = {contribution}",
            "{group}：{points} 分 × {share} = {contribution}",
        ],
        Phrase::Kpi => [
            "  {kpi} (weight {share}): {input}: {points} points",
            "  {kpi}（权重 {share}）：{input}，得 {points} 分",
        ],
        Phrase::KpiMissing => [
            "  {kpi}: {reason}; {policy} ({points})",
            "  {kpi}：{reason}；{policy}（{points}）",
        ],
        Phrase::Item => [
            "{kpi}: {input}: {points} points",
            "{kpi}（加减分）：{input}，{points} 分",
        ],
        Phrase::Compared => [
            "actual {actual}, target {target}, attainment {attained}",
            "实际 {actual}，目标 {target}，完成率 {attained}",
        ],
        Phrase::Prorated => [
            "actual {actual}, target {target} × {share}, attainment {attained}",
            "实际 {actual}，目标 {target} × {share}，完成率 {attained}",
        ],
        Phrase::Progressed => [
            "actual {actual}, from {baseline} to target {target}, attainment {attained}",
            "实际 {actual}，起点 {baseline}，目标 {target}，完成率 {attained}",
        ],
        Phrase::Plain => ["{actual}", "实际 {actual}"],
        Phrase::GateShut => [
            "gate “{name}” not met: {found}",
            "门槛“{name}”未达到：{found}",
        ],
        Phrase::VetoStrikes => [
            "veto “{name}” applies: {found}",
            "触发一票否决“{name}”：{found}",
        ],
        Phrase::Sum => [
            "weighted {weighted} + bonus {bonus} - deduction {deduction} = {rounded}",
            "加权 {weighted} + 加分 {bonus} - 扣分 {deduction} = {rounded}",
        ],
        Phrase::Total => ["total {total}, grade {grade}", "总分 {total}，等级 {grade}"],
        Phrase::TotalPlain => ["total {total}", "总分 {total}"],
        Phrase::NoTotal => ["no total: {reason}", "无总分：{reason}"],
        Phrase::Proposed => [
            "{consequence} proposed for {subject} in {period}, to be carried out by {due}",
            "建议对 {subject}（{period}）实行：{consequence}，{due} 前兑现",
        ],
        Phrase::Redistributed => ["weight moved to the other KPIs", "权重分摊到其他指标"],
        Phrase::Given => ["fixed points", "按规则计固定分"],
        Phrase::Kept => ["points carried over from an earlier period", "沿用前期得分"],
        Phrase::Unscored => ["no total is given", "不计总分"],
        Phrase::TooManyKpis => [
            "{count} KPIs: too many to focus on; keep the few that matter",
            "指标共 {count} 个，过多，重点不清，建议精简",
        ],
        Phrase::NoWeight => [
            "{kpi} weighs only {share}: raise its weight or drop it",
            "{kpi} 权重仅 {share}，起不到作用，建议提高或取消",
        ],
        Phrase::Jump => [
            "points of {kpi} jump at {at}: {below} just below, {on} at it, {above} just above; moves the total by {total}",
            "{kpi} 在 {at} 处得分突变：略低 {below} 分，正好 {on} 分，略高 {above} 分；影响总分 {total} 分",
        ],
        Phrase::TableStep => [
            "{kpi}: neighbouring cells of its table differ by {step} points; moves the total by {total}",
            "{kpi} 评分表相邻两格相差 {step} 分；影响总分 {total} 分",
        ],
        Phrase::Perverse => [
            "{kpi} gives fewer points for better results",
            "{kpi} 结果更好，得分反而更低",
        ],
        Phrase::Indifferent => [
            "{kpi} gives the same points whatever the result",
            "{kpi} 无论结果如何得分都一样",
        ],
        Phrase::NothingToGainAbove => [
            "{kpi} adds no points above {at}: results may be held back for the next period",
            "{kpi} 超过 {at} 后不再加分，可能有人把业绩留到下期",
        ],
        Phrase::NothingToLoseBelow => [
            "{kpi} loses no points below {at}: who cannot reach it may give up the period",
            "{kpi} 低于 {at} 后不再扣分，达不到的人可能放弃本期",
        ],
        Phrase::Uninfluenced => [
            "{share} of the card rests on KPIs that the person can hardly influence: {kpis}",
            "总分的 {share} 取决于本人难以影响的指标：{kpis}",
        ],
        Phrase::CountedTwice => [
            "{kpi} and {other} both count {metric}",
            "{kpi} 与 {other} 重复计算 {metric}",
        ],
        Phrase::SilencePays => [
            "{kpi} can give more points for recording less or nothing; use an activity as its gate",
            "{kpi}：少记或不记录反而可能多得分，应以活动量作为门槛",
        ],
        Phrase::ZeroTarget => [
            "{kpi} has targets of zero ({count}): each is either met or missed, with nothing in between",
            "{kpi} 有 {count} 个目标为零：只有达成与未达成之分",
        ],
        Phrase::TargetWithoutKpi => [
            "{metric} has a target but no KPI",
            "{metric} 有目标，但没有纳入考核",
        ],
        Phrase::NoColumn => [
            "{kpi} needs {metric}, for which there is no data",
            "{kpi} 需要 {metric}，但没有该项数据",
        ],
        Phrase::NeverKnown => ["{kpi} has never had data", "{kpi} 从未有过数据"],
        Phrase::NeverMoves => [
            "{kpi} has given everybody the same points in every period: it does not distinguish",
            "{kpi} 各期人人同分，没有区分度",
        ],
        Phrase::RunTogether => [
            "{kpi} and {other} move together (correlation {correlation}): they probably measure the same thing",
            "{kpi} 与 {other} 同步变动（相关系数 {correlation}），可能重复考核",
        ],
        Phrase::SharedNumerator => [
            "{kpi} and {other} have the same numerator",
            "{kpi} 与 {other} 的分子相同",
        ],
        Phrase::GainsByWaiting => [
            "{subject} would have gained {gain} points by holding back {moved} of {kpi} from {period} to the next period",
            "{subject} 若把 {period} 的 {kpi} 中 {moved} 留到下期，可多得 {gain} 分",
        ],
        Phrase::CountedTwiceAcross => [
            "{owner} ({kpi}) and {other_owner} ({other}) both count {metric}, and it is not declared as shared",
            "{owner}（{kpi}）与 {other_owner}（{other}）重复计算 {metric}，且未声明共担",
        ],
        Phrase::SharedAlone => [
            "{owner} shares {kpi} with {with}, whose card does not include it",
            "{owner} 声明与 {with} 共担 {kpi}，但 {with} 并不考核它",
        ],
        Phrase::SharedUnequal => [
            "{owner} ({kpi}) and {other_owner} ({other}) share {metric} and compare it with different things",
            "{owner}（{kpi}）与 {other_owner}（{other}）共担 {metric}，但比较的目标不同",
        ],
        Phrase::Unfair => [
            "the average scores of groups {lowest} and {highest} differ by {apart} points: targets may not be equally hard",
            "{lowest} 组与 {highest} 组平均分相差 {apart} 分，目标难易可能不均",
        ],
    }
}
