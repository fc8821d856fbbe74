//! Who has a port that we wanted: told from how it answers, for people only. Whoever needs to be
//! sure asks for the proof (contract, section 4.1).

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// For all of it.
const LIMIT: Duration = Duration::from_secs(1);
/// Longer answers are none of an agent's, in bytes.
const LONGEST: usize = 4 * 1024;

/// Who has a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An agent of this user, in another session.
    OwnAgent,
    /// Another user's agent: it answers, and not to us.
    OtherUsersAgent,
    /// Something that does not answer as an agent does.
    ForeignProgram,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnAgent => "an agent of this user in another session",
            Self::OtherUsersAgent => "another user's agent",
            Self::ForeignProgram => "another program",
        })
    }
}

impl Holder {
    /// Asks whoever has `port`. Takes a second at the most.
    pub(super) fn of(port: u16) -> Self {
        let until = Instant::now() + LIMIT;
        let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let answers = addresses.map(|address| greet(SocketAddr::new(address, port), until));
        let answer = answers.into_iter().flatten().next().unwrap_or_default();
        Self::that_answers(&answer)
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

fn greet(address: SocketAddr, until: Instant) -> io::Result<Vec<u8>> {
    let left = || match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::Error::from(io::ErrorKind::TimedOut)),
        left => Ok(left),
    };
    let mut stream = TcpStream::connect_timeout(&address, left()?)?;
    stream.set_write_timeout(Some(left()?))?;
    let greeting =
        format!("GET /v1/health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(greeting.as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    while answer.len() < LONGEST {
        stream.set_read_timeout(Some(left()?))?;
        match stream.read(&mut piece)? {
            0 => break,
            length => answer.extend_from_slice(&piece[..length]),
        }
    }
    Ok(answer)
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
