//! `/admin/invitations` and `/api/v1/invitations`: invitation links, with which others create accounts.
//!
//! The routes are for administrators who have re-authenticated recently. A new link is shown only in the
//! response that creates it.

use std::time::Duration;

use http::{StatusCode, header};
use kunci_domain::use_cases::{invitations, invite, revoke_invitation};
use kunci_domain::{LinkToken, OneTimeToken, SignUpMode};
use kunci_maud::{InvitationRow, InvitationsPage, Secret, invitations_page};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::errors::Error;
use crate::kit::fields::{Fields, Key};
use crate::kit::forms::FormError;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply, reply_message, status, with_error};
use crate::kit::times::{human_readable, rfc3339};

const KEYS: [Key; 2] = [Key::Number("uses"), Key::Number("days")];
const MAX_USES: u32 = 1_000;
const MAX_DAYS: u32 = 365;
const DAY: Duration = Duration::from_secs(24 * 3_600);

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.fresh_administrator()?;
    let list = invitations(&request.state.core, request.now())?;
    Ok(reply(
        request,
        |_| list.iter().map(line).collect::<Vec<_>>().join("\n"),
        |_| json!({"invitations": list.iter().map(view).collect::<Vec<_>>()}),
        |request| html(page(request, &list, &FormValues::default())),
    ))
}

fn line(invitation: &OneTimeToken) -> String {
    format!(
        "{} {} left, until {}",
        invitation.key.public_id(),
        invitation.uses_left,
        human_readable(invitation.expires_at)
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
    let mode = request.state.core.account_policy.sign_up;
    if mode == SignUpMode::Closed {
        return Err(Error::NotInvited(mode));
    }
    let parsed = number(&fields, "uses", 1, MAX_USES)
        .and_then(|uses| Ok((uses, number(&fields, "days", 7, MAX_DAYS)?)));
    match parsed {
        Ok((uses, days)) => {
            let token = invite(&request.state.core, uses, DAY * days, request.now())?;
            show_new_link(request, &token)
        }
        Err(error) if request.representation() == Representation::Page => redisplay(request, &fields, &error),
        Err(error) => Err(error),
    }
}

/// Parses a whole number from 1 to `max`. Returns `default` if the field is absent or empty.
fn number(fields: &Fields, name: &'static str, default: u32, max: u32) -> Result<u32, Error> {
    let given = fields.get(name).filter(|given| !given.is_empty());
    let number = given.map_or(Some(default), |given| given.parse().ok());
    let number = number.filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| FormError::BadValue(name).into())
}

fn show_new_link(request: &mut Request, token: &LinkToken) -> Result<Response, Error> {
    let link = link(request, token);
    let list = invitations(&request.state.core, request.now())?;
    let answer = reply(
        request,
        |_| link.as_str().to_owned(),
        |_| json!({"link": *link, "id": token.key().public_id()}),
        |request| {
            let values = FormValues {
                new_link: Some(&link),
                ..FormValues::default()
            };
            html(page(request, &list, &values))
        },
    );
    Ok(status(StatusCode::CREATED, answer))
}

/// Returns the invitation URL, at the public origin or else at the host of this request.
fn link(request: &Request, token: &LinkToken) -> Zeroizing<String> {
    let settings = &request.state.settings;
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

/// Withdraws the invitation in the form field `id`.
pub(crate) fn withdraw(request: &mut Request) -> Result<Response, Error> {
    request.fresh_administrator()?;
    let form = request.form()?;
    withdraw_one(request, form.require("id")?)
}

/// Withdraws the invitation in the path.
pub(crate) fn withdraw_by_path(request: &mut Request) -> Result<Response, Error> {
    request.fresh_administrator()?;
    let id = request.param("id")?;
    withdraw_one(request, &id)
}

fn withdraw_one(request: &mut Request, id: &str) -> Result<Response, Error> {
    if !revoke_invitation(&request.state.core, id, request.now())? {
        return Err(Error::NoSuchInvitation);
    }
    Ok(reply_message(request, "Invitation withdrawn", |request| {
        // If the session is full, the notice is dropped.
        let _ = request.session().flash("The invitation has been withdrawn.");
        redirect("/admin/invitations")
    }))
}

/// Values of the form, its problems, and the link that was created.
struct FormValues<'a> {
    uses: &'a str,
    days: &'a str,
    uses_problem: Option<&'a str>,
    days_problem: Option<&'a str>,
    new_link: Option<&'a str>,
}

impl Default for FormValues<'_> {
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

/// Shows the form again with the values that the user entered.
fn redisplay(request: &mut Request, fields: &Fields, error: &Error) -> Result<Response, Error> {
    let list = invitations(&request.state.core, request.now())?;
    let of_uses = matches!(error, Error::Form(FormError::BadValue("uses")));
    let values = FormValues {
        uses: fields.get("uses").unwrap_or_default(),
        days: fields.get("days").unwrap_or_default(),
        uses_problem: of_uses.then_some("Enter a whole number from 1 to 1000"),
        days_problem: (!of_uses).then_some("Enter a whole number from 1 to 365"),
        new_link: None,
    };
    Ok(with_error(error, html(page(request, &list, &values))))
}

fn page(request: &mut Request, list: &[OneTimeToken], values: &FormValues<'_>) -> kunci_maud::Markup {
    let texts: Vec<(String, String)> = list
        .iter()
        .map(|one| (one.key.public_id(), human_readable(one.expires_at)))
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
        new_link: values.new_link.map(Secret),
        uses: values.uses,
        max_uses: MAX_USES,
        days: values.days,
        max_days: MAX_DAYS,
        uses_problem: values.uses_problem,
        days_problem: values.days_problem,
        form_problem: None,
        notices: &notices,
    })
}
