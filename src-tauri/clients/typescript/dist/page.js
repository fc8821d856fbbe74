// A page's sleep and wake (Page Lifecycle; HTML Living Standard, section 7.4.6).
/** The page this runs in; outside of one there is nothing to follow. */
export function browserPage() {
    if (typeof document === 'undefined' || typeof window === 'undefined') {
        return { follow: () => () => { } };
    }
    return { follow };
}
function follow(sleeper) {
    const shown = () => {
        if (document.visibilityState === 'visible')
            sleeper.wake();
    };
    // The first one is the page's start.
    const back = (event) => {
        if (event.persisted)
            sleeper.wake();
    };
    const sleep = () => sleeper.sleep();
    const wake = () => sleeper.wake();
    document.addEventListener('visibilitychange', shown);
    document.addEventListener('freeze', sleep);
    document.addEventListener('resume', wake);
    window.addEventListener('pagehide', sleep);
    window.addEventListener('pageshow', back);
    return () => {
        document.removeEventListener('visibilitychange', shown);
        document.removeEventListener('freeze', sleep);
        document.removeEventListener('resume', wake);
        window.removeEventListener('pagehide', sleep);
        window.removeEventListener('pageshow', back);
    };
}
