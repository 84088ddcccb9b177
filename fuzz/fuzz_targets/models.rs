#![no_main]
quotaflow_fuzz::fuzz!("models");
