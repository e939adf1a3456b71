//! Where stores answer from.

/// Where the stores of sessions and accounts answer from. If they differ, [`Remote`](Self::Remote) counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreLocality {
    /// From this machine: a read waits for a disk at most.
    Local,
    /// Over a network: every call may block.
    Remote,
}
