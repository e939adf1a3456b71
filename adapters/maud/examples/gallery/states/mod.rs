//! Every view in every state, with one set of sample texts.
//!
//! The gallery and the tests use the same states. New pages and states must be added here.

mod account;
mod entry;
mod safety;

use kunci_maud::Markup;

/// Declares a text for every slot of the views, with a realistic example.
macro_rules! sample {
    ($($slot:ident = $real:literal,)*) => {
        /// One text for every slot of the views.
        #[derive(Debug, Clone)]
        pub(crate) struct Sample {
            $(pub(crate) $slot: String,)*
            /// Notices from previous requests.
            pub(crate) notices: Vec<String>,
        }

        impl Sample {
            /// Creates a sample by calling `text` with the name of each slot and its example.
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
    name_problem = "This username is taken",
    email_problem = "An email address looks like name@example.org",
    password_problem = "A password has at least 8 characters",
    sign_in_problem = "Wrong username or password",
    code_problem = "This code is wrong or was used before",
    number_problem = "Enter a whole number from 1 to 100",
    form_problem = "Too many attempts; try again later",
    first_date = "3 May 2026",
    second_date = "21 July 2026, 09:14 UTC",
    third_date = "28 July 2026, 09:14 UTC",
    heading = "There is nothing here",
    message = "Check the address, or go back to the home page.",
    id = "3f9c2a71d05e",
    device = "Firefox on Linux",
    other_device = "Samsung Internet on Android",
    address = "2001:db8:85a3::8a2e:370:7334",
    event = "Signed in on a new device",
    number = "3",
    seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    uri = "otpauth://totp/Kunci:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Kunci",
    recovery_code = "mfrggz-dfmzt-wq2lk-nnwg2-3tpob",
    token = "4f6a0c1e9b7d2358a1c4e7f00b3d6982f5e8a7c6d9b0413276fed1c0ab98e754",
    link = "https://kunci.example.org/link?token=4f6a0c1e9b7d2358a1c4e7f00b3d6982f5e8a7c6d9b0413276fed1c0ab98e754",
}

impl Sample {
    /// Creates a sample with realistic texts.
    pub(crate) fn realistic() -> Self {
        Self::filled(|_, real| real.to_owned())
    }
}

/// Who sees a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewer {
    Visitor,
    SignedIn,
    /// A user who must set up a second factor before using other pages.
    Restricted,
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
    state(Viewer::Visitor, name, page)
}

fn member(name: &'static str, page: Markup) -> State {
    state(Viewer::SignedIn, name, page)
}

fn restricted(name: &'static str, page: Markup) -> State {
    state(Viewer::Restricted, name, page)
}
