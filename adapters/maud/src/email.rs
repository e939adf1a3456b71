//! The page at `/account/email`: the address of the account, whether it is confirmed, and another one.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{Emphasis, form_problem, form_problem_id, notices, post_button, title_with_problem};

/// What the page of the address shows.
#[derive(Debug, Clone, Copy)]
pub struct EmailPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The account's present address.
    pub email: Option<&'a str>,
    /// Whether mail is known to arrive there.
    pub confirmed: bool,
    /// What the field for the new address is filled with; empty at first.
    pub new_email: &'a str,
    /// Why the new address was refused.
    pub email_problem: Option<&'a str>,
    /// Why the whole form was refused, as when mails were asked for too often.
    pub form_problem: Option<&'a str>,
    /// What the previous request has to say.
    pub notices: &'a [String],
}

/// Renders the page of the address.
#[must_use]
pub fn email_page(view: &EmailPage<'_>) -> Markup {
    let main = html! {
        div.wide {
            (notices(view.notices))
            h1 { "E-mail" }
            (form_problem(view.form_problem))
            section.card {
                h2 { "Your address" }
                (present(view))
            }
            section.card {
                h2 { @if view.email.is_some() { "Another address" } @else { "Give an address" } }
                form method="post" action="/account/email" {
                    (field(&new(view)))
                    button type="submit" { "Send a link there" }
                }
            }
            p.aside { a href="/account" { "Back to account" } }
        }
    };
    let problems = [view.form_problem, view.email_problem];
    layout(&title_with_problem("E-mail", &problems), Some(view.name), main)
}

fn present(view: &EmailPage<'_>) -> Markup {
    html! {
        @match view.email {
            None => p { "None. A forgotten password can be replaced by mail only to a confirmed address." }
            Some(email) if view.confirmed => p { b { (email) } br; span.hint { "Confirmed" } }
            Some(email) => {
                div.setting {
                    div {
                        p { b { (email) } }
                        p.hint { "Not confirmed yet: follow the link in the mail that we sent there." }
                    }
                    (post_button("/account/email/resend", "Send it again", Emphasis::Quiet))
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
        hint: Some("It takes the place of the present one once you follow the link that we send there."),
        problem: view.email_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: view.email_problem.is_some(),
    }
}
