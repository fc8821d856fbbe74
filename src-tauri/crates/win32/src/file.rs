//! Files and folders that only their user, and the operating system, can open.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, OwnedHandle};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_ALREADY_EXISTS, ERROR_SHARING_VIOLATION, GENERIC_WRITE,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, SetKernelObjectSecurity,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_ALWAYS, CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_APPEND_DATA,
    FILE_ATTRIBUTE_NORMAL, FILE_CREATION_DISPOSITION, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, OPEN_ALWAYS, READ_CONTROL, WRITE_DAC,
};

use crate::handle::{own, succeeded};
use crate::text::wide;
use crate::{Keepers, Kept, Rights, SecurityAttributes, Sid};

/// How long another program may keep a file open that is to be replaced or held.
const IN_USE_LIMIT: Duration = Duration::from_secs(2);
const IN_USE_PAUSE: Duration = Duration::from_millis(20);

/// Makes a file to write to, with rights of its own.
///
/// # Errors
/// What Windows says.
pub fn create_private(path: &Path, if_there: IfThere) -> io::Result<File> {
    let disposition = match if_there {
        IfThere::Fail => CREATE_NEW,
        IfThere::Empty => CREATE_ALWAYS,
    };
    open(
        path,
        GENERIC_WRITE,
        FILE_SHARE_READ | FILE_SHARE_DELETE,
        disposition,
    )
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfThere {
    /// It stays, and the call fails.
    Fail,
    /// It loses its content.
    Empty,
}

/// Opens a file to append to, beside others who do; makes it when it is not there. What one write
/// brings stays together.
///
/// # Errors
/// What Windows says.
pub fn open_private_to_append(path: &Path) -> io::Result<File> {
    let all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    open(path, FILE_APPEND_DATA, all, OPEN_ALWAYS)
}

/// Puts a file in the place of another. One that a program reads without letting others replace it
/// is waited for, for two seconds at most.
///
/// # Errors
/// What Windows says.
pub fn replace(new: &Path, old: &Path) -> io::Result<()> {
    let until = Instant::now() + IN_USE_LIMIT;
    loop {
        match std::fs::rename(new, old) {
            Err(error) if is_in_use(&error) && Instant::now() < until => sleep(IN_USE_PAUSE),
            replaced => return replaced,
        }
    }
}

/// Opens an empty file that only its user can open, and that nobody else has open to write. Another
/// program that has is waited for, for two seconds at most.
///
/// # Errors
/// What Windows says.
pub fn hold_private(path: &Path) -> io::Result<File> {
    let until = Instant::now() + IN_USE_LIMIT;
    loop {
        match create_private(path, IfThere::Empty) {
            Err(error) if is_in_use(&error) && Instant::now() < until => sleep(IN_USE_PAUSE),
            held => return held,
        }
    }
}

fn is_in_use(error: &io::Error) -> bool {
    let codes = [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION].map(u32::cast_signed);
    error
        .raw_os_error()
        .is_some_and(|code| codes.contains(&code))
}

/// Makes a folder; one that is there already is closed to others.
///
/// # Errors
/// What Windows says; `NotADirectory` when something else is in its place, a link for instance;
/// `PermissionDenied` when it belongs to somebody else.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let rights = of_this_user()?;
    let wide = wide(path);
    // SAFETY: a text with a zero at its end, and rights that live until the call returns.
    let made = succeeded(unsafe { CreateDirectoryW(wide.as_ptr(), rights.raw()) });
    match made {
        Err(error) if error.raw_os_error() == Some(ERROR_ALREADY_EXISTS.cast_signed()) => {}
        made => return made,
    }
    let folder = OpenOptions::new()
        .access_mode(READ_CONTROL | WRITE_DAC | FILE_READ_ATTRIBUTES)
        // Without backup semantics, folders are not opened; a link is opened itself.
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?;
    if !folder.metadata()?.file_type().is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let folder = folder.into();
    close(&folder, &rights)?;
    let keepers = Keepers::administrators_and_this_user()?;
    match keepers.outsider(&folder, Kept::Folder)? {
        None => Ok(()),
        Some(_) => {
            let why = "it belongs to another user";
            Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
        }
    }
}

fn open(
    path: &Path,
    access: u32,
    share: u32,
    disposition: FILE_CREATION_DISPOSITION,
) -> io::Result<File> {
    let rights = of_this_user()?;
    let wide_path = wide(path);
    // SAFETY: a text with a zero at its end, rights that live until the call returns, and no
    // template; the handle is ours.
    let file = unsafe {
        own(CreateFileW(
            wide_path.as_ptr(),
            access | READ_CONTROL | WRITE_DAC,
            share,
            rights.raw(),
            disposition,
            // A link in the place of the file is opened itself, and then cannot be written to.
            FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT,
            std::ptr::null_mut(),
        ))
    }?;
    // A file that was there before keeps its rights otherwise.
    close(&file, &rights)?;
    Ok(file.into())
}

/// Gives what is open these rights in place of those it has.
fn close(object: &OwnedHandle, rights: &SecurityAttributes) -> io::Result<()> {
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    let object = object.as_raw_handle();
    // SAFETY: an open handle with the right to do it, and a descriptor that lives until the call
    // returns.
    succeeded(unsafe { SetKernelObjectSecurity(object, what, rights.descriptor()) })
}

fn of_this_user() -> io::Result<SecurityAttributes> {
    let user = Sid::of_this_user()?;
    Rights::none()
        .all_for(&user)
        .all_for_the_system()
        .attributes()
}

/// Whether nobody but this user and the administrators can read or change a file, or a folder.
///
/// # Errors
/// What Windows says.
pub fn is_private(path: &Path) -> io::Result<bool> {
    let what = match std::fs::symlink_metadata(path)?.is_dir() {
        true => crate::Itself::Folder,
        false => crate::Itself::File,
    };
    let file = crate::open_itself(path, what)?;
    let keepers = Keepers::administrators_and_this_user()?;
    Ok(keepers.outsider(&file, Kept::Secret)?.is_none())
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
        assert!(is_private(&path).unwrap());
        drop(create_private(&path, IfThere::Empty).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }

    #[test]
    fn a_file_that_was_there_is_closed_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "open to others").unwrap();
        assert!(!is_private(&path).unwrap());
        drop(open_private_to_append(&path).unwrap());
        assert!(is_private(&path).unwrap());
    }

    #[test]
    fn two_may_append_at_the_same_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut one = open_private_to_append(&path).unwrap();
        let mut other = open_private_to_append(&path).unwrap();
        one.write_all(b"1").unwrap();
        other.write_all(b"2").unwrap();
        one.write_all(b"3").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"123");
    }

    #[test]
    fn a_file_that_a_program_reads_is_replaced_when_it_has_done() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        std::fs::write(&new, "new").unwrap();
        std::fs::write(&old, "old").unwrap();
        let mut alone = OpenOptions::new();
        let reader = alone.read(true).share_mode(FILE_SHARE_READ).open(&old);
        let reader = reader.unwrap();
        assert!(is_in_use(&std::fs::rename(&new, &old).unwrap_err()));
        let replaced = std::thread::scope(|scope| {
            let replaced = scope.spawn(|| replace(&new, &old));
            drop(reader);
            replaced.join().unwrap()
        });
        replaced.unwrap();
        assert_eq!(std::fs::read(&old).unwrap(), b"new");
    }
}
