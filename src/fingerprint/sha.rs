//! SHA-256, as FIPS 180-4 has it.

const ROUNDS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

pub(super) struct Sha256 {
    state: [u32; 8],
    block: [u8; 64],
    filled: usize,
    bytes: u64,
}

impl Sha256 {
    pub(super) fn new() -> Self {
        Self {
            state: START,
            block: [0; 64],
            filled: 0,
            bytes: 0,
        }
    }

    /// Takes in more bytes: most are few and fit into the block.
    #[inline]
    pub(super) fn update(&mut self, more: &[u8]) {
        let end = self.filled + more.len();
        if end >= 64 {
            return self.update_blocks(more);
        }
        self.block[self.filled..end].copy_from_slice(more);
        self.filled = end;
        self.bytes = self.bytes.wrapping_add(more.len() as u64);
    }

    #[inline(never)]
    fn update_blocks(&mut self, mut more: &[u8]) {
        self.bytes = self.bytes.wrapping_add(more.len() as u64);
        while !more.is_empty() {
            let count = more.len().min(64 - self.filled);
            self.block[self.filled..self.filled + count].copy_from_slice(&more[..count]);
            self.filled += count;
            more = &more[count..];
            if self.filled == 64 {
                self.compress();
                self.filled = 0;
            }
        }
    }

    pub(super) fn finish(mut self) -> [u8; 32] {
        let bits = self.bytes.wrapping_mul(8);
        self.update(&[0x80]);
        while self.filled != 56 {
            self.update(&[0]);
        }
        self.update(&bits.to_be_bytes());
        let mut all = [0; 32];
        for (bytes, word) in all.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        all
    }

    #[expect(clippy::many_single_char_names, reason = "the names of the standard")]
    fn compress(&mut self) {
        let mut words = [0_u32; 16];
        for (word, bytes) in words.iter_mut().zip(self.block.chunks_exact(4)) {
            *word = bytes
                .iter()
                .fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        let mut state = self.state;
        for (at, rounds) in ROUNDS.chunks_exact(16).enumerate() {
            if at > 0 {
                for at in 0..16 {
                    let (x, y) = (words[(at + 1) % 16], words[(at + 14) % 16]);
                    let x = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
                    let y = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
                    words[at] = words[at]
                        .wrapping_add(x)
                        .wrapping_add(words[(at + 9) % 16])
                        .wrapping_add(y);
                }
            }
            for (rounds, words) in rounds.chunks_exact(8).zip(words.chunks_exact(8)) {
                let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
                // Eight rounds turn the letters once round: none has to be moved.
                macro_rules! round {
                    ($at:literal $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
                        $h = $h
                            .wrapping_add(rounds[$at].wrapping_add(words[$at]))
                            .wrapping_add($g ^ ($e & ($f ^ $g)))
                            .wrapping_add(
                                $e.rotate_right(6) ^ $e.rotate_right(11) ^ $e.rotate_right(25),
                            );
                        $d = $d.wrapping_add($h);
                        $h = $h.wrapping_add(($a & $b) | ($c & ($a | $b))).wrapping_add(
                            $a.rotate_right(2) ^ $a.rotate_right(13) ^ $a.rotate_right(22),
                        );
                    };
                }
                round!(0 a b c d e f g h);
                round!(1 h a b c d e f g);
                round!(2 g h a b c d e f);
                round!(3 f g h a b c d e);
                round!(4 e f g h a b c d);
                round!(5 d e f g h a b c);
                round!(6 c d e f g h a b);
                round!(7 b c d e f g h a);
                state = [a, b, c, d, e, f, g, h];
            }
        }
        for (own, more) in self.state.iter_mut().zip(state) {
            *own = own.wrapping_add(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_hold() {
        let of = |text: &[u8]| {
            let mut sum = Sha256::new();
            text.chunks(7).for_each(|part| sum.update(part));
            sum.finish().map(|byte| format!("{byte:02x}")).concat()
        };
        for (text, wanted) in [
            (
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(of(text.as_bytes()), wanted);
        }
        let million = vec![b'a'; 1_000_000];
        let wanted = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(of(&million), wanted);
    }
}
