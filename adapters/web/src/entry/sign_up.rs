//! `/register` and `POST /api/v1/users`: visitors create an account.

use http::StatusCode;
use kunci_domain::use_cases::{LinkError, NewUser, Problems, inspect_link, sign_up};
use kunci_domain::{LinkToken, Permanence, Purpose, Role, SignUpMode};
use kunci_maud::{Admission, SignUpPage, sign_up_page};
use serde_json::json;

use crate::errors::{Error, capitalize};
use crate::kit::fields::{Fields, Key};
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply, status_unless_redirect, with_error};
use crate::kit::return_to::ReturnTo;
use crate::kit::wire_types::UserView;

const KEYS: [Key; 4] = [
    Key::Text("username"),
    Key::Text("password"),
    Key::Text("email"),
    Key::Text("invitation"),
];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let next = request.return_target(request.query("next").as_deref());
    let blank = FormValues {
        admission: admission(request)?,
        next: next.as_ref(),
        ..FormValues::default()
    };
    Ok(reply(
        request,
        |_| "Send username, password and optionally email as a form by POST".to_owned(),
        |request| json!({"user": request.user().map(UserView::from)}),
        |request| match request.viewer() {
            Some(_) => redirect("/profile"),
            None => html(page(&blank)),
        },
    ))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = request.fields(&KEYS)?;
    let new = NewUser {
        name: fields.require("username")?,
        email: fields.get("email").unwrap_or_default(),
        password: fields.require("password")?.to_owned(),
        role: Role::Member,
    };
    let (name, email) = (new.name, new.email);
    let next = request.return_target(fields.get("next"));
    let invitation = invitation(request, &fields)?;
    let outcome = sign_up(request.session(), new, Permanence::Permanent, invitation.as_ref());
    match outcome.map_err(Error::from) {
        Ok(()) => Ok(signed_up(request, next)),
        Err(error) if request.representation() == Representation::Page => {
            let values = FormValues {
                admission: admission(request)?,
                name,
                email,
                next: next.as_ref(),
            };
            redisplay(error, &values)
        }
        Err(error) => Err(error),
    }
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
        Err(LinkError::Dead) if open_to_all => Ok(None),
        Err(LinkError::Dead) => Ok(Some((token, None))),
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

fn signed_up(request: &mut Request, next: Option<ReturnTo>) -> Response {
    request.remember_device();
    let link = request.link_cookie();
    if link.read(request.headers()).is_some() {
        request.set_cookie(link.remove());
    }
    let answer = reply(
        request,
        |_| "Account created".to_owned(),
        |request| json!({"message": "Account created", "user": request.session.account().map(UserView::from)}),
        |_| redirect(next.unwrap_or_else(|| ReturnTo::path("/profile")).as_str()),
    );
    status_unless_redirect(StatusCode::CREATED, answer)
}

/// Values of the form.
#[derive(Clone, Copy)]
struct FormValues<'a> {
    admission: Admission,
    name: &'a str,
    email: &'a str,
    next: Option<&'a ReturnTo>,
}

impl Default for FormValues<'_> {
    fn default() -> Self {
        Self {
            admission: Admission::Open,
            name: "",
            email: "",
            next: None,
        }
    }
}

/// Shows the form again with the values that the user entered, without the password.
fn redisplay(error: Error, values: &FormValues<'_>) -> Result<Response, Error> {
    let temporary = error.is_temporary().then(|| error.to_string());
    let page = match &error {
        Error::Invalid(problems) => page_with(values, problems, None, None),
        Error::NameTaken => {
            let taken = "This username is taken; choose another";
            page_with(values, &Problems::default(), Some(taken), None)
        }
        Error::NotInvited(_) => page(values),
        _ if temporary.is_some() => page_with(values, &Problems::default(), None, temporary.as_deref()),
        _ => return Err(error),
    };
    Ok(with_error(&error, html(page)))
}

fn page(values: &FormValues<'_>) -> kunci_maud::Markup {
    page_with(values, &Problems::default(), None, None)
}

fn page_with(
    values: &FormValues<'_>,
    problems: &Problems,
    taken: Option<&str>,
    form_problem: Option<&str>,
) -> kunci_maud::Markup {
    let name_problem = problems.name.map(|problem| capitalize(&problem.to_string()));
    let email_problem = problems.email.map(|problem| capitalize(&problem.to_string()));
    let password_problem = problems.password.map(|problem| capitalize(&problem.to_string()));
    sign_up_page(&SignUpPage {
        admission: values.admission,
        name: values.name,
        email: values.email,
        next: values.next.map(ReturnTo::as_str),
        sign_in_href: &ReturnTo::link_with(values.next, "/login"),
        name_problem: taken.or(name_problem.as_deref()),
        email_problem: email_problem.as_deref(),
        password_problem: password_problem.as_deref(),
        form_problem,
        viewer: None,
    })
}
