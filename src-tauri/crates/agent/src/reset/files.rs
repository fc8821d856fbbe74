//! The user's files and folders. Only names that Cardea gives are removed, and only files; but what the
//! web view keeps in a folder of its own goes with the folder.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::{Kept, Obstacle, Reset, system};
use crate::logs::is_log_file;
use crate::paths::UserPaths;

/// What the state folder has besides the logs: the list of programs and the audit, with what a
/// change of them makes or leaves, and what the window notes that it has said.
const STATE: &[&str] = &[
    "apps.json",
    "apps.json.bad",
    "apps.json.new",
    "apps.lock",
    "audit.jsonl",
    "audit.jsonl.new",
    "introduced",
    "tray-stays-told",
];

/// The folder in it that Edge WebView2 has for the window, and fills by names of its own.
const WEB_VIEW: &str = "webview2";

/// What the folder of the user's settings has besides them: what a change of them makes or leaves.
const CONFIG: &[&str] = &["user.lock", "user.toml.new"];

/// A folder of Cardea's as it was found.
struct Folder {
    path: PathBuf,
    content: Content,
}

enum Content {
    /// There is no such folder.
    Nothing,
    /// It is none, or not this user's: a link, for instance.
    NotOurs,
    Files {
        /// Those to be removed, in their order.
        known: Vec<PathBuf>,
        /// Everything else but folders of Cardea's.
        unknown: Vec<PathBuf>,
    },
    /// It goes with everything in it.
    Tree,
    Unreadable(io::Error),
}

/// What is there.
pub(super) struct Found(Vec<Folder>);

impl Found {
    /// Looks, and changes nothing.
    pub(super) fn look(paths: &UserPaths) -> Self {
        let runtime = paths.endpoint();
        let runtime = runtime.parent().unwrap_or(Path::new("/"));
        let is_state = |name: &str| {
            let is_runtime = runtime == paths.state && system::runtime_rank(paths, name).is_some();
            is_runtime || STATE.contains(&name)
        };
        let settings = paths.user_settings();
        let web_view = paths.state.join(WEB_VIEW);
        let mut folders = vec![
            look_at_tree(&web_view),
            look_into(&paths.logs(), &[], |name| is_log_file(name).then_some(0)),
            look_into(&paths.state, &[&paths.logs(), &web_view], |name| {
                is_state(name).then_some(0)
            }),
            look_into(&paths.config, &[], |name| {
                let is_file = settings.file_name() == Some(name.as_ref());
                (is_file || CONFIG.contains(&name)).then_some(0)
            }),
        ];
        if runtime != paths.state {
            let rank = |name: &str| system::runtime_rank(paths, name);
            folders.push(look_into(runtime, &[], rank));
        }
        Self(folders)
    }

    /// Removes what was found, and the folders that are empty then; speaks of what was there
    /// `before` only.
    pub(super) fn remove(self, before: &Self, reset: &mut Reset) {
        for Folder { path, content } in self.0 {
            match content {
                Content::Nothing => {}
                Content::NotOurs => reset.stays.push(path),
                Content::Tree => {
                    let removed = fs::remove_dir_all(&path);
                    note(reset, Kept::Folder(path), removed);
                }
                Content::Unreadable(error) => reset.note(Kept::Folder(path), Err(error.into())),
                Content::Files { known, unknown } => {
                    for file in known {
                        let removed = fs::remove_file(&file);
                        if removed.is_err() || before.has(&file) {
                            note(reset, Kept::File(file), removed);
                        }
                    }
                    reset.stays.extend(unknown);
                    match fs::remove_dir(&path) {
                        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                        removed => note(reset, Kept::Folder(path), removed),
                    }
                }
            }
        }
    }

    fn has(&self, file: &PathBuf) -> bool {
        self.0.iter().any(|folder| match &folder.content {
            Content::Files { known, .. } => known.contains(file),
            Content::Nothing | Content::NotOurs | Content::Tree | Content::Unreadable(_) => false,
        })
    }
}

/// One that is gone already is no loss.
fn note(reset: &mut Reset, what: Kept, removed: io::Result<()>) {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        removed => reset.note(what, removed.map_err(Obstacle::from)),
    }
}

/// A folder whose names are not Cardea's, in one that is.
fn look_at_tree(path: &Path) -> Folder {
    let content = is_ours(path).map(|ours| {
        if ours {
            Content::Tree
        } else {
            Content::NotOurs
        }
    });
    found(path, content)
}

/// `rank` is none for names that Cardea does not give; files of a lower one go first.
fn look_into(path: &Path, inner: &[&Path], rank: impl Fn(&str) -> Option<u8>) -> Folder {
    found(path, content(path, inner, rank))
}

fn found(path: &Path, content: io::Result<Content>) -> Folder {
    let content = match content {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Content::Nothing,
        Err(error) => Content::Unreadable(error),
    };
    Folder {
        path: path.to_owned(),
        content,
    }
}

/// Whether it is a folder, and this user's: no link, for instance.
fn is_ours(path: &Path) -> io::Result<bool> {
    let folder = fs::symlink_metadata(path)?;
    Ok(folder.is_dir() && system::is_own(&folder))
}

fn content(path: &Path, inner: &[&Path], rank: impl Fn(&str) -> Option<u8>) -> io::Result<Content> {
    if !is_ours(path)? {
        return Ok(Content::NotOurs);
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let rank = name.to_str().and_then(&rank);
        match rank.filter(|_| entry.file_type().is_ok_and(is_file)) {
            Some(rank) => known.push((rank, path)),
            None if inner.contains(&path.as_path()) => {}
            None => unknown.push(path),
        }
    }
    known.sort();
    unknown.sort();
    let known = known.into_iter().map(|(_, path)| path).collect();
    Ok(Content::Files { known, unknown })
}

/// Cardea makes no links.
fn is_file(kind: FileType) -> bool {
    !kind.is_dir() && !kind.is_symlink()
}
