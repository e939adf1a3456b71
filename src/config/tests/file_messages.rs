//! The messages of files that cannot be used or read, word by word.

use super::Given;
use super::messages::check;
use crate::config::ConfigErrorKind;

#[test]
fn a_file_that_cannot_be_used_is_told_with_its_line() {
    let rows: [(&str, &[u8], &str); 5] = [
        (
            "twice the same key",
            b"workers = 1\n\nworkers = 2\n",
            "file /w/kunci.toml, line 3: the key workers is there twice",
        ),
        (
            "no TOML",
            b"workers = 1\nlisten = 127.0.0.1:80\n",
            "file /w/kunci.toml, line 2: is no TOML: invalid float",
        ),
        (
            "a key without a value",
            b"\nworkers =\n",
            "file /w/kunci.toml, line 2: is no TOML: ",
        ),
        (
            "an open string at the end",
            b"data = \"x",
            "file /w/kunci.toml, line 1: is no TOML: ",
        ),
        (
            "no UTF-8",
            b"# a\n# b\ndata = \"\xff\"\n",
            "file /w/kunci.toml, line 3: is not UTF-8",
        ),
    ];
    for (name, bytes, want) in rows {
        let given = Given::nothing().file_named("kunci.toml", bytes);
        let message = given.message();
        assert!(message.starts_with(want), "{name}: {message}");
        assert!(!message.contains(char::is_control), "{name}: {message}");
        let kind = given.load().unwrap_err().kind();
        assert_eq!(kind, ConfigErrorKind::BadFile, "{name}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let mut given = Given::nothing();
    given.flags = given.flags.with_config_file("x.toml");
    check(
        "named by a flag",
        &given,
        "file /w/x.toml: named by flag --config, cannot be read: No such file or directory (os error 2)",
    );
    check(
        "named by a variable",
        &Given::nothing().variables(&[("KUNCI_CONFIG", "x.toml")]),
        "file /w/x.toml: named by variable KUNCI_CONFIG, cannot be read: No such file or directory (os error 2)",
    );
    check(
        "an empty name",
        &Given::nothing().variables(&[("KUNCI_CONFIG", "")]),
        "config = \"\" (variable KUNCI_CONFIG): is empty; accepted: the path of a TOML file",
    );
    let folder = Given::nothing();
    std::fs::create_dir(folder.folder().join("kunci.toml")).unwrap();
    check(
        "a folder",
        &folder,
        "file /w/kunci.toml: cannot be read: Is a directory (os error 21)",
    );
    check(
        "a file without end",
        &Given::nothing().variables(&[("KUNCI_CONFIG", "/dev/zero")]),
        "file /dev/zero: named by variable KUNCI_CONFIG, cannot be read: it is larger than 1 MiB",
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let given = Given::nothing().file("\u{feff}workers = 2\r\nhash_queue = 3\r\n");
    assert_eq!(given.load().unwrap().workers(), 2);
    assert_eq!(given.load().unwrap().hashing().queue, 3);
}
