//! Which process holds the other end of a connection on this computer.

use std::ffi::c_void;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, NO_ERROR};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, MIB_TCP_STATE_ESTAB, TCP_TABLE_OWNER_PID_CONNECTIONS,
};
use windows_sys::Win32::Networking::WinSock::{ADDRESS_FAMILY, AF_INET, AF_INET6};

/// The table can grow between the question how long it is and the question what is in it.
const ATTEMPTS: u32 = 8;

/// The process whose socket is bound to `own` and connected to `remote`; none when there is no
/// such connection, or no process holds it any more.
///
/// # Errors
/// When Windows does not say.
pub fn process_of_connection(own: SocketAddr, remote: SocketAddr) -> io::Result<Option<u32>> {
    if own.is_ipv4() {
        let found = find(&table(AF_INET)?, v4, own, remote);
        if found.is_some() {
            return Ok(found);
        }
    }
    // Also programs whose IPv6 socket talks to an IPv4 address, as those of Java do.
    let (own, remote) = (mapped(own), mapped(remote));
    Ok(find(&table(AF_INET6)?, v6, own, remote))
}

/// One connection of a table.
struct Row {
    is_established: bool,
    own: SocketAddr,
    remote: SocketAddr,
    process: u32,
}

/// A table is a count and then so many rows. Nobody is process 0.
fn find<const WORDS: usize>(
    table: &[u32],
    row: fn(&[u32; WORDS]) -> Row,
    own: SocketAddr,
    remote: SocketAddr,
) -> Option<u32> {
    let (count, rows) = table.split_first()?;
    let (rows, _) = rows.as_chunks::<WORDS>();
    let rows = rows.iter().take(*count as usize).map(row);
    let found = rows
        .filter(|row| row.is_established && row.process != 0)
        .find(|row| row.own == own && row.remote == remote)?;
    Some(found.process)
}

/// `MIB_TCPROW_OWNER_PID`.
fn v4(row: &[u32; 6]) -> Row {
    let &[state, own, own_port, remote, remote_port, process] = row;
    let address = |ip: u32, port| {
        let ip = Ipv4Addr::from(ip.to_ne_bytes());
        SocketAddr::new(ip.into(), self::port(port))
    };
    Row {
        is_established: is_established(state),
        own: address(own, own_port),
        remote: address(remote, remote_port),
        process,
    }
}

/// `MIB_TCP6ROW_OWNER_PID`. Scopes are left out: loopback has none.
fn v6(row: &[u32; 14]) -> Row {
    let &[
        a,
        b,
        c,
        d,
        _,
        own_port,
        e,
        f,
        g,
        h,
        _,
        remote_port,
        state,
        process,
    ] = row;
    let address = |ip: [u32; 4], port| {
        let mut bytes = [0; 16];
        for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(ip) {
            *place = word.to_ne_bytes();
        }
        SocketAddr::new(Ipv6Addr::from(bytes).into(), self::port(port))
    };
    Row {
        is_established: is_established(state),
        own: address([a, b, c, d], own_port),
        remote: address([e, f, g, h], remote_port),
        process,
    }
}

fn is_established(state: u32) -> bool {
    state == MIB_TCP_STATE_ESTAB as u32
}

/// The lower half, in network order; the upper half may hold anything.
fn port(raw: u32) -> u16 {
    let [first, second, ..] = raw.to_ne_bytes();
    u16::from_be_bytes([first, second])
}

fn mapped(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    SocketAddr::new(ip.into(), address.port())
}

/// A table as Windows gives it.
fn table(family: ADDRESS_FAMILY) -> io::Result<Vec<u32>> {
    let mut buffer: Vec<u32> = Vec::new();
    let mut answer = ERROR_INSUFFICIENT_BUFFER;
    for _ in 0..ATTEMPTS {
        let mut length = u32::try_from(buffer.len() * 4).map_err(io::Error::other)?;
        // SAFETY: a buffer of that length; Windows says how long it has to be.
        answer = unsafe {
            GetExtendedTcpTable(
                buffer.as_mut_ptr().cast::<c_void>(),
                &raw mut length,
                0,
                u32::from(family),
                TCP_TABLE_OWNER_PID_CONNECTIONS,
                0,
            )
        };
        if answer != ERROR_INSUFFICIENT_BUFFER {
            break;
        }
        // Some more, since connections come and go.
        buffer = vec![0; (length as usize).div_ceil(4) + 256];
    }
    if answer != NO_ERROR {
        return Err(io::Error::from_raw_os_error(answer.cast_signed()));
    }
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        // Wine says whose a socket is once its process has tried to read from it.
        theirs.set_nonblocking(true).unwrap();
        let nothing = theirs.peek(&mut [0]);
        assert_eq!(nothing.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        (listener.accept().unwrap().0, theirs)
    }

    // Wine never says whose a socket of IPv6 is.
    #[test]
    fn the_process_of_a_connection_is_known() {
        let (ours, _theirs) = connection();
        let (peer, local) = (ours.peer_addr().unwrap(), ours.local_addr().unwrap());
        let found = process_of_connection(peer, local).unwrap();
        assert_eq!(found, Some(std::process::id()));
    }

    #[test]
    fn a_connection_that_its_program_closed_has_no_process() {
        let (ours, theirs) = connection();
        let (peer, local) = (ours.peer_addr().unwrap(), ours.local_addr().unwrap());
        drop(theirs);
        assert_eq!(process_of_connection(peer, local).unwrap(), None);
    }

    #[test]
    fn tables_are_read_as_windows_writes_them() {
        let word = |bytes: [u8; 4]| u32::from_ne_bytes(bytes);
        let loopback = word([127, 0, 0, 1]);
        let (own, remote) = (word([0xc3, 0x50, 0, 0]), word([0x6d, 0xb0, 0, 0]));
        let (listens, established) = (2, 5);
        #[rustfmt::skip]
        let table = [
            2,
            listens, loopback, own, loopback, remote, 41,
            established, loopback, own, loopback, remote, 42,
            established, loopback, remote, loopback, own, 43,
        ];
        let [ours, theirs] = ["127.0.0.1:28080", "127.0.0.1:50000"].map(|at| at.parse().unwrap());
        assert_eq!(find(&table, v4, theirs, ours), Some(42));
        assert_eq!(find(&table, v4, ours, theirs), None, "after the last row");

        let (last, scope) = (word([0, 0, 0, 1]), 7);
        #[rustfmt::skip]
        let table = [
            1,
            0, 0, 0, last, scope, own, 0, 0, 0, last, scope, remote, established, 44,
        ];
        let [ours, theirs] = ["[::1]:28080", "[::1]:50000"].map(|at| at.parse().unwrap());
        assert_eq!(find(&table, v6, theirs, ours), Some(44));
        assert_eq!(find(&table, v6, ours, theirs), None);
    }

    #[test]
    fn ports_are_read_in_network_order_whatever_is_above_them() {
        let raw = u32::from_ne_bytes([0x6d, 0xb0, 0xff, 0xff]);
        assert_eq!(port(raw), 0x6db0);
    }
}
