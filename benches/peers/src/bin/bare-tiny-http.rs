//! tiny_http with four workers and a fixed answer: the upper limit for programs on tiny_http.
//!
//! `bare-tiny-http PORT`

use std::thread;

use peers::{HELLO, Outcome, address, ready};
use tiny_http::{Response, Server};

const WORKERS: usize = 4;

fn main() -> Outcome {
    let address = address()?;
    let server = Server::http(address)?;
    ready(address);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                for request in server.incoming_requests() {
                    // The client may have closed the connection.
                    let _ = request.respond(Response::from_string(HELLO));
                }
            });
        }
    });
    Ok(())
}
