// Where the agent may be.
import { CardeaError } from './error.js';
/** Where agents listen: the first free port of these (contract, sections 2 and 4.1). */
const FIRST_PORT = 28080;
const PORTS = 20;
/** Reads `http://127.0.0.1:PORT`, `http://localhost:PORT` or `http://[::1]:PORT`. */
export function parseAddress(text) {
    const found = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})\/?$/.exec(text);
    const port = Number(found?.[2]);
    if (!found || port < 1 || port > 65535)
        throw new CardeaError('address');
    return { url: `http://${found[1]}:${port}`, port };
}
/** Always there. */
export function at(url) {
    const address = parseAddress(url);
    return async () => [address];
}
/** The twenty ports, for programs that cannot read the endpoint file. */
export const anyPort = async () => Array.from({ length: PORTS }, (_, offset) => parseAddress(`http://127.0.0.1:${FIRST_PORT + offset}`));
