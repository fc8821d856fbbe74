//! What one program's stream brings, by whichever way it is read.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Interval, interval_at};
use tokio_util::sync::CancellationToken;

use crate::access::{Grant, Lost, Permit};
use crate::feed::{Batch, Delivery, Subscription, View, heartbeat};
use crate::problem::Problem;
use crate::routes::Api;
use crate::server::Busy;

const HEARTBEAT: Duration = Duration::from_secs(10);

/// One program's stream.
#[derive(Debug)]
pub(crate) struct Messages {
    opening: Option<Batch>,
    subscription: Subscription,
    heartbeat: Interval,
    grant: Arc<Grant>,
    stop: CancellationToken,
    _permit: Permit,
    _busy: Busy,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Whole messages.
    Messages(Batch),
    /// The program lost what it was allowed.
    Lost(Lost),
    /// The agent stops.
    Stopped,
}

impl Messages {
    /// Begins where `last_event_id` says; with what is when there is none.
    pub(crate) fn open(
        api: &Api,
        grant: Arc<Grant>,
        busy: Busy,
        last_event_id: Option<&str>,
    ) -> Result<Self, Problem> {
        let permit = grant.stream()?;
        let view = View::of(&grant.scopes);
        let (opening, subscription) = api.feed.subscribe(view, last_event_id);
        Ok(Self {
            opening: Some(Batch::of(opening)),
            subscription,
            heartbeat: interval_at(Instant::now() + HEARTBEAT, HEARTBEAT),
            grant,
            stop: api.stop.clone(),
            _permit: permit,
            _busy: busy,
        })
    }

    /// Waits for what comes next. What was published before the stop still goes out, but nothing
    /// more to a program that lost its grant. Safe to drop and call again.
    pub(crate) async fn next(&mut self) -> Next {
        if let Some(opening) = self.opening.take() {
            return Next::Messages(opening);
        }
        tokio::select! {
            biased;
            () = self.grant.revoked().cancelled() => Next::Lost(self.grant.lost()),
            delivery = self.subscription.next() => match delivery {
                Delivery::Messages(messages) => Next::Messages(messages),
                Delivery::Closed => Next::Stopped,
            },
            () = self.stop.cancelled() => Next::Stopped,
            _ = self.heartbeat.tick() => {
                let (boot, revision) = (self.subscription.boot(), self.subscription.revision());
                Next::Messages(Batch::of(heartbeat(boot, revision)))
            }
        }
    }
}
