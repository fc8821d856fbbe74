use super::*;

const FILE: &str = r#"
public_url = "https://broker.example/cardea/"
[provider]
issuer = "https://cis2.example:443/op"
client_id = "1234.apps.national"
credential = "/run/secrets/cis2.pem"
redirect_uris = ["http://localhost:28117/callback"]
[tls]
certificate = "/run/secrets/tls.pem"
key = "/run/secrets/tls.key"
[workstations]
approved = "/etc/cardea-broker/workstations.txt"
"#;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broker.toml");
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let (_folder, file) = file(text);
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::load(Some(&file), environment).map_err(|error| error.to_string())
}

#[test]
fn a_short_file_is_enough() {
    let settings = load(FILE, &[]).unwrap();
    assert_eq!(settings.public_url, "https://broker.example/cardea");
    assert_eq!(settings.listen.to_string(), "0.0.0.0:8443");
    assert_eq!(settings.provider.issuer, "https://cis2.example:443/op");
    assert_eq!(settings.provider.assertion_alg, Algorithm::RS512);
    assert_eq!(settings.provider.verifier, Verifier::Required);
    assert_eq!(settings.workstations.proof, Proof::Key);
}

#[test]
fn the_environment_goes_before_the_file() {
    let settings = load(
        FILE,
        &[
            ("CARDEA_BROKER_PROVIDER_CLIENT_ID", "other"),
            (
                "CARDEA_BROKER_PROVIDER_REDIRECT_URIS",
                "http://127.0.0.1:1/a http://[::1]:2/b",
            ),
            ("CARDEA_BROKER_LIMITS_REQUESTS", "7"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(settings.provider.client_id, "other");
    assert_eq!(settings.provider.redirect_uris.len(), 2);
    assert_eq!(settings.limits.requests, 7);
}

#[test]
fn everything_that_is_wrong_is_named() {
    let wrong = load(
        "log = \"loud\"\n[provider]\nissuer = \"http://cis2.example\"\n\
         redirect_uris = [\"https://elsewhere.example/\"]\n[limits]\nrequests = 0",
        &[
            ("CARDEA_BROKER_WORKSTATIONS_PROOF", "certificate"),
            ("CARDEA_BROKER_LIMITS_CONNECTIONS", "many"),
            ("CARDEA_BROKER_PASSWORD", "hunter2"),
        ],
    )
    .unwrap_err();
    for key in [
        "CARDEA_BROKER_LIMITS_CONNECTIONS: a whole number",
        "CARDEA_BROKER_PASSWORD: there is no such setting",
        "public_url: ",
        "log: error | warn | info | debug | trace",
        "provider.issuer: ",
        "provider.client_id: ",
        "provider.credential: ",
        "provider.redirect_uris: http://localhost:PORT/",
        "tls.certificate: ",
        "tls.key: ",
        "tls.client_ca: ",
    ] {
        assert!(wrong.contains(key), "{key:?} is not in\n{wrong}");
    }
    assert!(!wrong.contains("hunter2"));
    let unknown = load("[provider]\nissuers = \"x\"", &[]).unwrap_err();
    assert!(unknown.contains("issuers"), "{unknown}");
}

#[test]
fn only_the_workstations_own_addresses_are_redirect_addresses() {
    for right in [
        "http://localhost:28117/callback",
        "http://127.0.0.1:0/callback",
        "http://[::1]:1/",
        "http://localhost:1",
    ] {
        assert!(is_redirect_address(right), "{right}");
    }
    for wrong in [
        "http://localhost/callback",
        "http://localhost:x/",
        "http://localhost:70000/",
        "http://localhost:1@elsewhere.example/",
        "http://localhost.example:1/",
        "https://localhost:1/",
        "http://localhost:1/a?b",
        "http://localhost:1/a#b",
        "http://10.0.0.1:1/",
    ] {
        assert!(!is_redirect_address(wrong), "{wrong}");
    }
}
