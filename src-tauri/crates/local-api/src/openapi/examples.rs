//! One example of everything that is sent and answered. Events are rendered by the code that sends
//! them; a test sees that the rest fits the types.

use cardea_session::{
    AttemptId, Boot, Change, EndReason, Event, EventName, FailureCode, SessionId, Time,
};
use serde_json::{Value, json};

use crate::feed::Message;

const BOOT: &str = "6f0c2a1b9d3e4f5a8b7c6d5e4f3a2b1c";
const AT: &str = "2026-01-05T09:00:00.123Z";

/// What a program sends to this operation.
pub(super) fn request(operation: &str) -> Option<Value> {
    Some(match operation {
        "login" => json!({"reauthenticate": true}),
        "logout" => json!({"session_id": session_id()}),
        "activity" | "cancelLogin" | "openWindow" | "declinePairing" | "stopAgent" => json!({}),
        "logoutToken" => json!("logout_token=eyJ0eXAiOiJsb2dvdXQrand0IiwiYWxnIjoiUlMyNTYifQ.…"),
        "askToPair" => json!({"name": "Dictation", "scopes": ["session:read", "identity:read"]}),
        "claimToken" => json!({"claim_secret": "mO3v…43 characters…"}),
        "doctor" => json!({"cis2": true}),
        "approvePairing" => json!({"code": "482 913"}),
        "addApp" => json!({
            "id": "gp-system", "name": "GP system", "scopes": ["session:read", "identity:read"],
            "origins": ["https://gp.example"],
        }),
        _ => return None,
    })
}

/// What the agent answers by this operation and status.
pub(super) fn answer(operation: &str, status: &str) -> Option<Value> {
    Some(match (operation, status) {
        ("health", _) => json!({
            "status": "ok", "boot": BOOT, "proof": "NDHjItIfcpDszWiwqK0VOnevVccgxtiAhaRo75olKEg",
        }),
        ("app", _) => json!({
            "id": "gp-system", "name": "GP system", "scopes": ["session:read", "identity:read"],
            "version": "1.0.0", "features": [],
        }),
        ("session", "200") => snapshot(),
        ("tokens", _) => json!({
            "session_id": session_id(), "id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6IuKApiJ9.…",
            "exp": 1_767_607_200, "sid": "8a1f…", "client_id": "969567331415.apps.national",
            "issuer": ISSUER,
        }),
        ("login", _) => json!({"attempt": attempt()}),
        ("logoutToken", _) => json!({}),
        ("askToPair", _) => json!({
            "id": "kq3v1s8XoV0z3Zl0mS1bGw", "code": "482913", "claim_secret": "mO3v…43 characters…",
        }),
        ("claimToken", "200") => json!({
            "app": "paired-0f3a9c41d2", "name": "Dictation",
            "scopes": ["session:read", "identity:read"], "token": "Xw9u…43 characters…",
        }),
        ("claimToken", _) => json!({"status": "waiting"}),
        ("pairings", _) => json!({"pairings": [{
            "id": "kq3v1s8XoV0z3Zl0mS1bGw", "name": "Dictation", "scopes": ["session:read"],
            "from": {"origin": "https://dictation.example"}, "seconds_left": 97,
        }]}),
        ("apps", _) => json!({"apps": [{
            "id": "gp-system", "name": "GP system", "scopes": ["session:read", "identity:read"],
            "origins": ["https://gp.example"], "source": "policy", "last_used_at": AT,
        }]}),
        ("addApp", _) => json!({"id": "gp-system", "token": "Xw9u…43 characters…"}),
        ("loginAddress", _) => json!({"address": "https://am.nhsint.example/authorize?…"}),
        ("activityHistory", _) => json!({"entries": [{
            "at": AT, "action": "session_ended", "session_id": session_id(),
            "reason": "card_removed",
        }]}),
        ("diagnostics", _) => json!({
            "version": "1.0.0", "boot": BOOT, "state": "no_card",
            "readers": [{"name": "HID Global OMNIKEY 3x21 Smart Card Reader 0", "state": "empty"}],
            "removal_latency": {"count": 1, "p50_us": 180, "p99_us": 180}, "uptime_s": 3_600, "unknown_callers": 0,
            "removals": [{
                "at": AT, "reader": "HID Global OMNIKEY 3x21 Smart Card Reader 0",
                "published_after_us": 180,
            }],
            "settings": [{"key": "session.idle_timeout", "value": "\"15m\"", "origin": "default"}],
        }),
        ("doctor", _) => json!({"event": "check.finished", "check": {
            "id": "card_service", "title": "The smartcard service", "outcome": "failure",
            "summary": "The smartcard service cannot be reached.", "code": "card_service_stopped",
            "details": ["PC/SC said: the service is not running (0x8010001D)."],
            "remedy": "Start pcscd: systemctl enable --now pcscd.socket.",
            "note": "drivers-notes/pcscd.md", "took_ms": 4,
        }}),
        _ => return None,
    })
}

