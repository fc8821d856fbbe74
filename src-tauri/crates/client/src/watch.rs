//! Follows the session over the event stream, and reconnects.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use cardea_session::{EventName, Now, Snapshot, Time};
use tokio::time::{Instant, sleep_until};

use crate::silence::{Loss, Signal, Silence, Stream};
use crate::{Client, ClientError, EventId, EventStream, StreamEvent, View};

/// So often the clocks are compared.
const TICK: Duration = Duration::from_secs(1);

/// Something new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// What a program may show has changed.
    View(View),
    /// What the agent said; heartbeats are left out. The views that follow from it came before.
    Event(Box<StreamEvent>),
}

/// Follows the session, and is the one implementation of "silence is logout": whatever happens to
/// the agent, the stream or this computer, the [`View`] is right, or locked.
///
/// There is no task and no queue behind it: it works while [`Watch::next`] is awaited. A program
/// awaits it all the time; after a pause of more than 5 s it locks and asks anew.
pub struct Watch {
    client: Client,
    silence: Silence,
    line: Line,
    resume: Option<EventId>,
    failures: u32,
    error: Option<ClientError>,
    snapshot: Option<Box<Snapshot>>,
    updates: VecDeque<Update>,
    clock: Clock,
    ticked: Instant,
}

enum Line {
    Idle { until: Instant },
    Connecting(Pin<Box<dyn Future<Output = Result<EventStream, ClientError>> + Send>>),
    Open(Box<EventStream>),
}

enum Happening {
    Due,
    Opened(Result<EventStream, ClientError>),
    Came(Result<StreamEvent, ClientError>),
    Tick,
}

impl Watch {
    /// Follows the session that `client` may see; the first view is [`View::Checking`]. Nothing is
    /// connected before [`Watch::next`].
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::with_clock(client, Clock::system())
    }

    /// The same, but connects first.
    ///
    /// # Errors
    /// Why the stream could not be opened, see [`ClientError`].
    pub async fn connect(client: Client) -> Result<Self, ClientError> {
        let stream = client.events(None).await?;
        let mut watch = Self::new(client);
        watch.line = Line::Open(Box::new(stream));
        Ok(watch)
    }

    fn with_clock(client: Client, clock: Clock) -> Self {
        let now = Instant::now();
        Self {
            client,
            silence: Silence::new(clock.now()),
            line: Line::Idle { until: now },
            resume: None,
            failures: 0,
            error: None,
            snapshot: None,
            updates: VecDeque::new(),
            clock,
            ticked: now,
        }
    }

    /// Waits for something new. Nothing is lost when this is dropped before it ends.
    pub async fn next(&mut self) -> Update {
        loop {
            if let Some(update) = self.updates.pop_front() {
                return update;
            }
            self.advance().await;
        }
    }

    /// What a program may show as of the last [`Watch::next`].
    #[must_use]
    pub fn view(&self) -> &View {
        self.silence.view()
    }

    /// The last live snapshot; none while the agent cannot be heard.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_deref()
    }

    /// Why the stream was lost last; none while it is there.
    #[must_use]
    pub fn error(&self) -> Option<&ClientError> {
        self.error.as_ref()
    }

    async fn advance(&mut self) {
        let tick = self.next_tick();
        let happening = tokio::select! {
            biased;
            happening = self.line.next() => happening,
            () = sleep_until(tick) => Happening::Tick,
        };
        match happening {
            Happening::Due => self.open(),
            Happening::Opened(Ok(stream)) => self.line = Line::Open(Box::new(stream)),
            Happening::Came(Ok(event)) => self.hear(event),
            Happening::Opened(Err(error)) | Happening::Came(Err(error)) => self.lose(error),
            Happening::Tick => self.tell(&Signal::Tick),
        }
    }

    fn open(&mut self) {
        let client = self.client.clone();
        let after = self.resume.clone();
        self.line = Line::Connecting(Box::pin(async move { client.events(after.as_ref()).await }));
    }

    fn hear(&mut self, event: StreamEvent) {
        if let Line::Open(stream) = &self.line {
            self.resume = stream.last_id().cloned();
        }
        self.failures = 0;
        self.error = None;
        if let Some(snapshot) = event.snapshot.as_ref().filter(|_| !event.replayed) {
            self.snapshot = Some(snapshot.clone());
        }
        self.tell(&Signal::Event(&event));
        if event.name != EventName::Heartbeat {
            self.updates.push_back(Update::Event(Box::new(event)));
        }
    }

    fn lose(&mut self, error: ClientError) {
        let loss = Loss::from(&error);
        self.snapshot = None;
        self.error = Some(error);
        self.line = Line::Idle {
            until: Instant::now() + pause_before_retry(loss, self.failures),
        };
        self.failures = self.failures.saturating_add(1);
        self.tell(&Signal::Lost(loss));
    }

    fn tell(&mut self, signal: &Signal<'_>) {
        self.ticked = Instant::now();
        let stream = self.silence.handle(signal, self.clock.now());
        self.updates
            .extend(self.silence.news().into_iter().map(Update::View));
        if stream == Stream::Stale {
            self.snapshot = None;
            self.open();
        }
    }

    fn next_tick(&self) -> Instant {
        let regular = self.ticked + TICK;
        let limit = self.silence.decide_by().map(|at| self.clock.start + at);
        limit.map_or(regular, |limit| limit.min(regular))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("view", self.silence.view())
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

impl Line {
    async fn next(&mut self) -> Happening {
        match self {
            Self::Idle { until } => {
                sleep_until(*until).await;
                Happening::Due
            }
            Self::Connecting(opening) => Happening::Opened(opening.await),
            Self::Open(stream) => Happening::Came(stream.next().await),
        }
    }
}

/// Quick while the session may still be saved, slow when it is over anyway.
fn pause_before_retry(loss: Loss, failures: u32) -> Duration {
    match (loss, failures) {
        (Loss::Refused, _) => Duration::from_secs(5),
        (Loss::Closed | Loss::Silent, 0) => Duration::from_millis(50),
        (Loss::Closed | Loss::Silent, 1..=15) => Duration::from_millis(200),
        (Loss::Closed | Loss::Silent, 16..=60) => Duration::from_secs(1),
        (Loss::Closed | Loss::Silent, _) => Duration::from_secs(5),
    }
}

/// Both clocks.
struct Clock {
    start: Instant,
    wall: Box<dyn Fn() -> Time + Send + Sync>,
}

impl Clock {
    fn system() -> Self {
        Self::with_wall(|| jiff::Timestamp::now().into())
    }

    fn with_wall(wall: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self {
            start: Instant::now(),
            wall: Box::new(wall),
        }
    }

    fn now(&self) -> Now {
        Now {
            wall: (self.wall)(),
            monotonic: self.start.elapsed(),
        }
    }
}
