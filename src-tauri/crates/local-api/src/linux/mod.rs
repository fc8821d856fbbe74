//! Linux: private places, the local socket, and who is at the other end of a connection.

mod peer;
mod program;
mod sock_diag;
mod socket;

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;

use rustix::io::Errno;

pub(crate) use peer::owner_of_peer;
pub(crate) use program::{Uptime, is_own_program};
pub(crate) use socket::{LocalSocket, SocketError, create_private, private_folder};

/// What the kernel buffers for a reader that does not keep up, in bytes.
const SEND_BUFFER: usize = 128 * 1024;

/// The user whose programs may call.
pub(crate) fn this_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The folder for run-time files of this user.
pub(crate) fn runtime_folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    folder.is_absolute().then(|| folder.join("cardea"))
}

/// Bounds what the kernel buffers of each connection that this listener takes.
pub(crate) fn bound_send_buffer(listener: &TcpListener) -> io::Result<()> {
    rustix::net::sockopt::set_socket_send_buffer_size(listener, SEND_BUFFER)?;
    Ok(())
}

/// Whether a bind failed because this computer has no IPv6 loopback.
pub(crate) fn is_without_ipv6(error: &io::Error) -> bool {
    let without = [Errno::ADDRNOTAVAIL, Errno::AFNOSUPPORT];
    Errno::from_io_error(error).is_some_and(|errno| without.contains(&errno))
}
