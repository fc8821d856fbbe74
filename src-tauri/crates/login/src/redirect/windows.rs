//! Listening sockets on Windows.

use std::io;

use tokio::net::TcpSocket;

/// Windows lets another program bind an address that somebody listens on unless that one said no.
pub(super) fn keep_others_out(socket: &TcpSocket) -> io::Result<()> {
    cardea_win32::use_exclusively(socket)
}

/// Whether binding ::1 failed because this computer does not have it.
pub(crate) fn has_no_ipv6_loopback(error: &io::Error) -> bool {
    const WSAEAFNOSUPPORT: i32 = 10047;
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(WSAEAFNOSUPPORT)
}
