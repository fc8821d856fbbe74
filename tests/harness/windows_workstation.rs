//! A workstation with Windows, under Wine: the agent as it is built for Windows, the smart-card
//! service played by the test, a stand-in for the browser, the simulated CIS2, and policies.

use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use cardea_simulator::browser::{self, SignIn};
use cardea_simulator::provider::Provider;
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::agent::App;
use super::card_service::{CardService, WinReader};
use super::desktop::Screen;
use super::opened_pages::OpenedPages;
use super::registry::{Value, key};
use super::signals;
use super::wine::{CARDEA, DESKTOP_EVENT, LISTENER, Wine};
use super::workstation::{CLIENT_ID, NHS_CARD, SECRET, simulated, succeeded};

/// How long anything may take under Wine before a test gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// Where policies are.
const POLICY: &str = "HKEY_LOCAL_MACHINE\\Software\\Policies\\Cardea";

/// What is there before the agent is started.
pub struct WindowsDesk {
    pub service: CardService,
    pub provider: Provider,
    pub pages: OpenedPages,
    pub app: App,
    pub wine: Wine,
}

impl WindowsDesk {
    /// Without readers; the policies are those of a provider on loopback, whose client shows a
    /// secret that Credential Manager keeps.
    pub async fn new() -> Result<Self> {
        Self::of(Wine::new()).await
    }

    /// The same with what is shown on this screen.
    pub async fn shown_on(screen: &Screen) -> Result<Self> {
        Self::of(Wine::shown_on(screen.name())).await
    }

    async fn of(wine: Wine) -> Result<Self> {
        let desk = Self {
            service: CardService::new(),
            provider: simulated::provider(None).await?,
            pages: OpenedPages::new()?,
            app: App::new("emis"),
            wine,
        };
        let issuer = desk.provider.issuer();
        desk.policy(
            "cis2",
            &[
                ("environment", "custom".into()),
                ("issuer", issuer.into()),
                ("client_id", CLIENT_ID.into()),
                ("client_auth", "client_secret_post".into()),
                ("redirect_ports", [].into()),
            ],
        );
        desk.policy("api", &[("port", 0.into())]);
        desk.policy(
            "api\\apps\\emis",
            &[
                ("name", "EMIS".into()),
                (
                    "scopes",
                    Value::List(
                        desk.app
                            .scopes
                            .iter()
                            .map(|&scope| scope.to_owned())
                            .collect(),
                    ),
                ),
                ("token_sha256", desk.app.token_sha256().as_str().into()),
            ],
        );
        succeeded(&desk.tool_told(&["secret", "set", "--user"], SECRET).await?)?;
        Ok(desk)
    }

    /// Sets policies of one table.
    pub fn policy(&self, table: &str, values: &[(&str, Value)]) {
        self.wine.import_registry(&key(POLICY, table, values));
    }

    /// Takes policies of one table away.
    pub fn no_policy(&self, table: &str, names: &[&str]) {
        let mut text = format!("[{POLICY}\\{table}]\n");
        for name in names {
            text.push_str(&format!("\"{name}\"=-\n"));
        }
        self.wine.import_registry(&text);
    }

    /// Runs one of the tools to its end.
    pub async fn tool(&self, arguments: &[&str]) -> Result<Output> {
        self.tool_told(arguments, "").await
    }

    /// The same with something on standard input.
    pub async fn tool_told(&self, arguments: &[&str], input: &str) -> Result<Output> {
        run(self.command(CARDEA), arguments, input).await
    }

    /// The same by a copy of the program in another folder.
    pub async fn copied_tool(&self, arguments: &[&str]) -> Result<Output> {
        let copy = self.wine.command_in("elsewhere", CARDEA);
        run(self.with_surroundings(copy), arguments, "").await
    }

    /// Runs another program to its end.
    pub async fn run(&self, program: Command) -> Result<Output> {
        run(program, &[], "").await
    }

    /// `%LOCALAPPDATA%`
    pub fn local_app_data(&self) -> PathBuf {
        let users = std::fs::read_dir(self.wine.drive().join("users"));
        let mut folders = users
            .into_iter()
            .flatten()
            .flatten()
            .map(|user| user.path().join("AppData/Local"));
        folders
            .find(|folder| folder.join("Cardea").is_dir())
            .unwrap_or_default()
    }

    /// What the agent says in its endpoint file.
    pub fn endpoint(&self) -> Result<serde_json::Value> {
        let mut files = std::fs::read_dir(self.local_app_data().join("Cardea"))?.flatten();
        let file = files.find(|file| {
            let name = file.file_name();
            let name = name.to_string_lossy();
            name.starts_with("endpoint-") && name.ends_with(".json")
        });
        let file = file.context("no endpoint file")?;
        Ok(serde_json::from_slice(&std::fs::read(file.path())?)?)
    }

