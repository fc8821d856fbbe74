//! A thread with a hidden window: Windows tells windows, not processes, what happens to the
//! session. It is a window of its own at the top level, as one for messages only hears no
//! broadcasts (`HWND_MESSAGE`).

use std::cell::RefCell;
use std::io;
use std::ops::ControlFlow;
use std::os::windows::io::AsRawHandle as _;
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Power::{
    HPOWERNOTIFY, RegisterSuspendResumeNotification, UnregisterSuspendResumeNotification,
};
use windows_sys::Win32::System::RemoteDesktop::{
    NOTIFY_FOR_THIS_SESSION, WTSRegisterSessionNotification, WTSUnRegisterSessionNotification,
};
use windows_sys::Win32::System::Rpc::RPC_S_INVALID_BINDING;
use windows_sys::Win32::System::Threading::{GetCurrentThreadId, GetThreadId};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DEVICE_NOTIFY_WINDOW_HANDLE, DefWindowProcW, DestroyWindow, DispatchMessageW,
    GetMessageW, KillTimer, MSG, PostQuitMessage, PostThreadMessageW, RegisterClassExW, SetTimer,
    WM_ENDSESSION, WM_POWERBROADCAST, WM_QUERYENDSESSION, WM_QUIT, WM_TIMER, WM_WTSSESSION_CHANGE,
    WNDCLASSEXW, WS_OVERLAPPED,
};

use super::DesktopEvent;
use super::messages::{Messages, Presence};
use crate::handle::succeeded;
use crate::text::wide;

/// What the window is called, so that tests can find it.
pub(super) const CLASS: &str = "DesktopWatch";
/// How often to ask whether a session that nobody sat at is active again.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const LOOK_TIMER: usize = 1;
/// How often and how long to try again while the services behind the notifications still start.
const NEXT_TRY: Duration = Duration::from_millis(500);
const TRIES: u32 = 60;

thread_local! {
    /// Of the window of this thread.
    #[expect(clippy::missing_const_for_thread_local, reason = "it is const; not seen for Windows")]
    static MESSAGES: RefCell<Option<Rc<Messages>>> = const { RefCell::new(None) };
}

/// Watches the desktop session until it is dropped; dropping it waits for the event that is being
/// told.
#[derive(Debug)]
pub struct DesktopWatch {
    thread: Option<JoinHandle<()>>,
}

/// What to do after an event was told.
pub type Watching = ControlFlow<()>;

