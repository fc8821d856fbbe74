//! What one program's stream brings, by whichever way it is read.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Interval, interval_at};
use tokio_util::sync::CancellationToken;

use crate::access::{Grant, Lost, Permit};
use crate::feed::{Batch, Delivery, Subscription, View, heartbeat};
use crate::own_news::{OwnNews, Piece};
use crate::problem::Problem;
use crate::routes::Api;
use crate::server::Busy;

/// One program's stream.
#[derive(Debug)]
pub(crate) struct ProgramStream {
    opening: Option<Batch>,
    subscription: Subscription,
    own_news: Option<OwnNews>,
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

/// When something is sent on a stream that has nothing to tell: whoever hears nothing for thirty
/// seconds counts the agent as gone.
pub(crate) fn every_ten_seconds() -> Interval {
    let period = Duration::from_secs(10);
    interval_at(Instant::now() + period, period)
}

impl ProgramStream {
    /// Begins where `last_event_id` says; with what is when there is none.
    pub(crate) fn open(
        api: &Api,
        grant: Arc<Grant>,
        busy: Busy,
        last_event_id: Option<&str>,
    ) -> Result<Self, Problem> {
        let permit = grant.stream()?;
        let view = View::of(&grant.scopes);
        let own_news = OwnNews::for_holder_of(&grant, api);
        let (opening, subscription) = api.feed.subscribe(view, last_event_id);
        Ok(Self {
            opening: Some(Batch::of(opening)),
            subscription,
            own_news,
            heartbeat: every_ten_seconds(),
            grant,
            stop: api.stop.clone(),
            _permit: permit,
            _busy: busy,
        })
    }

    /// Waits for what comes next. What was published before the stop still goes out, but nothing
    /// more to a program that lost its grant. Safe to drop and call again.
    pub(crate) async fn next(&mut self) -> Next {
        if let Some(lost) = self.grant.lost() {
            return Next::Lost(lost);
        }
        if let Some(opening) = self.opening.take() {
            return Next::Messages(opening);
        }
        tokio::select! {
            biased;
            lost = self.grant.taken_back() => Next::Lost(lost),
            delivery = self.subscription.next() => match delivery {
                Delivery::Messages(messages) => Next::Messages(messages),
                Delivery::Closed => Next::Stopped,
            },
            () = self.stop.cancelled() => Next::Stopped,
            piece = next_of(&mut self.own_news) => {
                Next::Messages(piece.message(&self.subscription))
            }
            _ = self.heartbeat.tick() => {
                let (boot, revision) = (self.subscription.boot(), self.subscription.revision());
                Next::Messages(Batch::of(heartbeat(boot, revision)))
            }
        }
    }
}

async fn next_of(news: &mut Option<OwnNews>) -> Piece {
    match news {
        Some(news) => news.next().await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc;

    use super::*;
    use crate::access::Apps;
    use crate::feed::{feed, sample};
    use crate::limits::Strangers;
    use crate::server::{Link, Peer, Way};
    use crate::{App, AppSource, Settings, WhenPortTaken};

    #[tokio::test]
    async fn a_stream_that_a_program_opens_while_it_is_shown_out_brings_nothing() {
        let settings = |apps| Settings {
            port: 0,
            when_port_taken: WhenPortTaken::Fail,
            pairing: false,
            apps,
        };
        let app = App {
            id: "gp".to_owned(),
            name: "GP".to_owned(),
            scopes: [cardea_session::Scope::SessionRead].into_iter().collect(),
            origins: Vec::new(),
            token_sha256: [7; 32].into(),
            source: AppSource::File,
        };
        let apps = Apps::new(&settings(vec![app]));
        let grant = Arc::clone(apps.now().by_id("gp").unwrap());
        let (_publisher, feed) = feed(&sample::snapshot(1));
        let (controller, _) = mpsc::channel(1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("apps.json");
        let api = Api {
            feed,
            reception: crate::reception::Reception::open(path, apps.clone(), controller.clone()),
            controller,
            apps: apps.clone(),
            ownerless_calls: crate::limits::Seldom::default(),
            stop: CancellationToken::new(),
            port: None,
        };
        let stranger = Strangers::default().enter();
        let link = Arc::new(Link::new(Way::Port, true, Peer::Unknown, stranger));
        let mut messages = ProgramStream::open(&api, grant, link.busy(), None).unwrap();
        apps.follow(&settings(Vec::new()));
        assert!(matches!(
            messages.next().await,
            Next::Lost(Lost::Everything)
        ));
    }
}
