//! Whether a client has closed its sending side, as far as the system tells.
//!
//! Nothing that tiny_http hands out tells the end of a chunked body from the end of the connection in
//! the middle of a chunk, or gives access to the socket. Linux lists its TCP connections in
//! `/proc/self/net/tcp`, and the two ends of ours are known.
//! Leaves out Unix sockets, whose connections have no name, and systems without `/proc`.

use std::fs;
use std::net::{IpAddr, SocketAddr};

/// Both ends of a TCP connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    /// Ours: the address that the server listens on.
    pub(crate) local: SocketAddr,
    /// The client's.
    pub(crate) peer: SocketAddr,
}

/// Whether the state of connections to this address can be told at all.
pub(crate) fn can_tell(local: SocketAddr) -> bool {
    fs::metadata(table(local)).is_ok()
}

/// Whether the client may still send: it has neither closed nor reset the connection. `None` when the
/// system does not tell. The answer is certain only for a connection that the caller keeps open.
pub(crate) fn may_send(ends: Ends) -> Option<bool> {
    let table = fs::read_to_string(table(ends.local)).ok()?;
    Some(state_in(&table, ends).is_some_and(|state| state == ESTABLISHED))
}

const ESTABLISHED: &str = "01";

fn table(local: SocketAddr) -> &'static str {
    match local {
        SocketAddr::V4(_) => "/proc/self/net/tcp",
        SocketAddr::V6(_) => "/proc/self/net/tcp6",
    }
}

fn state_in(table: &str, ends: Ends) -> Option<&str> {
    let (local, peer) = (written(ends.local), written(ends.peer));
    table.lines().find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let found = columns.next() == Some(&local) && columns.next() == Some(&peer);
        if found { columns.next() } else { None }
    })
}

/// An address as the table writes it: words of four bytes in the machine's order, in hexadecimal.
fn written(address: SocketAddr) -> String {
    let octets = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let words: String = octets
        .as_chunks()
        .0
        .iter()
        .map(|word| format!("{:08X}", u32::from_ne_bytes(*word)))
        .collect();
    format!("{words}:{:04X}", address.port())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::io::Write;
    use std::net::{Shutdown, TcpListener, TcpStream};

    use super::*;

    #[track_caller]
    fn follows_a_connection(address: &str) {
        let listener = TcpListener::bind(address).unwrap();
        let local = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(local).unwrap();
        let (_server, peer) = listener.accept().unwrap();
        let ends = Ends { local, peer };
        assert!(can_tell(local));
        client.write_all(b"x").unwrap();
        assert_eq!(may_send(ends), Some(true));
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(may_send(ends), Some(false));
    }

    #[test]
    fn a_half_closed_connection_sends_no_more() {
        follows_a_connection("127.0.0.1:0");
        follows_a_connection("[::1]:0");
    }

    #[test]
    fn an_unknown_connection_sends_no_more() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local = listener.local_addr().unwrap();
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        assert_eq!(may_send(Ends { local, peer }), Some(false));
    }
}
