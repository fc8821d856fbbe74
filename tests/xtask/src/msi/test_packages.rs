//! The MSIs of the end-to-end tests: the same programs under several versions, signed with a key
//! made for it. Small, of debug builds without their symbols.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Recipe;
use super::options::Contents;
use super::signing::{Key, Signing};
use super::tool::{quiet, talking};
use super::version::Version;
use crate::process::root;
use crate::windows;

/// Wine does not tell an old version that a new one takes its place. So here whoever uninstalls says
/// that it is for good.
const REPLACED: [(&str, &str); 1] =
    [("UPGRADINGPRODUCTCODE", "(REMOVE = \"ALL\" AND NOT FORGOOD)")];

/// An action that fails before anything is changed. Later ones are of no use here: Wine does not bring
/// back what was removed.
const FAILING: &[&str] = &[
    "INSERT INTO `CustomAction` (`Action`, `Type`, `Target`) VALUES ('Fail', 19, 'Made to fail.')",
    "INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) \
         VALUES ('Fail', 'NOT (REMOVE = \"ALL\")', 1499)",
];

/// Makes `cardea-test-1.msi`, the later `-2.msi`, and `-3.msi`, which is later still and fails.
pub(super) fn make() -> Result<(), Box<dyn Error>> {
    let folder = root().join("target/windows/msi");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let signing = signing(&folder)?;
    let programs = programs(&folder)?;
    let first = Version::of_the_workspace()?;
    for number in 1..=3_u16 {
        let recipe = Recipe {
            programs: programs.clone(),
            contents: Contents::WithDesktop,
            version: first.later_by(number - 1),
            folder: folder.clone(),
            changes: if number == 3 { FAILING } else { &[] },
            replaced: &REPLACED,
        };
        let made = super::make(&recipe, Some(&signing))?;
        fs::rename(made, folder.join(format!("cardea-test-{number}.msi")))?;
    }
    Ok(())
}

/// The debug programs without what is for debuggers.
fn programs(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let programs = folder.join("programs");
    fs::create_dir_all(&programs)?;
    let built = windows::debug_folder();
    for name in ["cardea.exe", "cardea-desktop.exe"] {
        let mut strip = Command::new("x86_64-w64-mingw32-strip");
        quiet(
            strip
                .arg("-o")
                .arg(programs.join(name))
                .arg(built.join(name)),
        )?;
    }
    // Its maker signed it: without what is for debuggers it would be no good file.
    let library = "WebView2Loader.dll";
    fs::copy(built.join(library), programs.join(library))?;
    Ok(programs)
}

/// A certificate that signs itself, in a file with its key.
fn signing(folder: &Path) -> Result<Signing, Box<dyn Error>> {
    let [key, certificate, pfx] =
        ["key.pem", "certificate.pem", "key.pfx"].map(|name| folder.join(name));
    let password = folder.join("password");
    fs::write(&password, "only for tests")?;
    let mut request = Command::new("openssl");
    request.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
    ]);
    request.args([
        "-subj",
        "/CN=Cardea test signing",
        "-addext",
        "extendedKeyUsage=codeSigning",
    ]);
    talking(
        request
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate),
    )?;
    let mut export = Command::new("openssl");
    export.args(["pkcs12", "-export", "-passout"]);
    export.arg(format!("file:{}", password.display()));
    export.arg("-inkey").arg(&key).arg("-in").arg(&certificate);
    talking(export.arg("-out").arg(&pfx))?;
    Ok(Signing {
        key: Key::Pfx(pfx),
        password_file: Some(password),
        time_stamp: None,
        trusted: Some(certificate),
    })
}
