//! Cross-territory selling (窜货): goods seen in another territory than the one that they were sold in.
//!
//! These definitions are for sightings that name both territories. Where a sighting carries only a lot, a serial number or
//! an invoice, [`channel::crossings`](crate::channel::crossings()) finds where the goods were sold.

use super::family;
use super::terms::share;
use crate::metric::{Entities, Filter, Formula, MetricError, Selection};

fn traced() -> Result<Selection, MetricError> {
    Ok(Selection::of("sighting")?
        .only(Filter::has("sold_in")?)
        .only(Filter::has("seen_in")?))
}

fn foreign() -> Result<Selection, MetricError> {
    let same = Filter::SameMember {
        of: crate::key::Key::new("sold_in")?,
        to: crate::key::Key::new("seen_in")?,
        level: None,
    };
    Ok(traced()?.only(Filter::Not(Box::new(same))))
}

/// The territory of the dealer to whom the goods were sold stands for the subject's.
fn of_seller(mut of: Selection) -> Result<Selection, MetricError> {
    of.via.insert(
        crate::key::Key::new("territory")?,
        crate::key::Key::new("sold_in")?,
    );
    Ok(of)
}

/// The territory in which the goods were seen stands for the subject's.
fn of_victim(mut of: Selection) -> Result<Selection, MetricError> {
    of.via.insert(
        crate::key::Key::new("territory")?,
        crate::key::Key::new("seen_in")?,
    );
    Ok(of)
}

fn pieces(of: Selection) -> super::terms::Made {
    super::terms::sum("volume", of)
}

family! { "territory";
    /// Sightings of goods in another territory than the one that they were sold in, by the territory that sold them.
    cross_territory_sightings: "count:sighting", Smaller, "";
    Formula::Count(of_seller(foreign()?)?);
    "2026-03-02 sighting sold_in=north seen_in=south volume=10",
    "2026-03-02 sighting sold_in=north seen_in=north volume=10" => "1"

    /// Pieces seen in another territory, as a share of all pieces seen whose origin is known; by the territory that sold
    /// them.
    cross_territory_share: "share", Smaller, "";
    share(pieces(of_seller(foreign()?)?)?, pieces(of_seller(traced()?)?)?);
    "2026-03-02 sighting sold_in=north seen_in=south volume=10",
    "2026-03-02 sighting sold_in=north seen_in=north volume=30" => "0.25"

    /// Goods from other territories, as a share of all pieces seen here whose origin is known.
    diverted_in_share: "share", Smaller, "from the side of the territory that suffers it";
    share(pieces(of_victim(foreign()?)?)?, pieces(of_victim(traced()?)?)?);
    "2026-03-02 sighting sold_in=north seen_in=south volume=10",
    "2026-03-02 sighting sold_in=south seen_in=south volume=10" => "0.5"

    /// Lots of which pieces were seen in another territory.
    diverted_lots: "count:lot", Smaller, "";
    Formula::Distinct(Entities::values("lot", of_seller(foreign()?)?)?);
    "2 x 2026-03-02 sighting sold_in=north seen_in=south lot=l1" => "1"
}
