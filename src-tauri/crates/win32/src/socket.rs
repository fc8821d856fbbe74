//! Sockets that nobody else can take over.

use std::io;
use std::os::windows::io::{AsRawSocket as _, AsSocket};

use windows_sys::Win32::Networking::WinSock::{
    SO_EXCLUSIVEADDRUSE, SOCKET_ERROR, SOL_SOCKET, WSAGetLastError, setsockopt,
};

/// Lets nobody else bind the address that this socket is going to have, nor the wildcard over it:
/// otherwise another program may, with `SO_REUSEADDR`. To be called before the socket is bound.
///
/// # Errors
/// What Windows says.
pub fn use_exclusively(socket: &impl AsSocket) -> io::Result<()> {
    let socket = socket.as_socket().as_raw_socket();
    let yes = 1_i32.to_ne_bytes();
    // SAFETY: an open socket, and a value of that length.
    let answer = unsafe {
        setsockopt(
            socket as usize,
            SOL_SOCKET,
            SO_EXCLUSIVEADDRUSE,
            yes.as_ptr(),
            yes.len() as i32,
        )
    };
    if answer == SOCKET_ERROR {
        // SAFETY: takes nothing.
        return Err(io::Error::from_raw_os_error(unsafe { WSAGetLastError() }));
    }
    Ok(())
}
