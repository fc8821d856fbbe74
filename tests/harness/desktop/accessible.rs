//! What a screen reader reads: the accessibility tree of the programs on the desktop (AT-SPI 2).

use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use rustix::process::Pid;
use serde::Deserialize;
use tokio::time::timeout;
use zbus::zvariant::{OwnedObjectPath, Type};
use zbus::{Connection, MatchRule, MessageStream, Proxy, connection, fdo};

use crate::harness::agent::LIMIT;

const REGISTRY: &str = "org.a11y.atspi.Registry";
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
/// Roles (`AtspiRole`).
pub const FRAME: u32 = 23;
pub const IMAGE: u32 = 27;
pub const BUTTON: u32 = 43;
pub const PARAGRAPH: u32 = 73;
pub const HEADING: u32 = 83;
pub const SECTION: u32 = 85;
pub const LINK: u32 = 88;
const ROOT: &str = "/org/a11y/atspi/accessible/root";

/// A screen reader's way to everything.
pub struct ScreenReader {
    bus: Connection,
}

/// Something that is read.
#[derive(Clone, Debug)]
pub struct Thing {
    place: Place,
    /// What it is, for instance [`BUTTON`]. The names of roles are not known to WebKit.
    pub role: u32,
    /// What it is called.
    pub name: String,
    /// The text in it, where it is a place for text.
    pub text: String,
    /// How much its changes interrupt: "polite" or "assertive", and nothing where they are not read.
    pub live: String,
}

#[derive(Clone, Debug, Deserialize, Type)]
struct Place {
    program: String,
    path: OwnedObjectPath,
}

impl ScreenReader {
    /// Starts to listen on the desktop whose session bus this is.
    pub async fn start(session: &str) -> Result<Self> {
        let session = connection::Builder::address(session)?.build().await?;
        let path = "/org/a11y/bus";
        let bus = Proxy::new(&session, "org.a11y.Bus", path, "org.a11y.Bus").await?;
        let address: String = bus.call("GetAddress", &()).await?;
        let bus = connection::Builder::address(address.as_str())?
            .build()
            .await?;
        let registry = Proxy::new(&bus, REGISTRY, "/org/a11y/atspi/registry", REGISTRY).await?;
        // Programs say nothing of changes where nobody wants to hear it.
        let () = registry.call("RegisterEvent", &"object:").await?;
        Ok(Self { bus })
    }

    /// Waits until `find` finds something in what is to be read of this process.
    pub async fn until<T>(&self, process: Pid, find: impl Fn(&[Thing]) -> Option<T>) -> Result<T> {
        let mut last = Vec::new();
        let look = async {
            let rule = MatchRule::builder()
                .msg_type(zbus::message::Type::Signal)
                .build();
            let mut changes = MessageStream::for_match_rule(rule, &self.bus, Some(4096)).await?;
            loop {
                last = self.read(process).await.unwrap_or_default();
                if let Some(found) = find(&last) {
                    return Ok(found);
                }
                changes.next().await.context("the bus is gone")??;
            }
        };
        let looked = timeout(LIMIT, look).await;
        looked.unwrap_or_else(|_| anyhow::bail!("only this is to be read: {last:#?}"))
    }

    /// Does what the user does who presses it.
    pub async fn press(&self, thing: &Thing) -> Result<()> {
        let action = self.proxy(&thing.place, "org.a11y.atspi.Action").await?;
        let done: bool = action.call("DoAction", &0_i32).await?;
        anyhow::ensure!(done, "{thing:?} does nothing");
        Ok(())
    }

    /// Everything in the windows of this process, in reading order.
    async fn read(&self, process: Pid) -> Result<Vec<Thing>> {
        let mut things = Vec::new();
        let mut places = vec![self.program(process).await?];
        while let Some(place) = places.pop() {
            let accessible = self.proxy(&place, ACCESSIBLE).await?;
            let mut children: Vec<Place> = accessible.call("GetChildren", &()).await?;
            let count: i32 = accessible.get_property("ChildCount").await?;
            // What another process shows in it, as WebKit's does the page, is not among them.
            if children.is_empty() && count > 0 {
                children.push(accessible.call("GetChildAtIndex", &0_i32).await?);
            }
            things.push(self.thing(place).await?);
            children.reverse();
            places.extend(children);
        }
        Ok(things)
    }

    async fn program(&self, process: Pid) -> Result<Place> {
        let names = fdo::DBusProxy::new(&self.bus).await?;
        let root = Proxy::new(&self.bus, REGISTRY, ROOT, ACCESSIBLE).await?;
        let programs: Vec<Place> = root.call("GetChildren", &()).await?;
        for program in programs {
            let name = program.program.as_str().try_into()?;
            let id = names.get_connection_unix_process_id(name).await;
            if id.is_ok_and(|id| i64::from(id) == i64::from(process.as_raw_nonzero().get())) {
                return Ok(program);
            }
        }
        anyhow::bail!("the process shows nothing")
    }

    async fn thing(&self, place: Place) -> Result<Thing> {
        let accessible = self.proxy(&place, ACCESSIBLE).await?;
        let attributes: std::collections::HashMap<String, String> =
            accessible.call("GetAttributes", &()).await?;
        let text = self.proxy(&place, "org.a11y.atspi.Text").await?;
        let text: Option<String> = text.call("GetText", &(0_i32, -1_i32)).await.ok();
        Ok(Thing {
            role: accessible.call("GetRole", &()).await?,
            name: accessible.get_property("Name").await?,
            text: text.unwrap_or_default(),
            live: attributes.get("live").cloned().unwrap_or_default(),
            place,
        })
    }

    async fn proxy(&self, place: &Place, interface: &'static str) -> Result<Proxy<'static>> {
        let proxy = zbus::proxy::Builder::new(&self.bus)
            .destination(place.program.clone())?
            .path(place.path.clone())?
            .interface(interface)?
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        Ok(proxy)
    }
}
