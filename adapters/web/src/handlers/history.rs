//! `/account/history` and its twin in the API: what happened to the account, the latest first.

use std::net::IpAddr;

use kunci_domain::{Device, Event};
use kunci_maud::{HistoryPage, HistoryRow, device_in_words, history_page};
use serde::Serialize;
use serde_json::json;

use crate::errors::Error;
use crate::event_words::in_words;
use crate::forms::FormError;
use crate::request::Request;
use crate::responses::{Response, html, reply};
use crate::times::{for_people, rfc3339};

/// As many events stand on a page.
const PAGE: u32 = 50;

/// One event, ready to be shown.
struct Shown {
    when: String,
    at: String,
    kind: &'static str,
    what: &'static str,
    device: Option<String>,
    address: Option<String>,
}

impl From<&Event> for Shown {
    fn from(event: &Event) -> Self {
        Self {
            when: for_people(event.at),
            at: rfc3339(event.at),
            kind: event.kind.as_str(),
            what: in_words(event.kind),
            // An operator on the command line has no device.
            device: (event.device != Device::default()).then(|| device_in_words(event.device.user_agent())),
            address: event.device.address().as_ref().map(IpAddr::to_string),
        }
    }
}

/// The same for programs.
#[derive(Serialize)]
struct EventView<'s> {
    at: &'s str,
    event: &'s str,
    device: Option<&'s str>,
    address: Option<&'s str>,
}

impl Shown {
    fn line(&self) -> String {
        let parts = [Some(self.when.as_str()), Some(self.what)];
        let rest = [self.device.as_deref(), self.address.as_deref()];
        let parts: Vec<&str> = parts.into_iter().chain(rest).flatten().collect();
        parts.join(", ")
    }

    fn view(&self) -> EventView<'_> {
        EventView {
            at: &self.at,
            event: self.kind,
            device: self.device.as_deref(),
            address: self.address.as_deref(),
        }
    }

    fn row(&self) -> HistoryRow<'_> {
        HistoryRow {
            when: &self.when,
            what: self.what,
            device: self.device.as_deref(),
            address: self.address.as_deref(),
        }
    }
}

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_user()?.id;
    let (number, skip) = page_number(request)?;
    // One more than is shown tells whether there is a page after this one.
    let events = request.around.core.history.list(user, skip, PAGE + 1)?;
    let older = (PAGE as usize) < events.len();
    let shown: Vec<Shown> = events.iter().take(PAGE as usize).map(Shown::from).collect();
    Ok(reply(
        request,
        |_| shown.iter().map(Shown::line).collect::<Vec<_>>().join("\n"),
        |_| json!({"events": shown.iter().map(Shown::view).collect::<Vec<_>>(), "page": number, "more": older}),
        |request| {
            let rows: Vec<HistoryRow<'_>> = shown.iter().map(Shown::row).collect();
            html(history_page(&HistoryPage {
                name: request.viewer().unwrap_or_default(),
                events: &rows,
                newer: number.checked_sub(1).filter(|newer| 0 < *newer),
                older: older.then_some(number + 1),
            }))
        },
    ))
}

/// The page that is asked for, from 1, and how many events come before it.
fn page_number(request: &Request) -> Result<(u32, u32), Error> {
    let asked = request.query("page").unwrap_or_else(|| "1".to_owned());
    let number = asked.parse::<u32>().ok().filter(|number| 0 < *number);
    let skip = number.and_then(|number| (number - 1).checked_mul(PAGE));
    number.zip(skip).ok_or_else(|| FormError::BadValue("page").into())
}
