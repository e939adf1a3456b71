//! `/admin/invitations` and `/api/v1/invitations`: links by which others may make an account.
//!
//! For administrators with a fresh proof. A new link is shown once, in the answer that makes it.

use std::time::Duration;

use http::{StatusCode, header};
use kunci_domain::use_cases::{invitations, invite, withdraw_invitation};
use kunci_domain::{LinkToken, OneTimeToken, SignUpMode};
use kunci_maud::{InvitationRow, InvitationsPage, Secret, invitations_page};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::errors::Error;
use crate::fields::{Fields, Key};
use crate::forms::FormError;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, redirect, refused, reply, say, status};
use crate::times::{for_people, rfc3339};

const KEYS: [Key; 2] = [Key::Number("uses"), Key::Number("days")];
const MOST_USES: u32 = 1_000;
const MOST_DAYS: u32 = 365;
const DAY: Duration = Duration::from_secs(24 * 3_600);

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.fresh_administrator()?;
    let list = invitations(&request.around.core, request.now())?;
    Ok(reply(
        request,
        |_| list.iter().map(line).collect::<Vec<_>>().join("\n"),
        |_| json!({"invitations": list.iter().map(view).collect::<Vec<_>>()}),
        |request| html(page(request, &list, &Filled::default())),
    ))
}

fn line(invitation: &OneTimeToken) -> String {
    format!(
        "{} {} left, until {}",
        invitation.key.public_id(),
        invitation.uses_left,
        for_people(invitation.expires_at)
    )
}

fn view(invitation: &OneTimeToken) -> Value {
    json!({
        "id": invitation.key.public_id(),
        "uses_left": invitation.uses_left,
        "created_at": rfc3339(invitation.created_at),
        "expires_at": rfc3339(invitation.expires_at),
    })
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    request.fresh_administrator()?;
    let fields = request.fields(&KEYS)?;
    let mode = request.around.core.accounts.sign_up;
    if mode == SignUpMode::Closed {
        return Err(Error::NotInvited(mode));
    }
    let asked = number(&fields, "uses", 1, MOST_USES)
        .and_then(|uses| Ok((uses, number(&fields, "days", 7, MOST_DAYS)?)));
    match asked {
        Ok((uses, days)) => {
            let token = invite(&request.around.core, uses, DAY * days, request.now())?;
            made(request, &token)
        }
        Err(error) if request.representation() == Representation::Page => again(request, &fields, &error),
        Err(error) => Err(error),
    }
}

/// A whole number from 1 to `most`; `absent` when the field did not come or is empty.
fn number(fields: &Fields, name: &'static str, absent: u32, most: u32) -> Result<u32, Error> {
    let given = fields.get(name).filter(|given| !given.is_empty());
    let number = given.map_or(Some(absent), |given| given.parse().ok());
    let number = number.filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| FormError::BadValue(name).into())
}

fn made(request: &mut Request, token: &LinkToken) -> Result<Response, Error> {
    let link = link(request, token);
    let list = invitations(&request.around.core, request.now())?;
    let answer = reply(
        request,
        |_| link.as_str().to_owned(),
        |_| json!({"link": *link, "id": token.key().public_id()}),
        |request| {
            let filled = Filled {
                new_link: Some(&link),
                ..Filled::default()
            };
            html(page(request, &list, &filled))
        },
    );
    Ok(status(StatusCode::CREATED, answer))
}

/// The link as somebody else can follow it: at our public address, or where the administrator found us.
fn link(request: &Request, token: &LinkToken) -> Zeroizing<String> {
    let settings = &request.around.settings;
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let scheme = if settings.is_https() { "https" } else { "http" };
    let base = match (&settings.public_origin, host) {
        (Some(origin), _) => origin.as_str().to_owned(),
        (None, Some(host)) => format!("{scheme}://{host}"),
        (None, None) => String::new(),
    };
    Zeroizing::new(format!("{base}/link?token={}", *token.expose()))
}

/// By the field `id` of a form.
pub(crate) fn withdraw(request: &mut Request) -> Result<Response, Error> {
    request.fresh_administrator()?;
    let form = request.form()?;
    withdraw_one(request, form.require("id")?)
}

/// By the path.
pub(crate) fn withdraw_named(request: &mut Request) -> Result<Response, Error> {
    request.fresh_administrator()?;
    let id = request.param("id")?;
    withdraw_one(request, &id)
}

fn withdraw_one(request: &mut Request, id: &str) -> Result<Response, Error> {
    if !withdraw_invitation(&request.around.core, id, request.now())? {
        return Err(Error::NoSuchInvitation);
    }
    Ok(say(request, "Invitation withdrawn", |request| {
        // It is withdrawn, also when the session has no room left for saying so.
        let _ = request.session().flash("The invitation is withdrawn.");
        redirect("/admin/invitations")
    }))
}

/// What the form is filled with, and what came of it.
struct Filled<'a> {
    uses: &'a str,
    days: &'a str,
    uses_problem: Option<&'a str>,
    days_problem: Option<&'a str>,
    new_link: Option<&'a str>,
}

impl Default for Filled<'_> {
    fn default() -> Self {
        Self {
            uses: "1",
            days: "7",
            uses_problem: None,
            days_problem: None,
            new_link: None,
        }
    }
}

/// The form once more, as it was filled in.
fn again(request: &mut Request, fields: &Fields, error: &Error) -> Result<Response, Error> {
    let list = invitations(&request.around.core, request.now())?;
    let of_uses = matches!(error, Error::Form(FormError::BadValue("uses")));
    let filled = Filled {
        uses: fields.get("uses").unwrap_or_default(),
        days: fields.get("days").unwrap_or_default(),
        uses_problem: of_uses.then_some("A whole number from 1 to 1000"),
        days_problem: (!of_uses).then_some("A whole number from 1 to 365"),
        new_link: None,
    };
    Ok(refused(error, html(page(request, &list, &filled))))
}

fn page(request: &mut Request, list: &[OneTimeToken], filled: &Filled<'_>) -> kunci_maud::Markup {
    let texts: Vec<(String, String)> = list
        .iter()
        .map(|one| (one.key.public_id(), for_people(one.expires_at)))
        .collect();
    let rows: Vec<InvitationRow<'_>> = list
        .iter()
        .zip(&texts)
        .map(|(one, (id, expires))| InvitationRow {
            id,
            uses_left: one.uses_left,
            expires,
        })
        .collect();
    let notices = request.session().take_flashes();
    invitations_page(&InvitationsPage {
        name: request.viewer().unwrap_or_default(),
        invitations: &rows,
        new_link: filled.new_link.map(Secret),
        uses: filled.uses,
        most_uses: MOST_USES,
        days: filled.days,
        most_days: MOST_DAYS,
        uses_problem: filled.uses_problem,
        days_problem: filled.days_problem,
        form_problem: None,
        notices: &notices,
    })
}
