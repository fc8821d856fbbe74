//! Asking the operating system for proxies: it may take many seconds, so a thread asks, and what it
//! said is kept for a while.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::table::{Choice, Table};
use super::{Route, SaidBy};
use crate::blocking::{BlockingThread, NotAnswered};
use crate::discovery::is_loopback;

/// How long a call waits for the answer. What comes later counts for the next call.
const LIMIT: Duration = Duration::from_secs(10);
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// How long one is kept that may be better soon.
const KEPT_BRIEFLY: Duration = Duration::from_secs(30);

/// What says which proxies there are.
pub(crate) trait ProxySource: Send {
    /// How an address is reached. Blocks.
    fn routes(&mut self, address: &Url) -> Routes;
}

/// An answer: never without a route.
#[cfg_attr(
    not(any(windows, test)),
    expect(dead_code, reason = "only Windows has proxies of its own")
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Routes {
    /// This is how.
    Known(Vec<Route>),
    /// This is how, as a script of IT's says.
    Scripted(Vec<Route>),
    /// It could not be found out as it should have been; this is the best guess.
    Guessed(Vec<Route>),
}

impl Routes {
    /// How long this answer is kept.
    fn kept(&self) -> Duration {
        match self {
            Self::Known(_) | Self::Scripted(_) => KEPT,
            Self::Guessed(_) => KEPT_BRIEFLY,
        }
    }

    /// The routes, and who says them.
    pub(super) fn with_source(self) -> (Vec<Route>, SaidBy) {
        match self {
            Self::Known(routes) => (routes, SaidBy::Settings),
            Self::Scripted(routes) => (routes, SaidBy::Script),
            Self::Guessed(routes) => (routes, SaidBy::SettingsInPlaceOfScript),
        }
    }
}

/// The proxies of the operating system.
#[derive(Debug)]
pub(crate) struct SystemProxies {
    thread: BlockingThread,
    source: Source,
    table: Arc<Table>,
}

/// Only its thread asks it.
#[derive(Clone)]
struct Source(Arc<Mutex<Box<dyn ProxySource>>>);

impl SystemProxies {
    pub(super) fn start(source: Box<dyn ProxySource>) -> io::Result<Self> {
        Ok(Self {
            thread: BlockingThread::start("proxies")?,
            source: Source(Arc::new(Mutex::new(source))),
            table: Arc::default(),
        })
    }

    pub(super) fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table)
    }

    /// Makes sure that the table knows how `address` is reached. This computer itself is never
    /// reached through a proxy.
    pub(super) async fn prepare(&self, address: &Url) -> Choice {
        if is_loopback(address) {
            return Choice::default();
        }
        if let Some(choice) = self.table.known(address, Instant::now()) {
            return choice;
        }
        match self.ask(address).await {
            Ok(_) => {}
            Err(NotAnswered::TimedOut) => {
                tracing::warn!("the system did not say in time which proxy to take");
            }
            Err(NotAnswered::Busy | NotAnswered::Ended) => {
                tracing::warn!("the system cannot be asked which proxy to take");
            }
        }
        Choice::default()
    }

    /// What the system says now, whatever is known already.
    pub(super) async fn ask(&self, address: &Url) -> Result<Routes, NotAnswered> {
        let now = Instant::now();
        let (source, table, asked) = (self.source.clone(), self.table(), address.clone());
        let answer = self.thread.submit(LIMIT, move || {
            let said = source.ask(&asked);
            let (routes, _) = said.clone().with_source();
            table.keep(&asked, routes, now + said.kept());
            said
        });
        answer.await
    }
}

impl Source {
    fn ask(&self, address: &Url) -> Routes {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        source.routes(address)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Says what it is told to say, and counts.
    struct Said {
        routes: Receiver<Routes>,
        asked: Sender<Url>,
    }

    impl ProxySource for Said {
        fn routes(&mut self, address: &Url) -> Routes {
            self.asked.send(address.clone()).unwrap();
            self.routes.recv().unwrap()
        }
    }

    fn proxies() -> (SystemProxies, Sender<Routes>, Receiver<Url>) {
        let ((say, routes), (asked, was_asked)) = (channel(), channel());
        let source = Box::new(Said { routes, asked });
        (SystemProxies::start(source).unwrap(), say, was_asked)
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn through(proxy: &str) -> Vec<Route> {
        vec![Route::Through(url(proxy))]
    }

    #[tokio::test]
    async fn the_system_is_asked_once_for_a_while() {
        let (proxies, say, asked) = proxies();
        let now = Instant::now();
        for (host, said, counts) in [
            ("one", Routes::Known(through("http://proxy:80")), true),
            ("three", Routes::Scripted(through("http://proxy:80")), true),
            ("two", Routes::Guessed(through("http://proxy:80")), false),
        ] {
            let address = url(&format!("https://{host}.example/"));
            say.send(said).unwrap();
            proxies.prepare(&address).await;
            proxies.prepare(&address).await;
            assert_eq!(asked.try_iter().count(), 1);
            let table = proxies.table();
            assert_eq!(table.through(&address), Some(url("http://proxy:80")));
            let later = table.known(&address, now + KEPT - Duration::from_secs(1));
            assert_eq!(later.is_some(), counts, "{host}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_comes_too_late_counts_for_the_next_call() {
        let (proxies, say, asked) = proxies();
        let address = url("https://cis2.example/");
        let is_asked = tokio::task::spawn_blocking(move || asked.recv().map(|_| asked));
        tokio::select! {
            _ = proxies.prepare(&address) => panic!("nobody has answered"),
            is_asked = is_asked => drop(is_asked.unwrap().unwrap()),
        }
        assert_eq!(proxies.table().through(&address), None);
        say.send(Routes::Known(through("http://one:80"))).unwrap();
        // One after the other: when this is done, so is the first.
        proxies.thread.submit(LIMIT, || ()).await.unwrap();
        assert!(proxies.table().through(&address).is_some());
    }

    #[tokio::test]
    async fn this_computer_is_reached_directly_without_a_question() {
        let (proxies, _say, asked) = proxies();
        for address in [
            "https://localhost/",
            "https://127.8.9.1/",
            "https://[::1]:1/",
        ] {
            proxies.prepare(&url(address)).await;
            assert_eq!(proxies.table().through(&url(address)), None);
        }
        assert_eq!(asked.try_iter().count(), 0);
    }
}
