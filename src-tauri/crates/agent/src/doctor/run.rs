//! Runs the checks, one after the other, within their limits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cardea_session::{CheckCounts, CheckOutcome, DoctorEvent};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::finding::Finding;
use super::list::{CHECKS, Check};
use super::workstation::Workstation;

/// For all checks together.
const ALL: Duration = Duration::from_secs(120);

const SEND_BUNDLE: &str = "Send a support bundle to your supplier.";

/// Goes through the checks. Dropping it ends what can be ended.
#[derive(Debug)]
pub struct Doctor {
    limit: Duration,
    /// The last look of each check, which may still hang in the operating system: it is not asked
    /// again before that is over.
    looks: Mutex<BTreeMap<&'static str, AbortOnDropHandle<()>>>,
}

impl Default for Doctor {
    fn default() -> Self {
        Self {
            limit: ALL,
            looks: Mutex::default(),
        }
    }
}

/// The public names of all checks, in their order.
pub fn check_ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.id)
}

impl Doctor {
    /// Runs every check and tells of each when it begins and ends. Ends within two minutes, or when
    /// nobody listens any more; may be dropped at any time.
    pub async fn examine(&self, workstation: Arc<Workstation>, tell: mpsc::Sender<DoctorEvent>) {
        tokio::select! {
            () = self.run(CHECKS, workstation, &tell) => {}
            () = tell.closed() => {}
        }
    }

    async fn run(
        &self,
        checks: &[Check],
        workstation: Arc<Workstation>,
        tell: &mpsc::Sender<DoctorEvent>,
    ) {
        let until = Instant::now() + self.limit;
        let mut counts = CheckCounts::default();
        let mut unusable = BTreeSet::new();
        for check in checks {
            let started = DoctorEvent::Started {
                id: check.id.to_owned(),
                title: check.title.to_owned(),
            };
            if tell.send(started).await.is_err() {
                return;
            }
            let began = Instant::now();
            let left = until.saturating_duration_since(began);
            let hindered = check.after.iter().find(|id| unusable.contains(*id));
            let finding = match hindered {
                Some(id) => Finding::skipped(format!("Not looked at, because of {id}.")),
                None if left.is_zero() => out_of_time(self.limit),
                None => self.look(check, left, &workstation).await,
            };
            let outcome = finding.outcome();
            if outcome == CheckOutcome::Failure || hindered.is_some() {
                unusable.insert(check.id);
            }
            counts.add(outcome);
            let check = finding.report(check.id, check.title, began.elapsed());
            if tell.send(DoctorEvent::Finished { check }).await.is_err() {
                return;
            }
        }
        // Whoever went away knows enough.
        let _gone = tell.send(DoctorEvent::Done { counts }).await;
    }

    async fn look(&self, check: &Check, left: Duration, workstation: &Arc<Workstation>) -> Finding {
        let limit = check.limit.min(left);
        let looking = (check.look)(Arc::clone(workstation));
        let Some(found) = self.begin(check.id, looking) else {
            return hangs(format!(
                "The check {} has not come to an end since it was run before.",
                check.id
            ));
        };
        match timeout(limit, found).await {
            Ok(Ok(finding)) => finding,
            Ok(Err(_gone)) => Finding::warning(
                format!("The check {} itself broke off.", check.id),
                SEND_BUNDLE,
            ),
            Err(_) => hangs(format!(
                "The check {} did not end within {} s.",
                check.id,
                limit.as_secs()
            )),
        }
    }

    /// Begins a look on a task of its own, so that what hangs holds nobody up; none while the last
    /// one of this check still hangs.
    fn begin(
        &self,
        id: &'static str,
        looking: super::list::Looking,
    ) -> Option<oneshot::Receiver<Finding>> {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.get(id).is_some_and(|look| !look.is_finished()) {
            return None;
        }
        let (tell, found) = oneshot::channel();
        let look = tokio::spawn(async move {
            // Nobody listens any more when it took too long.
            let _late = tell.send(looking.await);
        });
        looks.insert(id, AbortOnDropHandle::new(look));
        Some(found)
    }
}

fn hangs(summary: String) -> Finding {
    Finding::warning(
        summary,
        format!(
            "What it asks does not answer. Run \"cardea doctor\" again; if it stays, restart the \
             computer. {SEND_BUNDLE}"
        ),
    )
}

fn out_of_time(limit: Duration) -> Finding {
    let limit = limit.as_secs();
    Finding::warning(
        format!("Not looked at: all checks together may take {limit} s."),
        "Mend what took so long above, then run \"cardea doctor\" again.",
    )
}

#[cfg(test)]
mod tests;
