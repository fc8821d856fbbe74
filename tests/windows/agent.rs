//! The agent for Windows. What the card service does it does as `readers` has it, with its sources.

use anyhow::{Context as _, Result, bail};

use super::readers::attach_device;
use crate::harness::card_service::{Loss, STOPPED, WinReader, code};
use crate::harness::windows_workstation::{STARTS, Said, WindowsDesk, WindowsWorkstation};
use crate::harness::workstation::{NHS_CARD, succeeded};

const READER: &str = "HID Global OMNIKEY 3x21 Smart Card Reader 0";

/// A story, and all that the agent wrote when it goes wrong.
pub(super) async fn story(
    told: impl AsyncFnOnce(&mut WindowsWorkstation, &mut Said) -> Result<()>,
) -> Result<()> {
    let mut workstation = WindowsDesk::new().await?.start().await?;
    let mut program = workstation.listen().await?;
    let told = told(&mut workstation, &mut program).await;
    told.with_context(|| workstation.everything_written())?;
    workstation.stop().await?;
    program.until("end").await.map(drop)
}

/// A reader, a card in it, and somebody who has signed in with it.
pub(super) async fn signed_in(
    workstation: &mut WindowsWorkstation,
    program: &mut Said,
) -> Result<WinReader> {
    let reader = workstation.desk.service.plug(READER);
    program.until("snapshot no_card").await?;
    workstation.sign_in_with_card(&reader, program).await?;
    Ok(reader)
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn from_the_reader_that_arrives_to_the_service_that_comes_back() -> Result<()> {
    story(async |workstation, program| {
        assert!(
            program.all.contains("snapshot no_reader"),
            "{}",
            program.all
        );
        let reader = workstation.desk.service.plug(READER);
        program.until("snapshot no_card").await?;
        reader.insert(NHS_CARD);
        program.until("card.inserted").await?;
        program.until("snapshot card_present").await?;

        workstation.sign_in(program).await?;
        let status = succeeded(&workstation.desk.tool(&["status"]).await?)?;
        assert!(status.contains("Signed in"), "{status}");

        reader.remove();
        program.until("session.ended card_removed").await?;
        program.until("snapshot no_card").await?;
        workstation.until_logged("card_removed").await?;

        reader.unplug();
        program.until("snapshot no_reader").await?;
        let _reader = workstation.desk.service.plug(READER);
        program.until("snapshot no_card").await.map(drop)
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn whatever_takes_the_card_from_sight_ends_the_session() -> Result<()> {
    story(async |workstation, program| {
        attach_device(&workstation.desk.wine);
        let reader = signed_in(workstation, program).await?;
        workstation.desk.service.stop(STOPPED);
        program.until("session.ended card_service_lost").await?;
        program.until("snapshot unavailable").await?;
        workstation.desk.service.start();
        program.until("snapshot card_present").await?;

        workstation.sign_in(program).await?;
        workstation.desk.service.disconnect_session(Loss {
            waiting: code::WIN32_INVALID_HANDLE,
            later: code::WIN32_INVALID_HANDLE,
        });
        program.until("session.ended card_service_lost").await?;
        program.until("snapshot no_reader").await?;
        drop(reader);

        let reader = workstation.desk.service.plug(READER);
        program.until("snapshot no_card").await?;
        // The count wraps in the middle of the swap.
        reader.set_event_count(u16::MAX - 2);
        workstation.sign_in_with_card(&reader, program).await?;
        reader.swap(NHS_CARD);
        program.until("session.ended card_swapped").await?;
        program.until("snapshot card_present").await.map(drop)
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn ctrl_c_ends_it_in_order() -> Result<()> {
    for _ in 0..STARTS {
        let workstation = WindowsDesk::new().await?.start().await?;
        let mut program = workstation.listen().await?;
        if workstation.interrupted().await? {
            return program.until("end").await.map(drop);
        }
    }
    bail!("Wine crashes each time")
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn who_is_not_at_the_desktop_is_not_signed_in() -> Result<()> {
    story(async |workstation, program| {
        let _reader = signed_in(workstation, program).await?;
        workstation.desktop_event("lock").await?;
        workstation.desktop_event("unlock").await?;
        workstation.desktop_event("suspend").await?;
        program.until("session.ended suspended").await?;
        workstation.cleaned_up().await?;
        assert!(
            !program.all.contains("workstation_locked"),
            "kept, by default"
        );
        workstation.desktop_event("resume").await?;

        workstation.sign_in(program).await?;
        workstation.desktop_event("disconnect").await?;
        program.until("session.ended session_disconnected").await?;
        workstation.cleaned_up().await
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_lock_ends_the_session_where_it_is_asked_for() -> Result<()> {
    let desk = WindowsDesk::new().await?;
    desk.policy("session", &[("on_workstation_lock", "logout".into())]);
    let mut workstation = desk.start().await?;
    let mut program = workstation.listen().await?;
    let _reader = signed_in(&mut workstation, &mut program).await?;
    workstation.desktop_event("lock").await?;
    program.until("session.ended workstation_locked").await?;
    workstation.cleaned_up().await?;
    workstation.stop().await.map(drop)
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn at_log_off_programs_are_told_and_the_agent_ends() -> Result<()> {
    let mut workstation = WindowsDesk::new().await?.start().await?;
    let mut program = workstation.listen().await?;
    let _reader = signed_in(&mut workstation, &mut program).await?;
    workstation.desktop_event("log-off").await?;
    program.until("session.ended os_logoff").await?;
    program.until("end").await?;
    let provider = workstation.ended().await?.provider;
    assert!(provider.log().cleaned_up(), "{:?}", provider.log());
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn an_installer_learns_that_somebody_is_signed_in_and_ends_that_in_order() -> Result<()> {
    let mut workstation = WindowsDesk::new().await?.start().await?;
    let mut program = workstation.listen().await?;
    let nobody = workstation.desk.tool(&["status", "--all-sessions"]).await?;
    assert_eq!(nobody.status.code(), Some(0), "{nobody:?}");
    let _reader = signed_in(&mut workstation, &mut program).await?;
    let asked = ["status", "--all-sessions", "--json"];
    let somebody = workstation.desk.tool(&asked).await?;
    assert_eq!(somebody.status.code(), Some(4), "{somebody:?}");
    let sessions: serde_json::Value = serde_json::from_slice(&somebody.stdout)?;
    assert_eq!(sessions[0]["state"], "somebody", "{sessions}");

    succeeded(&workstation.desk.tool(&["stop-sessions"]).await?)?;
    program.until("session.ended agent_stopping").await?;
    program.until("end").await?;
    let provider = workstation.ended().await?.provider;
    assert!(provider.log().cleaned_up(), "{:?}", provider.log());
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_policy_that_becomes_wrong_ends_the_session_and_holds_again_when_it_is_right()
-> Result<()> {
    story(async |workstation, program| {
        let _reader = signed_in(workstation, program).await?;
        let wrong = [("assertion_alg", "none".into())];
        workstation.desk.policy("cis2", &wrong);
        program.until("session.ended policy_changed").await?;
        workstation.cleaned_up().await?;
        program.until("snapshot card_present").await?;
        workstation.until_logged("config_invalid").await?;
        let status = succeeded(&workstation.desk.tool(&["status"]).await?)?;
        assert!(status.contains("config_invalid"), "{status}");
        let check = workstation.desk.tool(&["config", "check"]).await?;
        let told = String::from_utf8_lossy(&check.stdout).into_owned();
        for named in [
            r"HKLM\Software\Policies\Cardea\cis2",
            "assertion_alg",
            "RS512",
        ] {
            assert!(told.contains(named), "{named} in {told}");
        }
        assert_eq!(check.status.code(), Some(1));

        workstation.desk.no_policy("cis2", &["assertion_alg"]);
        program.until("snapshot card_present").await?;
        workstation.sign_in(program).await
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_planted_settings_file_is_refused() -> Result<()> {
    let desk = WindowsDesk::new().await?;
    succeeded(&desk.tool(&["config", "check"]).await?)?;
    let folder = desk.wine.drive().join("ProgramData/Cardea");
    std::fs::create_dir_all(&folder)?;
    // Nothing is wrong with it but whose it is.
    std::fs::write(folder.join("config.toml"), "[log]\nkeep_days = 3\n")?;
    let check = desk.tool(&["config", "check"]).await?;
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(told.contains(r"ProgramData\Cardea\config.toml"), "{told}");
    assert!(told.contains("refused"), "{told}");
    assert_eq!(check.status.code(), Some(1));
    let workstation = desk.start().await?;
    let status = succeeded(&workstation.desk.tool(&["status"]).await?)?;
    assert!(status.contains("config_invalid"), "{status}");
    workstation.stop().await.map(drop)
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn one_agent_per_user_and_session() -> Result<()> {
    story(async |workstation, _program| {
        let second = workstation.desk.tool(&["run"]).await?;
        let told = String::from_utf8_lossy(&second.stderr).into_owned();
        assert!(told.contains("another agent already runs"), "{told}");
        assert_eq!(second.status.code(), Some(1));
        Ok(())
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn only_programs_of_the_agents_folder_need_no_token() -> Result<()> {
    story(async |workstation, _program| {
        succeeded(&workstation.desk.tool(&["apps", "list"]).await?)?;
        let copy = workstation.desk.copied_tool(&["status"]).await?;
        let told = String::from_utf8_lossy(&copy.stderr).into_owned();
        assert!(told.contains("token_missing"), "{told}");
        assert_eq!(copy.status.code(), Some(1));
        Ok(())
    })
    .await
}
