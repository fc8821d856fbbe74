//! A PC/SC card source in a process of its own: libpcsclite reads the name of pcscd's socket once
//! per process, and every test has a pcscd to itself.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use cardea_readers::{CardPattern, CardSettings, CardSource, PcscSource};
use cardea_session::{Atr, Card, Insertion, Reader, ReaderEvent, ReaderName, ServiceLoss, Slot};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use serde_json::{Value, json};

/// How long anything may take before a test gives up.
const LIMIT: Duration = Duration::from_secs(20);

/// Marks the lines of the process among those that the test runner prints.
const MARK: &str = "@ ";

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
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "readers::source::runs_in_its_own_process",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env("PCSCLITE_CSOCK_NAME", pcscd)
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
    let mut orders = std::io::stdin().lines().map_while(Result::ok);
    let Some(settings) = orders.next() else {
        return;
    };
    let say = |line: &Value| println!("{MARK}{line}");
    let sink = move |event: ReaderEvent| say(&event_to_json(&event));
    let settings = settings_from_json(&serde_json::from_str(&settings).unwrap());
    let source = PcscSource::start(settings, Box::new(sink)).unwrap();
    for order in orders {
        let order: Value = serde_json::from_str(&order).unwrap();
        if order == "stop" {
            drop(source);
            assert!(!has_thread("card-readers"), "the thread was left behind");
            say(&json!("stopped"));
            return;
        }
        source.apply(settings_from_json(&order));
    }
}

/// Whether this process has a thread of that name.
fn has_thread(name: &str) -> bool {
    let mut threads = std::fs::read_dir("/proc/self/task").unwrap();
    threads.any(|thread| {
        let comm = thread.unwrap().path().join("comm");
        std::fs::read_to_string(comm).is_ok_and(|found| found.trim_end() == name)
    })
}

fn settings_to_json(settings: &CardSettings) -> Value {
    let patterns = settings.patterns.iter();
    let patterns: Vec<_> = patterns
        .map(|pattern| json!([pattern.id, pattern.name, pattern.atr, pattern.mask]))
        .collect();
    json!({"ignore_readers": settings.ignore_readers, "patterns": patterns})
}

fn settings_from_json(json: &Value) -> CardSettings {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let patterns = list(&json["patterns"])
        .into_iter()
        .map(|pattern| CardPattern {
            id: text(&pattern[0]),
            name: text(&pattern[1]),
            atr: bytes(&pattern[2]),
            mask: bytes(&pattern[3]),
        });
    CardSettings {
        ignore_readers: list(&json["ignore_readers"]).iter().map(text).collect(),
        patterns: patterns.collect(),
    }
}

fn event_to_json(event: &ReaderEvent) -> Value {
    let slot = |slot: &Slot| match slot {
        Slot::Empty => json!("empty"),
        Slot::Mute => json!("mute"),
        Slot::Unavailable => json!("unavailable"),
        Slot::Ignored => json!("ignored"),
        Slot::Present(card) => json!([card.insertion.0, card.atr.as_bytes(), card.known_as]),
    };
    match event {
        ReaderEvent::ServiceLost(ServiceLoss::Stopped) => json!({"lost": "stopped"}),
        ReaderEvent::ServiceLost(ServiceLoss::LastReaderGone) => json!({"lost": "last reader"}),
        ReaderEvent::Readers(readers) => {
            let readers = readers.iter();
            let readers: Vec<_> = readers
                .map(|reader| json!([reader.name.as_bytes(), slot(&reader.slot)]))
                .collect();
            json!({"readers": readers})
        }
    }
}

fn event_from_json(json: &Value) -> Option<ReaderEvent> {
    if let Some(lost) = json.get("lost") {
        assert_eq!(lost, "stopped");
        return Some(ReaderEvent::ServiceLost(ServiceLoss::Stopped));
    }
    let readers = json
        .get("readers")?
        .as_array()?
        .iter()
        .map(|reader| Reader {
            name: ReaderName::new(bytes(&reader[0])),
            slot: match reader[1].as_str() {
                Some("empty") => Slot::Empty,
                Some("mute") => Slot::Mute,
                Some("unavailable") => Slot::Unavailable,
                Some("ignored") => Slot::Ignored,
                Some(other) => panic!("{other}"),
                None => Slot::Present(Card {
                    insertion: Insertion(reader[1][0].as_u64().unwrap()),
                    atr: Atr::new(bytes(&reader[1][1])),
                    known_as: reader[1][2].as_str().map(str::to_owned),
                }),
            },
        });
    Some(ReaderEvent::Readers(readers.collect()))
}

fn bytes(json: &Value) -> Vec<u8> {
    serde_json::from_value(json.clone()).unwrap()
}
