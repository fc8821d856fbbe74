//! The tray's icon and menu as the window system has them.

use std::sync::{Arc, Mutex, PoisonError};

use cardea_desktop_model::{Action, Entry, Icon, Menu};
use tauri::image::Image;
use tauri::menu::{IsMenuItem, Menu as LiveMenu, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};
use tokio::sync::mpsc::Sender;

use crate::os;
use crate::picture::Picture;
use crate::screen::{Request, Shown};

/// The id of the line that says how things are.
const STATE: &str = "state";

/// An item for each entry of the menu; none for a separator.
type Items = Vec<Option<MenuItem<Wry>>>;

/// The tray; changed on the main thread only.
#[derive(Clone)]
pub(crate) struct LiveTray {
    app: AppHandle,
    icon: TrayIcon<Wry>,
    there: Arc<Mutex<There>>,
}

/// What is on the screen.
struct There {
    shown: Shown,
    items: Items,
}

impl LiveTray {
    /// Puts it on the screen; what the user chooses goes to `requests`.
    pub(crate) fn build(
        app: &AppHandle,
        shown: &Shown,
        requests: Sender<Request>,
    ) -> tauri::Result<Self> {
        let (menu, items) = build_menu(app, &shown.menu)?;
        let mut builder = TrayIconBuilder::with_id("cardea")
            .tooltip(&shown.tooltip)
            .menu(&menu)
            .on_menu_event(move |_, event| {
                if let Some(action) = Action::with_id(event.id().as_ref()) {
                    // A full queue has more than enough of what the user asked for.
                    let _ = requests.try_send(Request::Chosen(action));
                }
            });
        if let Some(image) = image(shown.icon) {
            builder = builder.icon(image);
        }
        Ok(Self {
            app: app.clone(),
            icon: builder.build(app)?,
            there: Arc::new(Mutex::new(There {
                shown: shown.clone(),
                items,
            })),
        })
    }

    /// Shows what differs from what is there.
    pub(crate) fn show(&self, shown: &Shown) -> tauri::Result<()> {
        let mut there = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        if there.shown.icon != shown.icon {
            self.icon.set_icon(image(shown.icon))?;
        }
        if there.shown.tooltip != shown.tooltip {
            self.icon.set_tooltip(Some(&shown.tooltip))?;
        }
        if there.shown.menu.entries.len() == shown.menu.entries.len() {
            change_menu(&there, &shown.menu)?;
        } else {
            let (menu, items) = build_menu(&self.app, &shown.menu)?;
            self.icon.set_menu(Some(menu))?;
            there.items = items;
        }
        there.shown = shown.clone();
        Ok(())
    }
}

fn change_menu(there: &There, menu: &Menu) -> tauri::Result<()> {
    let entries = there.shown.menu.entries.iter().zip(&menu.entries);
    for ((old, new), item) in entries.zip(&there.items) {
        let Some(item) = item.as_ref().filter(|_| old != new) else {
            continue;
        };
        let (_, label, enabled) = parts(new);
        item.set_text(shown_as(label))?;
        item.set_enabled(enabled)?;
    }
    Ok(())
}

fn build_menu(app: &AppHandle, menu: &Menu) -> tauri::Result<(LiveMenu<Wry>, Items)> {
    let live = LiveMenu::new(app)?;
    let mut items = Vec::with_capacity(menu.entries.len());
    for entry in &menu.entries {
        let item = match entry {
            Entry::Separator => None,
            Entry::State(_) | Entry::Action { .. } => {
                let (id, label, enabled) = parts(entry);
                Some(MenuItem::with_id(
                    app,
                    id,
                    shown_as(label),
                    enabled,
                    None::<&str>,
                )?)
            }
        };
        match &item {
            Some(item) => append(&live, item)?,
            None => append(&live, &PredefinedMenuItem::separator(app)?)?,
        }
        items.push(item);
    }
    Ok((live, items))
}

fn append(menu: &LiveMenu<Wry>, item: &dyn IsMenuItem<Wry>) -> tauri::Result<()> {
    menu.append(item)
}

/// The id, what is read, and whether it can be chosen.
fn parts(entry: &Entry) -> (&str, &str, bool) {
    match entry {
        Entry::State(line) => (STATE, line, false),
        Entry::Separator => ("", "", false),
        Entry::Action {
            action,
            label,
            enabled,
        } => (action.as_str(), label, *enabled),
    }
}

fn image(icon: Icon) -> Option<Image<'static>> {
    let picture = Picture::of(icon, os::theme(), os::scale())?;
    Some(Image::new_owned(picture.rgba, picture.side, picture.side))
}

/// The window system takes a single `&` for the mark of a key.
fn shown_as(label: &str) -> String {
    label.replace('&', "&&")
}
