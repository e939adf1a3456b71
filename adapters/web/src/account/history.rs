//! `/account/history` and its API route: the events of the account, the latest first.

use std::net::IpAddr;

use kunci_domain::{Device, Event};
use kunci_maud::{HistoryPage, HistoryRow, device_name, history_page};
use serde_json::{Value, json};

use super::event_words::describe;
use crate::errors::Error;
use crate::kit::forms::FormError;
use crate::kit::{Access, Endpoint, Request, Response, View, html, human_readable, rfc3339};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/account/history", Access::User, show).may_block(),
    Endpoint::get("/api/v1/account/history", Access::User, show).may_block(),
];

/// Number of events on a page.
const PAGE: u32 = 50;

/// One event with its formatted texts.
struct EventView {
    when: String,
    at: String,
    kind: &'static str,
    what: &'static str,
    device: Option<String>,
    address: Option<String>,
}

impl From<&Event> for EventView {
    fn from(event: &Event) -> Self {
        let device = event.owners_device();
        Self {
            when: human_readable(event.at),
            at: rfc3339(event.at),
            kind: event.kind.as_str(),
            what: describe(event.kind),
            device: device.map(|device| device_name(device.user_agent())),
            address: device.and_then(Device::address).as_ref().map(IpAddr::to_string),
        }
    }
}

impl EventView {
    fn line(&self) -> String {
        let parts = [Some(self.when.as_str()), Some(self.what)];
        let rest = [self.device.as_deref(), self.address.as_deref()];
        let parts: Vec<&str> = parts.into_iter().chain(rest).flatten().collect();
        parts.join(", ")
    }

    fn value(&self) -> Value {
        json!({
            "at": self.at,
            "event": self.kind,
            "device": self.device,
            "address": self.address,
        })
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

fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_user()?.id;
    let (number, skip) = page_number(request)?;
    // Reads one event more than a page holds, to know whether another page follows.
    let events = request.state.core.accounts.events(user, skip, PAGE + 1)?;
    let older = (PAGE as usize) < events.len();
    let views: Vec<EventView> = events.iter().take(PAGE as usize).map(EventView::from).collect();
    View {
        text: |_| views.iter().map(EventView::line).collect::<Vec<_>>().join("\n"),
        json: |_| json!({"events": views.iter().map(EventView::value).collect::<Vec<_>>(), "page": number, "more": older}),
        page: |request| {
            let rows: Vec<HistoryRow<'_>> = views.iter().map(EventView::row).collect();
            Ok(html(history_page(&HistoryPage {
                name: request.viewer().unwrap_or_default(),
                events: &rows,
                newer: number.checked_sub(1).filter(|newer| 0 < *newer),
                older: older.then_some(number + 1),
            })))
        },
    }
    .render(request)
}

/// Returns the number of the requested page, from 1, and the number of events before it.
fn page_number(request: &Request) -> Result<(u32, u32), Error> {
    let text = request.query("page").unwrap_or_else(|| "1".to_owned());
    let number = text.parse::<u32>().ok().filter(|number| 0 < *number);
    let skip = number.and_then(|number| (number - 1).checked_mul(PAGE));
    number.zip(skip).ok_or_else(|| FormError::BadValue("page").into())
}
