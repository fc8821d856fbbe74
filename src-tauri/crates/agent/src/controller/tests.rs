//! The loop with everything around it real, but cards, keystore and browser.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cardea_local_api::{LogoutAnswer, LogoutToken, Request, Server, feed};
use cardea_login::{
    Browser, Entry, Keystore, KeystoreAnswer, MemoryKeystore, Opening, SecretBytes,
};
use cardea_readers::{CardSettings, CardSource, Diagnostics};
use cardea_session::{
    Atr, Boot, Card, Command, Identity, Insertion, LoginMode, Reader, ReaderEvent, ReaderName,
    Refusal, Reply, Requester, ServiceLoss, SessionId, Slot, State, Time, User,
};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::*;
use crate::audit::Audit;
use crate::environment::{Heard, Teller};
use crate::event_log::{Entry as Reported, EventLog};
use crate::followers::LoginParts;
use crate::logs::Logs;
use crate::paths::UserPaths;
use crate::retention::Retention;
use crate::settings::{self, Places};

/// No test takes so long.
const LIMIT: Duration = Duration::from_secs(20);

const SETTINGS: &str = "[cis2]\nenvironment = \"custom\"\nissuer = \"http://127.0.0.1:9/cis2\"\n\
    client_id = \"c\"\nclient_auth = \"client_secret_post\"\nredirect_ports = []\n\
    [card]\nrecognise = \"known\"\n[api]\nport = 0\n";

const WRONG_SETTINGS: &str = "[cis2]\nissuer = 7\n";

/// Cards come by the test's own queue.
struct NoCards;

impl CardSource for NoCards {
    fn apply(&self, _settings: CardSettings) {}

    fn diagnostics(&self) -> Diagnostics {
        Diagnostics::default()
    }
}

struct NoBrowser;

impl Browser for NoBrowser {
    fn open<'a>(&'a self, _address: &'a str) -> Opening<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// A keystore whose defect takes the task down that asks it.
struct BrokenKeystore;

impl Keystore for BrokenKeystore {
    fn load<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        panic!("a scripted panic")
    }

    fn store<'a>(&'a self, _entry: &'a Entry, _secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        panic!("a scripted panic")
    }

    fn remove<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        panic!("a scripted panic")
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        panic!("a scripted panic")
    }
}

/// The loop before it runs, and the other ends of what it reads.
struct Rig {
    controller: Controller,
    sources: Option<Sources>,
    environment: Option<Teller>,
    readers: mpsc::Sender<Sighting>,
    requests: mpsc::Sender<Request>,
    settings: watch::Sender<Arc<Loaded>>,
    stop: CancellationToken,
    /// What the Event Log is given.
    reported: std::sync::mpsc::Receiver<Reported>,
    _server: Server,
    folder: TempDir,
}

fn load(folder: &TempDir, text: &str) -> Arc<Loaded> {
    let file = folder.path().join("config.toml");
    std::fs::write(&file, text).unwrap();
    Arc::new(settings::load(&Places::in_folder(folder.path())))
}

fn rig(keystore: impl Keystore + 'static) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let loaded = load(&folder, SETTINGS);
    assert!(loaded.errors.is_empty(), "{:?}", loaded.errors);

    let login = LoginParts {
        keystore: Arc::new(keystore),
        browser: Arc::new(NoBrowser),
        environment: None,
    };
    let clock = Clock::start();
    let rules = login.rules(&loaded.settings);
    let machine = Machine::new(Boot::new("boot"), rules, clock.now());
    let (publisher, feed) = feed(&machine.snapshot());
    let (ask, _) = mpsc::channel(1);
    let paths = UserPaths::in_folder(folder.path());
    let places = cardea_local_api::Places {
        socket: paths.socket(),
        endpoint: paths.endpoint(),
        apps: paths.apps(),
    };
    let server = Server::bind(loaded.settings.local_api(), &places, feed, ask).unwrap();
    let examination = Examination::new(
        Places::in_folder(folder.path()),
        paths.clone(),
        Arc::clone(&login.keystore),
    );
    let followers = Followers::new(login, Box::new(NoCards), server.apps(), Logs::nowhere());
    let retention = Retention {
        days: 1,
        bytes: 1024 * 1024,
    };
    let audit = Audit::open(folder.path().join("audit.jsonl"), retention).unwrap();
    let (report, reported) = std::sync::mpsc::channel();
    let event_log = EventLog::to(move |entry| {
        let _test_is_over = report.send(entry);
        Ok(())
    });
    let record = Record::new(audit, event_log.unwrap());
    let mut controller = Controller::new(machine, clock, publisher, followers, record, examination);
    controller.begin(&loaded, None);

    let (teller, told) = environment::queue();
    let (readers, reports) = mpsc::channel(4);
    let (requests, asked) = mpsc::channel(4);
    let (settings, changes) = watch::channel(loaded);
    Rig {
        controller,
        sources: Some(Sources {
            environment: told,
            readers: reports,
            requests: asked,
            settings: changes,
        }),
        environment: Some(teller),
        readers,
        requests,
        settings,
        stop: CancellationToken::new(),
        reported,
        _server: server,
        folder,
    }
}

