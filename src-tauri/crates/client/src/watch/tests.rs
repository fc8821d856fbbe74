//! The driver against a server in memory, on a paused clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::*;
use crate::fake::{Fake, OpenStream, Pipe, Reply, message, reply, snapshot_message};

/// A program that watches, and the agent it watches.
struct Scene {
    watch: Watch,
    agent: Fake,
    pipe: Pipe,
    slept: Arc<AtomicU64>,
}

impl Scene {
    fn set() -> Self {
        Self::with(|_| Reply::Stream)
    }

    fn with(script: impl Fn(&crate::fake::Seen) -> Reply + Send + Sync + 'static) -> Self {
        let (agent, pipe, route) = Fake::on_pipe(script);
        let slept = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let asleep = Arc::clone(&slept);
        let clock = Clock::with_wall(move || {
            let sleep = Duration::from_secs(asleep.load(Ordering::SeqCst));
            let begin = Time::from_unix(1_800_000_000).unwrap();
            begin.plus(start.elapsed()).plus(sleep)
        });
        Self {
            watch: Watch::with_clock(Client::on(route, None), clock),
            agent,
            pipe,
            slept,
        }
    }

    /// Somebody is signed in: boot `A`, revision 5, session `A.s1`, message `A-5-0`.
    async fn signed_in() -> (Self, OpenStream) {
        let mut scene = Self::set();
        let stream = scene.next_stream().await;
        stream.say("A-5-0", &snapshot_message("A", 5, Some("A.s1")));
        assert_eq!(scene.view().await, "A.s1");
        assert_eq!(scene.event().await, EventName::Snapshot);
        (scene, stream)
    }

    /// The next change of what may be shown, and nothing else.
    async fn view(&mut self) -> String {
        loop {
            if let Update::View(view) = self.watch.next().await {
                return match view {
                    View::Checking => "checking".to_owned(),
                    View::SignedIn(snapshot) => snapshot.session.unwrap().id.to_string(),
                    View::SignedOut { reason } => format!("{reason:?}"),
                };
            }
        }
    }

    /// The next stream the watch opens; what may be shown does not change before.
    async fn next_stream(&mut self) -> OpenStream {
        loop {
            tokio::select! {
                stream = self.agent.stream() => return stream,
                update = self.watch.next() => assert!(matches!(update, Update::Event(_))),
            }
        }
    }

