//! A real pcscd of one test's own, with readers that come and go at the test's word.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use cardea_session::ReaderName;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A model that the USB driver of Debian knows.
pub const OMNIKEY: &str = "HID Global OMNIKEY 3x21 Smart Card Reader";
/// Another.
pub const GEMALTO: &str = "Gemalto PC Twin Reader";
/// pcscd has room for so many readers.
pub const MAX_READERS: usize = 16;

const INFO_PLIST: &str = "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist";

/// How long pcscd may take to start and to answer.
const LIMIT: Duration = Duration::from_secs(20);

/// The service and the bus its readers are on. Killed when dropped.
pub struct Pcscd {
    bus: Arc<Mutex<Bus>>,
}

/// A reader, plugged in or not.
pub struct Reader {
    bus: Arc<Mutex<Bus>>,
    id: u32,
}

struct Bus {
    folder: TempDir,
    service: Option<Service>,
    /// In the order in which pcscd finds them at its start.
    readers: Vec<Plugged>,
    ids: u32,
}

struct Service {
    process: Child,
    control: BufReader<UnixStream>,
}

struct Plugged {
    id: u32,
    model: String,
    serial: Option<Vec<u8>>,
    /// The number pcscd puts into the name: the first that no other reader has.
    number: u8,
    /// The command that puts in what is in the reader.
    content: Option<String>,
}

impl Pcscd {
    /// Starts it, without readers.
    pub fn start() -> Self {
        let pcscd = Self::not_started();
        pcscd.restart();
        pcscd
    }

    /// Does not start it yet; [`Self::restart`] does.
    pub fn not_started() -> Self {
        let folder = tempfile::Builder::new().prefix("pcscd-").tempdir().unwrap();
        fs::create_dir(folder.path().join("reader.conf.d")).unwrap();
        // Other users' agents connect, too.
        open_to_all(folder.path());
        Self {
            bus: Arc::new(Mutex::new(Bus {
                folder,
                service: None,
                readers: Vec::new(),
                ids: 0,
            })),
        }
    }

    /// What clients have in `PCSCLITE_CSOCK_NAME`.
    pub fn socket(&self) -> PathBuf {
        self.bus.lock().unwrap().socket()
    }

    /// Plugs in a reader, empty. The model is one of `libccid`'s names, such as [`OMNIKEY`].
    pub fn plug(&self, model: &str) -> Reader {
        self.plug_in(model, None)
    }

    /// Plugs in a reader whose serial number becomes part of its name.
    pub fn plug_with_serial(&self, model: &str, serial: &[u8]) -> Reader {
        self.plug_in(model, Some(serial.to_owned()))
    }

    fn plug_in(&self, model: &str, serial: Option<Vec<u8>>) -> Reader {
        let mut bus = self.bus.lock().unwrap();
        bus.ids += 1;
        let id = bus.ids;
        bus.plug(id, model.to_owned(), serial);
        Reader {
            bus: Arc::clone(&self.bus),
            id,
        }
    }

    /// Kills the service as a crash would. Readers stay plugged in.
    pub fn kill(&self) {
        self.bus.lock().unwrap().kill();
    }

    /// Stops the service in its tracks: it is there and does nothing.
    pub fn hang(&self) {
        self.bus.lock().unwrap().signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.bus.lock().unwrap().signal(Signal::CONT);
    }

    /// Starts the service (again). It finds the readers plugged in and what is in them.
    pub fn restart(&self) {
        let mut bus = self.bus.lock().unwrap();
        bus.kill();
        bus.start();
    }
}

impl Reader {
    /// The name that PC/SC gives it while it is plugged in.
    pub fn name(&self) -> ReaderName {
        let bus = self.bus.lock().unwrap();
        let reader = bus.readers.iter().find(|reader| reader.id == self.id);
        reader.expect("the reader is plugged in").name()
    }

    /// Puts in a card that answers so to reset.
    pub fn insert(&self, atr: &[u8]) {
        self.put(Some(format!("insert {} {}", self.id, hex(atr))));
    }

    /// Puts in a card that does not answer.
    pub fn insert_mute(&self) {
        self.put(Some(format!("mute {}", self.id)));
    }

    /// Takes out the card.
    pub fn remove(&self) {
        self.put(None);
    }

    /// From now on the reader answers nothing, until something is put in or taken out.
    pub fn fail(&self) {
        self.put(Some(format!("fail {}", self.id)));
    }

    /// Pulls the reader out, and the card in it with it.
    pub fn unplug(&self) {
        let mut bus = self.bus.lock().unwrap();
        bus.readers.retain(|reader| reader.id != self.id);
        bus.command(&format!("unplug {}", self.id));
    }

    /// Waits until pcscd has dealt with all that was done to the reader.
    pub fn settle(&self) {
        self.bus
            .lock()
            .unwrap()
            .command(&format!("settle {}", self.id));
    }

    fn put(&self, content: Option<String>) {
        let mut bus = self.bus.lock().unwrap();
        let reader = bus.readers.iter_mut().find(|reader| reader.id == self.id);
        reader
            .expect("the reader is plugged in")
            .content
            .clone_from(&content);
        let command = content.unwrap_or_else(|| format!("remove {}", self.id));
        bus.command(&command);
    }
}

