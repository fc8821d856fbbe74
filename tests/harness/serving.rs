//! Takes connections for a server of the tests.

use std::future::Future;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Serves each connection on a task of its own; they end with this future.
pub async fn each<F>(listener: TcpListener, mut serve: impl FnMut(TcpStream) -> F)
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                // A failed accept concerns that connection only.
                if let Ok((client, _)) = accepted {
                    connections.spawn(serve(client));
                }
            }
        }
    }
}
