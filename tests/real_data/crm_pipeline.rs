//! The report of a pipeline of opportunities.

#[path = "../../examples/crm_pipeline/report.rs"]
mod report;

use crate::expected::{assert_covers, data, expected};

#[test]
fn the_pipeline_at_every_level() {
    let Some(folder) = data() else { return };
    let report = report::Report::read(&folder.join("crm-opportunities")).unwrap();
    assert_covers(
        &report.json().unwrap(),
        &expected(&folder, "crm_pipeline.part.json"),
    );
}
