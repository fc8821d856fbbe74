//! A TCP proxy that spoils what passes: between agent and provider, or agent, broker and provider.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

const MOST_CONNECTIONS: usize = 64;
/// The longest that a connection lives, a silent one too.
const CONNECTION_LIMIT: Duration = Duration::from_secs(120);
const PIECE: usize = 16 * 1024;

/// What happens to connections. Bytes are those of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Every piece takes so long, in both directions.
    Latency(Duration),
    /// So many bytes at once, then a pause, and so on.
    Slow { bytes: usize, pause: Duration },
    /// A reset as soon as a connection is there.
    ResetAtOnce,
    /// A reset after so many bytes.
    ResetAfter(usize),
    /// The end of the answer after so many bytes; the other direction stays open.
    HalfClosedAfter(usize),
    /// Nothing more after so many bytes; the connection stays.
    SilentAfter(usize),
    /// Connections come about, and nothing passes.
    Silent,
}

/// The proxy; gone with all connections when dropped.
pub struct FaultProxy {
    port: u16,
    target: watch::Sender<u16>,
    trouble: watch::Sender<Trouble>,
    longest: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl FaultProxy {
    /// Listens on a free port of 127.0.0.1, without trouble and without a target yet.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (target, to) = watch::channel(0);
        let (trouble, now) = watch::channel(Trouble::None);
        let longest = Arc::default();
        let serving = serve(listener, to, now, Arc::clone(&longest));
        Ok(Self {
            port,
            target,
            trouble,
            longest,
            _task: AbortOnDropHandle::new(tokio::spawn(serving)),
        })
    }

    /// Where it is reached over plain http.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port of 127.0.0.1 where it is reached.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many bytes of answers have passed since the trouble was set, on the connection with the
    /// most of them.
    pub fn longest_answer(&self) -> usize {
        self.longest.load(Ordering::Relaxed)
    }

    /// Passes connections on to this port of 127.0.0.1.
    pub fn connect_to(&self, port: u16) {
        self.target.send_replace(port);
    }

    /// From now on there is this trouble. Connections there were are reset.
    pub fn trouble(&self, trouble: Trouble) {
        self.longest.store(0, Ordering::Relaxed);
        self.trouble.send_replace(trouble);
    }
}

async fn serve(
    listener: TcpListener,
    target: watch::Receiver<u16>,
    mut trouble: watch::Receiver<Trouble>,
    longest: Arc<AtomicUsize>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok(()) = trouble.changed() => connections.abort_all(),
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => {
                // A failed accept concerns that connection only.
                if let Ok((client, _)) = accepted {
                    let (target, trouble) = (*target.borrow(), *trouble.borrow());
                    let connection = connection(client, target, trouble, Arc::clone(&longest));
                    connections.spawn(timeout(CONNECTION_LIMIT, connection));
                }
            }
        }
    }
}

/// However it ends, the client sees a reset, but where the trouble is to be half closed.
async fn connection(
    client: TcpStream,
    target: u16,
    trouble: Trouble,
    longest: Arc<AtomicUsize>,
) -> Result<()> {
    client.set_zero_linger()?;
    match trouble {
        Trouble::ResetAtOnce => return Ok(()),
        Trouble::Silent => std::future::pending().await,
        Trouble::None
        | Trouble::Latency(_)
        | Trouble::Slow { .. }
        | Trouble::ResetAfter(_)
        | Trouble::HalfClosedAfter(_)
        | Trouble::SilentAfter(_) => {}
    }
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let asked = ask(from_client, to_server, trouble);
    let answered = answer(from_server, to_client, trouble, &longest);
    tokio::select! {
        asked = asked => asked,
        answered = answered => answered,
    }
}

async fn ask(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, trouble: Trouble) -> Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        if let Trouble::Latency(latency) = trouble {
            sleep(latency).await;
        }
        to.write_all(&piece[..read]).await?;
    }
}

async fn answer(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    trouble: Trouble,
    longest: &AtomicUsize,
) -> Result<()> {
    let mut piece = vec![0; PIECE];
    let mut passed = 0;
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            to.shutdown().await?;
            return Ok(());
        }
        let bytes = &piece[..read];
        match trouble {
            Trouble::Latency(latency) => {
                sleep(latency).await;
                to.write_all(bytes).await?;
            }
            Trouble::Slow { bytes: few, pause } => {
                for few in bytes.chunks(few) {
                    to.write_all(few).await?;
                    sleep(pause).await;
                }
            }
            Trouble::ResetAfter(most)
            | Trouble::HalfClosedAfter(most)
            | Trouble::SilentAfter(most)
                if passed + read > most =>
            {
                to.write_all(&bytes[..most - passed]).await?;
                if matches!(trouble, Trouble::HalfClosedAfter(_)) {
                    to.shutdown().await?;
                }
                if !matches!(trouble, Trouble::ResetAfter(_)) {
                    std::future::pending::<()>().await;
                }
                // What was written must arrive before the reset throws it away.
                sleep(Duration::from_millis(50)).await;
                return Ok(());
            }
            Trouble::None
            | Trouble::ResetAtOnce
            | Trouble::ResetAfter(_)
            | Trouble::HalfClosedAfter(_)
            | Trouble::SilentAfter(_)
            | Trouble::Silent => to.write_all(bytes).await?,
        }
        passed += read;
        longest.fetch_max(passed, Ordering::Relaxed);
    }
}
