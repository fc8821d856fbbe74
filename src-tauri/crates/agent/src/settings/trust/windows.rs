//! The rules on Windows: owner and access control list of the file and of every folder above it,
//! each asked of the handle it was opened by. That the file opened is the one in the folder asked
//! is seen from where both handles say that they lead.

use std::fs::File;
use std::io;
use std::os::windows::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf, Prefix};
use std::time::Duration;

use cardea_win32::{
    Hold, Itself, Keepers, Kept, Outsider, final_path, is_on_disk, is_on_fixed_drive, open_itself,
};

use super::{Trusted, Untrusted, Writers};

/// `FILE_ATTRIBUTE_REPARSE_POINT`: a link, a junction, or something else that leads elsewhere.
const REPARSE_POINT: u32 = 0x400;

/// `ERROR_SHARING_VIOLATION`: another program has the file open for itself alone.
const IN_USE: i32 = 32;
/// How often a file in use is asked for again.
const TRIES: usize = 20;
/// How long to wait before the next try.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens the file at an absolute path when nobody but `writers` could have written or replaced it;
/// none when there is no file.
///
/// The file and its own folder must be writable by `writers` only. In a folder further up others
/// may make something new, as users can in `C:\ProgramData`, but nothing there may be theirs to
/// take away.
///
/// # Errors
/// [`Untrusted`] when the file is there and is refused or cannot be read.
pub(in crate::settings) fn open_trusted(
    path: &Path,
    writers: Writers,
) -> Result<Option<Trusted>, Untrusted> {
    let (Some(folder), Some(_)) = (path.parent(), path.file_name()) else {
        return Err(Untrusted::NotAFile);
    };
    if !is_plain(folder) {
        return Err(Untrusted::NotAFile);
    }
    let mut judge = Judge::new(writers)?;
    let mut above: Vec<_> = folder.ancestors().skip(1).collect();
    above.reverse();
    for folder in above {
        let Some(open) = open(folder, Itself::Folder)? else {
            return Ok(None);
        };
        judge.look_at(&open, folder, Kept::FolderAbove)?;
    }
    let Some(open_folder) = open(folder, Itself::Folder)? else {
        return Ok(None);
    };
    judge.look_at(&open_folder, folder, Kept::Folder)?;
    let file = match open(path, Itself::File) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(error) => return Err(judge.refused.unwrap_or(error)),
    };
    judge.look_at(&file, path, Kept::File)?;
    if !is_on_disk(&file) || file.metadata().map_err(Untrusted::Unreadable)?.is_dir() {
        return Err(Untrusted::NotAFile);
    }
    if !is_in(&file, &open_folder).map_err(Untrusted::Unreadable)? {
        // A folder was swapped between the two.
        return Err(Untrusted::Link { path: shown(path) });
    }
    match judge.refused {
        Some(refused) => Err(refused),
        None => Ok(Some(Trusted {
            // What a share or a stick says of its rights, somebody else's computer says.
            administrators_only: judge.administrators_only && is_on_fixed_drive(&file),
            file,
        })),
    }
}

/// Whether a path begins at a drive or a share, and goes down from there.
fn is_plain(folder: &Path) -> bool {
    folder.components().all(|component| match component {
        Component::Prefix(prefix) => match prefix.kind() {
            Prefix::Disk(_)
            | Prefix::VerbatimDisk(_)
            | Prefix::UNC(..)
            | Prefix::VerbatimUNC(..) => true,
            Prefix::Verbatim(_) | Prefix::DeviceNS(_) => false,
        },
        Component::RootDir | Component::Normal(_) => true,
        Component::CurDir | Component::ParentDir => false,
    }) && folder.has_root()
}

fn is_in(file: &File, folder: &File) -> io::Result<bool> {
    Ok(final_path(file)?.parent() == Some(&final_path(folder)?))
}

/// None when there is nothing.
fn open(path: &Path, what: Itself) -> Result<Option<File>, Untrusted> {
    for _ in 0..TRIES {
        match open_itself(path, what) {
            Ok(file) => return Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.raw_os_error() == Some(IN_USE) => std::thread::sleep(PAUSE),
            Err(error) => return Err(Untrusted::Unreadable(error)),
        }
    }
    Err(Untrusted::Unreadable(io::Error::from_raw_os_error(IN_USE)))
}

struct Judge {
    administrators: Keepers,
    writers: Keepers,
    /// The first thing that others could have changed.
    refused: Option<Untrusted>,
    administrators_only: bool,
}

impl Judge {
    fn new(writers: Writers) -> Result<Self, Untrusted> {
        let administrators = Keepers::administrators();
        Ok(Self {
            writers: match writers {
                Writers::Administrator => administrators.clone(),
                Writers::AdministratorOrUser => {
                    Keepers::administrators_and_this_user().map_err(Untrusted::Unreadable)?
                }
            },
            administrators,
            refused: None,
            administrators_only: true,
        })
    }

    fn look_at(&mut self, file: &File, path: &Path, kept: Kept) -> Result<(), Untrusted> {
        let metadata = file.metadata().map_err(Untrusted::Unreadable)?;
        if metadata.file_attributes() & REPARSE_POINT != 0 {
            return Err(Untrusted::Link { path: shown(path) });
        }
        let outsider =
            |keepers: &Keepers| keepers.outsider(file, kept).map_err(Untrusted::Unreadable);
        self.administrators_only &= outsider(&self.administrators)?.is_none();
        if let Some(outsider) = outsider(&self.writers)? {
            let refused = held_by(outsider, shown(path), Thing::File);
            self.refused.get_or_insert(refused);
        }
        Ok(())
    }
}

/// What somebody else can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::settings) enum Thing {
    /// A file or a folder.
    File,
    /// A registry key.
    Key,
}

/// The refusal because of an outsider.
pub(in crate::settings) fn held_by(outsider: Outsider, path: PathBuf, thing: Thing) -> Untrusted {
    let Outsider { who, by } = outsider;
    match by {
        Hold::Owning => Untrusted::Owner {
            path,
            owner: who.to_owned(),
            remedy: match thing {
                Thing::File => "make it belong to Administrators (icacls /setowner)",
                Thing::Key => "make it belong to Administrators (regedit, Permissions)",
            },
        },
        Hold::Rights => Untrusted::Writable {
            path,
            writers: who.to_owned(),
            remedy: match thing {
                Thing::File => {
                    "; let only SYSTEM and Administrators write to it (icacls)".to_owned()
                }
                Thing::Key => "; let only SYSTEM and Administrators write to it (regedit, \
                               Permissions)"
                    .to_owned(),
            },
        },
    }
}

/// Without the prefix of verbatim paths.
fn shown(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    match text.strip_prefix(r"\\?\") {
        Some(plain) if plain.as_bytes().get(1) == Some(&b':') => plain.into(),
        Some(_) | None => path.to_owned(),
    }
}
