//! How the thread that hears the operating system tells the loop, and waits for it.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use cardea_session::Environment;
use tokio::sync::mpsc;

use super::Report;

/// Reports that wait for the loop. As each is waited for, so many wait only for a loop that hangs.
const QUEUE: usize = 64;

/// Puts reports into the queue.
pub(crate) struct Teller(mpsc::Sender<Report>);

/// A report that was put into the queue.
pub(crate) struct Told(Receiver<Infallible>);

/// Whether the loop has taken a report in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    TakenIn,
    NotYet,
}

/// The loop is gone or hangs, so that reports would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NobodyListens;

/// A queue of reports.
pub(crate) fn queue() -> (Teller, mpsc::Receiver<Report>) {
    let (sender, reports) = mpsc::channel(QUEUE);
    (Teller(sender), reports)
}

impl Teller {
    /// Puts a report into the queue.
    ///
    /// # Errors
    /// [`NobodyListens`], after which nothing more may be told: the end of the queue is what the
    /// loop then sees, and the agent ends with it.
    pub(crate) fn tell(&self, environment: Environment) -> Result<Told, NobodyListens> {
        let (waiting, taken_in) = sync_channel(0);
        let report = Report {
            environment,
            _waiting: waiting,
        };
        self.0.try_send(report).map_err(|_| NobodyListens)?;
        Ok(Told(taken_in))
    }
}

impl Told {
    /// Waits until the loop has taken the report in, or for so long.
    pub(crate) fn wait(&self, limit: Duration) -> Heard {
        match self.0.recv_timeout(limit) {
            Err(RecvTimeoutError::Disconnected) => Heard::TakenIn,
            Err(RecvTimeoutError::Timeout) => Heard::NotYet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test takes so long.
    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn a_report_is_waited_for_until_it_is_taken_in() {
        let (teller, mut reports) = queue();
        let told = teller.tell(Environment::Locked).unwrap();
        assert_eq!(told.wait(Duration::ZERO), Heard::NotYet);
        let report = reports.try_recv().unwrap();
        assert_eq!(report.environment, Environment::Locked);
        assert_eq!(told.wait(Duration::ZERO), Heard::NotYet);
        drop(report);
        assert_eq!(told.wait(LIMIT), Heard::TakenIn);
    }

    #[test]
    fn reports_are_read_in_order_and_none_is_lost_silently() {
        let (teller, mut reports) = queue();
        for environment in [Environment::Locked, Environment::Unlocked].repeat(QUEUE / 2) {
            teller.tell(environment).unwrap();
        }
        assert_eq!(
            teller.tell(Environment::Suspending).map(drop),
            Err(NobodyListens)
        );
        drop(teller);
        for environment in [Environment::Locked, Environment::Unlocked].repeat(QUEUE / 2) {
            assert_eq!(reports.try_recv().unwrap().environment, environment);
        }
        assert_eq!(
            reports.try_recv().unwrap_err(),
            mpsc::error::TryRecvError::Disconnected
        );
    }

    #[test]
    fn a_loop_that_is_gone_is_noticed() {
        let (teller, reports) = queue();
        drop(reports);
        assert_eq!(
            teller.tell(Environment::Locked).map(drop),
            Err(NobodyListens)
        );
    }
}
