//! Who, but for those who keep this computer, may change a file, a folder or a registry key.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _};

use windows_sys::Win32::Foundation::{GENERIC_ALL, GENERIC_READ, GENERIC_WRITE, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    GetSecurityInfo, SE_FILE_OBJECT, SE_OBJECT_TYPE,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce,
    GetSecurityDescriptorDacl, GetSecurityDescriptorOwner, INHERIT_ONLY_ACE,
    OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_READ_DATA, FILE_WRITE_ATTRIBUTES,
    FILE_WRITE_DATA, FILE_WRITE_EA, WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::{
    ACCESS_ALLOWED_ACE_TYPE, ACCESS_ALLOWED_CALLBACK_ACE_TYPE,
    ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE, ACCESS_ALLOWED_COMPOUND_ACE_TYPE,
    ACCESS_ALLOWED_OBJECT_ACE_TYPE,
};

use crate::Sid;
use crate::handle::succeeded;

/// The operating system, the administrators and Windows' own installer (TrustedInstaller): they can
/// change everything in any case.
const ADMINISTRATORS: [&str; 3] = [
    "S-1-5-18",
    "S-1-5-32-544",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

/// CREATOR OWNER and CREATOR GROUP stand for those who will make something inside; OWNER RIGHTS for
/// the owner, who is asked for separately.
const NOBODY_ELSE: [&str; 3] = ["S-1-3-0", "S-1-3-1", "S-1-3-4"];

/// The rights to take something away or over, or to give oneself rights.
const REPLACE: u32 = DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;

/// Those who may change something without being outsiders.
#[derive(Clone, Debug)]
pub struct Keepers {
    user: Option<Sid>,
}

/// What is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A file: its content.
    File,
    /// A file: its content, from being read, too.
    Secret,
    /// A folder: which files are in it.
    Folder,
    /// A folder further up: that nobody can put another one in its place, or in the place of what
    /// is in it. Others may make something new in it.
    FolderAbove,
    /// A registry key: its values and subkeys.
    Key,
    /// A key to sign with that others may use: that nobody can put another one in its place.
    SigningKey,
}

/// Somebody who may change what only the keepers should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outsider {
    /// Who, in words: a group that every Windows has, or "another user or group".
    pub who: &'static str,
    /// By what.
    pub by: Hold,
}

/// By what somebody may change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It is theirs: they can give themselves every right.
    Owning,
    /// The access control list lets them.
    Rights,
}

impl Keepers {
    /// The operating system and the administrators.
    #[must_use]
    pub fn administrators() -> Self {
        Self { user: None }
    }

    /// They, and the user whose process this is.
    ///
    /// # Errors
    /// When Windows does not say who that is.
    pub fn administrators_and_this_user() -> io::Result<Self> {
        Ok(Self {
            user: Some(Sid::of_this_user()?),
        })
    }

    /// Somebody else who may change a file or folder that is open with the right to read its
    /// rights, as [`crate::open_itself`] opens it.
    ///
    /// What a list denies is not looked at, and conditions of an entry are taken as met: both may
    /// name somebody who could not change it after all, never the other way round.
    ///
    /// # Errors
    /// What Windows says.
    pub fn outsider(&self, object: &impl AsHandle, kept: Kept) -> io::Result<Option<Outsider>> {
        let handle = object.as_handle().as_raw_handle();
        // SAFETY: an open handle of that type.
        unsafe { self.outsider_of(handle, SE_FILE_OBJECT, kept) }
    }

    /// # Safety
    /// `handle` is open, and of the type.
    pub(crate) unsafe fn outsider_of(
        &self,
        handle: HANDLE,
        of_type: SE_OBJECT_TYPE,
        kept: Kept,
    ) -> io::Result<Option<Outsider>> {
        let mut descriptor = std::ptr::null_mut();
        let none = std::ptr::null_mut();
        let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
        // SAFETY: the caller's handle, and one place for an answer that Windows allocates.
        let code = unsafe {
            GetSecurityInfo(
                handle,
                of_type,
                what,
                none,
                none,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                &raw mut descriptor,
            )
        };
        if code != 0 {
            return Err(io::Error::from_raw_os_error(code.cast_signed()));
        }
        // SAFETY: the descriptor that the call gave, freed once and not used after that.
        unsafe {
            let outsider = self.judge(descriptor, kept);
            LocalFree(descriptor);
            outsider
        }
    }

    /// # Safety
    /// `descriptor` is a security descriptor.
    pub(crate) unsafe fn judge(
        &self,
        descriptor: PSECURITY_DESCRIPTOR,
        kept: Kept,
    ) -> io::Result<Option<Outsider>> {
        let (mut owner, mut flag): (PSID, _) = (std::ptr::null_mut(), 0);
        // SAFETY: the caller's descriptor, and places for the answers, which lie inside it.
        succeeded(unsafe {
            GetSecurityDescriptorOwner(descriptor, &raw mut owner, &raw mut flag)
        })?;
        if owner.is_null() {
            return Ok(Some(outsider("nobody", Hold::Owning)));
        }
        // SAFETY: the owner inside the descriptor.
        let owner = unsafe { Sid::read(owner) }?;
        if !self.include(&owner) {
            return Ok(Some(outsider(name_of(&owner), Hold::Owning)));
        }
        let (mut present, mut list): (_, *mut ACL) = (0, std::ptr::null_mut());
        // SAFETY: as above.
        succeeded(unsafe {
            GetSecurityDescriptorDacl(descriptor, &raw mut present, &raw mut list, &raw mut flag)
        })?;
        if present == 0 || list.is_null() {
            // Without a list everybody may do everything.
            return Ok(Some(outsider("Everyone", Hold::Rights)));
        }
        // SAFETY: the list inside the descriptor.
        unsafe { self.judge_list(list, kept) }
    }

