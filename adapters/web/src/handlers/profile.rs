//! `/profile`: who is signed in.

use kunci_domain::Role;
use kunci_maud::{ProfilePage, profile_page};
use serde_json::json;

use super::wire_types::{SessionView, UserView};
use crate::errors::Error;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, json, text};
use crate::times::for_people;

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    match (request.representation(), request.viewer()) {
        (Representation::Text, Some(name)) => Ok(text(format!("Welcome, {name}"))),
        (Representation::Text, None) => Ok(text("You are not logged in")),
        (Representation::Json, None) => Ok(json(&json!({"message": "You are not logged in", "user": null}))),
        (Representation::Json, Some(name)) => Ok(json(&json!({
            "message": format!("Welcome, {name}"),
            "user": request.user().map(UserView::from),
            "session": request.session.record().map(SessionView::from),
        }))),
        (Representation::Page, _) => page(request),
    }
}

fn page(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_user()?.clone();
    let notices = request.session().take_flashes();
    let record = request.session.record().ok_or(Error::NotSignedIn)?;
    let since = record
        .authentication
        .map_or(record.created_at, |authentication| authentication.at);
    Ok(html(profile_page(&ProfilePage {
        name: user.name.as_str(),
        email: user.email.as_ref().map(kunci_domain::EmailAddress::as_str),
        administrator: user.role == Role::Administrator,
        member_since: &for_people(user.created_at),
        signed_in_since: &for_people(since),
        signed_in_until: &for_people(record.expires_at()),
        permanent: record.permanence.is_permanent(),
        notices: &notices,
    })))
}
