//! The agent is to stop: the process that was started goes first, another's is left alone.

use super::doubt::{Doubt, Whose};
use super::{Effect, Input, Phase, Stopper, Supervision};

/// What has to come before the tray may end, so that no process is left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    Look,
    Start,
    End,
}

impl Supervision {
    pub(super) fn stop(&mut self, stopper: Stopper) -> Option<Effect> {
        let (awaited, effect) = match self.phase {
            Phase::Looking { .. } => (Awaited::Look, None),
            Phase::Starting => (Awaited::Start, None),
            Phase::Up { whose, .. } | Phase::Doubting(Doubt { whose, .. }) => match whose {
                Whose::Ours => (Awaited::End, Some(Effect::Stop(stopper))),
                Whose::Others => return Some(self.finish(stopper)),
            },
            Phase::Ending { whose, .. } => match whose {
                Whose::Ours => (Awaited::End, None),
                Whose::Others => return Some(self.finish(stopper)),
            },
            Phase::Waiting { .. } => return Some(self.finish(stopper)),
            Phase::Stopping { .. } | Phase::Stopped => return None,
        };
        self.phase = Phase::Stopping { stopper, awaited };
        effect
    }

    pub(super) fn go_on_stopping(
        &mut self,
        stopper: Stopper,
        awaited: Awaited,
        input: Input,
    ) -> Option<Effect> {
        match (awaited, input) {
            (Awaited::Look, Input::Found | Input::NotFound | Input::Unanswered)
            | (Awaited::Start, Input::NotStarted)
            | (Awaited::End, Input::Ended(_)) => Some(self.finish(stopper)),
            // Started between the question to stop and the answer: it has to go again.
            (Awaited::Start, Input::Started) => {
                let awaited = Awaited::End;
                self.phase = Phase::Stopping { stopper, awaited };
                Some(Effect::Stop(stopper))
            }
            (
                Awaited::Look | Awaited::Start | Awaited::End,
                Input::Found
                | Input::NotFound
                | Input::Unanswered
                | Input::Started
                | Input::NotStarted
                | Input::Ended(_)
                | Input::Lost
                | Input::Silent
                | Input::OtherEnded
                | Input::OtherStays
                | Input::Due
                | Input::Stop(_),
            ) => None,
        }
    }

    fn finish(&mut self, stopper: Stopper) -> Effect {
        self.phase = Phase::Stopped;
        Effect::Finished(stopper)
    }
}
