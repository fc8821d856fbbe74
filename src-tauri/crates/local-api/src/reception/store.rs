//! The programs that were let in here, in a file that only this user can read (contract, section
//! 4.2): tokens as their SHA-256 only.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cardea_session::{Scope, ScopeSet, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::NewApp;
use crate::os::{create_private, private_folder, replace};
use crate::pairing::{ClaimedName, Wanted};
use crate::{App, AppSource};

/// Programs that can be let in here.
const MOST_APPS: usize = 100;
/// Longer files are none of ours, in bytes.
const LONGEST: u64 = 1024 * 1024;

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
    pub(crate) program: Option<PathBuf>,
    #[serde(serialize_with = "write_hex", deserialize_with = "read_hex")]
    pub(crate) token_sha256: [u8; 32],
    pub(crate) source: AppSource,
    pub(crate) added_at: Time,
}

impl LocalApp {
    pub(super) fn paired(id: String, wanted: Wanted) -> Self {
        Self {
            id,
            name: wanted.name,
            scopes: wanted.scopes,
            origins: wanted.applicant.origin.into_iter().collect(),
            program: wanted.applicant.program,
            token_sha256: [0; 32],
            source: AppSource::Paired,
            added_at: now(),
        }
    }

    pub(super) fn added(new: NewApp) -> Self {
        Self {
            id: new.id,
            name: new.name,
            scopes: new.scopes,
            origins: new.origins,
            program: None,
            token_sha256: [0; 32],
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

/// The list and its file.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    content: Content,
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
        let (content, unread) = match read(&path) {
            Ok(content) => (content, None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Content::default(), None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let aside = path.with_extension("json.bad");
                let put_aside = replace(&path, &aside);
                tracing::error!(
                    %error, file = %aside.display(),
                    "the list of programs could not be understood and was put aside"
                );
                (
                    Content::default(),
                    put_aside.err().map(|error| error.kind()),
                )
            }
            Err(error) => {
                tracing::error!(%error, "the list of programs cannot be read");
                (Content::default(), Some(error.kind()))
            }
        };
        Self {
            path,
            content,
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
        let mut content = self.content.clone();
        content.apps.retain(|other| other.id != app.id);
        if content.apps.len() >= MOST_APPS {
            return Ok(Added::TooMany);
        }
        content.apps.push(app);
        self.write(content).await?;
        Ok(Added::Kept)
    }

    /// Removes a program; false when it is not there.
    pub(super) async fn remove(&mut self, id: &str) -> Result<bool, StoreError> {
        if self.find(id).is_none() {
            return Ok(false);
        }
        let mut content = self.content.clone();
        content.apps.retain(|app| app.id != id);
        content.last_used.remove(id);
        // It is out, whether or not the disk hears of it.
        self.content = content.clone();
        self.write(content).await?;
        Ok(true)
    }

    /// Keeps who called when, if it is news.
    pub(super) async fn keep_last_uses(
        &mut self,
        last_used: BTreeMap<String, Time>,
    ) -> Result<(), StoreError> {
        if self.content.last_used == last_used {
            return Ok(());
        }
        let apps = self.content.apps.clone();
        self.write(Content { apps, last_used }).await
    }

    async fn write(&mut self, content: Content) -> Result<(), StoreError> {
        let failed = |source| StoreError {
            path: self.path.clone(),
            source,
        };
        if let Some(kind) = self.unread {
            return Err(failed(kind.into()));
        }
        let path = self.path.clone();
        let bytes = serde_json::to_vec_pretty(&content).map_err(|error| failed(error.into()))?;
        let written = tokio::task::spawn_blocking(move || write(&path, &bytes)).await;
        written.map_err(io::Error::from).flatten().map_err(failed)?;
        self.content = content;
        Ok(())
    }
}

fn read(path: &Path) -> io::Result<Content> {
    if fs::metadata(path)?.len() > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    serde_json::from_slice(&fs::read(path)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// So that no reader, and no crash, ever sees a part of it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    let temporary = path.with_extension("json.new");
    let mut file = create_private(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    replace(&temporary, path)
}

fn write_hex<S: Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    let digits = hash.iter().map(|byte| format!("{byte:02x}"));
    serializer.serialize_str(&digits.collect::<String>())
}

fn read_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits: Option<Vec<_>> = text.chars().map(|c| c.to_digit(16)).collect();
    let bytes: Vec<u8> = digits
        .unwrap_or_default()
        .chunks_exact(2)
        .filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
        .collect();
    let wrong = || serde::de::Error::custom("token_sha256 is not 64 hexadecimal digits");
    if text.len() != 64 {
        return Err(wrong());
    }
    bytes.try_into().map_err(|_| wrong())
}

fn now() -> Time {
    jiff::Timestamp::now().into()
}
