mod hanging;

use super::*;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A machine whose agent of its own runs since 0 s.
fn running() -> Supervision {
    let mut supervision = Supervision::default();
    assert_eq!(Supervision::FIRST, Effect::Look);
    assert_eq!(supervision.running(), Running::Starting);
    assert_eq!(
        supervision.handle(Input::NotFound, seconds(0)),
        Some(Effect::Start)
    );
    assert_eq!(supervision.handle(Input::Started, seconds(0)), None);
    assert_eq!(supervision.running(), Running::Up);
    supervision
}

/// Lets the pause pass and the agent come up again; says when.
fn back_up(supervision: &mut Supervision) -> Duration {
    let now = supervision.wake_at().unwrap();
    assert_eq!(supervision.handle(Input::Due, now), Some(Effect::Look));
    assert_eq!(
        supervision.handle(Input::NotFound, now),
        Some(Effect::Start)
    );
    supervision.handle(Input::Started, now);
    now
}

#[test]
fn an_agent_that_dies_is_started_again_ever_later() {
    let mut supervision = running();
    let mut now = seconds(1);
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let effect = supervision.handle(Input::Ended(Ending::Killed), now);
        let Some(Effect::LogEnd {
            ending: Ending::Killed,
            again_in,
        }) = effect
        else {
            panic!("{effect:?}");
        };
        assert_eq!(supervision.running(), Running::Restarting);
        assert_eq!(supervision.wake_at(), Some(now + again_in));
        pauses.push(again_in.as_secs());
        now = back_up(&mut supervision);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
}

#[test]
fn after_a_good_minute_it_starts_at_a_second_again() {
    let mut supervision = running();
    supervision.handle(Input::Ended(Ending::Failed(1)), seconds(59));
    let up = back_up(&mut supervision);
    let almost = supervision.handle(Input::Ended(Ending::Failed(1)), up + seconds(59));
    assert_eq!(
        almost,
        Some(Effect::LogEnd {
            ending: Ending::Failed(1),
            again_in: seconds(2)
        })
    );

    let up = back_up(&mut supervision);
    let well = supervision.handle(Input::Ended(Ending::InOrder), up + seconds(60));
    assert_eq!(
        well,
        Some(Effect::LogEnd {
            ending: Ending::InOrder,
            again_in: seconds(1)
        })
    );
}

#[test]
fn it_is_not_started_before_its_time() {
    let mut supervision = running();
    supervision.handle(Input::Ended(Ending::Killed), seconds(10));
    assert_eq!(
        supervision.handle(Input::Due, Duration::from_millis(10_999)),
        None
    );
    assert_eq!(
        supervision.handle(Input::Due, seconds(11)),
        Some(Effect::Look)
    );
    assert_eq!(
        supervision.running(),
        Running::Restarting,
        "until it is there"
    );
}

#[test]
fn one_that_cannot_be_started_is_down_and_tried_again() {
    let mut supervision = Supervision::default();
    supervision.handle(Input::NotFound, seconds(0));
    let effect = supervision.handle(Input::NotStarted, seconds(0));
    assert_eq!(
        effect,
        Some(Effect::LogNotStarted {
            again_in: seconds(1)
        })
    );
    assert_eq!(supervision.running(), Running::Down);
    back_up(&mut supervision);
    assert_eq!(supervision.running(), Running::Up);
}

#[test]
fn an_agent_that_answers_already_is_followed_and_not_stopped() {
    let mut supervision = Supervision::default();
    assert_eq!(supervision.handle(Input::Found, seconds(0)), None);
    assert_eq!(supervision.running(), Running::Up);
    let stopped = supervision.handle(Input::Stop(Stopper::User), seconds(5));
    assert_eq!(stopped, Some(Effect::Finished(Stopper::User)));
}

#[test]
fn when_the_other_agent_goes_one_of_our_own_takes_its_place() {
    let mut supervision = Supervision::default();
    supervision.handle(Input::Found, seconds(0));
    let asked = supervision.handle(Input::Lost, seconds(3));
    assert_eq!(asked, Some(Effect::Look));
    let lost = supervision.handle(Input::NotFound, seconds(3));
    assert_eq!(
        lost,
        Some(Effect::LogLost {
            again_in: seconds(1)
        })
    );
    assert_eq!(supervision.running(), Running::Restarting);
    back_up(&mut supervision);
}

#[test]
fn one_that_somebody_started_during_the_pause_is_followed() {
    let mut supervision = running();
    supervision.handle(Input::Ended(Ending::InOrder), seconds(1));
    supervision.handle(Input::Due, seconds(2));
    assert_eq!(supervision.handle(Input::Found, seconds(2)), None);
    assert_eq!(supervision.running(), Running::Up);
}

#[test]
fn one_that_is_asked_to_stop_stays_stopped() {
    for stopper in [Stopper::User, Stopper::System] {
        let mut supervision = running();
        let stop = supervision.handle(Input::Stop(stopper), seconds(5));
        assert_eq!(stop, Some(Effect::Stop(stopper)));
        assert_eq!(supervision.running(), Running::Down);
        assert_eq!(
            supervision.handle(Input::Stop(Stopper::System), seconds(5)),
            None
        );
        let ended = supervision.handle(Input::Ended(Ending::InOrder), seconds(6));
        assert_eq!(ended, Some(Effect::Finished(stopper)), "who asked first");
        assert_eq!(supervision.wake_at(), None);
        assert_eq!(supervision.handle(Input::Due, seconds(99)), None);
    }
}

#[test]
fn a_process_that_was_being_started_when_it_was_to_stop_is_stopped() {
    let mut supervision = Supervision::default();
    supervision.handle(Input::NotFound, seconds(0));
    assert_eq!(
        supervision.handle(Input::Stop(Stopper::User), seconds(0)),
        None
    );
    let started = supervision.handle(Input::Started, seconds(0));
    assert_eq!(started, Some(Effect::Stop(Stopper::User)));
    let ended = supervision.handle(Input::Ended(Ending::InOrder), seconds(1));
    assert_eq!(ended, Some(Effect::Finished(Stopper::User)));
}

#[test]
fn nothing_is_waited_for_when_it_is_to_stop_during_the_pause() {
    let mut supervision = running();
    supervision.handle(Input::Ended(Ending::Killed), seconds(1));
    let stopped = supervision.handle(Input::Stop(Stopper::System), seconds(1));
    assert_eq!(stopped, Some(Effect::Finished(Stopper::System)));
}

#[test]
fn a_look_that_was_under_way_ends_the_stop() {
    let mut supervision = Supervision::default();
    assert_eq!(
        supervision.handle(Input::Stop(Stopper::System), seconds(0)),
        None
    );
    let found = supervision.handle(Input::NotFound, seconds(0));
    assert_eq!(found, Some(Effect::Finished(Stopper::System)));
}

#[test]
fn late_words_change_nothing() {
    let mut supervision = running();
    for late in [
        Input::Found,
        Input::NotFound,
        Input::Started,
        Input::NotStarted,
        Input::Unanswered,
        Input::OtherEnded,
        Input::OtherStays,
        Input::Due,
    ] {
        assert_eq!(supervision.handle(late, seconds(1)), None, "{late:?}");
        assert_eq!(supervision.running(), Running::Up, "{late:?}");
    }
}
