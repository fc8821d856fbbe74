use super::*;

const NOW: &str = "2026-01-05T09:00:00.000Z";

fn now() -> Time {
    serde_json::from_value(NOW.into()).unwrap()
}

fn snapshot() -> Box<Snapshot> {
    let snapshot = serde_json::json!({
        "boot": "b1", "revision": 1, "environment": "live", "issuer": "https://cis2.example",
        "state": "no_card", "since": NOW, "readers": [],
    });
    Box::new(serde_json::from_value(snapshot).unwrap())
}

fn silent(ever: bool, seconds: u64) -> View {
    let since = Duration::from_secs(seconds);
    View::of(Known::Silent { ever, since }, 2, now())
}

#[test]
fn an_agent_that_is_not_heard_is_shown_as_what_it_can_be() {
    for (ever, seconds, agent) in [
        (false, 0, Agent::Starting),
        (false, 9, Agent::Starting),
        (false, 10, Agent::Down),
        (true, 0, Agent::Restarting),
        (true, 59, Agent::Restarting),
        (true, 60, Agent::Down),
    ] {
        let view = silent(ever, seconds);
        assert_eq!(view.agent, agent, "{ever} {seconds}");
        assert_eq!((view.snapshot, view.pairings), (None, 0));
    }
}

#[test]
fn a_view_is_written_as_the_page_reads_it() {
    let view = View::of(Known::Says(snapshot()), 2, now());
    let written = serde_json::to_value(&view).unwrap();
    assert_eq!(written["agent"], "running");
    assert_eq!(written["snapshot"]["state"], "no_card");
    assert_eq!(written["pairings"], 2);
    assert_eq!(written["server_time"], NOW);
    let written = serde_json::to_value(silent(true, 0)).unwrap();
    assert_eq!(written["agent"], "restarting");
}

#[test]
fn time_alone_is_no_news() {
    let view = View::of(Known::Says(snapshot()), 0, now());
    let mut later = view.clone();
    later.server_time = serde_json::from_value("2026-01-05T09:00:20.000Z".into()).unwrap();
    assert!(view.shows_as(&later));
    later.pairings = 1;
    assert!(!view.shows_as(&later));
}
