//! The agent's life: what the supervision decides, carried out.

use cardea_desktop_model::{Agent, Running};

use super::*;

impl<S: Screen> Controller<S> {
    /// Tells the supervision what happened, and carries out what it says.
    pub(super) fn tell(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let effect = self.supervision.handle(input, self.start.elapsed());
            if self.supervision.running() == Running::Up && is_there(input) {
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
                self.errands.spawn(async move {
                    let found = client.health().await.is_ok();
                    Done::Looked(if found { Input::Found } else { Input::NotFound })
                });
                None
            }
            Effect::Start => Some(self.start_agent()),
            Effect::Stop(_) => {
                self.stop_agent();
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
            Effect::Finished(stopper) => {
                self.finished = Some(stopper);
                None
            }
        }
    }

    fn start_agent(&mut self) -> Input {
        match AgentProcess::start(&self.arguments) {
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
        let Some(process) = &mut self.process else {
            return;
        };
        if let Err(error) = process.ask_to_stop() {
            tracing::warn!(%error, "the agent cannot be asked to stop");
            process.kill();
        }
        self.stop_by = Some(Instant::now() + STOP_LIMIT);
    }

    /// When something is to be done though nothing happens.
    pub(super) fn due(&self) -> Instant {
        let wake = self.supervision.wake_at().map(|at| self.start + at);
        let inquiry = match self.inquiry.is_under_way || self.watch.snapshot().is_none() {
            true => None,
            false => Some(self.inquiry.due),
        };
        let never = Instant::now() + Duration::from_secs(3600);
        let all = [wake, self.stop_by, inquiry];
        all.into_iter().flatten().min().unwrap_or(never)
    }

    pub(super) fn tick(&mut self) {
        if self.stop_by.is_some_and(|limit| limit <= Instant::now()) {
            tracing::error!("the agent does not stop and is ended");
            self.stop_by = None;
            if let Some(process) = &mut self.process {
                process.kill();
            }
        }
        self.tell(Input::Due);
        self.inquire_when_due();
    }
}

/// Whether an agent can be heard from now on.
fn is_there(input: Input) -> bool {
    match input {
        Input::Found | Input::Started => true,
        Input::NotFound
        | Input::NotStarted
        | Input::Ended(_)
        | Input::Lost
        | Input::Due
        | Input::Stop(_) => false,
    }
}
