//! Pages, style sheet and mark.
//!
//! Every page is one view struct of plain borrowed fields and one pure function from it to [`Markup`].
//! The functions know no request, no store, no clock and no permission: the caller decides what may be
//! shown and hands over finished texts, dates included.
//!
//! Three rules hold for all pages, and the tests of this crate keep them:
//!
//! - Text reaches the page through Maud's escaping alone; nothing here builds HTML from strings.
//! - A page loads only its own style sheet, mark and QR code, has no script and no inline style, and therefore works
//!   under the policy `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'`.
//! - Whoever is signed in finds a way to sign out on every page.
//!
//! Escaping does not make an address safe to follow: every `*_href` field must hold a path of our own, which
//! the caller has checked and percent-encoded. A [`Secret`] is for the one answer that shows it, which must not
//! be kept by any cache.
//!
//! ```
//! use kunci_maud::{SignInPage, sign_in_page};
//!
//! let page = sign_in_page(&SignInPage {
//!     name: "ada",
//!     next: None,
//!     remember: true,
//!     password_changed: false,
//!     address_confirmed: false,
//!     problem: Some("Wrong username or password"),
//!     sign_up_href: "/register",
//!     viewer: None,
//! });
//! assert!(page.into_string().contains("Wrong username or password"));
//! ```

mod account;
pub mod assets;
mod code;
mod delete;
mod device;
mod devices;
mod email;
mod error;
mod field;
mod forgotten;
mod history;
mod home;
mod invitations;
mod layout;
mod link;
mod parts;
mod password;
mod profile;
mod proof;
mod qr;
mod recovery_codes;
mod second_factor;
mod secret;
mod sign_in;
mod sign_out;
mod sign_up;

pub use account::{AccountPage, account_page};
pub use code::{CodePage, code_page};
pub use delete::{DeletePage, delete_page};
pub use device::device_in_words;
pub use devices::{DeviceRow, DevicesPage, devices_page};
pub use email::{EmailPage, email_page};
pub use error::{ErrorPage, error_page};
pub use forgotten::{ForgottenPage, forgotten_page};
pub use history::{HistoryPage, HistoryRow, history_page};
pub use home::{HomePage, home_page};
pub use invitations::{InvitationRow, InvitationsPage, invitations_page};
pub use layout::layout;
pub use link::{Link, LinkPage, link_page};
pub use maud::Markup;
pub use password::{PasswordPage, password_page};
pub use profile::{ProfilePage, profile_page};
pub use proof::{ProofPage, proof_page};
pub use qr::qr_svg;
pub use recovery_codes::{RecoveryCodesPage, recovery_codes_page};
pub use second_factor::{SecondFactorPage, SecondFactorState, second_factor_page};
pub use secret::Secret;
pub use sign_in::{SignInPage, sign_in_page};
pub use sign_out::{SignOutPage, sign_out_page};
pub use sign_up::{Admission, SignUpPage, sign_up_page};
