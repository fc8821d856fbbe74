//! Setting the user's own.

use std::fs;

use tempfile::TempDir;

use super::rights::keep;
use super::*;

/// A computer with a policy, a file and a user's file, none of them there.
struct Computer {
    dir: TempDir,
    places: Places,
}

impl Computer {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let places = Places {
            user: Some(dir.path().join("home/cardea/user.toml")),
            build: Build::Developer,
            file: ConfigFile::Given(dir.path().join("config.toml")),
            ..Places::in_folder(dir.path())
        };
        let computer = Self { dir, places };
        computer.write("config.toml", "");
        computer
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        keep(&path);
    }

    fn own(&self) -> Option<String> {
        fs::read_to_string(self.places.user.as_ref()?).ok()
    }

    fn set(&self, key: &str, value: &str) -> Result<Loaded, NotSet> {
        set_own(&self.places, key, value)
    }

    /// Why it is not set, without this computer's folder; nothing has changed.
    fn refusal(&self, key: &str, value: &str) -> String {
        let before = self.own();
        let refused = self.set(key, value).unwrap_err().to_string();
        assert_eq!(self.own(), before);
        let folder = format!("{}{}", self.dir.path().display(), std::path::MAIN_SEPARATOR);
        refused.replace(&folder, "").replace('\\', "/")
    }
}

#[test]
fn a_setting_is_set_with_folder_and_file_and_holds() {
    let computer = Computer::new();
    let loaded = computer.set("desktop.show_name", "true").unwrap();
    assert!(loaded.settings.desktop.show_name);
    let origin = loaded.settings.origin("desktop.show_name").unwrap();
    assert_eq!((origin.place, origin.line), (Place::User, Some(2)));

    let loaded = computer.set("desktop.language", "cy").unwrap();
    assert_eq!(loaded.settings.desktop.language, Language::Welsh);
    let loaded = computer
        .set("desktop.notifications", r#"["signed_out", "expiring"]"#)
        .unwrap();
    assert_eq!(
        loaded.settings.desktop.notifications,
        [Notification::SignedOut, Notification::Expiring]
    );
    assert!(loaded.settings.desktop.show_name, "what was set stays");
    let own = computer.places.user.as_ref().unwrap();
    assert!(crate::paths::is_private(own));
    assert!(crate::paths::is_private(own.parent().unwrap()));
}

#[test]
fn what_is_no_setting_of_the_users_is_refused() {
    let computer = Computer::new();
    for key in [
        "log.level",
        "desktop",
        "desktop.",
        "show_name",
        "desktop.x",
        "desktop.show_name.x",
    ] {
        let refused = computer.refusal(key, "true");
        assert!(
            refused.starts_with(&format!(
                "{key} is none of the user's own settings; these are: desktop.language, "
            )),
            "{refused}"
        );
    }
    assert!(
        !computer.dir.path().join("home").exists(),
        "no folder either"
    );
}

#[test]
fn what_a_setting_cannot_be_is_refused_with_what_it_can_be() {
    let computer = Computer::new();
    for (key, value, says) in [
        (
            "desktop.show_name",
            "yes",
            "[desktop] show_name: found \"yes\"; allowed: true or false",
        ),
        (
            "desktop.language",
            "fr",
            "[desktop] language: found \"fr\"; allowed: one of \"system\", \"en\", \"cy\"",
        ),
        (
            "desktop.notifications",
            r#"["signed_out", "lunch"]"#,
            "[desktop] notifications[1]: found \"lunch\"; allowed: one of ",
        ),
        (
            "desktop.notifications",
            r#"["signed_out""#,
            "[desktop] notifications: this is not valid TOML: ",
        ),
        (
            "desktop.browser",
            "firefox",
            "[desktop] browser: found \"firefox\"; allowed: \"system\" or ",
        ),
        (
            "desktop.show_name",
            "true\nautostart = false",
            "[desktop] show_name: found ",
        ),
    ] {
        let refused = computer.refusal(key, value);
        assert!(refused.starts_with(says), "{refused}");
    }
    assert!(!computer.dir.path().join("home").exists());
}

#[test]
fn what_a_higher_place_holds_is_refused_with_that_place() {
    let computer = Computer::new();
    computer.write(
        "config.toml",
        "[desktop]\nshow_name = false\nlanguage = \"fr\"",
    );
    assert_eq!(
        computer.refusal("desktop.show_name", "true"),
        "[desktop] show_name is set in a higher place (file config.toml, line 2), so the user's own \
         would have no effect"
    );
    let wrong_above = computer.refusal("desktop.language", "cy");
    assert!(
        wrong_above.contains("(file config.toml, line 3)"),
        "{wrong_above}"
    );
    assert!(computer.set("desktop.autostart", "false").is_ok());
}

#[test]
fn a_file_that_cannot_be_understood_is_left_alone() {
    let computer = Computer::new();
    for (text, says) in [
        (
            "[desktop]\nlanguage = \n",
            "user home/cardea/user.toml, line 2: this is not valid TOML: ",
        ),
        (
            "desktop = 7",
            "user home/cardea/user.toml, [desktop]: found integer; allowed: a table",
        ),
    ] {
        computer.write("home/cardea/user.toml", text);
        let refused = computer.refusal("desktop.show_name", "true");
        assert!(refused.starts_with(says), "{refused}");
    }
    fs::write(computer.places.user.as_ref().unwrap(), [0xff]).unwrap();
    let refused = computer.refusal("desktop.show_name", "true");
    assert!(refused.contains("not UTF-8"), "{refused}");
}

#[test]
fn what_is_wrong_beside_it_stays_as_it_was() {
    let computer = Computer::new();
    let text = "# Mine.\n[log]\nlevel = \"trace\"\n\n[desktop]\nlanguage = \"fr\" # odd\n";
    computer.write("home/cardea/user.toml", text);
    let loaded = computer.set("desktop.show_name", "true").unwrap();
    assert_eq!(loaded.errors.len(), 2, "{}", shown(&loaded.errors));
    assert_eq!(computer.own().unwrap(), format!("{text}show_name = true\n"));
    computer.set("desktop.language", "cy").unwrap();
    assert!(
        computer
            .own()
            .unwrap()
            .contains("language = \"cy\" # odd\n")
    );
}

#[test]
fn two_who_set_something_at_once_lose_nothing() {
    let computer = Computer::new();
    for round in ["true", "false"].repeat(8) {
        let keys = ["show_name", "autostart", "allow_quit"];
        std::thread::scope(|scope| {
            for key in keys {
                let computer = &computer;
                scope.spawn(move || computer.set(&format!("desktop.{key}"), round).unwrap());
            }
        });
        let own = computer.own().unwrap();
        for key in keys {
            assert!(own.contains(&format!("{key} = {round}\n")), "{own}");
        }
    }
}

#[cfg(unix)]
#[test]
fn of_a_link_the_file_that_it_leads_to_is_written() {
    let computer = Computer::new();
    computer.write("kept/dots.toml", "# Mine.\n");
    let own = computer.places.user.as_ref().unwrap();
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(computer.dir.path().join("kept/dots.toml"), own).unwrap();
    computer.set("desktop.show_name", "true").unwrap();
    assert!(own.is_symlink());
    let kept = fs::read_to_string(computer.dir.path().join("kept/dots.toml")).unwrap();
    assert_eq!(kept, "# Mine.\n\n[desktop]\nshow_name = true\n");
}
