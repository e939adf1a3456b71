//! The three representations of a resource, and how `Accept` selects one.

use http::{HeaderMap, header};

/// Representation of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Representation {
    /// `text/html`, for browsers.
    Page,
    /// `application/json`, for programs.
    Json,
    /// One line of `text/plain`, for every other client, such as curl.
    Text,
}

impl Representation {
    /// Returns the representation that `Accept` selects (RFC 9110, 12.5.1).
    ///
    /// Of `text/html` and `application/json`, the type with the higher weight wins, and the first one on a
    /// tie. Without either of them the result is text. Wildcards are ignored.
    #[must_use]
    pub fn negotiate(headers: &HeaderMap) -> Self {
        let mut best = (0, Self::Text);
        let lines = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|line| line.to_str().ok());
        for range in lines.flat_map(|line| line.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let named = match parts.next() {
                Some(name) if name.eq_ignore_ascii_case("text/html") => Self::Page,
                Some(name) if name.eq_ignore_ascii_case("application/json") => Self::Json,
                _ => continue,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(1_000, thousandths);
            if weight > best.0 {
                best = (weight, named);
            }
        }
        best.1
    }
}

/// Parses a weight such as `0.8` into thousandths. An invalid weight counts as 0.
fn thousandths(weight: &str) -> u16 {
    let (whole, rest) = weight.split_once('.').unwrap_or((weight, ""));
    match whole {
        "1" => 1_000,
        "0" if rest.len() <= 3 => format!("{rest:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_selects_the_representation() {
        for (accept, want) in [
            ("", Representation::Text),
            ("*/*", Representation::Text),
            ("text/*", Representation::Text),
            ("text/plain", Representation::Text),
            ("image/png,*/*;q=0.8", Representation::Text),
            ("text/html", Representation::Page),
            ("TEXT/HTML", Representation::Page),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Representation::Page,
            ),
            ("application/json", Representation::Json),
            ("application/json, text/plain, */*", Representation::Json),
            ("text/html;q=0.5, application/json;q=0.9", Representation::Json),
            ("text/html;q=0.9, application/json;q=0.5", Representation::Page),
            ("application/json, text/html", Representation::Json),
            ("text/html;q=0", Representation::Text),
            ("text/html;q=0.000", Representation::Text),
            ("text/html;q=banana", Representation::Text),
            (
                "text/html;level=1;q=0.4, application/json;q=0.3",
                Representation::Page,
            ),
            (",,;;,", Representation::Text),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Representation::negotiate(&headers), want, "{accept:?}");
        }
    }
}
