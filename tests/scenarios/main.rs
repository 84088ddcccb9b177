//! Scenarios worked by hand: the comments show the working.

mod allocation;
mod analysis;
mod bad_input;
mod calendar;
mod catalog;
mod credit;
mod kpi;
mod ledger_currency;
mod margins;
mod membership;
mod metric;
mod metric_year;
mod packs;
mod pay;
mod plan;
mod review;
mod rule;
mod rule_attributes;
mod rule_backtest;
mod rule_check;
mod rule_monitor;
mod scenario;
mod scenario_ready;
mod scenario_rows;
mod scheme;
mod scorecard;
