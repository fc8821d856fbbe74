//! The policy files for IT, on this Windows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::harness::wine::{CARDEA, Wine};

/// Of `installer/policy`.
fn policy_file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../installer/policy");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Has Windows' own tool take a file.
fn import(wine: &Wine, text: &str) {
    let file = wine.drive().join("test/policy.reg");
    fs::write(&file, text).unwrap();
    let mut reg = wine.installed("reg");
    let imported = reg.args(["import", r"C:\test\policy.reg"]).status();
    assert!(imported.unwrap().success());
}

fn settings(wine: &Wine) -> Vec<serde_json::Value> {
    let mut show = wine.command(CARDEA);
    let shown = show.args(["config", "show", "--json"]).output().unwrap();
    serde_json::from_slice(&shown.stdout).unwrap()
}

#[test]
#[ignore = "needs the programs for Windows"]
fn every_setting_of_the_sample_is_shown_with_the_policy_that_set_it() {
    let wine = Wine::new();
    import(&wine, &policy_file("sample.reg"));
    for row in settings(&wine) {
        assert_eq!(
            row["place"], "default",
            "{row}: the sample sets nothing as it stands"
        );
    }
    let all = policy_file("sample.reg");
    let all = all.replace("\r\n;[", "\r\n[").replace("\r\n;\"", "\r\n\"");
    import(&wine, &all);
    let rows = settings(&wine);
    assert!(rows.len() > 40);
    let without: BTreeSet<_> = rows
        .iter()
        .filter(|row| row["place"] != "policy")
        .map(|row| row["key"].as_str().unwrap())
        .collect();
    assert_eq!(without, BTreeSet::from(["hooks.on_session_end"]));
    for row in rows.iter().filter(|row| row["place"] == "policy") {
        let key = row["key"].as_str().unwrap();
        let (table, setting) = key.split_once('.').unwrap();
        let path = row["path"].as_str().unwrap();
        assert!(
            path.starts_with(&format!(r"HKLM\Software\Policies\Cardea\{table}")),
            "{row}"
        );
        let named =
            row["value_name"] == setting || path.contains(setting.split('.').next().unwrap());
        assert!(named, "{row}");
    }
}

#[test]
#[ignore = "needs the programs for Windows"]
fn the_doctor_finds_what_the_browsers_sample_allows() {
    let wine = Wine::new();
    // A browser that is installed, and a clinical page that is registered.
    wine.import_registry(
        "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\msedge.exe]\n\
         @=\"C:\\\\msedge.exe\"\n\
         [HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\chrome.exe]\n\
         @=\"C:\\\\chrome.exe\"\n\
         [HKEY_LOCAL_MACHINE\\Software\\Policies\\Cardea\\api\\apps\\gp]\n\"name\"=\"GP\"\n\
         \"token_sha256\"=\"1111111111111111111111111111111111111111111111111111111111111111\"\n\
         [HKEY_LOCAL_MACHINE\\Software\\Policies\\Cardea\\api\\apps\\gp\\scopes]\n\"1\"=\"session:read\"\n\
         [HKEY_LOCAL_MACHINE\\Software\\Policies\\Cardea\\api\\apps\\gp\\origins]\n\"1\"=\"https://gp.example\"\n",
    );
    let outcome = |wine: &Wine| {
        let mut doctor = wine.command(CARDEA);
        let found = doctor.args(["doctor", "--json"]).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["id"] == "browser_policy");
        check.unwrap()["outcome"].clone()
    };
    assert_eq!(outcome(&wine), "warning");
    import(&wine, &policy_file("browsers/local-network-access.reg"));
    assert_eq!(outcome(&wine), "ok");
}
