//! Notices of changes of a folder.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::Path;

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_NOTIFY_CHANGE_ATTRIBUTES, FILE_NOTIFY_CHANGE_DIR_NAME, FILE_NOTIFY_CHANGE_FILE_NAME,
    FILE_NOTIFY_CHANGE_LAST_WRITE, FILE_NOTIFY_CHANGE_SECURITY, FILE_NOTIFY_CHANGE_SIZE,
    FindCloseChangeNotification, FindFirstChangeNotificationW,
};

use crate::text::wide;

/// Tells once when something in a folder changes. Wait for it with [`crate::wait_for_any`].
#[derive(Debug)]
pub struct FolderNotice(HANDLE);

// SAFETY: handles belong to the process, whichever thread uses or closes them.
unsafe impl Send for FolderNotice {}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Whatever happens to the files and folders in it.
    Everything,
    /// Folders in it that come, go or get other rights.
    Folders,
}

impl FolderNotice {
    /// Looks after a folder, but not after those in it, from now on.
    ///
    /// # Errors
    /// What Windows says, as when there is no such folder.
    pub fn arm(folder: &Path, told: Told) -> io::Result<Self> {
        let folders = FILE_NOTIFY_CHANGE_DIR_NAME | FILE_NOTIFY_CHANGE_SECURITY;
        let filter = match told {
            Told::Folders => folders,
            Told::Everything => {
                folders
                    | FILE_NOTIFY_CHANGE_FILE_NAME
                    | FILE_NOTIFY_CHANGE_ATTRIBUTES
                    | FILE_NOTIFY_CHANGE_SIZE
                    | FILE_NOTIFY_CHANGE_LAST_WRITE
            }
        };
        let path = wide(folder);
        let subtree = 0;
        // SAFETY: a text with a zero at its end.
        let handle = unsafe { FindFirstChangeNotificationW(path.as_ptr(), subtree, filter) };
        if handle == INVALID_HANDLE_VALUE || handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(handle))
    }
}

impl AsHandle for FolderNotice {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        // SAFETY: open until this is dropped.
        unsafe { BorrowedHandle::borrow_raw(self.0) }
    }
}

impl Drop for FolderNotice {
    fn drop(&mut self) {
        // SAFETY: given by `FindFirstChangeNotificationW`, and closed once.
        unsafe {
            FindCloseChangeNotification(self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;
    use crate::wait_for_any;

    /// Only ends a test that would fail.
    const LIMIT: Duration = Duration::from_secs(5);

    fn is_told(told: Told, change: impl Fn(&Path)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let notice = FolderNotice::arm(folder.path(), told).unwrap();
        let wait = |limit| wait_for_any(&[notice.as_handle()], limit).unwrap();
        assert_eq!(wait(Duration::ZERO), None);
        change(folder.path());
        wait(LIMIT) == Some(0)
    }

    #[test]
    fn whatever_happens_to_a_file_is_told() {
        let file = |folder: &Path| folder.join("file");
        let all = Told::Everything;
        assert!(is_told(all, |folder| fs::write(file(folder), "x").unwrap()));
        assert!(is_told(all, |folder| fs::remove_file(file(folder)).unwrap()));
        assert!(is_told(all, |folder| fs::write(folder.join("new"), "").unwrap()));
        assert!(is_told(all, |folder| fs::rename(
            file(folder),
            folder.join("x")
        )
        .unwrap()));
    }

    #[test]
    fn a_folder_that_comes_is_told() {
        for told in [Told::Folders, Told::Everything] {
            assert!(is_told(told, |folder| fs::create_dir(folder.join("new")).unwrap()));
        }
    }

    #[test]
    fn there_must_be_such_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(FolderNotice::arm(&folder.path().join("none"), Told::Folders).is_err());
    }
}
