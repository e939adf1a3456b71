//! What an answer comes down to, for tables of routes and forms.

use super::Answer;

/// What is to come back, beside the right media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// This line.
    Line(u16, &'static str),
    /// This JSON.
    Json(u16, &'static str),
    /// A page with this heading.
    Page(u16, &'static str),
    /// Off to this place.
    To(&'static str),
}

/// That an answer is the one wanted, and in the right media type.
#[track_caller]
pub fn check(case: &str, answer: &Answer, want: Want) {
    let media_type = answer.header("content-type");
    let location = answer.header("location");
    let (status, body) = (answer.status, answer.body.as_str());
    let right = match want {
        Want::Line(code, line) => {
            (media_type, status) == ("text/plain; charset=utf-8", code) && body == format!("{line}\n")
        }
        Want::Json(code, json) => {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            (media_type, status) == ("application/json", code) && answer.json() == json
        }
        Want::Page(code, heading) => {
            (media_type, status) == ("text/html; charset=utf-8", code)
                && body.starts_with("<!DOCTYPE html>")
                && body.contains(&format!("<h1>{heading}</h1>"))
        }
        Want::To(place) => (media_type, status) == ("", 303) && location == place && body.is_empty(),
    };
    assert!(right, "{case}: {answer:#?}");
}
