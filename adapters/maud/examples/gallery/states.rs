//! Every view in every state, filled from one sample of texts.
//!
//! The gallery shows these to the eye and the tests read them, so a state that is looked at is also checked.
//! A new page or state has to be added here by hand.

use kunci_maud::{
    AccountPage, ErrorPage, HomePage, Markup, PasswordPage, ProfilePage, SignInPage, SignOutPage, SignUpPage,
    account_page, error_page, home_page, password_page, profile_page, sign_in_page, sign_out_page,
    sign_up_page,
};

/// One text for every slot that the views have.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) next: String,
    pub(crate) href: String,
    pub(crate) name_problem: String,
    pub(crate) email_problem: String,
    pub(crate) password_problem: String,
    pub(crate) sign_in_problem: String,
    pub(crate) form_problem: String,
    pub(crate) first_date: String,
    pub(crate) second_date: String,
    pub(crate) third_date: String,
    pub(crate) notices: Vec<String>,
    pub(crate) heading: String,
    pub(crate) message: String,
}

impl Sample {
    /// Texts as they come up in real life.
    pub(crate) fn realistic() -> Self {
        Self {
            name: "ada".into(),
            email: "ada@example.org".into(),
            next: "/wiki?page=Home&edit=1".into(),
            href: "/wiki?page=Home".into(),
            name_problem: "This name is taken.".into(),
            email_problem: "This is not an e-mail address.".into(),
            password_problem: "This password is too easy to guess.".into(),
            sign_in_problem: "Wrong username or password".into(),
            form_problem: "Too many attempts. Try again in 2 minutes.".into(),
            first_date: "3 May 2026".into(),
            second_date: "21 July 2026, 09:14 UTC".into(),
            third_date: "28 July 2026, 09:14 UTC".into(),
            notices: vec!["Your password has been changed.".into()],
            heading: "There is nothing here".into(),
            message: "The address may be mistyped, or the page may be gone.".into(),
        }
    }
}

/// A rendered view under the name of its state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: &'static str,
    pub(crate) signed_in: bool,
    pub(crate) page: Markup,
}

