//! The wording that comes with the library, in two languages.

use super::{Phrase, Templates};

impl Templates {
    /// Returns the English wording.
    #[must_use]
    pub fn english() -> Self {
        let text = |phrase: Phrase| match phrase {
            Phrase::Head => "{card}: {subject}, {period}",
            Phrase::Group => "{group}: {points} points x {share} = {contribution}",
            Phrase::Kpi => "  {kpi} ({share}): {input} gives {points} points",
            Phrase::KpiMissing => "  {kpi}: {reason}; {policy} ({points})",
            Phrase::Item => "{kpi}: {input} gives {points} points",
            Phrase::Compared => "{actual} against {target} is {attained}",
            Phrase::Prorated => "{actual} against {target} x {share} is {attained}",
            Phrase::Progressed => "{actual} on the way from {baseline} to {target} is {attained}",
            Phrase::Plain => "{actual}",
            Phrase::GateShut => "gate `{name}` is shut: {found}",
            Phrase::VetoStrikes => "veto `{name}` strikes: {found}",
            Phrase::Sum => {
                "weighted {weighted} + bonus {bonus} - deduction {deduction} = {rounded}"
            }
            Phrase::Total => "total {total}, grade {grade}",
            Phrase::TotalPlain => "total {total}",
            Phrase::NoTotal => "no total: {reason}",
            Phrase::NoBase => "there is nothing to compare with",
            Phrase::NothingRecorded => "nothing was recorded",
            Phrase::NotApplicable => "it does not apply",
            Phrase::NotYetDue => "it is not yet known",
            Phrase::OutOfRange => "the number is too large",
            Phrase::Redistributed => "the weight goes to the others",
            Phrase::Given => "fixed points",
            Phrase::Kept => "points of an earlier period",
            Phrase::Unscored => "the card stays without a total",
            Phrase::TooManyKpis => "{count} KPIs are more than anybody keeps in mind",
            Phrase::NoWeight => "{kpi} is {share} of the card: too little to move anybody",
            Phrase::Jump => {
                "{kpi} jumps at {at}: {below} points just below, {on} on it, {above} just above; {total} of the total"
            }
            Phrase::TableStep => {
                "{kpi} jumps by {step} points between neighbouring cells of its table; {total} of the total"
            }
            Phrase::Perverse => "{kpi} gives fewer points for better results",
            Phrase::Indifferent => "{kpi} gives the same points whatever is done",
            Phrase::NothingToGainAbove => {
                "{kpi} brings nothing more above {at}: who is there gains by waiting for the next period"
            }
            Phrase::NothingToLoseBelow => {
                "{kpi} loses nothing more below {at}: who cannot reach it gains by giving up"
            }
            Phrase::Uninfluenced => {
                "{share} of the card stands on what the scored person can hardly influence: {kpis}"
            }
            Phrase::CountedTwice => "{kpi} and {other} both count {metric}",
            Phrase::SilencePays => {
                "{kpi}: who records nothing, or less, can get more points; let an activity open it"
            }
            Phrase::ZeroTarget => {
                "{kpi} has targets of zero ({count}): they are met or missed, and nothing between"
            }
            Phrase::TargetWithoutKpi => "there is a target for {metric}, and no KPI looks at it",
            Phrase::NoColumn => "{kpi} needs {metric}, which the panel does not have",
            Phrase::NeverKnown => "{kpi} has never had a number",
            Phrase::NeverMoves => "{kpi} has given everybody the same points in every period",
            Phrase::RunTogether => {
                "{kpi} and {other} run together (correlation {correlation}): they count the same thing"
            }
            Phrase::SharedNumerator => "{kpi} and {other} have the same figures above the line",
            Phrase::GainsByWaiting => {
                "{subject} would have gained {gain} points by keeping {moved} of {kpi} back from {period} until the next period"
            }
            Phrase::CountedTwiceAcross => {
                "{owner} ({kpi}) and {other_owner} ({other}) both count {metric}, and it is not declared as shared"
            }
            Phrase::SharedAlone => {
                "{owner} shares {kpi} with {with}, whose card does not look at it"
            }
            Phrase::SharedUnequal => {
                "{owner} ({kpi}) and {other_owner} ({other}) share {metric} and compare it with different things"
            }
            Phrase::Unfair => {
                "the means of groups {lowest} and {highest} lie {apart} points apart: the targets of one are easier"
            }
        };
        Self(
            Phrase::ALL
                .iter()
                .map(|phrase| (*phrase, text(*phrase).to_owned()))
                .collect(),
        )
    }

