//! A bare HTTP client that sends exactly what a test says.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::time::timeout;

/// Longer than any wait of the server.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection to the server.
pub(super) struct Client(BufReader<Box<dyn Wire>>);

/// An answer without its `Date`.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The code of a problem document.
    pub(super) fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        for field in ["type", "title", "detail", "remedy"] {
            assert!(problem[field].is_string(), "{field} in {problem}");
        }
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// A message of an event stream.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) event: String,
    pub(super) id: Option<String>,
    pub(super) data: Value,
}

impl Client {
    pub(super) fn new(wire: impl Wire + 'static) -> Self {
        Self(BufReader::new(Box::new(wire)))
    }

    /// Sends a request of these lines and this body, and reads its answer.
    pub(super) async fn ask(&mut self, lines: &[&str], body: &str) -> Answer {
        self.send(lines, body).await;
        self.answer().await
    }

    pub(super) async fn send(&mut self, lines: &[&str], body: &str) {
        let mut text = lines.join("\r\n");
        if !body.is_empty() {
            text.push_str(&format!("\r\ncontent-length: {}", body.len()));
        }
        text.push_str("\r\n\r\n");
        text.push_str(body);
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    pub(super) async fn send_raw(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    pub(super) async fn answer(&mut self) -> Answer {
        let (status, headers) = self.head().await;
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        timeout(LIMIT, self.0.read_exact(&mut body))
            .await
            .unwrap()
            .unwrap();
        Answer {
            status,
            headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    /// Opens an event stream and reads nothing yet but the answer's head.
    pub(super) async fn stream(mut self, lines: &[&str]) -> Stream {
        self.send(lines, "").await;
        self.opened().await
    }

    /// Reads the head of the answer that opens an event stream.
    pub(super) async fn opened(mut self) -> Stream {
        let (status, headers) = self.head().await;
        assert_eq!(status, 200);
        assert_eq!(headers["content-type"], "text/event-stream");
        Stream {
            client: self,
            ready: Vec::new(),
        }
    }

    /// Waits until the server ends the connection.
    pub(super) async fn end(&mut self) {
        let mut rest = Vec::new();
        let _reset_or_end = timeout(LIMIT, self.0.read_to_end(&mut rest)).await.unwrap();
    }

    async fn head(&mut self) -> (u16, BTreeMap<String, String>) {
        let status = self.line().await;
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(": ") else {
                return (status, headers);
            };
            if name != "date" {
                headers.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = timeout(LIMIT, self.0.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        assert!(read > 0, "the connection ended");
        line.trim_end().to_owned()
    }
}

/// An event stream.
pub(super) struct Stream {
    client: Client,
    ready: Vec<Message>,
}

impl Stream {
    /// The next message; none at the stream's proper end.
    pub(super) async fn next(&mut self) -> Option<Message> {
        if self.ready.is_empty() {
            let size = usize::from_str_radix(&self.client.line().await, 16).unwrap();
            if size == 0 {
                return None;
            }
            let mut chunk = vec![0; size + 2];
            self.client.0.read_exact(&mut chunk).await.unwrap();
            let text = std::str::from_utf8(&chunk)
                .unwrap()
                .trim_end_matches("\r\n");
            self.ready = text.split_terminator("\n\n").map(message).collect();
            self.ready.reverse();
        }
        self.ready.pop()
    }

    /// Whether the connection breaks off before all messages came; reads until then.
    pub(super) async fn breaks_off(mut self) -> bool {
        let mut rest = Vec::new();
        let end = timeout(LIMIT, self.client.0.read_to_end(&mut rest))
            .await
            .unwrap();
        end.is_err() || !rest.ends_with(b"0\r\n\r\n")
    }
}

fn message(text: &str) -> Message {
    let field = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned)
    };
    let event = field("event").unwrap();
    let data: Value = serde_json::from_str(&field("data").unwrap()).unwrap();
    assert_eq!(data["event"], event);
    Message {
        event,
        id: field("id"),
        data,
    }
}
