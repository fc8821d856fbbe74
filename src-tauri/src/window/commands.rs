//! What the page may ask. Each command is a line of forwarding; `capabilities/window.json` allows
//! them one by one. Nothing here ever holds a token.

use std::sync::Arc;

use cardea_client::session::{self, AttemptId, DoctorEvent};
use cardea_client::{ActivityEntry, AppListing, Diagnostics, PairingListing};
use cardea_desktop_model::messages;
use serde::{Deserialize, Serialize};
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, State, Wry};
use tokio::sync::oneshot;

use super::desk::Desk;
use super::failure::{Answer, Failure};
use super::view::View;
use super::{examination, first_time};
use crate::message;
use crate::own_settings::{self, Settings};
use crate::tools::{self, Bundle};

type Here<'a> = State<'a, Arc<Desk>>;

/// Every command there is.
pub(super) fn all() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        about,
        activity,
        apps,
        approve,
        cancel_login,
        decline,
        diagnostics,
        doctor,
        first_start,
        first_start_done,
        login,
        login_address,
        logout,
        now,
        opened,
        pairings,
        revoke_app,
        set_desktop,
        settings,
        shown,
        stay_signed_in,
        support_bundle,
    ]
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LoginMode {
    SignIn,
    ChangeRole,
    Reauthenticate,
}

#[derive(Debug, Serialize)]
struct Attempt {
    attempt: AttemptId,
}

#[derive(Debug, Serialize)]
struct About {
    version: &'static str,
    licence: &'static str,
}

#[tauri::command]
async fn now(desk: Here<'_>) -> Answer<View> {
    Ok(desk.now().await)
}

#[tauri::command]
async fn login(desk: Here<'_>, mode: LoginMode) -> Answer<Attempt> {
    let mode = match mode {
        LoginMode::SignIn => session::LoginMode::SignIn,
        LoginMode::ChangeRole => session::LoginMode::ChangeRole,
        LoginMode::Reauthenticate => session::LoginMode::Reauthenticate,
    };
    let attempt = desk.client.login(mode).await?;
    Ok(Attempt { attempt })
}

#[tauri::command]
async fn cancel_login(desk: Here<'_>) -> Answer<()> {
    Ok(desk.client.cancel().await?)
}

#[tauri::command]
async fn login_address(desk: Here<'_>) -> Answer<Option<String>> {
    Ok(desk.client.login_address().await?)
}

#[tauri::command]
async fn logout(desk: Here<'_>) -> Answer<()> {
    Ok(desk.client.logout(None).await?)
}

#[tauri::command]
async fn stay_signed_in(desk: Here<'_>) -> Answer<()> {
    Ok(desk.client.activity().await?)
}

#[tauri::command]
async fn apps(desk: Here<'_>) -> Answer<Vec<AppListing>> {
    Ok(desk.client.apps().await?)
}

#[tauri::command]
async fn pairings(desk: Here<'_>) -> Answer<Vec<PairingListing>> {
    Ok(desk.client.pairings().await?)
}

#[tauri::command]
async fn approve(desk: Here<'_>, pairing: String, code: String) -> Answer<()> {
    Ok(desk.client.approve(&pairing, &code).await?)
}

#[tauri::command]
async fn decline(desk: Here<'_>, pairing: String) -> Answer<()> {
    Ok(desk.client.decline(&pairing).await?)
}

#[tauri::command]
async fn revoke_app(desk: Here<'_>, id: String) -> Answer<()> {
    Ok(desk.client.revoke_app(&id).await?)
}

#[tauri::command]
async fn activity(desk: Here<'_>) -> Answer<Vec<ActivityEntry>> {
    Ok(desk.client.activity_log().await?)
}

#[tauri::command]
async fn diagnostics(desk: Here<'_>) -> Answer<Diagnostics> {
    Ok(desk.client.diagnostics().await?)
}

#[tauri::command]
async fn doctor(desk: Here<'_>, cis2: bool, events: Channel<DoctorEvent>) -> Answer<()> {
    let _place = desk.tool()?;
    // A page that is gone hears no more.
    examination::run(&desk, cis2, |event| events.send(event).is_ok()).await
}

#[tauri::command]
async fn settings(desk: Here<'_>) -> Answer<Settings> {
    let _place = desk.tool()?;
    Ok(own_settings::show(&desk.agent).await?)
}

#[tauri::command]
async fn set_desktop(
    desk: Here<'_>,
    app: AppHandle,
    key: String,
    value: serde_json::Value,
) -> Answer<Settings> {
    let _place = desk.tool()?;
    // What opens pages is run as the user: a page that was taken over must not choose it.
    let program = value.as_str().filter(|program| *program != "system");
    if let Some(program) = program.filter(|_| key == "browser")
        && confirmed(&app, messages::open_with(program)).await == message::Answer::No
    {
        return Err(Failure::not_wanted());
    }
    Ok(own_settings::set(&desk.agent, &key, &value).await?)
}

/// Asks the user outside of the page.
async fn confirmed(app: &AppHandle, question: String) -> message::Answer {
    let (answer, answered) = oneshot::channel();
    let ask = move || {
        // Who has gone meanwhile needs no answer.
        let _ = answer.send(message::ask(&question));
    };
    match app.run_on_main_thread(ask) {
        Ok(()) => answered.await.unwrap_or(message::Answer::No),
        Err(_) => message::Answer::No,
    }
}

#[tauri::command]
async fn support_bundle(desk: Here<'_>, app: AppHandle) -> Answer<Bundle> {
    let _place = desk.tool()?;
    Ok(tools::support_bundle(&desk.agent, &app).await?)
}

#[tauri::command]
async fn first_start() -> Answer<bool> {
    Ok(first_time::INTRODUCED.is_to_come())
}

#[tauri::command]
async fn first_start_done() -> Answer<()> {
    first_time::INTRODUCED.is_done();
    Ok(())
}

#[tauri::command]
async fn opened(desk: Here<'_>) -> Answer<Option<&'static str>> {
    Ok(desk.opened().map(crate::arguments::View::as_str))
}

#[tauri::command]
async fn shown(desk: Here<'_>, number: u64) -> Answer<()> {
    desk.shown(number);
    Ok(())
}

#[tauri::command]
async fn about() -> Answer<About> {
    Ok(About {
        version: env!("CARGO_PKG_VERSION"),
        licence: env!("CARGO_PKG_LICENSE"),
    })
}
