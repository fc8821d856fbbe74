//! An agent that is there and does not answer.

use super::*;

/// A machine that follows an agent of somebody else since 0 s.
fn following() -> Supervision {
    let mut supervision = Supervision::default();
    supervision.handle(Input::Found, seconds(0));
    supervision
}

#[test]
fn an_agent_that_is_silent_and_answers_no_question_is_killed_and_started_again() {
    let mut supervision = running();
    let asked = supervision.handle(Input::Silent, seconds(130));
    assert_eq!(asked, Some(Effect::Look));
    let hangs = supervision.handle(Input::Unanswered, seconds(135));
    assert_eq!(hangs, Some(Effect::Kill));
    assert_eq!(supervision.running(), Running::Restarting);
    let ended = supervision.handle(Input::Ended(Ending::Killed), seconds(135));
    let again_in = seconds(1);
    let ending = Ending::Killed;
    assert_eq!(ended, Some(Effect::LogEnd { ending, again_in }));
    back_up(&mut supervision);
    assert_eq!(supervision.running(), Running::Up);
}

#[test]
fn one_that_answers_when_it_is_asked_goes_on() {
    let mut supervision = running();
    for now in [60, 120].map(seconds) {
        assert_eq!(supervision.handle(Input::Silent, now), Some(Effect::Look));
        assert_eq!(supervision.handle(Input::Found, now), None);
        assert_eq!(supervision.running(), Running::Up);
    }
}

#[test]
fn one_that_was_only_lost_has_to_leave_two_questions_unanswered() {
    let mut supervision = running();
    let asked = supervision.handle(Input::Lost, seconds(3));
    assert_eq!(asked, Some(Effect::Look));
    let again = supervision.handle(Input::Unanswered, seconds(8));
    assert_eq!(again, Some(Effect::Look));
    let hangs = supervision.handle(Input::Unanswered, seconds(13));
    assert_eq!(hangs, Some(Effect::Kill));
}

#[test]
fn one_that_is_slow_to_come_up_or_to_go_has_two_minutes() {
    let mut supervision = running();
    let mut asked = supervision.handle(Input::Lost, seconds(3));
    let mut now = seconds(3);
    while now < seconds(123) {
        assert_eq!(asked, Some(Effect::Look));
        assert_eq!(supervision.handle(Input::NotFound, now), None);
        assert_eq!(supervision.running(), Running::Up, "its watch says how");
        assert_eq!(supervision.wake_at(), Some(now + seconds(5)));
        assert_eq!(supervision.handle(Input::Due, now + seconds(4)), None);
        now += seconds(5);
        asked = supervision.handle(Input::Due, now);
    }
    let hangs = supervision.handle(Input::NotFound, now);
    assert_eq!(hangs, Some(Effect::Kill));
}

#[test]
fn one_that_dies_while_it_is_asked_is_started_again() {
    let mut supervision = running();
    supervision.handle(Input::Silent, seconds(30));
    let ended = supervision.handle(Input::Ended(Ending::Failed(1)), seconds(31));
    let again_in = seconds(1);
    let ending = Ending::Failed(1);
    assert_eq!(ended, Some(Effect::LogEnd { ending, again_in }));
    assert_eq!(supervision.handle(Input::Unanswered, seconds(31)), None);
}

#[test]
fn anothers_that_hangs_is_ended_and_one_of_our_own_takes_its_place() {
    let mut supervision = following();
    supervision.handle(Input::Silent, seconds(30));
    let hangs = supervision.handle(Input::Unanswered, seconds(35));
    assert_eq!(hangs, Some(Effect::EndOther));
    let ended = supervision.handle(Input::OtherEnded, seconds(35));
    let again_in = seconds(1);
    assert_eq!(ended, Some(Effect::LogLost { again_in }));
    assert_eq!(supervision.running(), Running::Restarting);
    back_up(&mut supervision);
}

#[test]
fn anothers_that_hangs_from_the_first_look_on_is_ended_too() {
    let mut supervision = Supervision::default();
    let again = supervision.handle(Input::Unanswered, seconds(5));
    assert_eq!(again, Some(Effect::Look));
    let hangs = supervision.handle(Input::Unanswered, seconds(10));
    assert_eq!(hangs, Some(Effect::EndOther));
    supervision.handle(Input::OtherEnded, seconds(10));
    back_up(&mut supervision);
}

#[test]
fn anothers_that_cannot_be_ended_is_said_and_asked_again() {
    let mut supervision = following();
    supervision.handle(Input::Silent, seconds(30));
    supervision.handle(Input::Unanswered, seconds(35));
    let stays = supervision.handle(Input::OtherStays, seconds(35));
    let again_in = seconds(1);
    assert_eq!(stays, Some(Effect::LogStays { again_in }));
    assert_eq!(supervision.running(), Running::Down);
    let asked = supervision.handle(Input::Due, seconds(36));
    assert_eq!(asked, Some(Effect::Look));
    assert_eq!(supervision.handle(Input::Found, seconds(36)), None);
    assert_eq!(supervision.running(), Running::Up, "it has come to itself");
}

#[test]
fn one_that_hangs_is_still_stopped_before_the_tray_ends() {
    let silent = |supervision: &mut Supervision| {
        supervision.handle(Input::Silent, seconds(30));
    };
    let hanging = |supervision: &mut Supervision| {
        silent(supervision);
        supervision.handle(Input::Unanswered, seconds(35));
    };
    let stop = Input::Stop(Stopper::User);
    let finished = Some(Effect::Finished(Stopper::User));

    let mut supervision = running();
    silent(&mut supervision);
    let asked = supervision.handle(stop, seconds(31));
    assert_eq!(asked, Some(Effect::Stop(Stopper::User)));
    // The answer to the question of before is not the end.
    assert_eq!(supervision.handle(Input::Unanswered, seconds(35)), None);
    let ended = supervision.handle(Input::Ended(Ending::Killed), seconds(46));
    assert_eq!(ended, finished);

    let mut supervision = running();
    hanging(&mut supervision);
    assert_eq!(supervision.handle(stop, seconds(35)), None, "it is killed");
    let ended = supervision.handle(Input::Ended(Ending::Killed), seconds(35));
    assert_eq!(ended, finished);

    let mut supervision = following();
    silent(&mut supervision);
    assert_eq!(supervision.handle(stop, seconds(31)), finished, "not ours");
    let mut supervision = following();
    hanging(&mut supervision);
    assert_eq!(supervision.handle(stop, seconds(35)), finished, "not ours");
}
