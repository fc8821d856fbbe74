//! Whose program is at the other end of a loopback connection.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::{Owner, sock_diag};

/// A socket as the kernel knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) user: Owner,
    /// Zero for a socket that no program holds any more; the kernel then gives it to root.
    pub(super) inode: u32,
}

/// Whose the socket at `peer` is that is connected to us at `local`; none when the kernel knows no
/// such socket, or no program holds it any more.
///
/// # Errors
/// When the kernel cannot be asked.
pub(crate) async fn owner_of_peer(
    peer: SocketAddr,
    local: SocketAddr,
) -> io::Result<Option<Owner>> {
    Ok(find(peer, local)?.map(|owned| owned.user))
}

/// The process that holds the socket at `peer`, by looking at what this user's processes hold; none
/// when none of them does. Takes its time.
///
/// # Errors
/// When the kernel cannot be asked.
pub(crate) fn process_of_peer(peer: SocketAddr, local: SocketAddr) -> io::Result<Option<u32>> {
    let Some(owned) = find(peer, local)? else {
        return Ok(None);
    };
    let wanted = format!("socket:[{}]", owned.inode);
    let holds = |process: u32| {
        // Those of other users, and those that are gone, do not let us look.
        let Ok(held) = fs::read_dir(format!("/proc/{process}/fd")) else {
            return false;
        };
        held.flatten()
            .any(|file| fs::read_link(file.path()).is_ok_and(|link| link.as_os_str() == &*wanted))
    };
    let processes = fs::read_dir("/proc")?.flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(numbers.find(|&number| holds(number)))
}

fn find(peer: SocketAddr, local: SocketAddr) -> io::Result<Option<Owned>> {
    let owned = match sock_diag::find(peer, local) {
        Ok(Some(owned)) => Some(owned),
        // Kernels without sock_diag, and sandboxes that deny it, still have the tables.
        Ok(None) | Err(_) => find_in_tables(peer, local)?,
    };
    Ok(owned.filter(|owned| owned.inode != 0))
}

fn find_in_tables(peer: SocketAddr, local: SocketAddr) -> io::Result<Option<Owned>> {
    if peer.is_ipv4() {
        let table = fs::read_to_string("/proc/self/net/tcp")?;
        if let Some(owned) = find_in(&table, &hex(peer), &hex(local)) {
            return Ok(Some(owned));
        }
    }
    // Also programs whose IPv6 socket talks to an IPv4 address, as those of Java do.
    match fs::read_to_string("/proc/self/net/tcp6") {
        Ok(table) => Ok(find_in(&table, &hex(mapped(peer)), &hex(mapped(local)))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Finds a connection in a table as `proc_net_tcp(5)` describes it.
fn find_in(table: &str, own: &str, remote: &str) -> Option<Owned> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let is_it = fields.next()? == own && fields.next()? == remote;
        let user = fields.nth(4)?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok()?;
        is_it.then_some(Owned { user, inode })
    })
}

fn mapped(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    SocketAddr::new(ip.into(), address.port())
}

/// An address as the tables write it: each four bytes as a number of this machine.
fn hex(address: SocketAddr) -> String {
    let mut text = String::with_capacity(37);
    let mut word = |bytes: [u8; 4]| text.push_str(&format!("{:08X}", u32::from_ne_bytes(bytes)));
    match address.ip() {
        IpAddr::V4(ip) => word(ip.octets()),
        IpAddr::V6(ip) => {
            for [a, b, c, d] in ip.octets().as_chunks::<4>().0 {
                word([*a, *b, *c, *d]);
            }
        }
    }
    text.push_str(&format!(":{:04X}", address.port()));
    text
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::os::this_owner;

    fn connection(to: &str) -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind(to).unwrap();
        let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (listener.accept().unwrap().0, theirs)
    }

    #[tokio::test]
    async fn both_ways_of_asking_know_the_owner_of_a_connection() {
        for loopback in ["127.0.0.1:0", "[::1]:0"] {
            let (ours, _theirs) = connection(loopback);
            let (peer, local) = (ours.peer_addr().unwrap(), ours.local_addr().unwrap());
            assert_eq!(
                owner_of_peer(peer, local).await.unwrap(),
                Some(this_owner().unwrap())
            );
            let table = find_in_tables(peer, local).unwrap().unwrap();
            assert_eq!(table.user, this_owner().unwrap());
            if let Ok(found) = sock_diag::find(peer, local) {
                assert_eq!(found, Some(table));
            }
        }
    }

    #[test]
    fn the_process_that_holds_a_connection_is_found() {
        let (ours, theirs) = connection("127.0.0.1:0");
        let (peer, local) = (ours.peer_addr().unwrap(), ours.local_addr().unwrap());
        let this = std::process::id();
        assert_eq!(process_of_peer(peer, local).unwrap(), Some(this));
        drop(theirs);
        assert_eq!(process_of_peer(peer, local).unwrap(), None);
    }

    #[tokio::test]
    async fn a_connection_that_its_program_closed_has_no_owner() {
        let (ours, theirs) = connection("127.0.0.1:0");
        let (peer, local) = (ours.peer_addr().unwrap(), ours.local_addr().unwrap());
        drop(theirs);
        assert_eq!(owner_of_peer(peer, local).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_listener_on_the_peers_port_is_not_the_peer() {
        let (ours, theirs) = connection("127.0.0.1:0");
        let (peer, local) = (ours.peer_addr().unwrap(), ours.local_addr().unwrap());
        drop((ours, theirs));
        let Ok(_listener) = TcpListener::bind(peer) else {
            return;
        };
        assert_eq!(owner_of_peer(peer, local).await.unwrap(), None);
    }

    #[test]
    fn a_table_is_read_as_the_kernel_writes_it() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                     uid  timeout inode\n   \
                     0: 0100007F:6DB0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  \
                     1000        0 4242 1 0000000000000000 100 0 0 10 0\n   \
                     1: 0100007F:C350 0100007F:6DB0 01 00000000:00000000 00:00000000 00000000  \
                     1001        0 4243 1 0000000000000000 20 4 30 10 -1\n";
        let found = find_in(table, "0100007F:C350", "0100007F:6DB0");
        let expected = Owned {
            user: 1001,
            inode: 4243,
        };
        assert_eq!(found, Some(expected));
        assert_eq!(find_in(table, "0100007F:C351", "0100007F:6DB0"), None);
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn addresses_are_written_as_the_kernel_does() {
        assert_eq!(hex("127.0.0.1:28080".parse().unwrap()), "0100007F:6DB0");
        assert_eq!(
            hex("[::1]:80".parse().unwrap()),
            "00000000000000000000000001000000:0050"
        );
        assert_eq!(
            hex(mapped("127.0.0.1:80".parse().unwrap())),
            "0000000000000000FFFF00000100007F:0050"
        );
    }
}
