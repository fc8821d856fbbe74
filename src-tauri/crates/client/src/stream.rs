//! The event stream.

use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use crate::connection::Connection;
use crate::parser::{Block, Parser};
use crate::{ClientError, EventId, StreamEvent};

/// So long without a byte, and the agent counts as gone (contract, section 4.4).
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// An open event stream. It holds one message at most; when nobody asks for the next, the agent
/// drops the stream. Dropping it closes the connection.
#[derive(Debug)]
pub struct EventStream<T = StreamEvent> {
    _connection: Connection,
    body: Incoming,
    unread: Bytes,
    parser: Parser,
    heard: Instant,
    last: Option<EventId>,
    messages: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> EventStream<T> {
    pub(crate) fn new(connection: Connection, body: Incoming, after: Option<&EventId>) -> Self {
        Self {
            _connection: connection,
            body,
            unread: Bytes::new(),
            parser: Parser::default(),
            heard: Instant::now(),
            last: after.cloned(),
            messages: PhantomData,
        }
    }

    /// Waits for the next message, heartbeats among them. Nothing is lost when this is dropped
    /// before it ends.
    ///
    /// # Errors
    /// [`ClientError::Closed`] or [`ClientError::Connection`] when the stream ended,
    /// [`ClientError::Silent`] after 30 s without a byte, [`ClientError::Answer`] when a message
    /// is not what the API says. The stream is of no use after any of them.
    pub async fn next(&mut self) -> Result<T, ClientError> {
        loop {
            if let Some(block) = self.read_block()? {
                let event = serde_json::from_slice(&block.data)
                    .map_err(|error| ClientError::body(StatusCode::OK, error))?;
                self.last = block.id.map(EventId::new).or(self.last.take());
                return Ok(event);
            }
            let frame = timeout_at(self.heard + LONGEST_SILENCE, self.body.frame())
                .await
                .map_err(|_| ClientError::Silent)?
                .ok_or(ClientError::Closed)?
                .map_err(ClientError::Connection)?;
            self.heard = Instant::now();
            self.unread = frame.into_data().unwrap_or_default();
        }
    }

    /// The message to resume after, see [`crate::Client::events`].
    #[must_use]
    pub fn last_id(&self) -> Option<&EventId> {
        self.last.as_ref()
    }

    fn read_block(&mut self) -> Result<Option<Block>, ClientError> {
        self.parser
            .read(&mut self.unread)
            .map_err(|_| ClientError::answer(StatusCode::OK))
    }
}
