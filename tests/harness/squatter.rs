//! A program on a port that is not the agent's, or on the agent's in its place. It hears what
//! programs say to it.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::serving;

/// What it says to whoever asks.
#[derive(Clone)]
pub enum Says {
    /// This, to everything.
    MadeUp(Value),
    /// What the real agent says, which it asks at this host and port.
    WhatTheAgentSays(String),
}

/// The program; gone with all connections when dropped.
pub struct Squatter {
    pub url: String,
    heard: Arc<Mutex<Vec<u8>>>,
    _task: AbortOnDropHandle<()>,
}

impl Says {
    /// An agent's answer with a proof that is none.
    pub fn no_proof(boot: &Value) -> Self {
        Self::MadeUp(json!({"status": "ok", "boot": boot, "proof": "A".repeat(43)}))
    }
}

impl Squatter {
    /// Listens on this port of 127.0.0.1; 0 is a free one.
    pub async fn at(port: u16, says: Says) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let heard = Arc::<Mutex<Vec<u8>>>::default();
        let ears = Arc::clone(&heard);
        let task = tokio::spawn(serving::each(listener, move |stream| {
            let (ears, says) = (Arc::clone(&ears), says.clone());
            async move {
                // Whoever asked went away; the test looks at what was heard.
                let _gone = answer(stream, &says, &ears).await;
            }
        }));
        Ok(Self {
            url,
            heard,
            _task: AbortOnDropHandle::new(task),
        })
    }

    /// All that was said to it so far.
    pub fn heard(&self) -> String {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&heard).into_owned()
    }
}

async fn answer(mut stream: TcpStream, says: &Says, ears: &Mutex<Vec<u8>>) -> Result<()> {
    let mut piece = [0; 4096];
    loop {
        let size = stream.read(&mut piece).await?;
        if size == 0 {
            return Ok(());
        }
        let piece = &piece[..size];
        ears.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(piece);
        match says {
            Says::MadeUp(body) => {
                let body = body.to_string();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await?;
            }
            Says::WhatTheAgentSays(agent) => {
                let said = String::from_utf8_lossy(piece);
                let own = format!("127.0.0.1:{}", stream.local_addr()?.port());
                let said = said.replace(&own, agent);
                let mut there = TcpStream::connect(agent).await?;
                there.write_all(said.as_bytes()).await?;
                copy_bidirectional(&mut there, &mut stream).await?;
                return Ok(());
            }
        }
    }
}
