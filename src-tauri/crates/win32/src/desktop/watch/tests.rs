use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use windows_sys::Win32::UI::WindowsAndMessaging::{
    FindWindowW, GA_PARENT, GetAncestor, GetDesktopWindow, PBT_APMRESUMEAUTOMATIC, PBT_APMSUSPEND,
    SendMessageW, WTS_CONSOLE_CONNECT, WTS_CONSOLE_DISCONNECT, WTS_REMOTE_CONNECT,
    WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK, WTS_SESSION_LOGOFF, WTS_SESSION_REMOTE_CONTROL,
    WTS_SESSION_UNLOCK,
};

use super::*;

/// A watch, and what it tells.
struct Rig {
    watch: DesktopWatch,
    events: Receiver<DesktopEvent>,
}

fn rig() -> Rig {
    let (heard, events) = channel();
    let watch = DesktopWatch::start(move |event| tell(&heard, event)).unwrap();
    let rig = Rig { watch, events };
    let Ok(DesktopEvent::Began { active: true, .. }) = rig.events.try_recv() else {
        panic!("a watch says first how things are");
    };
    rig
}

fn tell(heard: &Sender<DesktopEvent>, event: DesktopEvent) -> Watching {
    match heard.send(event) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

/// The window of a watch, as a number: other threads may use it.
fn window_of(watch: &DesktopWatch) -> usize {
    let thread = watch.thread.as_ref().unwrap().as_raw_handle();
    // SAFETY: a thread's handle; texts with a zero at their ends.
    let window = unsafe {
        let name = wide(GetThreadId(thread).to_string());
        FindWindowW(wide(CLASS).as_ptr(), name.as_ptr())
    };
    assert!(!window.is_null(), "{}", io::Error::last_os_error());
    window as usize
}

/// Has the window handle a message, and waits for its answer.
fn send(window: usize, message: u32, what: u32) -> LRESULT {
    // SAFETY: a window of this process, and messages with numbers in them.
    unsafe { SendMessageW(window as HWND, message, what as usize, 0) }
}

impl Rig {
    fn send(&self, message: u32, what: u32) -> LRESULT {
        send(window_of(&self.watch), message, what)
    }

    fn told(&self) -> Vec<DesktopEvent> {
        self.events.try_iter().collect()
    }
}

#[test]
fn the_window_is_one_that_hears_broadcasts() {
    let rig = rig();
    let window = window_of(&rig.watch) as HWND;
    // SAFETY: a window of this process.
    let (parent, top) = unsafe { (GetAncestor(window, GA_PARENT), GetDesktopWindow()) };
    assert_eq!(parent, top);
}

#[test]
fn lock_and_unlock_are_told() {
    let rig = rig();
    rig.send(WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK);
    assert_eq!(rig.told(), [DesktopEvent::Locked]);
    rig.send(WM_WTSSESSION_CHANGE, WTS_SESSION_UNLOCK);
    assert_eq!(rig.told(), [DesktopEvent::Unlocked]);
}

#[test]
fn leaving_the_session_and_coming_back_are_told() {
    for (leave, come) in [
        (WTS_CONSOLE_DISCONNECT, WTS_CONSOLE_CONNECT),
        (WTS_REMOTE_DISCONNECT, WTS_REMOTE_CONNECT),
    ] {
        let rig = rig();
        rig.send(WM_WTSSESSION_CHANGE, leave);
        assert_eq!(rig.told(), [DesktopEvent::Disconnected]);
        rig.send(WM_WTSSESSION_CHANGE, come);
        assert_eq!(rig.told(), [DesktopEvent::Connected]);
    }
}

#[test]
fn a_session_that_is_active_again_is_noticed_without_a_message() {
    let rig = rig();
    rig.send(WM_TIMER, LOOK_TIMER as u32);
    assert_eq!(rig.told(), []);
    rig.send(WM_WTSSESSION_CHANGE, WTS_REMOTE_DISCONNECT);
    rig.send(WM_TIMER, LOOK_TIMER as u32);
    assert_eq!(
        rig.told(),
        [DesktopEvent::Disconnected, DesktopEvent::Connected]
    );
}

#[test]
fn sleep_is_told_before_it_and_else_after_it() {
    let rig = rig();
    rig.send(WM_POWERBROADCAST, PBT_APMSUSPEND);
    assert_eq!(rig.told(), [DesktopEvent::Suspending]);
    rig.send(WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC);
    assert_eq!(rig.told(), []);
    rig.send(WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC);
    assert_eq!(rig.told(), [DesktopEvent::Suspending]);
}

#[test]
fn the_end_of_the_windows_session_is_told_when_it_is_certain() {
    let rig = rig();
    assert_eq!(rig.send(WM_QUERYENDSESSION, 0), 1);
    rig.send(WM_ENDSESSION, 0);
    assert_eq!(rig.told(), []);
    rig.send(WM_ENDSESSION, 1);
    assert_eq!(rig.told(), [DesktopEvent::LoggingOff]);
    rig.send(WM_WTSSESSION_CHANGE, WTS_SESSION_LOGOFF);
    assert_eq!(rig.told(), [DesktopEvent::LoggingOff]);
}

#[test]
fn what_ends_nothing_is_not_told() {
    let rig = rig();
    rig.send(WM_WTSSESSION_CHANGE, WTS_SESSION_REMOTE_CONTROL);
    rig.send(WM_POWERBROADCAST, 0x0A);
    assert_eq!(rig.told(), []);
}

#[test]
fn windows_waits_until_an_event_was_taken_in() {
    let (heard, events) = channel();
    let (take_in, taken_in) = channel::<()>();
    let watch = DesktopWatch::start(move |event| {
        tell(&heard, event)?;
        if event == DesktopEvent::Suspending {
            taken_in.recv().unwrap();
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(matches!(events.recv(), Ok(DesktopEvent::Began { .. })));
    let window = window_of(&watch);
    let answered = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&answered);
    let windows = std::thread::spawn(move || {
        send(window, WM_POWERBROADCAST, PBT_APMSUSPEND);
        set.store(true, Ordering::SeqCst);
    });
    assert_eq!(events.recv(), Ok(DesktopEvent::Suspending));
    assert!(!answered.load(Ordering::SeqCst));
    take_in.send(()).unwrap();
    windows.join().unwrap();
}

#[test]
fn dropping_a_watch_ends_its_thread() {
    let Rig { watch, events } = rig();
    drop(watch);
    // The thread had the other end.
    assert!(events.recv().is_err());
}

#[test]
fn a_watch_that_nobody_listens_to_ends() {
    let Rig { watch, events } = rig();
    drop(events);
    send(window_of(&watch), WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK);
    let thread = { watch }.thread.take().unwrap();
    thread.join().unwrap();
}

#[test]
fn services_that_still_start_are_waited_for() {
    let starting = io::Error::from_raw_os_error(RPC_S_INVALID_BINDING);
    assert!(is_starting(&starting));
    assert!(!is_starting(&io::Error::from_raw_os_error(5)));
}
