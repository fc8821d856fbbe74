//! A program's event stream, read without any of our own code.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

const LIMIT: Duration = Duration::from_secs(20);

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: Value,
}

/// An open stream.
pub struct Stream {
    /// All that came, as it came.
    pub raw: String,
    body: Incoming,
    buffer: String,
    waiting: VecDeque<Event>,
    _connection: AbortOnDropHandle<()>,
}

impl Stream {
    pub async fn open(url: &str, token: &str) -> Result<Self> {
        Self::resume(url, token, None).await
    }

    /// Opens it where another one ended.
    pub async fn resume(url: &str, token: &str, last_event_id: Option<&str>) -> Result<Self> {
        let last = last_event_id.map(|id| ("last-event-id", id));
        Self::with(url, token, last).await
    }

    /// Opens it as a browser does for the page at `origin`.
    pub async fn open_from(url: &str, token: &str, origin: &str) -> Result<Self> {
        Self::with(url, token, Some(("origin", origin))).await
    }

    async fn with(url: &str, token: &str, header: Option<(&str, &str)>) -> Result<Self> {
        let host = url.strip_prefix("http://").context("not http")?;
        let stream = TcpStream::connect(host).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            let _ended = connection.await;
        }));
        let mut request = http::Request::get("/v1/events")
            .header("host", host)
            .header("authorization", format!("Bearer {token}"))
            .header("accept", "text/event-stream");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let answer = timeout(
            LIMIT,
            sender.send_request(request.body(Empty::<bytes::Bytes>::new())?),
        );
        let answer = answer.await??;
        ensure!(answer.status() == 200, "{}", answer.status());
        Ok(Self {
            raw: String::new(),
            body: answer.into_body(),
            buffer: String::new(),
            waiting: VecDeque::new(),
            _connection: connection,
        })
    }

    /// The next event, heartbeats left out; none when the stream has ended.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        timeout(LIMIT, self.any_but_heartbeat())
            .await
            .context("no event in time")?
    }

    /// Waits for the end of the stream; what comes before it is dropped.
    pub async fn ended(&mut self) -> Result<()> {
        while self.next().await?.is_some() {}
        Ok(())
    }

    /// The same where the agent may be killed, so that the stream breaks off.
    pub async fn broken(&mut self) -> Result<()> {
        match self.ended().await {
            Err(error) if error.is::<hyper::Error>() => Ok(()),
            ended => ended,
        }
    }

    /// The next event of this name; those before it are dropped.
    pub async fn until(&mut self, name: &str) -> Result<Event> {
        self.until_within(LIMIT, name).await
    }

    /// The same, where it may take its time.
    pub async fn until_within(&mut self, limit: Duration, name: &str) -> Result<Event> {
        let mut before = Vec::new();
        let found = timeout(limit, async {
            loop {
                match self.any_but_heartbeat().await? {
                    Some(event) if event.name == name => return Ok(event),
                    Some(event) => before.push(event.name),
                    None => bail!("the stream ended"),
                }
            }
        });
        found
            .await
            .unwrap_or_else(|_| bail!("no event in time"))
            .with_context(|| format!("waiting for {name} after {before:?}"))
    }

    /// The next snapshot in this state.
    pub async fn until_state(&mut self, state: &str) -> Result<Value> {
        loop {
            let mut event = self.until("snapshot").await?;
            if event.data["snapshot"]["state"] == state {
                return Ok(event.data["snapshot"].take());
            }
        }
    }

    async fn any_but_heartbeat(&mut self) -> Result<Option<Event>> {
        loop {
            match self.any().await? {
                Some(event) if event.name == "heartbeat" => {}
                event => return Ok(event),
            }
        }
    }

    async fn any(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            let Some(frame) = self.body.frame().await else {
                return Ok(None);
            };
            let Ok(data) = frame?.into_data() else {
                continue;
            };
            let text = std::str::from_utf8(&data)?;
            self.raw.push_str(text);
            self.buffer.push_str(text);
            while let Some(end) = self.buffer.find("\n\n") {
                let block: String = self.buffer.drain(..end + 2).collect();
                self.waiting.extend(parse(&block)?);
            }
        }
    }
}

fn parse(block: &str) -> Result<Option<Event>> {
    let field = |name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.strip_prefix(':'))
            .map(|value| value.trim_start().to_owned())
    };
    let Some(data) = field("data") else {
        return Ok(None);
    };
    Ok(Some(Event {
        name: field("event").context("an event without a name")?,
        id: field("id"),
        data: serde_json::from_str(&data)?,
    }))
}
