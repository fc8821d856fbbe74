//! What is in the MSI of others and is no package: what a compiler links, and a library beside the
//! programs.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::options::Contents;
use super::tables::file_version::file_version;
use super::tool::quiet;
use crate::process::root;
use crate::windows;

/// One of them.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) version: String,
    /// An SPDX expression.
    pub(super) licence: &'static str,
    /// Where the licence's text is.
    pub(super) text: PathBuf,
}

/// Those of an MSI whose files are in `stage`.
pub(super) fn of(contents: Contents, stage: &Path) -> Result<Vec<Part>, Box<dyn Error>> {
    let mut parts = linked()?;
    if contents == Contents::WithDesktop {
        let loader = stage.join("WebView2Loader.dll");
        parts.push(Part {
            name: "WebView2Loader",
            version: file_version(&loader)?.unwrap_or_default(),
            licence: "BSD-3-Clause",
            text: root().join("installer/notices/webview2-loader.txt"),
        });
    }
    Ok(parts)
}

/// What is in every program, by Debian's packages of it.
fn linked() -> Result<Vec<Part>, Box<dyn Error>> {
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
    let version = quiet(compiler.arg("-dumpfullversion"))?;
    let mut query = Command::new("dpkg-query");
    query.args([
        "--show",
        "--showformat",
        "${Version}",
        "mingw-w64-x86-64-dev",
    ]);
    Ok(vec![
        Part {
            name: "rust-std",
            version: windows::std_version(),
            licence: "MIT OR Apache-2.0",
            text: "/usr/share/doc/rustc-web/copyright".into(),
        },
        Part {
            name: "mingw-w64",
            version: quiet(&mut query)?,
            // Its threads are MIT and BSD.
            licence: "ZPL-2.1 AND MIT AND BSD-3-Clause",
            text: "/usr/share/doc/mingw-w64-common/copyright".into(),
        },
        Part {
            name: "libgcc",
            version: version.trim().to_owned(),
            licence: "GPL-3.0-or-later WITH GCC-exception-3.1",
            text: "/usr/share/doc/gcc-mingw-w64-base/copyright".into(),
        },
    ])
}
