//! A panel that goes and comes again.

use super::*;

#[tokio::test]
async fn the_tray_comes_back_after_the_panel_as_things_are_then() -> Result<()> {
    let mut place = Place::new().await?;
    let host = &mut place.tray.host;
    host.end_panel().await?;
    place.desk.reader.insert(NHS_CARD);
    let told = host.told("Card seen").await?;
    assert_eq!(told.actions, ["accepted", SIGN_IN]);

    host.start_panel().await?;
    let shown = host.until_icon("card").await?;
    assert_eq!(shown.state(), "Card in the reader, nobody signed in");
    host.choose(SIGN_IN).await?;
    host.until_icon("signing-in").await?;
    Ok(())
}
