//! The PC/SC card source on what Windows does. Each sequence names where it was seen.

use std::sync::atomic::{AtomicBool, Ordering};

use cardea_readers::CardSettings;
use cardea_session::{Card, Insertion, Reader, ReaderEvent, ServiceLoss, Slot};

use crate::harness::card_service::code::{self, flag};
use crate::harness::card_service::{Call, CardService, Loss, STOPPED, WinReader};
use crate::harness::wine::{PANICKING_READER_PROCESS, READER_PROCESS, Wine};
use crate::readers::source::Source;

const OMNIKEY: &str = "HID Global OMNIKEY 3x21 Smart Card Reader 0";
const GEMALTO: &str = "Gemalto USB Smart Card Reader 0";

/// An NHS Smartcard of the JCOP41 series.
const NHS_ATR: &[u8] = b"\x3b\x6a\x00\xffJCOP41V221";
/// A card that no built-in pattern knows.
const OTHER_ATR: &[u8] = &[0x3b, 0x02, 0x14, 0x50];

const LAST_READER_GONE: ReaderEvent = ReaderEvent::ServiceLost(ServiceLoss::LastReaderGone);
const SERVICE_STOPPED: ReaderEvent = ReaderEvent::ServiceLost(ServiceLoss::Stopped);

/// Contexts that end in one code for everything.
const fn all(code: u32) -> Loss {
    Loss {
        waiting: code,
        later: code,
    }
}

/// A Windows with its smart-card service and a card source in it.
struct Desk {
    service: CardService,
    source: Source,
    _wine: Wine,
}

impl Desk {
    /// Without readers: the service is not there.
    fn new() -> Self {
        let desk = Self::start(CardService::new());
        assert_eq!(desk.source.next(), LAST_READER_GONE);
        desk
    }

    fn start(service: CardService) -> Self {
        Self::start_in(Wine::new(), READER_PROCESS, service)
    }

    fn start_in(wine: Wine, program: &str, service: CardService) -> Self {
        let (name, value) = service.environment();
        let mut process = wine.command(program);
        process.env(name, value);
        Self {
            service,
            source: Source::run(process, &CardSettings::default()),
            _wine: wine,
        }
    }

    /// With a reader and a card in it.
    fn with_card() -> (Self, WinReader, Insertion) {
        Self::with_card_in(READER_PROCESS)
    }

    fn with_card_in(program: &str) -> (Self, WinReader, Insertion) {
        let service = CardService::new();
        let reader = service.plug(OMNIKEY);
        reader.insert(NHS_ATR);
        let desk = Self::start_in(Wine::new(), program, service);
        let insertion = insertion(&desk.source.next_readers()[0].slot);
        desk.service.until_waited_for();
        (desk, reader, insertion)
    }
}

fn card(slot: &Slot) -> &Card {
    let Slot::Present(card) = slot else {
        panic!("no card but {slot:?}");
    };
    card
}

fn insertion(slot: &Slot) -> Insertion {
    card(slot).insertion
}

fn empty(reader: &WinReader) -> Reader {
    Reader {
        name: reader.name(),
        slot: Slot::Empty,
    }
}

fn is_present(slot: &Slot) -> bool {
    matches!(slot, Slot::Present(_))
}

#[test]
#[ignore = "needs the programs for Windows"]
fn a_reader_arrives_and_a_card_comes_and_goes() {
    let desk = Desk::new();
    let reader = desk.service.plug(OMNIKEY);
    assert_eq!(desk.source.next_readers(), [empty(&reader)]);

    reader.insert(NHS_ATR);
    let inserted = desk.source.next_readers();
    assert_eq!(card(&inserted[0].slot).atr.as_bytes(), NHS_ATR);
    assert_eq!(
        card(&inserted[0].slot).known_as.as_deref(),
        Some("NHS Smartcard (JCOP41 V2.2.1)")
    );
    reader.remove();
    assert_eq!(desk.source.next_readers(), [empty(&reader)]);
    assert_eq!(desk.service.calls(Call::Card), 0, "no card is opened");
    assert_eq!(desk.source.stop(), []);
}

