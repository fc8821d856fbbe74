//! Asks who answers on a port, and whether it is this user's agent: for the doctor.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_session::Boot;
use serde::Deserialize;

use super::Holder;
use crate::TokenHash;
use crate::routes::is_proof;

/// For all of it.
const LIMIT: Duration = Duration::from_secs(1);
/// For one connection, which takes no time on loopback where somebody listens.
const CONNECT_LIMIT: Duration = Duration::from_millis(400);
/// Longer answers are none of an agent's, in bytes.
const LONGEST: usize = 4 * 1024;

/// Who answers on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// The agent that knows the program, by its proof (contract, section 4.1); in this run of it.
    Proven(Boot),
    /// Something that answers as an agent does, and does not prove that it knows the program.
    Unproven,
    /// Something else, or nobody.
    Other(Holder),
}

/// Asks whoever has `port` to prove that it knows the program of this id and token. Blocks for a
/// second at the most.
///
/// # Errors
/// When no random number can be had.
pub fn ask_for_proof(port: u16, app: &str, token_sha256: &TokenHash) -> io::Result<Answers> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::ErrorKind::Other)?;
    let nonce = URL_SAFE_NO_PAD.encode(bytes);
    let Some(answer) = answer(port, &format!("/v1/health?app={app}&nonce={nonce}")) else {
        return Ok(Answers::Other(Holder::Nobody));
    };
    /// What an agent answers.
    #[derive(Deserialize)]
    struct Health {
        boot: Boot,
        #[serde(default)]
        proof: Option<String>,
    }
    let text = String::from_utf8_lossy(&answer);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok(match serde_json::from_str::<Health>(body) {
        Ok(Health {
            boot,
            proof: Some(proof),
        }) if is_proof(&proof, token_sha256, &nonce, &boot, port) => Answers::Proven(boot),
        Ok(_) => Answers::Unproven,
        Err(_) => match Holder::that_answers(&answer) {
            Holder::OwnAgent => Answers::Unproven,
            other @ (Holder::OtherUsersAgent | Holder::ForeignProgram | Holder::Nobody) => {
                Answers::Other(other)
            }
        },
    })
}

/// What whoever has `port` answers to a GET of `path`, as far as it comes in time; none when nobody
/// listens.
pub(super) fn answer(port: u16, path: &str) -> Option<Vec<u8>> {
    let until = Instant::now() + LIMIT;
    let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let mut connections = addresses
        .into_iter()
        .filter_map(|address| connect(SocketAddr::new(address, port), until).ok());
    let stream = connections.next()?;
    Some(get(stream, path, until).unwrap_or_default())
}

/// Each address in its turn: Windows tries one that nobody listens at again and again.
fn connect(address: SocketAddr, until: Instant) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&address, left(until)?.min(CONNECT_LIMIT))
}

fn get(mut stream: TcpStream, path: &str, until: Instant) -> io::Result<Vec<u8>> {
    stream.set_write_timeout(Some(left(until)?))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        stream.peer_addr()?
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    while answer.len() < LONGEST {
        let Ok(left) = left(until) else { break };
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut piece) {
            // Who keeps the connection open has said something all the same.
            Ok(0) | Err(_) => break,
            Ok(length) => answer.extend_from_slice(&piece[..length]),
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

    const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    /// Who answers when a program says this to each of two greetings.
    fn told_by(says: &'static str) -> Answers {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let program = thread::spawn(move || {
            for stream in listener.incoming().take(2) {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(says.as_bytes());
            }
        });
        let answers = ask_for_proof(port, "gp", &TokenHash::of(TOKEN)).unwrap();
        // One greeting may have been enough.
        let _ = TcpStream::connect(("127.0.0.1", port));
        program.join().unwrap();
        answers
    }

    #[test]
    fn who_cannot_give_the_proof_is_not_our_agent() {
        let forged = "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"ok\",\"boot\":\"B\",\
                      \"proof\":\"NDHjItIfcpDszWiwqK0VOnevVccgxtiAhaRo75olKEg\"}";
        assert_eq!(told_by(forged), Answers::Unproven);
        let silent = "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"ok\"}";
        assert_eq!(told_by(silent), Answers::Unproven);
        assert_eq!(
            told_by("HTTP/1.1 403 Forbidden\r\n\r\n"),
            Answers::Other(Holder::OtherUsersAgent)
        );
        assert_eq!(
            told_by("220 hello\r\n"),
            Answers::Other(Holder::ForeignProgram)
        );
    }
}
