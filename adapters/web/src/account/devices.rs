//! `/account/sessions` and `/api/v1/sessions`: the sessions of the user, and how to end them.
//!
//! Ending a session requires no re-authentication, because signing out must always work at once.

use std::net::IpAddr;

use kunci_domain::use_cases::{end_other_sessions, end_session, sessions_of};
use kunci_domain::{Session, Timestamp};
use kunci_maud::{DeviceRow, DevicesPage, device_name, devices_page};
use serde::Serialize;
use serde_json::json;

use crate::entry::sign_out::redirect_to_sign_in;
use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply, reply_message};
use crate::kit::times::{human_readable, rfc3339};

/// A session as shown to its owner. It contains nothing that could be used to sign in.
struct DeviceView {
    id: String,
    device: String,
    address: Option<String>,
    started: Timestamp,
    last_seen: Timestamp,
    current: bool,
}

impl DeviceView {
    fn of(session: &Session, current: Option<&Session>) -> Self {
        let started = session
            .authentication
            .map_or(session.created_at, |proof| proof.at.min(session.created_at));
        Self {
            id: session.key.public_id(),
            device: device_name(session.device.user_agent()),
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
            human_readable(self.started),
            human_readable(self.last_seen),
        )
    }
}

/// JSON form of [`DeviceView`].
#[derive(Serialize)]
struct DeviceJson<'s> {
    id: &'s str,
    device: &'s str,
    address: Option<&'s str>,
    started_at: String,
    last_seen_at: String,
    current: bool,
}

impl<'s> From<&'s DeviceView> for DeviceJson<'s> {
    fn from(view: &'s DeviceView) -> Self {
        Self {
            id: &view.id,
            device: &view.device,
            address: view.address.as_deref(),
            started_at: rfc3339(view.started),
            last_seen_at: rfc3339(view.last_seen),
            current: view.current,
        }
    }
}

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    let sessions = sessions_of(&request.session)?;
    let current = request.session.record();
    let views: Vec<DeviceView> = sessions
        .iter()
        .map(|session| DeviceView::of(session, current))
        .collect();
    Ok(reply(
        request,
        |_| views.iter().map(DeviceView::line).collect::<Vec<_>>().join("\n"),
        |_| json!({"sessions": views.iter().map(DeviceJson::from).collect::<Vec<_>>()}),
        |request| html(page(request, &views)),
    ))
}

fn page(request: &mut Request, views: &[DeviceView]) -> kunci_maud::Markup {
    let times: Vec<(String, String)> = views
        .iter()
        .map(|view| (human_readable(view.started), human_readable(view.last_seen)))
        .collect();
    let rows: Vec<DeviceRow<'_>> = views
        .iter()
        .zip(&times)
        .map(|(view, (started, last_seen))| DeviceRow {
            id: &view.id,
            device: &view.device,
            address: view.address.as_deref(),
            started,
            last_seen,
            current: view.current,
        })
        .collect();
    let notices = request.session().take_flashes();
    devices_page(&DevicesPage {
        name: request.viewer().unwrap_or_default(),
        sessions: &rows,
        notices: &notices,
    })
}

/// Ends the session in the form field `id`.
pub(crate) fn end(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    let form = request.form()?;
    end_one(request, form.require("id")?)
}

/// Ends the session in the path.
pub(crate) fn end_by_path(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    let id = request.param("id")?;
    end_one(request, &id)
}

fn end_one(request: &mut Request, id: &str) -> Result<Response, Error> {
    end_session(request.session(), id)?;
    Ok(reply_message(request, "Session ended", |request| {
        if request.user().is_none() {
            return redirect_to_sign_in(request);
        }
        // If the session is full, the notice is dropped.
        let _ = request.session().flash("The device is signed out.");
        redirect("/account/sessions")
    }))
}

pub(crate) fn end_others(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    end_other_sessions(request.session())?;
    Ok(reply_message(request, "Other sessions ended", |request| {
        // If the session is full, the notice is dropped.
        let _ = request.session().flash("Your other devices are signed out.");
        redirect("/account/sessions")
    }))
}
