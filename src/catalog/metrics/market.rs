//! The market: share and growth, market information and how fresh it is, surveys.

use super::family;
use super::terms::{Made, distinct, of, open, share, sum, with};
use crate::metric::{Empty, Entities, Formula, Timeframe, Valued};

fn sold() -> Made {
    Formula::sum("sales", "order")
}

fn size() -> Made {
    let size = Valued::measure("market_sales", of("market_report")?)?;
    Ok(Formula::Sum(size.when_empty(Empty::NothingRecorded)))
}

fn answered(aware: &str) -> Made {
    Ok(Formula::Count(with("survey", "aware", aware)?))
}

/// Those who answered this question of the survey.
fn asked(question: &str) -> Made {
    let answered = crate::metric::Filter::has(question)?;
    Ok(Formula::Count(of("survey")?.only(answered)))
}

family! { "market";
    /// The size of the market, as reported.
    market_size: "money", Neutral, "market reports";
    size()?;
    "2026-03-31 market_report market_sales=5000" => "5000"

    /// Our sales as a share of the market's. Where the market is not reported: nothing recorded.
    market_share: "share", Larger, "";
    share(sold()?, size()?);
    "2026-03-02 order sales=1000",
    "2026-03-31 market_report market_sales=5000" => "0.2"

    /// Our pieces as a share of the market's.
    volume_share: "share", Larger, "";
    share(sum("volume", of("order_line")?)?, sum("market_volume", of("market_report")?)?);
    "2026-03-02 order_line volume=30",
    "2026-03-31 market_report market_volume=120" => "0.25"

    /// The change of market share against the period before, in percentage points (0.01 = 1 point).
    market_share_change: "share", Larger, "";
    share(sold()?, size()?).less(share(sold()?, size()?).earlier(1));
    "2026-02-02 order sales=500",
    "2026-02-28 market_report market_sales=5000",
    "2026-03-02 order sales=1000",
    "2026-03-31 market_report market_sales=5000" => "0.1"

    /// The change of the market against the period before.
    market_growth: "share", Neutral, "";
    size()?.growth(1);
    "2026-02-28 market_report market_sales=4000",
    "2026-03-31 market_report market_sales=5000" => "0.25"

    /// Our growth less the market's.
    growth_against_market: "share", Larger, "";
    sold()?.growth(1).less(size()?.growth(1));
    "2026-02-02 order sales=500",
    "2026-02-28 market_report market_sales=4000",
    "2026-03-02 order sales=1000",
    "2026-03-31 market_report market_sales=5000" => "0.75"

    /// Market observations handed in.
    market_information: "count:market_observation", Larger, "the second result of a salesperson";
    Formula::count("market_observation")?;
    "2 x 2026-03-02 market_observation person=ann topic=trend" => "2"

    /// Days since the last observation: how fresh the information is.
    market_information_age: "day", Smaller, "";
    Formula::Since(of("market_observation")?);
    "2026-03-21 market_observation topic=trend" => "10"

    /// The share of the five topics on which anything was observed in the last three periods.
    market_topic_coverage: "share", Larger, "own performance, competitors' quality, prices, assortment, trend";
    Formula::Distinct(Entities::values("topic", of("market_observation")?.in_window(Timeframe::Trailing(3)))?)
        .times(crate::quantity::Ratio::new(1, 5)?);
    "2026-01-21 market_observation topic=trend",
    "2 x 2026-03-21 market_observation topic=assortment" => "0.4"

    /// Customers observed as a share of the open accounts.
    market_customer_coverage: "share", Larger, "";
    share(distinct("customer", of("market_observation")?)?, open(None, of("account")?, "closed", None)?);
    "2026-01-01 account customer=c1",
    "2026-01-01 account customer=c2",
    "2026-03-21 market_observation customer=c2" => "0.5"

    /// Competitors' prices seen.
    competitor_prices: "count:price_observation", Larger, "";
    Formula::Count(with("price_observation", "whose", "competitor")?);
    "2026-03-02 price_observation whose=competitor tier=retail price=5" => "1"

    /// Days since a competitor's price was last seen.
    competitor_price_age: "day", Smaller, "";
    Formula::Since(with("price_observation", "whose", "competitor")?);
    "2026-03-11 price_observation whose=competitor tier=retail price=5" => "20"

    /// The mean score of the survey's answers. Of none: no base.
    satisfaction: "point", Larger, "survey_answers is its sample size";
    Formula::Mean(Valued::measure("score", of("survey")?)?);
    "2026-03-02 survey customer=c1 score=8",
    "2026-03-02 survey customer=c2 score=9" => "8.5"

    /// Answers of the survey: the sample size of its ratios.
    survey_answers: "count:survey", Neutral, "";
    Formula::count("survey")?;
    "3 x 2026-03-02 survey score=8" => "3"

    /// The share of those asked who know us.
    brand_awareness: "share", Larger, "";
    share(answered("yes")?, asked("aware")?);
    "2026-03-02 survey aware=yes",
    "3 x 2026-03-02 survey aware=no",
    "2026-03-02 survey score=4" => "0.25"

    /// Those asked whether they know us: the sample size of awareness.
    awareness_answers: "count:survey", Neutral, "";
    asked("aware")?;
    "2026-03-02 survey aware=yes",
    "3 x 2026-03-02 survey aware=no" => "4"

    /// The share of those with an opinion of us who think well of us.
    reputation: "share", Larger, "";
    share(Formula::Count(with("survey", "opinion", "good")?), asked("opinion")?);
    "3 x 2026-03-02 survey opinion=good",
    "2026-03-02 survey opinion=neutral",
    "2026-03-02 survey opinion=bad",
    "2026-03-02 survey aware=no" => "0.6"

    /// Those asked what they think of us: the sample size of reputation.
    reputation_answers: "count:survey", Neutral, "";
    asked("opinion")?;
    "3 x 2026-03-02 survey opinion=good",
    "2026-03-02 survey aware=no" => "3"

    /// The share of the survey's answers with at least 8 of 10 points: the satisfied ones. Of no answer: no base.
    satisfied_share: "share", Larger, "survey_answers is its sample size";
    share(
        Formula::Count(of("survey")?.only(crate::metric::Filter::at_least("score", 8)?)),
        asked("score")?,
    );
    "3 x 2026-03-02 survey score=9",
    "2026-03-02 survey score=7",
    "2026-03-02 survey aware=no" => "0.75"
}
