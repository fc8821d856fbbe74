//! How a second start has the open window come forward, and learns whether it still works: over a
//! channel that only this user's programs in this desktop session reach.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};

#[cfg(target_os = "linux")]
#[path = "front/linux.rs"]
mod channel;
#[cfg(windows)]
#[path = "front/windows.rs"]
mod channel;

pub(super) use channel::Front;

use super::desk::Desk;
use crate::arguments::View;

/// The page answers within this time, or hangs.
const ANSWERS_WITHIN: Duration = Duration::from_secs(8);
/// A window that starts listens within this time.
const LISTENS_WITHIN: Duration = Duration::from_secs(3);
/// So often it is tried.
const CONNECT_AGAIN: Duration = Duration::from_millis(20);
/// Who connects asks within this time.
const ASKS_WITHIN: Duration = Duration::from_secs(2);
/// A process that is ended has gone within this time.
const GONE_WITHIN: Duration = Duration::from_secs(3);
/// The longest line that is read.
const LONGEST: u64 = 64;
/// What is said to have it close.
const CLOSE: &str = "close\n";
/// What the window says once its page has answered.
const HERE: &[u8] = b"here\n";

/// Has the open window come forward at `view`; an error when it does not answer.
pub(super) async fn come_forward(view: View) -> io::Result<()> {
    let ask = async {
        let mut other = connected().await?;
        other
            .write_all(format!("{}\n", view.as_str()).as_bytes())
            .await?;
        let mut answer = Vec::new();
        other.take(LONGEST).read_to_end(&mut answer).await?;
        match answer == HERE {
            true => Ok(()),
            false => Err(io::Error::other("it does not answer")),
        }
    };
    let limit = LISTENS_WITHIN + ANSWERS_WITHIN + ASKS_WITHIN;
    timeout(limit, ask)
        .await
        .unwrap_or_else(|elapsed| Err(elapsed.into()))
}

/// The open window's end, which is there soon after its process.
async fn connected() -> io::Result<channel::Stream> {
    let until = Instant::now() + LISTENS_WITHIN;
    loop {
        match channel::connect().await {
            Err(_) if Instant::now() < until => sleep(CONNECT_AGAIN).await,
            connected => return connected,
        }
    }
}

/// Has the open window close, if there is one.
pub(crate) async fn close() {
    let ask = async {
        let mut other = channel::connect().await?;
        other.write_all(CLOSE.as_bytes()).await
    };
    // Where there is none, or it does not listen, there is nothing to be done.
    let _ = timeout(ASKS_WITHIN, ask).await;
}

/// Ends the window that hangs, and waits until it is gone.
pub(super) async fn end_the_other() -> io::Result<()> {
    let other = timeout(ASKS_WITHIN, channel::connect()).await??;
    let ended = spawn_blocking(move || channel::end(&other)).await;
    ended.map_err(io::Error::other).flatten()
}

impl Front {
    /// Answers one after the other for as long as the window is open.
    pub(super) async fn serve(
        mut self,
        desk: Arc<Desk>,
        come: impl Fn() + Send,
        close: impl Fn() + Send,
    ) {
        loop {
            let mut other = match self.accept().await {
                Ok(other) => other,
                Err(error) => {
                    tracing::warn!(%error, "nobody can have the window come forward any more");
                    return;
                }
            };
            let mut line = String::new();
            let ask = async {
                let mut reader = BufReader::new((&mut other).take(LONGEST));
                reader.read_line(&mut line).await
            };
            if !matches!(timeout(ASKS_WITHIN, ask).await, Ok(Ok(_))) {
                continue;
            }
            if line == CLOSE {
                close();
                continue;
            }
            let Some(view) = View::named(line.trim_end()) else {
                continue;
            };
            desk.want(view);
            let there = desk.page_is_there.notified();
            come();
            if timeout(ANSWERS_WITHIN, there).await.is_ok() {
                // Who asks no more has no use for the answer.
                let _ = other.write_all(HERE).await;
            } else {
                tracing::error!("the page does not answer");
            }
        }
    }
}
