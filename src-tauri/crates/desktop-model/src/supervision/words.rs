//! What the supervision is told, and what it says.

use std::time::Duration;

/// Something that happened to the agent, or is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Somebody answers on the local socket, asked by [`Effect::Look`].
    Found,
    /// Nobody listens there.
    NotFound,
    /// Somebody listens there and did not answer within the question's limit.
    Unanswered,
    /// The process runs, asked by [`Effect::Start`].
    Started,
    /// The process cannot be started.
    NotStarted,
    /// The process that was started has ended.
    Ended(Ending),
    /// The agent cannot be reached, for long enough that nobody counts as signed in.
    Lost,
    /// The agent keeps its stream open and says nothing on it, for longer than it may.
    Silent,
    /// The agent that somebody else started has been ended, asked by [`Effect::EndOther`].
    OtherEnded,
    /// It is none of this installation, or the operating system does not let it be ended.
    OtherStays,
    /// The time of [`crate::Supervision::wake_at`] has come.
    Due,
    /// The agent is to stop.
    Stop(Stopper),
}

/// How the agent's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself and in order: somebody else asked it to stop.
    InOrder,
    /// With an exit code that says it failed.
    Failed(i32),
    /// Something ended it: a signal, or what the operating system cannot say.
    Killed,
}

/// Who wants the agent to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopper {
    /// The user chose to quit.
    User,
    /// The operating system ends the tray: log-off, shutdown, a signal.
    System,
}

/// What the shell has to do, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask whether an agent answers, then say [`Input::Found`], [`Input::NotFound`] or
    /// [`Input::Unanswered`].
    Look,
    /// Start the process, then say [`Input::Started`] or [`Input::NotStarted`].
    Start,
    /// End the session and then the process that was started, then say [`Input::Ended`].
    Stop(Stopper),
    /// Kill the process that was started: it hangs. Then say [`Input::Ended`].
    Kill,
    /// Kill the agent that somebody else started, if it is this installation's: it hangs. Then say
    /// [`Input::OtherEnded`] or [`Input::OtherStays`].
    EndOther,
    /// Log that the agent ended, and when it is started again.
    LogEnd {
        /// How.
        ending: Ending,
        /// When it is started again.
        again_in: Duration,
    },
    /// Log that the agent could not be started.
    LogNotStarted {
        /// When it is tried again.
        again_in: Duration,
    },
    /// Log that the other agent is gone.
    LogLost {
        /// When one is started.
        again_in: Duration,
    },
    /// Log that the other agent hangs and somebody has to end it.
    LogStays {
        /// When it is asked again.
        again_in: Duration,
    },
    /// The agent has ended as asked: the tray may end.
    Finished(Stopper),
}

/// What can be said of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// For the first time, and not there yet.
    Starting,
    /// It is there.
    Up,
    /// It ended without being asked to, or hangs and is ended, and comes back.
    Restarting,
    /// It is stopping or stopped, or cannot be started.
    Down,
}
