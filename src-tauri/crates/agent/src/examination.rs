//! The doctor in the agent: one examination at a time, on a task of its own.

use std::sync::Arc;

use cardea_login::Keystore;
use cardea_session::DoctorEvent;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};

use crate::doctor::{AgentSeen, Cards, Depth, Doctor, Workstation};
use crate::paths::UserPaths;
use crate::settings::Places;

/// Events that wait to be told; the checks wait for who reads slowly.
const QUEUE: usize = 8;

/// Runs the doctor's checks while the loop goes on.
pub(crate) struct Examination {
    doctor: Arc<Doctor>,
    places: Places,
    paths: UserPaths,
    keystore: Arc<dyn Keystore>,
    running: JoinSet<()>,
}

impl Examination {
    pub(crate) fn new(places: Places, paths: UserPaths, keystore: Arc<dyn Keystore>) -> Self {
        Self {
            doctor: Arc::default(),
            places,
            paths,
            keystore,
            running: JoinSet::new(),
        }
    }

    /// Begins one; none while another goes on. It ends when nobody listens.
    pub(crate) fn begin(
        &mut self,
        cards: Cards,
        agent: AgentSeen,
        depth: Depth,
    ) -> Option<mpsc::Receiver<DoctorEvent>> {
        if !self.running.is_empty() {
            return None;
        }
        let workstation = Workstation::new(
            self.places.clone(),
            self.paths.clone(),
            Arc::clone(&self.keystore),
            cards,
            agent,
            depth,
        );
        let (tell, events) = mpsc::channel(QUEUE);
        let doctor = Arc::clone(&self.doctor);
        self.running
            .spawn(async move { doctor.examine(Arc::new(workstation), tell).await });
        Some(events)
    }

    /// Waits for the end of the one that goes on; none when none does. Safe to drop and call again.
    pub(crate) async fn ended(&mut self) -> Option<Result<(), JoinError>> {
        self.running.join_next().await
    }
}
