//! The layers that give settings: flags, variables, and with `file` the settings file.
//!
//! Every value is checked when it is added, also one that a stronger layer overrides. So a mistake in the
//! file does not stay hidden until a flag is left out.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use config::{Value, ValueKind};
use toml::de::DeValue;

use super::message::{ConfigError, HIDDEN, nearest, shown};
use super::read::secret_in;
use super::schema::{KEYS, Key, PREFIX, key};
use super::sections::Settings;
use super::values::Refusal;
use crate::durations::duration;
use crate::store_url::StoreUrl;

/// The variable that names the settings file.
pub(crate) const CONFIG_VARIABLE: &str = "KUNCI_CONFIG";

/// The longest text of a value, in bytes. Anything longer was put there by mistake.
const LONGEST_TEXT: usize = 1024;

/// What the command line gives.
#[derive(Clone, Default)]
pub(crate) struct Flags {
    /// The settings file, which must exist.
    pub(crate) config: Option<PathBuf>,
    /// Name of the flag, path of its key, value.
    pub(crate) given: Vec<(&'static str, &'static str, OsString)>,
}

/// A value before it is checked.
#[derive(Clone, Copy)]
pub(crate) enum Raw<'a> {
    /// From a flag, a variable or a file that contains a secret.
    Text(&'a str),
    /// From the settings file.
    Toml(&'a DeValue<'a>),
}

/// Checked values by path, each with its source.
#[derive(Default)]
pub(crate) struct Layer(BTreeMap<String, Value>);

/// Success, or the error for the value.
pub(crate) type Added = Result<(), ConfigError>;

impl Layer {
    /// Checks a value and adds it; `shown` is the value as messages show it. The value of a key such as
    /// `password_file` is replaced by the secret in that file.
    pub(crate) fn add(&mut self, key: &Key, raw: Raw<'_>, shown: &str, source: &String) -> Added {
        let refused = |why: Refusal| {
            let why = if why.is_empty() { why } else { why + "; " };
            ConfigError::invalid(source, key, shown, &format!("{why}expected {}", key.accepted()))
        };
        let value = checked(key, raw).map_err(refused)?;
        if let (Some(whole), ValueKind::String(path)) = (key.in_file(), &value) {
            let text = secret_in(path).map_err(|error| refused(error.to_string().into()))?;
            return self.add(whole, Raw::Text(&text), HIDDEN, source);
        }
        match self.0.insert(key.path.clone(), Value::new(Some(source), value)) {
            None => Ok(()),
            Some(_) => Err(refused("the secret and its file are both given".into())),
        }
    }

    fn add_text(&mut self, key: &Key, value: &OsStr, source: &String) -> Added {
        let text = value.to_string_lossy();
        let shown = shown(&format!("{text:?}"), key.is_secret());
        self.add(key, Raw::Text(&text), &shown, source)
    }

    /// Reads the flags.
    pub(crate) fn from_flags(flags: &Flags) -> Result<Self, ConfigError> {
        let mut layer = Self::default();
        for (flag, path, value) in &flags.given {
            let key = key(path).ok_or_else(|| unknown(path, flag, |key| key.path.clone()))?;
            let source = (*flag).to_owned();
            layer.add_text(key, value, &source)?;
            if has_password(value) {
                let why = format!(
                    "other users can read the password in an argument; expected it in {} or in the file {}_file",
                    key.variable(),
                    key.path
                );
                return Err(ConfigError::invalid(&source, key, HIDDEN, &why));
            }
        }
        Ok(layer)
    }

    /// Reads the variables, and returns the settings file that one of them names.
    pub(crate) fn from_variables(
        env: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(Self, Option<PathBuf>), ConfigError> {
        // Sorted by name, so that the first error is always the same.
        let env = env
            .into_iter()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value));
        let ours: BTreeMap<_, _> = env.filter(|(name, value)| is_ours(name, value)).collect();
        let (mut layer, mut file) = (Self::default(), None);
        for (name, value) in ours {
            let path = name.trim_start_matches(PREFIX).replace("__", ".");
            let path = path.to_ascii_lowercase();
            match key(&path).filter(|key| key.variable() == name) {
                Some(key) => layer.add_text(key, &value, &name)?,
                None if name == CONFIG_VARIABLE => file = Some(PathBuf::from(value)),
                None => return Err(unknown(&path, &name, Key::variable)),
            }
        }
        Ok((layer, file))
    }
}

/// Whether a flag gives the URL of a store with a password.
fn has_password(value: &OsStr) -> bool {
    let url = value.to_str().and_then(|text| StoreUrl::parse(text).ok());
    url.is_some_and(|url| url.has_password())
}

/// Merges layers. The last one is the strongest.
pub(crate) fn merged(layers: impl IntoIterator<Item = Layer>) -> Result<config::Config, config::ConfigError> {
    let mut values = layers.into_iter().flat_map(|layer| layer.0);
    let none = config::Config::builder();
    values
        .try_fold(none, |all, (path, value)| all.set_override(path, value))?
        .build()
}