fn a_card_that_does_not_count() -> ReaderEvent {
    let card = Card {
        insertion: Insertion(1),
        atr: Atr::new([0x3b, 0x02, 0x14, 0x50]),
        known_as: None,
    };
    ReaderEvent::Readers(vec![Reader {
        name: ReaderName::new("A"),
        slot: Slot::Present(card),
    }])
}

type Answer = oneshot::Receiver<Result<Reply, Refusal>>;

fn ask(requests: &mpsc::Sender<Request>, command: Command) -> Answer {
    let (reply, answer) = oneshot::channel();
    let caller = Caller::OwnProgram;
    let request = Request::Command {
        command,
        caller,
        reply,
    };
    requests.try_send(request).unwrap();
    answer
}

fn log_in() -> Command {
    Command::Login {
        mode: LoginMode::SignIn,
        by: Requester::User,
    }
}

impl Rig {
    /// Runs the loop, once, to its end.
    async fn end(&mut self) -> End {
        let sources = self.sources.take().unwrap();
        let run = self.controller.run(sources, &self.stop);
        timeout(LIMIT, run).await.unwrap()
    }

    /// Runs the loop until a login is under way, and stops it then.
    async fn stop_while_signing_in(&mut self) {
        let (requests, stop) = (self.requests.clone(), self.stop.clone());
        let asked = async {
            ask(&requests, log_in()).await.unwrap().unwrap();
            stop.cancel();
        };
        let (end, ()) = tokio::join!(self.end(), asked);
        assert_eq!(end, End::Stopped);
    }

    /// What the Event Log was given until the end.
    fn everything_reported(self) -> Vec<Reported> {
        drop(self.controller);
        self.reported.iter().collect()
    }
}

#[tokio::test]
async fn one_of_our_programs_ends_the_agent_in_order() {
    let mut rig = rig(MemoryKeystore::default());
    let (reply, told) = oneshot::channel();
    rig.requests.try_send(Request::Stop { reply }).unwrap();
    // Nobody asks otherwise: the loop goes on for ever unless it obeys.
    let (end, told) = tokio::join!(rig.end(), told);
    assert_eq!((end, told), (End::Stopped, Ok(())));
}

#[tokio::test]
async fn what_cards_do_goes_before_what_programs_ask() {
    let mut rig = rig(MemoryKeystore::default());
    let (requests, stop) = (rig.requests.clone(), rig.stop.clone());
    // Both wait when the loop begins; asked first, a login would be let in.
    let answer = ask(&requests, log_in());
    rig.readers
        .try_send(a_card_that_does_not_count().into())
        .unwrap();
    let asked = async {
        let answer = answer.await.unwrap();
        stop.cancel();
        answer
    };
    let (end, answer) = tokio::join!(rig.end(), asked);
    let refused = Refusal::CannotSignIn(FailureCode::CardNotRecognised);
    assert_eq!(answer, Err(refused));
    assert_eq!(end, End::Stopped);
}

#[tokio::test]
async fn what_the_desktop_session_does_goes_before_what_programs_ask() {
    let mut rig = rig(MemoryKeystore::default());
    let (requests, stop) = (rig.requests.clone(), rig.stop.clone());
    let answer = ask(&requests, log_in());
    let teller = rig.environment.take().unwrap();
    let told = teller.tell(Environment::Disconnected).unwrap();
    let asked = async {
        let answer = answer.await.unwrap();
        // Windows may have been waiting for it.
        assert_eq!(told.wait(LIMIT), Heard::TakenIn);
        stop.cancel();
        answer
    };
    let (end, answer) = tokio::join!(rig.end(), asked);
    assert_eq!(answer, Err(Refusal::DesktopNotActive));
    assert_eq!(end, End::Stopped);
}

