//! `/profile`: the signed-in user and the session.

use kunci_domain::{EmailAddress, Role};
use kunci_maud::{ProfilePage, profile_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::{Access, Endpoint, Request, Response, SessionView, UserView, View, html, human_readable};

pub(crate) const ROUTES: &[Endpoint] = &[Endpoint::get("/profile", Access::Anyone, show)];

fn show(request: &mut Request) -> Result<Response, Error> {
    View {
        text: greeting,
        json: |request| match request.user() {
            None => json!({"message": greeting(request), "user": null}),
            Some(user) => json!({
                "message": greeting(request),
                "user": UserView::from(user),
                "session": request.session.record().map(SessionView::from),
            }),
        },
        page,
    }
    .render(request)
}

fn greeting(request: &Request) -> String {
    match request.viewer() {
        Some(name) => format!("Welcome, {name}"),
        None => "You are not logged in".to_owned(),
    }
}

fn page(request: &mut Request) -> Result<Response, Error> {
    let notices = request.session().take_flashes();
    let user = request.require_user()?;
    let record = request.session.record().ok_or(Error::NotSignedIn)?;
    let since = record
        .authentication()
        .map_or(record.created_at, |authentication| authentication.at);
    Ok(html(profile_page(&ProfilePage {
        name: user.name.as_str(),
        email: user.email.as_ref().map(EmailAddress::as_str),
        administrator: user.role == Role::Administrator,
        member_since: &human_readable(user.created_at),
        signed_in_since: &human_readable(since),
        signed_in_until: &human_readable(record.expires_at()),
        permanent: record.permanence.is_permanent(),
        notices: &notices,
    })))
}
