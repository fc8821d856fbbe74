// Why the agent could not be asked, or did not do what was asked. No error holds a token or
// anything about a person.
const MESSAGES = {
    not_running: 'the agent is not running',
    no_runtime_folder: 'the agent cannot be found: the desktop session names no folder for it',
    endpoint: "the agent's endpoint file cannot be read",
    address: 'this is not an address like http://127.0.0.1:28080',
    not_proven: "the program on the agent's port did not prove that it is the agent",
    refused: 'the agent refused this program without detail',
    timed_out: 'the agent did not answer in time',
    answer: "the agent's answer was not understood",
    connection: 'the connection to the agent broke',
    closed: 'the agent closed the stream',
    silent: 'the agent fell silent',
    token: 'a token is 1 to 128 visible ASCII characters',
    insecure_page: 'the agent can only be asked by pages on https or on this computer',
    aborted: 'the program gave up asking',
};
/** Why the agent could not be asked. */
export class CardeaError extends Error {
    code;
    name = 'CardeaError';
    constructor(code, message) {
        super(message ?? MESSAGES[code] ?? code);
        this.code = code;
    }
}
/** The agent said why it did not do it. */
export class ProblemError extends CardeaError {
    status;
    code;
    remedy;
    retryAfter;
    name = 'ProblemError';
    constructor(
    /** The HTTP status. */
    status, code, detail, 
    /** What to do about it, for the help desk. */
    remedy, 
    /** When to ask again, in seconds, where the agent says so. */
    retryAfter) {
        super(code, detail);
        this.status = status;
        this.code = code;
        this.remedy = remedy;
        this.retryAfter = retryAfter;
    }
}
/** Reads a problem document; none when it is not one. */
export function readProblem(status, text, wait) {
    const document = parsed(text);
    const { code, detail, title, remedy } = document;
    if (typeof code !== 'string')
        return undefined;
    const said = [detail, title, code].find((part) => typeof part === 'string');
    const how = typeof remedy === 'string' ? remedy : undefined;
    return new ProblemError(status, code, said, how, retryAfter(wait));
}
/** The seconds of a `Retry-After` header. */
export function retryAfter(header) {
    return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}
function parsed(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === 'object' && value !== null ? value : {};
    }
    catch {
        return {};
    }
}
