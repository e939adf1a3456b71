//! Tests of the settings, all through [`Config::load`], with an environment and a folder of their own.
//!
//! Left out: the command line, which has its own tests.

mod accounts;
mod coherence;
mod file_messages;
mod messages;
mod precedence;
mod secrets;
mod values;

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Config, ConfigError, Flags};

/// Texts by name, as tables of tests write them.
type Pairs<'a> = &'a [(&'static str, &'a str)];

/// A folder for one test, and what is given in it.
struct Given {
    folder: TempDir,
    flags: Flags,
    env: Vec<(OsString, OsString)>,
}

impl Given {
    fn nothing() -> Self {
        Given {
            folder: tempfile::tempdir().unwrap(),
            flags: Flags::default(),
            env: Vec::new(),
        }
    }

    fn flags(mut self, flags: Pairs<'_>) -> Self {
        for (key, text) in flags {
            self.flags = self.flags.with(key, text);
        }
        self
    }

    fn variables(mut self, variables: Pairs<'_>) -> Self {
        let pairs = variables.iter().map(|(k, v)| (k.into(), v.into()));
        self.env.extend(pairs);
        self
    }

    /// Writes `kunci.toml`, unless the text is empty.
    fn file(self, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        self.file_named("kunci.toml", text.as_bytes())
    }

    fn file_named(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.folder.path().join(name), bytes).unwrap();
        self
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.flags, self.env.clone(), self.folder())
    }

    /// The message, with `/w` for the folder of the test.
    #[track_caller]
    fn message(&self) -> String {
        let message = self.load().unwrap_err().to_string();
        message.replace(self.folder().to_str().unwrap(), "/w")
    }
}

/// What `config show` says about a key: its value and its source, with `/w` for the folder of the test.
fn shown(given: &Given, key: &str) -> (String, String) {
    let config = given.load().unwrap();
    let shown = config.show().into_iter().find(|shown| shown.key == key);
    let shown = shown.unwrap();
    let folder = given.folder().to_str().unwrap();
    let source = shown.source.to_string().replace(folder, "/w");
    (shown.value, source)
}
