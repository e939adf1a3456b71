//! `/register` and `POST /api/v1/users`: visitors create an account.

use http::Method;
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{LinkRefusal, NewUser, inspect_link, sign_up};
use kunci_domain::{LinkToken, Permanence, Purpose, Role, SignUpMode};
use kunci_maud::{Admission, Markup, Secret, SignUpPage, sign_up_page};
use serde_json::json;

use super::after_sign_in::{continue_to, cookie_test};
use super::link::invites;
use crate::errors::Error;
use crate::kit::{
    Access, Endpoint, Fields, FormPage, Key, Problems, Request, Response, ReturnTo, UserView, View, redirect,
};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/register", Access::Anyone, show),
    Endpoint::post("/register", Access::Anyone, submit),
    Endpoint::post("/api/v1/users", Access::Anyone, submit),
];

const FORM: FormPage = FormPage {
    keys: &[
        Key::Text("username"),
        Key::Text("password"),
        Key::Text("email"),
        Key::Text("invitation"),
    ],
    problems,
    page,
};

fn show(request: &mut Request) -> Result<Response, Error> {
    View {
        text: |_| "Send username, password and optionally email as a form by POST".to_owned(),
        json: |request| json!({"user": request.user().map(UserView::from)}),
        page: |request| match request.viewer() {
            Some(_) if valid_invitation(request, &Fields::none())?.is_none() => Ok(redirect("/profile")),
            _ => FORM.blank(request),
        },
    }
    .render(request)
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, create_account)
}

fn create_account(request: &mut Request, fields: &Fields) -> Result<Response, Error> {
    let new = NewUser {
        name: fields.require("username")?,
        email: fields.get("email").unwrap_or_default(),
        password: fields.require("password")?.to_owned(),
        role: Role::Member,
    };
    let invitation = invitation(request, fields)?;
    sign_up(request.session(), new, Permanence::Permanent, invitation.as_ref())?;
    forget_invitation(request, invitation.as_ref());
    finish_sign_up(request, fields)
}

/// Returns the invitation in the form or, before the form is sent, the one whose link the client followed.
fn invitation(request: &Request, fields: &Fields) -> Result<Option<LinkToken>, Error> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request.link_cookie().read(request.headers()));
    }
    let given = fields.get("invitation").filter(|given| !given.trim().is_empty());
    let token = given.map(LinkToken::parse).transpose();
    token.map_err(|_| Error::LinkDead)
}

/// Returns the invitation if it can still be used, and its purpose.
fn valid_invitation(request: &Request, fields: &Fields) -> Result<Option<(LinkToken, Purpose)>, Error> {
    let Some(token) = invitation(request, fields)? else {
        return Ok(None);
    };
    match inspect_link(&request.session, &token) {
        Ok(found) => Ok(invites(found.purpose).then_some((token, found.purpose))),
        Err(Refused(LinkRefusal::Dead)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns whether the client may create an account with an invitation for this purpose, and of which kind.
const fn admission(purpose: Option<Purpose>, mode: SignUpMode) -> Admission {
    match (purpose, mode) {
        (Some(Purpose::SetUp), _) => Admission::FirstAdministrator,
        (Some(_), SignUpMode::Invitation | SignUpMode::Open) => Admission::Invited,
        (None, SignUpMode::Open) => Admission::Open,
        (None, SignUpMode::Invitation) => Admission::NotInvited,
        (_, SignUpMode::Closed) => Admission::Closed,
    }
}

/// Removes the cookie of the invitation that was used, so the next user of this browser does not get the rest of
/// its uses.
fn forget_invitation(request: &mut Request, used: Option<&LinkToken>) {
    let cookie = request.link_cookie();
    let is_used = used.is_some() && cookie.read(request.headers()).as_ref() == used;
    let removal = cookie.remove().filter(|_| is_used);
    request.set_cookie(removal);
}

fn finish_sign_up(request: &mut Request, fields: &Fields) -> Result<Response, Error> {
    request.remember_device();
    View {
        text: |_| "Account created".to_owned(),
        json: |request| json!({"message": "Account created", "user": request.session.account().map(UserView::from)}),
        page: |request| Ok(cookie_test(request, fields).unwrap_or_else(|| continue_to(request.next(fields)))),
    }
    .render_created(request)
}

fn problems(error: &Error) -> Option<Problems> {
    let none = Problems::default();
    match error {
        Error::Invalid(invalid) => Some(
            none.with("username", invalid.name)
                .with("email", invalid.email)
                .with("password", invalid.password),
        ),
        Error::NameTaken => Some(none.with("username", Some("This username is taken; choose another"))),
        // The page itself says that an invitation is needed.
        Error::NotInvited(_) => Some(none),
        _ => None,
    }
}

/// Renders the form with the values that the user entered, without the password.
fn page(request: &mut Request, fields: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let next = request.next(fields);
    let invited = valid_invitation(request, fields)?;
    let token = invited.as_ref().map(|(token, _)| token.expose());
    let mode = request.state.core.account_policy.sign_up;
    Ok(sign_up_page(&SignUpPage {
        admission: admission(invited.map(|(_, purpose)| purpose), mode),
        invitation: token.as_ref().map(|token| Secret(token)),
        name: fields.get("username").unwrap_or_default(),
        email: fields.get("email").unwrap_or_default(),
        next: next.as_ref().map(ReturnTo::as_str),
        sign_in_href: &ReturnTo::link_with(next.as_ref(), "/login"),
        name_problem: problems.of("username"),
        email_problem: problems.of("email"),
        password_problem: problems.of("password"),
        form_problem: problems.of_form(),
        viewer: request.viewer(),
    }))
}
