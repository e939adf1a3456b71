//! The page at `/admin/invitations`: links by which others may make an account.
//!
//! A link is shown in the answer that made it and never again.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_problem, form_problem_id, notices, row_button, title_with_problem};
use crate::secret::{Secret, secret};

/// What the page of invitations shows.
#[derive(Debug, Clone, Copy)]
pub struct InvitationsPage<'a> {
    /// The administrator's name.
    pub name: &'a str,
    /// The invitations that still work.
    pub invitations: &'a [InvitationRow<'a>],
    /// The link of the invitation that was made just now.
    pub new_link: Option<Secret<'a>>,
    /// What the field for the number of accounts is filled with.
    pub uses: &'a str,
    /// The largest number of accounts.
    pub most_uses: u32,
    /// What the field for the number of days is filled with.
    pub days: &'a str,
    /// The largest number of days.
    pub most_days: u32,
    /// Why the number of accounts was refused.
    pub uses_problem: Option<&'a str>,
    /// Why the number of days was refused.
    pub days_problem: Option<&'a str>,
    /// Why the whole form was refused.
    pub form_problem: Option<&'a str>,
    /// What the previous request has to say.
    pub notices: &'a [String],
}

/// One invitation.
#[derive(Debug, Clone, Copy)]
pub struct InvitationRow<'a> {
    /// What withdraws the invitation when it is sent back; it opens nothing.
    pub id: &'a str,
    /// How many accounts can still be made with it.
    pub uses_left: u32,
    /// When it ends, as a finished text that completes "Until ...".
    pub expires: &'a str,
}

/// Renders the page of invitations.
#[must_use]
pub fn invitations_page(view: &InvitationsPage<'_>) -> Markup {
    let main = html! {
        div.wide {
            (notices(view.notices))
            h1 { "Invitations" }
            (form_problem(view.form_problem))
            @if let Some(link) = view.new_link { (new_link(link)) }
            section.card {
                h2 { "New invitation" }
                form method="post" action="/admin/invitations" {
                    @for one in fields(view) { (field(&one)) }
                    button type="submit" { "Make a link" }
                }
            }
            section.card {
                h2 { "Still open" }
                (open(view.invitations))
            }
            p.aside { a href="/account" { "Back to account" } }
        }
    };
    let problems = [view.form_problem, view.uses_problem, view.days_problem];
    layout(
        &title_with_problem("Invitations", &problems),
        Some(view.name),
        main,
    )
}

fn new_link(link: Secret<'_>) -> Markup {
    html! {
        section.card {
            h2 { "Your new link" }
            p role="status" { (secret(link.0)) }
            p.hint { "Hand it to whoever is to make an account. It is shown only now." }
        }
    }
}

fn open(invitations: &[InvitationRow<'_>]) -> Markup {
    html! {
        @if invitations.is_empty() {
            p { "None." }
        } @else {
            ul.rows {
                @for invitation in invitations { (row(invitation)) }
            }
        }
    }
}

fn row(invitation: &InvitationRow<'_>) -> Markup {
    let accounts = if invitation.uses_left == 1 {
        "account"
    } else {
        "accounts"
    };
    html! {
        li.setting {
            div {
                h3 { "Invitation " (invitation.id) }
                p.hint { "For " (invitation.uses_left) " " (accounts) br; "Until " (invitation.expires) }
            }
            (row_button("/admin/invitations/withdraw", invitation.id, "Withdraw", invitation.id))
        }
    }
}

/// The two inputs; typing starts at one with a problem.
fn fields<'a>(view: &InvitationsPage<'a>) -> [Field<'a>; 2] {
    let uses = Field {
        name: "uses",
        label: "For how many accounts",
        kind: Kind::Number {
            value: view.uses,
            most: view.most_uses,
        },
        hint: None,
        problem: view.uses_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: view.uses_problem.is_some(),
    };
    let days = Field {
        name: "days",
        label: "For how many days",
        kind: Kind::Number {
            value: view.days,
            most: view.most_days,
        },
        hint: None,
        problem: view.days_problem,
        explained_by: None,
        required: true,
        autofocus: view.uses_problem.is_none() && view.days_problem.is_some(),
    };
    [uses, days]
}
