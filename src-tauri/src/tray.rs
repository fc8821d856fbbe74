//! The tray on the screen: the one place that knows the window system.

mod live;

use std::thread;

use cardea_client::Client;
use cardea_desktop_model::{Known, Notification};
use tauri::{AppHandle, RunEvent};
use tokio::sync::mpsc;

use crate::agent_process::{AgentProgram, window};
use crate::arguments::{AgentArguments, View};
use crate::controller::{Controller, shown};
use crate::failure::DesktopError;
use crate::instance::{OnlyOne, Part};
use crate::notifier::Notifier;
use crate::os;
use crate::own_settings;
use crate::screen::{Screen, Shown};
use crate::tray::live::LiveTray;

/// So many requests wait; nobody can choose faster than they are carried out.
const REQUESTS: usize = 16;

/// Runs the tray until the user quits or the system ends it. When one runs already, the window is
/// opened instead. `at_log_on` nothing is started where the settings say so; where they cannot be
/// read, it is.
pub(crate) fn run(agent: AgentArguments, at_log_on: bool) -> Result<(), DesktopError> {
    os::check_desktop()?;
    os::draw_without_gl();
    let client = Client::local().map_err(DesktopError::NoFolder)?;
    let program = AgentProgram::beside(agent.clone()).map_err(DesktopError::NoProgram)?;
    let runtime = crate::runtime()?;
    // Before its place is taken: where it does not stay, who starts it meanwhile would get nothing.
    let settings = at_log_on.then(|| runtime.block_on(own_settings::show(&agent)));
    if let Some(Ok(settings)) = &settings
        && !settings.autostart()
    {
        return Ok(());
    }
    let Some(_only_one) = OnlyOne::take(Part::Tray).map_err(DesktopError::Instance)? else {
        if at_log_on {
            return Ok(());
        }
        // It outlives this process, and the system waits for it.
        let opened = window(View::Now, &agent).and_then(|mut window| window.spawn());
        return opened.map(drop).map_err(DesktopError::WindowProcess);
    };
    os::check_tray()?;
    let _log = os::logs().as_deref().and_then(crate::logs::start);
    if let Some(Err(error)) = settings {
        tracing::warn!(%error, "the settings do not say whether to start at log-on");
    }
    let (requests, asked) = mpsc::channel(REQUESTS);
    let (notifier, stop) = {
        let _inside = runtime.enter();
        let stop = os::AskedToStop::listen().map_err(DesktopError::Signals)?;
        (Notifier::start(requests.clone()), stop)
    };

    let app = tauri::Builder::default()
        .build(tauri::generate_context!())
        .map_err(DesktopError::Tray)?;
    let tray = LiveTray::build(app.handle(), &shown(&Known::nothing()), requests)
        .map_err(DesktopError::Tray)?;
    let screen = TauriScreen {
        app: app.handle().clone(),
        tray,
        notifier,
    };
    let handle = app.handle().clone();
    let controller = Controller::new(client, program, screen, asked, stop);
    let working = thread::Builder::new()
        .name("controller".to_owned())
        .spawn(move || {
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                runtime.block_on(async {
                    controller.run().await;
                    // Without the agent it would show nothing.
                    crate::window::close().await;
                });
            }));
            runtime.shutdown_background();
            // A tray that nobody keeps up to date would say what is not so.
            handle.exit(i32::from(ended.is_err()));
        })
        .map_err(DesktopError::Threads)?;
    app.run_return(|_, event| {
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            api.prevent_exit();
        }
    });
    if working.join().is_err() {
        tracing::error!("the controller ended out of order");
    }
    Ok(())
}

struct TauriScreen {
    app: AppHandle,
    tray: LiveTray,
    notifier: Notifier,
}

impl Screen for TauriScreen {
    fn show(&self, shown: Shown) {
        let tray = self.tray.clone();
        let shown_there = self.app.run_on_main_thread(move || {
            if let Err(error) = tray.show(&shown) {
                tracing::warn!(%error, "the tray cannot be changed");
            }
        });
        if let Err(error) = shown_there {
            tracing::warn!(%error, "the tray is gone");
        }
    }

    fn tell(&self, notification: Notification) {
        self.notifier.tell(notification);
    }
}
