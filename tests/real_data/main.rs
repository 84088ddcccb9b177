//! The figures of real companies, compared to the last digit with figures that were computed by other programs.
//!
//! Needs the data: set `QUOTAFLOW_DATA` to its folder. Without it each test says that it was skipped.
#![allow(
    dead_code,
    reason = "the examples whose reports are tested here have a `main` of their own"
)]

mod adventureworks;
mod call_centre;
#[path = "../../examples/adventureworks/company.rs"]
mod company;
mod crm_pipeline;
mod customers;
#[path = "../../examples/adventureworks/data.rs"]
mod data;
mod expected;
#[path = "../../examples/shared/file.rs"]
mod file;
#[path = "../../examples/shared/fold.rs"]
mod fold;
#[path = "../../examples/receivables/invoices.rs"]
mod invoices;
#[path = "../../examples/shared/json.rs"]
mod json;
mod process;
#[path = "../../examples/customers/purchases.rs"]
mod purchases;
#[path = "../../examples/adventureworks/quota.rs"]
mod quota;
mod receivables;
#[path = "../../examples/adventureworks/report.rs"]
mod report;
#[path = "../../examples/adventureworks/sales.rs"]
mod sales;
#[path = "../../examples/adventureworks/salesperson.rs"]
mod salesperson;
