//! Who has a port that we wanted: told from how it answers, for people only. Whoever needs to be
//! sure asks for the proof (contract, section 4.1).

use std::fmt;

use super::probe::answer;

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
    /// Asks whoever has `port`. Blocks for a second at the most.
    #[must_use]
    pub fn of(port: u16) -> Self {
        match answer(port, "/v1/health") {
            Some(answer) => Self::that_answers(&answer),
            None => Self::Nobody,
        }
    }

    pub(super) fn that_answers(answer: &[u8]) -> Self {
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{Ipv4Addr, SocketAddr, TcpListener};
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
