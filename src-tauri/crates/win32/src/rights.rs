//! Who may do what with a file or a pipe, in the Security Descriptor Definition Language.

use std::ffi::c_void;
use std::fmt::Write as _;
use std::io;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES};

use crate::Sid;
use crate::handle::succeeded;
use crate::text::wide;

/// Rights, put together one after the other. Nothing is inherited from the folder above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights(String);

impl Rights {
    /// Nobody may do anything.
    #[must_use]
    pub fn none() -> Self {
        Self("D:P".to_owned())
    }

    /// Those of a key of the computer's: the operating system and administrators may do everything;
    /// whoever sits at the computer, or is there by Remote Desktop, may read it, which for a key is
    /// using it, but neither remove it nor change it or its rights. It is the administrators', not
    /// that of the one who made it.
    #[must_use]
    pub fn of_a_shared_key() -> Self {
        Self("O:BAD:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GR;;;IU)".to_owned())
    }

    /// Everything, for `who` and what is made inside of a folder.
    #[must_use]
    pub fn all_for(self, who: &Sid) -> Self {
        self.allow("OICI", "GA", who.as_str())
    }

    /// Everything, for the operating system and what is made inside of a folder.
    #[must_use]
    pub fn all_for_the_system(self) -> Self {
        self.allow("OICI", "GA", "SY")
    }

    /// Reading and writing only, not changing the rights themselves: for one end of a pipe.
    #[must_use]
    pub fn read_and_write_for(self, who: &Sid) -> Self {
        self.allow("", "GRGW", who.as_str())
    }

    /// The owner may look at the rights and not change them, as owners otherwise may.
    #[must_use]
    pub fn not_changed_by_the_owner(self) -> Self {
        self.allow("", "RC", "S-1-3-4")
    }

    /// Programs below medium integrity, such as those in a browser's sandbox, may not write to it
    /// (nor read it).
    #[must_use]
    pub fn from_medium_integrity(mut self) -> Self {
        self.0.push_str("S:(ML;;NWNR;;;ME)");
        self
    }

    /// As Windows takes them.
    ///
    /// # Errors
    /// When Windows does not take them.
    pub fn attributes(&self) -> io::Result<SecurityAttributes> {
        SecurityAttributes::parse(&self.0)
    }

    fn allow(mut self, flags: &str, rights: &str, who: &str) -> Self {
        // Writing into a text does not fail.
        let _ = write!(self.0, "(A;{flags};{rights};;;{who})");
        self
    }
}

/// A `SECURITY_ATTRIBUTES` with its descriptor, which goes when this does.
pub struct SecurityAttributes {
    attributes: SECURITY_ATTRIBUTES,
}

impl SecurityAttributes {
    pub(crate) fn parse(text: &str) -> io::Result<Self> {
        let mut descriptor = std::ptr::null_mut();
        // SAFETY: a text with a zero at its end; Windows allocates the descriptor.
        succeeded(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide(text).as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                std::ptr::null_mut(),
            )
        })?;
        Ok(Self {
            attributes: SECURITY_ATTRIBUTES {
                nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
                lpSecurityDescriptor: descriptor,
                bInheritHandle: 0,
            },
        })
    }

    /// For a call that makes something, while this lives.
    #[must_use]
    pub fn as_ptr(&self) -> *const c_void {
        (&raw const self.attributes).cast()
    }

    pub(crate) fn raw(&self) -> *const SECURITY_ATTRIBUTES {
        &raw const self.attributes
    }

    /// The descriptor alone.
    pub(crate) fn descriptor(&self) -> PSECURITY_DESCRIPTOR {
        self.attributes.lpSecurityDescriptor
    }
}

impl Drop for SecurityAttributes {
    fn drop(&mut self) {
        // SAFETY: allocated by Windows in `attributes`, and freed once.
        unsafe {
            LocalFree(self.descriptor());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_written_as_windows_reads_them() {
        let user = Sid::of_this_user().unwrap();
        let rights = Rights::none()
            .read_and_write_for(&user)
            .all_for_the_system()
            .from_medium_integrity();
        let text = format!("D:P(A;;GRGW;;;{user})(A;OICI;GA;;;SY)S:(ML;;NWNR;;;ME)");
        assert_eq!(rights, Rights(text));
        assert!(rights.attributes().is_ok());
        assert!(Rights::of_a_shared_key().attributes().is_ok());
        assert!(Rights("nonsense".to_owned()).attributes().is_err());
    }
}
