#![no_main]
quotaflow_fuzz::fuzz!("margins_of_several_axes");
