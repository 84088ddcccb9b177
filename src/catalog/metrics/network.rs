//! The network: outlets, their numbers, distribution, standards.

use super::family;
use super::terms::{Made, by, distinct, of, open, share, with};
use crate::metric::Formula;

fn open_outlets() -> Made {
    open(None, of("outlet_listing")?, "closed", None)
}

family! { "network";
    /// Outlets that are listed and not closed.
    outlets: "count:outlet_listing", Larger, "outlet count";
    open_outlets()?;
    "2026-01-02 outlet_listing outlet=o1",
    "2026-01-02 outlet_listing outlet=o2 closed=2026-03-03" => "1"

    /// Outlets listed in the period.
    new_outlets: "count:outlet_listing", Larger, "";
    Formula::count("outlet_listing")?;
    "2026-03-02 outlet_listing outlet=o1" => "1"

    /// Outlets closed in the period.
    closed_outlets: "count:outlet_listing", Smaller, "";
    Formula::Count(by("outlet_listing", "closed")?);
    "2026-01-02 outlet_listing outlet=o2 closed=2026-03-03" => "1"

    /// Outlets that ordered.
    active_outlets: "count:outlet", Larger, "distinct outlets with an order";
    distinct("outlet", of("order")?)?;
    "2 x 2026-03-02 order outlet=o1" => "1"

    /// Outlets that ordered as a share of those listed.
    active_outlet_share: "share", Larger, "active outlets / outlets";
    share(distinct("outlet", of("order")?)?, open_outlets()?);
    "2026-01-02 outlet_listing outlet=o1",
    "2026-01-02 outlet_listing outlet=o2",
    "2026-03-02 order outlet=o1" => "0.5"

    /// The share of the outlets inspected that stocked our goods.
    numeric_distribution: "share", Larger, "numeric distribution: outlets stocking / outlets audited";
    share(distinct("outlet", with("outlet_audit", "stocked", "yes")?)?, distinct("outlet", of("outlet_audit")?)?);
    "2026-03-02 outlet_audit outlet=o1 stocked=yes",
    "2026-03-02 outlet_audit outlet=o2 stocked=no",
    "2026-03-09 outlet_audit outlet=o2 stocked=no",
    "2026-03-02 outlet_audit outlet=o3 stocked=yes" => "2/3"

    /// The share of the inspections that found the standard met.
    outlet_standard_rate: "share", Larger, "";
    share(Formula::Count(with("outlet_audit", "standard", "met")?), Formula::count("outlet_audit")?);
    "3 x 2026-03-02 outlet_audit outlet=o1 standard=met",
    "2026-03-02 outlet_audit outlet=o2 standard=missed" => "0.75"

    /// Outlets inspected as a share of those listed.
    audit_coverage: "share", Larger, "outlets audited / outlets";
    share(distinct("outlet", of("outlet_audit")?)?, open_outlets()?);
    "2026-01-02 outlet_listing outlet=o1",
    "2026-01-02 outlet_listing outlet=o2",
    "2 x 2026-03-02 outlet_audit outlet=o1 standard=met" => "0.5"
}
