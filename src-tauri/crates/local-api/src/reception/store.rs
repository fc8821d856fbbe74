//! The programs that were let in here, in a file that only this user can read (contract, section
//! 4.2): tokens as their SHA-256 only.

mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use cardea_session::{Scope, ScopeSet, Time};
use serde::{Deserialize, Serialize};

use file::{read, read_or_put_aside, turn, write};

use super::NewApp;
use crate::pairing::{ClaimedName, Wanted};
use crate::{App, AppSource, TokenHash};

/// Programs that can be let in here.
const MOST_APPS: usize = 100;

/// The list cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub(crate) struct StoreError {
    path: PathBuf,
    source: io::Error,
}

/// A program that was let in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LocalApp {
    pub(crate) id: String,
    pub(crate) name: ClaimedName,
    pub(crate) scopes: ScopeSet,
    #[serde(default)]
    pub(crate) origins: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<String>,
    pub(crate) token_sha256: TokenHash,
    pub(crate) source: AppSource,
    pub(crate) added_at: Time,
}

impl LocalApp {
    pub(super) fn paired(id: String, wanted: Wanted, token_sha256: TokenHash) -> Self {
        Self {
            id,
            name: wanted.name,
            scopes: wanted.scopes,
            origins: wanted.applicant.origin.into_iter().collect(),
            program: wanted.applicant.program,
            token_sha256,
            source: AppSource::Paired,
            added_at: now(),
        }
    }

    pub(super) fn added(new: NewApp, token_sha256: TokenHash) -> Self {
        Self {
            id: new.id,
            name: new.name,
            scopes: new.scopes,
            origins: new.origins,
            program: None,
            token_sha256,
            source: AppSource::Added,
            added_at: now(),
        }
    }

    fn to_app(&self) -> App {
        // Whatever the file says: that scope comes from those who look after the computer.
        let scopes = self
            .scopes
            .iter()
            .filter(|&scope| scope != Scope::TokensRead);
        App {
            id: self.id.clone(),
            name: self.name.as_str().to_owned(),
            scopes: scopes.collect(),
            origins: self.origins.clone(),
            token_sha256: self.token_sha256,
            source: self.source,
        }
    }
}

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    #[serde(default)]
    apps: Vec<LocalApp>,
    /// When each program last called, also those of the settings.
    #[serde(default)]
    last_used: BTreeMap<String, Time>,
}

/// The list and its file, which the agents of one user in several sessions share.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    content: Content,
    /// Programs that were removed here, which the file may still have if it could not be written.
    removed: BTreeSet<String>,
    /// Why the file is not to be written over: it could not be read, and may hold something.
    unread: Option<io::ErrorKind>,
}

/// Whether a program was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    Kept,
    TooMany,
}

impl Store {
    /// Reads the list. One that cannot be understood is put aside and begun anew; one that cannot
    /// be read stays as it is.
    pub(super) fn open(path: PathBuf) -> Self {
        let (content, unread) = match read_or_put_aside(&path) {
            Ok(content) => (content.unwrap_or_default(), None),
            Err(error) => {
                tracing::error!(%error, "the list of programs cannot be read");
                (Content::default(), Some(error.kind()))
            }
        };
        Self {
            path,
            content,
            removed: BTreeSet::new(),
            unread,
        }
    }

    pub(super) fn apps(&self) -> Vec<App> {
        self.content.apps.iter().map(LocalApp::to_app).collect()
    }

    pub(super) fn last_uses(&self) -> &BTreeMap<String, Time> {
        &self.content.last_used
    }

    pub(super) fn find(&self, id: &str) -> Option<&LocalApp> {
        self.content.apps.iter().find(|app| app.id == id)
    }

    /// Adds a program, in place of one of the same id.
    pub(super) async fn add(&mut self, app: LocalApp) -> Result<Added, StoreError> {
        self.removed.remove(&app.id);
        self.change(move |content| {
            content.apps.retain(|other| other.id != app.id);
            if content.apps.len() >= MOST_APPS {
                return Added::TooMany;
            }
            content.apps.push(app);
            Added::Kept
        })
        .await
    }

    /// Removes a program; false when it is not there.
    pub(super) async fn remove(&mut self, id: &str) -> Result<bool, StoreError> {
        // It is out, whether or not the disk hears of it.
        let was_here = self.find(id).is_some();
        self.content.apps.retain(|app| app.id != id);
        let wanted = id.to_owned();
        match self.change(move |content| content.remove(&wanted)).await {
            Ok(was_there) => Ok(was_here || was_there),
            Err(error) => {
                self.removed.insert(id.to_owned());
                Err(error)
            }
        }
    }

    /// Keeps who called when, if it is news, and hears what other agents of this user did.
    pub(super) async fn keep_last_uses(
        &mut self,
        last_used: BTreeMap<String, Time>,
    ) -> Result<(), StoreError> {
        self.change(move |content| content.keep_last_uses(last_used))
            .await
    }

    /// Changes what the file holds now: another agent of this user may have written it. Once begun
    /// it goes on to its end, and the next change after it, also when nobody waits for it any more.
    async fn change<T: Send + 'static>(
        &mut self,
        change: impl FnOnce(&mut Content) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let failed = |source| StoreError {
            path: self.path.clone(),
            source,
        };
        if let Some(kind) = self.unread {
            return Err(failed(kind.into()));
        }
        let turn = turn(self.path.clone()).await.map_err(failed)?;
        let path = self.path.clone();
        let (known, removed) = (self.content.clone(), self.removed.clone());
        let changed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let before = read_or_put_aside(&path)?;
            let mut content = before.clone().unwrap_or(known);
            let before = before.unwrap_or_default();
            content.apps.retain(|app| !removed.contains(&app.id));
            let done = change(&mut content);
            if content != before {
                write(&path, &content)?;
            }
            Ok((content, done))
        });
        let changed = changed.await.map_err(io::Error::from).flatten();
        let (content, done) = changed.map_err(failed)?;
        self.content = content;
        Ok(done)
    }
}

/// The programs in the list at `path`; none when there is no list. Leaves it as it is.
///
/// # Errors
/// When it cannot be read or understood.
pub fn kept_apps(path: &Path) -> io::Result<Vec<App>> {
    match read(path) {
        Ok(content) => Ok(content.apps.iter().map(LocalApp::to_app).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

impl Content {
    fn remove(&mut self, id: &str) -> bool {
        let before = self.apps.len();
        self.apps.retain(|app| app.id != id);
        self.last_used.remove(id);
        self.apps.len() != before
    }

    fn keep_last_uses(&mut self, last_used: BTreeMap<String, Time>) {
        let apps = &self.apps;
        self.last_used
            .retain(|id, _| last_used.contains_key(id) || apps.iter().any(|app| app.id == *id));
        for (id, at) in last_used {
            let known = self.last_used.entry(id).or_insert(at);
            *known = at.max(*known);
        }
    }
}

fn now() -> Time {
    jiff::Timestamp::now().into()
}
