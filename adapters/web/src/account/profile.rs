//! `/profile`: the signed-in user and the session.

use kunci_domain::Role;
use kunci_maud::{ProfilePage, profile_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, json, text};
use crate::kit::times::human_readable;
use crate::kit::wire_types::{SessionView, UserView};

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
        member_since: &human_readable(user.created_at),
        signed_in_since: &human_readable(since),
        signed_in_until: &human_readable(record.expires_at()),
        permanent: record.permanence.is_permanent(),
        notices: &notices,
    })))
}
