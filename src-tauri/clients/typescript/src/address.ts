// Where the agent may be.

import { CardeaError } from './error.js';

/** Where agents listen: the first free port of these (contract, sections 2 and 4.1). */
const FIRST_PORT = 28080;
const PORTS = 20;

/** One place where the agent may be. */
export interface Address {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
}

/** Gives the places to try, the likeliest first; asked again each time the agent is looked for. */
export type Places = () => Promise<readonly Address[]>;

/** Reads `http://127.0.0.1:PORT`, `http://localhost:PORT` or `http://[::1]:PORT`. */
export function parseAddress(text: string): Address {
  const found = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})\/?$/.exec(text);
  const port = Number(found?.[2]);
  if (!found || port < 1 || port > 65535) throw new CardeaError('address');
  return { url: `http://${found[1]}:${port}`, port };
}

/** Always there. */
export function at(url: string): Places {
  const address = parseAddress(url);
  return async () => [address];
}

/** The twenty ports, for programs that cannot read the endpoint file. */
export const anyPort: Places = async () =>
  Array.from({ length: PORTS }, (_, offset) => parseAddress(`http://127.0.0.1:${FIRST_PORT + offset}`));