/// The upper half of a reader's state counts insertions and removals: [MS-RDPESC] 2.2.7,
/// https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-rdpesc/3a235960-2fec-446b-8ed1-50bcc70e3c5f
#[test]
#[ignore = "needs the programs for Windows"]
fn a_swap_between_two_looks_is_another_insertion() {
    let (desk, reader, before) = Desk::with_card();
    reader.swap(NHS_ATR);
    assert!(insertion(&desk.source.next_readers()[0].slot) > before);
}

/// The count has 16 bits, and 0 is a count like others.
#[test]
#[ignore = "needs the programs for Windows"]
fn a_swap_is_seen_while_the_event_count_wraps() {
    let service = CardService::new();
    let reader = service.plug(OMNIKEY);
    reader.insert(NHS_ATR);
    reader.set_event_count(u16::MAX - 3);
    let desk = Desk::start(service);
    let mut last = insertion(&desk.source.next_readers()[0].slot);
    // 65,534, then 0, then 2.
    for _ in 0..3 {
        desk.service.until_waited_for();
        reader.swap(NHS_ATR);
        let next = insertion(&desk.source.next_readers()[0].slot);
        assert!(next > last);
        last = next;
    }
    reader.remove();
    assert_eq!(desk.source.next_readers(), [empty(&reader)]);
}

/// Windows 8 and later stop the service with the last reader and start it with the next:
/// https://github.com/LudovicRousseau/pyscard/issues/27. The codes that programs were given:
/// https://github.com/LudovicRousseau/pyscard/issues/216 and /74, /87, and
/// https://github.com/danm-de/pcsc-sharp/pull/111.
#[test]
#[ignore = "needs the programs for Windows"]
fn the_service_stops_with_the_last_reader_and_comes_back() {
    let shutdown = Loss {
        waiting: code::SHUTDOWN,
        later: code::WIN32_INVALID_HANDLE,
    };
    let stopped = all(code::SERVICE_STOPPED);
    let no_service = all(code::NO_SERVICE);
    let (desk, mut reader, mut last) = Desk::with_card();
    for loss in [STOPPED, stopped, no_service, shutdown] {
        desk.service.when_last_reader_goes(Some(loss));
        desk.service.until_waited_for();
        reader.unplug();
        assert_eq!(desk.source.next(), LAST_READER_GONE, "{loss:x?}");
        reader = desk.service.plug(OMNIKEY);
        assert_eq!(desk.source.next_readers(), [empty(&reader)], "{loss:x?}");
        reader.insert(NHS_ATR);
        let next = insertion(&desk.source.next_readers()[0].slot);
        assert!(next > last);
        last = next;
    }
}

/// A reader in the list of devices that Windows keeps itself, whatever the service does; of the
/// interface class `GUID_DEVINTERFACE_SMARTCARD_READER`. This is how Wine 8 keeps it.
pub(super) fn attach_device(wine: &Wine) {
    const READERS: &str = "{50dd5230-ba8a-11d1-bf5d-0000f805f530}";
    const SYSTEM: &str = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet";
    let class = format!(r"{SYSTEM}\Control\DeviceClasses\{READERS}");
    let interface = format!(r"{class}\##?#USB#VID_076B&PID_3031#0#{READERS}");
    wine.import_registry(&format!(
        "[{SYSTEM}\\Enum\\USB\\VID_076B&PID_3031\\0]\n\"ClassGUID\"=\"{READERS}\"\n\n\
         [{interface}]\n\"DeviceInstance\"=\"USB\\\\VID_076B&PID_3031\\\\0\"\n\n\
         [{interface}\\#]\n\n\
         [{interface}\\#\\Control]\n\"Linked\"=dword:00000001\n"
    ));
}

