//! Inputs that mattered, asked again: those that once broke a promise, and those that reach furthest.

mod promise;
// The fuzzer runs the same functions.
#[path = "targets/all.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn every_input_that_mattered_is_read_or_refused_and_keeps_its_promise() {
    if promise::is_alone() {
        return promise::every_document_keeps_it();
    }
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/seeds");
    for (name, _) in targets::TARGETS {
        let mut files: Vec<_> = fs::read_dir(seeds.join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{name} has no inputs");
        for file in files {
            eprintln!("{}", file.display());
            targets::run(name, &fs::read(&file).unwrap());
        }
    }
    // In the same test: memory is told of the process, not of a thread.
    promise::every_document_keeps_it();
}
