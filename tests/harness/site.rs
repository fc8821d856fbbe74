//! A web site of one page on a port of loopback.

use std::net::Ipv4Addr;

use anyhow::Result;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::serving;

/// The site, which is gone when dropped.
pub struct Site {
    port: u16,
    listener: Option<TcpListener>,
    serving: Option<AbortOnDropHandle<()>>,
}

impl Site {
    /// Takes a port; the page may have to know what it is.
    pub async fn new() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self {
            port: listener.local_addr()?.port(),
            listener: Some(listener),
            serving: None,
        })
    }

    /// Its origin under this name for loopback.
    pub fn origin(&self, name: &str) -> String {
        format!("http://{name}:{}", self.port)
    }

    /// Answers with this page, whatever is asked.
    pub fn show(&mut self, page: String) {
        let Some(listener) = self.listener.take() else {
            return;
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{page}",
            page.len()
        );
        self.serving = Some(serving::answering(listener, answer));
    }
}
