//! Who can write and read a file on Linux: owner and permission bits, by the open file. An access
//! control list that lets others in shows in the group bits (acl(5)).

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fstat};
use rustix::process::{Uid, geteuid};

use super::{FileProblem, Kept};

/// Opens a file that is kept as it should be. Links are followed: renewal tools put them there, and
/// what counts is the file that is read.
///
/// A key of root's may be readable by its group, whom root chose (as `ssl-cert` on Debian).
pub(super) fn open(path: &Path, kept: Kept) -> Result<File, FileProblem> {
    // Not blocking: opening a planted pipe would wait for its other end for ever.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(unreadable)?;
    let about = fstat(&file).map_err(unreadable)?;
    if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
        return Err(FileProblem::NotAFile);
    }
    let of_root = about.st_uid == Uid::ROOT.as_raw();
    if !of_root && about.st_uid != geteuid().as_raw() {
        return Err(FileProblem::Owner);
    }
    if about.st_mode & 0o022 != 0 {
        return Err(FileProblem::Writable);
    }
    let readers = if of_root { 0o004 } else { 0o044 };
    if kept == Kept::FromReading && about.st_mode & readers != 0 {
        return Err(FileProblem::Readable);
    }
    Ok(file.into())
}

fn unreadable(error: rustix::io::Errno) -> FileProblem {
    FileProblem::Unreadable(io::Error::from(error))
}
