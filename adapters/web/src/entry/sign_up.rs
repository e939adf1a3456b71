//! `/register` and `POST /api/v1/users`: visitors create an account.

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{LinkRefusal, NewUser, inspect_link, sign_up};
use kunci_domain::{LinkToken, Permanence, Purpose, Role, SignUpMode};
use kunci_maud::{Admission, Markup, SignUpPage, sign_up_page};
use serde_json::json;

use super::after_sign_in::continue_to;
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
            Some(_) => Ok(redirect("/profile")),
            None => FORM.blank(request),
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
    finish_sign_up(request, fields)
}

/// Returns the invitation in the form, or else the one whose link the client followed.
fn invitation(request: &Request, fields: &Fields) -> Result<Option<LinkToken>, Error> {
    match fields.get("invitation").filter(|given| !given.trim().is_empty()) {
        Some(given) => Ok(Some(LinkToken::parse(given).map_err(|_| Error::LinkDead)?)),
        None => Ok(followed_invitation(request)?.map(|(token, _)| token)),
    }
}

/// Returns the invitation whose link the client followed, and its purpose.
///
/// If sign-up is open, a dead invitation is ignored. Otherwise it is returned without a purpose, so the
/// client gets the error for it.
fn followed_invitation(request: &Request) -> Result<Option<(LinkToken, Option<Purpose>)>, Error> {
    let Some(token) = request.link_cookie().read(request.headers()) else {
        return Ok(None);
    };
    let open_to_all = request.state.core.account_policy.sign_up == SignUpMode::Open;
    match inspect_link(&request.session, &token) {
        Ok(found) => {
            let invites = matches!(found.purpose, Purpose::Invitation | Purpose::SetUp);
            Ok(invites.then_some((token, Some(found.purpose))))
        }
        Err(Refused(LinkRefusal::Dead)) if open_to_all => Ok(None),
        Err(Refused(LinkRefusal::Dead)) => Ok(Some((token, None))),
        Err(error) => Err(error.into()),
    }
}

/// Returns whether the client may create an account, and of which kind.
fn admission(request: &Request) -> Result<Admission, Error> {
    let purpose = followed_invitation(request)?.and_then(|(_, purpose)| purpose);
    Ok(match (purpose, request.state.core.account_policy.sign_up) {
        (Some(Purpose::SetUp), _) => Admission::FirstAdministrator,
        (Some(_), SignUpMode::Invitation | SignUpMode::Open) => Admission::Invited,
        (None, SignUpMode::Open) => Admission::Open,
        (None, SignUpMode::Invitation) => Admission::NotInvited,
        (_, SignUpMode::Closed) => Admission::Closed,
    })
}

fn finish_sign_up(request: &mut Request, fields: &Fields) -> Result<Response, Error> {
    request.remember_device();
    let link = request.link_cookie();
    if link.read(request.headers()).is_some() {
        let removal = link.remove();
        request.set_cookie(removal);
    }
    View {
        text: |_| "Account created".to_owned(),
        json: |request| json!({"message": "Account created", "user": request.session.account().map(UserView::from)}),
        page: |request| Ok(continue_to(request.next(fields))),
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
    Ok(sign_up_page(&SignUpPage {
        admission: admission(request)?,
        name: fields.get("username").unwrap_or_default(),
        email: fields.get("email").unwrap_or_default(),
        next: next.as_ref().map(ReturnTo::as_str),
        sign_in_href: &ReturnTo::link_with(next.as_ref(), "/login"),
        name_problem: problems.of("username"),
        email_problem: problems.of("email"),
        password_problem: problems.of("password"),
        form_problem: problems.of_form(),
        viewer: None,
    }))
}
