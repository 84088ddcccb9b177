#![no_main]
quotaflow_fuzz::fuzz!("event_logs");
