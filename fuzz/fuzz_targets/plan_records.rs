#![no_main]
quotaflow_fuzz::fuzz!("plan_records");