/// Checks the type of a value, its range, and with all other settings at their defaults that it loads.
fn checked(key: &Key, raw: Raw<'_>) -> Result<ValueKind, Refusal> {
    let value = typed(key, raw)?;
    let alone = BTreeMap::from([(key.path.clone(), value.clone().into())]);
    let loaded = merged([Layer(alone)]).and_then(config::Config::try_deserialize::<Settings>);
    loaded.map(|_| value).map_err(innermost)
}

/// Returns the message of the type that refused the value, without the library's text around it.
fn innermost(error: config::ConfigError) -> Refusal {
    match error {
        config::ConfigError::At { error, .. } => innermost(*error),
        config::ConfigError::Message(why) => why.into(),
        _ => Refusal::default(),
    }
}

fn typed(key: &Key, raw: Raw<'_>) -> Result<ValueKind, Refusal> {
    match (key.schema["type"].as_str(), raw) {
        (Some("integer"), Raw::Text(digits)) => integer(key, digits, 10),
        (Some("integer"), Raw::Toml(DeValue::Integer(given))) => integer(key, given.as_str(), given.radix()),
        (Some("string" | "array"), Raw::Toml(DeValue::String(given))) => typed(key, Raw::Text(given)),
        (Some("array"), Raw::Toml(DeValue::Array(all))) => {
            list(key, all.iter().map(|item| item.get_ref().as_str()))
        }
        (Some("array"), Raw::Text(given)) if given.trim().is_empty() => list(key, [].into_iter()),
        // A file that contains several secrets may have one per line.
        (Some("array"), Raw::Text(all)) => list(key, all.split([',', '\n']).map(|item| Some(item.trim()))),
        (Some("string"), Raw::Text(given)) => text(key, given).map(ValueKind::from),
        _ => Err(Refusal::default()),
    }
}

fn list<'a>(key: &Key, items: impl Iterator<Item = Option<&'a str>>) -> Result<ValueKind, Refusal> {
    let items = items.map(|item| text(key, item.ok_or("an item is not a string")?));
    items.collect::<Result<Vec<_>, _>>().map(ValueKind::from)
}

fn text<'a>(key: &Key, given: &'a str) -> Result<&'a str, Refusal> {
    let (words, range) = (key.schema["enum"].as_array(), &key.schema["x-range"]);
    if let (Some(least), Some(most)) = (range[0].as_str(), range[1].as_str()) {
        duration(given, least, most)?;
    }
    match given {
        "" => Err("it is empty".into()),
        _ if LONGEST_TEXT < given.len() => Err("it is too long".into()),
        _ if given.contains(char::REPLACEMENT_CHARACTER) => Err("it is not UTF-8".into()),
        _ if given.contains(char::is_control) => Err("it contains a control character".into()),
        _ if words.is_some_and(|words| !words.contains(&given.into())) => Err(Refusal::default()),
        _ => Ok(given),
    }
}

/// Parses an integer without sign, spaces and separators.
fn integer(key: &Key, digits: &str, radix: u32) -> Result<ValueKind, Refusal> {
    let range = key.schema["minimum"].as_u64()..=key.schema["maximum"].as_u64();
    match u64::from_str_radix(digits, radix) {
        Ok(number) if range.contains(&Some(number)) && !digits.starts_with('+') => Ok(number.into()),
        _ => Err(Refusal::default()),
    }
}

/// Returns the error for a key that does not exist. Its value is not shown, because it may be a secret.
/// `name` writes the name of the key that was probably meant.
pub(crate) fn unknown(path: &str, source: &str, name: fn(&Key) -> String) -> ConfigError {
    let near = nearest(path, KEYS.iter().map(|key| &*key.path)).and_then(key);
    let in_section = KEYS.iter().filter(|key| key.section() == path);
    let in_section: Vec<_> = in_section.map(name).collect();
    let hint = match near {
        _ if !in_section.is_empty() => format!("[{path}] is a section with {}", in_section.join(", ")),
        Some(near) => format!("did you mean {}?", name(near)),
        None => "kunci config init lists all keys".to_owned(),
    };
    ConfigError::new(source, format_args!("unknown key {path}; {hint}"))
}

/// Whether a variable is meant for Kunci. Those of the tests are not, and those that Kubernetes and Docker
/// links set for a service named `kunci` or `kunci-...`, such as `KUNCI_SERVICE_HOST`,
/// `KUNCI_PORT=tcp://10.0.0.7:80` and `KUNCI_PORT_80_TCP_ADDR`.
fn is_ours(name: &str, value: &OsStr) -> bool {
    let after_port = |(_, rest): (&str, &str)| rest.starts_with(|char: char| char.is_ascii_digit());
    let value = value.to_string_lossy();
    let schemes = ["tcp://", "udp://", "sctp://"];
    let is_address = schemes.iter().any(|scheme| value.starts_with(scheme));
    let is_foreign = name.starts_with("KUNCI_TEST_")
        || name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.split_once("_PORT_").is_some_and(after_port)
        || (name.ends_with("_PORT") && is_address);
    name.starts_with(PREFIX) && !is_foreign
}
