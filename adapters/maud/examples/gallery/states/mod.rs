//! Every view in every state, filled from one sample of texts.
//!
//! The gallery shows these to the eye and the tests read them, so a state that is looked at is also checked.
//! A new page or state has to be added here by hand.

mod account;
mod entry;
mod safety;

use kunci_maud::Markup;

/// Declares a text for every slot that the views have, with an example from real life.
macro_rules! sample {
    ($($slot:ident = $real:literal,)*) => {
        /// One text for every slot that the views have.
        #[derive(Debug, Clone)]
        pub(crate) struct Sample {
            $(pub(crate) $slot: String,)*
            /// What previous requests have to say.
            pub(crate) notices: Vec<String>,
        }

        impl Sample {
            /// A sample whose texts are made from the name of each slot and its example.
            pub(crate) fn filled(text: impl Fn(&str, &str) -> String) -> Self {
                Self {
                    $($slot: text(stringify!($slot), $real),)*
                    notices: vec![text("notices", "Your password has been changed.")],
                }
            }
        }
    };
}

sample! {
    name = "ada",
    email = "ada@example.org",
    next = "/wiki?page=Home&edit=1",
    href = "/wiki?page=Home",
    name_problem = "This name is taken.",
    email_problem = "This is not an e-mail address.",
    password_problem = "This password is too easy to guess.",
    sign_in_problem = "Wrong username or password",
    code_problem = "This code is wrong or was used before.",
    number_problem = "This is not a number from 1 to 100.",
    form_problem = "Too many attempts. Try again in 2 minutes.",
    first_date = "3 May 2026",
    second_date = "21 July 2026, 09:14 UTC",
    third_date = "28 July 2026, 09:14 UTC",
    heading = "There is nothing here",
    message = "The address may be mistyped, or the page may be gone.",
    id = "3f9c2a71d05e",
    device = "Firefox on Linux",
    other_device = "Samsung Internet on Android",
    address = "2001:db8:85a3::8a2e:370:7334",
    event = "Somebody signed in on a device that had not done so before.",
    number = "3",
    seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    uri = "otpauth://totp/Kunci:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Kunci",
    recovery_code = "mfrggz-dfmzt-wq2lk-nnwg2-3tpob",
    link = "https://kunci.example.org/link?token=4f6a0c1e9b7d2358a1c4e7f00b3d6982f5e8a7c6d9b0413276fed1c0ab98e754",
}

impl Sample {
    /// Texts as they come up in real life.
    pub(crate) fn realistic() -> Self {
        Self::filled(|_, real| real.to_owned())
    }
}

/// Who looks at a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewer {
    Nobody,
    SignedIn,
    /// Whoever must set up a second factor first.
    HeldBack,
}

/// A rendered view under the name of its state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: &'static str,
    pub(crate) viewer: Viewer,
    pub(crate) page: Markup,
}

/// Every view in every state.
pub(crate) fn states(sample: &Sample) -> Vec<State> {
    [
        entry::home(sample),
        entry::sign_in(sample),
        entry::code(sample),
        entry::sign_up(sample),
        entry::forgotten(sample),
        entry::link(sample),
        entry::sign_out(sample),
        entry::error(sample),
        account::profile(sample),
        account::account(sample),
        account::email(sample),
        account::devices(sample),
        account::history(sample),
        account::delete(sample),
        account::invitations(sample),
        safety::password(sample),
        safety::proof(sample),
        safety::second_factor(sample),
        safety::recovery_codes(sample),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn state(viewer: Viewer, name: &'static str, page: Markup) -> State {
    State { name, viewer, page }
}

fn visitor(name: &'static str, page: Markup) -> State {
    state(Viewer::Nobody, name, page)
}

fn member(name: &'static str, page: Markup) -> State {
    state(Viewer::SignedIn, name, page)
}

fn held_back(name: &'static str, page: Markup) -> State {
    state(Viewer::HeldBack, name, page)
}
