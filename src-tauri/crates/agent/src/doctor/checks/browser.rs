//! Whether there is a browser to sign in with.

use std::path::Path;

use cardea_session::FailureCode;

use super::super::finding::Finding;
use super::super::os::{self, DefaultBrowser};
use super::super::workstation::Workstation;
use super::blocking;

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let loaded = workstation.settings_in_thread();
    blocking(move || {
        let chosen = loaded().settings.desktop.chosen_browser();
        judge(chosen.as_deref(), os::default_browser)
    })
    .await
}

fn judge(chosen: Option<&Path>, default: impl FnOnce() -> DefaultBrowser) -> Finding {
    if let Some(chosen) = chosen {
        let shown = chosen.display();
        if chosen.is_file() {
            return Finding::ok(format!(
                "Signing in opens {shown}, as [desktop] browser says."
            ));
        }
        return Finding::failure(
            FailureCode::BrowserFailed,
            format!("[desktop] browser names {shown}, which is not there."),
        )
        .remedy("Install that browser, or set [desktop] browser = \"system\".");
    }
    match default() {
        DefaultBrowser::Is(browser) => Finding::ok(format!("Signing in opens the default browser: {browser}.")),
        DefaultBrowser::Missing(why) => {
            Finding::failure(FailureCode::BrowserFailed, format!("There is no default browser: {why}."))
                .remedy("Install a browser and make it the default for https, or name one in [desktop] browser.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_is_not_there_is_named_with_the_way_out() {
        let absent = judge(Some(Path::new("/no/such/browser")), || unreachable!());
        let absent = absent.report("browser", "", Default::default());
        assert_eq!(absent.code, Some(FailureCode::BrowserFailed));
        assert!(absent.remedy.unwrap().contains("browser = \"system\""));
        let none = judge(None, || DefaultBrowser::Missing("none".to_owned()));
        let none = none.report("browser", "", Default::default());
        assert_eq!(none.code, Some(FailureCode::BrowserFailed));
        assert!(none.remedy.unwrap().contains("default for https"));
    }

    #[test]
    fn a_browser_that_is_there_will_do() {
        use cardea_session::CheckOutcome;

        let this = std::env::current_exe().unwrap();
        let named = judge(Some(&this), || unreachable!());
        assert_eq!(named.outcome(), CheckOutcome::Ok);
        let chosen = judge(None, || DefaultBrowser::Is("firefox.desktop".to_owned()));
        assert_eq!(chosen.outcome(), CheckOutcome::Ok);
    }
}
