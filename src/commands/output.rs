//! What commands print. Names, addresses and user agents come from strangers, so no terminal may obey them.

use std::io::{self, Write};

use kunci_domain::escape_hidden;

/// Prints a line to standard output, with hidden characters escaped. JSON keeps its meaning.
///
/// Unlike `println!`, this does not panic if the reader closes the pipe.
pub(super) fn print_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(escape_hidden(line).as_bytes())?;
    out.write_all(b"\n")
}

/// Returns a text of several lines with hidden characters escaped, except for the line ends.
pub(super) fn escape_lines(text: &str) -> String {
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
