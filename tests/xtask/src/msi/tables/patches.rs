//! What is written into the tables. Each says in `installer/cardea.wxs`, for WiX, the same.

use std::error::Error;
use std::path::Path;

use super::super::options::Contents;
use super::super::staging::signed_files;
use super::file_version::file_version;

/// The properties that become settings, and those that become browser policies.
pub(in super::super) const SETTINGS: &[&str] = &[
    "CIS2ENVIRONMENT",
    "CLIENTID",
    "CLIENTAUTH",
    "BROKERURL",
    "ONREMOVAL",
    "APIPORT",
    "PAIRING",
    "AUTOSTART",
];
pub(in super::super) const BROWSER_ORIGINS: &[&str] =
    &["BROWSERORIGIN1", "BROWSERORIGIN2", "BROWSERORIGIN3"];
/// The properties that are about the installation itself.
pub(in super::super) const OWN: &[&str] = &["LAUNCH", "INSTALLDIR"];

/// For 64 bits, with a registry value as its key, and its condition looked at again at a repair: else that
/// would write what is not there any more, as nothing.
const CONDITIONAL_COMPONENT: u16 = 256 + 4 + 64;
/// Exe actions on an installed file, as the system, whatever comes of them: 18 + 64 + 1024 + 2048.
const DEFERRED: u16 = 3154;
const ROLLBACK: u16 = DEFERRED + 256;
const COMMIT: u16 = DEFERRED + 512;
/// Sets a property.
const SET_PROPERTY: u16 = 51;

/// What is done before windows that are filled in. There are none; see the source.
pub(in super::super) const BEFORE_WINDOWS: &[&str] = &[
    "AppSearch",
    "CostFinalize",
    "CostInitialize",
    "FileCost",
    "FindRelatedProducts",
    "LaunchConditions",
    "MigrateFeatureStates",
    "ValidateProductID",
];

/// Keys that go with everything in them when the component goes. Not that of the settings: what IT
/// put there beside ours is IT's.
const FORGOTTEN: &[(&str, &str, &str)] = &[
    (
        "ForgetEventSource",
        r"SYSTEM\CurrentControlSet\Services\EventLog\Application\Cardea",
        "Agent",
    ),
    ("ForgetSetup", r"Software\CardeaSetup", "Remembered"),
];

/// Long names with the short ones that Windows Installer wants before them.
const FILE_NAMES: &[(&str, &str)] = &[
    ("NOTICES.txt", "NOTICES.TXT|THIRD-PARTY-NOTICES.txt"),
    ("sbom", "CARDEA.JSO|cardea.cdx.json"),
    ("desktop.exe", "CARDEADT.EXE|cardea-desktop.exe"),
    ("WebView2Loader.dll", "WEBVIEW2.DLL|WebView2Loader.dll"),
];

/// The key of a file in the table, by its name.
fn file_key(name: &str) -> &str {
    match name {
        "cardea-desktop.exe" => "desktop.exe",
        name => name,
    }
}

