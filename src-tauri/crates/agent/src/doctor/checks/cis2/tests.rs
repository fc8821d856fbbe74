use cardea_session::CheckOutcome;

use super::*;

fn field(name: &'static str, fit: Fit) -> DocumentField {
    DocumentField { name, fit }
}

#[test]
fn what_is_not_offered_is_a_warning_and_what_is_not_said_none() {
    let quiet = [
        field("scopes_supported", Fit::Fits),
        field("acr_values_supported", Fit::DoesNotSay),
        field("code_challenge_methods_supported", Fit::NotAskedFor),
    ];
    assert_eq!(judge_fields(&quiet).outcome(), CheckOutcome::Ok);
    let missing = Fit::DoesNotFit {
        wanted: vec!["selectedrole".to_owned()],
        offered: vec!["openid".to_owned()],
    };
    let report =
        judge_fields(&[field("scopes_supported", missing)]).report("", "", Default::default());
    assert_eq!(report.outcome, CheckOutcome::Warning);
    assert_eq!(
        report.details,
        ["scopes_supported: not offered: selectedrole; offered: openid"]
    );
}

#[test]
fn a_proxy_script_that_cannot_be_had_or_does_not_end_is_a_warning() {
    let proxies = |said_by| {
        let proxy = Way::Proxy {
            scheme: "http".to_owned(),
            host: "proxy.example".to_owned(),
            port: 8080,
        };
        let ways = vec![proxy, Way::Direct];
        judge_proxies(&ProxiesNamed { said_by, ways }).report("", "", Default::default())
    };
    let scripted = proxies(SaidBy::Script);
    assert_eq!(scripted.outcome, CheckOutcome::Ok);
    assert_eq!(
        scripted.summary,
        "CIS2 is reached through proxy.example:8080, then without a proxy, as the proxy script says."
    );
    let instead = proxies(SaidBy::SettingsInPlaceOfScript);
    assert_eq!(instead.outcome, CheckOutcome::Warning);
    assert!(instead.remedy.unwrap().contains("PAC"));
    let silent = no_proxies(&ProxyProblem::TimedOut).report("", "", Default::default());
    assert_eq!(silent.outcome, CheckOutcome::Warning);
    assert!(silent.remedy.unwrap().contains("reachable"));
    let odd = no_proxies(&ProxyProblem::NotUnderstood("HTTPS_PROXY"));
    let odd = odd.report("", "", Default::default());
    assert!(odd.summary.contains("HTTPS_PROXY"), "{}", odd.summary);
    assert!(odd.remedy.unwrap().contains("percent-encoded"));
}
