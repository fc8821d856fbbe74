// Client of Cardea's local API, for browsers; `node.ts` is the same for Node.
export { anyPort, parseAddress } from './address.js';
export { Client } from './client.js';
export { CardeaError, ProblemError } from './error.js';
export { pair } from './pairing.js';
export { activeSession, selectedRole, } from './snapshot.js';
export { Watch } from './watch.js';
