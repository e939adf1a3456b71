//! Failures of commands: a line for standard error and an exit status.

use std::error::Error;

/// Why a command ended early. Every error converts into it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The error with its causes, in one line. Empty if there is nothing to say.
    pub(crate) line: String,
    /// 1 for a failure, 2 for wrong use, 0 if only the reader of standard output has gone.
    pub(crate) status: u8,
}

impl Failure {
    /// A failure that is not wrong use.
    pub(crate) fn failed(line: impl Into<String>) -> Self {
        let line = line.into();
        Self { line, status: 1 }
    }

    /// The reader of standard output has gone. It may have wanted only a part, as in `kunci user list | head -1`.
    pub(crate) const fn reader_has_gone() -> Self {
        let line = String::new();
        Self { line, status: 0 }
    }

    /// Wrong use of a command.
    pub(crate) fn wrong_use(text: impl ToString) -> Self {
        let line = text.to_string();
        Self { line, status: 2 }
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::failed(with_causes(&error))
    }
}

/// Returns an error with its causes in one line. A cause that the error already contains is not repeated.
fn with_causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}
