//! Who asks to be let in, as the agent sees it and not as the program says.

use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

use super::name::shown;

/// A program that asks to be let in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Applicant {
    /// The web origin that the request came from, byte for byte; absent for a program that is no
    /// web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// The file that the calling process runs; absent for a web page, and where the operating
    /// system does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<String>,
    /// Who signed that file, where it is signed and the signature is good (Windows only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<String>,
}

impl Applicant {
    /// A program that runs this file. Whoever puts a file somewhere chooses what its path is made
    /// of, which can be no text, or a text that deceives.
    pub(crate) fn program(file: Option<&Path>, signer: Option<String>) -> Self {
        Self {
            origin: None,
            program: file.map(|file| shown(&file.to_string_lossy())),
            signer: signer.map(|signer| shown(&signer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn whatever_a_file_is_called_it_can_be_shown_and_kept() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt as _;

        let path = b"/opt/\xff\xe2\x80\xaeaedraC\x1b[2J\n/Clinic 1\xc3\xa9".to_vec();
        let file = std::path::PathBuf::from(OsString::from_vec(path));
        let asked = Applicant::program(Some(&file), Some("X\u{202e}".to_owned()));
        let text = serde_json::to_string(&asked).unwrap();
        assert_eq!(
            text,
            "{\"program\":\"/opt/\u{fffd}\u{fffd}aedraC\u{fffd}[2J\u{fffd}/Clinic 1é\",\
             \"signer\":\"X\u{fffd}\"}"
        );
    }

    #[test]
    fn an_ordinary_path_stays_as_it_is() {
        for path in [
            "/opt/Clinig y Môr/bin/app",
            r"C:\Program Files (x86)\GP\gp.exe",
        ] {
            let asked = Applicant::program(Some(path.as_ref()), None);
            assert_eq!(asked.program.as_deref(), Some(path));
        }
    }
}
