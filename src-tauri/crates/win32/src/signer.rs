//! Who signed a program (Authenticode).

use std::ffi::c_void;
use std::io;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Security::Cryptography::{
    CERT_NAME_SIMPLE_DISPLAY_TYPE, CertGetNameStringW,
};
use windows_sys::Win32::Security::WinTrust::{
    WINTRUST_ACTION_GENERIC_VERIFY_V2, WINTRUST_DATA, WINTRUST_DATA_0, WINTRUST_FILE_INFO,
    WTD_CACHE_ONLY_URL_RETRIEVAL, WTD_CHOICE_FILE, WTD_REVOKE_NONE, WTD_STATEACTION_CLOSE,
    WTD_STATEACTION_VERIFY, WTD_UI_NONE, WTHelperGetProvCertFromChain,
    WTHelperGetProvSignerFromChain, WTHelperProvDataFromStateData, WinVerifyTrust,
};

use crate::text::wide;

/// The longest name of a signer that is told, in UTF-16 units.
const LONGEST_NAME: u32 = 256;

/// The name in the certificate that a program is signed with; none when it is not signed inside of
/// its file, was changed since, or is signed by nobody whom this computer trusts. Programs of
/// Windows' own are signed in catalogues beside them, which are not looked at: they have none. Does
/// not ask the network, so that a certificate that was revoked lately may still count.
///
/// # Errors
/// When the path cannot be given to Windows.
pub fn signer_of(program: &Path) -> io::Result<Option<String>> {
    let path = wide(program);
    let size = |bytes: usize| u32::try_from(bytes).map_err(io::Error::other);
    let mut file = WINTRUST_FILE_INFO {
        cbStruct: size(size_of::<WINTRUST_FILE_INFO>())?,
        pcwszFilePath: path.as_ptr(),
        ..Default::default()
    };
    let mut data = WINTRUST_DATA {
        cbStruct: size(size_of::<WINTRUST_DATA>())?,
        dwUIChoice: WTD_UI_NONE,
        fdwRevocationChecks: WTD_REVOKE_NONE,
        dwUnionChoice: WTD_CHOICE_FILE,
        Anonymous: WINTRUST_DATA_0 {
            pFile: &raw mut file,
        },
        dwStateAction: WTD_STATEACTION_VERIFY,
        dwProvFlags: WTD_CACHE_ONLY_URL_RETRIEVAL,
        ..Default::default()
    };
    let verdict = ask(&mut data);
    let name = if verdict == 0 { name_in(&data) } else { None };
    data.dwStateAction = WTD_STATEACTION_CLOSE;
    ask(&mut data);
    Ok(name)
}

fn ask(data: &mut WINTRUST_DATA) -> i32 {
    let mut action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
    let data: *mut WINTRUST_DATA = data;
    // SAFETY: what it points to lives until the call returns, texts with a zero at their end too.
    unsafe { WinVerifyTrust(INVALID_HANDLE_VALUE, &raw mut action, data.cast::<c_void>()) }
}

fn name_in(verified: &WINTRUST_DATA) -> Option<String> {
    // SAFETY: state of a verification that is not closed yet; each pointer is looked at first.
    let certificate = unsafe {
        let state = WTHelperProvDataFromStateData(verified.hWVTStateData);
        if state.is_null() {
            return None;
        }
        let signer = WTHelperGetProvSignerFromChain(state, 0, 0, 0);
        if signer.is_null() {
            return None;
        }
        WTHelperGetProvCertFromChain(signer, 0).as_ref()?.pCert
    };
    let mut name = vec![0; LONGEST_NAME as usize];
    // SAFETY: a certificate that lives as long as the state, and a buffer of that length.
    let length = unsafe {
        CertGetNameStringW(
            certificate,
            CERT_NAME_SIMPLE_DISPLAY_TYPE,
            0,
            ptr::null(),
            name.as_mut_ptr(),
            LONGEST_NAME,
        )
    };
    // With the zero at its end.
    let length = usize::try_from(length).ok()?.checked_sub(1)?;
    let name = String::from_utf16_lossy(name.get(..length)?);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_nobody_signed_has_no_signer() {
        let this = std::env::current_exe().unwrap();
        assert_eq!(signer_of(&this).unwrap(), None);
        assert_eq!(signer_of(Path::new(r"C:\\nowhere.exe")).unwrap(), None);
    }
}
