//! Every setting there is (contract, section 2), defined once.

use std::time::Duration;

use cardea_local_api::WhenPortTaken;
use cardea_login::{AssertionAlg, EvidenceIn, Pkce, RedirectHost};
use cardea_session::{Lifetime, OnInsert, OnLock, OnRemoval, Recognise};

use super::Row;
use super::definition::{Definition, tables};
use super::entries::{App, Pattern};
use super::entry::Entries;
use super::resolve::Resolution;
use super::scalar::{Boolean, Choice, LifetimeSpan, List, Number, Span, Unshown};
use super::text::{
    ACR_VALUES, ARGUMENT, BROKER_URL, BROWSER, CLIENT_ID, EVIDENCE_PATTERN, FILE, ISSUER,
    OAUTH_SCOPE, Optional, PROMPT, READER_PATTERN, REDIRECT_PATH,
};
use super::words::{ClientAuth, Environment, Language, LogLevel, Notification, Pairing};

tables! {
    /// The provider, and how this computer signs in to it.
    [cis2] Cis2 {
        /// Which CIS2: live, integration, or the provider named by issuer.
        environment: Environment = Environment::Live, Choice::RULE;
        /// The provider's issuer, compared byte for byte; with environment "custom" only.
        issuer: Option<String> = None, Optional(ISSUER);
        /// The client id that CIS2 gave this registration; nobody can sign in without it.
        client_id: Option<String> = None, Optional(CLIENT_ID);
        /// How the token endpoint knows this client.
        client_auth: ClientAuth = ClientAuth::PrivateKeyJwt, Choice::RULE;
        /// The algorithm that signs the client's assertion.
        assertion_alg: AssertionAlg = AssertionAlg::Rs512, Choice::RULE;
        /// Whether a key may sign that programs of the user could take away, on a computer that can
        /// hold keys without giving them out.
        allow_exportable_key: bool = false, Boolean;
        /// The server that adds the client credential; with client_auth "broker" only.
        broker_url: Option<String> = None, Optional(BROKER_URL);
        /// The PEM file of the certificate, with its chain, that this computer shows to the broker.
        broker_certificate: Option<String> = None, Optional(FILE);
        /// The PEM file of the private key that belongs to broker_certificate.
        broker_certificate_key: Option<String> = None, Optional(FILE);
        /// How the redirect address names this computer; must be as registered.
        redirect_host: RedirectHost = RedirectHost::Localhost, Choice::RULE;
        /// The ports of the redirect address, tried in order; an empty list means any free port.
        redirect_ports: Vec<u16> = vec![28117, 28217, 28317],
            List { each: Number { min: 1024_u16, max: u16::MAX }, max: 20 };
        /// The path of the redirect address; must be as registered.
        redirect_path: String = "/callback".to_owned(), REDIRECT_PATH;
        /// The scopes asked for.
        scopes: Vec<String> = texts([
            "openid", "profile", "nhsperson", "nationalrbacaccess", "associatedorgs", "selectedrole",
        ]), List { each: OAUTH_SCOPE, max: 32 };
        /// The authentication context asked for; empty asks for none.
        acr_values: Option<String> = Some("AAL3_ANY".to_owned()), Optional(ACR_VALUES);
        /// The OpenID Connect prompt parameter; empty sends none.
        prompt: Option<String> = Some("login".to_owned()), Optional(PROMPT);
        /// How long ago the user may have authenticated at CIS2.
        max_age: Duration = minutes(5), Span { min: seconds(1), max: hours(24) };
        /// Proof Key for Code Exchange.
        pkce: Pkce = Pkce::S256, Choice::RULE;
        /// Whether a sign-in without evidence of a smartcard is refused.
        require_smartcard: bool = true, Boolean;
        /// Patterns of the values that show that a smartcard was used.
        smartcard_evidence: Vec<String> = texts(["*SMARTCARD*"]),
            List { each: EVIDENCE_PATTERN, max: 32 };
        /// The claims in which such values count.
        smartcard_evidence_in: Vec<EvidenceIn> = vec![EvidenceIn::Amr],
            List { each: Choice::RULE, max: 2 };
        /// The least authentication assurance level (AAL).
        min_authentication_assurance: u8 = 3, Number { min: 1_u8, max: 3 };
        /// The least identity assurance level (IAL).
        min_identity_assurance: u8 = 3, Number { min: 1_u8, max: 3 };
        /// How long a login attempt may take.
        login_timeout: Duration = minutes(3), Span { min: seconds(1), max: hours(1) };
        /// How far the clocks of this computer and CIS2 may differ.
        clock_skew: Duration = seconds(60), Span { min: seconds(0), max: minutes(10) };
    }

    /// Which cards and readers count, and what inserting and removing a card does.
    [card] Card {
        /// Whether any readable card may be used, or only those that a pattern knows.
        recognise: Recognise = Recognise::Any, Choice::RULE;
        /// Kinds of cards known besides the built-in ones.
        patterns: Vec<Pattern> = Vec::new(), Entries::<Pattern>::at_most(256);
        /// Patterns of the names of readers that do not count.
        ignore_readers: Vec<String> = texts(["Windows Hello*", "*Virtual Smart Card*"]),
            List { each: READER_PATTERN, max: 64 };
        /// What inserting a card does.
        on_insert: OnInsert = OnInsert::Notify, Choice::RULE;
        /// What removing the card does.
        on_removal: OnRemoval = OnRemoval::Logout, Choice::RULE;
    }

    /// How long a session lasts.
    [session] Session {
        /// How long nobody may be active before the session ends.
        idle_timeout: Duration = minutes(15), Span { min: seconds(1), max: hours(24) };
        /// How long a session may last; "id_token" means no longer than the ID token.
        max_lifetime: Lifetime = Lifetime::Limit(hours(12)),
            LifetimeSpan(Span { min: seconds(1), max: hours(24) });
        /// What locking the workstation does to the session.
        on_workstation_lock: OnLock = OnLock::Keep, Choice::RULE;
        /// Whether removing the card also locks the workstation.
        lock_workstation_on_removal: bool = false, Boolean;
    }

    /// The local API and the programs that may call it.
    [api] Api {
        /// The port of the local API; 0 means any free port, found by the endpoint file only.
        port: u16 = 28080, Number { min: 0_u16, max: u16::MAX };
        /// What happens when that port is taken: the next free one of twenty, or none.
        when_port_taken: WhenPortTaken = WhenPortTaken::Next, Choice::RULE;
        /// Whether programs may ask the user to let them in.
        pairing: Pairing = Pairing::Ask, Choice::RULE;
        /// Programs that may call the API without asking.
        apps: Vec<App> = Vec::new(), Entries::<App>::at_most(256);
        /// Whether programs with tokens:read also get the access token.
        release_access_token: bool = false, Boolean;
    }

    /// Programs that Cardea starts.
    [hooks] Hooks {
        /// The program, with its arguments, that is started when a session has ended.
        on_session_end: Vec<String> = Vec::new(), Unshown(List { each: ARGUMENT, max: 64 });
    }

    /// The tray, the window and notifications.
    [desktop] Desktop {
        /// The language of window and notifications.
        language: Language = Language::System, Choice::RULE;
        /// Whether the tray starts when the user logs on; where AUTOSTART=0 was given to the MSI nothing starts it.
        autostart: bool = true, Boolean;
        /// Whether the user's name is shown in tooltip and notifications.
        show_name: bool = false, Boolean;
        /// What the user is notified of.
        notifications: Vec<Notification> = vec![
            Notification::SignedOut, Notification::Expiring, Notification::Attention, Notification::Pairing,
        ], List { each: Choice::RULE, max: 5 };
        /// Whether the user may quit Cardea.
        allow_quit: bool = true, Boolean;
        /// The browser that signing in opens: the system's, or the full path of a program.
        browser: String = "system".to_owned(), BROWSER;
    }

    /// Logs and audit.
    [log] Log {
        /// How much is logged.
        level: LogLevel = LogLevel::Info, Choice::RULE;
        /// How many days logs and audit are kept.
        keep_days: u16 = 14, Number { min: 1_u16, max: 3650 };
        /// The most that all log files together take, and likewise the most that the audit takes,
        /// in MiB; the oldest lines go first.
        max_size_mb: u16 = 50, Number { min: 1_u16, max: 1024 };
    }
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

const fn minutes(number: u64) -> Duration {
    seconds(number * 60)
}

const fn hours(number: u64) -> Duration {
    minutes(number * 60)
}
