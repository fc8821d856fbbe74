//! What Windows tells a window, and its clocks.

use std::convert::Infallible;
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use cardea_session::Environment;
use cardea_win32::desktop::{self, DesktopEvent, DesktopWatch};
use tokio::sync::mpsc;

use super::Report;
use super::teller::{Heard, NobodyListens, Teller, queue};

/// Windows waits two seconds before it suspends (`PBT_APMSUSPEND`).
const TAKE_IN_LIMIT: Duration = Duration::from_millis(1_500);
/// Windows waits five seconds before it takes a program for hung and ends it (`WM_ENDSESSION`); this
/// comes after the limit above.
const LOG_OFF_LIMIT: Duration = Duration::from_secs(3);

/// Owns the thread that hears Windows. To be dropped last: at log-off Windows waits for that.
#[derive(Debug)]
pub(crate) struct Watch {
    // In this order: at log-off the thread waits for the end of the first.
    _running: SyncSender<Infallible>,
    _watch: DesktopWatch,
}

/// Starts to listen to the desktop session. How it is now is told at once.
pub(crate) fn watch() -> io::Result<(Watch, mpsc::Receiver<Report>)> {
    let (teller, reports) = queue();
    let (running, ended) = sync_channel(0);
    let watch = DesktopWatch::start(move |event| match hear(&teller, &ended, event) {
        Ok(()) => ControlFlow::Continue(()),
        Err(NobodyListens) => ControlFlow::Break(()),
    })?;
    let watch = Watch {
        _running: running,
        _watch: watch,
    };
    Ok((watch, reports))
}

/// How long the user touched neither keyboard nor mouse. When Windows does not say, it counts as
/// if nobody were there.
pub(crate) fn idle_time() -> Option<Duration> {
    Some(desktop::idle_time().unwrap_or(Duration::MAX))
}

/// Locks the workstation.
pub(crate) fn lock_workstation() -> io::Result<()> {
    desktop::lock_workstation()
}

/// How long this computer has slept since it was started.
pub(super) fn time_slept() -> Duration {
    // Cannot fail: Windows has both clocks.
    cardea_win32::time_slept().unwrap_or_default()
}

fn hear(
    teller: &Teller,
    ended: &Receiver<Infallible>,
    event: DesktopEvent,
) -> Result<(), NobodyListens> {
    match event {
        // The loop does not run yet, so nobody waits.
        DesktopEvent::Began { active, locked } => {
            if locked == Some(true) {
                teller.tell(Environment::Locked)?;
            }
            if !active {
                teller.tell(Environment::Disconnected)?;
            }
            Ok(())
        }
        DesktopEvent::Locked => tell(teller, Environment::Locked),
        DesktopEvent::Unlocked => tell(teller, Environment::Unlocked),
        DesktopEvent::Connected => tell(teller, Environment::Connected),
        DesktopEvent::Disconnected => tell(teller, Environment::Disconnected),
        DesktopEvent::Suspending => tell(teller, Environment::Suspending),
        DesktopEvent::LoggingOff => {
            tell(teller, Environment::LoggingOff)?;
            // The loop stops then, and the rest of the agent with it.
            let _ended = ended.recv_timeout(LOG_OFF_LIMIT);
            Ok(())
        }
    }
}

fn tell(teller: &Teller, environment: Environment) -> Result<(), NobodyListens> {
    match teller.tell(environment)?.wait(TAKE_IN_LIMIT) {
        Heard::TakenIn => {}
        Heard::NotYet => tracing::warn!(?environment, "was told, and not yet taken in"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hears an event while a loop takes in what is told, and says what was.
    fn told(event: DesktopEvent) -> Vec<Environment> {
        let (teller, mut reports) = queue();
        let (running, ended) = sync_channel(0);
        let reader = std::thread::spawn(move || {
            let read = std::iter::from_fn(|| reports.blocking_recv());
            read.map(|report| report.environment).collect()
        });
        drop(running);
        assert_eq!(hear(&teller, &ended, event), Ok(()));
        drop(teller);
        reader.join().unwrap()
    }

    #[test]
    fn the_session_hears_how_the_desktop_is_at_the_start() {
        let began = |active, locked| told(DesktopEvent::Began { active, locked });
        assert_eq!(began(true, Some(false)), []);
        assert_eq!(began(true, None), []);
        assert_eq!(began(true, Some(true)), [Environment::Locked]);
        assert_eq!(
            began(false, Some(true)),
            [Environment::Locked, Environment::Disconnected]
        );
    }

    #[test]
    fn the_session_hears_of_each_event() {
        for (event, environment) in [
            (DesktopEvent::Locked, Environment::Locked),
            (DesktopEvent::Unlocked, Environment::Unlocked),
            (DesktopEvent::Connected, Environment::Connected),
            (DesktopEvent::Disconnected, Environment::Disconnected),
            (DesktopEvent::Suspending, Environment::Suspending),
            (DesktopEvent::LoggingOff, Environment::LoggingOff),
        ] {
            assert_eq!(told(event), [environment]);
        }
    }

    #[test]
    fn a_watch_ends_with_its_owner_and_then_its_queue_is_closed() {
        let (watch, mut reports) = watch().unwrap();
        assert!(reports.try_recv().is_err());
        drop(watch);
        assert!(reports.blocking_recv().is_none());
    }

    #[test]
    fn the_idle_time_is_known() {
        assert!(idle_time().is_some_and(|idle| idle < Duration::MAX));
    }
}
