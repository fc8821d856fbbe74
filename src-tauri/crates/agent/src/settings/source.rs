//! The places and what is written in them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{Problem, SettingError};
use super::origin::{Origin, Place};
use super::registry::{self, Hive, RegistryKey, Tree};
use super::trust::{Untrusted, Writers, read_trusted};

/// Which build of the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// The one that is installed in practices.
    Release,
    /// `cardea-dev`: it takes `--config` also where a policy is set, and `tokens:read` also from
    /// a file of the user's own.
    Developer,
}

/// Where settings come from.
#[derive(Clone, Debug)]
pub struct Places {
    /// What IT locks; may be missing.
    pub policy: Location,
    /// What the installer was told; may be missing.
    pub installation: Option<RegistryKey>,
    /// The machine's file or the one given.
    pub file: ConfigFile,
    /// The user's own file for `[desktop]`; may be missing.
    pub user: Option<PathBuf>,
    /// Which build runs.
    pub build: Build,
}

#[cfg(test)]
impl Places {
    /// A policy and a file given, both in one folder, and nothing else.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            policy: Location::File(folder.join("policy.toml")),
            installation: None,
            file: ConfigFile::Given(folder.join("config.toml")),
            user: None,
            build: Build::Release,
        }
    }
}

/// Where an administrator writes.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file, writable by the administrator only.
    File(PathBuf),
    /// A registry key, writable by the administrator only.
    Key(RegistryKey),
}

/// The file of settings.
#[derive(Clone, Debug)]
pub enum ConfigFile {
    /// The machine's own; may be missing. Writable by the administrator only.
    Machine(PathBuf),
    /// Named by `--config`. Writable by the administrator or the user who runs the agent only;
    /// `[hooks]` in it count only when the administrator alone could have written it.
    Given(PathBuf),
}

/// Who could have written what a place says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Standing {
    Administrator,
    User,
}

/// Which file of settings is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acceptance {
    Any,
    /// Not one named by `--config`.
    MachineOnly,
}

/// Whether a file is there, to be believed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    There,
    Missing,
}

/// What is written in one place.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) origin: Origin,
    pub(super) standing: Standing,
    pub(super) content: Content,
}

/// As it is written.
#[derive(Debug, Hash)]
pub(super) enum Content {
    /// TOML.
    Text(String),
    /// Keys and values of the registry.
    Keys(Tree),
}

/// Differs when what is written, who could have written it or what is refused differs. In place of
/// the text itself, which may hold what should not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

/// What is written in all places, highest first, and what could not be used.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) sources: Vec<Source>,
    pub(super) errors: Vec<SettingError>,
}

impl Gathered {
    pub(super) fn from(places: &Places) -> Self {
        let mut gathered = Self::default();
        match &places.policy {
            Location::File(path) => gathered.policy_file(path),
            Location::Key(key) => gathered.key(Place::Policy, key),
        }
        let is_managed = !gathered.sources.is_empty() || !gathered.errors.is_empty();
        if let Some(key) = &places.installation {
            gathered.key(Place::Installation, key);
        }
        let acceptance = if is_managed && places.build == Build::Release {
            Acceptance::MachineOnly
        } else {
            Acceptance::Any
        };
        gathered.file(&places.file, acceptance);
        if let Some(path) = &places.user {
            gathered.user(path);
        }
        gathered
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut hasher = DefaultHasher::new();
        for source in &self.sources {
            (&source.origin, source.standing, &source.content).hash(&mut hasher);
        }
        for error in &self.errors {
            error.to_string().hash(&mut hasher);
        }
        Fingerprint(hasher.finish())
    }

    fn policy_file(&mut self, path: &Path) {
        let origin = Origin::whole(Place::Policy, path);
        self.trusted(origin, path, Writers::Administrator);
    }

    /// Takes what a registry key says. One in which nothing is set says nothing, also not that
    /// somebody manages this computer.
    fn key(&mut self, place: Place, key: &RegistryKey) {
        let origin = Origin::whole(place, key.to_string());
        match registry::read(key) {
            Ok(Some(tree)) if !tree.is_empty() => self.sources.push(Source {
                origin,
                standing: match key.hive {
                    Hive::LocalMachine => Standing::Administrator,
                    Hive::CurrentUser => Standing::User,
                },
                content: Content::Keys(tree),
            }),
            Ok(_) => {}
            Err(refused) => self.refuse(origin, Problem::Untrusted(refused)),
        }
    }

    fn file(&mut self, file: &ConfigFile, acceptance: Acceptance) {
        match file {
            ConfigFile::Machine(path) => {
                let origin = Origin::whole(Place::File, path);
                self.trusted(origin, path, Writers::Administrator);
            }
            ConfigFile::Given(path) => {
                let origin = Origin::whole(Place::File, path);
                if acceptance == Acceptance::MachineOnly {
                    return self.refuse(origin, Problem::ConfigRefused);
                }
                match std::fs::canonicalize(path) {
                    Ok(real) => {
                        let there =
                            self.trusted(origin.clone(), &real, Writers::AdministratorOrUser);
                        if there == Presence::Missing {
                            // It went away in this moment.
                            self.refuse(origin, Problem::NoSuchFile);
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        self.refuse(origin, Problem::NoSuchFile);
                    }
                    Err(error) => {
                        self.refuse(origin, Problem::Untrusted(Untrusted::Unreadable(error)));
                    }
                }
            }
        }
    }

    fn user(&mut self, path: &Path) {
        let origin = Origin::whole(Place::User, path);
        match super::trust::read_own(path) {
            Ok(Some(text)) => self.sources.push(Source {
                origin,
                standing: Standing::User,
                content: Content::Text(text),
            }),
            Ok(None) => {}
            Err(refused) => self.refuse(origin, Problem::Untrusted(refused)),
        }
    }

    /// Takes what a file says, or why it is refused.
    fn trusted(&mut self, origin: Origin, path: &Path, writers: Writers) -> Presence {
        match read_trusted(path, writers) {
            Ok(Some(file)) => self.sources.push(Source {
                origin,
                standing: if file.administrators_only {
                    Standing::Administrator
                } else {
                    Standing::User
                },
                content: Content::Text(file.text),
            }),
            Ok(None) => return Presence::Missing,
            Err(refused) => self.refuse(origin, Problem::Untrusted(refused)),
        }
        Presence::There
    }

    fn refuse(&mut self, origin: Origin, problem: Problem) {
        self.errors.push(SettingError {
            origin,
            key: None,
            problem,
        });
    }
}
