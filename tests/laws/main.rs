//! Laws that hold for every input: properties, each against a slow and obvious reference where there is one.

mod alert;
mod allocation;
mod assignment;
mod calendar;
mod channel;
mod documents;
mod duty;
mod funnel;
mod margins;
mod metric;
mod pace;
mod plan;
mod plan_edit;
mod plan_kinds;
mod plan_lots;
mod plan_moving;
mod process;
mod review;
mod rule;
mod rule_backtest;
mod rule_check;
mod rule_supply;
mod rule_text;
mod scorecard;
mod space;
mod statistics;
