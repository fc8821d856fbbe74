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
