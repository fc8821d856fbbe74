//! A connection that has become a WebSocket: it brings events and takes nothing.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::access::Lost;
use crate::feed::Batch;
use crate::program_stream::{Next, ProgramStream};

/// What a client may send: the frames of the protocol itself, which are at most this long.
const MAX_INCOMING: usize = 125;
/// How long a message may wait for a reader that takes nothing; then it is told that it is too slow,
/// while the connection lasts.
const WRITE_LIMIT: Duration = Duration::from_secs(3);
/// How long the end may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

// Contract, section 4.2.
const REVOKED: u16 = 4401;
const SCOPE_LOST: u16 = 4403;
const TOO_SLOW: u16 = 4408;

/// A connection that is about to become one.
#[derive(Debug)]
pub(super) struct WebSocket {
    pub(super) upgrade: OnUpgrade,
    pub(super) stream: ProgramStream,
}

type Socket = WebSocketStream<TokioIo<Upgraded>>;

impl WebSocket {
    /// Brings the messages until either end has enough.
    pub(super) async fn serve(self) {
        let Self { upgrade, stream } = self;
        let Ok(upgraded) = upgrade.await else {
            return;
        };
        let mut config = WebSocketConfig::default();
        config.max_message_size = Some(MAX_INCOMING);
        config.max_frame_size = Some(MAX_INCOMING);
        config.read_buffer_size = 1024;
        let io = TokioIo::new(upgraded);
        let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        if let Some((code, reason)) = bring(&mut socket, stream).await {
            let reason = Utf8Bytes::from_static(reason);
            let frame = CloseFrame { code, reason };
            let closed = async {
                socket.close(Some(frame)).await.ok()?;
                while socket.next().await?.is_ok() {}
                Some(())
            };
            let _given_up = timeout(CLOSE_LIMIT, closed).await;
        }
    }
}

/// Why it ends; nothing to be said when the client has gone.
async fn bring(
    socket: &mut Socket,
    mut stream: ProgramStream,
) -> Option<(CloseCode, &'static str)> {
    loop {
        tokio::select! {
            biased;
            next = stream.next() => {
                let messages = match next {
                    Next::Messages(messages) => messages,
                    Next::Lost(Lost::Everything) => return Some((REVOKED.into(), "revoked")),
                    Next::Lost(Lost::Scope) => return Some((SCOPE_LOST.into(), "scope lost")),
                    Next::Stopped => return Some((CloseCode::Away, "the agent stops")),
                };
                match timeout(WRITE_LIMIT, send(socket, &messages)).await {
                    Ok(sent) => sent?,
                    Err(_) => return Some((TOO_SLOW.into(), "too slow")),
                }
            }
            heard = socket.next() => match heard?.ok()? {
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(_) => return None,
                Message::Text(_) | Message::Binary(_) | Message::Frame(_) => {
                    return Some((CloseCode::Unsupported, "nothing is taken here"));
                }
            },
        }
    }
}

async fn send(socket: &mut Socket, messages: &Batch) -> Option<()> {
    for frame in messages.frames() {
        socket.feed(Message::Text(frame.clone())).await.ok()?;
    }
    socket.flush().await.ok()
}
