//! Tests of the destination of the log.

use super::*;

/// A destination with limited space.
struct Disk {
    text: Vec<u8>,
    free: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.free);
        if count == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        self.free -= count;
        self.text.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes each line to a disk with this much space, and returns what the disk contains.
#[track_caller]
fn written(format: LogFormat, lines: &[(usize, &str)]) -> String {
    let text = Vec::new();
    let mut log = LogWriter::new(Disk { text, free: 0 }, format);
    for (free, line) in lines {
        log.destination.free = *free;
        log.write_all(line.as_bytes()).unwrap();
        log.flush().unwrap();
    }
    String::from_utf8(log.destination.text).unwrap()
}

const SPACE: usize = 1000;

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
        assert_eq!(written(LogFormat::Text, &[(SPACE, event)]), line);
    }
}

#[test]
fn json_keeps_its_meaning() {
    let event = json!({"name": "a\u{202e}b\u{e0041}\u{9b}"});
    let log = written(LogFormat::Json, &[(SPACE, &event.to_string())]);
    assert!(log.is_ascii());
    assert_eq!(serde_json::from_str::<serde_json::Value>(&log).unwrap(), event);
}

#[test]
fn lost_lines_are_reported_once_with_their_number() {
    let report = " ERROR kunci: lines of the log were lost lost=";
    for (name, lines, want) in [
        (
            "nothing fits",
            &[(0, "a\n"), (0, "b\n"), (SPACE, "c\n"), (SPACE, "d\n")][..],
            "T2\nc\nd\n",
        ),
        (
            "a line is cut",
            &[(2, "abc\n"), (0, "d\n"), (SPACE, "e\n")],
            "ab\nT2\ne\n",
        ),
        (
            "only the end of a line is missing",
            &[(3, "abc\n"), (SPACE, "d\n")],
            "abc\nT1\nd\n",
        ),
        (
            "the report is cut",
            &[(0, "a\n"), (1, "b\n"), (SPACE, "c\n")],
            "2\nT2\nc\n",
        ),
        (
            "only the report fits",
            &[(0, "a\n"), (75, "b\n"), (SPACE, "c\n")],
            "T1\nT1\nc\n",
        ),
    ] {
        let text = written(LogFormat::Text, lines);
        let shown: Vec<_> = text
            .lines()
            .map(|line| {
                line.split_once(report)
                    .map_or(line.to_owned(), |(_, lost)| format!("T{lost}"))
            })
            .collect();
        assert_eq!(shown.join("\n") + "\n", want, "{name}: {text}");
    }
}

#[test]
fn lost_lines_are_reported_as_json() {
    let text = written(LogFormat::Json, &[(0, "{}\n"), (SPACE, "{}\n")]);
    let (report, rest) = text.split_once('\n').unwrap();
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    assert_eq!(
        (&report["level"], &report["fields"]["lost"]),
        (&"ERROR".into(), &1.into())
    );
    assert_eq!(rest, "{}\n");
}
