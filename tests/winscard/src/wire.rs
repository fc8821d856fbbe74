//! The connection to the test: each thread has its own, for a wait in one must not hold up a cancel
//! in another.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};

/// `SCARD_E_NO_SERVICE`, which is also how it looks when the test is gone.
const NO_SERVICE: u32 = 0x8010_001D;

thread_local! {
    static TEST: RefCell<Option<BufReader<TcpStream>>> = RefCell::default();
}

/// The return code of a call, as the C interface has it, and what it brings.
pub struct Answer {
    pub code: i32,
    pub words: Vec<String>,
}

/// Makes a call.
pub fn call(line: &str) -> Answer {
    let answer = TEST.with_borrow_mut(|test| {
        let asked = ask(test, line);
        if asked.is_err() {
            *test = None;
        }
        asked
    });
    let answer = answer.unwrap_or_else(|_| format!("{NO_SERVICE:x}"));
    let mut words = answer.split_whitespace().map(str::to_owned);
    let code = words
        .next()
        .and_then(|code| u32::from_str_radix(&code, 16).ok());
    Answer {
        code: code.unwrap_or(NO_SERVICE).cast_signed(),
        words: words.collect(),
    }
}

fn ask(test: &mut Option<BufReader<TcpStream>>, line: &str) -> io::Result<String> {
    let test = match test {
        Some(test) => test,
        None => test.insert(BufReader::new(connect()?)),
    };
    test.get_mut().write_all(format!("{line}\n").as_bytes())?;
    let mut answer = String::new();
    if test.read_line(&mut answer)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer)
}

fn connect() -> io::Result<TcpStream> {
    let port = std::env::var("SCRIPTED_WINSCARD_PORT").ok();
    let port = port.and_then(|port| port.parse::<u16>().ok());
    let port = port.ok_or(io::ErrorKind::NotFound)?;
    let test = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    test.set_nodelay(true)?;
    Ok(test)
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that the test wrote so; none when it is no such text.
pub fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let bytes = digits.map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes.collect::<Option<_>>().unwrap_or_default()
}
