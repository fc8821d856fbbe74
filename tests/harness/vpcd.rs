//! Debian's own virtual reader under a real pcscd.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Child;
use std::thread;

use tempfile::TempDir;

use super::pcscd::{accept, spawn};

/// pcscd with vpcd: two slots that pcscd asks every 400 ms, always plugged in. vpcd listens on all
/// interfaces while it runs.
pub struct Vpcd {
    folder: TempDir,
    process: Child,
    port: u16,
}

/// A card in the first slot of [`Vpcd`]; dropping it takes it out.
pub struct VpcdCard {
    connection: TcpStream,
}

impl Vpcd {
    /// Starts it.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("vpcd-").tempdir().unwrap();
        let configuration = folder.path().join("reader.conf.d");
        fs::create_dir(&configuration).unwrap();
        let port = two_free_ports();
        let driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
        let device = format!(
            "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:{port:#x}\nLIBPATH {driver}\n\
             CHANNELID {port:#x}\n"
        );
        fs::write(configuration.join("vpcd"), device).unwrap();
        let control = UnixListener::bind(folder.path().join("control")).unwrap();
        let process = spawn(folder.path(), &folder.path().join("pcscd.comm"));
        let control = accept(control).expect("pcscd starts");
        // pcscd ends when this closes.
        thread::spawn(move || BufReader::new(control).lines().count());
        Self {
            folder,
            process,
            port,
        }
    }

    /// What clients have in `PCSCLITE_CSOCK_NAME`.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("pcscd.comm")
    }

    /// Puts in a card that answers so to reset.
    pub fn insert(&self, atr: &[u8]) -> VpcdCard {
        let connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let (mut card, atr) = (connection.try_clone().unwrap(), atr.to_owned());
        thread::spawn(move || answer_vpcd(&mut card, &atr));
        VpcdCard { connection }
    }
}

impl Drop for Vpcd {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

impl Drop for VpcdCard {
    fn drop(&mut self) {
        let _gone = self.connection.shutdown(Shutdown::Both);
    }
}

/// Messages are a length of two bytes and that many bytes; those of one byte are vpcd's own, and of
/// them only 4, "give the ATR", is answered.
fn answer_vpcd(card: &mut TcpStream, atr: &[u8]) -> io::Result<()> {
    loop {
        let mut length = [0; 2];
        card.read_exact(&mut length)?;
        let mut message = vec![0; u16::from_be_bytes(length).into()];
        card.read_exact(&mut message)?;
        let answer: &[u8] = match message.as_slice() {
            [4] => atr,
            [_] => continue,
            _ => &[0x6d, 0x00],
        };
        card.write_all(&(answer.len() as u16).to_be_bytes())?;
        card.write_all(answer)?;
    }
}

/// vpcd takes one port for each slot, next to each other.
fn two_free_ports() -> u16 {
    loop {
        let first = TcpListener::bind("0.0.0.0:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let free = |port: Option<u16>| {
            port.is_some_and(|port| TcpListener::bind(("0.0.0.0", port)).is_ok())
        };
        if free(first.checked_add(1)) {
            return first;
        }
    }
}
