// The same for Node, where the endpoint file says where the agent is (contract, section 4.1).
import { open, readdir } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import { parseAddress } from './address.js';
import { Client as AnyClient } from './client.js';
import { CardeaError } from './error.js';
import { pair as pairAt } from './pairing.js';
import { system } from './world.js';
export * from './index.js';
/** No endpoint file is longer, in bytes. */
const LONGEST_FILE = 64 * 1024;
/** A client of this user's agent, see the base class. */
export class Client extends AnyClient {
    constructor(options, places, world = system) {
        super(options, places ?? byEndpointFile(options.endpointFile), world);
    }
}
/** Pairs this program, see `pair` of the browser's half. */
export function pair(options) {
    return pairAt(options, byEndpointFile(options.endpointFile));
}
/** Reads the endpoint file anew each time: a restarted agent may be on another port. */
export function byEndpointFile(file) {
    return async () => {
        const files = file === undefined ? await endpointFiles() : [file];
        const found = await Promise.all(files.map(read));
        const urls = found.filter((url) => url !== undefined);
        if (urls.length === 0)
            throw new CardeaError('not_running');
        return urls.map(parseAddress);
    };
}
/**
 * Where the endpoint file of this user is. Node does not know its Windows session, so there it may
 * be any of several; the agents of other sessions refuse this program.
 */
export async function endpointFiles(platform = process.platform, environment = process.env) {
    if (platform !== 'win32') {
        const folder = environment['XDG_RUNTIME_DIR'] ?? '';
        if (!posix.isAbsolute(folder))
            throw new CardeaError('no_runtime_folder');
        return [posix.join(folder, 'cardea', 'endpoint.json')];
    }
    const local = environment['LOCALAPPDATA'] ?? '';
    const computer = environment['COMPUTERNAME'] ?? '';
    if (!win32.isAbsolute(local) || computer === '')
        throw new CardeaError('no_runtime_folder');
    const folder = win32.join(local, 'Cardea');
    const names = await readdir(folder).catch(() => []);
    return ofThisComputer(names, computer).map((name) => win32.join(folder, name));
}
/** The endpoint files of one computer among those of all that its user's profile follows to. */
export function ofThisComputer(names, computer) {
    const start = `endpoint-${computer}-`.toLowerCase();
    return names.filter((name) => name.toLowerCase().startsWith(start) && /^\d+\.json$/i.test(name.slice(start.length)));
}
async function read(file) {
    const opened = await open(file).catch(() => undefined);
    if (!opened)
        return undefined;
    try {
        const buffer = Buffer.alloc(LONGEST_FILE);
        const { bytesRead } = await opened.read(buffer, 0, LONGEST_FILE, 0);
        const { url } = JSON.parse(buffer.toString('utf8', 0, bytesRead));
        return typeof url === 'string' ? url : undefined;
    }
    catch {
        throw new CardeaError('endpoint');
    }
    finally {
        await opened.close();
    }
}
