//! tiny_http with four workers that always say the same: what no program on tiny_http can exceed.
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
                    // Whoever asked may have gone.
                    let _ = request.respond(Response::from_string(HELLO));
                }
            });
        }
    });
    Ok(())
}
