//! `/register` and `POST /api/v1/users`: making an account for oneself.

use http::StatusCode;
use kunci_domain::use_cases::{LinkError, NewUser, Problems, look_at_link, sign_up};
use kunci_domain::{LinkToken, Permanence, Purpose, Role, SignUpMode};
use kunci_maud::{Admission, SignUpPage, sign_up_page};
use serde_json::json;

use super::next_place;
use super::wire_types::UserView;
use crate::errors::{Error, capital};
use crate::fields::{Fields, Key};
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, redirect, refused, reply, unless_redirect};
use crate::return_to::ReturnTo;

const KEYS: [Key; 4] = [
    Key::Text("username"),
    Key::Text("password"),
    Key::Text("email"),
    Key::Text("invitation"),
];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let next = next_place(request, request.query("next").as_deref());
    let blank = Filled {
        admission: admission(request)?,
        next: next.as_ref(),
        ..Filled::default()
    };
    Ok(reply(
        request,
        |_| "Send username, password and, if you like, email as a form by POST".to_owned(),
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
    let next = next_place(request, fields.get("next"));
    let invitation = invitation(request, &fields)?;
    let made = sign_up(request.session(), new, Permanence::Permanent, invitation.as_ref());
    match made.map_err(Error::from) {
        Ok(()) => Ok(signed_up(request, next)),
        Err(error) if request.representation() == Representation::Page => {
            let filled = Filled {
                admission: admission(request)?,
                name,
                email,
                next: next.as_ref(),
            };
            again(error, &filled)
        }
        Err(error) => Err(error),
    }
}

/// The invitation that was handed in, or else the one whose link was followed.
fn invitation(request: &Request, fields: &Fields) -> Result<Option<LinkToken>, Error> {
    match fields.get("invitation").filter(|given| !given.trim().is_empty()) {
        Some(given) => Ok(Some(LinkToken::parse(given).map_err(|_| Error::LinkDead)?)),
        None => Ok(followed(request)?.map(|(token, _)| token)),
    }
}

/// The invitation whose link was followed, and what it is good for. Where everybody may make an account a
/// dead one counts for nothing; elsewhere it counts, so that what is wrong with it gets told.
fn followed(request: &Request) -> Result<Option<(LinkToken, Option<Purpose>)>, Error> {
    let Some(token) = request.link_cookie().read(request.headers()) else {
        return Ok(None);
    };
    let open_to_all = request.around.core.accounts.sign_up == SignUpMode::Open;
    match look_at_link(&request.session, &token) {
        Ok(found) => {
            let invites = matches!(found.purpose, Purpose::Invitation | Purpose::SetUp);
            Ok(invites.then_some((token, Some(found.purpose))))
        }
        Err(LinkError::Dead) if open_to_all => Ok(None),
        Err(LinkError::Dead) => Ok(Some((token, None))),
        Err(error) => Err(error.into()),
    }
}

/// Whether whoever asks may make an account here, and of which kind.
fn admission(request: &Request) -> Result<Admission, Error> {
    let purpose = followed(request)?.and_then(|(_, purpose)| purpose);
    Ok(match (purpose, request.around.core.accounts.sign_up) {
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
        request.tell(link.remove());
    }
    let answer = reply(
        request,
        |_| "Account created".to_owned(),
        |request| json!({"message": "Account created", "user": request.session.account().map(UserView::from)}),
        |_| redirect(next.unwrap_or_else(|| ReturnTo::path("/profile")).as_str()),
    );
    unless_redirect(StatusCode::CREATED, answer)
}

/// What the form is filled with.
#[derive(Clone, Copy)]
struct Filled<'a> {
    admission: Admission,
    name: &'a str,
    email: &'a str,
    next: Option<&'a ReturnTo>,
}

impl Default for Filled<'_> {
    fn default() -> Self {
        Self {
            admission: Admission::Open,
            name: "",
            email: "",
            next: None,
        }
    }
}

/// The form once more, as it was filled in, but never the password.
fn again(error: Error, filled: &Filled<'_>) -> Result<Response, Error> {
    let later = error.is_for_later().then(|| error.to_string());
    let page = match &error {
        Error::Invalid(problems) => page_with(filled, problems, None, None),
        Error::NameTaken => {
            let taken = "This user name is taken; choose another";
            page_with(filled, &Problems::default(), Some(taken), None)
        }
        Error::NotInvited(_) => page(filled),
        _ if later.is_some() => page_with(filled, &Problems::default(), None, later.as_deref()),
        _ => return Err(error),
    };
    Ok(refused(&error, html(page)))
}

fn page(filled: &Filled<'_>) -> kunci_maud::Markup {
    page_with(filled, &Problems::default(), None, None)
}

fn page_with(
    filled: &Filled<'_>,
    problems: &Problems,
    taken: Option<&str>,
    form_problem: Option<&str>,
) -> kunci_maud::Markup {
    let name_problem = problems.name.map(|problem| capital(&problem.to_string()));
    let email_problem = problems.email.map(|problem| capital(&problem.to_string()));
    let password_problem = problems.password.map(|problem| capital(&problem.to_string()));
    sign_up_page(&SignUpPage {
        admission: filled.admission,
        name: filled.name,
        email: filled.email,
        next: filled.next.map(ReturnTo::as_str),
        sign_in_href: &ReturnTo::carried_by(filled.next, "/login"),
        name_problem: taken.or(name_problem.as_deref()),
        email_problem: email_problem.as_deref(),
        password_problem: password_problem.as_deref(),
        form_problem,
        viewer: None,
    })
}