impl DesktopWatch {
    /// Starts watching; `tell` hears of [`DesktopEvent::Began`] before this returns, and then of
    /// each event as it happens, on a thread of its own. Windows waits for its answer: two seconds
    /// before it suspends (`PBT_APMSUSPEND`), about five before it ends the session
    /// (`WM_ENDSESSION`), so it must not take longer. `tell` must not panic; that ends the
    /// process. When it answers with an end the watch is over.
    ///
    /// # Errors
    /// What Windows says: for instance that the process is on no desktop, or that the services
    /// behind the notifications have not started within half a minute.
    pub fn start(tell: impl Fn(DesktopEvent) -> Watching + Send + 'static) -> io::Result<Self> {
        let (began, beginning) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("desktop-watch".to_owned())
            .spawn(move || {
                let window = match Window::open(Messages::new(Box::new(tell))) {
                    Ok(window) => window,
                    Err(error) => return drop(began.send(Err(error))),
                };
                // Who started the thread waits for this.
                let _listening = began.send(Ok(()));
                pump();
                drop(window);
            })?;
        let mut watch = Self {
            thread: Some(thread),
        };
        match beginning.recv() {
            Ok(Ok(())) => Ok(watch),
            Ok(Err(error)) => {
                watch.join();
                Err(error)
            }
            Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

impl Drop for DesktopWatch {
    fn drop(&mut self) {
        if let Some(thread) = &self.thread {
            // SAFETY: the thread's own handle, which keeps its number from becoming another's. A
            // thread that has ended gets no message, and needs none.
            unsafe { PostThreadMessageW(GetThreadId(thread.as_raw_handle()), WM_QUIT, 0, 0) };
        }
        self.join();
    }
}

/// The window of this thread, registered for what it wants to hear.
struct Window {
    window: HWND,
    power: HPOWERNOTIFY,
}

impl Window {
    fn open(messages: Messages) -> io::Result<Self> {
        let messages = Rc::new(messages);
        MESSAGES.set(Some(Rc::clone(&messages)));
        // From here on it is closed when anything else fails.
        let mut opened = Self {
            window: create()?,
            power: 0,
        };
        register_for_session(opened.window)?;
        // SAFETY: our window. Without this, computers with Modern Standby do not tell
        // (github.com/dotnet/runtime/issues/123773).
        opened.power = unsafe {
            RegisterSuspendResumeNotification(opened.window.cast(), DEVICE_NOTIFY_WINDOW_HANDLE)
        };
        if opened.power == 0 {
            return Err(io::Error::last_os_error());
        }
        // After registering: what happens from now on waits in the thread's queue.
        if messages.begin().is_break() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        keep_looking(opened.window, &messages);
        Ok(opened)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // SAFETY: our own registrations and window, on the thread that made them.
        unsafe {
            if self.power != 0 {
                UnregisterSuspendResumeNotification(self.power);
            }
            WTSUnRegisterSessionNotification(self.window);
            DestroyWindow(self.window);
        }
        MESSAGES.set(None);
    }
}

/// A hidden window named by its thread.
fn create() -> io::Result<HWND> {
    static REGISTERED: OnceLock<Result<(), i32>> = OnceLock::new();
    (*REGISTERED.get_or_init(register_class)).map_err(io::Error::from_raw_os_error)?;
    let class = wide(CLASS);
    // SAFETY: takes nothing.
    let name = wide(unsafe { GetCurrentThreadId() }.to_string());
    // SAFETY: texts with a zero at their ends; no parent, no menu, no parameter.
    let window = unsafe {
        CreateWindowExW(
            0,
            class.as_ptr(),
            name.as_ptr(),
            WS_OVERLAPPED,
            0,
            0,
            0,
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            GetModuleHandleW(std::ptr::null()),
            std::ptr::null(),
        )
    };
    if window.is_null() {
        return Err(io::Error::last_os_error());
    }
    Ok(window)
}

/// The class of the windows of this process, or the error's number.
fn register_class() -> Result<(), i32> {
    let name = wide(CLASS);
    let class = WNDCLASSEXW {
        cbSize: size_of::<WNDCLASSEXW>() as u32,
        lpfnWndProc: Some(procedure),
        // SAFETY: takes nothing: the program itself.
        hInstance: unsafe { GetModuleHandleW(std::ptr::null()) },
        lpszClassName: name.as_ptr(),
        ..WNDCLASSEXW::default()
    };
    // SAFETY: a class whose name lives until the call returns and whose procedure lives for ever.
    if unsafe { RegisterClassExW(&raw const class) } == 0 {
        return Err(io::Error::last_os_error().raw_os_error().unwrap_or(0));
    }
    Ok(())
}

fn register_for_session(window: HWND) -> io::Result<()> {
    let mut tries = 1;
    loop {
        // SAFETY: our window.
        let registered =
            succeeded(unsafe { WTSRegisterSessionNotification(window, NOTIFY_FOR_THIS_SESSION) });
        match registered {
            Err(error) if is_starting(&error) && tries < TRIES => {
                tries += 1;
                std::thread::sleep(NEXT_TRY);
            }
            registered => return registered,
        }
    }
}

/// Soon after the start of the computer the services behind it may not be there yet
/// (`WTSRegisterSessionNotification`, remarks).
fn is_starting(error: &io::Error) -> bool {
    error.raw_os_error() == Some(RPC_S_INVALID_BINDING)
}

/// Handles messages until there is one to stop.
fn pump() {
    let mut message = MSG::default();
    // SAFETY: a place for the message. It answers -1 for a window that is none; there is none.
    while unsafe { GetMessageW(&raw mut message, std::ptr::null_mut(), 0, 0) } > 0 {
        // SAFETY: the message that was just read.
        unsafe { DispatchMessageW(&raw const message) };
    }
}

unsafe extern "system" fn procedure(
    window: HWND,
    message: u32,
    what: WPARAM,
    detail: LPARAM,
) -> LRESULT {
    let messages = MESSAGES.with_borrow(Option::clone);
    let code = u32::try_from(what).unwrap_or(u32::MAX);
    let (after, answer) = match (messages.as_deref(), message) {
        (Some(messages), WM_WTSSESSION_CHANGE) => (messages.session_changed(code), 0),
        (Some(messages), WM_POWERBROADCAST) => (messages.power_changed(code), 1),
        (Some(messages), WM_TIMER) => (messages.look(), 0),
        // Nothing is against it.
        (Some(_), WM_QUERYENDSESSION) => return 1,
        // It was only a question when it says no.
        (Some(messages), WM_ENDSESSION) if what != 0 => (messages.session_ends(), 0),
        // SAFETY: what Windows gave us.
        _ => return unsafe { DefWindowProcW(window, message, what, detail) },
    };
    if after.is_break() {
        // SAFETY: takes a number.
        unsafe { PostQuitMessage(0) };
    }
    if let Some(messages) = messages {
        keep_looking(window, &messages);
    }
    answer
}

/// While nobody sits at the session, has the window ask again later.
fn keep_looking(window: HWND, messages: &Messages) {
    // SAFETY: our window. A timer that is set again starts anew; one that is none is no harm.
    unsafe {
        match messages.presence() {
            Presence::Active => KillTimer(window, LOOK_TIMER),
            Presence::Away => {
                SetTimer(window, LOOK_TIMER, LOOK_EVERY.as_millis() as u32, None);
                1
            }
        };
    }
}

#[cfg(test)]
mod tests;