#[tokio::test]
async fn a_login_after_waking_up_is_not_taken_for_one_from_before() {
    static SLEPT: AtomicU64 = AtomicU64::new(0);
    let mut rig = rig(MemoryKeystore::default());
    rig.controller.sleep = SleepWatch::by(|| Duration::from_secs(SLEPT.load(Ordering::SeqCst)));
    SLEPT.store(60, Ordering::SeqCst);
    rig.stop_while_signing_in().await;
    assert_eq!(rig.controller.machine.snapshot().state, State::SigningIn);
}

/// Somebody is signed in, with a card that counts.
fn sign_in(controller: &mut Controller) {
    let atr = Atr::new([0x3b, 0x02, 0x14, 0x50]);
    let card = Card {
        insertion: Insertion(1),
        atr,
        known_as: Some("a card of the test's".to_owned()),
    };
    controller.take_in(Input::Readers(ReaderEvent::Readers(vec![Reader {
        name: ReaderName::new("A"),
        slot: Slot::Present(card),
    }])));
    let asked = controller.carry_out(log_in(), Caller::OwnProgram).unwrap();
    let Reply::Attempt(attempt) = asked else {
        panic!("{asked:?}")
    };
    let now = controller.clock.now().wall;
    let identity = Identity {
        user: User {
            id: "555000000001".to_owned(),
            name: None,
            given_name: None,
            family_name: None,
            selected_roleid: None,
            roles: Vec::new(),
        },
        acr: None,
        amr: Vec::new(),
        auth_time: now,
        authentication_assurance_level: 3,
        id_assurance_level: 3,
        id_token_expires_at: now.plus(Duration::from_secs(3600)),
        smartcard: true,
    };
    let update = LoginUpdate::Succeeded(Box::new(identity));
    controller.take_in(Input::Login(LoginReport { attempt, update }));
    assert_eq!(controller.machine.snapshot().state, State::Active);
}

fn idle_expires_at(controller: &Controller) -> Time {
    let session = controller.machine.snapshot().session;
    session.unwrap().idle_expires_at
}

#[tokio::test(start_paused = true)]
async fn while_somebody_is_signed_in_the_operating_system_is_asked_for_input() {
    static STOP: OnceLock<CancellationToken> = OnceLock::new();
    let mut rig = rig(MemoryKeystore::default());
    sign_in(&mut rig.controller);
    let before = idle_expires_at(&rig.controller);
    STOP.set(rig.stop.clone()).unwrap();
    rig.controller.idle_time = || {
        STOP.wait().cancel();
        Some(Duration::ZERO)
    };
    assert_eq!(rig.end().await, End::Stopped);
    assert!(idle_expires_at(&rig.controller) > before);
}

#[tokio::test]
async fn an_agent_whose_user_logs_off_stops() {
    let mut rig = rig(MemoryKeystore::default());
    let teller = rig.environment.take().unwrap();
    let told = teller.tell(Environment::LoggingOff).unwrap();
    assert_eq!(rig.end().await, End::Stopped);
    assert_eq!(told.wait(LIMIT), Heard::TakenIn);
}

#[tokio::test]
async fn a_request_that_fails_is_an_answer_and_the_loop_goes_on() {
    let mut rig = rig(MemoryKeystore::default());
    let (requests, stop) = (rig.requests.clone(), rig.stop.clone());
    let asked = async {
        for command in [
            Command::Activity { os_idle: None },
            Command::Logout {
                session: Some(SessionId::new("another")),
                by: Requester::App,
            },
            Command::Login {
                mode: LoginMode::ChangeRole,
                by: Requester::App,
            },
        ] {
            let refused = ask(&requests, command).await.unwrap();
            assert!(refused.is_err(), "{refused:?}");
        }
        // Somebody who does not wait for the answer is no harm either.
        drop(ask(&requests, log_in()));
        let joined = ask(&requests, log_in()).await.unwrap();
        assert!(matches!(joined, Ok(Reply::Attempt(_))), "{joined:?}");
        stop.cancel();
    };
    let (end, ()) = tokio::join!(rig.end(), asked);
    assert_eq!(end, End::Stopped);
}

