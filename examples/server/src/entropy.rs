//! Random bytes from the operating system.

use mentalspace_core::Entropy;

/// The generator of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::expect_used, reason = "without randomness nothing secret may be made, so the process ends")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system yields random bytes");
    }
}

#[cfg(test)]
mod tests {
    use mentalspace_core::draw;

    use super::SystemEntropy;

    #[test]
    fn bytes_differ_from_draw_to_draw() {
        let (a, b): ([u8; 32], [u8; 32]) = (draw(&SystemEntropy), draw(&SystemEntropy));
        assert_ne!(a, b);
        assert_ne!(a, [0; 32]);
    }
}
