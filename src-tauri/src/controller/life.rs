//! The agent's life: what the supervision decides, carried out.

use std::path::Path;

use cardea_client::ClientError;
use cardea_desktop_model::{Agent, Running};

use super::*;
use crate::agent_process::end_other;

impl<S: Screen> Controller<S> {
    /// Tells the supervision what happened, and carries out what it says.
    pub(super) fn tell(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let effect = self.supervision.handle(input, self.start.elapsed());
            if self.supervision.running() == Running::Up && self.wants_another_watch(input) {
                // A fresh one asks at once; the old one may have got slow.
                self.watch = Watch::new(self.client.clone());
            }
            next = effect.and_then(|effect| self.carry_out(effect));
        }
    }

    /// Carries it out; gives what came of it, where that is known at once.
    pub(super) fn carry_out(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Look => {
                let client = self.client.clone();
                self.errands
                    .spawn(async move { Done::Looked(look(&client).await) });
                None
            }
            Effect::Start => Some(self.start_agent()),
            Effect::Stop(_) => {
                self.stop_agent();
                None
            }
            Effect::Kill => {
                tracing::error!("the agent does not answer and is ended");
                self.kill_agent();
                None
            }
            Effect::EndOther => {
                tracing::error!("the agent that ran does not answer and is ended");
                let program = self.program.path.clone();
                self.errands
                    .spawn(async move { Done::Looked(end_hung_other(&program).await) });
                None
            }
            Effect::LogEnd { ending, again_in } => {
                tracing::error!(?ending, ?again_in, "the agent ended and is started again");
                self.unheard = Agent::Restarting;
                None
            }
            Effect::LogNotStarted { again_in } => {
                tracing::error!(
                    ?again_in,
                    "the agent could not be started and is tried again"
                );
                self.unheard = Agent::Down;
                None
            }
            Effect::LogLost { again_in } => {
                tracing::warn!(?again_in, "the agent that ran is gone; one is started");
                self.unheard = Agent::Restarting;
                None
            }
            Effect::LogStays { again_in } => {
                tracing::error!(
                    ?again_in,
                    "the agent that ran stays; end its process, or restart the computer"
                );
                self.unheard = Agent::Down;
                None
            }
            Effect::Finished(stopper) => {
                self.finished = Some(stopper);
                None
            }
        }
    }

    /// Whether an agent is there that the watch does not hear.
    fn wants_another_watch(&self, input: Input) -> bool {
        match input {
            Input::Started => true,
            Input::Found => self.watch.snapshot().is_none(),
            Input::NotFound
            | Input::Unanswered
            | Input::NotStarted
            | Input::Ended(_)
            | Input::Lost
            | Input::Silent
            | Input::OtherEnded
            | Input::OtherStays
            | Input::Due
            | Input::Stop(_) => false,
        }
    }

    fn start_agent(&mut self) -> Input {
        match AgentProcess::start(&self.program) {
            Ok(process) => {
                self.process = Some(process);
                Input::Started
            }
            Err(error) => {
                tracing::error!(%error, "the agent's program cannot be started");
                Input::NotStarted
            }
        }
    }

    fn stop_agent(&mut self) {
        if self.process.is_none() {
            return;
        }
        let client = self.client.clone();
        self.errands.spawn(async move {
            match client.stop_agent().await {
                Ok(()) => Done::Ran(None),
                Err(error) => Done::NotAskedToStop(error),
            }
        });
        self.stop_by = Some(Instant::now() + STOP_LIMIT);
    }

    /// One that does not listen yet, or no more, is told by the operating system.
    pub(super) fn stop_unheard_agent(&mut self, error: &ClientError) {
        tracing::info!(%error, "the agent cannot be asked to stop");
        let Some(process) = &mut self.process else {
            return;
        };
        if let Err(error) = process.ask_to_stop() {
            tracing::warn!(%error, "the agent cannot be told to stop");
            process.kill();
        }
    }

    fn kill_agent(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill();
        }
    }

    /// When something is to be done though nothing happens.
    pub(super) fn due(&self) -> Instant {
        let wake = self.supervision.wake_at().map(|at| self.start + at);
        let never = Instant::now() + Duration::from_secs(3600);
        let all = [wake, self.stop_by, self.inquiry_due()];
        all.into_iter().flatten().min().unwrap_or(never)
    }

    pub(super) fn tick(&mut self) {
        if self.stop_by.is_some_and(|limit| limit <= Instant::now()) {
            tracing::error!("the agent does not stop and is ended");
            self.stop_by = None;
            self.kill_agent();
        }
        self.tell(Input::Due);
        self.inquire_when_due();
    }
}

async fn look(client: &Client) -> Input {
    match client.health().await {
        Ok(_) => Input::Found,
        Err(ClientError::TimedOut(_)) => Input::Unanswered,
        Err(error) => {
            tracing::debug!(%error, "no agent answers");
            Input::NotFound
        }
    }
}

async fn end_hung_other(program: &Path) -> Input {
    match end_other(program).await {
        Ok(()) => Input::OtherEnded,
        Err(error) => {
            tracing::error!(%error, "the agent that ran was not ended");
            Input::OtherStays
        }
    }
}