#[tokio::test]
async fn a_logout_token_that_cannot_be_checked_is_refused_beside_the_loop() {
    let mut rig = rig(MemoryKeystore::default());
    let (requests, stop) = (rig.requests.clone(), rig.stop.clone());
    let (reply, answer) = oneshot::channel();
    let token = LogoutToken::from("not a token".to_owned());
    requests
        .try_send(Request::LogoutToken { token, reply })
        .unwrap();
    let asked = async {
        let answer = answer.await.unwrap();
        stop.cancel();
        answer
    };
    let (end, answer) = tokio::join!(rig.end(), asked);
    assert_eq!(answer, LogoutAnswer::Refused);
    assert_eq!(end, End::Stopped);
}

#[tokio::test]
async fn the_loss_of_what_the_loop_reads_ends_the_run() {
    for lost in [
        "the watch of the desktop session",
        "the card source",
        "the local API",
        "the settings watch",
    ] {
        let mut rig = rig(MemoryKeystore::default());
        match lost {
            "the watch of the desktop session" => rig.environment = None,
            "the card source" => rig.readers = mpsc::channel(1).0,
            "the local API" => rig.requests = mpsc::channel(1).0,
            _ => {
                let loaded = Arc::clone(&rig.settings.borrow());
                rig.settings = watch::channel(loaded).0;
            }
        }
        assert_eq!(rig.end().await, End::Lost(lost));
    }
}

#[tokio::test]
async fn the_loss_of_a_login_task_ends_the_run() {
    let mut rig = rig(BrokenKeystore);
    let _answer = ask(&rig.requests, log_in());
    let end = rig.end().await;
    assert_eq!(end, End::Lost("a login task"));
}

#[tokio::test]
async fn an_agent_that_stops_leaves_no_login_behind() {
    let mut rig = rig(MemoryKeystore::default());
    rig.stop_while_signing_in().await;
    rig.controller.say_goodbye();
    assert_ne!(rig.controller.machine.snapshot().state, State::SigningIn);
    assert_eq!(rig.controller.finish(LIMIT).await, Completion::Done);
}

#[tokio::test]
async fn the_event_log_is_told_once_of_each_loss_of_the_card_service() {
    let mut rig = rig(MemoryKeystore::default());
    let lost = || Input::Readers(ReaderEvent::ServiceLost(ServiceLoss::Stopped));
    rig.controller.take_in(lost());
    // A change while it is lost.
    rig.controller.obey(&load(&rig.folder, WRONG_SETTINGS));
    rig.controller
        .take_in(Input::Readers(a_card_that_does_not_count()));
    rig.controller.take_in(lost());
    let problem = Reported::PolicyProblem(FailureCode::ConfigInvalid);
    let lost = Reported::CardServiceLost;
    assert_eq!(rig.everything_reported(), [lost, problem, lost]);
}

#[tokio::test]
async fn the_event_log_is_told_of_settings_that_cannot_be_used_and_of_refused_logins() {
    let mut rig = rig(MemoryKeystore::default());
    rig.stop_while_signing_in().await;
    rig.controller
        .obey(&load(&rig.folder, "[cis2]\nissuer = 7\n"));
    let problem = Reported::PolicyProblem(FailureCode::ConfigInvalid);
    let refused = Reported::Refused(FailureCode::LoginCancelled);
    assert_eq!(rig.everything_reported(), [refused, problem]);
}

#[tokio::test]
async fn programs_that_come_and_go_with_the_settings_are_audited() {
    let mut rig = rig(MemoryKeystore::default());
    let app = |id: &str| {
        let hash = if id == "gp" { "a5" } else { "5a" }.repeat(32);
        format!(
            "{{ id = \"{id}\", name = \"X\", scopes = [\"session:read\"], \
             token_sha256 = \"{hash}\" }}"
        )
    };
    let with = |apps: &[&str]| {
        let apps: Vec<_> = apps.iter().map(|&id| app(id)).collect();
        format!("{SETTINGS}apps = [{}]\n", apps.join(", "))
    };
    for apps in [["gp"].as_slice(), &["gp", "other"], &["other"]] {
        let loaded = load(&rig.folder, &with(apps));
        assert!(loaded.errors.is_empty(), "{:?}", loaded.errors);
        rig.controller.obey(&loaded);
    }
    let file = rig.folder.path().join("audit.jsonl");
    drop(rig.controller);
    let audit = std::fs::read_to_string(file).unwrap();
    let lines: Vec<_> = audit
        .lines()
        .map(|line| &line[line.find("\"app\"").unwrap()..])
        .collect();
    assert_eq!(
        lines,
        [
            r#""app":"gp","action":"grant"}"#,
            r#""app":"other","action":"grant"}"#,
            r#""app":"gp","action":"revocation"}"#,
        ]
    );
}
