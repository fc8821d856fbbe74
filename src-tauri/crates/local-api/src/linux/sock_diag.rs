//! Asks the kernel for one TCP socket (sock_diag(7)): exact and quick, where the tables in /proc
//! grow with the number of connections and can miss one while others come and go.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::netlink::SOCK_DIAG;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

use super::peer::Owned;

/// The kernel answers at once; this only bounds the wait.
const LIMIT: Duration = Duration::from_secs(1);

// linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST: u16 = 1;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const IPPROTO_TCP: u8 = 6;
const TCP_LISTEN: u8 = 10;
const HEADER: usize = 16;
const REQUEST: usize = 56;

/// The socket at `own` that is connected to `remote`; none when there is none.
pub(super) fn find(own: SocketAddr, remote: SocketAddr) -> io::Result<Option<Owned>> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(SOCK_DIAG),
    )?;
    set_socket_timeout(&socket, Timeout::Recv, Some(LIMIT))?;
    send(&socket, &question(own, remote), SendFlags::empty())?;
    let mut answer = [0; 512];
    let (length, _) = recv(&socket, &mut answer, RecvFlags::empty())?;
    read(answer.get(..length).unwrap_or_default(), remote)
}

fn question(own: SocketAddr, remote: SocketAddr) -> Vec<u8> {
    let family = if own.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let length = u32::try_from(HEADER + REQUEST).unwrap_or_default();
    let family = u8::try_from(family.as_raw()).unwrap_or_default();
    let mut bytes = Vec::with_capacity(HEADER + REQUEST);
    // nlmsghdr: length, type, flags, sequence, port id
    bytes.extend_from_slice(&length.to_ne_bytes());
    bytes.extend_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend_from_slice(&NLM_F_REQUEST.to_ne_bytes());
    bytes.extend_from_slice(&[0; 8]);
    // inet_diag_req_v2: family, protocol, extensions, padding, states
    bytes.extend_from_slice(&[family, IPPROTO_TCP, 0, 0]);
    bytes.extend_from_slice(&u32::MAX.to_ne_bytes());
    // inet_diag_sockid: ports, addresses, interface, cookie (none)
    bytes.extend_from_slice(&own.port().to_be_bytes());
    bytes.extend_from_slice(&remote.port().to_be_bytes());
    bytes.extend_from_slice(&address(own));
    bytes.extend_from_slice(&address(remote));
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&[0xff; 8]);
    bytes
}

fn address(of: SocketAddr) -> [u8; 16] {
    match of.ip() {
        IpAddr::V4(ip) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&ip.octets());
            bytes
        }
        IpAddr::V6(ip) => ip.octets(),
    }
}

fn read(answer: &[u8], remote: SocketAddr) -> io::Result<Option<Owned>> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let kind = u16::from_ne_bytes(field(answer, 4).ok_or_else(invalid)?);
    if kind == NLMSG_ERROR {
        let code = i32::from_ne_bytes(field(answer, HEADER).ok_or_else(invalid)?);
        let error = io::Error::from_raw_os_error(-code);
        return if Errno::from_io_error(&error) == Some(Errno::NOENT) {
            Ok(None)
        } else {
            Err(error)
        };
    }
    if kind != SOCK_DIAG_BY_FAMILY {
        return Err(invalid());
    }
    // inet_diag_msg: family, state, timer, retransmits, inet_diag_sockid, expires, receive queue,
    // send queue, uid, inode. Where the connection is gone the kernel offers a listener.
    let [state] = field(answer, HEADER + 1).ok_or_else(invalid)?;
    let port = u16::from_be_bytes(field(answer, HEADER + 6).ok_or_else(invalid)?);
    if state == TCP_LISTEN || port != remote.port() {
        return Ok(None);
    }
    let user = u32::from_ne_bytes(field(answer, HEADER + 64).ok_or_else(invalid)?);
    let inode = u32::from_ne_bytes(field(answer, HEADER + 68).ok_or_else(invalid)?);
    Ok(Some(Owned { user, inode }))
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}
