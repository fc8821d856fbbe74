//! A panel: the host of tray icons (org.kde.StatusNotifierWatcher), and the notification service.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;
use zbus::message::Header;
use zbus::{Connection, MatchRule, MessageStream, connection, interface};

use super::item::{Item, Shown};
use super::notifications::{self, Notifications, Service, Told};
use crate::harness::agent::LIMIT;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// The desktop around the tray; everything of it goes with it.
pub struct TrayHost {
    address: String,
    panel: Option<Panel>,
    notifications: Connection,
    told: Mutex<mpsc::UnboundedReceiver<Told>>,
}

/// What shows icons; it may go and come again.
struct Panel {
    bus: Connection,
    registered: Mutex<mpsc::UnboundedReceiver<Item>>,
    item: Mutex<Option<Arc<Item>>>,
}

impl Panel {
    async fn start(address: &str) -> Result<Self> {
        let (register, registered) = mpsc::unbounded_channel();
        let bus = connection::Builder::address(address)?
            .serve_at("/StatusNotifierWatcher", Watcher { register })?
            .name(WATCHER)?
            .build()
            .await?;
        Ok(Self {
            bus,
            registered: Mutex::new(registered),
            item: Mutex::new(None),
        })
    }

    async fn item(&self) -> Result<Arc<Item>> {
        let mut item = self.item.lock().await;
        if let Some(item) = item.as_ref() {
            return Ok(Arc::clone(item));
        }
        let first = self.registered.lock().await.recv().await;
        let first = Arc::new(first.context("nothing registered")?);
        *item = Some(Arc::clone(&first));
        Ok(first)
    }
}

impl TrayHost {
    /// Starts it on the session bus at this address.
    pub async fn start(address: &str, service: Service) -> Result<Self> {
        let (tell, told) = mpsc::unbounded_channel();
        let notifications = connection::Builder::address(address)?
            .serve_at(notifications::PATH, Notifications::new(service, tell))?;
        let notifications = match service {
            Service::Well | Service::Silent => notifications.name(notifications::NAME)?,
            Service::Absent => notifications,
        };
        Ok(Self {
            address: address.to_owned(),
            panel: Some(Panel::start(address).await?),
            notifications: notifications.build().await?,
            told: Mutex::new(told),
        })
    }

    /// Waits until the tray has an icon on the panel.
    pub(super) async fn registered(&self) -> Result<()> {
        let item = timeout(LIMIT, self.panel()?.item()).await;
        item.context("the tray has no icon")?.map(drop)
    }

    /// Ends the panel, as a crash or an update of the desktop does.
    pub async fn end_panel(&mut self) -> Result<()> {
        let panel = self.panel.take().context("it has ended already")?;
        panel.bus.release_name(WATCHER).await?;
        Ok(panel.bus.close().await?)
    }

    /// Starts it again.
    pub async fn start_panel(&mut self) -> Result<()> {
        self.panel = Some(Panel::start(&self.address).await?);
        Ok(())
    }

    fn panel(&self) -> Result<&Panel> {
        self.panel.as_ref().context("there is no panel")
    }

    /// Waits until the tray shows what `wanted` says; gives it.
    pub async fn until(&self, wanted: impl Fn(&Shown) -> bool) -> Result<Shown> {
        self.until_within(LIMIT, wanted).await
    }

    /// The same, where it may take its time.
    pub async fn until_within(
        &self,
        limit: Duration,
        wanted: impl Fn(&Shown) -> bool,
    ) -> Result<Shown> {
        let mut last = None;
        let look = async {
            let panel = self.panel()?;
            let item = panel.item().await?;
            // Listening first, so that no change after the look is missed.
            let rule = MatchRule::builder()
                .msg_type(zbus::message::Type::Signal)
                .sender(item.owner.clone())?
                .build();
            let mut changes = MessageStream::for_match_rule(rule, &panel.bus, Some(64)).await?;
            loop {
                match item.look(&panel.bus).await {
                    Ok(shown) if wanted(&shown) => return Ok(shown),
                    looked => last = Some(looked),
                }
                changes.next().await.context("the bus is gone")??;
            }
        };
        let looked = timeout(limit, look).await;
        looked.unwrap_or_else(|_| anyhow::bail!("the tray stays so: {last:?}"))
    }

    /// Waits until the tray shows this picture.
    pub async fn until_icon(&self, icon: &str) -> Result<Shown> {
        let shown = self.until(|shown| shown.icon == icon).await;
        shown.with_context(|| format!("waiting for {icon}"))
    }

    /// Chooses the menu's entry that is read so.
    pub async fn choose(&self, label: &str) -> Result<()> {
        let can_be_chosen = |shown: &Shown| shown.line(label).is_some_and(|line| line.enabled);
        let shown = self.until(can_be_chosen).await;
        let shown = shown.with_context(|| format!("waiting for {label:?}"))?;
        let line = shown.line(label).context("it is there")?;
        let panel = self.panel()?;
        panel.item().await?.click(&panel.bus, line.id).await
    }

    /// Waits for the next notification with this title; gives it.
    pub async fn told(&self, title: &str) -> Result<Told> {
        let waiting_for = || format!("waiting for {title:?}");
        loop {
            let next = self.next_told().await.with_context(waiting_for)?;
            if next.title == title {
                return Ok(next);
            }
        }
    }

    /// Waits for the next notification; gives it.
    pub async fn next_told(&self) -> Result<Told> {
        let mut told = self.told.lock().await;
        let told = timeout(LIMIT, told.recv()).await;
        told.context("nothing is told")?
            .context("the service is gone")
    }

    /// The notifications that came and were not waited for.
    pub async fn told_so_far(&self) -> Vec<Told> {
        let mut told = self.told.lock().await;
        std::iter::from_fn(|| told.try_recv().ok()).collect()
    }

    /// Accepts what a notification offers until the tray shows this picture. Whoever sent it says
    /// to nobody that it listens for the answer now, so that it is given again and again.
    pub async fn accept_until_icon(&self, told: &Told, icon: &str) -> Result<()> {
        let accept = async {
            let panel = self.panel()?;
            let item = panel.item().await?;
            loop {
                notifications::accept(&self.notifications, told).await?;
                let looked = item.look(&panel.bus).await;
                if looked.is_ok_and(|shown| shown.icon == icon) {
                    return Ok(());
                }
            }
        };
        let accepted = timeout(LIMIT, accept).await;
        accepted.unwrap_or_else(|_| anyhow::bail!("{told:?} does nothing"))
    }
}

struct Watcher {
    register: mpsc::UnboundedSender<Item>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let Some(sender) = header.sender() else {
            return;
        };
        let path = match service.starts_with('/') {
            true => service,
            false => "/StatusNotifierItem",
        };
        // A test that has ended listens no more.
        let _ = self.register.send(Item {
            owner: sender.to_owned().into(),
            path: path.to_owned(),
        });
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }
}
