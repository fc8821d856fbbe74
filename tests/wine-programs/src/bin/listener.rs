//! A clinical program: listens to the agent by SSE on a plain socket, and says of each event when
//! its last byte came, of a snapshot also the state.
//!
//! Usage: `listener URL TOKEN`

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;
use wine_programs::{now, say};

/// How often it asks again when the agent could not tell whose program it is.
const ATTEMPTS: u32 = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, url, token] = &arguments[..] else {
        panic!("usage: listener URL TOKEN");
    };
    let host = url.strip_prefix("http://").unwrap();
    for _ in 0..ATTEMPTS {
        if listen(host, token) == Outcome::Heard {
            return;
        }
    }
    panic!("the agent refuses");
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Heard,
    Refused,
}

/// Listens until the agent ends the stream.
fn listen(host: &str, token: &str) -> Outcome {
    let mut stream = TcpStream::connect(host).unwrap();
    // Wine says whose a socket is once its process has tried to read from it.
    stream.set_nonblocking(true).unwrap();
    assert!(stream.peek(&mut [0]).is_err());
    stream.set_nonblocking(false).unwrap();
    let request =
        format!("GET /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut unread = Vec::new();
    let mut buffer = [0; 64 * 1024];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        let came = now();
        if unread.is_empty() && buffer.starts_with(b"HTTP/1.1 403") {
            return Outcome::Refused;
        }
        unread.extend_from_slice(&buffer[..read]);
        while let Some(length) = find(&unread, b"\n\n") {
            let message: Vec<u8> = unread.drain(..length + 2).collect();
            tell(came, &String::from_utf8_lossy(&message));
        }
        // The last chunk: the stream is over, though the connection may go on.
        if unread.ends_with(b"\r\n0\r\n\r\n") {
            break;
        }
    }
    say(now(), "end");
    Outcome::Heard
}

fn tell(came: u128, message: &str) {
    let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name));
    let Some(event) = field("event: ") else {
        return;
    };
    let data: Value = serde_json::from_str(field("data: ").unwrap_or("null")).unwrap_or_default();
    let about = [&data["snapshot"]["state"], &data["reason"], &data["code"]];
    let about = about.into_iter().find_map(Value::as_str);
    let about = about.unwrap_or_default();
    say(came, format!("{event} {about}").trim_end());
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}
