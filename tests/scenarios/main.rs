//! Scenarios worked by hand: the comments show the working.

#[path = "../support/at.rs"]
mod at;

mod alert;
mod allocation;
mod as_of;
mod bad_input;
mod calendar;
mod catalog;
mod channel;
mod control;
mod credit;
mod duty;
mod foreign_ids;
mod golden;
mod journal;
mod journal_closing;
mod journal_days;
mod journal_judged;
mod kpi;
mod ledger_currency;
mod margins;
mod membership;
mod metric;
mod metric_year;
mod orders;
mod packs;
mod pay;
mod plan;
mod realignment;
mod receivables;
mod records_at_edges;
mod review;
mod rule;
mod rule_attributes;
mod rule_backtest;
mod rule_check;
mod rule_supply;
mod rule_text;
mod scenario;
mod scenario_ready;
mod scenario_rows;
mod scenario_whole;
mod scheme;
mod scorecard;
mod statistics;
