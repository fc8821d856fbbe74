//! Listening sockets on Linux.

use std::io;

use tokio::net::TcpSocket;

/// Linux lets nobody else bind an address that somebody listens on, nor the wildcard over it.
/// `SO_REUSEADDR` only means that closed connections of the last attempt do not count.
pub(super) fn keep_others_out(socket: &TcpSocket) -> io::Result<()> {
    socket.set_reuseaddr(true)
}

/// Whether binding ::1 failed because this computer does not have it.
pub(crate) fn has_no_ipv6_loopback(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 97;
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(EAFNOSUPPORT)
}
