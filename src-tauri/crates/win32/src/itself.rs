//! Opening what is at a path itself, not what a link there leads to, so that it can be asked about
//! and read through the same handle.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStringExt as _;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::{Component, Path, PathBuf, Prefix};

use windows_sys::Win32::Foundation::GENERIC_READ;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_NAME_NORMALIZED,
    FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_TYPE_DISK,
    GetDriveTypeW, GetFileType, GetFinalPathNameByHandleW, READ_CONTROL, SECURITY_IDENTIFICATION,
    VOLUME_NAME_DOS,
};
use windows_sys::Win32::System::WindowsProgramming::DRIVE_FIXED;

use crate::text::wide;

/// What is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Itself {
    /// To read it.
    File,
    /// Only to ask about it.
    Folder,
}

/// Opens what is at a path, without following a link in the last part of it. Others may read, write
/// and delete it meanwhile. Ask the handle what it is: its attributes, [`is_on_disk`], [`final_path`],
/// [`crate::Keepers::outsider`].
///
/// # Errors
/// What Windows says.
pub fn open_itself(path: &Path, what: Itself) -> io::Result<File> {
    let rights = match what {
        Itself::File => GENERIC_READ,
        Itself::Folder => READ_CONTROL | FILE_READ_ATTRIBUTES,
    };
    OpenOptions::new()
        .access_mode(rights)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
        // Without backup semantics, folders are not opened.
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS)
        // A planted pipe learns who we are, and cannot act in our name.
        .security_qos_flags(SECURITY_IDENTIFICATION)
        .open(path)
}

/// Whether it is a file or folder, and no pipe or device.
#[must_use]
pub fn is_on_disk(file: &File) -> bool {
    // SAFETY: an open handle.
    unsafe { GetFileType(file.as_raw_handle()) == FILE_TYPE_DISK }
}

/// Whether an open file is on a drive that is built into this computer, so that its rights are
/// those that this computer gave. One that cannot be told is not.
#[must_use]
pub fn is_on_fixed_drive(file: &File) -> bool {
    let Ok(path) = final_path(file) else {
        return false;
    };
    let Some(Component::Prefix(prefix)) = path.components().next() else {
        return false;
    };
    let Prefix::VerbatimDisk(letter) = prefix.kind() else {
        return false;
    };
    let root = wide(format!("{}:\\", char::from(letter)));
    // SAFETY: a text with a zero at its end.
    unsafe { GetDriveTypeW(root.as_ptr()) == DRIVE_FIXED }
}

/// Where an open file or folder really is, after all links, as a path that begins with `\\?\`.
///
/// # Errors
/// What Windows says.
pub fn final_path(file: &File) -> io::Result<PathBuf> {
    let mut path = vec![0; 512];
    loop {
        let capacity = path.len() as u32;
        let flags = FILE_NAME_NORMALIZED | VOLUME_NAME_DOS;
        // SAFETY: an open handle, and a buffer of that length.
        let length = unsafe {
            GetFinalPathNameByHandleW(file.as_raw_handle(), path.as_mut_ptr(), capacity, flags)
        };
        if length == 0 {
            return Err(io::Error::last_os_error());
        }
        if length < capacity {
            path.truncate(length as usize);
            return Ok(OsString::from_wide(&path).into());
        }
        // It says how much it needs.
        path.resize(length as usize + 1, 0);
    }
}

/// Lets everybody write to a file or folder: for tests.
///
/// # Errors
/// What Windows says.
#[cfg(any(test, feature = "test-support"))]
pub fn let_everyone_write(path: &Path) -> io::Result<()> {
    use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, SetFileSecurityW};

    let rights = crate::SecurityAttributes::parse("D:P(A;;FA;;;WD)")?;
    let wide = wide(path);
    // SAFETY: a text with a zero at its end, and a descriptor that lives until the call returns.
    crate::handle::succeeded(unsafe {
        SetFileSecurityW(
            wide.as_ptr(),
            DACL_SECURITY_INFORMATION,
            rights.descriptor(),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::{Hold, Keepers, Kept, Outsider};

    #[test]
    fn a_file_is_read_and_asked_through_one_handle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "text").unwrap();
        let mut file = open_itself(&path, Itself::File).unwrap();
        assert!(is_on_disk(&file));
        let inside = final_path(&file).unwrap();
        let above = final_path(&open_itself(folder.path(), Itself::Folder).unwrap()).unwrap();
        assert_eq!(inside, above.join("file"));
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
    }

    #[test]
    fn what_everybody_can_write_is_seen_by_its_handle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "").unwrap();
        let keepers = Keepers::administrators_and_this_user().unwrap();
        let outsider = |path: &Path, what, kept| {
            let file = open_itself(path, what).unwrap();
            keepers.outsider(&file, kept).unwrap()
        };
        assert_eq!(outsider(&path, Itself::File, Kept::File), None);
        assert_eq!(outsider(folder.path(), Itself::Folder, Kept::Folder), None);
        let everyone = Some(Outsider {
            who: "Everyone",
            by: Hold::Rights,
        });
        let_everyone_write(&path).unwrap();
        assert_eq!(outsider(&path, Itself::File, Kept::File), everyone);
        let_everyone_write(folder.path()).unwrap();
        assert_eq!(
            outsider(folder.path(), Itself::Folder, Kept::Folder),
            everyone
        );
    }
}
