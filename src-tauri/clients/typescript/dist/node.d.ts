import { type Places } from './address.js';
import { Client as AnyClient, type Options } from './client.js';
import { type Paired, type PairingOptions } from './pairing.js';
import { type World } from './world.js';
export * from './index.js';
/** Where the agent is, for programs that can read files. */
export interface NodeOptions extends Options {
    /** The agent's endpoint file, when it is not in its usual place. */
    readonly endpointFile?: string;
}
/** A client of this user's agent, see the base class. */
export declare class Client extends AnyClient {
    constructor(options: NodeOptions, places?: Places, world?: World);
}
/** Pairs this program, see `pair` of the browser's half. */
export declare function pair(options: PairingOptions & {
    readonly endpointFile?: string;
}): Promise<Paired>;
/** Reads the endpoint file anew each time: a restarted agent may be on another port. */
export declare function byEndpointFile(file?: string): Places;
/**
 * Where the endpoint file of this user is. Node does not know its Windows session, so there it may
 * be any of several; the agents of other sessions refuse this program.
 */
export declare function endpointFiles(platform?: NodeJS.Platform, environment?: NodeJS.ProcessEnv): Promise<readonly string[]>;
/** The endpoint files of one computer among those of all that its user's profile follows to. */
export declare function ofThisComputer(names: readonly string[], computer: string): readonly string[];
