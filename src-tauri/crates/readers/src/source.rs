//! The PC/SC card source.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::control::Control;
use crate::delivery::Delivery;
use crate::monitor::{Monitor, note_loss};
use crate::{CardSettings, CardSource, Diagnostics, LastError, Sink};

/// Ending takes about a millisecond, and 400 ms while a mute card is in a reader; longer only when
/// the service hangs.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// The readers of this computer, through PC/SC. Dropping it ends its thread.
pub struct PcscSource {
    control: Arc<Control>,
    delivery: Arc<Delivery>,
    thread: Option<JoinHandle<()>>,
    watchdog: Option<JoinHandle<()>>,
}

/// Why the source did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operating system gave no thread.
    #[error("the thread that watches the card readers could not be started")]
    Thread(#[source] io::Error),
}

impl PcscSource {
    /// Starts watching. The first report comes at once, also when the PC/SC service is absent: that
    /// is a report like any other, and the source tries again until it is dropped.
    ///
    /// # Errors
    /// [`StartError`] when there is no thread to be had.
    pub fn start(settings: CardSettings, sink: Sink) -> Result<Self, StartError> {
        let control = Arc::new(Control::default());
        let delivery = Arc::new(Delivery::new(sink));
        let mut source = Self {
            control: Arc::clone(&control),
            delivery: Arc::clone(&delivery),
            thread: None,
            watchdog: None,
        };
        let (watched, watching) = (Arc::clone(&control), Arc::clone(&delivery));
        let watch = move || watching.watch(|| give_up(&watched));
        source.watchdog = Some(thread("card-watchdog", watch)?);
        let monitor = Monitor::new(control, settings, delivery);
        source.thread = Some(thread("card-readers", || monitor.run())?);
        Ok(source)
    }

    /// Ends it, and gives what it knew in the end. Takes two seconds at the most, when the service
    /// hangs.
    #[must_use]
    pub fn end(self) -> Diagnostics {
        let control = Arc::clone(&self.control);
        drop(self);
        control.diagnostics()
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(StartError::Thread)
}

fn give_up(control: &Control) {
    tracing::warn!("the PC/SC service does not answer; it counts as lost until it does");
    control.set_diagnostics(|diagnostics| note_loss(diagnostics, LastError::Silent));
}

impl CardSource for PcscSource {
    fn apply(&self, settings: CardSettings) {
        self.control.offer(settings);
    }

    fn diagnostics(&self) -> Diagnostics {
        self.control.diagnostics()
    }
}

impl Drop for PcscSource {
    fn drop(&mut self) {
        self.delivery.end();
        if let Some(watchdog) = self.watchdog.take() {
            let _panicked = watchdog.join();
        }
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.control.stop(STOP_LIMIT, || thread.is_finished());
        if !thread.is_finished() {
            tracing::error!("the PC/SC service does not return; its thread is left behind");
        } else if thread.join().is_err() {
            tracing::error!("the thread that watches the card readers panicked");
        }
    }
}
