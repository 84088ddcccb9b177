//! Laws that hold for every input: properties, each against a slow and obvious reference where there is one.

#[path = "../support/at.rs"]
mod at;

mod alert;
mod allocation;
mod assignment;
mod calendar;
mod channel;
mod control;
mod documents;
mod duty;
mod funnel;
mod journal;
mod journal_closing;
mod journal_days;
mod journal_doors;
mod journal_duties;
mod journal_kept;
mod journal_plans;
mod journal_post_duties;
mod journal_posts;
mod journal_reference;
mod journal_singles;
mod journal_targets;
mod margins;
mod metric;
mod open_items;
mod outline;
mod pace;
mod plan;
mod plan_bases;
mod plan_carry;
mod plan_edit;
mod plan_gates;
mod plan_kinds;
mod plan_lots;
mod plan_moving;
mod plan_reallocate;
mod plan_reconcile;
mod plan_sheet;
mod plan_stretch;
mod plan_whole;
mod process;
mod review;
mod rule;
mod rule_backtest;
mod rule_check;
mod rule_supply;
mod rule_text;
mod rule_zero;
mod scorecard;
mod space;
mod space_posts;
mod statistics;
mod target_history;
mod testing;

use proptest::prelude::ProptestConfig;

/// How many cases a law runs that is not cheap: this many, or in the same proportion more where `PROPTEST_CASES` asks for
/// more than proptest's own 256. Draws that a law leaves out do not end it before its cases do.
fn cases(usual: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = usual.saturating_mul(asked.cases) / 256;
    ProptestConfig {
        cases,
        max_global_rejects: asked.max_global_rejects.max(cases.saturating_mul(4)),
        ..asked
    }
}
