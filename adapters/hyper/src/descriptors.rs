//! File descriptors: as many as the system allows, and fewer connections than there are.
//! Leaves out what happens when they run out all the same, which accepting knows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the rest of the process may need: the database with a reader for each thread, sockets, logs.
const RESERVE: u64 = 192;

/// Raises the limit of open files to the most that this process may ask for, and tells it.
pub(crate) fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays as it was");
            limit.current
        }
    }
}

/// How many of `wanted` connections there can be with so many open files (`None`: any number).
pub(crate) fn affordable(wanted: usize, files: Option<u64>) -> usize {
    let Some(files) = files else {
        return wanted;
    };
    let left = files.saturating_sub(RESERVE.min(files / 2));
    let affordable = usize::try_from(left).unwrap_or(usize::MAX).min(wanted);
    if affordable < wanted {
        tracing::warn!(
            wanted,
            affordable,
            files,
            "fewer connections than wanted, for want of open files"
        );
    }
    affordable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_to_the_rest() {
        for (wanted, files, affordable_then) in [
            (4_096, None, 4_096),
            (4_096, Some(1_048_576), 4_096),
            (4_096, Some(1_024), 832),
            (4_096, Some(100), 50),
            (10, Some(1_024), 10),
            (10, Some(0), 0),
        ] {
            assert_eq!(
                affordable(wanted, files),
                affordable_then,
                "{wanted} of {files:?}"
            );
        }
    }
}
