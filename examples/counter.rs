//! An application on Kunci in one file: a counter for visitors and users, and a page for users only.
//!
//! Run it with `cargo run --example counter`, and open the URL that it prints.

use kunci::{App, Method, text};

/// Builds the app. The tests call it without a socket.
pub(crate) fn app() -> Result<App, kunci::BuildError> {
    App::builder()
        .store("memory:")?
        .route(Method::POST, "/cart", |request| {
            let n = request
                .session()
                .update("items", |n: Option<u64>| n.unwrap_or(0) + 1)?;
            Ok(text(format!("{n} items")))
        })
        .route(Method::GET, "/cart", |request| {
            let n: Option<u64> = request.session().get("items")?;
            Ok(text(format!("{} items", n.unwrap_or(0))))
        })
        .route(Method::GET, "/checkout", |request| {
            let name = request.require_user()?.name.clone();
            Ok(text(format!("{name}, that will be nothing")))
        })
        .build()
}

#[allow(dead_code, reason = "the tests include this file to call `app`")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = app()?;
    app.serve("127.0.0.1:8081", |address| println!("listening on {address}"))?;
    Ok(())
}
