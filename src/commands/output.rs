//! What commands print. Names, addresses and user agents come from strangers, so no terminal may obey them.
//!
//! Unlike `println!`, these functions do not panic if the reader has gone or the disk is full.

use std::io::{self, ErrorKind, Write};

use kunci_domain::escape_hidden;

use super::Failure;

/// Prints a result of a command: a line, with hidden characters escaped. JSON keeps its meaning.
///
/// # Errors
/// A failure of standard output. It ends the command quietly if the reader has gone.
pub(super) fn print_line(line: &str) -> Result<(), Failure> {
    or_failure(write_line(line))
}

/// Prints a result of a command that has several lines, like [`print_line`].
pub(super) fn print_lines(text: &str) -> Result<(), Failure> {
    or_failure(write(&escape_lines(text)))
}

/// Writes a line to standard output, with hidden characters escaped.
///
/// # Errors
/// Every failure of standard output.
pub(super) fn write_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(escape_hidden(line).as_bytes())?;
    out.write_all(b"\n")
}

/// Writes a text to standard output as it is.
///
/// # Errors
/// Every failure of standard output.
pub(super) fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes lines to standard error, with hidden characters escaped. The exit status says the same, so nothing
/// more is lost if they cannot be written.
pub(super) fn write_errors(text: &str) {
    let _ = io::stderr().write_all(escape_lines(text).as_bytes());
}

fn or_failure(written: io::Result<()>) -> Result<(), Failure> {
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::reader_has_gone(),
        _ => Failure::failed(format!("standard output cannot be written: {error}")),
    })
}

/// Returns a text of several lines with hidden characters escaped, except for the line ends.
fn escape_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape_hidden).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_and_hidden_characters_are_escaped() {
        assert_eq!(
            escape_lines("a\u{202e}b\n\tc\r\n"),
            "a\\u202eb\n\\u0009c\\u000d\n"
        );
        assert_eq!(escape_lines("plain\ntext"), "plain\ntext");
    }
}
