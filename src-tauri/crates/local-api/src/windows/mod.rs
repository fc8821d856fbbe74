//! Windows: private places, the named pipe, and who is at the other end of a connection.

mod peer;
mod program;
mod socket;
#[cfg(test)]
pub(crate) mod testing;

use std::fs::File;
use std::io;
use std::path::Path;

use cardea_win32::{IfThere, Process, Sid, this_session};
use socket2::Socket;

pub(crate) use cardea_win32::{create_private_folder as private_folder, replace};
pub(crate) use peer::{owner_of_peer, process_of_peer};
pub(crate) use program::{program_of, signer_of};
pub(crate) use socket::{LocalSocket, Visitor};

/// Whose a program is: the user, at one of the screens that this user may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    user: Sid,
    session: u32,
}

impl Owner {
    fn of(process: &Process) -> io::Result<Self> {
        Ok(Self {
            user: process.user()?,
            session: process.session()?,
        })
    }
}

/// Whose programs may call.
///
/// # Errors
/// When Windows does not say who runs this.
pub(crate) fn this_owner() -> io::Result<Owner> {
    Ok(Owner {
        user: Sid::of_this_user()?,
        session: this_session()?,
    })
}

/// Windows gives a process as many connections as it asks for.
pub(crate) fn allow_many_connections() {}

/// Windows lets another program bind an address that somebody listens on unless that one said no.
pub(crate) fn keep_others_out(socket: &Socket) -> io::Result<()> {
    cardea_win32::use_exclusively(socket)
}

/// Whether a bind failed because somebody has the port, or Windows keeps it for something else:
/// it says "access denied" of ports that are held exclusively or excluded.
pub(crate) fn is_taken(error: &io::Error) -> bool {
    let taken = [io::ErrorKind::AddrInUse, io::ErrorKind::PermissionDenied];
    taken.contains(&error.kind())
}

/// Whether a bind failed because this computer has no IPv6 loopback.
pub(crate) fn is_without_ipv6(error: &io::Error) -> bool {
    const WSAEAFNOSUPPORT: i32 = 10047;
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(WSAEAFNOSUPPORT)
}

/// Opens a new or emptied file that only this user can read.
///
/// # Errors
/// When it cannot be made, or is a link.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    cardea_win32::create_private(path, IfThere::Empty)
}
