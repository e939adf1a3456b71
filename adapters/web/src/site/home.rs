//! `/`: the home page.

use kunci_maud::{HomePage, home_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::{Access, Endpoint, Request, Response, UserView, View, html};

pub(crate) const ROUTES: &[Endpoint] = &[Endpoint::get("/", Access::Anyone, show)];

const ROUTES_TEXT: &str =
    "Kunci: sign-in for anything. Routes: /login /register /profile /logout /logout_all /account";

fn show(request: &mut Request) -> Result<Response, Error> {
    View {
        text: |_| ROUTES_TEXT.to_owned(),
        json: |request| json!({"name": "kunci", "user": request.user().map(UserView::from)}),
        page: |request| {
            Ok(html(home_page(&HomePage {
                name: request.viewer(),
            })))
        },
    }
    .render(request)
}
