//! Tests of every view in every state.
//!
//! The tests of `kunci-web` check which page answers a request.

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