    /// # Safety
    /// `list` is an access control list.
    unsafe fn judge_list(&self, list: *const ACL, kept: Kept) -> io::Result<Option<Outsider>> {
        // SAFETY: the caller's list.
        for index in 0..u32::from(unsafe { (*list).AceCount }) {
            let mut entry: *mut c_void = std::ptr::null_mut();
            // SAFETY: the list has so many entries; the answer lies inside the list.
            succeeded(unsafe { GetAce(list, index, &raw mut entry) })?;
            // SAFETY: an entry of the list, which is still there.
            if let Some(who) = unsafe { self.let_in_by(entry, kept) }? {
                return Ok(Some(outsider(who, Hold::Rights)));
            }
        }
        Ok(None)
    }

    /// Whom an entry lets change what is to be kept.
    ///
    /// # Safety
    /// `entry` is an entry of an access control list.
    unsafe fn let_in_by(
        &self,
        entry: *const c_void,
        kept: Kept,
    ) -> io::Result<Option<&'static str>> {
        // SAFETY: every entry begins with this.
        let header = unsafe { *entry.cast::<ACE_HEADER>() };
        if u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0 {
            return Ok(None);
        }
        match u32::from(header.AceType) {
            ACCESS_ALLOWED_ACE_TYPE | ACCESS_ALLOWED_CALLBACK_ACE_TYPE => {}
            // Directory services have these; here nobody knows what they let happen.
            ACCESS_ALLOWED_OBJECT_ACE_TYPE
            | ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE
            | ACCESS_ALLOWED_COMPOUND_ACE_TYPE => return Ok(Some("somebody")),
            // The others deny or watch.
            _ => return Ok(None),
        }
        let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: an entry of this type has a mask, and a SID from `SidStart` on.
        let (mask, sid) = unsafe {
            let sid = (&raw const (*entry).SidStart).cast_mut().cast::<c_void>();
            ((*entry).Mask, Sid::read(sid)?)
        };
        let harmless = mask & kept.changing() == 0
            || self.include(&sid)
            || NOBODY_ELSE.contains(&sid.as_str());
        Ok((!harmless).then(|| name_of(&sid)))
    }

    fn include(&self, who: &Sid) -> bool {
        ADMINISTRATORS.contains(&who.as_str()) || self.user.as_ref() == Some(who)
    }
}

impl Kept {
    /// The rights that let it be changed, or read when it is secret.
    fn changing(self) -> u32 {
        /// `KEY_SET_VALUE`, `KEY_CREATE_SUB_KEY` and `KEY_CREATE_LINK`.
        const KEY: u32 = 0x2 | 0x4 | 0x20;
        // To write attributes is enough to put a reparse point on an empty folder.
        let file = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES | FILE_WRITE_EA;
        match self {
            Self::File => REPLACE | GENERIC_WRITE | file,
            Self::Secret => REPLACE | GENERIC_WRITE | file | GENERIC_READ | FILE_READ_DATA,
            Self::Folder => REPLACE | GENERIC_WRITE | file | FILE_DELETE_CHILD,
            Self::FolderAbove => REPLACE | FILE_DELETE_CHILD,
            Self::Key => REPLACE | GENERIC_WRITE | KEY,
            Self::SigningKey => REPLACE | GENERIC_WRITE | file,
        }
    }
}

fn outsider(who: &'static str, by: Hold) -> Outsider {
    Outsider { who, by }
}

/// The groups that every Windows has (Microsoft, "Well-known SIDs"); of others not even the number
/// is said.
fn name_of(who: &Sid) -> &'static str {
    match who.as_str() {
        "S-1-1-0" => "Everyone",
        "S-1-2-0" => "LOCAL",
        "S-1-2-1" => "CONSOLE LOGON",
        "S-1-5-2" => "NETWORK",
        "S-1-5-3" => "BATCH",
        "S-1-5-4" => "INTERACTIVE",
        "S-1-5-6" => "SERVICE",
        "S-1-5-7" => "ANONYMOUS LOGON",
        "S-1-5-11" => "Authenticated Users",
        "S-1-5-13" => "TERMINAL SERVER USER",
        "S-1-5-14" => "REMOTE INTERACTIVE LOGON",
        "S-1-5-19" => "LOCAL SERVICE",
        "S-1-5-20" => "NETWORK SERVICE",
        "S-1-5-32-545" => "Users",
        "S-1-5-32-546" => "Guests",
        "S-1-5-32-547" => "Power Users",
        "S-1-15-2-1" => "ALL APPLICATION PACKAGES",
        "S-1-15-2-2" => "ALL RESTRICTED APPLICATION PACKAGES",
        other if other.starts_with("S-1-5-80-") => "a service",
        other if other.starts_with("S-1-5-21-") => match other.rsplit('-').next() {
            Some("512") => "Domain Admins",
            Some("513") => "Domain Users",
            Some("514") => "Domain Guests",
            Some("515") => "Domain Computers",
            _ => "another user or group",
        },
        _ => "another user or group",
    }
}

#[cfg(test)]
mod tests;