#[test]
#[ignore = "needs the programs for Windows"]
fn a_service_stopped_while_readers_are_there_is_lost() {
    let service = CardService::new();
    let reader = service.plug(OMNIKEY);
    reader.insert(NHS_ATR);
    let wine = Wine::new();
    attach_device(&wine);
    let desk = Desk::start_in(wine, READER_PROCESS, service);
    let before = insertion(&desk.source.next_readers()[0].slot);
    desk.service.until_waited_for();
    desk.service.stop(STOPPED);
    assert_eq!(desk.source.next(), SERVICE_STOPPED);
    desk.service.start();
    assert!(insertion(&desk.source.next_readers()[0].slot) > before);
}

/// Plain Win32 codes, which the `pcsc` crate does not know: 6 from a dead context
/// (https://github.com/Yubico/Yubico.NET.SDK/issues/13), 109 in remote sessions
/// (https://learn.microsoft.com/en-us/windows/win32/api/winscard/nf-winscard-scardestablishcontext),
/// and some that nobody has seen.
#[test]
#[ignore = "needs the programs for Windows"]
fn codes_that_the_binding_does_not_know_end_the_context_and_no_more() {
    let codes = [
        code::WIN32_INVALID_HANDLE,
        code::WIN32_BROKEN_PIPE,
        0x8010_0064,
        0x8000_FFFF,
        u32::MAX,
    ];
    for program in [READER_PROCESS, PANICKING_READER_PROCESS] {
        let (desk, _reader, mut last) = Desk::with_card_in(program);
        for code in codes {
            desk.service.until_waited_for();
            desk.service.fail(Call::List, code, 1);
            desk.service.fail(Call::Establish, code, 1);
            desk.service.fail(Call::Wait, code, 1);
            assert_eq!(desk.source.next(), LAST_READER_GONE, "{program} {code:x}");
            let next = insertion(&desk.source.next_readers()[0].slot);
            assert!(next > last, "{program} {code:x}");
            last = next;
        }
    }
}

/// The readers of a remote session go with it, and every context dies:
/// https://github.com/Yubico/Yubico.NET.SDK/pull/445 has the codes.
#[test]
#[ignore = "needs the programs for Windows"]
fn a_remote_session_loses_all_readers_at_once_and_gets_them_back() {
    let (desk, _reader, mut last) = Desk::with_card();
    let codes = [
        code::INVALID_HANDLE,
        code::SYSTEM_CANCELLED,
        code::WIN32_INVALID_HANDLE,
        code::WIN32_BROKEN_PIPE,
    ];
    for code in codes {
        desk.service.until_waited_for();
        desk.service.disconnect_session(all(code));
        assert_eq!(desk.source.next(), LAST_READER_GONE, "{code:x}");
        assert_eq!(desk.source.next_readers(), [], "{code:x}");
        let back = [desk.service.plug(OMNIKEY), desk.service.plug(GEMALTO)];
        desk.source.slots(|slots| slots.len() == 2);
        back[0].insert(NHS_ATR);
        let next = insertion(&desk.source.next_readers()[0].slot);
        assert!(next > last);
        last = next;
    }
}

/// Some readers of a remote session go without the service, as the client's own are unplugged.
#[test]
#[ignore = "needs the programs for Windows"]
fn a_service_that_stays_without_readers_is_waited_for() {
    let (desk, reader, _) = Desk::with_card();
    desk.service.when_last_reader_goes(None);
    reader.unplug();
    assert_eq!(desk.source.next_readers(), []);
    desk.service.until_waited_for();
    assert!(desk.service.calls_while(Call::Wait, TICKS) < FEW);
    let reader = desk.service.plug(GEMALTO);
    assert_eq!(desk.source.next_readers(), [empty(&reader)]);
}

