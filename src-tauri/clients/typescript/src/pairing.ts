// Pairing: how a program gets its token from the user (contract, sections 4.2 and 4.5).

import { type Address, type Places, anyPort, at } from './address.js';
import { CardeaError, ProblemError, retryAfter } from './error.js';
import { type Answer, askUnproven, json } from './exchange.js';
import { type World, pause, system } from './world.js';

/** So often the agent is asked whether the user has approved, where it does not say, in seconds. */
const PAUSE = 2;

/**
 * So long the user has, and then the program (contract, section 4.5), in milliseconds. The agent
 * says so itself when either is over.
 */
const LIMIT = 240_000;

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
export async function pair(
  options: PairingOptions, places: Places = anyPort, world: World = system,
): Promise<Paired> {
  const { name, scopes, showCode, signal } = options;
  const found = await (options.url === undefined ? places : at(options.url))();
  const [address, answer] = await start(world, found, { name, scopes });
  const { id, code, claim_secret: claimSecret } = json(answer) as Record<string, unknown>;
  if (typeof id !== 'string' || typeof code !== 'string' || typeof claimSecret !== 'string') {
    throw new CardeaError('answer');
  }
  showCode(code);
  const path = `/v1/pairings/${encodeURIComponent(id)}/token`;
  const until = world.monotonic() + LIMIT;
  let seconds = PAUSE;
  while (world.monotonic() < until) {
    await pause(world, 1_000 * seconds, signal);
    if (signal?.aborted) throw new CardeaError('aborted');
    const claimed = await claim(world, address, path, claimSecret);
    if (typeof claimed !== 'number') return claimed;
    seconds = claimed;
  }
  throw new CardeaError('pairing_expired', 'the user did not approve in time');
}

/** The first place that takes the request; a busy or refusing agent is an agent all the same. */
async function start(
  world: World, places: readonly Address[], body: object,
): Promise<[Address, Answer]> {
  for (const address of places) {
    const call = { method: 'POST', path: '/v1/pairings', body } as const;
    try {
      return [address, await askUnproven(world, address, call)];
    } catch (error) {
      if (error instanceof ProblemError) throw error;
    }
  }
  throw new CardeaError('not_running');
}

/** The token; while the user has not answered, when to ask again, in seconds. */
async function claim(
  world: World, address: Address, path: string, claimSecret: string,
): Promise<Paired | number> {
  const call = { method: 'POST', path, body: { claim_secret: claimSecret } } as const;
  const answer = await askUnproven(world, address, call);
  if (answer.status === 202) return retryAfter(answer.headers.get('retry-after')) ?? PAUSE;
  const { app, token } = json(answer) as Record<string, unknown>;
  if (typeof app !== 'string' || typeof token !== 'string') throw new CardeaError('answer');
  return { app, token };
}