    /// The next event's name; what may be shown does not change before.
    async fn event(&mut self) -> EventName {
        match self.watch.next().await {
            Update::Event(event) => event.name,
            Update::View(view) => panic!("{view:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_not_there_counts_as_signed_out_after_three_seconds() {
    let mut scene = Scene::set();
    scene.pipe.take_down();
    let start = Instant::now();
    assert_eq!(*scene.watch.view(), View::Checking);
    assert_eq!(scene.view().await, "AgentLost");
    assert_eq!(start.elapsed().as_secs(), 3);
    assert!(matches!(
        scene.watch.error(),
        Some(ClientError::NotRunning(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn connecting_first_tells_at_once_that_the_agent_is_not_there() {
    let scene = Scene::set();
    scene.pipe.take_down();
    let client = scene.watch.client.clone();
    let refused = Watch::connect(client.clone()).await;
    assert!(matches!(refused, Err(ClientError::NotRunning(_))));
    scene.pipe.bring_up();
    assert!(Watch::connect(client).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn events_come_in_order_after_the_views_that_follow_from_them() {
    let (mut scene, stream) = Scene::signed_in().await;
    let mut ended = message("session.ended", "A", 6);
    ended["reason"] = json!("card_removed");
    stream.say("A-6-0", &ended);
    stream.say("A-6-1", &message("card.removed", "A", 6));
    stream.mention(&message("heartbeat", "A", 6));
    let mut after = snapshot_message("A", 6, None);
    after["snapshot"]["last_end"] =
        json!({"session_id": "A.s1", "reason": "card_removed", "at": "2026-01-05T09:00:00Z"});
    stream.say("A-6-2", &after);
    assert_eq!(scene.view().await, "Ended(CardRemoved)");
    assert_eq!(scene.event().await, EventName::SessionEnded);
    assert_eq!(scene.event().await, EventName::CardRemoved);
    assert_eq!(scene.event().await, EventName::Snapshot);
    assert_eq!(scene.watch.snapshot().unwrap().revision, 6);
}

#[tokio::test(start_paused = true)]
async fn what_is_told_beside_the_session_changes_neither_view_nor_place_in_the_stream() {
    let (mut scene, stream) = Scene::signed_in().await;
    let mut waiting = message("pairings.changed", "A", 5);
    waiting["count"] = json!(2);
    stream.mention(&waiting);
    stream.mention(&message("settings.changed", "A", 5));
    let Update::Event(told) = scene.watch.next().await else {
        panic!("a view");
    };
    assert_eq!(told.name, EventName::PairingsChanged);
    assert_eq!(told.count, Some(2));
    assert_eq!(scene.event().await, EventName::SettingsChanged);
    assert_eq!(scene.watch.view().session().unwrap().id.as_str(), "A.s1");
    drop(stream);
    let resumed = scene.next_stream().await;
    assert_eq!(resumed.request.header("last-event-id"), Some("A-5-0"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_closes_is_resumed_and_the_session_goes_on() {
    let (mut scene, stream) = Scene::signed_in().await;
    assert_eq!(stream.request.header("last-event-id"), None);
    stream.mention(&message("heartbeat", "A", 5));
    drop(stream);
    let resumed = scene.next_stream().await;
    assert_eq!(resumed.request.header("last-event-id"), Some("A-5-0"));
    resumed.say("A-5-0", &snapshot_message("A", 5, Some("A.s1")));
    assert_eq!(scene.event().await, EventName::Snapshot);
    let later = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        resumed.say("A-6-0", &message("card.inserted", "A", 6));
    };
    let (event, ()) = tokio::join!(scene.event(), later);
    assert_eq!(event, EventName::CardInserted);
    assert!(matches!(scene.watch.view(), View::SignedIn(_)));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_cannot_be_resumed_ends_the_session_after_three_seconds() {
    let (mut scene, stream) = Scene::signed_in().await;
    scene.pipe.take_down();
    drop(stream);
    let start = Instant::now();
    assert_eq!(scene.view().await, "AgentLost");
    assert_eq!(start.elapsed().as_secs(), 3);
    assert!(scene.watch.snapshot().is_none());

    scene.pipe.bring_up();
    let stream = scene.next_stream().await;
    stream.say("A-5-0", &snapshot_message("A", 5, Some("A.s1")));
    assert_eq!(scene.view().await, "A.s1");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_takes_the_connection_but_sends_no_snapshot_is_as_good_as_gone() {
    let (mut scene, stream) = Scene::signed_in().await;
    drop(stream);
    let start = Instant::now();
    let resumed = scene.next_stream().await;
    let beat = async {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        resumed.mention(&message("heartbeat", "A", 5));
    };
    let (view, ()) = tokio::join!(scene.view(), beat);
    assert_eq!(view, "AgentLost");
    assert!((3_000..3_100).contains(&start.elapsed().as_millis()));
}

#[tokio::test(start_paused = true)]
async fn thirty_seconds_without_a_byte_end_the_session() {
    let (mut scene, stream) = Scene::signed_in().await;
    let start = Instant::now();
    assert_eq!(scene.view().await, "AgentSilent");
    assert_eq!(start.elapsed().as_secs(), 30);
    stream.closed().await;
}

#[tokio::test(start_paused = true)]
async fn any_byte_breaks_the_silence() {
    let (mut scene, stream) = Scene::signed_in().await;
    let start = Instant::now();
    let beats = async {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_secs(20)).await;
            stream.raw(":\n");
        }
    };
    let (view, ()) = tokio::join!(scene.view(), beats);
    assert_eq!(view, "AgentSilent");
    assert_eq!(start.elapsed().as_secs(), 230);
}

#[tokio::test(start_paused = true)]
async fn after_sleep_the_program_is_locked_until_a_new_stream_has_told_it_more() {
    let (mut scene, before) = Scene::signed_in().await;
    scene.slept.store(3_600, Ordering::SeqCst);
    assert_eq!(scene.view().await, "checking");
    before.closed().await;
    let after = scene.next_stream().await;
    assert_eq!(after.request.header("last-event-id"), Some("A-5-0"));
    after.say("A-5-0", &snapshot_message("A", 5, Some("A.s1")));
    assert_eq!(scene.view().await, "A.s1");
}

#[tokio::test(start_paused = true)]
async fn a_program_that_looked_away_sees_the_lock_before_anything_else() {
    let (mut scene, stream) = Scene::signed_in().await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    stream.say("A-6-0", &snapshot_message("A", 6, Some("A.s1")));
    assert_eq!(scene.view().await, "checking");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_message_counts_as_a_broken_stream() {
    let (mut scene, stream) = Scene::signed_in().await;
    stream.raw("data: {}\n\n");
    let resumed = scene.next_stream().await;
    assert_eq!(resumed.request.header("last-event-id"), Some("A-5-0"));
    stream.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_program_that_may_not_see_the_session_is_told_so_at_once() {
    let problem = json!({"code": "token_revoked", "detail": "revoked", "status": 401});
    let mut scene = Scene::with(move |_| reply(401, &problem));
    let start = Instant::now();
    assert_eq!(scene.view().await, "Refused");
    assert_eq!(start.elapsed().as_secs(), 0);
}
