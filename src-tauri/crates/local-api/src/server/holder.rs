//! Who has a port that we wanted: told from how it answers, for people only. Whoever needs to be
//! sure asks for the proof (contract, section 4.1).

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// For all of it.
const LIMIT: Duration = Duration::from_secs(1);
/// For one connection, which takes no time on loopback where somebody listens.
const CONNECT_LIMIT: Duration = Duration::from_millis(400);
/// Longer answers are none of an agent's, in bytes.
const LONGEST: usize = 4 * 1024;

/// Who has a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An agent of this user, in another session.
    OwnAgent,
    /// An agent that answers, and not to us: another user's, and on Windows also one of this user's
    /// in another session.
    OtherUsersAgent,
    /// Something that does not answer as an agent does.
    ForeignProgram,
    /// Nothing can be connected to: Windows keeps ports for itself that no program has.
    Nobody,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnAgent => "an agent of this user in another session",
            Self::OtherUsersAgent if cfg!(windows) => "an agent of another user or another session",
            Self::OtherUsersAgent => "another user's agent",
            Self::ForeignProgram => "another program",
            Self::Nobody if cfg!(windows) => {
                "no program that answers; Windows itself may keep the port (netsh int ipv4 show \
                 excludedportrange tcp)"
            }
            Self::Nobody => "no program that answers",
        })
    }
}

impl Holder {
    /// Asks whoever has `port`. Takes a second at the most.
    pub(super) fn of(port: u16) -> Self {
        let until = Instant::now() + LIMIT;
        let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let mut connections = addresses
            .into_iter()
            .filter_map(|address| connect(SocketAddr::new(address, port), until).ok());
        let Some(stream) = connections.next() else {
            return Self::Nobody;
        };
        Self::that_answers(&greet(stream, until).unwrap_or_default())
    }

    fn that_answers(answer: &[u8]) -> Self {
        let text = String::from_utf8_lossy(answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return Self::ForeignProgram;
        };
        let status = head.split(' ').nth(1);
        match (status, body) {
            (Some("200"), r#"{"status":"ok"}"#) => Self::OwnAgent,
            (Some("403"), "") => Self::OtherUsersAgent,
            (Some(_) | None, _) => Self::ForeignProgram,
        }
    }
}

/// Each address in its turn: Windows tries one that nobody listens at again and again.
fn connect(address: SocketAddr, until: Instant) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&address, left(until)?.min(CONNECT_LIMIT))
}

fn greet(mut stream: TcpStream, until: Instant) -> io::Result<Vec<u8>> {
    stream.set_write_timeout(Some(left(until)?))?;
    let greeting = format!(
        "GET /v1/health HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        stream.peer_addr()?
    );
    stream.write_all(greeting.as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    while answer.len() < LONGEST {
        stream.set_read_timeout(Some(left(until)?))?;
        match stream.read(&mut piece)? {
            0 => break,
            length => answer.extend_from_slice(&piece[..length]),
        }
    }
    Ok(answer)
}

fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn an_agent_is_known_by_how_it_answers() {
        let ok = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"status\":\"ok\"}";
        assert_eq!(Holder::that_answers(ok), Holder::OwnAgent);
        let refused = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(Holder::that_answers(refused), Holder::OtherUsersAgent);
        for foreign in [
            b"".as_slice(),
            b"HTTP/1.1 200 OK\r\n\r\nhello",
            b"HTTP/1.1 403 Forbidden\r\n\r\n<html>no</html>",
            b"SSH-2.0-x\r\n",
        ] {
            assert_eq!(Holder::that_answers(foreign), Holder::ForeignProgram);
        }
    }

    #[test]
    fn a_port_that_nobody_listens_at_is_told_from_a_program() {
        let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let silent = silent.unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        silent.bind(&any.into()).unwrap();
        let bound = silent.local_addr().unwrap().as_socket().unwrap();
        assert_eq!(Holder::of(bound.port()), Holder::Nobody);
    }

    #[test]
    fn who_says_nothing_or_never_ends_is_a_foreign_program() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(
            Holder::of(silent.local_addr().unwrap().port()),
            Holder::ForeignProgram
        );
        let endless = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = endless.local_addr().unwrap().port();
        let talking = thread::spawn(move || {
            let (mut stream, _) = endless.accept().unwrap();
            while stream.write_all(&[b'x'; 512]).is_ok() {}
        });
        assert_eq!(Holder::of(port), Holder::ForeignProgram);
        talking.join().unwrap();
    }
}
