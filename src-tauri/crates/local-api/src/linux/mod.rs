//! Linux: private places, the local socket, and who is at the other end of a connection.

mod peer;
mod program;
mod sock_diag;
mod socket;
#[cfg(test)]
pub(crate) mod testing;

use std::io;
use std::path::Path;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::Socket;

pub(crate) use std::fs::rename as replace;

pub(crate) use peer::{owner_of_peer, process_of_peer};
pub(crate) use program::program_of;
pub(crate) use socket::{LocalSocket, Visitor, create_private, private_folder};

/// Whose a program is: the user.
pub(crate) type Owner = u32;

/// Who signed a program: Linux does not say.
pub(crate) fn signer_of(_program: &Path) -> Option<String> {
    None
}

/// Whose programs may call.
///
/// # Errors
/// None here.
pub(crate) fn this_owner() -> io::Result<Owner> {
    Ok(rustix::process::geteuid().as_raw())
}

/// Has the kernel give this process as many connections as it may have: the usual limit of 1,024
/// files is for programs that still use select(2), and the programs here may open more.
pub(crate) fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it was");
    }
}

/// Linux gives an address to one listener only, without `SO_REUSEPORT`. `SO_REUSEADDR` only means
/// that closed connections of an agent before this one do not count.
pub(crate) fn keep_others_out(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Whether a bind failed because somebody has the port.
pub(crate) fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}

/// Whether a bind failed because this computer has no IPv6 loopback.
pub(crate) fn is_without_ipv6(error: &io::Error) -> bool {
    let without = [Errno::ADDRNOTAVAIL, Errno::AFNOSUPPORT];
    Errno::from_io_error(error).is_some_and(|errno| without.contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_may_be_open_as_the_system_lets_be() {
        allow_many_connections();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