    /// What the agent wrote into files.
    pub fn everything_written(&self) -> String {
        let found = std::process::Command::new("find")
            .arg(self.wine.drive())
            .args([
                "-path", "*Cardea*", "-type", "f", "-exec", "tail", "-v", "-n", "+1", "{}", "+",
            ])
            .output();
        let text = found.map(|found| String::from_utf8_lossy(&found.stdout).into_owned());
        text.unwrap_or_default()
    }

    /// Starts the agent, and waits until it is ready.
    pub async fn start(self) -> Result<WindowsWorkstation> {
        let mut agent = self
            .command(CARDEA)
            .arg("run")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Wine keeps no events, but can say which it was given.
            .env("WINEDEBUG", "-all,+eventlog")
            .spawn()?;
        let mut output = lines(&mut agent)?;
        let ready = timeout(LIMIT, output.next_line()).await??;
        let ready = ready.context("the agent ended")?;
        let mut words = ready.split([' ', ',']);
        let url = words.find(|word| word.starts_with("http://"));
        let trace = agent.stderr.take().context("no standard error")?;
        Ok(WindowsWorkstation {
            trace: drained(trace),
            url: url.context(ready.clone())?.to_owned(),
            agent,
            desk: self,
        })
    }

    pub fn command(&self, program: &str) -> Command {
        self.with_surroundings(self.wine.command(program))
    }

    fn with_surroundings(&self, mut command: std::process::Command) -> Command {
        let (name, value) = self.service.environment();
        command.env(name, value).env("PATH", self.pages.path());
        let mut command = Command::from(command);
        command.kill_on_drop(true);
        command
    }
}

/// Everything of one test, gone with it.
pub struct WindowsWorkstation {
    /// Where programs find the agent.
    pub url: String,
    agent: Child,
    /// What Wine says of the agent's calls, read all the time so that it never holds the agent up.
    trace: mpsc::UnboundedReceiver<String>,
    pub desk: WindowsDesk,
}

impl WindowsWorkstation {
    /// Waits until Wine says that the agent gave the Event Log this text.
    pub async fn until_logged(&mut self, text: &str) -> Result<()> {
        let found = async {
            while let Some(line) = self.trace.recv().await {
                if line.contains(text) {
                    return Ok(());
                }
            }
            bail!("the agent ended");
        };
        let found = timeout(LIMIT, found).await;
        found.with_context(|| format!("{text} is not logged"))?
    }

    /// The agent's log, for a test that fails.
    pub fn everything_written(&self) -> String {
        self.desk.everything_written()
    }

    /// A clinical program that listens.
    pub async fn listen(&self) -> Result<Said> {
        let mut listener = self.desk.command(LISTENER);
        listener.args([&self.url, &self.desk.app.token]);
        let mut said = Said::of(listener)?;
        let heard = said.until("snapshot ").await;
        heard.with_context(|| self.everything_written())?;
        Ok(said)
    }

    /// Signs the first person of the simulated CIS2 in by `cardea login`, and waits until the
    /// program knows.
    pub async fn sign_in(&mut self, program: &mut Said) -> Result<()> {
        let WindowsDesk { provider, .. } = &self.desk;
        let person = SignIn::of(provider.people().first().context("nobody")?);
        let mut login = self.desk.command(CARDEA);
        login
            .arg("login")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let login = login.spawn()?.wait_with_output();
        let visit = async {
            let address = self.desk.pages.next().await?;
            anyhow::Ok(browser::sign_in(&address, &person).await?)
        };
        let (login, page) = tokio::join!(timeout(LIMIT, login), visit);
        let login = succeeded(&login.context("cardea login does not end")??)?;
        ensure!(login.contains("Signed in."), "{login}");
        let page = page?;
        ensure!(page.content.contains("You are signed in"), "{page:?}");
        program.until("snapshot active").await.map(drop)
    }

    /// A card comes into a reader, and somebody signs in with it.
    pub async fn sign_in_with_card(
        &mut self,
        reader: &WinReader,
        program: &mut Said,
    ) -> Result<()> {
        reader.insert(NHS_CARD);
        program.until("snapshot card_present").await?;
        self.sign_in(program).await
    }

