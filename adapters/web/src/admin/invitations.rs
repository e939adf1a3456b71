//! `/admin/invitations` and `/api/v1/invitations`: invitation links, with which others create accounts.
//!
//! The routes are for administrators who have re-authenticated recently. A new link is shown only in the
//! response that creates it.

use std::time::Duration;

use http::header;
use kunci_domain::use_cases::{invitations, invite, revoke_invitation};
use kunci_domain::{LinkToken, OneTimeToken, SignUpMode};
use kunci_maud::{InvitationRow, InvitationsPage, Markup, Secret, invitations_page};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::errors::Error;
use crate::kit::forms::FormError;
use crate::kit::{
    Access, Done, Endpoint, Fields, FormPage, Key, Problems, Request, Response, View, html, human_readable,
    rfc3339,
};

const PAGE: &str = "/admin/invitations";
const API: &str = "/api/v1/invitations";

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get(PAGE, Access::FreshAdministrator, show).may_block(),
    Endpoint::post(PAGE, Access::FreshAdministrator, submit),
    Endpoint::post(
        "/admin/invitations/withdraw",
        Access::FreshAdministrator,
        withdraw,
    )
    .on_page(PAGE),
    Endpoint::get(API, Access::FreshAdministrator, show).may_block(),
    Endpoint::post(API, Access::FreshAdministrator, submit),
    Endpoint::delete("/api/v1/invitations/{id}", Access::FreshAdministrator, withdraw),
];

const FORM: FormPage = FormPage {
    keys: &[Key::Number("uses"), Key::Number("days")],
    problems,
    page: |request, fields, problems| {
        let list = list(request)?;
        Ok(page(request, &list, fields, problems, None))
    },
};

const MAX_USES: u32 = 1_000;
const MAX_DAYS: u32 = 365;
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn list(request: &Request) -> Result<Vec<OneTimeToken>, Error> {
    Ok(invitations(
        &request.state.core,
        &request.operator()?,
        request.now(),
    )?)
}

fn show(request: &mut Request) -> Result<Response, Error> {
    let list = list(request)?;
    View {
        text: |_| list.iter().map(line).collect::<Vec<_>>().join("\n"),
        json: |_| json!({"invitations": list.iter().map(view).collect::<Vec<_>>()}),
        page: |request| Ok(html(blank_page(request, &list, None))),
    }
    .render(request)
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

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, |request, fields| {
        let mode = request.state.core.account_policy.sign_up;
        if mode == SignUpMode::Closed {
            return Err(Error::NotInvited(mode));
        }
        let uses = number(fields, "uses", 1, MAX_USES)?;
        let days = number(fields, "days", 7, MAX_DAYS)?;
        let token = invite(
            &request.state.core,
            &request.operator()?,
            uses,
            DAY * days,
            request.now(),
        )?;
        show_new_link(request, &token)
    })
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
    View {
        text: |_| link.as_str().to_owned(),
        json: |_| json!({"link": *link, "id": token.key().public_id()}),
        page: |request| {
            let list = list(request)?;
            Ok(html(blank_page(request, &list, Some(&link))))
        },
    }
    .render_created(request)
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

/// Withdraws the invitation whose id is in the path or in the form.
fn withdraw(request: &mut Request) -> Result<Response, Error> {
    let id = request.id()?;
    if !revoke_invitation(&request.state.core, &request.operator()?, &id, request.now())? {
        return Err(Error::NoSuchInvitation);
    }
    Done::new("Invitation withdrawn", PAGE)
        .with_notice("The invitation has been withdrawn.")
        .answer(request)
}

fn problems(error: &Error) -> Option<Problems> {
    let (field, message) = match error {
        Error::Form(FormError::BadValue("uses")) => ("uses", "Enter a whole number from 1 to 1000"),
        Error::Form(FormError::BadValue("days")) => ("days", "Enter a whole number from 1 to 365"),
        _ => return None,
    };
    Some(Problems::default().with(field, Some(message)))
}

fn blank_page(request: &mut Request, list: &[OneTimeToken], new_link: Option<&str>) -> Markup {
    page(request, list, &Fields::none(), &Problems::default(), new_link)
}

fn page(
    request: &mut Request,
    list: &[OneTimeToken],
    fields: &Fields,
    problems: &Problems,
    new_link: Option<&str>,
) -> Markup {
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
        new_link: new_link.map(Secret),
        uses: fields.get("uses").unwrap_or("1"),
        max_uses: MAX_USES,
        days: fields.get("days").unwrap_or("7"),
        max_days: MAX_DAYS,
        uses_problem: problems.of("uses"),
        days_problem: problems.of("days"),
        form_problem: problems.of_form(),
        notices: &notices,
    })
}
