//! The controller with a played agent, and a screen that writes down what it is to show.

mod played_agent;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use cardea_desktop_model::{Action, Kind};
use tempfile::TempDir;
use tokio::net::unix::pipe;
use tokio::sync::mpsc::{self, Sender, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::played_agent::{PlayedAgent, snapshot};
use super::*;
use crate::arguments::AgentArguments;

/// Before a test gives up.
const LIMIT: Duration = Duration::from_secs(20);

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(LIMIT, future).await.expect("it comes in time")
}

/// Everything around the controller.
struct Stage {
    folder: TempDir,
    requests: Sender<Request>,
    shown: UnboundedReceiver<Shown>,
    told: UnboundedReceiver<Notification>,
}

struct Recorder {
    shown: UnboundedSender<Shown>,
    told: UnboundedSender<Notification>,
}

impl Screen for Recorder {
    fn show(&self, shown: Shown) {
        // A test that has ended looks no more.
        let _ = self.shown.send(shown);
    }

    fn tell(&self, notification: Notification) {
        let _ = self.told.send(notification);
    }
}

impl Stage {
    /// With no program for the agent.
    fn set() -> (Self, Controller<Recorder>) {
        let folder = tempfile::tempdir().unwrap();
        let (requests, asked) = mpsc::channel(16);
        let (show, shown) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let stage = Self {
            folder,
            requests,
            shown,
            told,
        };
        let program = AgentProgram {
            path: stage.program(),
            arguments: AgentArguments::default(),
        };
        let screen = Recorder {
            shown: show,
            told: tell,
        };
        let client = Client::socket(stage.socket(), None);
        let stop = AskedToStop::listen().unwrap();
        let controller = Controller::new(client, program, screen, asked, stop);
        (stage, controller)
    }

    /// With an agent that runs already, and is heard.
    async fn with_agent() -> (Self, PlayedAgent, JoinHandle<()>) {
        let (mut stage, controller) = Self::set();
        let agent = PlayedAgent::listen(&stage.socket());
        let running = tokio::spawn(controller.run());
        stage.until(Icon::NoCard).await;
        (stage, agent, running)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("agent.sock")
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("cardea")
    }

    /// Puts a shell script where the agent's program is.
    fn write_program(&self, script: &str) {
        std::fs::write(self.program(), format!("#!/bin/sh\n{script}\n")).unwrap();
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.program(), executable).unwrap();
    }

    /// A pipe that a program writes to: what it wrote is there when it has closed it.
    fn pipe(&self, name: &str) -> (PathBuf, pipe::Receiver) {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let path = self.folder.path().join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
        // Open at both ends, so that the end of one writer is no end of the pipe.
        let receiver = pipe::OpenOptions::new()
            .read_write(true)
            .open_receiver(&path)
            .unwrap();
        (path, receiver)
    }

    async fn until(&mut self, icon: Icon) -> Shown {
        self.until_shown(|shown| shown.icon == icon).await
    }

    async fn until_shown(&mut self, wanted: impl Fn(&Shown) -> bool) -> Shown {
        let look = async {
            loop {
                let shown = self.shown.recv().await.unwrap();
                if wanted(&shown) {
                    return shown;
                }
            }
        };
        within(look).await
    }

    async fn choose(&self, action: Action) {
        let request = Request::Chosen(action);
        self.requests.send(request).await.unwrap();
    }

    /// What was told so far.
    fn told(&mut self) -> Vec<Kind> {
        let told = std::iter::from_fn(|| self.told.try_recv().ok());
        told.map(|notification| notification.kind).collect()
    }
}

/// Waits until the script has said this by the pipe.
async fn said(receiver: &mut pipe::Receiver) -> String {
    use tokio::io::AsyncReadExt as _;
    let mut said = [0; 64];
    let length = within(receiver.read(&mut said)).await.unwrap();
    String::from_utf8_lossy(&said[..length]).trim().to_owned()
}

/// Lets so much time pass at once.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn is_down(shown: &Shown) -> bool {
    shown.tooltip.contains("Not running")
}

