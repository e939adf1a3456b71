//! The JSON schema of the settings file, and the list of keys that it describes.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::sections::Settings;

/// Prefix of the variables that give settings.
pub(crate) const PREFIX: &str = "KUNCI_";

/// A key of the file with its schema.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its section and name, such as `server.tls.cert`.
    pub(crate) path: String,
    /// Its schema.
    pub(crate) schema: Value,
}

/// All keys: those of the top level, then section by section.
pub(crate) static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let mut keys = Vec::new();
    collect("", &json_schema(), &mut keys);
    keys.sort_by_key(|key: &Key| (key.section().to_owned(), key.path.clone()));
    keys
});

/// Returns the key of a path.
pub(crate) fn key(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// Whether the path names a section.
pub(crate) fn is_section(path: &str) -> bool {
    KEYS.iter().any(|key| key.section() == path)
}

impl Key {
    /// The section that contains it, empty at the top level.
    pub(crate) fn section(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// Its name within the section.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// Its variable, such as `KUNCI_SERVER__TLS__CERT`.
    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.path.replace('.', "__").to_ascii_uppercase())
    }

    /// Returns a text of the schema in one line, empty if it is absent.
    pub(crate) fn text(&self, name: &str) -> String {
        self.schema[name].as_str().unwrap_or_default().replace('\n', " ")
    }

    /// Whether its value must not be shown.
    pub(crate) fn is_secret(&self) -> bool {
        is_secret(&self.schema)
    }

    /// Returns the key whose value the file at this key contains.
    pub(crate) fn in_file(&self) -> Option<&'static Key> {
        key(self.path.strip_suffix("_file")?).filter(|key| has_file(&key.schema))
    }

    /// Returns what the key accepts, to follow "expected".
    pub(crate) fn accepted(&self) -> String {
        let words = self.schema["enum"].as_array().into_iter().flatten();
        let words: Vec<&str> = words.filter_map(Value::as_str).collect();
        let range = &self.schema["x-range"];
        if let Some((last, others)) = words.split_last() {
            return format!("{} or {last}", others.join(", "));
        } else if let (Some(least), Some(most)) = (range[0].as_str(), range[1].as_str()) {
            return format!("a duration from {least} to {most}, such as 90s or 1h");
        } else if let (Value::Number(least), most) = (&self.schema["minimum"], &self.schema["maximum"]) {
            return format!("an integer from {least} to {most}");
        }
        let items = self.schema["items"]["x-accepted"].as_str();
        items.map_or_else(|| self.text("x-accepted"), str::to_owned)
    }
}

/// Returns the schema of the settings file. Each value that is a secret, or may contain one, has a second key for
/// a file that contains it.
pub(crate) fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<Settings>();
    let mut schema = schema.to_value();
    tidy(&mut schema);
    schema
}

/// Removes nulls, which TOML does not have, and defaults of sections. Adds the keys for files.
fn tidy(node: &mut Value) {
    if let Value::Array(types) = &node["type"] {
        node["type"] = types[0].clone();
    }
    let is_section = node["properties"].is_object();
    if let Some(object) = node.as_object_mut() {
        object.retain(|name, value| name != "default" || !(is_section || value.is_null()));
    }
    if let Some(properties) = node.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(tidy);
        let secrets = properties.iter().filter(|(_, node)| has_file(node));
        let files: Vec<_> = secrets
            .map(|(name, _)| (format!("{name}_file"), file_of(name)))
            .collect();
        properties.extend(files);
        node["additionalProperties"] = false.into();
    }
}

/// Returns the schema of a key whose file contains a secret.
fn file_of(secret: &str) -> Value {
    let about = format!("File that contains `{secret}`. A line end at its end is ignored.");
    json!({ "type": "string", "description": about, "x-accepted": "a path", "x-default": "none" })
}

fn is_secret(schema: &Value) -> bool {
    schema["writeOnly"] == true || schema["items"]["writeOnly"] == true
}

/// Whether the value can also come from a file.
fn has_file(schema: &Value) -> bool {
    is_secret(schema) || schema["x-has-file"] == true
}

fn collect(section: &str, node: &Value, keys: &mut Vec<Key>) {
    for (name, schema) in node["properties"].as_object().into_iter().flatten() {
        let dot = if section.is_empty() { "" } else { "." };
        let path = format!("{section}{dot}{name}");
        if schema["properties"].is_object() {
            collect(&path, schema, keys);
        } else {
            let schema = schema.clone();
            keys.push(Key { path, schema });
        }
    }
}
