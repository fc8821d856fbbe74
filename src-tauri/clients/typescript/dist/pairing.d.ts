import { type Places } from './address.js';
import { type World } from './world.js';
export interface PairingOptions {
    /** The program's name as the user is to see it: 40 printable characters. */
    readonly name: string;
    /** What it wants to do, for instance `session:read`; never `tokens:read`. */
    readonly scopes: readonly string[];
    /** Shows the code, which the user types into Cardea. */
    readonly showCode: (code: string) => void;
    /** Where the agent is; otherwise it is found. */
    readonly url?: string;
    readonly signal?: AbortSignal;
}
/** What the program keeps: its id, and its token. */
export interface Paired {
    readonly app: string;
    readonly token: string;
}
/**
 * Asks the user for a token. It fails as the agent says (`pairing_off`, `pairing_declined`,
 * `pairing_expired`, `pairing_busy`, `rate_limited`) or with a `CardeaError`. Whoever answers has
 * proved nothing yet: pair only while the user has Cardea's own window in front of them.
 */
export declare function pair(options: PairingOptions, places?: Places, world?: World): Promise<Paired>;
