#![no_main]
quotaflow_fuzz::fuzz!("working_time");
