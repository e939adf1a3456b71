//! `kunci config ...`: creates, checks and shows settings.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use super::Failure;
use super::output::print_lines;
use crate::cli::ConfigCommand;
use crate::config::{Config, ConfigError, KEYS, Key, json_schema};

/// Runs a command. Only `check` and `show` need settings, so the others work beside a broken file.
pub(super) fn run(
    load: impl FnOnce() -> Result<Config, ConfigError>,
    command: &ConfigCommand,
) -> Result<(), Failure> {
    let text = match command {
        ConfigCommand::Init { file: Some(path) } => init(path)?,
        ConfigCommand::Init { file: None } => commented_file(),
        ConfigCommand::Schema { markdown: true } => markdown(),
        ConfigCommand::Schema { markdown: false } => format!("{:#}\n", json_schema()),
        ConfigCommand::Show => in_use(&load().map_err(Failure::wrong_use)?),
        ConfigCommand::Check => {
            load().map_err(Failure::wrong_use)?;
            "the settings are valid\n".to_owned()
        }
    };
    print_lines(&text)
}

/// Writes the commented settings to a file that does not exist yet.
fn init(path: &Path) -> Result<String, Failure> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(commented_file().as_bytes()));
    written.map_err(|error| Failure::failed(format!("{} cannot be created: {error}", path.display())))?;
    Ok(format!("settings written to {}\n", path.display()))
}

/// Returns the settings in use as a settings file, each with its source.
pub(crate) fn in_use(config: &Config) -> String {
    by_section(|key| {
        if key.in_file().is_some() {
            return String::new();
        }
        let source = config.source(key);
        match config.value(key) {
            Value::Null => format!("# {} = ({})  # {source}\n", key.name(), key.text("x-default")),
            value => format!("{} = {}  # {source}\n", key.name(), value),
        }
    })
}

/// Returns a settings file that contains every key with its default, commented out.
pub(crate) fn commented_file() -> String {
    let intro = "# Settings of Kunci. A key that is commented out has the value shown, or the default described.\n\
        # Flags and KUNCI_... variables override this file; `kunci config check` checks it.\n";
    let keys = by_section(|key| {
        let (default, note) = match key.schema.get("default") {
            Some(value) => (value.to_string(), String::new()),
            None => ("\"\"".to_owned(), format!(" Default: {}.", key.text("x-default"))),
        };
        let (name, about, accepted) = (key.name(), key.text("description"), key.accepted());
        format!("\n# {about}\n# Accepted: {accepted}.{note}\n#{name} = {default}\n")
    });
    format!("{intro}{keys}")
}

/// Returns `docs/settings.md`: a table of keys for each section.
pub(crate) fn markdown() -> String {
    let mut page = String::from(
        "# Settings\n\n\
        Flags override environment variables, variables override `kunci.toml`, and the file overrides defaults.\n\
        `--config` or `KUNCI_CONFIG` names another file.\n\
        Lists are arrays in the file and comma-separated in variables.\n\
        `kunci config init` prints a commented file, `kunci config show` the settings in use with their sources.\n",
    );
    let columns = "| Key | Variable | Default | Accepted | Meaning |\n|---|---|---|---|---|";
    let mut section = None;
    for key in KEYS.iter() {
        if section.replace(key.section()) != Some(key.section()) {
            let title = match key.section() {
                "" => "Top level".to_owned(),
                name => format!("`[{name}]`"),
            };
            let _ = write!(page, "\n## {title}\n\n{columns}\n");
        }
        let default = key.schema.get("default").map(|value| format!("`{value}`"));
        let default = default.unwrap_or_else(|| key.text("x-default"));
        let (accepted, about) = (key.accepted().replace('<', "\\<"), key.text("description"));
        let _ = writeln!(
            page,
            "| `{}` | `{}` | {default} | {accepted} | {about} |",
            key.name(),
            key.variable()
        );
    }
    page
}

/// Writes a text for each key, below the header of its section.
fn by_section(line: impl Fn(&Key) -> String) -> String {
    let (mut text, mut section) = (String::new(), "");
    for key in KEYS.iter() {
        if section != key.section() {
            section = key.section();
            let _ = write!(text, "\n[{section}]\n");
        }
        text.push_str(&line(key));
    }
    text
}
