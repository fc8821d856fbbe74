//! The doctor's checks: by the agent, or where none runs by the program beside this one.

use cardea_client::ClientError;
use cardea_client::session::DoctorEvent;

use super::desk::Desk;
use super::failure::Answer;
use crate::tools;

/// Runs every check, and tells what comes of it for as long as somebody hears it.
pub(super) async fn run(
    desk: &Desk,
    cis2: bool,
    tell: impl Fn(DoctorEvent) -> bool + Sync,
) -> Answer<()> {
    let mut events = match desk.client.doctor(cis2).await {
        Ok(events) => events,
        Err(ClientError::NotRunning(_)) => return without_agent(desk, cis2, tell).await,
        Err(error) => return Err(error.into()),
    };
    loop {
        let event = events.next().await?;
        let is_last = matches!(event, DoctorEvent::Done { .. });
        if !tell(event) || is_last {
            return Ok(());
        }
    }
}

async fn without_agent(
    desk: &Desk,
    cis2: bool,
    tell: impl Fn(DoctorEvent) -> bool + Sync,
) -> Answer<()> {
    let arguments = match cis2 {
        true => &["doctor", "--json-lines", "--cis2"][..],
        false => &["doctor", "--json-lines"],
    };
    let each = tools::each_line(&desk.agent, arguments, |line| {
        // A later version may say more.
        serde_json::from_str(line).map_or(true, &tell)
    });
    Ok(each.await?)
}
