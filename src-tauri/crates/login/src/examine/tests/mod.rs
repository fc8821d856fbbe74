//! Each step with something that goes wrong for a reason of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{OnceCell, mpsc};
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::blocking::NotAnswered;
use crate::proxy::{Route, Ways};
use crate::testing::{Faults, Step as Call, StoppedClock, TestProvider};
use crate::{MemoryKeystore, SystemClock};

#[cfg(target_os = "linux")]
mod authority;
mod certificate;
mod connection;
mod credential;
mod discovery;
mod enrolment;
mod name;
mod proxies;

/// Whoever examines may do so on a task of its own.
#[test]
fn every_step_can_be_taken_by_any_thread() {
    fn is_send(_: &impl Send) {}

    let examination = of_issuer("https://cis2.example/op");
    is_send(&examination.name());
    is_send(&examination.proxies());
    is_send(&examination.connection());
    is_send(&examination.certificate());
    is_send(&examination.discovery());
    is_send(&examination.document());
    is_send(&examination.credential());
    is_send(&examination.broker());
    is_send(&examination.redirect_ports());
    is_send(&Arc::new(examination));
}

/// Longer than anything takes that a test waits for in vain.
const HANGING: Duration = Duration::from_secs(20);

fn examination(settings: Settings) -> Examination {
    let keystore = Arc::<MemoryKeystore>::default();
    Examination::new(settings, keystore, Arc::new(SystemClock))
}

/// Of a provider at that address, which may be on this computer.
fn of_issuer(issuer: &str) -> Examination {
    examination(Settings {
        issuer: issuer.to_owned(),
        allow_loopback_http: true,
        ..Settings::default()
    })
}

/// The same where the system names these ways there.
fn by_ways(issuer: &str, routes: Vec<Route>) -> Examination {
    let mut examination = of_issuer(issuer);
    let ways = Ways {
        routes,
        ..Ways::direct()
    };
    let target = examination.provider.as_mut().unwrap();
    target.ways = OnceCell::new_with(Some(ways));
    examination
}

fn proxy_at(address: SocketAddr) -> Route {
    Route::Through(format!("http://{address}").parse().unwrap())
}

fn way_at(address: SocketAddr) -> Way {
    Way::Proxy {
        scheme: "http".to_owned(),
        host: address.ip().to_string(),
        port: address.port(),
    }
}

/// An address that nobody listens at, as long as this is held.
struct Nobody(TcpSocket);

impl Nobody {
    fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}

/// Somebody who answers every question alike, and tells what was asked.
struct Peer {
    address: SocketAddr,
    asked: mpsc::Receiver<String>,
    _task: AbortOnDropHandle<()>,
}

impl Peer {
    /// Says that to everybody who has said anything, and hangs up.
    async fn saying(answer: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self::start(Some(answer)).await
    }

    /// Says nothing to anybody, and stays on the line.
    async fn silent() -> Self {
        Self::start(None::<&[u8]>).await
    }

    async fn start(answer: Option<impl AsRef<[u8]> + Send + Sync + 'static>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = mpsc::channel(8);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut question = [0; 4096];
                let length = stream.read(&mut question).await.unwrap_or(0);
                let question = String::from_utf8_lossy(&question[..length]).into_owned();
                if tell.send(question).await.is_err() {
                    return;
                }
                match &answer {
                    Some(answer) => {
                        let _gone = stream.write_all(answer.as_ref()).await;
                    }
                    None => held.push(stream),
                }
            }
        });
        Self {
            address,
            asked,
            _task: AbortOnDropHandle::new(task),
        }
    }

    async fn asked(&mut self) -> String {
        let asked = tokio::time::timeout(HANGING, self.asked.recv()).await;
        asked.expect("nobody asks").unwrap()
    }
}

/// A thread that is held by a call which does not come back, with `waiting` more behind it.
fn held_thread(waiting: usize) -> (OnceCell<BlockingThread>, Held) {
    let thread = BlockingThread::start("test").unwrap();
    let (release, hold) = sync_channel::<()>(0);
    let (begin, begun) = sync_channel(1);
    let first = thread.submit(HANGING, move || {
        let _told = begin.send(());
        let _released = hold.recv();
    });
    // Until then it takes room among those that wait.
    begun.recv().unwrap();
    let mut calls: Vec<Answering> = vec![Box::pin(first)];
    for _ in 0..waiting {
        calls.push(Box::pin(thread.submit(HANGING, || ())));
    }
    let held = Held {
        _release: release,
        _calls: calls,
    };
    (OnceCell::new_with(Some(thread)), held)
}

type Answering = std::pin::Pin<Box<dyn Future<Output = Result<(), NotAnswered>>>>;

struct Held {
    _release: SyncSender<()>,
    _calls: Vec<Answering>,
}

/// More calls than a thread has room for.
const TOO_MANY: usize = 9;
