//! What a pack watches, and what it says of one operand.

use serde::{Deserialize, Serialize};

use super::said::both;
use crate::key::Key;
use crate::text::Texts;

/// What is wrong in a company that manages results only, and what a pack therefore looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Symptom {
    /// Problems are found late, and not solved.
    ProblemResolution,
    /// Prices are in disorder and profit falls (价格混乱).
    PriceControl,
    /// Dealers lose motivation and loyalty.
    DealerMotivation,
    /// Goods are sold in territories that are not theirs (窜货).
    CrossTerritorySelling,
    /// Receivables are too high (应收账款).
    Receivables,
    /// Salespeople act without a plan and are not assessed.
    PlanningAndAssessment,
    /// Nothing assures that the plan is carried out.
    PlanExecution,
    /// Nobody sees what goes on.
    ProcessVisibility,
    /// Little is done, and at high cost (人效).
    SalesProductivity,
    /// The team is unstable, short of people or untrained.
    TeamStability,
    /// The network shrinks and market share falls.
    NetworkHealth,
    /// Effort or money may be leaving the company, and what leavers leave behind.
    LoyaltyRisk,
    /// Sales are pulled forward at the cost of the market (压货).
    ChannelStuffing,
    /// Nearly everybody misses, or nobody does: the target itself is in doubt.
    TargetSoundness,
    /// A favourable deviation: a market opens up (市场机会).
    MarketOpportunity,
}

impl Symptom {
    /// All, in the order of the packs; opportunities come last.
    pub const ALL: [Self; 15] = [
        Self::ProblemResolution,
        Self::PriceControl,
        Self::DealerMotivation,
        Self::CrossTerritorySelling,
        Self::Receivables,
        Self::PlanningAndAssessment,
        Self::PlanExecution,
        Self::ProcessVisibility,
        Self::SalesProductivity,
        Self::TeamStability,
        Self::NetworkHealth,
        Self::LoyaltyRisk,
        Self::ChannelStuffing,
        Self::TargetSoundness,
        Self::MarketOpportunity,
    ];

    /// Returns the key of its pack, which is also the tag of the pack's rules: `price_control`.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.identity().0
    }

    /// Returns what it is called.
    #[must_use]
    pub fn title(self) -> Texts {
        let (_, english, chinese) = self.identity();
        both((english, chinese))
    }

    fn identity(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ProblemResolution => (
                "problem_resolution",
                "Problems found late and not solved",
                "问题发现晚、解决不力",
            ),
            Self::PriceControl => (
                "price_control",
                "Price disorder, falling profit",
                "价格混乱、利润下降",
            ),
            Self::DealerMotivation => (
                "dealer_motivation",
                "Dealers losing motivation",
                "经销商积极性、忠诚度不足",
            ),
            Self::CrossTerritorySelling => {
                ("cross_territory_selling", "Cross-territory selling", "窜货")
            }
            Self::Receivables => ("receivables", "Receivables too high", "应收账款居高不下"),
            Self::PlanningAndAssessment => (
                "planning_and_assessment",
                "Selling without plan or assessment",
                "销售无计划、无考核",
            ),
            Self::PlanExecution => (
                "plan_execution",
                "Plan execution not assured",
                "计划执行缺乏保障",
            ),
            Self::ProcessVisibility => ("process_visibility", "Process not visible", "过程不透明"),
            Self::SalesProductivity => (
                "sales_productivity",
                "Low productivity, high selling cost",
                "人效低、费用高",
            ),
            Self::TeamStability => (
                "team_stability",
                "Unstable, untrained team",
                "队伍不稳定、缺乏培训",
            ),
            Self::NetworkHealth => (
                "network_health",
                "Network shrinking, share falling",
                "网络萎缩、份额下降",
            ),
            Self::LoyaltyRisk => ("loyalty_risk", "Loyalty risk", "忠诚度风险"),
            Self::ChannelStuffing => ("channel_stuffing", "Channel stuffing", "压货"),
            Self::TargetSoundness => (
                "target_soundness",
                "Nearly everybody misses: targets in doubt",
                "普遍未达标，目标存疑",
            ),
            Self::MarketOpportunity => ("market_opportunity", "Market opportunities", "市场机会"),
        }
    }
}

/// Whose panel a rule watches: what its subjects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Watch {
    /// Dealers, or whoever buys: the panel of customers.
    Dealer,
    /// Salespeople.
    Person,
    /// Teams, territories, departments, the company: whatever has people below it.
    Team,
    /// Initiatives and programmes.
    Initiative,
}

impl Watch {
    /// All.
    pub const ALL: [Self; 4] = [Self::Dealer, Self::Person, Self::Team, Self::Initiative];
}

/// What goes with a shipped rule and is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Whose panel it watches.
    pub watch: Watch,
    /// The kinds of records that its figures are made from.
    pub records: Vec<Key>,
    /// Why it is there, and where its defaults come from.
    pub reason: Texts,
}
