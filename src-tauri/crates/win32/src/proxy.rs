//! Which proxy Windows has for an address: what the user or IT has set, and what a script says
//! (WinHTTP). Some of it waits for the network.

mod script;

use std::io;

use windows_sys::Win32::Foundation::GlobalFree;
use windows_sys::Win32::Networking::WinHttp::{
    WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WINHTTP_PROXY_INFO,
    WinHttpGetDefaultProxyConfiguration, WinHttpGetIEProxyConfigForCurrentUser,
};

use crate::handle::succeeded;
use crate::text;

pub use script::{ScriptRunner, ScriptSource};

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
    use std::process::Command;

    use super::*;

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
