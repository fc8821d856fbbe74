//! Listening sockets on Windows.

use std::io;
use std::net::SocketAddr;

use cardea_win32::use_exclusively;
use tokio::net::{TcpListener, TcpSocket};

const BACKLOG: u32 = 64;

/// Windows lets another program bind an address that somebody listens on unless that one said no.
pub(super) fn listen_exclusively(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    use_exclusively(&socket)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Whether binding ::1 failed because this computer does not have it.
pub(super) fn has_no_ipv6_loopback(error: &io::Error) -> bool {
    const WSAEAFNOSUPPORT: i32 = 10047;
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(WSAEAFNOSUPPORT)
}
