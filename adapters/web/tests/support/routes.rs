//! The built-in routes, and a valid request to each of them.

use std::sync::LazyLock;

use kunci_domain::Purpose;

use super::account::open_link;
use super::{NEW_PASSWORD, PASSWORD, Site, TestRequest, form, json, request};

/// Returns every built-in route; `k` stands for any key and `none` for any id or asset name.
pub fn all_routes() -> Vec<(&'static str, &'static str)> {
    static ROUTES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
        let site = Site::new();
        let routes = site.app.routes();
        routes
            .map(|(method, path)| (&*method.to_string().leak(), &*with_samples(path).leak()))
            .collect()
    });
    ROUTES.clone()
}

/// Replaces the parameters of a path.
fn with_samples(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{key}" => "k",
        _ if part.starts_with('{') => "none",
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Values for the forms of pages. Forms ignore the fields that they do not know.
const SAMPLES: [(&str, &str); 10] = [
    ("username", "eve"),
    ("password", PASSWORD),
    ("current_password", PASSWORD),
    ("new_password", NEW_PASSWORD),
    ("email", "new@example.org"),
    ("who", "ada"),
    ("code", "123456"),
    ("id", "none"),
    ("uses", "1"),
    ("days", "7"),
];

/// Builds a well-formed request to one of [`all_routes`] with the password of `ada`.
///
/// Codes and link tokens have the right format but are not valid.
pub fn valid_request(method: &str, path: &str) -> TestRequest {
    let token = "ab".repeat(32);
    let passwords = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
    let fields: &[(&str, &str)] = match (method, path) {
        ("POST", "/login" | "/api/v1/session") => &[("username", "ada"), ("password", PASSWORD)],
        ("POST", "/register" | "/api/v1/users") => &[("username", "eve"), ("password", PASSWORD)],
        ("POST", "/account/password") | ("PUT", "/api/v1/account/password") => &passwords,
        ("POST", "/account/confirm" | "/api/v1/session/proof") => &[("password", PASSWORD)],
        ("POST", "/account/email") | ("PUT", "/api/v1/account/email") => &[("email", "new@example.org")],
        ("POST", "/reset" | "/api/v1/reset") => &[("who", "ada")],
        ("POST", "/link" | "/api/v1/link") => &[("token", &token)],
        ("POST", "/login/code" | "/api/v1/session/code" | "/account/second-factor/confirm")
        | ("PUT", "/api/v1/account/second-factor") => &[("code", "123456")],
        ("POST", "/account/sessions/end" | "/admin/invitations/withdraw") => &[("id", "none")],
        ("POST", "/admin/invitations" | "/api/v1/invitations") => &[],
        ("PUT", _) => return json(method, path, "1"),
        ("POST", _) if !path.starts_with("/api/") => &SAMPLES,
        _ => return request(method, path),
    };
    with_fields(method, path, fields)
}

/// Builds a form request or, for the API, a request with a JSON object.
fn with_fields(method: &str, path: &str, fields: &[(&str, &str)]) -> TestRequest {
    if path.starts_with("/api/") {
        let object: serde_json::Map<_, _> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect();
        json(method, path, &serde_json::Value::from(object).to_string())
    } else {
        form(path, fields)
    }
}

/// Prepares a fresh site and returns a request to the route that succeeds.
///
/// The request is one of `ada`, who is signed in and an administrator.
pub fn prepare_request(site: &Site, method: &str, path: &str) -> TestRequest {
    let ada = site.sign_up_with_email();
    site.make_administrator("ada");
    match (method, path) {
        ("POST", "/login/code" | "/api/v1/session/code") => {
            let authenticator = site.add_second_factor("ada");
            let pending = site.first_step("ada").cookie().expect("a session");
            let code = authenticator.code(site);
            with_fields(method, path, &[("code", &code)]).cookie(&pending)
        }
        ("GET", "/link") => {
            let link = open_link(site, &site.issue_link("ada", Purpose::SignIn));
            request(method, path).cookie(&format!("{ada}; {link}"))
        }
        ("POST", "/link" | "/api/v1/link") => {
            let token = site.issue_link("ada", Purpose::SignIn).expose().to_string();
            with_fields(method, path, &[("token", &token)]).cookie(&ada)
        }
        ("POST", "/account/second-factor/confirm") | ("PUT", "/api/v1/account/second-factor") => {
            let code = site.begin_enrolment(&ada).code(site);
            with_fields(method, path, &[("code", &code)]).cookie(&ada)
        }
        ("GET", "/account/second-factor/qr.svg") => {
            site.begin_enrolment(&ada);
            request(method, path).cookie(&ada)
        }
        (
            _,
            "/account/second-factor/disable" | "/account/recovery-codes" | "/api/v1/account/recovery-codes",
        )
        | ("DELETE", "/api/v1/account/second-factor") => {
            site.add_second_factor("ada");
            request(method, path).cookie(&ada)
        }
        (_, "/account/sessions/end" | "/api/v1/sessions/none") => {
            let other = site.sign_in("ada");
            let listed = site.send(super::get("/api/v1/sessions").cookie(&other)).json();
            let mut sessions = listed["sessions"].as_array().expect("a list").iter();
            let current = sessions.find(|session| session["current"] == true);
            let id = current.expect("the session of this request")["id"].as_str();
            with_id(method, path, id.expect("an id")).cookie(&ada)
        }
        (_, "/admin/invitations/withdraw" | "/api/v1/invitations/none") => {
            let id = site.issue_invitation(1).key().public_id();
            with_id(method, path, &id).cookie(&ada)
        }
        ("GET", "/api/v1/session/data/k") => {
            site.send(super::put(path, "1").cookie(&ada));
            request(method, path).cookie(&ada)
        }
        _ => valid_request(method, path).cookie(&ada),
    }
}

/// Builds a request that names an id in its path or, for a page, in its form.
fn with_id(method: &str, path: &str, id: &str) -> TestRequest {
    match path.strip_suffix("/none") {
        Some(start) => request(method, &format!("{start}/{id}")),
        None => form(path, &[("id", id)]),
    }
}
