//! The page at `/account/email`: the current email address, and the form to change it.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{
    Emphasis, form_id, form_problem, form_problem_id, notices, post_button, title_with_problem,
};

/// Content of the email page.
#[derive(Debug, Clone, Copy)]
pub struct EmailPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The account's current address.
    pub email: Option<&'a str>,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// Value of the field for the new address.
    pub new_email: &'a str,
    /// Why the new address was refused.
    pub email_problem: Option<&'a str>,
    /// Why the whole form was refused, for example after too many emails.
    pub form_problem: Option<&'a str>,
    /// Notices from the previous request.
    pub notices: &'a [String],
}

/// Renders the email page.
#[must_use]
pub fn email_page(view: &EmailPage<'_>) -> Markup {
    let main = html! {
        div.wide {
            (notices(view.notices))
            h1 { "Email" }
            (form_problem(view.form_problem))
            section.card {
                h2 { "Your address" }
                (current(view))
            }
            section.card {
                h2 { @if view.email.is_some() { "Change address" } @else { "Add an address" } }
                form method="post" action="/account/email" {
                    (form_id())
                    (field(&new(view)))
                    button type="submit" { "Send confirmation link" }
                }
            }
            p.aside { a href="/account" { "Back to account" } }
        }
    };
    let problems = [view.form_problem, view.email_problem];
    layout(&title_with_problem("Email", &problems), Some(view.name), main)
}

fn current(view: &EmailPage<'_>) -> Markup {
    html! {
        @match view.email {
            None => p {
                "You have no email address. You need a confirmed address to reset a forgotten password."
            }
            Some(email) if view.confirmed => p { b { (email) } br; span.hint { "Confirmed" } }
            Some(email) => {
                div.setting {
                    div {
                        p { b { (email) } }
                        p.hint { "Not confirmed yet. Follow the link in the email that we sent to it." }
                    }
                    (post_button("/account/email/resend", "Send again", Emphasis::Quiet))
                }
            }
        }
    }
}

fn new<'a>(view: &EmailPage<'a>) -> Field<'a> {
    Field {
        name: "email",
        label: "New address",
        kind: Kind::Email(view.new_email),
        hint: Some("It replaces your current address once you follow the link that we send to it."),
        problem: view.email_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: view.email_problem.is_some(),
    }
}
