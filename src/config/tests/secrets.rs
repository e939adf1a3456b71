//! Secrets: that none is shown, and that each can come from a file.

use super::{Given, Pairs, variable};

/// A word that is part of every secret of these tests and of no message.
const SECRET: &str = "hunter2";

/// Loads, and looks at everything that can be printed afterwards.
#[track_caller]
fn check(variables: Pairs<'_>, file: &str) {
    let given = Given::nothing().variables(variables).file(file);
    let printed = match given.load() {
        Err(error) => format!("{error} {error:?}"),
        Ok(config) => format!("{:?} {}", *config, serde_json::to_value(&*config).unwrap()),
    };
    assert!(!printed.contains(SECRET), "{variables:?} {file}: {printed}");
}

#[test]
fn no_secret_is_printed() {
    let bad = "hunter2!";
    let rows: [(Pairs<'_>, &str); 18] = [
        (&[("KUNCI_SECRET_KEY", bad)], ""),
        (&[], "secret_key = \"hunter2!\""),
        (&[], "secret_key = [\"hunter2!\"]"),
        (&[], "secret_key = hunter2!"),
        (&[], "secret_key = \"hunter2!"),
        (&[("KUNCI_SECRET_KEY_FALLBACKS", bad)], ""),
        (&[], "secret_key_fallbacks = [\"hunter2!\"]"),
        (&[("KUNCI_SECRETKEY", bad)], ""),
        (&[], "secret_kye = \"hunter2!\""),
        (&[("KUNCI_LDAP_PASSWORD", bad)], ""),
        (&[("KUNCI_MAIL__PASSWORD", bad)], ""),
        (&[], "[mail]\npassword = [\"hunter2!\"]"),
        (&[("KUNCI_MAIL__PASSWORD", "hunter2\n")], ""),
        (
            &[("KUNCI_MAIL__SMTP", "smtps://kunci:hunter2@mail.example.org")],
            "",
        ),
        (&[("KUNCI_STORE__URL", "postgres://kunci:hunter2@db/kunci")], ""),
        (&[], "[store]\nurl = \"mysql://db/kunci?password=hunter2\""),
        (&[("KUNCI_STORES", "postgres://kunci:hunter2@db/kunci")], ""),
        (&[("KUNCI_PUBLIC_URL", "https://kunci:hunter2@example.org")], ""),
    ];
    for (variables, file) in rows {
        check(variables, file);
    }
    // Not hexadecimal, so it is base64url: 56 characters are 42 bytes.
    let key = format!("{SECRET}-").repeat(7);
    let variables: Pairs<'_> = &[("KUNCI_SECRET_KEY", &key), ("KUNCI_SECRET_KEY_FALLBACKS", &key)];
    check(variables, "");
    assert!(Given::nothing().variables(variables).load().is_ok());
}

#[test]
fn secret_is_read_from_a_file_without_one_line_end() {
    let rows = [
        ("hunter2", "hunter2"),
        ("hunter2\n", "hunter2"),
        ("hunter2\r\n", "hunter2"),
        (" hunter2 \n", " hunter2 "),
    ];
    for (text, want) in rows {
        let given = Given::nothing()
            .file("[mail]\nuser = \"ada\"\npassword_file = \"/w/password\"\nsmtp = \"smtp://example.org\"")
            .file_named("password", text.as_bytes());
        if cfg!(feature = "smtp") {
            let config = given.config();
            assert_eq!(*config.mail.password.as_ref().unwrap().0.0, want);
            let shown = ("\"(set)\"".to_owned(), "/w/kunci.toml:3".to_owned());
            assert_eq!(given.shown("mail.password"), shown);
        }
    }
    let given = Given::nothing()
        .file("[mail]\npassword_file = \"/w/password\"")
        .file_named("password", b"hunter2\n\n");
    let want = "/w/kunci.toml:2: invalid value (hidden) for mail.password: it contains a control character; expected a password in one line";
    assert_eq!(given.message(), want);
}

#[test]
fn keys_are_read_from_a_file_named_by_a_variable() {
    let keys = format!("{}\n{}\n", "0f".repeat(32), "1e".repeat(32));
    let mut given = Given::nothing().file_named("keys", keys.as_bytes());
    let path = given.folder.path().join("keys");
    given
        .env
        .push(("KUNCI_SECRET_KEY_FALLBACKS_FILE".into(), path.into()));
    assert_eq!(given.config().secret_key_fallbacks.len(), 2);
}

#[cfg(feature = "postgres")]
#[test]
fn password_of_a_store_comes_from_a_variable_or_a_file_and_not_from_a_flag() {
    let url = "postgres://ada:hunter2@h/d";
    let shown = |source: &str| ("\"postgres://ada@h/d\"".to_owned(), source.to_owned());
    for path in ["store.url", "store.sessions"] {
        let given = Given::nothing().variables(&[(variable(path), url)]);
        assert_eq!(given.shown(path), shown(variable(path)));
        let (_, name) = path.split_once('.').unwrap();
        let file = format!("[store]\n{name}_file = \"/w/url\"");
        let given = Given::nothing()
            .file(&file)
            .file_named("url", format!("{url}\n").as_bytes());
        assert_eq!(given.shown(path), shown("/w/kunci.toml:2"));
        let given = Given::nothing().flags(&[(path, url)]);
        let want = format!(
            "--flag: invalid value (hidden) for {path}: other users can read the password in an argument; expected it in {} or in the file {path}_file",
            variable(path)
        );
        assert_eq!(given.message(), want);
        assert!(
            Given::nothing()
                .flags(&[(path, "postgres://ada@h/d")])
                .load()
                .is_ok()
        );
    }
}

#[test]
fn secret_and_its_file_are_not_both_accepted_in_one_layer() {
    let file = "secret_key_file = \"/w/key\"\n";
    let key = "0f".repeat(32);
    let given = Given::nothing().file_named("key", key.as_bytes());
    let both = given.file(&format!("secret_key = \"{key}\"\n{file}"));
    let want = "/w/kunci.toml:2: invalid value (hidden) for secret_key: the secret and its file are both given; expected at least 32 bytes as hexadecimal (64 digits or more) or base64url";
    assert_eq!(both.message(), want);
    let overridden = both.file(file).variables(&[(variable("secret_key"), &key)]);
    assert_eq!(overridden.shown("secret_key").1, "KUNCI_SECRET_KEY");
}

#[test]
fn missing_file_of_a_secret_is_reported() {
    let given = Given::nothing().file("secret_key_file = \"/w/absent\"");
    let want = "/w/kunci.toml:1: invalid value \"/w/absent\" for secret_key_file: No such file or directory (os error 2); expected a path";
    assert_eq!(given.message(), want);
}
