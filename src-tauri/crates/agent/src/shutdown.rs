//! The end of a run, in order, each step with its limit.

use std::io;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::controller::Controller;
use crate::environment;
use crate::last_run::RunMarker;
use crate::logins::Completion;
use crate::settings::Watch;

/// For clean-ups at the provider and for hooks, best effort.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(5);
/// For streams to get the last change and requests to be answered.
const API_LIMIT: Duration = Duration::from_secs(5);
/// For threads that wait in the operating system.
const THREAD_LIMIT: Duration = Duration::from_secs(2);

/// Programs are told first that the session is over; then everything else ends. `marker` is cleared
/// when the run ends as it should.
pub(crate) async fn shut_down(
    mut controller: Controller,
    marker: Option<RunMarker>,
    api: JoinHandle<io::Result<()>>,
    api_stop: &CancellationToken,
    watch: Watch,
    desktop: environment::Watch,
) {
    controller.say_goodbye();
    // Soon, as the operating system may end the process at log-off.
    if let Some(marker) = marker {
        marker.clear();
    }
    api_stop.cancel();
    // Side by side: the provider may be slow, and the operating system in a hurry.
    let (clean_up, ()) = tokio::join!(controller.finish(CLEAN_UP_LIMIT), end_api(api));
    if clean_up == Completion::CutShort {
        tracing::warn!("clean-up at the provider was cut short");
    }
    let (followers, record) = controller.into_parts();
    let (cards, logs) = followers.into_parts();
    end_thread("the card source", move || drop(cards)).await;
    end_thread("the settings watch", move || drop(watch)).await;
    tracing::info!("the agent has stopped");
    end_thread("audit and Event Log", move || drop(record)).await;
    end_thread("the log", move || drop(logs)).await;
    // At log-off the operating system waits for this, and then ends what is left.
    end_thread("the watch of the desktop session", move || drop(desktop)).await;
}

async fn end_api(mut api: JoinHandle<io::Result<()>>) {
    if api.is_finished() {
        return;
    }
    match timeout(API_LIMIT, &mut api).await {
        Ok(_ended) => {}
        Err(_) => {
            tracing::warn!("the local API did not end in time");
            api.abort();
        }
    }
}

/// Ends what joins a thread when it is dropped. The process goes on to its end all the same.
async fn end_thread(what: &'static str, end: impl FnOnce() + Send + 'static) {
    if timeout(THREAD_LIMIT, tokio::task::spawn_blocking(end))
        .await
        .is_err()
    {
        tracing::warn!(what, "did not end in time");
    }
}
