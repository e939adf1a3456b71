//! The page at `/admin/invitations`: links with which others create an account.
//!
//! A link is shown only in the response that creates it.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_id, form_problem, form_problem_id, notices, row_button, title_with_problem};
use crate::secret::{Secret, secret};

/// Content of the page of invitations.
#[derive(Debug, Clone, Copy)]
pub struct InvitationsPage<'a> {
    /// The administrator's name.
    pub name: &'a str,
    /// Invitations that can still be used.
    pub invitations: &'a [InvitationRow<'a>],
    /// Link of the invitation that was just created.
    pub new_link: Option<Secret<'a>>,
    /// Value of the field for the number of accounts.
    pub uses: &'a str,
    /// Largest number of accounts.
    pub max_uses: u32,
    /// Value of the field for the number of days.
    pub days: &'a str,
    /// Largest number of days.
    pub max_days: u32,
    /// Why the number of accounts was refused.
    pub uses_problem: Option<&'a str>,
    /// Why the number of days was refused.
    pub days_problem: Option<&'a str>,
    /// Why the whole form was refused.
    pub form_problem: Option<&'a str>,
    /// Notices from the previous request.
    pub notices: &'a [String],
}

/// One invitation.
#[derive(Debug, Clone, Copy)]
pub struct InvitationRow<'a> {
    /// Public id of the invitation, which the form to withdraw it sends back. It grants no access.
    pub id: &'a str,
    /// Number of accounts that can still be created with it.
    pub uses_left: u32,
    /// Formatted time at which it expires, shown after "Until".
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
                    (form_id())
                    @for one in fields(view) { (field(&one)) }
                    button type="submit" { "Create invitation" }
                }
            }
            section.card {
                h2 { "Open invitations" }
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
            p.hint { "Send this link to the people you want to invite. It is shown only once." }
        }
    }
}

fn open(invitations: &[InvitationRow<'_>]) -> Markup {
    html! {
        @if invitations.is_empty() {
            p { "There are no open invitations." }
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

/// Returns the two inputs. The first one with a problem has the focus.
fn fields<'a>(view: &InvitationsPage<'a>) -> [Field<'a>; 2] {
    let uses = Field {
        name: "uses",
        label: "Number of accounts",
        kind: Kind::Number {
            value: view.uses,
            max: view.max_uses,
        },
        hint: None,
        problem: view.uses_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: view.uses_problem.is_some(),
    };
    let days = Field {
        name: "days",
        label: "Number of days",
        kind: Kind::Number {
            value: view.days,
            max: view.max_days,
        },
        hint: None,
        problem: view.days_problem,
        explained_by: None,
        required: true,
        autofocus: view.uses_problem.is_none() && view.days_problem.is_some(),
    };
    [uses, days]
}
