//! What `cardea doctor` says of a workstation.

use std::path::Path;
use std::process::Output;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::agent::Home;
use super::windows_workstation::WindowsDesk;

/// What it said.
pub struct Examined {
    /// Its exit code.
    pub code: Option<i32>,
    /// The whole of it.
    pub report: Value,
    /// What it wrote to standard error.
    pub complained: String,
}

impl Examined {
    /// Runs the doctor with the settings of this home.
    pub async fn of(home: &Home) -> Result<Self> {
        Self::by(home, &[]).await
    }

    /// The same with more arguments.
    pub async fn by(home: &Home, more: &[&str]) -> Result<Self> {
        let config = home.config();
        let config = config.to_str().context("odd path")?;
        let mut arguments = vec!["doctor", "--json", "--config", config];
        arguments.extend(more);
        Self::read(&home.tool(&arguments).await)
    }

    /// Runs that of a workstation with Windows.
    pub async fn of_windows(desk: &WindowsDesk) -> Result<Self> {
        Self::read(&desk.tool(&["doctor", "--json"]).await?)
    }

    fn read(output: &Output) -> Result<Self> {
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        let report = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("no report: {output:?}"))?;
        Ok(Self {
            code: output.status.code(),
            report,
            complained,
        })
    }

    /// What it found by this check.
    pub fn check(&self, id: &str) -> Result<&Value> {
        let checks = self.report["checks"].as_array();
        let found = checks.into_iter().flatten().find(|check| check["id"] == id);
        found.with_context(|| format!("no check {id} in {}", self.report))
    }

    /// Sees that this check ended so.
    pub fn is(&self, id: &str, outcome: &str) -> Result<&Value> {
        let check = self.check(id)?;
        ensure!(check["outcome"] == outcome, "{check}");
        Ok(check)
    }

    /// Sees that this check did not end well, for this reason and with this way out.
    pub fn warns(&self, id: &str, outcome: &str, says: &str, remedy: &str) -> Result<()> {
        let check = self.is(id, outcome)?;
        ensure!(
            check.to_string().contains(says),
            "{says:?} is not in {check}"
        );
        let told = check["remedy"].as_str().unwrap_or_default();
        ensure!(told.contains(remedy), "{remedy:?} is not in {told:?}");
        if let Some(page) = check["note"].as_str() {
            let page = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(page);
            ensure!(page.is_file(), "{} is not there", page.display());
        }
        Ok(())
    }

    /// The ids of all checks that ended so.
    pub fn all(&self, outcome: &str) -> Vec<&str> {
        let checks = self.report["checks"].as_array().into_iter().flatten();
        let so = checks.filter(|check| check["outcome"] == outcome);
        so.filter_map(|check| check["id"].as_str()).collect()
    }
}
