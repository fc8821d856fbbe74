//! One run: everything is checked and opened, then it serves, then it stops in order.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::broker::Broker;
use crate::credential::{Credential, CredentialError};
use crate::provider::Provider;
use crate::server::serve;
use crate::settings::Settings;
use crate::state::State;
use crate::tls::{Tls, TlsError};

/// How long what is under way may take when the broker stops.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// Why the broker does not serve.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its client credential is of no use.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// Its TLS files are of no use.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The client of the provider cannot be set up.
    #[error("the HTTPS client cannot be set up")]
    Client(#[source] reqwest::Error),
    /// It cannot listen.
    #[error("listen {0} cannot be used")]
    Listen(SocketAddr, #[source] io::Error),
}

/// Serves until `stop` is done; then lets what is under way come to its end, for twenty seconds at
/// most.
///
/// # Errors
/// When it cannot begin.
pub async fn run(
    settings: &Settings,
    state: Box<dyn State>,
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let credential = Credential::open(&settings.provider)?;
    let tls = Tls::open(&settings.tls)?;
    let provider =
        Provider::new(settings.provider.clone(), credential).map_err(RunError::Client)?;
    let broker = Arc::new(Broker::new(settings, provider, tls, state));
    let cannot = |error| RunError::Listen(settings.listen, error);
    let listener = TcpListener::bind(settings.listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    tracing::info!(%address, public_url = settings.public_url, "listening");

    tokio::select! {
        () = serve(listener, &broker) => {}
        () = stop => {}
    }
    tracing::info!("stopping");
    broker.stop.cancel();
    broker.tasks.close();
    if timeout(STOP_LIMIT, broker.tasks.wait()).await.is_err() {
        let left = broker.tasks.len();
        tracing::warn!(left, "not all came to its end in time");
    }
    tracing::info!("stopped");
    Ok(())
}
