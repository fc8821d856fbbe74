//! The one loop that owns what the tray knows. It follows the agent, sees to its life, carries out
//! what the user asks, and says what is to be shown.

mod known;
mod life;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
mod wishes;

use std::time::Duration;

use cardea_client::session::EventName;
use cardea_client::{Client, ClientError, Update, Watch};
use cardea_desktop_model::{
    Effect, Ending, Icon, Input, Known, Notification, Stopper, Supervision, menu, notifications,
    tooltip,
};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::agent_process::{AgentProcess, AgentProgram};
use crate::inquiry::{self, Found};
use crate::os::AskedToStop;
use crate::screen::{Request, Screen, Shown};

/// An agent that did not answer is asked again after this.
const ASK_AGAIN: Duration = Duration::from_secs(3);
/// An agent that is asked to stop ends within this time, or is ended.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The tray without its screen.
pub(crate) struct Controller<S> {
    client: Client,
    program: AgentProgram,
    screen: S,
    requests: Receiver<Request>,
    asked_to_stop: AskedToStop,
    supervision: Supervision,
    process: Option<AgentProcess>,
    stop_by: Option<Instant>,
    watch: Watch,
    known: Known,
    /// How an agent that cannot be heard is shown.
    unheard: cardea_desktop_model::Agent,
    on_screen: Option<Shown>,
    errands: JoinSet<Done>,
    windows: JoinSet<()>,
    inquiry: Inquiry,
    start: Instant,
    finished: Option<Stopper>,
}

/// What the agent is asked for besides the session.
struct Inquiry {
    /// When; none when everything is known.
    due: Option<Instant>,
    is_under_way: bool,
    /// Whether the number of pairings was told since.
    was_told: bool,
}

/// What came of an errand.
enum Done {
    Looked(Input),
    Ran(Option<Notification>),
    SignedOutToQuit,
    NotAskedToStop(ClientError),
    Inquired(Found),
}

/// What happened.
enum Happening {
    Stop,
    Asked(Request),
    Ended(Ending),
    News(Update),
    Done(Done),
    Due,
}

impl<S: Screen> Controller<S> {
    pub(crate) fn new(
        client: Client,
        program: AgentProgram,
        screen: S,
        requests: Receiver<Request>,
        asked_to_stop: AskedToStop,
    ) -> Self {
        let now = Instant::now();
        Self {
            watch: Watch::new(client.clone()),
            client,
            program,
            screen,
            requests,
            asked_to_stop,
            supervision: Supervision::default(),
            process: None,
            stop_by: None,
            known: Known::nothing(),
            unheard: cardea_desktop_model::Agent::Starting,
            on_screen: None,
            errands: JoinSet::new(),
            windows: JoinSet::new(),
            inquiry: Inquiry {
                due: None,
                is_under_way: false,
                was_told: false,
            },
            start: now,
            finished: None,
        }
    }

    /// Works until the user quits or the system ends the tray.
    pub(crate) async fn run(mut self) {
        self.carry_out(Supervision::FIRST);
        while self.finished.is_none() {
            self.refresh();
            let happening = self.next().await;
            self.take(happening);
        }
        tracing::info!(by = ?self.finished, "the tray ends");
    }

    /// What ends the agent comes first, then what it says, then what is asked of it.
    async fn next(&mut self) -> Happening {
        let due = self.due();
        tokio::select! {
            biased;
            () = self.asked_to_stop.wait() => Happening::Stop,
            ending = ended(&mut self.process) => Happening::Ended(ending),
            update = self.watch.next() => Happening::News(update),
            Some(done) = self.errands.join_next() => Happening::Done(done.unwrap_or(Done::Ran(None))),
            Some(request) = self.requests.recv() => Happening::Asked(request),
            Some(_) = self.windows.join_next() => Happening::Due,
            () = sleep_until(due) => Happening::Due,
        }
    }

    fn take(&mut self, happening: Happening) {
        match happening {
            Happening::Stop => self.tell(Input::Stop(Stopper::System)),
            Happening::Asked(Request::Chosen(action)) => self.choose(action),
            Happening::Asked(Request::Accepted(offer)) => self.accept(offer),
            Happening::Ended(ending) => {
                self.process = None;
                self.tell(Input::Ended(ending));
            }
            Happening::News(update) => self.hear(&update),
            Happening::Done(Done::Looked(input)) => self.tell(input),
            Happening::Done(Done::SignedOutToQuit) => self.tell(Input::Stop(Stopper::User)),
            Happening::Done(Done::NotAskedToStop(error)) => self.stop_unheard_agent(&error),
            Happening::Done(Done::Ran(refusal)) => {
                if let Some(notification) = refusal {
                    self.screen.tell(notification);
                }
            }
            Happening::Done(Done::Inquired(found)) => self.learn(found),
            Happening::Due => self.tick(),
        }
    }

    /// Shows what is known, where it differs from what is on the screen.
    fn refresh(&mut self) {
        let after = self.known_now();
        if after == self.known && self.on_screen.is_some() {
            return;
        }
        for notification in notifications(&self.known, &after) {
            self.screen.tell(notification);
        }
        self.known = after;
        let shown = shown(&self.known);
        if self.on_screen.as_ref() != Some(&shown) {
            shown.log();
            self.screen.show(shown.clone());
            self.on_screen = Some(shown);
        }
    }
}

/// Everything that the tray shows of what is known.
pub(crate) fn shown(known: &Known) -> Shown {
    Shown {
        icon: Icon::of(known),
        tooltip: tooltip(known),
        menu: menu(known),
    }
}

async fn ended(process: &mut Option<AgentProcess>) -> Ending {
    match process {
        Some(process) => process.ended().await,
        None => std::future::pending().await,
    }
}
