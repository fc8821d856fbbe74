//! Notifications where the service is absent or hangs, and which of them are wanted.

use super::*;

const SAYS_SO: &str = "the desktop shows no notifications";

#[tokio::test]
async fn without_a_notification_service_the_tray_goes_on() -> Result<()> {
    let mut place = Place::where_notifications_are(Service::Absent, |plan| plan).await?;
    for _ in 0..3 {
        put_in_and_take_out(&place).await?;
    }
    place.tray.terminate()?;
    ensure!(place.tray.ended().await?.success());
    assert!(how_often_it_says_so(&place) <= 1);
    Ok(())
}

#[tokio::test]
async fn with_a_notification_service_that_hangs_the_tray_goes_on_and_says_so_once() -> Result<()> {
    let mut place = Place::where_notifications_are(Service::Silent, |plan| plan).await?;
    for _ in 0..3 {
        put_in_and_take_out(&place).await?;
        // The next one is tried when this one has been given up.
        place.tray.host.told("Card seen").await?;
    }
    place.tray.terminate()?;
    ensure!(place.tray.ended().await?.success());
    assert_eq!(how_often_it_says_so(&place), 1);
    Ok(())
}

#[tokio::test]
async fn a_newer_notification_takes_the_place_of_the_older_of_its_kind() -> Result<()> {
    let place = Place::new().await?;
    let host = &place.tray.host;
    put_in_and_take_out(&place).await?;
    let first = host.told("Card seen").await?;
    put_in_and_take_out(&place).await?;
    let second = host.told("Card seen").await?;
    assert_eq!(second.id, first.id);

    place.desk.pcscd.kill();
    let other = host.told("Cardea needs attention").await?;
    assert_ne!(other.id, first.id);
    Ok(())
}

#[tokio::test]
async fn what_is_switched_off_is_not_told() -> Result<()> {
    let nothing = |plan: Plan| {
        plan.setting("desktop", "notifications = []")
            .setting("desktop", "allow_quit = false")
    };
    let mut place = Place::with(nothing).await?;
    let host = &place.tray.host;
    // That the tray knows its settings can be seen by this.
    host.until(|shown| shown.line("Quit Cardea").is_none())
        .await?;
    place.sign_in().await?;
    place.ask_to_be_let_in().await?;
    let host = &place.tray.host;
    host.until(|shown| shown.line("1 connection request…").is_some())
        .await?;
    place.desk.reader.remove();
    host.until_icon("attention").await?;
    place.desk.reader.insert(NHS_CARD);

    // These are switched by another setting: what was told would lie between the two.
    assert_eq!(host.next_told().await?.title, "Card seen");
    assert_eq!(host.next_told().await?.title, "Card seen");
    Ok(())
}

#[tokio::test]
async fn what_is_switched_on_is_told() -> Result<()> {
    let all = r#"notifications = ["signed_in", "signed_out", "expiring", "attention", "pairing"]"#;
    let change = |plan: Plan| {
        plan.setting("desktop", all)
            .setting("session", "idle_timeout = \"4s\"")
    };
    let mut place = Place::with(change).await?;
    place.sign_in().await?;
    let host = &place.tray.host;
    host.told("Signed in").await?;
    let told = host.told("You will be signed out soon").await?;
    assert_eq!(told.actions, ["accepted", "Stay signed in"]);
    let told = host.told("Signed out").await?;
    assert_eq!(told.body, "Nobody was active for too long.");
    place.ask_to_be_let_in().await?;
    host.told("A program asks to connect").await?;
    place.desk.pcscd.kill();
    host.told("Cardea needs attention").await?;
    Ok(())
}

async fn put_in_and_take_out(place: &Place) -> Result<()> {
    place.desk.reader.insert(NHS_CARD);
    place.tray.host.until_icon("card").await?;
    place.desk.reader.remove();
    place.tray.host.until_icon("no-card").await.map(drop)
}

fn how_often_it_says_so(place: &Place) -> usize {
    place
        .desk
        .home
        .everything_written()
        .matches(SAYS_SO)
        .count()
}
