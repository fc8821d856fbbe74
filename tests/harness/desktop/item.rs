//! A tray icon as the panel sees it: its picture and its menu (com.canonical.dbusmenu).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use zbus::names::OwnedUniqueName;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};
use zbus::{Connection, Proxy};

type Properties = HashMap<String, OwnedValue>;
type Layout = (i32, Properties, Vec<OwnedValue>);

/// Where it is on the bus.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) owner: OwnedUniqueName,
    pub(super) path: String,
}

/// What it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The name of the drawing in `src-tauri/icons/tray`.
    pub icon: String,
    /// The menu without separators.
    pub menu: Vec<Line>,
}

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: i32,
    pub label: String,
    pub enabled: bool,
}

impl Shown {
    /// The line that says how things are.
    pub fn state(&self) -> &str {
        self.menu.first().map_or("", |line| &line.label)
    }

    /// The line that is read so.
    pub fn line(&self, label: &str) -> Option<&Line> {
        self.menu.iter().find(|line| line.label == label)
    }

    /// What can be chosen.
    pub fn enabled(&self) -> Vec<&str> {
        let enabled = self.menu.iter().filter(|line| line.enabled);
        enabled.map(|line| line.label.as_str()).collect()
    }
}

impl Item {
    pub(super) async fn look(&self, bus: &Connection) -> Result<Shown> {
        let item = self
            .proxy(bus, &self.path, "org.kde.StatusNotifierItem")
            .await?;
        let icon: String = item.get_property("IconName").await?;
        let folder: String = item.get_property("IconThemePath").await?;
        let (_, layout): (u32, Layout) = self
            .menu(bus)
            .await?
            .call("GetLayout", &(0_i32, -1_i32, Vec::<String>::new()))
            .await?;
        Ok(Shown {
            icon: drawing_of(&file_of(&icon, &folder))?,
            menu: lines(&layout.2)?,
        })
    }

    pub(super) async fn click(&self, bus: &Connection, line: i32) -> Result<()> {
        let menu = self.menu(bus).await?;
        let nothing = Value::from(0_i32);
        let () = menu
            .call("Event", &(line, "clicked", nothing, 0_u32))
            .await?;
        Ok(())
    }

    async fn menu(&self, bus: &Connection) -> Result<Proxy<'static>> {
        let item = self
            .proxy(bus, &self.path, "org.kde.StatusNotifierItem")
            .await?;
        let menu: OwnedObjectPath = item.get_property("Menu").await?;
        self.proxy(bus, menu.as_str(), "com.canonical.dbusmenu")
            .await
    }

    async fn proxy(
        &self,
        bus: &Connection,
        path: &str,
        interface: &'static str,
    ) -> Result<Proxy<'static>> {
        let proxy = zbus::proxy::Builder::new(bus)
            .destination(self.owner.clone())?
            .path(path.to_owned())?
            .interface(interface)?
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        Ok(proxy)
    }
}

fn lines(children: &[OwnedValue]) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for child in children {
        let child = child.try_clone()?;
        let (id, properties, _): Layout = Structure::try_from(child)?.try_into()?;
        let text = |name: &str| {
            let value = properties.get(name);
            value.and_then(|value| <&str>::try_from(value).ok())
        };
        if text("type") == Some("separator") {
            continue;
        }
        let enabled = properties.get("enabled").map(bool::try_from).transpose()?;
        lines.push(Line {
            id,
            // A single one marks a key.
            label: text("label").unwrap_or_default().replace("__", "_"),
            enabled: enabled.unwrap_or(true),
        });
    }
    Ok(lines)
}

fn file_of(icon: &str, folder: &str) -> PathBuf {
    match Path::new(icon) {
        file if file.is_absolute() => file.to_owned(),
        _ => Path::new(folder).join(format!("{icon}.png")),
    }
}

/// Whose drawing the picture in this file is.
fn drawing_of(file: &Path) -> Result<String> {
    let shown = points(file)?;
    let drawings = concat!(env!("CARGO_MANIFEST_DIR"), "/../src-tauri/icons/tray/png");
    for entry in std::fs::read_dir(drawings)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let name = name.and_then(|name| name.strip_suffix("-dark-48"));
        if let Some(name) = name.filter(|_| points(&path).is_ok_and(|points| points == shown)) {
            return Ok(name.to_owned());
        }
    }
    anyhow::bail!("{} is none of our pictures", file.display())
}

fn points(file: &Path) -> Result<Vec<u8>> {
    let content = std::fs::read(file).with_context(|| file.display().to_string())?;
    let mut reader = png::Decoder::new(std::io::Cursor::new(content)).read_info()?;
    let mut points = vec![0; reader.output_buffer_size().context("too large")?];
    reader.next_frame(&mut points)?;
    Ok(points)
}
