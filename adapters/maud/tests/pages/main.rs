//! What every page promises, checked on every view in every state.
//!
//! Whether the right page answers a request is not tested here; that belongs to the crate with the routes.

#[path = "../../examples/gallery/states/mod.rs"]
mod states;

mod assets;
mod contrast;
mod device;
mod document;
mod escaping;
mod forms;
mod html;
mod life;
mod qr;
mod texts;
