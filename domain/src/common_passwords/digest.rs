//! What the list keeps of a password. The build script, which makes the list, reads this file, too.

/// 32 bits that depend on the whole text: FNV-1a, and its halves folded together.
pub(crate) const fn digest(text: &[u8]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < text.len() {
        hash = (hash ^ text[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    (hash ^ hash >> 32) as u32
}