#[tokio::test]
async fn an_agent_that_runs_already_is_followed_and_shown() {
    let (mut stage, agent, _running) = Stage::with_agent().await;
    agent.say(snapshot("active"));
    let shown = stage.until(Icon::SignedIn).await;
    assert!(shown.tooltip.contains("Signed in"), "{shown:?}");
}

#[tokio::test]
async fn an_agent_that_cannot_be_started_is_down_and_tried_again_after_its_pause() {
    let (mut stage, controller) = Stage::set();
    let _running = tokio::spawn(controller.run());
    let shown = stage.until_shown(is_down).await;
    assert_eq!(shown.icon, Icon::AgentDown);

    let (started, mut says) = stage.pipe("started");
    stage.write_program(&format!("echo started > {}", started.display()));
    pass(Duration::from_secs(1)).await;
    assert_eq!(said(&mut says).await, "started");
    let shown = stage.until_shown(|shown| !is_down(shown)).await;
    assert!(shown.tooltip.contains("Restarting"), "it ended: {shown:?}");
}

#[tokio::test]
async fn quitting_signs_out_first_and_then_stops_the_agent() {
    let (mut stage, controller) = Stage::set();
    let (path, mut says) = stage.pipe("says");
    let to = path.display();
    stage.write_program(&format!(
        "trap 'echo stopped > {to}; exit 0' TERM\necho ready > {to}\nwhile :; do sleep 1; done"
    ));
    let mut agent = PlayedAgent::listen(&stage.socket());
    // Nobody answers at the first look, so that the script is started.
    agent.set_well(false);
    agent.say(snapshot("active"));
    let running = tokio::spawn(controller.run());
    assert_eq!(said(&mut says).await, "ready");
    stage.until(Icon::SignedIn).await;

    stage.choose(Action::Quit).await;
    agent.until_asked("POST /v1/session/logout").await;
    assert!(!running.is_finished());
    assert_eq!(said(&mut says).await, "stopped");
    within(running).await.unwrap();
}

#[tokio::test]
async fn an_agent_that_does_not_stop_is_killed_at_its_limit() {
    let (mut stage, controller) = Stage::set();
    let (path, mut says) = stage.pipe("says");
    stage.write_program(&format!(
        "trap '' TERM\necho $$ > {}\nexec sleep 600",
        path.display()
    ));
    let running = tokio::spawn(controller.run());
    let id: u32 = said(&mut says).await.parse().unwrap();
    assert!(is_there(id));

    stage.choose(Action::Quit).await;
    stage.until_shown(is_down).await;
    pass(STOP_LIMIT).await;
    within(running).await.unwrap();
    assert!(!is_there(id));
}

fn is_there(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

#[tokio::test]
async fn each_thing_is_told_once() {
    let (mut stage, agent, _running) = Stage::with_agent().await;
    for _ in 0..2 {
        agent.say(snapshot("card_present"));
        stage.until(Icon::Card).await;
        let mut still = snapshot("card_present");
        still["environment"] = "int".into();
        agent.say(still);
        stage
            .until_shown(|shown| shown.tooltip.contains("not live"))
            .await;
        agent.say(snapshot("no_card"));
        stage.until(Icon::NoCard).await;
    }
    assert_eq!(stage.told(), [Kind::Card, Kind::Card]);
}

#[tokio::test]
async fn what_was_asked_for_and_not_done_is_told() {
    let (mut stage, mut agent, _running) = Stage::with_agent().await;
    stage.choose(Action::SignIn).await;
    agent.until_asked("POST /v1/session/login").await;
    let told = within(stage.told.recv()).await.unwrap();
    assert_eq!(told.kind, Kind::Attention);
}

#[tokio::test]
async fn no_more_is_under_way_than_has_room() {
    let (_stage, mut controller) = Stage::set();
    for _ in 0..20 {
        controller.choose(Action::SignIn);
    }
    assert_eq!(controller.errands.len(), wishes::MOST_ERRANDS);
}

#[tokio::test]
async fn quitting_ends_the_session_at_anothers_agent_and_leaves_it_running() {
    let (mut stage, mut agent, running) = Stage::with_agent().await;
    agent.say(snapshot("active"));
    stage.until(Icon::SignedIn).await;
    stage.choose(Action::Quit).await;
    agent.until_asked("POST /v1/session/logout").await;
    within(running).await.unwrap();
}
