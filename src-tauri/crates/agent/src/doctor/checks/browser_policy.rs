//! Whether browsers let the pages of clinical programs reach the agent without asking the user
//! (Local Network Access of Chromium).

use url::Url;

use super::super::finding::Finding;
use super::super::os::{self, BrowserPolicies};
use super::super::workstation::Workstation;
use super::{apps, blocking, without_settings};
use crate::settings::is_loopback;

const NOTE: &str = "drivers-notes/local-network-access.md";

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    let paths = workstation.paths.clone();
    blocking(move || {
        let apps = apps(&loaded, &paths).into_iter();
        let origins: Vec<_> = apps.flat_map(|app| app.origins).collect();
        judge(&origins, &os::browser_policies())
    })
    .await
}

fn judge(origins: &[String], browsers: &[BrowserPolicies]) -> Finding {
    // Pages from this computer itself need no leave.
    let origins: Vec<_> = origins.iter().filter(|origin| !is_local(origin)).collect();
    if origins.is_empty() {
        return Finding::skipped("No program that is a web page is registered.");
    }
    if browsers.is_empty() {
        return Finding::skipped("Neither Edge nor Chrome is installed.").note(NOTE);
    }
    let mut asked = Vec::new();
    let mut blocked = Vec::new();
    for (origin, browser) in origins
        .iter()
        .flat_map(|origin| browsers.iter().map(move |browser| (origin, browser)))
    {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| covers(pattern, origin));
        if any(&browser.blocked) {
            blocked.push(format!(
                "{origin}: blocked in {} by policy",
                browser.browser
            ));
        } else if !any(&browser.allowed) {
            asked.push(format!("{origin}: {} asks the user first", browser.browser));
        }
    }
    if !blocked.is_empty() {
        return Finding::broken(
            "A browser policy keeps pages of registered programs from the agent.",
            "Take these origins out of LoopbackNetworkBlockedForUrls and LocalNetworkAccessBlockedForUrls, and put them into LoopbackNetworkAllowedForUrls.",
        )
        .details(blocked.into_iter().chain(asked))
        .note(NOTE);
    }
    if !asked.is_empty() {
        return Finding::warning(
            "Browsers ask the user whether pages of registered programs may reach the agent; whoever says no three times is not asked again.",
            "Put these origins into the policies LoopbackNetworkAllowedForUrls and LocalNetworkAccessAllowedForUrls of each browser.",
        )
        .details(asked)
        .note(NOTE);
    }
    Finding::ok("Browser policies let the pages of every registered program reach the agent.")
}

fn is_local(origin: &str) -> bool {
    Url::parse(origin).is_ok_and(|url| is_loopback(&url))
}

/// Whether a pattern of Chromium's content settings covers an origin: `*`, a host, `[*.]host` for
/// the host and all below it, each also with scheme or port.
fn covers(pattern: &str, origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let default = if scheme == "https" { "443" } else { "80" };
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, default));
    let pattern = pattern.trim_end_matches('/');
    if pattern == "*" {
        return true;
    }
    let (wanted_scheme, rest) = pattern.split_once("://").unwrap_or(("*", pattern));
    let (wanted_host, wanted_port) = rest.rsplit_once(':').unwrap_or((rest, "*"));
    let host_fits = match wanted_host.strip_prefix("[*.]") {
        Some(domain) => host == domain || host.ends_with(&format!(".{domain}")),
        None => wanted_host == "*" || wanted_host.eq_ignore_ascii_case(host),
    };
    let fits = |wanted: &str, found: &str| wanted == "*" || wanted == found;
    host_fits && fits(wanted_scheme, scheme) && fits(wanted_port, port)
}

#[cfg(test)]
mod tests {
    use cardea_session::CheckOutcome;

    use super::*;

    fn report(origins: &[&str], allowed: &[&str], blocked: &[&str]) -> cardea_session::CheckReport {
        let texts = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        let edge = BrowserPolicies {
            browser: "Edge",
            allowed: texts(allowed),
            blocked: texts(blocked),
        };
        judge(&texts(origins), &[edge]).report("", "", Default::default())
    }

    #[test]
    fn pages_that_the_browser_asks_about_are_named() {
        let gp = "https://gp.example";
        let asked = report(&[gp], &[], &[]);
        assert_eq!(asked.outcome, CheckOutcome::Warning);
        assert_eq!(
            asked.details,
            ["https://gp.example: Edge asks the user first"]
        );
        assert!(
            asked
                .remedy
                .unwrap()
                .contains("LoopbackNetworkAllowedForUrls")
        );
        assert_eq!(report(&[gp], &[gp], &[]).outcome, CheckOutcome::Ok);
        let blocked = report(&[gp], &[gp], &["*"]);
        assert_eq!(blocked.outcome, CheckOutcome::Failure);
        assert!(blocked.remedy.unwrap().contains("Blocked"));
    }

    #[test]
    fn pages_of_this_computer_need_no_leave() {
        let local = report(&["http://localhost:3000", "http://127.0.0.1:1"], &[], &[]);
        assert_eq!(local.outcome, CheckOutcome::Skipped);
    }

    #[test]
    fn patterns_cover_as_chromium_reads_them() {
        let origin = "https://app.gp.example:8443";
        for pattern in [
            "*",
            "[*.]gp.example",
            "[*.]gp.example:8443",
            "https://app.gp.example:8443",
            "app.gp.example",
        ] {
            assert!(covers(pattern, origin), "{pattern}");
        }
        for pattern in [
            "gp.example",
            "http://app.gp.example:8443",
            "app.gp.example:443",
            "[*.]p.example",
            "",
        ] {
            assert!(!covers(pattern, origin), "{pattern}");
        }
        assert!(covers("https://gp.example:443", "https://gp.example"));
    }
}
