//! A web site of one page on a port of loopback.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::serving;

/// The site, which is gone when dropped.
pub struct Site {
    port: u16,
    listener: Option<TcpListener>,
    serving: Option<AbortOnDropHandle<()>>,
    tell: mpsc::UnboundedSender<String>,
    told: mpsc::UnboundedReceiver<String>,
}

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";

impl Site {
    /// Takes a port; the page may have to know what it is.
    pub async fn new() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (tell, told) = mpsc::unbounded_channel();
        Ok(Self {
            port: listener.local_addr()?.port(),
            listener: Some(listener),
            serving: None,
            tell,
            told,
        })
    }

    /// Its origin under this name for loopback.
    pub fn origin(&self, name: &str) -> String {
        format!("http://{name}:{}", self.port)
    }

    /// Answers with this page, whatever is asked but `/told/…`: by that the page tells something.
    pub fn show(&mut self, page: String) {
        let Some(listener) = self.listener.take() else {
            return;
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{page}",
            page.len()
        );
        let tell = self.tell.clone();
        let serving = serving::answering_each(listener, move |head| {
            let told = head.strip_prefix("GET /told/");
            match told.and_then(|told| told.split(' ').next()) {
                Some(what) => {
                    let _test_is_over = tell.send(what.to_owned());
                    NO_CONTENT.to_owned()
                }
                None => answer.clone(),
            }
        });
        self.serving = Some(serving);
    }

    /// Waits until the page has told this. Nobody but the page takes part: what drives the browser
    /// may be kept waiting by a page that is busy.
    pub async fn until_told(&mut self, what: &str, limit: Duration) -> Result<()> {
        let told = async {
            while let Some(told) = self.told.recv().await {
                if told == what {
                    return Ok(());
                }
            }
            anyhow::bail!("the site is gone")
        };
        let in_time = timeout(limit, told).await;
        in_time.with_context(|| format!("the page does not tell {what:?}"))?
    }
}
