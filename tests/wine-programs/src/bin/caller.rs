//! A program that asks the agent one thing, by its port or by its pipe, and says what it answers:
//! the status in one line, then the body; of a WebSocket the first message.
//!
//! Usage: `caller URL|PIPE METHOD PATH BODY [HEADER]…`

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpStream;

/// How often it asks again when the agent could not tell whose program it is.
const ATTEMPTS: u32 = 50;
const SWITCHING_PROTOCOLS: u16 = 101;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, place, method, path, body, headers @ ..] = &arguments[..] else {
        panic!("usage: caller URL|PIPE METHOD PATH BODY [HEADER]…");
    };
    let host = place.strip_prefix("http://");
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n",
        host.unwrap_or("cardea"),
        body.len()
    );
    for header in headers {
        request.push_str(&format!("{header}\r\n"));
    }
    request.push_str(&format!("\r\n{body}"));
    let answer = match host {
        Some(host) => by_port(host, &request),
        None => by_pipe(place, &request),
    };
    println!("{}\n{}", answer.status, answer.content);
}

struct Answer {
    status: u16,
    content: String,
}

fn by_port(host: &str, request: &str) -> Answer {
    for _ in 1..ATTEMPTS {
        let answer = ask(connected(host), request);
        if answer.status != 403 || !answer.content.is_empty() {
            return answer;
        }
    }
    ask(connected(host), request)
}

fn connected(host: &str) -> TcpStream {
    let stream = TcpStream::connect(host).unwrap();
    // Wine says whose a socket is once its process has tried to read from it.
    stream.set_nonblocking(true).unwrap();
    assert!(stream.peek(&mut [0]).is_err());
    stream.set_nonblocking(false).unwrap();
    stream
}

fn by_pipe(pipe: &str, request: &str) -> Answer {
    let opened = OpenOptions::new().read(true).write(true).open(pipe);
    ask(opened.unwrap(), request)
}

fn ask(mut stream: impl Read + Write, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let mut buffer = [0; 64 * 1024];
    loop {
        if let Some(answer) = whole(&bytes) {
            return answer;
        }
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => bytes.extend_from_slice(&buffer[..read]),
            end => panic!("{end:?} after {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
}

/// The answer, once it is complete.
fn whole(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let (head, content) = (&bytes[..end], &bytes[end + 4..]);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let content = if status == SWITCHING_PROTOCOLS {
        message(content)?
    } else {
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(Ok(0), str::parse).ok()?;
        content.get(..length)?
    };
    Some(Answer {
        status,
        content: String::from_utf8_lossy(content).into_owned(),
    })
}

/// The first message of a WebSocket, unmasked as a server's are: RFC 6455, section 5.2.
fn message(frame: &[u8]) -> Option<&[u8]> {
    let (&[_, length], rest) = frame.split_first_chunk()?;
    match length {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            rest.get(..u16::from_be_bytes(*length).into())
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            rest.get(..usize::try_from(u64::from_be_bytes(*length)).ok()?)
        }
        short => rest.get(..short.into()),
    }
}
