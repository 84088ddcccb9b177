#![no_main]
quotaflow_fuzz::fuzz!("pay_plans");
