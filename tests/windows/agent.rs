//! The agent for Windows.

use anyhow::{Context as _, Result};

use crate::harness::windows_workstation::{WindowsDesk, WindowsWorkstation};
use crate::harness::workstation::{NHS_CARD, succeeded};

const READER: &str = "HID Global OMNIKEY 3x21 Smart Card Reader 0";

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn from_the_reader_that_arrives_to_the_service_that_comes_back() -> Result<()> {
    let mut workstation = WindowsDesk::new().await?.start().await?;
    let told = the_main_job(&mut workstation).await;
    told.with_context(|| workstation.everything_written())?;
    let mut program = workstation.listen().await?;
    workstation.stop().await?;
    program.until("end").await.map(drop)
}

async fn the_main_job(workstation: &mut WindowsWorkstation) -> Result<()> {
    let mut program = workstation.listen().await?;
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

    workstation.sign_in(&mut program).await?;
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
}