impl Plugged {
    fn command(&self) -> String {
        let (vendor, product) = usb_ids(&self.model);
        let serial = self.serial.as_deref().map(hex).unwrap_or_default();
        format!("plug {} {vendor} {product} {serial}", self.id)
    }

    fn name(&self) -> ReaderName {
        let mut name = self.model.clone().into_bytes();
        if let Some(serial) = &self.serial {
            name.extend([b" (", serial.as_slice(), b")"].concat());
        }
        name.extend(format!(" {:02X} 00", self.number).into_bytes());
        ReaderName::new(name)
    }
}

impl Bus {
    fn socket(&self) -> PathBuf {
        self.folder.path().join("pcscd.comm")
    }

    fn plug(&mut self, id: u32, model: String, serial: Option<Vec<u8>>) {
        let taken = |number: &u8| self.readers.iter().any(|reader| reader.number == *number);
        let reader = Plugged {
            id,
            model,
            serial,
            number: (0..).find(|number| !taken(number)).unwrap(),
            content: None,
        };
        let command = reader.command();
        self.readers.push(reader);
        self.command(&command);
    }

    fn start(&mut self) {
        let mut boot = String::new();
        for (number, reader) in (0..).zip(&mut self.readers) {
            reader.number = number;
            boot += &format!(
                "{}\n{}\n",
                reader.command(),
                reader.content.as_deref().unwrap_or("")
            );
        }
        let boot = boot.replace("\n\n", "\n");
        fs::write(self.folder.path().join("boot"), boot).unwrap();
        let control = UnixListener::bind(self.folder.path().join("control")).unwrap();
        let process = spawn(self.folder.path(), &self.socket());
        let control = accept(control).unwrap_or_else(|| {
            panic!("pcscd did not start:\n{}", self.log());
        });
        control.set_read_timeout(Some(LIMIT)).unwrap();
        self.service = Some(Service {
            process,
            control: BufReader::new(control),
        });
    }

    fn kill(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.process.kill().unwrap();
            service.process.wait().unwrap();
        }
        for file in ["control", "pcscd.comm"] {
            let _absent = fs::remove_file(self.folder.path().join(file));
        }
    }

    fn signal(&self, signal: Signal) {
        let service = self.service.as_ref().expect("the service runs");
        kill_process(Pid::from_child(&service.process), signal).unwrap();
    }

    fn command(&mut self, command: &str) {
        let Some(service) = &mut self.service else {
            return;
        };
        let mut answer = String::new();
        let sent = writeln!(service.control.get_mut(), "{command}")
            .and_then(|()| service.control.read_line(&mut answer));
        assert!(
            sent.is_ok() && answer == "ok\n",
            "{command}: {sent:?} {answer:?}\n{}",
            self.log()
        );
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts pcscd as systemd does, with its socket as descriptor 3, so that clients can connect at
/// once and wait for it. Its other files are in `folder`, too.
pub fn spawn(folder: &Path, socket: &Path) -> Child {
    let listener = UnixListener::bind(socket).unwrap();
    open_to_all(socket);
    let log = File::create(folder.join("log")).unwrap();
    Command::new("sh")
        .args([
            "-c",
            "LISTEN_FDS=1 LISTEN_PID=$$ exec pcscd \"$@\" 3<&0 </dev/null",
            "sh",
        ])
        .args(["--foreground", "--config"])
        .arg(folder.join("reader.conf.d"))
        .env("VIRTUAL_READER_DIR", folder)
        .env("LD_PRELOAD", virtual_reader())
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// The library that `virtual-reader` builds. Cargo puts it beside or below this program, because
/// this package depends on that one.
fn virtual_reader() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let folder = this.parent().unwrap();
    [folder.join("deps"), folder.to_owned()]
        .into_iter()
        .map(|folder| folder.join("libvirtual_reader.so"))
        .find(|library| library.exists())
        .expect("libvirtual_reader.so is built with the tests")
}

/// The first connection to a socket.
pub fn accept(listener: UnixListener) -> Option<UnixStream> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(listener.accept()));
    let (stream, _address) = receiver.recv_timeout(LIMIT).ok()?.ok()?;
    Some(stream)
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
}

/// The USB vendor and product of a model, as `libccid` lists them.
fn usb_ids(model: &str) -> (String, String) {
    let list = fs::read_to_string(INFO_PLIST).expect("the package libccid is installed");
    let values = |key: &str| -> Vec<String> {
        let (_, after) = list.split_once(&format!("<key>{key}</key>")).unwrap();
        let (array, _) = after.split_once("</array>").unwrap();
        let values = array.split("<string>").skip(1);
        values
            .map(|value| value.split("</string>").next().unwrap().to_owned())
            .collect()
    };
    let index = values("ifdFriendlyName")
        .iter()
        .position(|name| name == model);
    let index = index.unwrap_or_else(|| panic!("libccid has no {model:?}"));
    let id = |key| values(key)[index].trim_start_matches("0x").to_owned();
    (id("ifdVendorID"), id("ifdProductID"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
