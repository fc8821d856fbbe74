//! Whether there is a browser to sign in with.

use std::path::Path;

use cardea_session::FailureCode;

use super::super::finding::Finding;
use super::super::os::{self, DefaultBrowser};
use super::super::workstation::Workstation;
use super::{blocking, without_settings};

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    match loaded.settings.desktop.chosen_browser() {
        Some(chosen) => blocking(move || judge_chosen(&chosen)).await,
        None => judge_default(os::default_browser().await),
    }
}

fn judge_chosen(chosen: &Path) -> Finding {
    let shown = chosen.display();
    if chosen.is_file() {
        return Finding::ok(format!(
            "Signing in opens {shown}, as [desktop] browser says."
        ));
    }
    Finding::failure(
        FailureCode::BrowserFailed,
        format!("[desktop] browser names {shown}, which is not there."),
    )
    .remedy("Install that browser, or set [desktop] browser = \"system\".")
}

fn judge_default(default: DefaultBrowser) -> Finding {
    match default {
        DefaultBrowser::Is(browser) => {
            Finding::ok(format!("Signing in opens the default browser: {browser}."))
        }
        DefaultBrowser::Missing(why) => Finding::failure(
            FailureCode::BrowserFailed,
            format!("There is no default browser: {why}."),
        )
        .remedy(
            "Install a browser and make it the default for https, or name one in [desktop] browser.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_is_not_there_is_named_with_the_way_out() {
        let absent = judge_chosen(Path::new("/no/such/browser"));
        let absent = absent.report("browser", "", Default::default());
        assert_eq!(absent.code, Some(FailureCode::BrowserFailed));
        assert!(absent.remedy.unwrap().contains("browser = \"system\""));
        let none = judge_default(DefaultBrowser::Missing("none".to_owned()));
        let none = none.report("browser", "", Default::default());
        assert_eq!(none.code, Some(FailureCode::BrowserFailed));
        assert!(none.remedy.unwrap().contains("default for https"));
    }

    #[test]
    fn a_browser_that_is_there_will_do() {
        use cardea_session::CheckOutcome;

        let this = std::env::current_exe().unwrap();
        let named = judge_chosen(&this);
        assert_eq!(named.outcome(), CheckOutcome::Ok);
        let chosen = judge_default(DefaultBrowser::Is("firefox.desktop".to_owned()));
        assert_eq!(chosen.outcome(), CheckOutcome::Ok);
    }
}
