//! The desktop's notification service (Desktop Notifications Specification, 1.2).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

pub(super) const NAME: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// A notification that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The same as that of the one whose place it takes.
    pub id: u32,
    pub title: String,
    pub body: String,
    /// Keys and what is read, alternating.
    pub actions: Vec<String>,
}

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// It shows what it is told.
    Well,
    /// Nobody has its name.
    Absent,
    /// It takes what it is told and never answers.
    Silent,
}

pub(super) struct Notifications {
    service: Service,
    tell: mpsc::UnboundedSender<Told>,
    last: AtomicU32,
}

impl Notifications {
    pub(super) fn new(service: Service, tell: mpsc::UnboundedSender<Told>) -> Self {
        Self {
            service,
            tell,
            last: AtomicU32::new(0),
        }
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "as the specification has it")]
    async fn notify(
        &self,
        _app_name: &str,
        replaces: u32,
        _icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let id = match replaces {
            0 => self.last.fetch_add(1, Ordering::SeqCst) + 1,
            other => other,
        };
        // A test that has ended listens no more.
        let _ = self.tell.send(Told {
            id,
            title: summary,
            body,
            actions,
        });
        if self.service == Service::Silent {
            std::future::pending::<()>().await;
        }
        id
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "actions".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let text = |text: &str| text.to_owned();
        (text("test"), text("cardea"), text("1"), text("1.2"))
    }

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action_key: &str,
    ) -> zbus::Result<()>;
}

/// Does what the user does who chooses the first of what a notification offers.
pub(super) async fn accept(bus: &Connection, told: &Told) -> Result<()> {
    let key = told.actions.first().context("it offers nothing")?;
    let service = bus
        .object_server()
        .interface::<_, Notifications>(PATH)
        .await?;
    Notifications::action_invoked(service.signal_emitter(), told.id, key).await?;
    Ok(())
}
