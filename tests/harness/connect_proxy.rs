//! An HTTP proxy that knows `CONNECT` (RFC 9110, section 9.3.6), and remembers to where.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::serving;

/// The proxy; gone with all connections when dropped.
pub struct ConnectProxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    _task: AbortOnDropHandle<()>,
}

impl ConnectProxy {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let here = Arc::clone(&asked);
        let serving = serving::each(listener, move |client| {
            connection(client, Arc::clone(&here))
        });
        Ok(Self {
            port,
            asked,
            _task: AbortOnDropHandle::new(tokio::spawn(serving)),
        })
    }

    /// As `HTTPS_PROXY` names it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The first lines of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

async fn connection(mut client: TcpStream, asked: Arc<Mutex<Vec<String>>>) -> Result<()> {
    let head = serving::head(&mut client).await?;
    let line = head.lines().next().context("no request")?.to_owned();
    let target = line.strip_prefix("CONNECT ").context("not CONNECT")?;
    let (_, port) = target
        .split(' ')
        .next()
        .and_then(|to| to.rsplit_once(':'))
        .context("no port")?;
    let port: u16 = port.parse()?;
    asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(line);
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
