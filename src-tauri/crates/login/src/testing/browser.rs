//! A browser that is an HTTP client: it follows redirects by itself and tells what it saw.

use reqwest::header::LOCATION;
use reqwest::{Client, redirect};
use tokio::sync::mpsc;
use url::Url;

use crate::{Browser, BrowserError, Opening};

/// What the browser saw in the end.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) addresses: Vec<String>,
    pub(crate) page: String,
}

pub(crate) struct TestBrowser {
    seen: mpsc::Sender<Seen>,
    works: bool,
}

impl TestBrowser {
    /// The browser, and what it sees.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Seen>) {
        let (seen, seeing) = mpsc::channel(8);
        (Self { seen, works: true }, seeing)
    }

    /// One that does not open.
    pub(crate) fn broken() -> Self {
        Self {
            works: false,
            ..Self::new().0
        }
    }

    pub(crate) fn client() -> Client {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy();
        client.build().unwrap()
    }

    /// Follows redirects to the last page.
    pub(crate) async fn visit(address: &str) -> Seen {
        let client = Self::client();
        let mut addresses = vec![address.to_owned()];
        let mut next = Url::parse(address).unwrap();
        loop {
            let Ok(answer) = client.get(next.clone()).send().await else {
                let page = String::new();
                return Seen { addresses, page };
            };
            let Some(location) = answer.headers().get(LOCATION) else {
                let page = answer.text().await.unwrap_or_default();
                return Seen { addresses, page };
            };
            next = next.join(location.to_str().unwrap()).unwrap();
            addresses.push(next.to_string());
        }
    }
}

impl Browser for TestBrowser {
    fn open<'a>(&'a self, address: &'a str) -> Opening<'a> {
        Box::pin(async move {
            if !self.works {
                return Err(BrowserError::Failed);
            }
            let seen = self.seen.clone();
            let address = address.to_owned();
            tokio::spawn(async move {
                let _nobody_looks = seen.send(Self::visit(&address).await).await;
            });
            Ok(())
        })
    }
}
