//! The destination of the log: one line per event, in which no terminal and no reader is misled. Lines that
//! cannot be written are lost, and do not stop the program.

use std::io::{self, ErrorKind, Write};
use std::time::SystemTime;

use kunci_domain::escape_hidden;
use serde_json::json;

use crate::config::LogFormat;

/// A writer that receives a whole event at a time, escapes its hidden characters, and never fails. JSON keeps
/// its meaning.
///
/// If the destination fails, for example because its reader has gone or its disk is full, the line is lost.
/// The next line that can be written follows a line with the number of lost ones.
pub(super) struct LogWriter<W> {
    destination: W,
    format: LogFormat,
    lost: u64,
    /// Whether the last line that was written has no end.
    is_cut: bool,
}

impl<W: Write> LogWriter<W> {
    pub(super) const fn new(destination: W, format: LogFormat) -> Self {
        Self {
            destination,
            format,
            lost: 0,
            is_cut: false,
        }
    }

    /// Returns what must be written before the next line: the end of a cut line, and the report of lost ones.
    fn overdue(&self) -> String {
        let end = if self.is_cut { "\n" } else { "" };
        match self.lost {
            0 => end.to_owned(),
            lost => format!("{end}{}\n", report(self.format, lost)),
        }
    }

    /// Writes as many bytes as possible, and returns their number.
    fn write_most(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            match self.destination.write(&bytes[written..]) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        written
    }
}

impl<W: Write> Write for LogWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let end = &text[line.len()..];
        let overdue = self.overdue();
        let all = [&*overdue, &*escape_hidden(line), end].concat();
        let written = self.write_most(all.as_bytes());
        if overdue.len() <= written {
            self.lost = 0;
        }
        if written < all.len() {
            self.lost += 1;
        }
        if let Some(last) = all.as_bytes()[..written].last() {
            self.is_cut = *last != b'\n';
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // Standard error has no buffer.
        Ok(())
    }
}

/// Returns the line that reports lost lines, in the format of the other lines.
fn report(format: LogFormat, lost: u64) -> String {
    let time = humantime::format_rfc3339_micros(SystemTime::now());
    let message = "lines of the log were lost";
    match format {
        LogFormat::Text => format!("{time} ERROR kunci: {message} lost={lost}"),
        LogFormat::Json => {
            let fields = json!({"message": message, "lost": lost});
            json!({"timestamp": time.to_string(), "level": "ERROR", "fields": fields, "target": "kunci"})
                .to_string()
        }
    }
}

#[cfg(test)]
mod tests;
