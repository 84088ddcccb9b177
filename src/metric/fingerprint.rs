//! A short name for a program, equal on every machine, so that only partial results of the same program are merged.

use std::hash::{Hash, Hasher};

/// Two 64-bit FNV-1a sums over the same bytes with different starts. It tells plans apart; it is no protection against
/// somebody who wants two of them to look alike.
pub(super) struct Fingerprint(u64, u64);

impl Fingerprint {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325, 0x9ae1_6a3b_2f90_404f)
    }

    pub(super) fn text(&self) -> String {
        format!("{:016x}{:016x}", self.0, self.1)
    }

    pub(super) fn of(value: &impl Hash) -> String {
        let mut fingerprint = Self::new();
        value.hash(&mut fingerprint);
        fingerprint.text()
    }
}

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        self.0 ^ self.1.rotate_left(32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            self.1 = (self.1 ^ u64::from(*byte))
                .wrapping_mul(0x0100_0000_01b3)
                .rotate_left(5);
        }
    }

    // Numbers in one order of bytes and one width, whatever the machine's.
    fn write_u16(&mut self, number: u16) {
        self.write_u64(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_u128(&mut self, number: u128) {
        self.write(&number.to_le_bytes());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_i16(&mut self, number: i16) {
        self.write_i64(i64::from(number));
    }

    fn write_i32(&mut self, number: i32) {
        self.write_i64(i64::from(number));
    }

    fn write_i64(&mut self, number: i64) {
        self.write(&number.to_le_bytes());
    }

    fn write_i128(&mut self, number: i128) {
        self.write(&number.to_le_bytes());
    }

    fn write_isize(&mut self, number: isize) {
        self.write_i64(number as i64);
    }
}
