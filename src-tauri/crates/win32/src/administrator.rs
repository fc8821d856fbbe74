//! Whether this process may change what belongs to the computer.

use std::io;

use windows_sys::Win32::Security::{
    CheckTokenMembership, CreateWellKnownSid, SECURITY_MAX_SID_SIZE, WinBuiltinAdministratorsSid,
};

use crate::handle::succeeded;

/// Whether this process runs as an administrator, with those rights in force (elevated).
///
/// # Errors
/// What Windows says.
pub fn is_administrator() -> io::Result<bool> {
    let mut sid = [0_u64; (SECURITY_MAX_SID_SIZE as usize).div_ceil(8)];
    let mut size = size_of_val(&sid) as u32;
    let mut is_member = 0;
    // SAFETY: a place of that size, big enough for every SID and aligned for it; and a place for
    // the answer. No token stands for this process's own.
    unsafe {
        let place = sid.as_mut_ptr().cast();
        let no_domain = std::ptr::null_mut();
        let kind = WinBuiltinAdministratorsSid;
        succeeded(CreateWellKnownSid(kind, no_domain, place, &raw mut size))?;
        let this = std::ptr::null_mut();
        succeeded(CheckTokenMembership(this, place, &raw mut is_member))?;
    }
    Ok(is_member != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_says_whether_this_is_an_administrator() {
        // Under Wine everybody is.
        assert!(is_administrator().is_ok());
    }
}
