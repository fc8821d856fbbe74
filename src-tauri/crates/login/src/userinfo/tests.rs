mod fuzz;
mod signed;

use cardea_session::Time;
use serde_json::json;

use super::*;

fn id_token(selected_roleid: Option<&str>) -> Verified {
    let time = Time::from_unix(1_760_000_000).unwrap();
    Verified::made_of("555000000001", selected_roleid, time)
}

fn nurse() -> Value {
    json!({
        "person_orgid": "555000000107",
        "person_roleid": "555000000108",
        "org_code": "A9A5A",
        "role_name": "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\"",
        "role_code": "S8000:G8000:R8001",
        "activity_codes": ["B0428", "B0560"],
        "workgroups_codes": ["555000000103"],
        "aow_codes": ["P0020:Q0300:T0640"]
    })
}

fn document(members: Value) -> Value {
    let mut document = json!({
        "sub": "555000000001", "name": "Flo Nurse", "given_name": "Flo", "family_name": "Nurse",
        "nhsid_nrbac_roles": [nurse()],
        "nhsid_user_orgs": [{"org_name": "EXAMPLE TRUST", "org_code": "A9A5A"}],
    });
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn user_of(members: Value) -> User {
    user(&document(members), &id_token(Some("555000000108"))).unwrap()
}

#[test]
fn a_role_is_joined_with_its_organisation() {
    let user = user_of(json!({}));
    assert_eq!(user.id, "555000000001");
    assert_eq!(user.name.as_deref(), Some("Flo Nurse"));
    let role = user.selected_role().unwrap();
    assert_eq!(role.display_name, "Nurse Access Role");
    assert!(role.role_name.starts_with("\"Clinical\":"));
    assert_eq!(role.org_name.as_deref(), Some("EXAMPLE TRUST"));
    assert_eq!(role.activity_codes, ["B0428", "B0560"]);
    assert_eq!(role.workgroups_codes, ["555000000103"]);
    assert_eq!(role.aow_codes, ["P0020:Q0300:T0640"]);
}

#[test]
fn nothing_but_the_fields_of_the_snapshot_is_kept() {
    let mut role = nurse();
    for name in ["activities", "workgroups", "aow", "role_note"] {
        role[name] = json!(["UNWANTED"]);
    }
    let user = user_of(json!({
        "email": "UNWANTED", "title": "UNWANTED", "middle_names": "UNWANTED", "uid": "UNWANTED",
        "initials": "UNWANTED", "gdc_id": "UNWANTED", "gmp_id": "UNWANTED", "gmc_id": "UNWANTED",
        "idassurancelevel": "UNWANTED", "nhsid_useruid": "UNWANTED", "phone_number": "UNWANTED",
        "nhsid_nrbac_roles": [role],
        "nhsid_user_orgs": [
            {"org_name": "EXAMPLE TRUST", "org_code": "A9A5A", "address": "UNWANTED"},
            {"org_name": "UNWANTED", "org_code": "OTHER"},
        ],
        "nhsid_org_memberships": [{"org_name": "UNWANTED"}],
    }));
    let shown = serde_json::to_value(&user).unwrap();
    assert!(!shown.to_string().contains("UNWANTED"), "{shown}");
    let names = |object: &Value| {
        let names = object.as_object().unwrap().keys().cloned();
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let of_user = "id name given_name family_name selected_roleid roles";
    let of_role = "person_roleid person_orgid role_code role_name display_name org_code org_name \
                   activity_codes workgroups_codes aow_codes";
    let listed = |list: &str| list.split_whitespace().map(str::to_owned).collect();
    assert_eq!(names(&shown), listed(of_user));
    assert_eq!(names(&shown["roles"][0]), listed(of_role));
}

#[test]
fn userinfo_about_somebody_else_is_refused() {
    let other = document(json!({"sub": "555000000002"}));
    assert_eq!(user(&other, &id_token(None)), Err(CheckError::OtherSubject));
    let nobody = document(json!({"sub": null}));
    assert_eq!(
        user(&nobody, &id_token(None)),
        Err(CheckError::Missing("sub of UserInfo"))
    );
}

#[test]
fn one_object_stands_for_a_list_of_one() {
    let user = user_of(json!({
        "nhsid_nrbac_roles": nurse(),
        "nhsid_user_orgs": {"org_name": "ONE", "org_code": "A9A5A"},
    }));
    assert_eq!(user.roles.len(), 1);
    assert_eq!(user.roles[0].org_name.as_deref(), Some("ONE"));
}

#[test]
fn a_user_may_have_no_roles() {
    for roles in [
        json!([]),
        json!(null),
        json!({}),
        json!([{"role_code": "x"}]),
    ] {
        let user = user_of(json!({"nhsid_nrbac_roles": roles}));
        assert!(user.roles.is_empty() && user.selected_role().is_none());
    }
    let mut without = document(json!({}));
    without.as_object_mut().unwrap().remove("nhsid_nrbac_roles");
    assert!(user(&without, &id_token(None)).unwrap().roles.is_empty());
}

#[test]
fn the_selected_role_may_be_unknown_or_absent() {
    let unknown = user(&document(json!({})), &id_token(Some("999"))).unwrap();
    assert_eq!(unknown.selected_roleid.as_deref(), Some("999"));
    assert!(unknown.selected_role().is_none());
    let absent = user(&document(json!({})), &id_token(None)).unwrap();
    assert_eq!(absent.selected_roleid, None);
    let by_userinfo = document(json!({"selected_roleid": "555000000108"}));
    let by_userinfo = user(&by_userinfo, &id_token(None)).unwrap();
    assert!(by_userinfo.selected_role().is_some());
}

#[test]
fn an_organisation_without_a_name_and_odd_values_do_no_harm() {
    let mut odd = nurse();
    odd["person_roleid"] = json!(555_000_000_108_u64);
    odd["role_name"] = json!("Nurse");
    odd["activity_codes"] = json!("B0428");
    odd["org_code"] = json!("ZZZ");
    let user = user_of(json!({"nhsid_nrbac_roles": [odd, "nonsense", 7]}));
    let role = user.selected_role().unwrap();
    assert_eq!(role.display_name, "Nurse");
    assert_eq!(role.activity_codes, ["B0428"]);
    assert_eq!(role.org_name, None);
}
