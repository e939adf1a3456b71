//! Scanner for the start tags of a page and their attributes.
//!
//! It only supports the output of Maud: double quotes, lower case, no comments.

/// A start tag with its name and attributes. Values stay escaped.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    /// Returns the value of an attribute, which is empty for an attribute without a value.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| *value)
    }

    pub(crate) fn is(&self, name: &str, attribute: &str, value: &str) -> bool {
        self.name == name && self.get(attribute) == Some(value)
    }
}

/// Returns all start tags in document order.
pub(crate) fn tags(page: &str) -> Vec<Tag<'_>> {
    page.split('<')
        .skip(1)
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(tag)
        .collect()
}

/// Returns all visible inputs.
pub(crate) fn visible_inputs<'a>(tags: &'a [Tag<'a>]) -> impl Iterator<Item = &'a Tag<'a>> {
    tags.iter()
        .filter(|tag| tag.name == "input" && tag.get("type") != Some("hidden"))
}

/// Returns the text between the first tag `name`, which must have no attributes, and the next tag.
pub(crate) fn text_of<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let rest = page.split_once(&format!("<{name}>"))?.1;
    rest.split('<').next()
}

fn tag(rest: &str) -> Tag<'_> {
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    let (name, mut rest) = rest.split_at(end);
    let mut attributes = Vec::new();
    while let Some((key, value, after)) = attribute(rest) {
        attributes.push((key, value));
        rest = after;
    }
    Tag { name, attributes }
}

/// Splits off the next attribute. Returns `None` at the end of the tag.
fn attribute(rest: &str) -> Option<(&str, &str, &str)> {
    let rest = rest.trim_start();
    let end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '>')?;
    if end == 0 {
        return None;
    }
    let (key, rest) = rest.split_at(end);
    let Some(quoted) = rest.strip_prefix("=\"") else {
        return Some((key, "", rest));
    };
    let (value, after) = quoted.split_once('"')?;
    Some((key, value, after))
}

#[test]
fn scanner_reads_names_values_and_bare_attributes() {
    let page = r#"<!DOCTYPE html><p class="a b">x &lt; y</p><input name="n" required value=""><br>"#;
    let tags = tags(page);
    let names: Vec<&str> = tags.iter().map(|tag| tag.name).collect();
    assert_eq!(names, ["p", "input", "br"]);
    assert_eq!(tags[0].get("class"), Some("a b"));
    assert_eq!(
        tags[1].attributes,
        [("name", "n"), ("required", ""), ("value", "")]
    );
}
