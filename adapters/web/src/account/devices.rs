//! `/account/sessions` and `/api/v1/sessions`: the sessions of the user, and how to end them.
//!
//! The list has pages of 1,000 sessions. `?from=ID` asks for the page that starts with a session.
//! Ending a session requires no re-authentication, because signing out must always work at once.

use std::net::IpAddr;

use kunci_domain::use_cases::{end_other_sessions, end_session, sessions_of};
use kunci_domain::{Session, SessionId, Timestamp};
use kunci_maud::{DeviceRow, DevicesPage, device_name, devices_page};
use serde_json::{Value, json};

use crate::entry::sign_out::redirect_to_sign_in;
use crate::errors::Error;
use crate::kit::forms::FormError;
use crate::kit::{
    Access, Done, Endpoint, Request, Response, View, html, human_readable, message_or_page, rfc3339,
};

const PAGE: &str = "/account/sessions";
const API: &str = "/api/v1/sessions";

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get(PAGE, Access::User, show).may_block(),
    Endpoint::post("/account/sessions/end", Access::User, end).on_page(PAGE),
    Endpoint::post("/account/sessions/end_others", Access::User, end_others).on_page(PAGE),
    Endpoint::get(API, Access::User, show).may_block(),
    Endpoint::delete(API, Access::User, end_others),
    Endpoint::delete("/api/v1/sessions/{id}", Access::User, end),
];

/// A session as shown to its owner. It contains nothing that could be used to sign in.
struct DeviceView {
    id: String,
    device: String,
    address: Option<String>,
    started_at: Timestamp,
    last_seen_at: Timestamp,
    started: String,
    last_seen: String,
    current: bool,
}

impl DeviceView {
    fn of(session: &Session, current: Option<&Session>) -> Self {
        let proof = session.authentication().map(|proof| proof.at);
        let started_at = proof.map_or(session.created_at, |at| at.min(session.created_at));
        Self {
            id: session.key.public_id(),
            device: device_name(session.device.user_agent()),
            address: session.device.address().as_ref().map(IpAddr::to_string),
            started_at,
            last_seen_at: session.last_seen_at,
            started: human_readable(started_at),
            last_seen: human_readable(session.last_seen_at),
            current: current.is_some_and(|current| current.key == session.key),
        }
    }

    fn line(&self) -> String {
        let address = self.address.as_deref().unwrap_or("no address");
        let current = if self.current { ", this session" } else { "" };
        format!(
            "{} {}, {address}, since {}, last seen {}{current}",
            self.id, self.device, self.started, self.last_seen,
        )
    }

    fn value(&self) -> Value {
        json!({
            "id": self.id,
            "device": self.device,
            "address": self.address,
            "started_at": rfc3339(self.started_at),
            "last_seen_at": rfc3339(self.last_seen_at),
            "current": self.current,
        })
    }

    fn row(&self) -> DeviceRow<'_> {
        DeviceRow {
            id: &self.id,
            device: &self.device,
            address: self.address.as_deref(),
            started: &self.started,
            last_seen: &self.last_seen,
            current: self.current,
        }
    }
}

fn show(request: &mut Request) -> Result<Response, Error> {
    let page = sessions_of(&request.session, first_id(request)?)?;
    let next = page.next.map(|id| format!("{}?from={id}", request.uri().path()));
    let current = request.session.record();
    let views: Vec<DeviceView> = page
        .sessions
        .iter()
        .map(|session| DeviceView::of(session, current))
        .collect();
    View {
        text: |_| lines(&views, next.as_deref()),
        json: |_| json!({"sessions": views.iter().map(DeviceView::value).collect::<Vec<_>>(), "next": next}),
        page: |request| {
            let rows: Vec<DeviceRow<'_>> = views.iter().map(DeviceView::row).collect();
            let notices = request.session().take_flashes();
            Ok(html(devices_page(&DevicesPage {
                name: request.viewer().unwrap_or_default(),
                sessions: &rows,
                next_href: next.as_deref(),
                notices: &notices,
            })))
        },
    }
    .render(request)
}

/// Returns the id with which the requested page starts, or `None` for the first page.
fn first_id(request: &Request) -> Result<Option<SessionId>, Error> {
    let Some(text) = request.query("from") else {
        return Ok(None);
    };
    let id = SessionId::parse(&text).ok_or(FormError::BadValue("from"))?;
    Ok(Some(id))
}

/// Returns one line for each session, and one for the address of the next page.
fn lines(views: &[DeviceView], next: Option<&str>) -> String {
    let more = next.map(|next| format!("more at {next}"));
    let lines: Vec<String> = views.iter().map(DeviceView::line).chain(more).collect();
    lines.join("\n")
}

/// Ends the session whose id is in the path or in the form.
fn end(request: &mut Request) -> Result<Response, Error> {
    let id = request.id()?;
    end_session(request.session(), &id)?;
    if request.user().is_none() {
        return message_or_page(request, "Session ended", |request| {
            Ok(redirect_to_sign_in(request))
        });
    }
    Done::new("Session ended", PAGE)
        .with_notice("The device is signed out.")
        .answer(request)
}

fn end_others(request: &mut Request) -> Result<Response, Error> {
    end_other_sessions(request.session())?;
    Done::new("Other sessions ended", PAGE)
        .with_notice("Your other devices are signed out.")
        .answer(request)
}
