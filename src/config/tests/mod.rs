//! Tests of the settings, all through [`Config::load`] with flags, variables and a file of their own.

mod conflicts;
mod documents;
mod layering;
mod messages;
mod secrets;
mod texts;
mod values;

use std::ffi::OsString;
use std::fs;

use tempfile::TempDir;

use super::{Config, ConfigError, Flags, schema};

/// Texts by name. Flags are named by the path of their key.
type Pairs<'a> = &'a [(&'static str, &'a str)];

/// The layers of one test, with a folder for its files.
struct Given {
    folder: TempDir,
    flags: Flags,
    env: Vec<(OsString, OsString)>,
}

impl Given {
    /// No flags, no variables, and an empty file.
    fn nothing() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags {
            config: Some(folder.path().join("kunci.toml")),
            ..Flags::default()
        };
        let given = Given {
            folder,
            flags,
            env: Vec::new(),
        };
        given.file("")
    }

    fn flags(mut self, flags: Pairs<'_>) -> Self {
        let flags = flags.iter().map(|(path, text)| ("--flag", *path, text.into()));
        self.flags.given.extend(flags);
        self
    }

    fn variables(mut self, variables: Pairs<'_>) -> Self {
        let pairs = variables.iter().map(|(name, text)| (name.into(), text.into()));
        self.env.extend(pairs);
        self
    }

    /// Writes `kunci.toml`, in which `/w` is the folder of the test.
    fn file(self, text: &str) -> Self {
        let text = text.replace("/w", self.path());
        self.file_named("kunci.toml", text.as_bytes())
    }

    fn file_named(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.folder.path().join(name), bytes).unwrap();
        self
    }

    fn path(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.flags, self.env.clone())
    }

    #[track_caller]
    fn config(&self) -> Config {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The message, with `/w` for the folder of the test.
    #[track_caller]
    fn message(&self) -> String {
        let message = self.load().err().unwrap().to_string();
        assert!(!message.contains(char::is_control), "{message}");
        message.replace(self.path(), "/w")
    }

    /// The value of a key and its source, with `/w` for the folder of the test.
    #[track_caller]
    fn shown(&self, path: &str) -> (String, String) {
        let config = self.config();
        let key = schema::key(path).unwrap();
        let text = |text: String| text.replace(self.path(), "/w");
        (text(config.value(key).to_string()), text(config.source(key)))
    }
}

/// The variable of a key.
fn variable(path: &str) -> &'static str {
    schema::key(path).unwrap().variable().leak()
}
