//! Files and folders that only their user, and the operating system, can open.

use std::fs::File;
use std::io;
use std::path::Path;

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, GENERIC_WRITE};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, SetFileSecurityW,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_ALWAYS, CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_APPEND_DATA,
    FILE_ATTRIBUTE_NORMAL, FILE_CREATION_DISPOSITION, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_SHARE_DELETE, FILE_SHARE_READ, OPEN_ALWAYS,
};

use crate::handle::{own, succeeded};
use crate::text::wide;
use crate::{Rights, SecurityAttributes, Sid};

/// Makes a new file to write to; fails when it is there, unless `emptied`.
///
/// # Errors
/// What Windows says.
pub fn create_private(path: &Path, if_there: IfThere) -> io::Result<File> {
    let disposition = match if_there {
        IfThere::Fail => CREATE_NEW,
        IfThere::Empty => CREATE_ALWAYS,
    };
    open(path, GENERIC_WRITE, disposition)
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfThere {
    /// It stays, and the call fails.
    Fail,
    /// It loses its content.
    Empty,
}

/// Opens a file to append to; makes it when it is not there.
///
/// # Errors
/// What Windows says.
pub fn open_private_to_append(path: &Path) -> io::Result<File> {
    open(path, FILE_APPEND_DATA, OPEN_ALWAYS)
}

/// Makes a folder; one that is there already is closed to others.
///
/// # Errors
/// What Windows says.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let rights = of_this_user()?;
    let wide = wide(path);
    // SAFETY: a text with a zero at its end, and rights that live until the call returns.
    let made = succeeded(unsafe { CreateDirectoryW(wide.as_ptr(), rights.raw()) });
    match made {
        Err(error) if error.raw_os_error() == Some(ERROR_ALREADY_EXISTS.cast_signed()) => {
            close(path, &rights)
        }
        made => made,
    }
}

fn open(path: &Path, access: u32, disposition: FILE_CREATION_DISPOSITION) -> io::Result<File> {
    let rights = of_this_user()?;
    let wide_path = wide(path);
    // SAFETY: a text with a zero at its end, rights that live until the call returns, and no
    // template; the handle is ours.
    let file = unsafe {
        own(CreateFileW(
            wide_path.as_ptr(),
            access,
            FILE_SHARE_READ | FILE_SHARE_DELETE,
            rights.raw(),
            disposition,
            // A link in the place of the file is opened itself, and then cannot be written to.
            FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT,
            std::ptr::null_mut(),
        ))
    }?;
    // A file that was there before keeps its rights otherwise.
    close(path, &rights)?;
    Ok(file.into())
}

/// Gives what is there these rights in place of those it has.
fn close(path: &Path, rights: &SecurityAttributes) -> io::Result<()> {
    let wide = wide(path);
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: a text with a zero at its end, and a descriptor that lives until the call returns.
    succeeded(unsafe { SetFileSecurityW(wide.as_ptr(), what, rights.descriptor()) })
}

fn of_this_user() -> io::Result<SecurityAttributes> {
    let user = Sid::of_this_user()?;
    Rights::none()
        .all_for(&user)
        .all_for_the_system()
        .attributes()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn files_are_made_once_emptied_or_appended_to() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("private");
        create_private_folder(&place).unwrap();
        create_private_folder(&place).unwrap();
        let path = place.join("file");
        let mut file = create_private(&path, IfThere::Fail).unwrap();
        file.write_all(b"one").unwrap();
        drop(file);
        assert!(create_private(&path, IfThere::Fail).is_err());
        let mut file = open_private_to_append(&path).unwrap();
        file.write_all(b"two").unwrap();
        drop(file);
        let mut text = String::new();
        File::open(&path)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "onetwo");
        drop(create_private(&path, IfThere::Empty).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }
}
