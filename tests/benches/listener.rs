//! A program that listens to the agent by SSE on a plain socket, and notes when the first byte of
//! the end of a session came.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::monotonic;

const LIMIT: Duration = Duration::from_secs(20);
const WANTED: &[u8] = b"event: session.ended";

/// The listening thread; it ends with the agent.
pub struct Listener(Receiver<i64>);

impl Listener {
    /// Connects, and waits until the stream has begun.
    pub fn start(url: &str, token: &str) -> Result<Self> {
        let host = url.strip_prefix("http://").context("not http")?;
        let mut stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut buffer = [0; 64 * 1024];
        let read = stream.read(&mut buffer)?;
        ensure!(buffer[..read].starts_with(b"HTTP/1.1 200"), "refused");
        let (sender, endings) = mpsc::channel();
        thread::spawn(move || {
            let mut before = Vec::new();
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                let came = monotonic::now();
                before.extend_from_slice(&buffer[..read]);
                let found = before
                    .windows(WANTED.len())
                    .filter(|part| *part == WANTED)
                    .count();
                for _ in 0..found {
                    let _nobody = sender.send(came);
                }
                // What may still become one: it is never longer than this.
                let keep = if found > 0 { 0 } else { WANTED.len() - 1 };
                before.drain(..before.len().saturating_sub(keep));
            }
        });
        Ok(Self(endings))
    }

    /// When the next session's end came.
    pub fn ending(&self) -> Result<i64> {
        self.0.recv_timeout(LIMIT).context("no session's end came")
    }
}
