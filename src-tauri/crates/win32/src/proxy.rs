//! Which proxy Windows has for an address: what the user or IT has set, and what a script says
//! (WinHTTP). Some of it waits for the network.

use std::ffi::c_void;
use std::io;

use windows_sys::Win32::Foundation::GlobalFree;
use windows_sys::Win32::Networking::WinHttp::{
    ERROR_WINHTTP_LOGIN_FAILURE, WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY,
    WINHTTP_AUTO_DETECT_TYPE_DHCP, WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT,
    WINHTTP_AUTOPROXY_CONFIG_URL, WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_AUTOPROXY_RUN_OUTPROCESS_ONLY,
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WINHTTP_PROXY_INFO, WinHttpCloseHandle,
    WinHttpGetDefaultProxyConfiguration, WinHttpGetIEProxyConfigForCurrentUser,
    WinHttpGetProxyForUrl, WinHttpOpen, WinHttpSetTimeouts,
};

use crate::handle::succeeded;
use crate::text::{self, wide};

/// How long each step of looking for a script may take, in milliseconds: name, connection, sending,
/// receiving.
const STEP_LIMITS: [i32; 4] = [3_000, 3_000, 2_000, 2_000];

/// What the user, or IT for the user, has set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserProxy {
    /// Whether the network is to be asked for a script (WPAD).
    pub detect: bool,
    /// The address of a script.
    pub script: Option<String>,
    /// The proxies that are named.
    pub named: Option<NamedProxy>,
}

/// Proxies and what does not go through them, as WinHTTP writes both (`WINHTTP_PROXY_INFO`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedProxy {
    /// Proxies, for instance `proxy:8080` or `http=one:80;https=two:80`.
    pub proxies: String,
    /// Hosts that are reached directly, for instance `*.example.com;<local>`.
    pub bypass: String,
}

/// Where the script comes from that says which proxy to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptSource<'a> {
    /// The network says (WPAD: DHCP, then DNS).
    Detect,
    /// This address.
    Address(&'a str),
}

/// What is set for this user (the settings of Windows, Edge and Internet Explorer).
///
/// # Errors
/// What Windows says.
pub fn of_this_user() -> io::Result<UserProxy> {
    let mut config = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG::default();
    // SAFETY: a place for the answer.
    succeeded(unsafe { WinHttpGetIEProxyConfigForCurrentUser(&raw mut config) })?;
    // SAFETY: texts that Windows allocated for us, or none; each is taken once.
    let (script, proxies, bypass) = unsafe {
        (
            take(config.lpszAutoConfigUrl),
            take(config.lpszProxy),
            take(config.lpszProxyBypass),
        )
    };
    Ok(UserProxy {
        detect: config.fAutoDetect != 0,
        script,
        named: named(proxies, bypass),
    })
}

/// What is set for the whole computer (`netsh winhttp set proxy`); none is direct.
///
/// # Errors
/// What Windows says.
pub fn of_this_computer() -> io::Result<Option<NamedProxy>> {
    let mut info = WINHTTP_PROXY_INFO::default();
    // SAFETY: a place for the answer.
    succeeded(unsafe { WinHttpGetDefaultProxyConfiguration(&raw mut info) })?;
    // SAFETY: the call has just filled it.
    Ok(unsafe { from_info(&info) })
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

fn named(proxies: Option<String>, bypass: Option<String>) -> Option<NamedProxy> {
    let proxies = proxies.filter(|proxies| !proxies.trim().is_empty())?;
    Some(NamedProxy {
        proxies,
        bypass: bypass.unwrap_or_default(),
    })
}

/// # Safety
/// WinHTTP has just filled `info`, and its texts have not been taken.
unsafe fn from_info(info: &WINHTTP_PROXY_INFO) -> Option<NamedProxy> {
    // SAFETY: the caller's promise.
    let (proxies, bypass) = unsafe { (take(info.lpszProxy), take(info.lpszProxyBypass)) };
    if info.dwAccessType != WINHTTP_ACCESS_TYPE_NAMED_PROXY {
        return None;
    }
    named(proxies, bypass)
}

/// # Safety
/// `text` is null, or a text with a zero at its end that Windows allocated for us; it is freed.
unsafe fn take(text: *mut u16) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let taken = unsafe { text::read(text) };
    // SAFETY: the caller's promise; it was read for the last time.
    unsafe {
        GlobalFree(text.cast());
    }
    Some(taken.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::process::Command;
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

    const KEY: &str =
        r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";
    const VALUE: &str = "DefaultConnectionSettings";

    fn reg(arguments: &[&str]) -> String {
        let ran = Command::new("reg").args(arguments).output().unwrap();
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    /// The settings as Windows keeps them, put back when this goes.
    struct Settings(Option<String>);

    impl Settings {
        fn set(settings: &str) -> Self {
            let before = reg(&["query", KEY, "/v", VALUE]);
            let before = before.split("REG_BINARY").nth(1);
            let set = Self(before.map(|value| value.trim().to_owned()));
            Self::write(settings);
            set
        }

        fn write(settings: &str) {
            let binary = ["/t", "REG_BINARY", "/d", settings, "/f"];
            reg(&[["add", KEY, "/v", VALUE].as_slice(), &binary].concat());
        }
    }

    impl Drop for Settings {
        fn drop(&mut self) {
            match &self.0 {
                Some(before) => Self::write(before),
                None => drop(reg(&["delete", KEY, "/v", VALUE, "/f"])),
            }
        }
    }

    #[test]
    fn what_is_set_for_the_user_is_read() {
        const HAS_PROXY: u32 = 2;
        const HAS_SCRIPT: u32 = 4;
        let texts = [
            "http=a:1;https=b:2",
            "*.inside;<local>",
            "http://x/proxy.pac",
        ];
        let mut settings = Vec::new();
        for number in [0x46, 1, HAS_PROXY | HAS_SCRIPT] {
            settings.extend(u32::to_le_bytes(number));
        }
        for text in texts {
            settings.extend((text.len() as u32).to_le_bytes());
            settings.extend(text.as_bytes());
        }
        settings.extend([0; 32]);
        let hex: String = settings.iter().map(|byte| format!("{byte:02x}")).collect();

        let _set = Settings::set(&hex);
        let named = NamedProxy {
            proxies: texts[0].to_owned(),
            bypass: texts[1].to_owned(),
        };
        let read = UserProxy {
            detect: false,
            script: Some(texts[2].to_owned()),
            named: Some(named),
        };
        assert_eq!(of_this_user().unwrap(), read);
    }

    #[test]
    fn what_is_set_for_the_computer_is_read() {
        assert!(of_this_computer().is_ok());
    }
}
