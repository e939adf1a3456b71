//! `/account/sessions` and `/api/v1/sessions`: where one is signed in, and ending that.
//!
//! It asks for no proof: signing out must always work at once.

use std::net::IpAddr;

use kunci_domain::use_cases::{end_other_sessions, end_session, sessions_of};
use kunci_domain::{Session, Timestamp};
use kunci_maud::{DeviceRow, DevicesPage, device_in_words, devices_page};
use serde::Serialize;
use serde_json::json;

use super::sign_out::leave;
use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, html, redirect, reply, say};
use crate::times::{for_people, rfc3339};

/// A session as its owner sees it: nothing in here could be used to sign in.
struct Seen {
    id: String,
    device: String,
    address: Option<String>,
    started: Timestamp,
    last_seen: Timestamp,
    current: bool,
}

impl Seen {
    fn of(session: &Session, current: Option<&Session>) -> Self {
        let started = session
            .authentication
            .map_or(session.created_at, |proof| proof.at.min(session.created_at));
        Self {
            id: session.key.public_id(),
            device: device_in_words(session.device.user_agent()),
            address: session.device.address().as_ref().map(IpAddr::to_string),
            started,
            last_seen: session.last_seen_at,
            current: current.is_some_and(|current| current.key == session.key),
        }
    }

    fn line(&self) -> String {
        let address = self.address.as_deref().unwrap_or("no address");
        let current = if self.current { ", this session" } else { "" };
        format!(
            "{} {}, {address}, since {}, last seen {}{current}",
            self.id,
            self.device,
            for_people(self.started),
            for_people(self.last_seen),
        )
    }
}

/// The same for programs.
#[derive(Serialize)]
struct SeenView<'s> {
    id: &'s str,
    device: &'s str,
    address: Option<&'s str>,
    started_at: String,
    last_seen_at: String,
    current: bool,
}

impl<'s> From<&'s Seen> for SeenView<'s> {
    fn from(seen: &'s Seen) -> Self {
        Self {
            id: &seen.id,
            device: &seen.device,
            address: seen.address.as_deref(),
            started_at: rfc3339(seen.started),
            last_seen_at: rfc3339(seen.last_seen),
            current: seen.current,
        }
    }
}

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    let sessions = sessions_of(&request.session)?;
    let current = request.session.record();
    let seen: Vec<Seen> = sessions
        .iter()
        .map(|session| Seen::of(session, current))
        .collect();
    Ok(reply(
        request,
        |_| seen.iter().map(Seen::line).collect::<Vec<_>>().join("\n"),
        |_| json!({"sessions": seen.iter().map(SeenView::from).collect::<Vec<_>>()}),
        |request| html(page(request, &seen)),
    ))
}

fn page(request: &mut Request, seen: &[Seen]) -> kunci_maud::Markup {
    let times: Vec<(String, String)> = seen
        .iter()
        .map(|seen| (for_people(seen.started), for_people(seen.last_seen)))
        .collect();
    let rows: Vec<DeviceRow<'_>> = seen
        .iter()
        .zip(&times)
        .map(|(seen, (started, last_seen))| DeviceRow {
            id: &seen.id,
            device: &seen.device,
            address: seen.address.as_deref(),
            started,
            last_seen,
            current: seen.current,
        })
        .collect();
    let notices = request.session().take_flashes();
    devices_page(&DevicesPage {
        name: request.viewer().unwrap_or_default(),
        sessions: &rows,
        notices: &notices,
    })
}

/// By the field `id` of a form.
pub(crate) fn end(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    let form = request.form()?;
    end_one(request, form.require("id")?)
}

/// By the path.
pub(crate) fn end_named(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    let id = request.param("id")?;
    end_one(request, &id)
}

fn end_one(request: &mut Request, id: &str) -> Result<Response, Error> {
    end_session(request.session(), id)?;
    Ok(say(request, "Session ended", |request| {
        if request.user().is_none() {
            return leave(request);
        }
        // It is ended, also when this session has no room left for saying so.
        let _ = request.session().flash("The session is ended.");
        redirect("/account/sessions")
    }))
}

pub(crate) fn end_others(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    end_other_sessions(request.session())?;
    Ok(say(request, "Other sessions ended", |request| {
        // They are ended, also when this session has no room left for saying so.
        let _ = request.session().flash("All your other sessions are ended.");
        redirect("/account/sessions")
    }))
}
