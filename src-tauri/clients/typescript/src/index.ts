// Client of Cardea's local API, for browsers; `node.ts` is the same for Node.

export { anyPort, parseAddress, type Address, type Places } from './address.js';
export { Client, type AppInfo, type LoginMode, type Options, type SessionTokens, type Tagged } from './client.js';
export { CardeaError, ProblemError, type ClientCode, type ProblemCode } from './error.js';
export type { EventName, StreamEvent } from './event.js';
export { pair, type Paired, type PairingOptions } from './pairing.js';
export {
  activeSession, selectedRole,
  type EndReason, type Environment, type Reader, type Role, type Session, type Snapshot, type User,
} from './snapshot.js';
export type { Message } from './stream.js';
export type { SignedOutReason, View } from './view.js';
export { Watch } from './watch.js';
