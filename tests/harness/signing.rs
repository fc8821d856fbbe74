//! Signs programs for Windows as vendors do, by an authority of the test's own.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Puts a signature by `signer` into a program.
pub fn sign(program: &Path, signer: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name);
    let (key, certificate, signed) = (file("key.pem"), file("cert.pem"), file("signed.exe"));
    let subject = format!("/CN={signer}");
    run(
        "openssl",
        &[
            "req".as_ref(),
            "-x509".as_ref(),
            "-newkey".as_ref(),
            "rsa:2048".as_ref(),
            "-nodes".as_ref(),
            "-keyout".as_ref(),
            key.as_ref(),
            "-out".as_ref(),
            certificate.as_ref(),
            "-subj".as_ref(),
            subject.as_ref(),
            "-addext".as_ref(),
            "extendedKeyUsage=codeSigning".as_ref(),
        ],
    )?;
    run(
        "osslsigncode",
        &[
            "sign".as_ref(),
            "-certs".as_ref(),
            certificate.as_ref(),
            "-key".as_ref(),
            key.as_ref(),
            "-in".as_ref(),
            program.as_ref(),
            "-out".as_ref(),
            signed.as_ref(),
        ],
    )?;
    put(&fs::read(signed)?, program)
}

/// Changes a byte that does not matter to the program, but to its signature.
pub fn tamper_with(program: &Path) -> Result<()> {
    const USAGE: &[u8] = b"usage: ";
    let mut bytes = fs::read(program)?;
    let at = bytes.windows(USAGE.len()).position(|part| part == USAGE);
    bytes[at.context("it does not say its usage")?] = b'U';
    put(&bytes, program)
}

/// What runs may still be mapped: the file is another one.
fn put(bytes: &[u8], program: &Path) -> Result<()> {
    fs::remove_file(program)?;
    Ok(fs::write(program, bytes)?)
}

fn run(program: &str, arguments: &[&OsStr]) -> Result<()> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("{program} is needed"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {said}");
    Ok(())
}
