//! Pages for signing in, signing up and signing out.

use kunci_maud::{
    Admission, CodePage, ErrorPage, ForgottenPage, HomePage, Link, LinkPage, Secret, SignInPage, SignOutPage,
    SignUpPage, code_page, error_page, forgotten_page, home_page, link_page, sign_in_page, sign_out_page,
    sign_up_page,
};

use super::{Sample, State, member, visitor};

pub(super) fn home(sample: &Sample) -> Vec<State> {
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

pub(super) fn sign_in(sample: &Sample) -> Vec<State> {
    let blank = SignInPage {
        name: "",
        next: None,
        remember: true,
        password_changed: false,
        address_confirmed: false,
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
    let signed_in = SignInPage {
        viewer: Some(&sample.name),
        ..blank
    };
    let changed = SignInPage {
        password_changed: true,
        ..blank
    };
    let confirmed = SignInPage {
        address_confirmed: true,
        ..blank
    };
    vec![
        visitor("sign-in", sign_in_page(&blank)),
        visitor("sign-in-next", sign_in_page(&next)),
        visitor("sign-in-wrong", sign_in_page(&wrong)),
        visitor("sign-in-changed", sign_in_page(&changed)),
        visitor("sign-in-confirmed", sign_in_page(&confirmed)),
        member("sign-in-signed-in", sign_in_page(&signed_in)),
    ]
}

pub(super) fn code(sample: &Sample) -> Vec<State> {
    let blank = CodePage {
        next: None,
        code_problem: None,
        form_problem: None,
        sign_in_href: &sample.href,
    };
    let wrong = CodePage {
        next: Some(&sample.next),
        code_problem: Some(&sample.code_problem),
        ..blank
    };
    let form = CodePage {
        form_problem: Some(&sample.form_problem),
        ..blank
    };
    vec![
        visitor("code", code_page(&blank)),
        visitor("code-wrong", code_page(&wrong)),
        visitor("code-form", code_page(&form)),
    ]
}

pub(super) fn sign_up(sample: &Sample) -> Vec<State> {
    let blank = SignUpPage {
        admission: Admission::Open,
        invitation: None,
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
    let signed_in = SignUpPage {
        next: Some(&sample.next),
        viewer: Some(&sample.name),
        ..blank
    };
    let admitted = |admission| sign_up_page(&SignUpPage { admission, ..blank });
    let invited = |admission| {
        sign_up_page(&SignUpPage {
            admission,
            invitation: Some(Secret(&sample.token)),
            ..blank
        })
    };
    vec![
        visitor("sign-up", sign_up_page(&blank)),
        visitor("sign-up-password", sign_up_page(&password)),
        visitor("sign-up-email", sign_up_page(&email)),
        visitor("sign-up-all", sign_up_page(&all)),
        visitor("sign-up-form", sign_up_page(&form)),
        member("sign-up-signed-in", sign_up_page(&signed_in)),
        visitor("sign-up-invited", invited(Admission::Invited)),
        visitor("sign-up-first", invited(Admission::FirstAdministrator)),
        visitor("sign-up-not-invited", admitted(Admission::NotInvited)),
        visitor("sign-up-closed", admitted(Admission::Closed)),
    ]
}

pub(super) fn forgotten(sample: &Sample) -> Vec<State> {
    let blank = ForgottenPage {
        who: "",
        sent: false,
        form_problem: None,
        viewer: None,
    };
    let form = ForgottenPage {
        who: &sample.name,
        form_problem: Some(&sample.form_problem),
        ..blank
    };
    let sent = ForgottenPage { sent: true, ..blank };
    let viewer = Some(sample.name.as_str());
    vec![
        visitor("forgotten", forgotten_page(&blank)),
        visitor("forgotten-form", forgotten_page(&form)),
        visitor("forgotten-sent", forgotten_page(&sent)),
        member(
            "forgotten-signed-in",
            forgotten_page(&ForgottenPage { viewer, ..blank }),
        ),
    ]
}

pub(super) fn link(sample: &Sample) -> Vec<State> {
    let (name, address) = (Some(sample.name.as_str()), Some(sample.email.as_str()));
    let password = Link::ChoosePassword {
        name,
        new_problem: None,
    };
    let refused = Link::ChoosePassword {
        name: None,
        new_problem: Some(&sample.password_problem),
    };
    let at_first = |link| LinkPage {
        link,
        token: Secret(&sample.token),
        other_user: None,
        form_problem: None,
        viewer: None,
    };
    let form = LinkPage {
        form_problem: Some(&sample.form_problem),
        ..at_first(password)
    };
    let confirm = at_first(Link::ConfirmAddress { address });
    let unnamed = at_first(Link::ConfirmAddress { address: None });
    let signed_in = LinkPage {
        viewer: name,
        ..confirm
    };
    let another = |link| {
        link_page(&LinkPage {
            other_user: name,
            viewer: name,
            ..at_first(link)
        })
    };
    vec![
        visitor("link-confirm", link_page(&confirm)),
        visitor("link-confirm-unnamed", link_page(&unnamed)),
        member("link-confirm-signed-in", link_page(&signed_in)),
        member("link-confirm-another", another(confirm.link)),
        visitor("link-password", link_page(&at_first(password))),
        visitor("link-password-new", link_page(&at_first(refused))),
        visitor("link-password-form", link_page(&form)),
        member("link-password-another", another(password)),
        member("link-sign-in-another", another(Link::SignIn { name })),
        visitor("link-sign-in", link_page(&at_first(Link::SignIn { name }))),
        visitor("link-dead", link_page(&at_first(Link::Dead))),
    ]
}

pub(super) fn sign_out(sample: &Sample) -> Vec<State> {
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

pub(super) fn error(sample: &Sample) -> Vec<State> {
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