/// Microsoft's page on `SCARD_READERSTATE` gives the entry `SCARD_STATE_UNKNOWN`; a wait that names
/// such a reader can fail as well.
#[test]
#[ignore = "needs the programs for Windows"]
fn one_of_two_readers_goes_and_comes_back() {
    let (desk, stays, stayed) = Desk::with_card();
    for refuse in [false, true] {
        desk.service.refuse_unknown_readers(refuse);
        let goes = desk.service.plug(GEMALTO);
        goes.insert(OTHER_ATR);
        let there = desk
            .source
            .slots(|slots| slots.iter().filter(|slot| is_present(slot)).count() == 2);
        assert_eq!(insertion(&there[0]), stayed);
        desk.service.until_waited_for();
        goes.unplug();
        let left = desk.source.next_readers();
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(
            (&left[0].name, insertion(&left[0].slot)),
            (&stays.name(), stayed)
        );
    }
}

#[test]
#[ignore = "needs the programs for Windows"]
fn what_other_programs_do_with_the_card_is_no_news() {
    let (desk, reader, before) = Desk::with_card();
    for flags in [
        flag::INUSE,
        flag::INUSE | flag::EXCLUSIVE,
        flag::UNPOWERED,
        0,
    ] {
        let waits = desk.service.calls(Call::Wait);
        reader.use_card(flags);
        desk.service.until_calls(Call::Wait, waits + 1);
        desk.service.until_waited_for();
    }
    reader.swap(OTHER_ATR);
    let next = desk.source.next_readers();
    assert_eq!(insertion(&next[0].slot).0, before.0 + 1);
}

#[test]
#[ignore = "needs the programs for Windows"]
fn a_card_that_does_not_answer_and_a_reader_that_does_not() {
    let (desk, reader, _) = Desk::with_card();
    reader.insert_mute();
    assert_eq!(desk.source.next_readers()[0].slot, Slot::Mute);
    reader.fail();
    assert_eq!(desk.source.next_readers()[0].slot, Slot::Unavailable);
    reader.insert(NHS_ATR);
    assert!(is_present(&desk.source.next_readers()[0].slot));
}

/// How many calls a test makes while it counts those of the source.
const TICKS: u64 = 20_000;

/// A source that pauses makes fewer calls meanwhile; one that does not makes hundreds.
const FEW: u64 = 20;

/// https://github.com/Fedict/eid-mw/issues/161: the entry for plug and play counts the readers, and
/// a wait that does not hand the count back returns at once. With readers the first does anyway:
/// https://github.com/LudovicRousseau/pcsc-tools/issues/76.
#[test]
#[ignore = "needs the programs for Windows"]
fn with_readers_there_it_waits_quietly() {
    let (desk, reader, _) = Desk::with_card();
    for calls in [Call::Wait, Call::List] {
        let count = desk.service.calls_while(calls, TICKS);
        assert!(count < FEW, "{count} {calls:?}");
    }
    reader.remove();
    assert_eq!(desk.source.next_readers(), [empty(&reader)]);
}

/// The same when the count cannot be handed back; how much slower it goes then, `guard` tests.
#[test]
#[ignore = "needs the programs for Windows"]
fn an_entry_that_is_always_changed_hides_no_removal() {
    let (desk, reader, _) = Desk::with_card();
    desk.service.always_plug(true);
    let waits = desk.service.calls(Call::Wait);
    desk.service.until_calls(Call::Wait, waits + 200);
    reader.remove();
    assert_eq!(desk.source.next_readers(), [empty(&reader)]);
}