/// Every view in every state.
pub(crate) fn states(sample: &Sample) -> Vec<State> {
    [
        home(sample),
        sign_in(sample),
        sign_up(sample),
        profile(sample),
        account(sample),
        password(sample),
        sign_out(sample),
        error(sample),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn visitor(name: &'static str, page: Markup) -> State {
    State {
        name,
        signed_in: false,
        page,
    }
}

fn member(name: &'static str, page: Markup) -> State {
    State {
        name,
        signed_in: true,
        page,
    }
}

fn home(sample: &Sample) -> Vec<State> {
    vec![
        visitor("home", home_page(&HomePage { name: None })),
        member(
            "home-signed-in",
            home_page(&HomePage {
                name: Some(&sample.name),
            }),
        ),
    ]
}

fn sign_in(sample: &Sample) -> Vec<State> {
    let blank = SignInPage {
        name: "",
        next: None,
        remember: true,
        problem: None,
        sign_up_href: &sample.href,
        viewer: None,
    };
    let next = SignInPage {
        next: Some(&sample.next),
        ..blank
    };
    let wrong = SignInPage {
        name: &sample.name,
        remember: false,
        problem: Some(&sample.sign_in_problem),
        ..next
    };
    let again = SignInPage {
        viewer: Some(&sample.name),
        ..blank
    };
    vec![
        visitor("sign-in", sign_in_page(&blank)),
        visitor("sign-in-next", sign_in_page(&next)),
        visitor("sign-in-wrong", sign_in_page(&wrong)),
        member("sign-in-again", sign_in_page(&again)),
    ]
}

fn sign_up(sample: &Sample) -> Vec<State> {
    let blank = SignUpPage {
        name: "",
        email: "",
        next: None,
        sign_in_href: &sample.href,
        name_problem: None,
        email_problem: None,
        password_problem: None,
        form_problem: None,
        viewer: None,
    };
    let filled = SignUpPage {
        name: &sample.name,
        email: &sample.email,
        ..blank
    };
    let password = SignUpPage {
        password_problem: Some(&sample.password_problem),
        ..filled
    };
    let email = SignUpPage {
        email_problem: Some(&sample.email_problem),
        ..password
    };
    let all = SignUpPage {
        name_problem: Some(&sample.name_problem),
        ..email
    };
    let form = SignUpPage {
        form_problem: Some(&sample.form_problem),
        ..filled
    };
    let again = SignUpPage {
        next: Some(&sample.next),
        viewer: Some(&sample.name),
        ..blank
    };
    vec![
        visitor("sign-up", sign_up_page(&blank)),
        visitor("sign-up-password", sign_up_page(&password)),
        visitor("sign-up-email", sign_up_page(&email)),
        visitor("sign-up-all", sign_up_page(&all)),
        visitor("sign-up-form", sign_up_page(&form)),
        member("sign-up-again", sign_up_page(&again)),
    ]
}

fn profile(sample: &Sample) -> Vec<State> {
    let plain = ProfilePage {
        name: &sample.name,
        email: None,
        administrator: false,
        member_since: &sample.first_date,
        signed_in_since: &sample.second_date,
        signed_in_until: &sample.third_date,
        permanent: false,
        notices: &[],
    };
    let full = ProfilePage {
        email: Some(&sample.email),
        administrator: true,
        permanent: true,
        notices: &sample.notices,
        ..plain
    };
    vec![
        member("profile", profile_page(&plain)),
        member("profile-full", profile_page(&full)),
    ]
}

fn account(sample: &Sample) -> Vec<State> {
    let plain = AccountPage {
        name: &sample.name,
        email: None,
        password_changed: &sample.first_date,
        notices: &[],
    };
    let full = AccountPage {
        email: Some(&sample.email),
        notices: &sample.notices,
        ..plain
    };
    vec![
        member("account", account_page(&plain)),
        member("account-full", account_page(&full)),
    ]
}

fn password(sample: &Sample) -> Vec<State> {
    let blank = PasswordPage {
        name: &sample.name,
        current_problem: None,
        new_problem: None,
        form_problem: None,
    };
    let current = PasswordPage {
        current_problem: Some(&sample.sign_in_problem),
        ..blank
    };
    let new = PasswordPage {
        new_problem: Some(&sample.password_problem),
        ..blank
    };
    let form = PasswordPage {
        form_problem: Some(&sample.form_problem),
        ..blank
    };
    vec![
        member("password", password_page(&blank)),
        member("password-current", password_page(&current)),
        member("password-new", password_page(&new)),
        member("password-form", password_page(&form)),
    ]
}

fn sign_out(sample: &Sample) -> Vec<State> {
    let here = SignOutPage {
        name: Some(&sample.name),
        everywhere: false,
    };
    let everywhere = SignOutPage {
        everywhere: true,
        ..here
    };
    vec![
        member("sign-out", sign_out_page(&here)),
        member("sign-out-everywhere", sign_out_page(&everywhere)),
        visitor(
            "sign-out-nobody",
            sign_out_page(&SignOutPage { name: None, ..here }),
        ),
        visitor(
            "sign-out-everywhere-nobody",
            sign_out_page(&SignOutPage {
                name: None,
                ..everywhere
            }),
        ),
    ]
}

fn error(sample: &Sample) -> Vec<State> {
    let plain = ErrorPage {
        status: 404,
        heading: &sample.heading,
        message: &sample.message,
        viewer: None,
        back_href: None,
    };
    let back = ErrorPage {
        viewer: Some(&sample.name),
        back_href: Some(&sample.href),
        ..plain
    };
    vec![
        visitor("error", error_page(&plain)),
        member("error-back", error_page(&back)),
    ]
}
