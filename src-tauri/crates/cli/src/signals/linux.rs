//! Linux: signals (signal(7)).

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals by which the user or the system says that the agent is to end.
pub(crate) struct AskedToStop {
    signals: [Signal; 3],
}

impl AskedToStop {
    /// Listens for them from now on.
    ///
    /// # Errors
    /// When the system does not let us.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            signals: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    /// Waits for the first. Safe to drop and call again.
    pub(crate) async fn wait(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}
