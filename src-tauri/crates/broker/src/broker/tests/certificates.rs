//! Certificates, made by openssl.

use std::process::Command;
use std::sync::OnceLock;

use rustls::pki_types::pem::PemObject;

use super::*;

/// An authority, a server's certificate, a workstation's, and one of nobody's.
pub(super) struct Certificates(TempDir);

impl Certificates {
    pub(super) fn made_once() -> &'static Self {
        static MADE: OnceLock<Certificates> = OnceLock::new();
        MADE.get_or_init(Self::make)
    }

    fn make() -> Self {
        let folder = TempDir::new().unwrap();
        let openssl = |arguments: &str| {
            let done = Command::new("openssl")
                .args(arguments.split(' '))
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(done.status.success(), "{arguments}: {done:?}");
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
        let own = "-CA ca.pem -CAkey ca.key -addext basicConstraints=critical,CA:FALSE";
        for (name, more) in [
            ("ca", ""),
            ("stranger", ""),
            (
                "server",
                &format!(" {own} -addext subjectAltName=DNS:localhost"),
            ),
            (
                "client",
                &format!(" {own} -addext extendedKeyUsage=clientAuth"),
            ),
        ] {
            let files = format!("-keyout {name}.key -out {name}.pem");
            openssl(&format!("req -x509 {key} -subj /CN={name} {files}{more}"));
        }
        Self(folder)
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    pub(super) fn read(&self, name: &str) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from_pem_file(self.path(name)).unwrap()]
    }
}
