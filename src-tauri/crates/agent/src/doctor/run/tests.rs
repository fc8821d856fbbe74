use cardea_login::MemoryKeystore;
use cardea_session::CheckReport;

use super::super::{AgentSeen, Cards, Depth, UserPaths};
use super::*;
use crate::settings::{ConfigFile, Places};

fn workstation() -> Arc<Workstation> {
    let nowhere = std::path::Path::new("/nowhere");
    let places = Places {
        file: ConfigFile::Machine(nowhere.join("config.toml")),
        ..Places::in_folder(nowhere)
    };
    Arc::new(Workstation::new(
        places,
        UserPaths::in_folder(nowhere),
        Arc::new(MemoryKeystore::default()),
        Cards::Look,
        AgentSeen::NotRunning,
        Depth::Usual,
    ))
}

const FINE: Check = Check {
    id: "fine",
    title: "A check that ends",
    after: &[],
    limit: Duration::from_secs(1),
    look: |_| Box::pin(async { Finding::ok("Fine.") }),
};

const HANGING: Check = Check {
    id: "hanging",
    look: |_| Box::pin(std::future::pending()),
    ..FINE
};

const BROKEN: Check = Check {
    id: "broken",
    look: |_| Box::pin(async { panic!("a scripted panic") }),
    ..FINE
};

const FAILING: Check = Check {
    id: "failing",
    look: |_| Box::pin(async { Finding::broken("No.", "Mend it.") }),
    ..FINE
};

async fn reports(doctor: &Doctor, checks: &[Check]) -> (Vec<CheckReport>, CheckCounts) {
    let (tell, mut events) = mpsc::channel(64);
    doctor.run(checks, workstation(), &tell).await;
    drop(tell);
    let mut finished = Vec::new();
    let mut started = Vec::new();
    let mut done = None;
    while let Some(event) = events.recv().await {
        match event {
            DoctorEvent::Started { id, .. } => started.push(id),
            DoctorEvent::Finished { check } => finished.push(check),
            DoctorEvent::Done { counts } => done = Some(counts),
        }
    }
    let ids: Vec<_> = finished.iter().map(|check| check.id.clone()).collect();
    assert_eq!(started, ids);
    (finished, done.unwrap())
}

#[tokio::test(start_paused = true)]
async fn what_hangs_or_breaks_is_a_warning_with_its_name_and_the_rest_goes_on() {
    let doctor = Doctor::default();
    let (reports, counts) = reports(&doctor, &[HANGING, BROKEN, FINE]).await;
    for (report, name) in reports.iter().zip(["hanging", "broken"]) {
        assert_eq!(report.outcome, CheckOutcome::Warning);
        assert!(report.summary.contains(name), "{}", report.summary);
        assert!(report.remedy.is_some());
    }
    assert_eq!((counts.ok, counts.warnings), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn what_still_hangs_is_not_asked_again() {
    let doctor = Doctor::default();
    let (first, _) = reports(&doctor, &[HANGING]).await;
    assert!(
        first[0].summary.contains("did not end"),
        "{}",
        first[0].summary
    );
    let (second, _) = reports(&doctor, &[HANGING, FINE]).await;
    assert!(second[0].summary.contains("since it was run before"));
    assert_eq!(second[1].outcome, CheckOutcome::Ok);
    let (third, _) = reports(&doctor, &[FINE]).await;
    assert_eq!(third[0].outcome, CheckOutcome::Ok);
}

#[tokio::test(start_paused = true)]
async fn all_checks_together_are_bounded() {
    let doctor = Doctor {
        limit: Duration::from_secs(3),
        ..Doctor::default()
    };
    let ids = ["a", "b", "c", "d", "e"];
    let many: Vec<_> = ids.into_iter().map(|id| Check { id, ..HANGING }).collect();
    let began = Instant::now();
    let (reports, _) = reports(&doctor, &many).await;
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    assert!(
        reports[4].summary.contains("all checks together"),
        "{}",
        reports[4].summary
    );
}

#[tokio::test]
async fn a_check_that_needs_another_is_skipped_when_that_one_failed() {
    let needs = |id: &'static str, after: &'static [&'static str]| Check { id, after, ..FINE };
    let checks = [
        FAILING,
        needs("second", &["failing"]),
        needs("third", &["second"]),
        needs("other", &[]),
    ];
    let (reports, counts) = reports(&Doctor::default(), &checks).await;
    let outcomes: Vec<_> = reports.iter().map(|report| report.outcome).collect();
    use CheckOutcome::{Failure, Ok, Skipped};
    assert_eq!(outcomes, [Failure, Skipped, Skipped, Ok]);
    assert!(reports[1].summary.contains("failing"));
    assert_eq!((counts.failures, counts.skipped), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn nothing_more_is_looked_at_when_nobody_listens() {
    let (tell, events) = mpsc::channel(1);
    drop(events);
    let began = Instant::now();
    Doctor::default().examine(workstation(), tell).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[test]
fn every_check_has_a_name_of_its_own_and_needs_only_earlier_ones() {
    let mut seen = BTreeSet::new();
    for check in CHECKS {
        for needed in check.after {
            assert!(seen.contains(needed), "{} needs {needed}", check.id);
        }
        assert!(seen.insert(check.id), "{} twice", check.id);
        assert!(
            check
                .id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
        );
    }
}
