//! A sample clinical program: the web page of `clients/typescript/sample`, served on loopback with
//! the compiled TypeScript client, and with the token of the program that it is to the agent.

mod files;
mod page;

use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::program::SimulatedProgram;
use crate::server;

/// Finds the agent's local API, for instance `http://127.0.0.1:28080`; none while it cannot. Then
/// the page looks for it on its own, as pages do.
pub type Locate =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Option<String>> + Send>> + Send + Sync>;

/// The page's port is taken.
#[derive(Debug, thiserror::Error)]
#[error("the sample program cannot listen on port {port}: {source}")]
pub struct SampleError {
    port: u16,
    #[source]
    source: std::io::Error,
}

/// The running sample program; it stops when this is dropped.
#[derive(Debug)]
pub struct Sample {
    port: u16,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Sample {
    /// Starts listening on 127.0.0.1; port 0 is any free one.
    ///
    /// # Errors
    /// [`SampleError`] when the port is taken.
    pub async fn start(
        port: u16,
        program: SimulatedProgram,
        locate: Locate,
    ) -> Result<Self, SampleError> {
        let failed = |source| SampleError { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let page = Arc::new(page::Page {
            port,
            program,
            locate,
        });
        let answer = move |request| page::answer(Arc::clone(&page), request);
        let stop = CancellationToken::new();
        let server = tokio::spawn(server::serve(listener, answer, stop.clone()));
        Ok(Self { port, stop, server })
    }

    /// Where to open it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The origins it calls the agent from, as browsers send them.
    #[must_use]
    pub fn origins(&self) -> [String; 2] {
        ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{}", self.port))
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.stop.cancel();
        self.server.abort();
    }
}
