//! Takes the page, the icons and what the window may do into the program.

/// Every command of the window; each is allowed by its own name in `capabilities/window.json`.
const COMMANDS: [&str; 22] = [
    "about",
    "activity",
    "apps",
    "approve",
    "cancel_login",
    "decline",
    "diagnostics",
    "doctor",
    "first_start",
    "first_start_done",
    "login",
    "login_address",
    "logout",
    "now",
    "opened",
    "pairings",
    "revoke_app",
    "set_desktop",
    "settings",
    "shown",
    "stay_signed_in",
    "support_bundle",
];

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
