// Pairing: how a program gets its token from the user (contract, sections 4.2 and 4.5).
import { anyPort, at } from './address.js';
import { CardeaError, ProblemError, retryAfter } from './error.js';
import { askUnproven, json } from './exchange.js';
import { pause, system } from './world.js';
/** So often the agent is asked whether the user has approved, where it does not say, in seconds. */
const PAUSE = 2;
/**
 * So long the user has, and then the program (contract, section 4.5), in milliseconds. The agent
 * says so itself when either is over.
 */
const LIMIT = 240_000;
/**
 * Asks the user for a token. It fails as the agent says (`pairing_off`, `pairing_declined`,
 * `pairing_expired`, `pairing_busy`, `rate_limited`) or with a `CardeaError`. Whoever answers has
 * proved nothing yet: pair only while the user has Cardea's own window in front of them.
 */
export async function pair(options, places = anyPort, world = system) {
    const { name, scopes, showCode, signal } = options;
    const found = await (options.url === undefined ? places : at(options.url))();
    const [address, answer] = await start(world, found, { name, scopes });
    const { id, code, claim_secret: claimSecret } = json(answer);
    if (typeof id !== 'string' || typeof code !== 'string' || typeof claimSecret !== 'string') {
        throw new CardeaError('answer');
    }
    showCode(code);
    const path = `/v1/pairings/${encodeURIComponent(id)}/token`;
    const until = world.monotonic() + LIMIT;
    let seconds = PAUSE;
    while (world.monotonic() < until) {
        await pause(world, 1_000 * seconds, signal);
        if (signal?.aborted)
            throw new CardeaError('aborted');
        const claimed = await claim(world, address, path, claimSecret);
        if (typeof claimed !== 'number')
            return claimed;
        seconds = claimed;
    }
    throw new CardeaError('pairing_expired', 'the user did not approve in time');
}
/** The first place that takes the request; a busy or refusing agent is an agent all the same. */
async function start(world, places, body) {
    for (const address of places) {
        const call = { method: 'POST', path: '/v1/pairings', body };
        try {
            return [address, await askUnproven(world, address, call)];
        }
        catch (error) {
            if (error instanceof ProblemError)
                throw error;
        }
    }
    throw new CardeaError('not_running');
}
/** The token; while the user has not answered, when to ask again, in seconds. */
async function claim(world, address, path, claimSecret) {
    const call = { method: 'POST', path, body: { claim_secret: claimSecret } };
    const answer = await askUnproven(world, address, call);
    if (answer.status === 202)
        return retryAfter(answer.headers.get('retry-after')) ?? PAUSE;
    const { app, token } = json(answer);
    if (typeof app !== 'string' || typeof token !== 'string')
        throw new CardeaError('answer');
    return { app, token };
}
