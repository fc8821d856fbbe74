//! The rules on Linux: owner and permission bits of the file and of every folder above it, each
//! looked at through the descriptor it was opened by, so that nothing can be swapped in between.
//! An access control list that lets others write shows in the group bits (acl(5)).

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, openat};
use rustix::io::Errno;

use super::{Trusted, Untrusted, Writers};

const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Opens the file at an absolute path when nobody but `writers` could have written or replaced it;
/// none when there is no file.
///
/// The file and its own folder must be writable by `writers` only. A folder further up may be
/// writable by others only when it is sticky (`/tmp`): there, nobody can replace what belongs to
/// somebody else.
///
/// # Errors
/// [`Untrusted`] when the file is there and is refused or cannot be read.
pub(in crate::settings) fn open_trusted(
    path: &Path,
    writers: Writers,
) -> Result<Option<Trusted>, Untrusted> {
    let mut walk = Walk::from_root(writers)?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Untrusted::NotAFile);
    };
    for component in folder.components() {
        match component {
            Component::RootDir => {}
            Component::Normal(name) => {
                if !walk.enter(name)? {
                    return Ok(None);
                }
            }
            Component::Prefix(_) | Component::CurDir | Component::ParentDir => {
                return Err(Untrusted::NotAFile);
            }
        }
    }
    walk.open(name)
}

/// The way from the root folder down.
struct Walk {
    writers: Writers,
    path: PathBuf,
    folder: OwnedFd,
    stat: Stat,
    /// The first thing that others could have changed.
    refused: Option<Untrusted>,
    administrators_only: bool,
}

impl Walk {
    fn from_root(writers: Writers) -> Result<Self, Untrusted> {
        let folder = open_folder(CWD, OsStr::new("/")).map_err(unreadable)?;
        let stat = fstat(&folder).map_err(unreadable)?;
        let mut walk = Self {
            writers,
            path: PathBuf::from("/"),
            folder,
            stat,
            refused: None,
            administrators_only: true,
        };
        walk.judge_owner(&stat);
        Ok(walk)
    }

    /// Goes down one folder; false when there is no such folder.
    fn enter(&mut self, name: &OsStr) -> Result<bool, Untrusted> {
        if self.stat.st_mode & STICKY == 0 {
            self.judge_mode(&self.stat.clone());
        }
        self.path.push(name);
        let folder = match open_folder(&self.folder, name) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(false),
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(self.link_or_not_a_file(name)),
            Err(error) => return Err(unreadable(error)),
        };
        self.folder = folder;
        self.stat = fstat(&self.folder).map_err(unreadable)?;
        self.judge_owner(&self.stat.clone());
        Ok(true)
    }

    /// Opens the file in the folder reached.
    fn open(mut self, name: &OsStr) -> Result<Option<Trusted>, Untrusted> {
        self.judge_mode(&self.stat.clone());
        self.path.push(name);
        // Not blocking: opening a planted pipe would wait for its other end for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&self.folder, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => {
                return Err(Untrusted::Link {
                    path: self.path.clone(),
                });
            }
            Err(error) => return Err(self.refused.unwrap_or_else(|| unreadable(error))),
        };
        let stat = fstat(&file).map_err(unreadable)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Untrusted::NotAFile);
        }
        self.judge_owner(&stat);
        self.judge_mode(&stat);
        match self.refused {
            Some(refused) => Err(refused),
            None => Ok(Some(Trusted {
                file: file.into(),
                administrators_only: self.administrators_only,
            })),
        }
    }

    fn judge_owner(&mut self, stat: &Stat) {
        let owner = stat.st_uid;
        let root = rustix::process::Uid::ROOT.as_raw();
        self.administrators_only &= owner == root;
        let may_write = match self.writers {
            Writers::Administrator => owner == root,
            Writers::AdministratorOrUser => {
                owner == root || owner == rustix::process::geteuid().as_raw()
            }
        };
        if !may_write {
            self.refused.get_or_insert(Untrusted::Owner {
                path: self.path.clone(),
                owner: format!("user id {owner}"),
                remedy: "make it belong to root (chown root)",
            });
        }
    }

    fn judge_mode(&mut self, stat: &Stat) {
        if stat.st_mode & OTHERS_WRITE != 0 {
            let mode = stat.st_mode & 0o7777;
            self.refused.get_or_insert(Untrusted::Writable {
                path: self.path.clone(),
                writers: "others".to_owned(),
                remedy: format!(" (mode {mode:04o}); take that away (chmod go-w)"),
            });
        }
    }

    fn link_or_not_a_file(&self, name: &OsStr) -> Untrusted {
        let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
        let link = rustix::fs::statat(&self.folder, name, flags)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink);
        if link {
            Untrusted::Link {
                path: self.path.clone(),
            }
        } else {
            Untrusted::NotAFile
        }
    }
}

fn open_folder(from: impl std::os::fd::AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(from, name, flags, Mode::empty())
}

fn unreadable(error: Errno) -> Untrusted {
    Untrusted::Unreadable(io::Error::from(error))
}
