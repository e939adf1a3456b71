//! Pages, style sheet and logo.
//!
//! Every page has a view struct with plain borrowed fields and a pure function that renders it to [`Markup`].
//! The functions access no request, store or clock and check no permissions. The caller decides what the page
//! may show and passes formatted texts, including dates.
//!
//! The tests of this crate check three rules for all pages:
//!
//! - Maud escapes all text. This crate does not build HTML from strings.
//! - A page loads only the style sheet, the logo and the QR code of this site. It has no script and no inline
//!   style, so it works under the policy
//!   `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'`.
//! - Signed-in users can sign out on every page.
//!
//! Escaping does not make a link safe to follow. Every `*_href` field must be a path of this site that the
//! caller has validated and percent-encoded. A response that shows a [`Secret`] must not be cached.
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
pub use device::device_name;
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
pub use parts::FORM_ID;
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
