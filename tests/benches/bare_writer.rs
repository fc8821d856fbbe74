//! The floor of `fanout`: a program that writes the same bytes to as many sockets as there are
//! subscribers, from one task of a runtime like the agent's. A process of its own, as the agent is.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::net::unix::pipe;

use crate::subscribers::Subscribers;

/// The argument that makes this program one.
pub const NAME: &str = "bare-writer";

/// The process, with everybody who listens to it; killed when dropped.
pub struct BareWriter {
    process: Child,
    input: ChildStdin,
    subscribers: Subscribers,
}

impl BareWriter {
    /// Starts one that writes what is in `file` to `n` sockets.
    pub fn start(n: usize, file: &Path) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([NAME, &n.to_string()])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().context("no input")?;
        let output = process.stdout.take().context("no output")?;
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port)?;
        let port: u16 = port.trim().parse().context("the bare writer's port")?;
        let connections: Result<Vec<TcpStream>, _> = (0..n)
            .map(|_| TcpStream::connect(("127.0.0.1", port)))
            .collect();
        Ok(Self {
            process,
            input,
            subscribers: Subscribers::listen(connections?)?,
        })
    }

    /// When each listener got `wanted`, which the bytes have in them.
    pub fn round(&mut self, wanted: &[u8]) -> Result<Vec<i64>> {
        self.subscribers.expect(wanted);
        self.input.write_all(b"\n")?;
        Ok(self.subscribers.times())
    }
}

impl Drop for BareWriter {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// The program itself.
pub fn run(n: &str, file: &str) -> Result<()> {
    let n: usize = n.parse()?;
    let bytes = std::fs::read(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let writer = runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
        let mut sockets = Vec::with_capacity(n);
        for _ in 0..n {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            sockets.push(socket);
        }
        let input = std::io::stdin().as_fd().try_clone_to_owned()?;
        let mut input = pipe::Receiver::from_owned_fd(input)?;
        while input.read_u8().await.is_ok() {
            for socket in &mut sockets {
                socket.write_all(&bytes).await?;
            }
        }
        anyhow::Ok(())
    });
    runtime.block_on(writer)?
}
