//! The destination of the log: one line per event, in which no terminal and no reader is misled.

use std::io::{self, Write};

use kunci_domain::escape_hidden;

/// A writer that receives a whole event at a time and escapes its hidden characters. JSON keeps its meaning.
pub(super) struct EscapedLog<W>(pub(super) W);

impl<W: Write> Write for EscapedLog<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let end = &text[line.len()..];
        self.0
            .write_all([&*escape_hidden(line), end].concat().as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_is_one_line_without_hidden_characters() {
        for (event, line) in [
            ("plain\n", "plain\n"),
            ("forged\nline\n", "forged\\u000aline\n"),
            (
                "\u{1b}[2J \u{9b}2J \u{202e}txt.exe\n",
                "\\u001b[2J \\u009b2J \\u202etxt.exe\n",
            ),
        ] {
            let mut log = EscapedLog(Vec::new());
            log.write_all(event.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(log.0).unwrap(), line);
        }
    }

    #[test]
    fn json_keeps_its_meaning() {
        let event = serde_json::json!({"name": "a\u{202e}b\u{e0041}\u{9b}"});
        let mut log = EscapedLog(Vec::new());
        log.write_all(event.to_string().as_bytes()).unwrap();
        assert!(log.0.is_ascii());
        let read: serde_json::Value = serde_json::from_slice(&log.0).unwrap();
        assert_eq!(read, event);
    }
}