/// What is changed by queries.
pub(super) fn queries(stage: &Path, contents: Contents) -> Result<Vec<String>, Box<dyn Error>> {
    let mut queries = vec![
        // Inside of the transaction, so that a new version that fails leaves the old one.
        set(
            "InstallExecuteSequence",
            "Sequence",
            "1501",
            "Action",
            "RemoveExistingProducts",
        ),
        set("Feature", "Attributes", "16", "Feature", "AgentFeature"),
        secure_properties(),
        // wixl writes it as a plain text.
        set(
            "Registry",
            "Value",
            "'#%[INSTALLDIR]cardea.exe'",
            "Name",
            "EventMessageFile",
        ),
    ];
    for action in BEFORE_WINDOWS {
        queries.push(format!(
            "DELETE FROM `InstallUISequence` WHERE `Action` = '{action}'"
        ));
    }
    for property in SETTINGS.iter().chain(BROWSER_ORIGINS).chain(OWN) {
        let action = format!("Keep{property}");
        queries.push(custom_action(&action, SET_PROPERTY));
    }
    for (action, kind) in [
        ("StartAgainAtRollback", ROLLBACK),
        ("StartSessions", COMMIT),
        ("StartStoppedSessions", COMMIT),
    ] {
        queries.push(custom_action(action, kind));
    }
    queries.extend(
        SETTINGS
            .iter()
            .map(|name| condition(&format!("Set{name}"), name)),
    );
    for (number, name) in (1..).zip(BROWSER_ORIGINS) {
        queries.push(condition(&format!("Allow{number}"), name));
    }
    for (row, key, component) in FORGOTTEN {
        queries.push(format!(
            "INSERT INTO `Registry` (`Registry`, `Root`, `Key`, `Name`, `Component_`) \
             VALUES ('{row}', 2, '{key}', '-', '{component}')"
        ));
    }
    if contents == Contents::WithDesktop {
        queries.push(condition(
            "Autostart",
            "AUTOSTART <> \"0\" AND AUTOSTART <> \"#0\"",
        ));
        queries.push(set(
            "Shortcut",
            "Target",
            "'[#desktop.exe]'",
            "Shortcut",
            "StartMenu",
        ));
    }
    let with_desktop = contents == Contents::WithDesktop;
    for (key, name) in FILE_NAMES {
        if with_desktop
            || !signed_files(Contents::WithDesktop)
                .iter()
                .any(|file| file_key(file) == *key)
        {
            queries.push(set("File", "FileName", &format!("'{name}'"), "File", key));
        }
    }
    for name in signed_files(contents) {
        let key = file_key(name);
        if let Some(version) = file_version(&stage.join(name))? {
            queries.push(set("File", "Version", &format!("'{version}'"), "File", key));
            // For files without a version.
            queries.push(format!("DELETE FROM `MsiFileHash` WHERE `File_` = '{key}'"));
        }
    }
    Ok(queries)
}

/// Tables that wixl does not know, in the form of `msiinfo export`.
pub(super) fn tables(contents: Contents) -> Vec<(&'static str, &'static str)> {
    let mut tables = vec![(
        "MsiLockPermissionsEx",
        "MsiLockPermissionsEx\tLockObject\tTable\tSDDLText\tCondition\r\n\
         s72\ts72\ts32\ts0\tS255\r\n\
         MsiLockPermissionsEx\tMsiLockPermissionsEx\r\n\
         DataFolderRights\tDATADIR\tCreateFolder\t\
         O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)\t\r\n",
    )];
    if contents == Contents::WithDesktop {
        tables.push((
            "MsiShortcutProperty",
            "MsiShortcutProperty\tShortcut_\tPropertyKey\tPropVariantValue\r\n\
             s72\ts72\ts0\ts0\r\n\
             MsiShortcutProperty\tMsiShortcutProperty\r\n\
             AppUserModelId\tStartMenu\tSystem.AppUserModel.ID\tuk.cardea.desktop\r\n",
        ));
    }
    tables
}

/// The table of upgrades with the same version among those that are replaced: two builds of one
/// version must not stand side by side.
pub(super) fn same_version_counts(table: &str) -> Result<String, Box<dyn Error>> {
    let changed = table.replace(
        "\t1\t\tWIX_UPGRADE_DETECTED",
        "\t513\t\tWIX_UPGRADE_DETECTED",
    );
    if changed == table {
        return Err("wixl writes the table of upgrades in another way".into());
    }
    Ok(changed)
}

/// What a user's own command line may pass on to the part of the installation that runs elevated.
fn secure_properties() -> String {
    let detected = ["WIX_DOWNGRADE_DETECTED", "WIX_UPGRADE_DETECTED"];
    let all = detected
        .iter()
        .chain(SETTINGS)
        .chain(BROWSER_ORIGINS)
        .chain(OWN);
    let all: Vec<_> = all.copied().collect();
    let value = format!("'{}'", all.join(";"));
    set(
        "Property",
        "Value",
        &value,
        "Property",
        "SecureCustomProperties",
    )
}

fn custom_action(action: &str, kind: u16) -> String {
    set("CustomAction", "Type", &kind.to_string(), "Action", action)
}

fn condition(component: &str, condition: &str) -> String {
    format!(
        "UPDATE `Component` SET `Condition` = '{condition}', `Attributes` = {CONDITIONAL_COMPONENT} \
         WHERE `Component` = '{component}'"
    )
}

fn set(table: &str, column: &str, value: &str, key: &str, row: &str) -> String {
    format!("UPDATE `{table}` SET `{column}` = {value} WHERE `{key}` = '{row}'")
}
