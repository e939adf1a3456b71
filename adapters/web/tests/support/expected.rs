//! Expected responses, for tables of routes and representations.

use super::TestResponse;

/// An expected status and body; each variant also implies a media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Plain text: one line.
    Line(u16, &'static str),
    /// A JSON value.
    Json(u16, &'static str),
    /// An HTML page with a heading.
    Page(u16, &'static str),
    /// A redirect with status 303 to a location.
    Redirect(&'static str),
}

/// Asserts that a response has the expected status, body and media type.
#[track_caller]
pub fn check(case: &str, answer: &TestResponse, want: Expected) {
    let media_type = answer.header("content-type");
    let location = answer.header("location");
    let (status, body) = (answer.status, answer.body.as_str());
    let matches = match want {
        Expected::Line(code, line) => {
            (media_type, status) == ("text/plain; charset=utf-8", code) && body == format!("{line}\n")
        }
        Expected::Json(code, json) => {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            (media_type, status) == ("application/json", code) && answer.json() == json
        }
        Expected::Page(code, heading) => {
            (media_type, status) == ("text/html; charset=utf-8", code)
                && body.starts_with("<!DOCTYPE html>")
                && body.contains(&format!("<h1>{heading}</h1>"))
        }
        Expected::Redirect(target) => {
            (media_type, status) == ("", 303) && location == target && body.is_empty()
        }
    };
    assert!(matches, "{case}: {answer:#?}");
}
