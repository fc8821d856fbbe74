//! Places where a test can make the simulated CIS2 wait, to pull the card there.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A place where the simulated CIS2 can be made to wait.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The browser asked for the sign-in page; it is not shown yet.
    Authorize,
    /// The user is done; the redirect back, with its code, is not sent yet.
    Callback,
    /// The tokens are made and count as given out; the answer is not sent yet.
    Token,
    /// The access token was accepted; the answer is not sent yet.
    UserInfo,
}

/// Whoever reaches the step waits until this is released or dropped.
#[derive(Debug)]
#[must_use = "dropping it releases the step"]
pub struct Hold {
    reached: watch::Receiver<bool>,
    released: DropGuard,
}

impl Hold {
    /// Waits until somebody has reached the step. Without a limit of its own: a test puts its
    /// limit around it.
    pub async fn reached(&mut self) {
        // The sender goes with the provider; then nobody will ever reach the step.
        if self.reached.wait_for(|&reached| reached).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Lets everybody go on.
    pub fn release(self) {
        drop(self.released);
    }
}

#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<Vec<Held>>);

#[derive(Clone, Debug)]
struct Held {
    step: Step,
    reached: watch::Sender<bool>,
    released: CancellationToken,
}

impl Holds {
    pub(super) fn hold(&self, step: Step) -> Hold {
        let (sender, reached) = watch::channel(false);
        let released = CancellationToken::new();
        let mut held = self.lock();
        held.retain(|held| !held.released.is_cancelled());
        held.push(Held {
            step,
            reached: sender,
            released: released.clone(),
        });
        Hold {
            reached,
            released: released.drop_guard(),
        }
    }

    /// Waits while the step is held.
    pub(super) async fn pass(&self, step: Step) {
        let holding: Vec<Held> = self
            .lock()
            .iter()
            .filter(|h| h.step == step)
            .cloned()
            .collect();
        for held in holding {
            held.reached.send_replace(true);
            held.released.cancelled().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_held_step_waits_until_it_is_released() {
        let holds = Holds::default();
        let mut hold = holds.hold(Step::Token);
        holds.pass(Step::UserInfo).await;

        let passing = holds.pass(Step::Token);
        tokio::pin!(passing);
        tokio::select! {
            () = &mut passing => panic!("the step was passed while held"),
            () = hold.reached() => {}
        }
        hold.release();
        passing.await;
        holds.pass(Step::Token).await;
    }
}
