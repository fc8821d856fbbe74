//! The windows on a screen, as the window system has them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use super::{Screen, memory};
use crate::harness::agent::LIMIT;

/// A window on the screen, and the process that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    id: String,
    process: Pid,
}

impl Screen {
    /// Waits until a process of ours with these arguments shows a window.
    pub async fn window_of(&self, arguments: &str) -> Result<Window> {
        self.window_but(arguments, None).await
    }

    /// The same, and another one than this.
    pub async fn other_window_of(&self, arguments: &str, than: &Window) -> Result<Window> {
        self.window_but(arguments, Some(than)).await
    }

    async fn window_but(&self, arguments: &str, other: Option<&Window>) -> Result<Window> {
        let find = async |ids: &str| {
            for id in ids.split([' ', ',']).filter(|word| word.starts_with("0x")) {
                // One that has gone meanwhile is none.
                let Ok(process) = self.process_of(id).await else {
                    continue;
                };
                let is_other = other.is_none_or(|other| other.process != process);
                if is_other && arguments_of(process).is_ok_and(|all| all.starts_with(arguments)) {
                    let id = id.to_owned();
                    return Some(Window { id, process });
                }
            }
            None
        };
        let found = self.until("_NET_CLIENT_LIST", find).await;
        found.with_context(|| format!("no window of {arguments:?}"))
    }

    /// Waits until this window is in front of the others.
    pub async fn is_in_front(&self, window: &Window) -> Result<()> {
        let is_it = async |active: &str| active.ends_with(&window.id).then_some(());
        self.until("_NET_ACTIVE_WINDOW", is_it).await
    }

    /// Looks at what the screen says of itself, now and after each change, until it is found.
    async fn until<T>(&self, property: &str, find: impl AsyncFn(&str) -> Option<T>) -> Result<T> {
        let mut spy = Command::new("xprop")
            .args(["-display", self.name(), "-root", "-spy", property])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("xprop")?;
        let mut lines = BufReader::new(spy.stdout.take().context("no output")?).lines();
        let look = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(found) = find(&line).await {
                    return Ok(found);
                }
            }
            bail!("the screen is gone")
        };
        timeout(LIMIT, look).await.context("it does not come")?
    }

    async fn process_of(&self, window: &str) -> Result<Pid> {
        let said = Command::new("xprop")
            .args(["-display", self.name(), "-id", window, "_NET_WM_PID"])
            .output()
            .await?;
        let said = String::from_utf8(said.stdout)?;
        let id = said.split(" = ").nth(1).context("no process")?;
        Pid::from_raw(id.trim().parse()?).context("no process")
    }
}

impl Window {
    /// The process that shows it.
    pub fn process(&self) -> Pid {
        self.process
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(self.process, signal)?)
    }

    /// Has the window manager close it, as it does when the user says so.
    pub async fn close(&self, screen: &Screen) -> Result<()> {
        let closed = Command::new("wmctrl")
            .args(["-i", "-c", &self.id])
            .env("DISPLAY", screen.name())
            .status()
            .await
            .context("wmctrl")?;
        ensure!(closed.success(), "{closed}");
        Ok(())
    }

    /// Waits until its process has ended.
    pub async fn ended(&self) -> Result<()> {
        let Ok(process) = pidfd_open(self.process, PidfdFlags::empty()) else {
            // Nobody has that number any more.
            return Ok(());
        };
        let limit = Timespec {
            tv_sec: i64::try_from(LIMIT.as_secs())?,
            tv_nsec: 0,
        };
        let wait = move || {
            let mut end = [PollFd::new(&process, PollFlags::IN)];
            poll(&mut end, Some(&limit))
        };
        let ended = tokio::task::spawn_blocking(wait).await??;
        ensure!(ended == 1, "the window's process does not end");
        Ok(())
    }

    /// Which of these texts its processes have in memory; takes root.
    pub fn holds(&self, texts: &[&str]) -> Result<BTreeSet<String>> {
        let mut held = BTreeSet::new();
        for process in [vec![self.process], self.children()?].concat() {
            held.append(&mut memory::held(process, texts)?);
        }
        Ok(held)
    }

    /// The process of WebKit that shows the page in it.
    pub fn page_process(&self) -> Result<Pid> {
        let is_page = |child: &Pid| {
            let name = std::fs::read_to_string(folder_of(*child).join("comm"));
            name.is_ok_and(|name| name.starts_with("WebKitWebProc"))
        };
        let page = self.children()?.into_iter().find(is_page);
        page.context("no page")
    }

    fn children(&self) -> Result<Vec<Pid>> {
        let mut children = Vec::new();
        for thread in std::fs::read_dir(folder_of(self.process).join("task"))? {
            let text = std::fs::read_to_string(thread?.path().join("children"))?;
            for child in text.split_whitespace() {
                children.extend(Pid::from_raw(child.parse()?));
            }
        }
        Ok(children)
    }
}

pub(super) fn folder_of(process: Pid) -> PathBuf {
    Path::new("/proc").join(process.as_raw_nonzero().to_string())
}

fn arguments_of(process: Pid) -> Result<String> {
    let line = std::fs::read(folder_of(process).join("cmdline"))?;
    let words: Vec<_> = line.split(|byte| *byte == 0).skip(1).collect();
    Ok(String::from_utf8(words.join(&b' '))?)
}