    /// Returns the Chinese wording.
    #[must_use]
    pub fn chinese() -> Self {
        let text = |phrase: Phrase| match phrase {
            Phrase::Head => "{card}：{subject}，{period}",
            Phrase::Group => "{group}：{points} 分 × {share} = {contribution}",
            Phrase::Kpi => "  {kpi}（权重 {share}）：{input}，得 {points} 分",
            Phrase::KpiMissing => "  {kpi}：{reason}；{policy}（{points}）",
            Phrase::Item => "{kpi}（加减分）：{input}，{points} 分",
            Phrase::Compared => "实际 {actual}，目标 {target}，完成 {attained}",
            Phrase::Prorated => "实际 {actual}，目标 {target} × {share}，完成 {attained}",
            Phrase::Progressed => "实际 {actual}，基数 {baseline}，目标 {target}，完成 {attained}",
            Phrase::Plain => "实际 {actual}",
            Phrase::GateShut => "门槛“{name}”未达到：{found}",
            Phrase::VetoStrikes => "一票否决“{name}”：{found}",
            Phrase::Sum => "加权 {weighted} + 加分 {bonus} - 扣分 {deduction} = {rounded}",
            Phrase::Total => "总分 {total}，等级 {grade}",
            Phrase::TotalPlain => "总分 {total}",
            Phrase::NoTotal => "无总分：{reason}",
            Phrase::NoBase => "没有可比的基数",
            Phrase::NothingRecorded => "没有记录",
            Phrase::NotApplicable => "不适用",
            Phrase::NotYetDue => "尚未到期",
            Phrase::OutOfRange => "数值超出范围",
            Phrase::Redistributed => "权重分给其他指标",
            Phrase::Given => "按规定给分",
            Phrase::Kept => "沿用前期得分",
            Phrase::Unscored => "不评总分",
            Phrase::TooManyKpis => "共 {count} 个指标，多得无人记得住",
            Phrase::NoWeight => "{kpi} 只占总分的 {share}，起不到作用",
            Phrase::Jump => {
                "{kpi} 在 {at} 处跳变：之下 {below} 分，正好 {on} 分，之上 {above} 分；影响总分 {total} 分"
            }
            Phrase::TableStep => "{kpi} 的表格相邻两格相差 {step} 分；影响总分 {total} 分",
            Phrase::Perverse => "{kpi} 结果更好，得分反而更低",
            Phrase::Indifferent => "{kpi} 无论做得怎样得分都一样",
            Phrase::NothingToGainAbove => "{kpi} 超过 {at} 后不再加分：到顶的人会把业绩留到下期",
            Phrase::NothingToLoseBelow => "{kpi} 低于 {at} 后不再扣分：达不到的人会放弃本期",
            Phrase::Uninfluenced => "总分的 {share} 取决于本人难以影响的指标：{kpis}",
            Phrase::CountedTwice => "{kpi} 与 {other} 重复计算 {metric}",
            Phrase::SilencePays => "{kpi}：少记或不记录反而可能多得分，应以活动量作为门槛",
            Phrase::ZeroTarget => "{kpi} 有 {count} 个目标为零：只有达成与未达成之分",
            Phrase::TargetWithoutKpi => "{metric} 有目标，却没有指标考核",
            Phrase::NoColumn => "{kpi} 需要 {metric}，数据中没有",
            Phrase::NeverKnown => "{kpi} 从未有过数值",
            Phrase::NeverMoves => "{kpi} 各期人人同分，从未变化",
            Phrase::RunTogether => {
                "{kpi} 与 {other} 同步变动（相关系数 {correlation}），实为同一件事"
            }
            Phrase::SharedNumerator => "{kpi} 与 {other} 的分子相同",
            Phrase::GainsByWaiting => {
                "{subject} 若把 {period} 的 {kpi} 留 {moved} 到下期，可多得 {gain} 分"
            }
            Phrase::CountedTwiceAcross => {
                "{owner}（{kpi}）与 {other_owner}（{other}）重复计算 {metric}，且未声明共担"
            }
            Phrase::SharedAlone => "{owner} 声明与 {with} 共担 {kpi}，但 {with} 并不考核它",
            Phrase::SharedUnequal => {
                "{owner}（{kpi}）与 {other_owner}（{other}）共担 {metric}，但比较的目标不同"
            }
            Phrase::Unfair => {
                "第 {lowest} 组与第 {highest} 组的平均分相差 {apart} 分：目标难易不均"
            }
        };
        Self(
            Phrase::ALL
                .iter()
                .map(|phrase| (*phrase, text(*phrase).to_owned()))
                .collect(),
        )
    }
}
