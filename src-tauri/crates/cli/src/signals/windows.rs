//! Windows: console control events (`SetConsoleCtrlHandler`).

use std::io;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
    ctrl_logoff, ctrl_shutdown,
};

/// The events by which the user or the system says that the agent is to end. Windows ends the
/// process some seconds after the last three, whatever it does.
pub(crate) struct AskedToStop {
    c: CtrlC,
    break_key: CtrlBreak,
    close: CtrlClose,
    log_off: CtrlLogoff,
    shut_down: CtrlShutdown,
}

impl AskedToStop {
    /// Listens for them from now on.
    ///
    /// # Errors
    /// When the system does not let us.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            c: ctrl_c()?,
            break_key: ctrl_break()?,
            close: ctrl_close()?,
            log_off: ctrl_logoff()?,
            shut_down: ctrl_shutdown()?,
        })
    }

    /// Waits for the first. Safe to drop and call again.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.c.recv() => {}
            _ = self.break_key.recv() => {}
            _ = self.close.recv() => {}
            _ = self.log_off.recv() => {}
            _ = self.shut_down.recv() => {}
        }
    }
}
