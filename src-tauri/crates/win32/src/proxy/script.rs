//! Asks a script which proxy to take for an address.

use std::ffi::c_void;
use std::io;

use windows_sys::Win32::Networking::WinHttp::{
    ERROR_WINHTTP_LOGIN_FAILURE, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_AUTO_DETECT_TYPE_DHCP,
    WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT, WINHTTP_AUTOPROXY_CONFIG_URL,
    WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_AUTOPROXY_RUN_OUTPROCESS_ONLY, WINHTTP_PROXY_INFO,
    WinHttpCloseHandle, WinHttpGetProxyForUrl, WinHttpOpen, WinHttpSetTimeouts,
};

use super::{NamedProxy, from_info};
use crate::handle::succeeded;
use crate::text::wide;

/// How long each step of looking for a script may take, in milliseconds: name, connection, sending,
/// receiving.
const STEP_LIMITS: [i32; 4] = [3_000, 3_000, 2_000, 2_000];

/// Where the script comes from that says which proxy to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptSource<'a> {
    /// The network says (WPAD: DHCP, then DNS).
    Detect,
    /// This address.
    Address(&'a str),
}

/// Asks scripts. Downloads them, and keeps them for a while.
#[derive(Debug)]
pub struct ScriptRunner(*mut c_void);

// SAFETY: WinHTTP's sessions may be used by any thread.
unsafe impl Send for ScriptRunner {}

impl ScriptRunner {
    /// One that makes itself known to the script's server as `agent`.
    ///
    /// # Errors
    /// What Windows says.
    pub fn new(agent: &str) -> io::Result<Self> {
        let agent = wide(agent);
        let none = std::ptr::null();
        // SAFETY: texts with a zero at their end, or none.
        let session =
            unsafe { WinHttpOpen(agent.as_ptr(), WINHTTP_ACCESS_TYPE_NO_PROXY, none, none, 0) };
        if session.is_null() {
            return Err(io::Error::last_os_error());
        }
        let runner = Self(session);
        let [name, connection, sending, receiving] = STEP_LIMITS;
        // SAFETY: a session that was just opened.
        succeeded(unsafe { WinHttpSetTimeouts(runner.0, name, connection, sending, receiving) })?;
        Ok(runner)
    }

    /// What the script says of an address; none is direct. Takes seconds when it has to be found
    /// and downloaded. Where a script of a known address asks who is there, the user is logged on to its server.
    ///
    /// # Errors
    /// What Windows says: there is no script, or it cannot be had or run.
    pub fn run(&self, source: ScriptSource<'_>, address: &str) -> io::Result<Option<NamedProxy>> {
        // Anonymously first: only then is WinHTTP's service asked, which keeps scripts
        // (learn.microsoft.com, "WinHttpGetProxyForUrl", remarks).
        match self.run_as(LogOn::Never, source, address) {
            // Not where the script was found by asking around: whoever answers there first would be
            // handed proof of who the user is.
            Err(error)
                if error.raw_os_error() == Some(LOGIN_FAILURE)
                    && matches!(source, ScriptSource::Address(_)) =>
            {
                self.run_as(LogOn::WhenAsked, source, address)
            }
            answer => answer,
        }
    }

    fn run_as(
        &self,
        log_on: LogOn,
        source: ScriptSource<'_>,
        address: &str,
    ) -> io::Result<Option<NamedProxy>> {
        let mut options = WINHTTP_AUTOPROXY_OPTIONS {
            fAutoLogonIfChallenged: match log_on {
                LogOn::Never => 0,
                LogOn::WhenAsked => 1,
            },
            ..Default::default()
        };
        let script = match source {
            ScriptSource::Detect => Vec::new(),
            ScriptSource::Address(script) => wide(script),
        };
        match source {
            ScriptSource::Detect => {
                options.dwFlags = WINHTTP_AUTOPROXY_AUTO_DETECT | OUT_OF_PROCESS;
                options.dwAutoDetectFlags =
                    WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A;
            }
            ScriptSource::Address(_) => {
                options.dwFlags = WINHTTP_AUTOPROXY_CONFIG_URL | OUT_OF_PROCESS;
                options.lpszAutoConfigUrl = script.as_ptr();
            }
        }
        let address = wide(address);
        let mut info = WINHTTP_PROXY_INFO::default();
        // SAFETY: an open session, texts with a zero at their end that live until the call returns,
        // and a place for the answer.
        succeeded(unsafe {
            WinHttpGetProxyForUrl(self.0, address.as_ptr(), &raw mut options, &raw mut info)
        })?;
        // SAFETY: the call has just filled it.
        Ok(unsafe { from_info(&info) })
    }
}

impl Drop for ScriptRunner {
    fn drop(&mut self) {
        // SAFETY: opened by us, and closed once.
        unsafe {
            WinHttpCloseHandle(self.0);
        }
    }
}

/// A script from the network is never run in the process that holds the tokens.
const OUT_OF_PROCESS: u32 = WINHTTP_AUTOPROXY_RUN_OUTPROCESS_ONLY;
const LOGIN_FAILURE: i32 = ERROR_WINHTTP_LOGIN_FAILURE.cast_signed();

#[derive(Clone, Copy)]
enum LogOn {
    Never,
    WhenAsked,
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Serves the script to whoever asks, until the test ends.
    fn serve(script: &'static str) -> String {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        thread::spawn(move || {
            for stream in server.incoming() {
                let mut stream = stream.unwrap();
                let mut asked = [0; 2048];
                let _length = stream.read(&mut asked).unwrap();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/x-ns-proxy-autoconfig\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n",
                    script.len()
                );
                stream.write_all(head.as_bytes()).unwrap();
                stream.write_all(script.as_bytes()).unwrap();
            }
        });
        format!("http://{address}/proxy.pac")
    }

    #[test]
    fn a_script_decides_by_the_address() {
        let script = serve(
            "function FindProxyForURL(url, host) {\n\
               if (host == \"inside.example\") return \"DIRECT\";\n\
               return \"PROXY one.example:8080; PROXY two.example:3128\";\n\
             }\n",
        );
        let runner = ScriptRunner::new("test").unwrap();
        let said = |address| runner.run(ScriptSource::Address(&script), address).unwrap();
        assert_eq!(said("https://inside.example/"), None);
        let proxies = said("https://outside.example/").unwrap().proxies;
        assert!(proxies.starts_with("one.example:8080"), "{proxies}");
    }

    #[test]
    fn a_script_that_cannot_be_had_or_run_is_an_error() {
        let runner = ScriptRunner::new("test").unwrap();
        let gone = ScriptSource::Address("http://127.0.0.1:9/proxy.pac");
        assert!(runner.run(gone, "https://outside.example/").is_err());
    }
}
