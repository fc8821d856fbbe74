//! The window: a process of its own, and a client of the agent like any other. What becomes of it
//! touches neither the session nor the tray.

mod commands;
mod desk;
mod examination;
mod failure;
mod first_time;
mod follow;
mod front;
mod page;
mod view;

use std::io;
use std::sync::Arc;

use cardea_client::Client;
use serde::Serialize;
use tauri::{Emitter as _, RunEvent, WindowEvent};
use tokio::runtime::Runtime;

use crate::arguments::{AgentArguments, View};
use crate::failure::DesktopError;
use crate::instance::{OnlyOne, Part};
use crate::message::{self, Message};
use crate::os;
use desk::Desk;
use front::Front;

pub(crate) use front::close;

/// The label of the one window there is.
const LABEL: &str = "window";
/// The event by which the page hears that something changed.
const VIEW: &str = "view";
/// The event by which the page hears that it is to come forward.
const OPEN: &str = "open";

/// What the page is told, which it says by the number that it shows it.
#[derive(Clone, Serialize)]
struct Numbered {
    number: u64,
    #[serde(flatten)]
    view: view::View,
}

/// Shows the window until it is closed. Where one is open already, that one comes forward.
pub(crate) fn run(view: View, agent: AgentArguments) -> Result<(), DesktopError> {
    os::check_desktop()?;
    os::check_unwatched()?;
    let client = Client::local().map_err(DesktopError::NoFolder)?;
    let runtime = crate::runtime()?;
    let Some(_only_one) = place(view, &runtime)? else {
        return Ok(());
    };
    let front = runtime.block_on(async { Front::listen() });
    let front = front.map_err(DesktopError::Instance)?;
    let _log = os::logs().as_deref().and_then(crate::logs::start);
    tauri::async_runtime::set(runtime.handle().clone());

    let desk = Arc::new(Desk::new(client, agent));
    let shown = show(view, Arc::clone(&desk), front, &runtime);
    if let Err(error) = &shown {
        tracing::error!(%error, "the window cannot be shown");
        message::show(Message::NoWebView);
    }
    runtime.shutdown_background();
    shown
}

/// Takes the window's place; none when there is a window, which has come forward or was left alone.
fn place(view: View, runtime: &Runtime) -> Result<Option<OnlyOne>, DesktopError> {
    let take = || OnlyOne::take(Part::Window).map_err(DesktopError::Instance);
    if let Some(only_one) = take()? {
        return Ok(Some(only_one));
    }
    match runtime.block_on(front::come_forward(view)) {
        Ok(()) => return Ok(None),
        Err(error) => tracing::warn!(%error, "the open window does not come forward"),
    }
    // It may have been closed meanwhile.
    if let Some(only_one) = take()? {
        return Ok(Some(only_one));
    }
    if message::show(Message::WindowHangs) == message::Answer::No {
        return Ok(None);
    }
    // It may have come to itself, or be another one by now.
    if runtime.block_on(front::come_forward(view)).is_ok() {
        return Ok(None);
    }
    runtime
        .block_on(front::end_the_other())
        .map_err(DesktopError::Instance)?;
    match take()? {
        Some(only_one) => Ok(Some(only_one)),
        None => {
            let taken = io::Error::other("another window took the place of the one that hung");
            Err(DesktopError::Instance(taken))
        }
    }
}

fn show(view: View, desk: Arc<Desk>, front: Front, runtime: &Runtime) -> Result<(), DesktopError> {
    let app = tauri::Builder::default()
        .manage(Arc::clone(&desk))
        .invoke_handler(commands::all())
        .build(tauri::generate_context!())
        .map_err(DesktopError::Window)?;
    let window = page::open(app.handle(), view).map_err(DesktopError::Window)?;
    os::watch_page(&window, page::lost);

    let handle = app.handle().clone();
    let telling = Arc::clone(&desk);
    let tell = move |view| {
        let number = telling.told();
        // A window that is being closed hears no more.
        let _ = handle.emit_to(LABEL, VIEW, Numbered { number, view });
    };
    let following = runtime.spawn(follow::follow(Arc::clone(&desk), tell, page::lost));
    let handle = app.handle().clone();
    let come = move || page::come_forward(&window);
    let serving = runtime.spawn(front.serve(Arc::clone(&desk), come, move || handle.exit(0)));
    app.run_return(|app, event| {
        let RunEvent::WindowEvent { event, .. } = event else {
            return;
        };
        if let WindowEvent::CloseRequested { .. } = event {
            first_time::tell_where_it_is();
        } else if let WindowEvent::Destroyed = event {
            app.exit(0);
        }
    });
    following.abort();
    serving.abort();
    Ok(())
}
