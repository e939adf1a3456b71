//! Raises the limit of open files, and keeps the number of connections below it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for the rest of the process: the database with a reader for each thread, sockets, logs.
const RESERVE: u64 = 192;

/// Raises the soft limit of open files to the hard limit, and returns it.
pub(crate) fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current,
        Err(error) => {
            tracing::warn!(%error, "cannot raise the limit of open files");
            limit.current
        }
    }
}

/// Returns how many of the wanted connections are possible with this limit of open files (`None`: unlimited).
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
            "the limit of open files allows fewer connections than configured"
        );
    }
    affordable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_the_process() {
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
