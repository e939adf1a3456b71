//! The pages of signed-in users and their counterparts in the API.

mod authenticator;
pub(crate) mod confirm;
pub(crate) mod delete_account;
pub(crate) mod devices;
pub(crate) mod email;
mod event_words;
pub(crate) mod history;
pub(crate) mod overview;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod recovery_codes;
pub(crate) mod second_factor;
