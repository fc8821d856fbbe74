//! A PC/SC card source in a process of its own: libpcsclite reads the name of pcscd's socket once
//! per process, and every test has a pcscd to itself. On Windows it is another program.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use cardea_readers::CardSettings;
use cardea_session::{Reader, ReaderEvent, Slot};
use reader_process::{MARK, event_from_json, settings_to_json};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use serde_json::{Value, json};

/// How long anything may take before a test gives up.
const LIMIT: Duration = Duration::from_secs(20);

/// The process. It is killed when dropped.
pub struct Source {
    process: Child,
    orders: ChildStdin,
    lines: Receiver<Value>,
}

impl Source {
    /// Starts one with the default settings.
    pub fn start(pcscd: &Path) -> Self {
        Self::start_with(pcscd, &CardSettings::default())
    }

    pub fn start_with(pcscd: &Path, settings: &CardSettings) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process
            .args([
                "readers::source::runs_in_its_own_process",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env("PCSCLITE_CSOCK_NAME", pcscd);
        Self::run(process, settings)
    }

    /// Starts it as another process does it.
    pub fn run(mut process: Command, settings: &CardSettings) -> Self {
        let mut process = process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(line) = line.strip_prefix(MARK) {
                    sender.send(serde_json::from_str(line).unwrap()).ok();
                }
            }
        });
        let orders = process.stdin.take().unwrap();
        let mut source = Self {
            process,
            orders,
            lines,
        };
        source.order(&settings_to_json(settings));
        source
    }

    pub fn apply(&mut self, settings: &CardSettings) {
        self.order(&settings_to_json(settings));
    }

    /// The next report.
    pub fn next(&self) -> ReaderEvent {
        let line = self.lines.recv_timeout(LIMIT).expect("a report");
        event_from_json(&line).unwrap_or_else(|| panic!("{line}"))
    }

    /// The next report, which lists readers.
    pub fn next_readers(&self) -> Vec<Reader> {
        match self.next() {
            ReaderEvent::Readers(readers) => readers,
            lost @ ReaderEvent::ServiceLost(_) => panic!("{lost:?}"),
        }
    }

    /// Every report up to the first that is as wanted.
    pub fn until(&self, wanted: impl Fn(&[Reader]) -> bool) -> Vec<Vec<Reader>> {
        let mut reports = Vec::new();
        loop {
            let report = self.next_readers();
            let found = wanted(&report);
            reports.push(report);
            if found {
                return reports;
            }
        }
    }

    /// The slots of the next report that are as wanted, in PC/SC's order.
    pub fn slots(&self, wanted: impl Fn(&[Slot]) -> bool) -> Vec<Slot> {
        loop {
            let slots: Vec<_> = self
                .next_readers()
                .into_iter()
                .map(|reader| reader.slot)
                .collect();
            if wanted(&slots) {
                return slots;
            }
        }
    }

    /// Stops the process where it stands while something is done, as a busy computer would.
    pub fn while_held(&self, act: impl FnOnce()) {
        let process = Pid::from_child(&self.process);
        kill_process(process, Signal::STOP).unwrap();
        waitpid(Some(process), WaitOptions::UNTRACED).unwrap();
        act();
        kill_process(process, Signal::CONT).unwrap();
    }

    /// Ends the source and waits until its thread is joined. Returns what it reported meanwhile.
    pub fn stop(mut self) -> Vec<ReaderEvent> {
        self.order(&json!("stop"));
        let mut rest = Vec::new();
        loop {
            let line = self.lines.recv_timeout(LIMIT).expect("the source ends");
            match event_from_json(&line) {
                Some(event) => rest.push(event),
                None => {
                    assert_eq!(line, json!("stopped"));
                    return rest;
                }
            }
        }
    }

    fn order(&mut self, order: &Value) {
        writeln!(self.orders, "{order}").unwrap();
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

#[test]
#[ignore = "the process that the other tests start"]
fn runs_in_its_own_process() {
    reader_process::run(|| assert!(!has_thread("card-readers"), "it was left behind"));
}

/// Whether this process has a thread of that name.
fn has_thread(name: &str) -> bool {
    let mut threads = std::fs::read_dir("/proc/self/task").unwrap();
    threads.any(|thread| {
        let comm = thread.unwrap().path().join("comm");
        std::fs::read_to_string(comm).is_ok_and(|found| found.trim_end() == name)
    })
}
