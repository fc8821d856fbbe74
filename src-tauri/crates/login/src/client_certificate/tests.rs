//! Files as IT puts them there, made by openssl.

#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::*;

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

struct Files {
    folder: TempDir,
    files: CertificateFiles,
}

impl Files {
    /// A certificate that is good for two days, and its key.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        let files = CertificateFiles {
            certificate: path("host.pem"),
            key: path("host.key"),
        };
        let made = Command::new("openssl")
            .args(["req", "-x509", "-subj", "/CN=RECEPTION", "-days", "2"])
            .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-nodes", "-keyout", "host.key", "-out", "host.pem"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let made = Self { folder, files };
        made.set_mode(&made.files.key, 0o600);
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set_mode(&self, path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn read_after(&self, seconds: i64) -> Result<ClientCertificate, CertificateError> {
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        ClientCertificate::read(&self.files, now.into())
    }

    fn error(&self) -> String {
        match self.read_after(0) {
            Ok(_) => panic!("it was accepted"),
            Err(error) => error.to_string(),
        }
    }
}

#[test]
fn a_certificate_is_taken_while_it_is_valid_and_another_one_is_noticed() {
    let (files, other) = (Files::new(), Files::new());
    let first = files.read_after(0).unwrap().fingerprint;
    assert_eq!(files.read_after(DAY).unwrap().fingerprint, first);
    assert!(matches!(
        files.read_after(2 * DAY + 60),
        Err(CertificateError::Expired)
    ));
    assert!(matches!(
        files.read_after(-DAY),
        Err(CertificateError::NotValidYet)
    ));
    fs::copy(&other.files.certificate, &files.files.certificate).unwrap();
    assert!(matches!(
        files.read_after(0),
        Err(CertificateError::Mismatch)
    ));
    fs::copy(&other.files.key, &files.files.key).unwrap();
    assert_ne!(files.read_after(0).unwrap().fingerprint, first);
}

#[test]
fn a_key_that_others_can_read_or_write_is_refused() {
    let files = Files::new();
    let key = &files.files.key;
    let of_root = rustix::process::geteuid().is_root();
    for (mode, refused) in [
        (0o400, None),
        (0o600, None),
        // A key of root's may be its group's to read.
        (0o640, (!of_root).then_some("can be read by others")),
        (0o644, Some("can be read by others")),
        (0o604, Some("can be read by others")),
        (0o620, Some("can be written by others")),
        (0o602, Some("can be written by others")),
    ] {
        files.set_mode(key, mode);
        let read = files.read_after(0).map_err(|error| error.to_string());
        match refused {
            None => assert!(read.is_ok(), "{mode:o}"),
            Some(part) => {
                let error = read.map(drop).unwrap_err();
                assert!(error.contains("broker_certificate_key"), "{error}");
                assert!(error.contains(part), "{mode:o}: {error}");
            }
        }
    }
}

#[test]
fn a_certificate_may_be_read_but_not_written_by_others() {
    let files = Files::new();
    let certificate = &files.files.certificate;
    files.set_mode(certificate, 0o644);
    assert!(files.read_after(0).is_ok());
    files.set_mode(certificate, 0o664);
    assert!(files.error().contains("can be written by others"));
}

#[test]
fn a_renewal_tools_link_is_followed_to_the_file_that_counts() {
    let mut files = Files::new();
    let link = files.path("live.key");
    symlink(&files.files.key, &link).unwrap();
    let key = std::mem::replace(&mut files.files.key, link);
    assert!(files.read_after(0).is_ok());
    files.set_mode(&key, 0o644);
    assert!(files.error().contains("can be read by others"));
}

#[test]
fn what_is_no_certificate_and_no_key_is_named_and_not_shown() {
    let files = Files::new();
    let content = "hunter2";
    fs::write(&files.files.key, content).unwrap();
    let error = files.error();
    assert!(error.contains("has no private key in it"), "{error}");
    fs::write(&files.files.certificate, content).unwrap();
    let error = files.error();
    assert!(error.contains("has no certificate in it"), "{error}");
    assert!(!error.contains(content));
    fs::write(&files.files.certificate, vec![b' '; 65 * 1024]).unwrap();
    assert!(files.error().contains("is larger than 64 KiB"));
    fs::remove_file(&files.files.certificate).unwrap();
    let error = files.error();
    assert!(
        error.contains("broker_certificate cannot be read"),
        "{error}"
    );
    fs::create_dir(&files.files.certificate).unwrap();
    assert!(files.error().contains("is not a plain file"));
}
