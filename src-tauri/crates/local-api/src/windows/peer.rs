//! Whose program is at the other end of a loopback connection.

use std::io;
use std::net::SocketAddr;

use cardea_win32::{Process, process_of_connection};

use super::Owner;

/// Whose the socket at `peer` is that is connected to us at `local`; none when Windows knows no
/// such socket, or no program holds it any more.
///
/// # Errors
/// When Windows cannot be asked, or the program does not let us look.
pub(crate) async fn owner_of_peer(
    peer: SocketAddr,
    local: SocketAddr,
) -> io::Result<Option<Owner>> {
    // Windows lists the connections of the whole computer.
    let look = move || {
        process_of_connection(peer, local)?
            .map(|process| Owner::of(&Process::open(process)?))
            .transpose()
    };
    tokio::task::spawn_blocking(look).await?
}

/// The process that holds the socket at `peer`; none when none does. Takes its time.
///
/// # Errors
/// When Windows cannot be asked.
pub(crate) fn process_of_peer(peer: SocketAddr, local: SocketAddr) -> io::Result<Option<u32>> {
    process_of_connection(peer, local)
}