/// https://github.com/Yubico/Yubico.NET.SDK/issues/13: a dead context is asked again and again. The
/// service runs meanwhile, so that the event of its start is set and must not end the pauses.
#[test]
#[ignore = "needs the programs for Windows"]
fn a_wait_that_fails_for_ever_is_tried_again_with_pauses() {
    for code in [
        code::WIN32_INVALID_HANDLE,
        code::INVALID_HANDLE,
        code::SERVICE_STOPPED,
    ] {
        let (desk, _reader, before) = Desk::with_card();
        desk.service.fail_always(Call::Wait, code);
        assert!(matches!(desk.source.next(), ReaderEvent::ServiceLost(_)));
        let calls = desk.service.calls_while(Call::Establish, TICKS);
        assert!(calls < FEW, "{code:x}: {calls} contexts");
        desk.service.mend();
        assert!(insertion(&desk.source.next_readers()[0].slot) > before);
    }
}

/// https://learn.microsoft.com/en-us/windows/win32/api/winscard/nf-winscard-scardestablishcontext:
/// the answer in a remote session that has no readers to redirect.
#[test]
#[ignore = "needs the programs for Windows"]
fn a_session_without_redirection_is_tried_again_with_pauses() {
    let service = CardService::new();
    service.start();
    service.fail_always(Call::Establish, code::WIN32_BROKEN_PIPE);
    let desk = Desk::start(service);
    assert_eq!(desk.source.next(), LAST_READER_GONE);
    let calls = desk.service.calls_while(Call::Establish, TICKS);
    assert!(calls < FEW, "{calls} contexts");
    let reader = desk.service.plug(OMNIKEY);
    desk.service.mend();
    assert_eq!(desk.source.next_readers(), [empty(&reader)]);
}

/// The service starts when it is asked (https://github.com/kanidm/webauthn-rs/pull/321) and stops
/// without a reader: whoever asks again at once keeps it starting.
#[test]
#[ignore = "needs the programs for Windows"]
fn a_service_that_stops_whenever_it_was_started_is_asked_less_and_less() {
    let service = CardService::new();
    service.start_when_asked();
    let desk = Desk::start(service);
    assert_eq!(desk.source.next_readers(), []);
    desk.service.until_waited_for();
    desk.service.stop(STOPPED);
    let soon = desk.service.ticks_until_next(Call::Establish);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                desk.service.until_waited_for();
                desk.service.stop(STOPPED);
            }
        });
        desk.service.until_calls(Call::Establish, 7);
        let late = desk.service.ticks_until_next(Call::Establish);
        done.store(true, Ordering::Relaxed);
        assert!(late > 3 * soon, "{soon}, later {late}");
    });
    let reader = desk.service.plug(OMNIKEY);
    let there = ReaderEvent::Readers(vec![empty(&reader)]);
    while desk.source.next() != there {}
}

/// A reader that is listed and yet unknown to every wait.
#[test]
#[ignore = "needs the programs for Windows"]
fn refusals_without_end_are_the_loss_of_the_context() {
    let (desk, _reader, before) = Desk::with_card();
    let (waits, contexts) = (
        desk.service.calls(Call::Wait),
        desk.service.calls(Call::Establish),
    );
    desk.service.fail_always(Call::Wait, code::UNKNOWN_READER);
    assert!(matches!(desk.source.next(), ReaderEvent::ServiceLost(_)));
    desk.service.until_calls(Call::Establish, contexts + 2);
    let waits = desk.service.calls(Call::Wait) - waits;
    assert!(waits < 120, "{waits} waits for two contexts");
    desk.service.mend();
    assert!(insertion(&desk.source.next_readers()[0].slot) > before);
}

#[test]
#[ignore = "needs the programs for Windows"]
fn a_source_ends_when_it_is_dropped_whatever_the_service_does() {
    let waiting = Desk::new();
    waiting.service.plug(OMNIKEY);
    waiting.source.next_readers();
    waiting.service.until_waited_for();
    assert_eq!(waiting.source.stop(), []);

    assert_eq!(Desk::new().source.stop(), []);

    let (failing, ..) = Desk::with_card();
    failing
        .service
        .fail_always(Call::Wait, code::WIN32_INVALID_HANDLE);
    failing.source.next();
    failing.source.stop();
}