/// One message of each kind, by its event's name.
pub(super) fn events() -> Vec<(&'static str, Value)> {
    let boot = Boot::new(BOOT);
    let at = time(AT);
    let session = SessionId::new(session_id());
    let attempt = AttemptId::new(attempt());
    let expires_at = time("2026-01-05T09:15:00.000Z");
    let reader = "HID Global OMNIKEY 3x21 Smart Card Reader 0".to_owned();
    let events = [
        Event::SessionEnded {
            session: session.clone(),
            reason: EndReason::CardRemoved,
        },
        Event::SessionStarted {
            session: session.clone(),
        },
        Event::SessionChanged {
            session: session.clone(),
        },
        Event::SessionExpiring {
            session: session.clone(),
            expires_at,
            reason: EndReason::IdleTimeout,
        },
        Event::SessionExpiryWithdrawn {
            session: session.clone(),
        },
        Event::LoginStarted {
            attempt: attempt.clone(),
        },
        Event::LoginFailed {
            attempt,
            code: FailureCode::CardRemovedDuringLogin,
        },
        Event::TokensExpiring {
            session,
            expires_at,
        },
        Event::CardInserted {
            reader: reader.clone(),
        },
        Event::CardRemoved { reader },
    ];
    let change = Change {
        revision: 17,
        at,
        events: Vec::new(),
    };
    let value = |message: &Message<'_>| serde_json::to_value(message).unwrap_or_default();
    let named = events.iter().map(|event| {
        let message = Message::of(&boot, &change, event);
        (event.name().as_str(), value(&message))
    });
    let plain = [
        EventName::SettingsChanged,
        EventName::Gap,
        EventName::Heartbeat,
    ]
    .map(|name| {
        let message = Message::plain(name, &boot, 17, at);
        (name.as_str(), value(&message))
    });
    let waiting = Message::pairings_changed(&boot, 17, at, 1);
    let waiting = (EventName::PairingsChanged.as_str(), value(&waiting));
    let mut whole = value(&Message::plain(EventName::Snapshot, &boot, 17, at));
    if let Some(members) = whole.as_object_mut() {
        members.insert("snapshot".to_owned(), snapshot());
    }
    let whole = (EventName::Snapshot.as_str(), whole);
    named.chain([waiting]).chain(plain).chain([whole]).collect()
}

/// A problem.
pub(super) fn problem() -> Value {
    json!({
        "type": "urn:cardea:problem:no_session", "title": "Nobody is signed in.", "status": 409,
        "detail": "Nobody is signed in.", "code": "no_session", "remedy": "Sign in first.",
    })
}

const ISSUER: &str = "https://am.nhsidentity.spineservices.nhs.uk:443/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";

/// Somebody is signed in with a card. The person is made up.
fn snapshot() -> Value {
    let reader = "HID Global OMNIKEY 3x21 Smart Card Reader 0";
    json!({
        "boot": BOOT, "revision": 17, "environment": "live", "issuer": ISSUER,
        "state": "active", "since": AT,
        "readers": [{
            "name": reader, "state": "present",
            "card": {"recognised": true, "name": "NHS Care Identity Service smartcard"},
        }],
        "session": {
            "id": session_id(), "started_at": AT, "expires_at": "2026-01-05T21:00:00.123Z",
            "idle_expires_at": "2026-01-05T09:15:00.123Z",
            "id_token_expires_at": "2026-01-05T10:00:00.000Z",
            "card_bound": true, "readers": [reader], "acr": "AAL3_ANY", "amr": ["N3_SMARTCARD"],
            "auth_time": "2026-01-05T08:59:51.000Z", "authentication_assurance_level": 3,
            "id_assurance_level": 3,
            "user": {
                "id": "555000000001", "name": "Sam Example", "given_name": "Sam",
                "family_name": "Example", "selected_roleid": "555000000002",
                "roles": [{
                    "person_roleid": "555000000002", "person_orgid": "555000000003",
                    "role_code": "S8000:G8001:R8001",
                    "role_name": "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\"",
                    "display_name": "Nurse Access Role", "org_code": "A81001",
                    "org_name": "THE EXAMPLE SURGERY", "activity_codes": ["B0380"],
                    "workgroups_codes": [], "aow_codes": [],
                }],
            },
        },
    })
}

fn session_id() -> &'static str {
    "6f0c2a1b9d3e4f5a8b7c6d5e4f3a2b1c.s3"
}

fn attempt() -> &'static str {
    "6f0c2a1b9d3e4f5a8b7c6d5e4f3a2b1c.a4"
}

fn time(text: &str) -> Time {
    Time::parse(text).unwrap_or_else(|_| jiff::Timestamp::UNIX_EPOCH.into())
}
