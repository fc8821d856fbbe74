use std::sync::Arc;

use cardea_login::MemoryKeystore;
use cardea_readers::{CardSettings, Diagnostics, PcscError};
use cardea_session::{Atr, CheckOutcome, CheckReport, Insertion, ReaderName};
use tempfile::TempDir;

use super::*;
use crate::doctor::{AgentSeen, Cards, Depth};
use crate::paths::UserPaths;
use crate::settings::Places;

const OMNIKEY: &str = "HID Global OMNIKEY 3x21 Smart Card Reader 0";

fn workstation(seen: CardsSeen, settings: &str) -> (Workstation, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), settings).unwrap();
    let places = Places::in_folder(folder.path());
    let workstation = Workstation::new(
        places,
        UserPaths::in_folder(folder.path()),
        Arc::new(MemoryKeystore::default()),
        Cards::Seen(seen),
        AgentSeen::NotRunning,
        Depth::Usual,
    );
    (workstation, folder)
}

async fn service_says(event: Option<ReaderEvent>, last_error: Option<LastError>) -> CheckReport {
    let diagnostics = Diagnostics {
        last_error,
        losses: u64::from(last_error.is_some()) * 2,
        ..Diagnostics::default()
    };
    let (workstation, _folder) = workstation(CardsSeen { event, diagnostics }, "");
    service(&workstation)
        .await
        .report("", "", Default::default())
}

fn reader(name: &str, slot: Slot) -> Reader {
    Reader {
        name: ReaderName::new(name),
        slot,
    }
}

fn present(atr: &[u8]) -> Slot {
    let atr = Atr::new(atr);
    Slot::Present(Card {
        insertion: Insertion(1),
        known_as: CardSettings::default().name_of(&atr).map(str::to_owned),
        atr,
    })
}

/// What is said of these readers: of them all, and of the card.
async fn said(readers_there: Vec<Reader>, settings: &str) -> (CheckReport, CheckReport) {
    let seen = CardsSeen {
        event: Some(ReaderEvent::Readers(readers_there)),
        diagnostics: Diagnostics::default(),
    };
    let (workstation, _folder) = workstation(seen, settings);
    let report = |finding: Finding| finding.report("", "", Default::default());
    (
        report(readers(&workstation).await),
        report(card(&workstation).await),
    )
}

#[tokio::test]
async fn a_service_that_is_stopped_silent_or_refusing_is_told_apart() {
    let lost = Some(ReaderEvent::ServiceLost(ServiceLoss::Stopped));
    let pcsc = |error| Some(LastError::Pcsc(error));
    for (error, says) in [
        (pcsc(PcscError::NoService), "cannot be reached"),
        (Some(LastError::Silent), "does not answer"),
        (None, "cannot be reached"),
    ] {
        let report = service_says(lost.clone(), error).await;
        assert_eq!(report.code, Some(FailureCode::CardServiceStopped));
        assert!(report.summary.contains(says), "{}", report.summary);
        let remedy = report.remedy.unwrap();
        assert!(
            remedy.contains("pcscd") || remedy.contains("SCardSvr"),
            "{remedy}"
        );
        assert_eq!(report.details.is_empty(), error.is_none());
    }
    let never = service_says(None, None).await;
    assert_eq!(never.outcome, CheckOutcome::Failure);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_service_that_lets_this_user_not_in_points_to_polkit() {
    let lost = Some(ReaderEvent::ServiceLost(ServiceLoss::Stopped));
    let refused = LastError::Pcsc(PcscError::SecurityViolation);
    let report = service_says(lost, Some(refused)).await;
    assert!(report.remedy.unwrap().contains("polkit"));
}

#[tokio::test]
async fn a_service_that_went_with_the_last_reader_is_no_fault() {
    let gone = Some(ReaderEvent::ServiceLost(ServiceLoss::LastReaderGone));
    assert_eq!(service_says(gone, None).await.outcome, CheckOutcome::Ok);
    let there = Some(ReaderEvent::Readers(Vec::new()));
    assert_eq!(service_says(there, None).await.outcome, CheckOutcome::Ok);
}

#[tokio::test]
async fn readers_are_listed_and_ignored_ones_with_why() {
    let hello = || reader("Windows Hello for Business 1", Slot::Ignored);
    let (report, _) = said(vec![hello(), reader(OMNIKEY, Slot::Empty)], "").await;
    assert_eq!(report.outcome, CheckOutcome::Ok);
    assert!(
        report.details[0].contains("fits \"Windows Hello*\""),
        "{:?}",
        report.details
    );

    let (report, _) = said(vec![hello()], "").await;
    assert_eq!(report.outcome, CheckOutcome::Warning);
    assert!(report.remedy.unwrap().contains("ignore_readers"));

    let (report, _) = said(Vec::new(), "").await;
    assert_eq!(report.outcome, CheckOutcome::Warning);
    assert!(report.remedy.unwrap().contains("driver"));

    let (report, _) = said(vec![reader(OMNIKEY, Slot::Unavailable)], "").await;
    assert_eq!(report.outcome, CheckOutcome::Warning);
    assert!(report.remedy.unwrap().contains("holds the reader"));
    assert_eq!(report.note.as_deref(), Some("drivers-notes/omnikey.md"));
}

#[test]
fn in_a_remote_session_readers_are_to_be_redirected() {
    let report = no_reader(true).report("", "", Default::default());
    assert!(report.remedy.unwrap().contains("redirected"));
    let here = no_reader(false).report("", "", Default::default());
    assert!(here.remedy.unwrap().contains("driver"));
}

#[tokio::test]
async fn a_card_is_named_with_its_atr_and_whether_it_counts() {
    let strange = || vec![reader(OMNIKEY, present(&[0x3b, 0x00]))];
    let (_, report) = said(strange(), "").await;
    assert_eq!(report.outcome, CheckOutcome::Ok);
    assert!(
        report.details[0].ends_with("ATR 3B 00"),
        "{:?}",
        report.details
    );

    let (_, report) = said(strange(), "[card]\nrecognise = \"known\"\n").await;
    assert_eq!(report.code, Some(FailureCode::CardNotRecognised));
    assert!(report.remedy.unwrap().contains("atr = \"3B 00\""));

    let (_, report) = said(vec![reader(OMNIKEY, Slot::Mute)], "").await;
    assert_eq!(report.code, Some(FailureCode::CardUnreadable));
    assert!(report.remedy.unwrap().contains("chip"));

    let (_, report) = said(vec![reader(OMNIKEY, Slot::Empty)], "").await;
    assert_eq!(report.outcome, CheckOutcome::Skipped);
}

#[tokio::test]
async fn a_card_of_a_withdrawn_series_is_to_be_replaced() {
    let jcop = present(b"\x3b\x6a\x00\xffJCOP41V221");
    let (_, report) = said(vec![reader(OMNIKEY, jcop)], "").await;
    assert_eq!(report.outcome, CheckOutcome::Warning);
    assert!(report.remedy.unwrap().contains("Registration Authority"));
    let elsewhere = "[cis2]\nenvironment = \"custom\"\nissuer = \"https://op.example\"\n";
    let jcop = present(b"\x3b\x6a\x00\xffJCOP41V221");
    let (_, report) = said(vec![reader(OMNIKEY, jcop)], elsewhere).await;
    assert_eq!(report.outcome, CheckOutcome::Ok);
}
