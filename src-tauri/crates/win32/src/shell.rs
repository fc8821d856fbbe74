//! What the desktop does for programs.

use std::io;
use std::path::PathBuf;

use windows_sys::Win32::System::Com::CoTaskMemFree;
use windows_sys::Win32::UI::Shell::{FOLDERID_ProgramData, SHGetKnownFolderPath, ShellExecuteW};
use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;

use crate::text::{read, wide};

/// Answers above this are no errors (`ShellExecuteW`).
const LARGEST_ERROR: isize = 32;

/// Has the desktop open an address with the program that the user chose for it. The caller sees to
/// it that it is an address: Windows would start a program by its name, too.
///
/// # Errors
/// What Windows says.
pub fn open_address(address: &str) -> io::Result<()> {
    let (verb, address) = (wide("open"), wide(address));
    let none = std::ptr::null();
    // SAFETY: texts with a zero at their ends; no window, no parameters, no folder.
    let answer = unsafe {
        ShellExecuteW(
            std::ptr::null_mut(),
            verb.as_ptr(),
            address.as_ptr(),
            none,
            none,
            SW_SHOWNORMAL,
        )
    };
    if answer as isize <= LARGEST_ERROR {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The folder for what programs keep for all users, `C:\ProgramData` as a rule; not asked of the
/// environment, where whoever starts a program can write.
///
/// # Errors
/// What Windows says.
pub fn program_data() -> io::Result<PathBuf> {
    let mut path = std::ptr::null_mut();
    let (flags, user) = (0, std::ptr::null_mut());
    // SAFETY: a known folder's id, no user, and a place for the answer, which Windows allocates.
    let code = unsafe { SHGetKnownFolderPath(&FOLDERID_ProgramData, flags, user, &raw mut path) };
    // SAFETY: nothing, or a text with a zero at its end, freed once as Windows wants it also after
    // an error.
    let folder = unsafe {
        let folder = (code >= 0 && !path.is_null()).then(|| read(path));
        CoTaskMemFree(path.cast_const().cast());
        folder
    };
    folder
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::from_raw_os_error(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_all_users_is_there() {
        let folder = program_data().unwrap();
        assert!(
            folder.is_absolute() && folder.is_dir(),
            "{}",
            folder.display()
        );
    }
}
