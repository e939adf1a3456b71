//! `/`: the home page.

use kunci_maud::{HomePage, home_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, json, text};
use crate::kit::wire_types::UserView;

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    Ok(match request.representation() {
        Representation::Text => text(
            "Kunci: sign-in for anything. Routes: /login /register /profile /logout /logout_all /account",
        ),
        Representation::Json => json(&json!({"name": "kunci", "user": request.user().map(UserView::from)})),
        Representation::Page => html(home_page(&HomePage {
            name: request.viewer(),
        })),
    })
}