    /// Waits until the provider has seen everything it gave out given back.
    pub async fn cleaned_up(&self) -> Result<()> {
        let WindowsDesk { provider, .. } = &self.desk;
        let seen = provider.wait_for(LIMIT, |log| log.cleaned_up()).await;
        seen.with_context(|| format!("{:?}", provider.log()))?;
        Ok(())
    }

    /// Something happens to the session of Windows: see `desktop-event`.
    pub async fn desktop_event(&self, what: &str) -> Result<()> {
        let mut event = self.desk.command(DESKTOP_EVENT);
        let status = timeout(LIMIT, event.arg(what).status()).await;
        let status = status.context("the agent does not take it in")??;
        ensure!(status.success(), "{what}: {status}");
        Ok(())
    }

    /// Has the agent end as an installer does, and waits for its end.
    pub async fn stop(self) -> Result<WindowsDesk> {
        succeeded(&self.desk.tool(&["errand", "stop"]).await?)?;
        self.ended().await
    }

    /// Asks the agent to stop as Ctrl-C does; whether it ended in order, or Wine crashed. Whichever
    /// thread gets the signal sees to it in Wine, also one that is about to end.
    pub async fn interrupted(mut self) -> Result<bool> {
        signals::send(&self.agent, Signal::INT)?;
        let ended = timeout(LIMIT, self.agent.wait()).await;
        let ended = ended.context("the agent does not stop")??;
        ensure!(ended.success() || is_crash_of_wine(ended), "{ended}");
        Ok(ended.success())
    }

    /// Waits until the agent has ended by itself, in order.
    pub async fn ended(mut self) -> Result<WindowsDesk> {
        let ended = timeout(LIMIT, self.agent.wait()).await;
        let ended = ended.context("the agent does not stop")??;
        ensure!(ended.success(), "{ended}");
        Ok(self.desk)
    }
}

/// What one of the programs for Wine says: when, and what.
pub struct Said {
    lines: Lines<BufReader<ChildStdout>>,
    /// All that was said so far.
    pub all: String,
    _program: Child,
}

impl Said {
    /// Starts the program.
    pub fn of(mut program: Command) -> Result<Self> {
        program
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut program = program.spawn()?;
        Ok(Self {
            lines: lines(&mut program)?,
            all: String::new(),
            _program: program,
        })
    }

    /// Waits for something that begins so; gives when it was seen, in nanoseconds since 1970.
    pub async fn until(&mut self, wanted: &str) -> Result<i128> {
        let said = timeout(LIMIT, self.until_ever(wanted)).await;
        said.with_context(|| format!("{wanted:?} is not among {}", self.all))?
    }

    async fn until_ever(&mut self, wanted: &str) -> Result<i128> {
        loop {
            let Some(line) = self.lines.next_line().await? else {
                bail!("the program ended: {}", self.all);
            };
            self.all.push_str(&line);
            self.all.push('\n');
            let (when, what) = line.split_once(' ').context("no time")?;
            if what.starts_with(wanted) {
                return Ok(when.parse()?);
            }
        }
    }
}

fn lines(program: &mut Child) -> Result<Lines<BufReader<ChildStdout>>> {
    let output = program.stdout.take().context("no standard output")?;
    Ok(BufReader::new(output).lines())
}

/// So often Wine is tried. It crashes before it comes to the program, once in some thousand times.
pub const STARTS: usize = 3;

/// Runs a program to its end.
async fn run(mut program: Command, arguments: &[&str], input: &str) -> Result<Output> {
    program
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut tries = 1;
    loop {
        let ended = run_once(&mut program, input)
            .await
            .with_context(|| format!("{arguments:?}"))?;
        if !is_crash_of_wine(ended.status) || !ended.stdout.is_empty() || tries == STARTS {
            return Ok(ended);
        }
        tries += 1;
    }
}

/// A program's own crash is an exception of its Windows, and never ends it by a signal.
fn is_crash_of_wine(ended: ExitStatus) -> bool {
    ended.signal() == Some(Signal::SEGV.as_raw())
}

async fn run_once(program: &mut Command, input: &str) -> Result<Output> {
    let mut program = program.spawn()?;
    let mut stdin = program.stdin.take().context("no standard input")?;
    match stdin.write_all(input.as_bytes()).await {
        // Its status says why it ended.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    drop(stdin);
    let ended = timeout(LIMIT, program.wait_with_output()).await;
    Ok(ended.context("does not end")??)
}

/// Reads the lines on a task that ends with them.
fn drained(output: ChildStderr) -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut output = BufReader::new(output).lines();
        while let Ok(Some(line)) = output.next_line().await {
            // Who looks for none misses none.
            let _gone = sender.send(line);
        }
    });
    lines
}
