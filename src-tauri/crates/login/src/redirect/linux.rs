//! Listening sockets on Linux.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

const BACKLOG: u32 = 64;

/// Linux lets nobody else bind an address that somebody listens on, nor the wildcard over it.
/// `SO_REUSEADDR` only means that closed connections of the last attempt do not count.
pub(super) fn listen_exclusively(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Whether binding ::1 failed because this computer does not have it.
pub(super) fn has_no_ipv6_loopback(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 97;
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(EAFNOSUPPORT)
}
