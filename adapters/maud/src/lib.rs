//! Pages, style sheet and mark.
//!
//! Every page is one view struct of plain borrowed fields and one pure function from it to [`Markup`].
//! The functions know no request, no store, no clock and no permission: the caller decides what may be
//! shown and hands over finished texts, dates included.
//!
//! Three rules hold for all pages, and the tests of this crate keep them:
//!
//! - Text reaches the page through Maud's escaping alone; nothing here builds HTML from strings.
//! - A page loads only its own style sheet and mark, has no script and no inline style, and therefore works
//!   under the policy `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'`.
//! - Whoever is signed in finds a way to sign out on every page.
//!
//! Escaping does not make an address safe to follow: every `*_href` field must hold a path of our own, which
//! the caller has checked and percent-encoded.
//!
//! ```
//! use kunci_maud::{SignInPage, sign_in_page};
//!
//! let page = sign_in_page(&SignInPage {
//!     name: "ada",
//!     next: None,
//!     remember: true,
//!     problem: Some("Wrong username or password"),
//!     sign_up_href: "/register",
//!     viewer: None,
//! });
//! assert!(page.into_string().contains("Wrong username or password"));
//! ```

mod account;
pub mod assets;
mod error;
mod field;
mod home;
mod layout;
mod parts;
mod password;
mod profile;
mod sign_in;
mod sign_out;
mod sign_up;

pub use account::{AccountPage, account_page};
pub use error::{ErrorPage, error_page};
pub use home::{HomePage, home_page};
pub use layout::layout;
pub use maud::Markup;
pub use password::{PasswordPage, password_page};
pub use profile::{ProfilePage, profile_page};
pub use sign_in::{SignInPage, sign_in_page};
pub use sign_out::{SignOutPage, sign_out_page};
pub use sign_up::{SignUpPage, sign_up_page};
