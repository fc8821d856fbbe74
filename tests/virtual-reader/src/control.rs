//! The test's commands, one per line over the socket `control` where the test listens, each
//! answered with one line, `ok` or what is wrong. When the test goes, so does pcscd. The commands
//! in the file `boot` are carried out before pcscd looks for readers.
//!
//! ```text
//! plug ID VENDOR PRODUCT [SERIAL]   all but the id in hexadecimal
//! insert ID ATR                     the ATR in hexadecimal
//! mute ID                           a card that does not answer
//! fail ID                           a reader that does not answer
//! remove ID
//! unplug ID
//! settle ID                         answered when pcscd has dealt with all of it
//! ```

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::Once;

use crate::readers::{BUS, Content, Reader};

/// Carries out the boot commands and listens to the test from now on; only the first call does
/// anything.
pub fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let Some(folder) = crate::folder() else {
            return;
        };
        for line in std::fs::read_to_string(folder.join("boot"))
            .unwrap_or_default()
            .lines()
        {
            obey(line).unwrap();
        }
        let test = UnixStream::connect(folder.join("control")).unwrap();
        std::thread::spawn(move || {
            let _gone = serve(&test);
            std::process::exit(0);
        });
    });
}

fn serve(mut test: &UnixStream) -> std::io::Result<()> {
    for line in BufReader::new(test).lines() {
        let line = line?;
        let answer = match obey(&line) {
            Ok(()) => "ok\n".to_owned(),
            Err(wrong) => format!("{wrong}: {line}\n"),
        };
        test.write_all(answer.as_bytes())?;
    }
    Ok(())
}

fn obey(line: &str) -> Result<(), &'static str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [command, id, arguments @ ..] = words.as_slice() else {
        return Err("no command");
    };
    let id = id.parse().map_err(|_| "no number")?;
    if let ("plug", [vendor, product, serial @ ..]) = (*command, arguments) {
        let serial = serial.first().map(|serial| bytes(serial)).transpose()?;
        BUS.plug(Reader::new(id, vendor, product, serial));
        return Ok(());
    }
    let reader = BUS.reader(id).ok_or("no such reader")?;
    match (*command, arguments) {
        ("insert", [atr]) => reader.put(Content::Card(bytes(atr)?)),
        ("mute", []) => reader.put(Content::MuteCard),
        ("fail", []) => reader.put(Content::Failure),
        ("remove", []) => reader.put(Content::Nothing),
        ("settle", []) => reader.settle(),
        ("unplug", []) => BUS.unplug(reader),
        _ => return Err("no such command"),
    }
    Ok(())
}

fn bytes(hex: &str) -> Result<Vec<u8>, &'static str> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).map_err(|_| "not hexadecimal")?;
            u8::from_str_radix(pair, 16).map_err(|_| "not hexadecimal")
        })
        .collect()
}
