//! What the fuzz targets share: what is asked of an input, which the replay of the corpus asks as well, and a mutator that
//! knows documents.

// `cargo test` runs the same functions.
#[path = "../../tests/corpus/targets/all.rs"]
pub mod targets;

mod document;

pub use document::mutate;
pub use libfuzzer_sys;

/// The fuzz target of a kind of input.
#[macro_export]
macro_rules! fuzz {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::targets::run($name, data));

        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8],
                                              size: usize,
                                              most: usize,
                                              seed: u32| {
            $crate::mutate(data, size, most, seed)
        });
    };
}
