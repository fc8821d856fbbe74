//! What the user asks for, by the menu or a notification.

use cardea_desktop_model::{Action, Offer};
use tokio::process::{Child, Command};

use super::*;
use crate::agent_process::{message, window};
use crate::arguments::View;
use crate::errand::Errand;
use crate::failure::TOLD;
use crate::message::Message;

/// So many errands are under way at a time; each has its own limit in the client.
pub(super) const MOST_ERRANDS: usize = 8;
/// So many windows that are starting or open are waited for.
const MOST_WINDOWS: usize = 4;

impl<S: Screen> Controller<S> {
    pub(super) fn choose(&mut self, action: Action) {
        match action {
            Action::SignIn => self.send(Errand::SignIn),
            Action::Cancel => self.send(Errand::Cancel),
            Action::SignOut => self.send(Errand::SignOut),
            Action::ChangeRole => self.send(Errand::ChangeRole),
            Action::Pairings => self.open(View::Programs),
            Action::Open => self.open(View::Now),
            Action::Check => self.open(View::Computer),
            Action::About => self.open(View::About),
            Action::Quit => self.quit(),
        }
    }

    pub(super) fn accept(&mut self, offer: Offer) {
        match offer {
            Offer::SignIn => self.send(Errand::SignIn),
            Offer::StaySignedIn => self.send(Errand::StaySignedIn),
            Offer::Open => self.open(View::Now),
            Offer::OpenPrograms => self.open(View::Programs),
        }
    }

    fn send(&mut self, errand: Errand) {
        if self.errands.len() >= MOST_ERRANDS {
            tracing::warn!(?errand, "too much is under way");
            return;
        }
        let client = self.client.clone();
        self.errands
            .spawn(async move { Done::Ran(errand.run(client).await) });
    }

    /// The session ends first, as one that the user ended; then the agent.
    fn quit(&mut self) {
        if !self.known.settings.allow_quit {
            return;
        }
        let client = self.client.clone();
        let is_active = self.known.session().is_some();
        let snapshot = self.known.snapshot();
        let signs_in = snapshot.is_some_and(|snapshot| snapshot.login.is_some());
        self.errands.spawn(async move {
            if signs_in {
                Errand::Cancel.run(client.clone()).await;
            }
            if is_active || signs_in {
                Errand::SignOut.run(client).await;
            }
            Done::SignedOutToQuit
        });
    }

    fn open(&mut self, view: View) {
        if self.windows.len() >= MOST_WINDOWS {
            return;
        }
        match window(view, &self.program.arguments).and_then(|window| Command::from(window).spawn())
        {
            Ok(child) => {
                self.windows.spawn(closed(child));
            }
            Err(error) => tracing::warn!(%error, "the window cannot be opened"),
        }
    }
}

/// Waits until it is closed. One that ended otherwise took nothing with it, and the user is told so.
async fn closed(mut window: Child) {
    match window.wait().await {
        Ok(status) if status.success() || status.code() == Some(i32::from(TOLD)) => return,
        Ok(status) => tracing::warn!(%status, "the window ended out of order"),
        Err(error) => tracing::warn!(%error, "what became of the window is not known"),
    }
    let told = message(Message::WindowEnded).and_then(|told| Command::from(told).spawn());
    let told = match told {
        Ok(mut told) => told.wait().await.map(drop),
        Err(error) => Err(error),
    };
    if let Err(error) = told {
        tracing::warn!(%error, "the user cannot be told");
    }
}
