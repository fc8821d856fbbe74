use cardea_session::Scope;

use super::*;

fn page(host: &str) -> Applicant {
    Applicant {
        origin: Some(format!("https://{host}")),
        ..Applicant::default()
    }
}

fn wanted(applicant: Applicant) -> Wanted {
    Wanted {
        applicant,
        name: "A program".to_owned().try_into().unwrap(),
        scopes: [Scope::SessionRead].into_iter().collect(),
    }
}

fn ask(desk: &mut Desk, host: &str, now: Instant) -> Result<Asked, TooMany> {
    desk.ask(wanted(page(host)), now)
}

fn after(now: Instant, seconds: u64) -> Instant {
    now + Duration::from_secs(seconds)
}

fn wrong(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

#[test]
fn who_asks_waits_for_the_user_and_gets_in_once() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    let asked = ask(&mut desk, "a.example", now).unwrap();
    assert_eq!(
        desk.claim(&asked.id, &asked.claim_secret, now),
        Claim::Waiting
    );
    let shown: Vec<_> = desk.waiting(now).map(|one| one.id.to_owned()).collect();
    assert_eq!(shown, [asked.id.as_str()]);

    let (start, end) = asked.code.split_at(3);
    let typed = format!("{start} -{end}");
    assert_eq!(desk.approve(&asked.id, &typed, now), Judged::Done);
    assert_eq!(desk.waiting(now).count(), 0);
    let granted = desk.claim(&asked.id, &asked.claim_secret, now);
    let Claim::Granted { app_id, wanted } = granted else {
        panic!("{granted:?}")
    };
    assert_eq!(
        (&app_id, wanted.applicant),
        (&asked.app_id, page("a.example"))
    );
    let again = desk.claim(&asked.id, &asked.claim_secret, after(now, 500));
    assert_eq!(again, Claim::Again { app_id });
}

#[test]
fn only_who_asked_can_claim() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    let asked = ask(&mut desk, "a.example", now).unwrap();
    let other = ask(&mut desk, "b.example", now).unwrap();
    desk.approve(&asked.id, &asked.code, now);
    for (id, secret) in [
        (asked.id.as_str(), other.claim_secret.as_str()),
        (asked.id.as_str(), ""),
        ("nothing", asked.claim_secret.as_str()),
        (other.id.as_str(), asked.claim_secret.as_str()),
    ] {
        assert_eq!(desk.claim(id, secret, now), Claim::Unknown);
    }
    let granted = desk.claim(&asked.id, &asked.claim_secret, now);
    assert!(matches!(granted, Claim::Granted { .. }));
}

#[test]
fn five_wrong_codes_end_a_pairing_and_the_right_one_comes_too_late() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    let asked = ask(&mut desk, "a.example", now).unwrap();
    let wrong = wrong(&asked.code);
    for left in (1..MOST_WRONG_CODES).rev() {
        let judged = desk.approve(&asked.id, &wrong, now);
        assert_eq!(judged, Judged::WrongCode { left });
    }
    assert_eq!(desk.approve(&asked.id, &wrong, now), Judged::Over);
    assert_eq!(desk.approve(&asked.id, &asked.code, now), Judged::Over);
    assert_eq!(
        desk.claim(&asked.id, &asked.claim_secret, now),
        Claim::Expired
    );
}

#[test]
fn a_pairing_ends_after_two_minutes_without_an_answer_or_without_its_program() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    let slow = ask(&mut desk, "a.example", now).unwrap();
    let in_time = after(now, 119);
    assert_eq!(
        desk.claim(&slow.id, &slow.claim_secret, in_time),
        Claim::Waiting
    );
    let late = after(now, 120);
    assert_eq!(desk.approve(&slow.id, &slow.code, late), Judged::Over);
    assert_eq!(
        desk.claim(&slow.id, &slow.claim_secret, late),
        Claim::Expired
    );

    let approved = ask(&mut desk, "b.example", late).unwrap();
    let then = after(late, 100);
    assert_eq!(
        desk.approve(&approved.id, &approved.code, then),
        Judged::Done
    );
    let claimed = desk.claim(&approved.id, &approved.claim_secret, after(then, 120));
    assert_eq!(claimed, Claim::Expired);
}

#[test]
fn who_is_declined_is_told_so() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    let asked = ask(&mut desk, "a.example", now).unwrap();
    assert_eq!(desk.decline("nothing", now), Judged::Unknown);
    assert_eq!(desk.decline(&asked.id, now), Judged::Done);
    assert_eq!(desk.decline(&asked.id, now), Judged::Over);
    assert_eq!(desk.approve(&asked.id, &asked.code, now), Judged::Over);
    assert_eq!(
        desk.claim(&asked.id, &asked.claim_secret, now),
        Claim::Declined
    );
}

#[test]
fn a_caller_has_one_pairing_waiting_and_three_in_ten_minutes() {
    let (mut desk, mut now) = (Desk::default(), Instant::now());
    for _ in 0..3 {
        let asked = ask(&mut desk, "a.example", now).unwrap();
        let retry_after = LIMIT;
        let again = ask(&mut desk, "a.example", now).unwrap_err();
        assert_eq!(again, TooMany::OfThisCaller { retry_after });
        desk.decline(&asked.id, now);
        now = after(now, 60);
    }
    let retry_after = ASKING_WINDOW - Duration::from_secs(180);
    let fourth = ask(&mut desk, "a.example", now).unwrap_err();
    assert_eq!(fourth, TooMany::OfThisCaller { retry_after });
    assert!(ask(&mut desk, "b.example", now).is_ok());
    assert!(ask(&mut desk, "a.example", now + retry_after).is_ok());
}

#[test]
fn three_pairings_wait_at_most() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    for host in ["a", "b", "c"] {
        ask(&mut desk, host, now).unwrap();
    }
    assert_eq!(ask(&mut desk, "d", now).unwrap_err(), TooMany::Waiting);
    assert!(ask(&mut desk, "d", after(now, 120)).is_ok());
}

#[test]
fn what_is_over_is_forgotten_and_never_too_much() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    let mut first = None;
    for number in 0..=MOST_REMEMBERED {
        let asked = ask(&mut desk, &format!("{number}.example"), now).unwrap();
        desk.decline(&asked.id, now);
        first.get_or_insert(asked);
    }
    let first = first.unwrap();
    assert_eq!(
        desk.claim(&first.id, &first.claim_secret, now),
        Claim::Unknown
    );
    assert_eq!(desk.pairings.len(), MOST_REMEMBERED);
    assert_eq!(desk.waiting(now + REMEMBERED_FOR).count(), 0);
    assert!(desk.pairings.is_empty() && desk.asked.is_empty());
}

#[test]
fn when_pairing_is_switched_off_what_waits_is_over() {
    let (mut desk, now) = (Desk::default(), Instant::now());
    let asked = ask(&mut desk, "a.example", now).unwrap();
    desk.close(now);
    assert_eq!(desk.approve(&asked.id, &asked.code, now), Judged::Over);
    assert_eq!(
        desk.claim(&asked.id, &asked.claim_secret, now),
        Claim::Expired
    );
}
