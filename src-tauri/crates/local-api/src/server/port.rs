//! The port on loopback.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

use super::{BindError, Holder, WhenPortTaken};

/// How often any free port is tried until it is free on both addresses.
const ANY_PORT_ATTEMPTS: u32 = 20;
/// Connections that wait to be taken.
const BACKLOG: i32 = 1024;
/// What the operating system buffers for a reader that does not keep up, in bytes; connections have
/// it from their listener.
const SEND_BUFFER: usize = 128 * 1024;

/// One port of 127.0.0.1 and, where there is IPv6, of ::1. Nobody else can listen there.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) v4: TcpListener,
    pub(super) v6: Option<TcpListener>,
    number: u16,
    /// Who has the port that was wanted first, when this is another one.
    displaced_by: Option<Holder>,
}

impl Ports {
    pub(super) fn bind(first: u16, when_taken: WhenPortTaken) -> Result<Self, BindError> {
        let last = *when_taken.ports(first).end();
        let mut port = first;
        let mut attempts_left = ANY_PORT_ATTEMPTS;
        let mut displaced_by = None;
        loop {
            let source = match Self::on(port) {
                Ok(ports) => {
                    return Ok(Self {
                        displaced_by,
                        ..ports
                    });
                }
                Err(error) if crate::os::is_taken(&error) => error,
                Err(error) => return Err(BindError::Port(error)),
            };
            if first == 0 && attempts_left > 0 {
                attempts_left -= 1;
                continue;
            }
            let holder = *displaced_by.get_or_insert_with(|| Holder::of(first));
            if first != 0 && port < last {
                port += 1;
            } else {
                return Err(BindError::ApiPortBusy {
                    first,
                    last,
                    holder,
                    source,
                });
            }
        }
    }

    fn on(port: u16) -> io::Result<Self> {
        let v4 = listen(Ipv4Addr::LOCALHOST.into(), port)?;
        let number = v4.local_addr()?.port();
        let v6 = match listen(Ipv6Addr::LOCALHOST.into(), number) {
            Ok(listener) => Some(listener),
            Err(error) if crate::os::is_without_ipv6(&error) => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            v4,
            v6,
            number,
            displaced_by: None,
        })
    }

    pub(super) fn number(&self) -> u16 {
        self.number
    }

    pub(super) fn displaced_by(&self) -> Option<Holder> {
        self.displaced_by
    }
}

fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let address = SocketAddr::new(address, port);
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    crate::os::keep_others_out(&socket)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
