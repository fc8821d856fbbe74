//! Sets a setting of the user's own: one of `[desktop]`, in the user's file.

mod edit;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use toml_edit::Value;

use super::error::{Problem, SettingError};
use super::origin::{Origin, Place};
use super::source::{Content, Gathered, Source, Standing};
use super::tables::definitions;
use super::{Loaded, Places, load, loaded};
use crate::paths::{self, PathError};
use crate::rewrite::put;

/// The one table of the user's file.
const TABLE: &str = "desktop";

/// How long others who set something may take.
const TURN_LIMIT: Duration = Duration::from_secs(3);

/// Why a setting was not set. The user's file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    /// It is none that a user sets, or there is no such setting.
    #[error("{key} is none of the user's own settings; these are: {allowed}")]
    NotOwn {
        /// As it was asked for.
        key: String,
        /// Those there are.
        allowed: String,
    },
    /// The value is not what the setting may be.
    #[error("{key}: {problem}")]
    Unfit {
        /// Which setting, or element of it.
        key: String,
        /// What was found, and what is allowed.
        #[source]
        problem: Box<Problem>,
    },
    /// A higher place has its way.
    #[error("{key} is set in a higher place ({origin}), so the user's own would have no effect")]
    Held {
        /// Which setting.
        key: String,
        /// Where.
        origin: Box<Origin>,
    },
    /// The user's file is there and cannot be understood, so nothing can be set in it without loss.
    #[error("{0}")]
    NotUnderstood(#[source] Box<SettingError>),
    /// The folder of the user's file cannot be made.
    #[error(transparent)]
    Folder(#[from] PathError),
    /// The user's file cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl NotSet {
    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotOwn { .. } => "Name one of these; IT sets the others.",
            Self::Unfit { .. } => "Give one that is allowed.",
            Self::Held { .. } => "Ask whoever looks after this computer.",
            Self::NotUnderstood(_) => "Mend the file there, or remove it, and try again.",
            Self::Folder(_) | Self::NotWritten { .. } => {
                "See that this user may write there, and try again."
            }
        }
    }
}

/// Sets `key`, for instance `desktop.show_name`, in the user's file, and keeps whatever else is in
/// it; makes it when it is not there. `value` is TOML; a word that is none is taken for a text.
/// Gives the settings as they are then, read anew. Blocks on the disk.
///
/// # Errors
/// [`NotSet`]; nothing was written.
pub fn set_own(places: &Places, key: &str, value: &str) -> Result<Loaded, NotSet> {
    let (name, Some(path)) = (own_name(key)?, &places.user) else {
        return Err(not_own(key));
    };
    let value = edit::value(value).map_err(|message| NotSet::Unfit {
        key: in_brackets(name),
        problem: Box::new(Problem::Syntax(message)),
    })?;
    // What is refused leaves nothing behind, no folder either.
    let _fits = edited(places, path, name, &value)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        paths::create_private(folder)?;
    }
    let written = turn(path).map(|turn| (turn, edited(places, path, name, &value)));
    let (_turn, text) = written.map_err(|source| not_written(path, source))?;
    // Of a link, the file that it leads to is written.
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    put(&real, text?.as_bytes()).map_err(|source| not_written(path, source))?;
    Ok(load(places))
}

/// The user's file as it is to be, which is right and has its way.
fn edited(
    places: &Places,
    path: &Path,
    name: &'static str,
    value: &Value,
) -> Result<String, NotSet> {
    let origin = Origin::whole(Place::User, path);
    let mut gathered = Gathered::from(places);
    let before = take_own(&mut gathered)?;
    let setting = edit::Setting {
        file: &origin,
        table: TABLE,
        name,
    };
    let after = edit::with(&before, setting, value.clone()).map_err(NotSet::NotUnderstood)?;
    gathered.sources.push(Source {
        origin,
        standing: Standing::User,
        content: Content::Text(after.clone()),
    });
    has_effect(loaded(gathered, places.build), name)?;
    Ok(after)
}

fn not_written(path: &Path, source: io::Error) -> NotSet {
    NotSet::NotWritten {
        path: path.to_owned(),
        source,
    }
}

/// The name of a setting of the user's own.
fn own_name(key: &str) -> Result<&'static str, NotSet> {
    definitions()
        .iter()
        .filter(|definition| definition.table == TABLE)
        .map(|definition| definition.key)
        .find(|name| key == format!("{TABLE}.{name}"))
        .ok_or_else(|| not_own(key))
}

fn not_own(key: &str) -> NotSet {
    let definitions = definitions();
    let own = definitions
        .iter()
        .filter(|definition| definition.table == TABLE)
        .map(|definition| format!("{TABLE}.{}", definition.key));
    NotSet::NotOwn {
        key: key.to_owned(),
        allowed: own.collect::<Vec<_>>().join(", "),
    }
}

fn in_brackets(name: &str) -> String {
    format!("[{TABLE}] {name}")
}

/// Takes what the user's file says out of what was gathered; nothing when there is no file.
fn take_own(gathered: &mut Gathered) -> Result<String, NotSet> {
    let is_own = |origin: &Origin| origin.place == Place::User;
    let refused = gathered
        .errors
        .extract_if(.., |error| is_own(&error.origin));
    if let Some(refused) = refused.last() {
        return Err(NotSet::NotUnderstood(Box::new(refused)));
    }
    let own = gathered
        .sources
        .extract_if(.., |source| is_own(&source.origin));
    match own.last().map(|source| source.content) {
        Some(Content::Text(text)) => Ok(text),
        Some(Content::Keys(_)) | None => Ok(String::new()),
    }
}

/// Sees that what the user's file says of a setting is right, and that no higher place says
/// anything: not even something wrong, which would keep the user's from counting too.
fn has_effect(settings: Loaded, name: &str) -> Result<(), NotSet> {
    let key = in_brackets(name);
    let is_about_it = |error: &SettingError| {
        let found = error.key.as_deref();
        found
            .and_then(|found| found.strip_prefix(&*key))
            .is_some_and(|part| part.is_empty() || part.starts_with(['[', '.']))
    };
    let holds = settings
        .settings
        .origin(&format!("{TABLE}.{name}"))
        .cloned();
    let wrong: Vec<_> = settings.errors.into_iter().filter(is_about_it).collect();
    let origins = wrong.iter().map(|error| &error.origin).chain(&holds);
    if let Some(origin) = origins.min_by_key(|origin| origin.place)
        && origin.place < Place::User
    {
        let origin = Box::new(origin.clone());
        return Err(NotSet::Held { key, origin });
    }
    match wrong.into_iter().next() {
        None => Ok(()),
        Some(error) => Err(NotSet::Unfit {
            key: error.key.unwrap_or(key),
            problem: Box::new(error.problem),
        }),
    }
}

/// Waits until nobody else sets something, for as long as what is given is kept.
fn turn(path: &Path) -> io::Result<File> {
    let lock = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.with_extension("lock"))?;
    let (held, holds) = mpsc::channel();
    // When the wait is given up, it ends with the process.
    std::thread::spawn(move || held.send(lock.lock().map(|()| lock)));
    holds
        .recv_timeout(TURN_LIMIT)
        .map_err(|_| io::ErrorKind::TimedOut)?
}
