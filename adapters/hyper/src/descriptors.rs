//! Raises the limit on open files, and keeps the number of connections below it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// File descriptors reserved for the rest of the process: database readers of all threads, listening sockets,
/// logs.
const RESERVED: u64 = 192;

/// Raises the soft limit on open files to the hard limit. Returns the limit in force, or `None` if it is
/// unlimited.
pub(crate) fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current,
        Err(error) => {
            tracing::warn!(%error, "cannot raise the limit on open files");
            limit.current
        }
    }
}

/// Returns how many of the wanted connections are possible with this limit on open files (`None`: unlimited).
pub(crate) fn possible_connections(wanted: usize, files: Option<u64>) -> usize {
    let Some(files) = files else {
        return wanted;
    };
    let left = files.saturating_sub(RESERVED.min(files / 2));
    let possible = usize::try_from(left).unwrap_or(usize::MAX).min(wanted);
    if possible < wanted {
        tracing::warn!(
            wanted,
            possible,
            files,
            "the limit on open files allows fewer connections than configured"
        );
    }
    possible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_stay_reserved() {
        for (wanted, files, want) in [
            (4_096, None, 4_096),
            (4_096, Some(1_048_576), 4_096),
            (4_096, Some(1_024), 832),
            (4_096, Some(100), 50),
            (10, Some(1_024), 10),
            (10, Some(0), 0),
        ] {
            assert_eq!(possible_connections(wanted, files), want, "{wanted} of {files:?}");
        }
    }
}
