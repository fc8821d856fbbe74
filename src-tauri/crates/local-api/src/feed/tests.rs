use std::time::Duration;

use cardea_session::{Event, SessionId};
use tokio::time::timeout;

use super::sample::{change, snapshot};
use super::*;

fn ended() -> Event {
    Event::SessionEnded {
        session: SessionId::new("boot.s1"),
        reason: cardea_session::EndReason::CardRemoved,
    }
}

fn removed() -> Event {
    Event::CardRemoved {
        reader: "Reader 00".to_owned(),
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

async fn next(subscription: &mut Subscription) -> String {
    let limit = Duration::from_secs(10);
    match timeout(limit, subscription.next()).await.unwrap() {
        Delivery::Messages(messages) => text(messages.events()).to_owned(),
        Delivery::Closed => panic!("closed"),
    }
}

/// Name and id of each message.
fn names(messages: &str) -> Vec<String> {
    let field = |message: &str, name: &str| {
        let line = message.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or("-").to_owned()
    };
    messages
        .split_terminator("\n\n")
        .map(|message| format!("{} {}", field(message, "event: "), field(message, "id: ")))
        .collect()
}

#[tokio::test]
async fn a_change_is_its_events_in_order_and_then_the_snapshot() {
    let (mut publisher, feed) = feed(&snapshot(7));
    let (_, mut subscription) = feed.subscribe(View::WithIdentity, None);
    publisher.publish(&change(8, vec![ended(), removed()]), &snapshot(8));
    let events = [
        "event: session.ended",
        "id: boot-8-0",
        r#"data: {"event":"session.ended","boot":"boot","revision":8,"at":"2026-01-05T09:00:00.123Z","session_id":"boot.s1","reason":"card_removed"}"#,
        "",
        "event: card.removed",
        "id: boot-8-1",
        r#"data: {"event":"card.removed","boot":"boot","revision":8,"at":"2026-01-05T09:00:00.123Z","reader":"Reader 00"}"#,
        "",
        "event: snapshot",
        "id: boot-8-2",
        r#"data: {"event":"snapshot","boot":"boot","revision":8,"at":"2026-01-05T09:00:00.123Z","snapshot":"#,
    ];
    let snapshot = serde_json::to_string(&snapshot(8)).unwrap();
    let expected = format!("{}{snapshot}}}\n\n", events.join("\n"));
    assert_eq!(next(&mut subscription).await, expected);
}

#[test]
fn who_is_signed_in_is_shown_only_to_those_who_may_see_it() {
    let (mut publisher, feed) = feed(&snapshot(7));
    publisher.publish(&change(8, vec![ended()]), &snapshot(8));
    let current = feed.current();
    let with = current.shown(View::WithIdentity);
    let without = current.shown(View::WithoutIdentity);
    assert!(text(&with.snapshot()).contains("555000000001"));
    for bytes in [
        without.snapshot(),
        without.messages().events().clone(),
        without.snapshot_message(),
    ] {
        assert!(!text(&bytes).contains("\"user\""));
    }
    assert_ne!(with.etag, without.etag);
    assert_eq!(with.etag, "\"boot-8-b8c5020a\"");
}

#[test]
fn what_is_served_is_rendered_once_for_all() {
    let (_publisher, feed) = feed(&snapshot(7));
    let one = feed.current().shown(View::WithIdentity).snapshot();
    let other = feed.current().shown(View::WithIdentity).snapshot();
    assert_eq!(one.as_ptr(), other.as_ptr());
    let expected = serde_json::to_string(&snapshot(7)).unwrap();
    assert_eq!(text(&one), expected);
}

#[test]
fn a_new_subscriber_begins_with_the_snapshot() {
    let (_publisher, feed) = feed(&snapshot(7));
    let (opening, _) = feed.subscribe(View::WithIdentity, None);
    assert_eq!(names(text(&opening)), ["snapshot boot-7-0"]);
}

#[tokio::test]
async fn an_idle_deadline_that_moved_is_seen_by_who_asks_and_told_to_nobody() {
    let (mut publisher, feed) = feed(&snapshot(1));
    publisher.publish(&change(2, vec![]), &snapshot(2));
    let before = feed.current().shown(View::WithIdentity).clone();
    let (_, mut stream) = feed.subscribe(View::WithIdentity, None);

    let mut later = snapshot(2);
    let deadline = Time::parse("2026-01-05T09:30:00.000Z").unwrap();
    later.session.as_mut().unwrap().idle_expires_at = deadline;
    publisher.refresh(&later);
    let current = feed.current();
    let after = current.shown(View::WithIdentity);
    assert_eq!(after.etag, before.etag);
    let body: Snapshot = serde_json::from_slice(&after.snapshot()).unwrap();
    assert_eq!(body.session.unwrap().idle_expires_at, deadline);

    publisher.publish(&change(3, vec![removed()]), &snapshot(3));
    let told = next(&mut stream).await;
    assert_eq!(
        names(&told)[0].split(' ').next(),
        Some("card.removed"),
        "{told}"
    );
}

#[test]
fn a_resumed_subscriber_gets_what_it_missed_marked_as_replayed() {
    let (mut publisher, feed) = feed(&snapshot(7));
    publisher.publish(&change(8, vec![ended(), removed()]), &snapshot(8));
    publisher.publish(&change(9, vec![removed()]), &snapshot(9));
    let (opening, _) = feed.subscribe(View::WithoutIdentity, Some("boot-8-0"));
    let opening = text(&opening);
    assert_eq!(
        names(opening),
        [
            "card.removed boot-8-1",
            "card.removed boot-9-0",
            "snapshot boot-9-1"
        ]
    );
    assert_eq!(opening.matches("\"replayed\":true").count(), 2);
    let (opening, _) = feed.subscribe(View::WithoutIdentity, Some("boot-9-1"));
    assert_eq!(names(text(&opening)), ["snapshot boot-9-1"]);
    let (opening, _) = feed.subscribe(View::WithoutIdentity, Some("boot-7-0"));
    assert_eq!(names(text(&opening)).len(), 4);
}

#[test]
fn what_cannot_be_resumed_is_a_gap() {
    let (mut publisher, feed) = feed(&snapshot(7));
    publisher.publish(&change(8, vec![ended()]), &snapshot(8));
    for id in [
        "boot-6-0",
        "other-8-0",
        "boot-9-0",
        "boot-8",
        "boot-x-0",
        "",
        "-8-0",
    ] {
        let (opening, _) = feed.subscribe(View::WithIdentity, Some(id));
        assert_eq!(
            names(text(&opening)),
            ["gap -", "snapshot boot-8-1"],
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_subscriber_that_falls_out_of_the_ring_is_told_so() {
    let (mut publisher, feed) = feed(&snapshot(0));
    let (_, mut subscription) = feed.subscribe(View::WithIdentity, None);
    for revision in 1..=3_000 {
        publisher.publish(&change(revision, vec![removed()]), &snapshot(revision));
    }
    let first = next(&mut subscription).await;
    assert_eq!(names(&first), ["gap -", "snapshot boot-3000-1"]);
    publisher.publish(&change(3_001, vec![]), &snapshot(3_001));
    assert_eq!(
        names(&next(&mut subscription).await),
        ["snapshot boot-3001-0"]
    );
}

#[tokio::test]
async fn a_thousand_changes_at_once_are_all_seen() {
    let (mut publisher, feed) = feed(&snapshot(0));
    let (_, mut subscription) = feed.subscribe(View::WithIdentity, None);
    for revision in 1..=1_000 {
        publisher.publish(&change(revision, vec![ended()]), &snapshot(revision));
    }
    for revision in 1..=1_000 {
        let seen = names(&next(&mut subscription).await);
        let ended = format!("session.ended boot-{revision}-0");
        assert_eq!(seen, [ended, format!("snapshot boot-{revision}-1")]);
    }
}

#[test]
fn the_ring_is_bounded_in_bytes_too() {
    let (mut publisher, feed) = feed(&snapshot(0));
    let mut large = snapshot(0);
    large.issuer = "x".repeat(100_000);
    for revision in 1..=100 {
        large.revision = revision;
        publisher.publish(&change(revision, vec![]), &large);
    }
    let opening = |id| feed.subscribe(View::WithIdentity, Some(id)).0;
    assert!(text(&opening("boot-50-0")).starts_with("event: gap"));
    assert!(text(&opening("boot-95-0")).starts_with("event: snapshot"));
}

#[test]
fn a_revision_that_never_came_is_a_gap() {
    let (mut publisher, feed) = feed(&snapshot(1));
    publisher.publish(&change(5, vec![]), &snapshot(5));
    assert!(matches!(feed.after(1), ring::After::Gap(_)));
}

#[tokio::test]
async fn the_feed_ends_with_its_publisher() {
    let (publisher, feed) = feed(&snapshot(1));
    let (_, mut subscription) = feed.subscribe(View::WithIdentity, None);
    drop(publisher);
    assert!(matches!(subscription.next().await, Delivery::Closed));
}
