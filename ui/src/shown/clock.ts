// The agent's time between its messages. The computer's wall clock may be set in between, so only
// the monotonic one counts.

export class ServerClock {
  #offset: number | undefined;

  /** `monotonic` is when the message that said `serverTime` came, in milliseconds. */
  set(serverTime: string, monotonic: number): void {
    const said = Date.parse(serverTime);
    if (!Number.isNaN(said)) this.#offset = said - monotonic;
  }

  /** The agent's time, in milliseconds since 1970; the wall clock's before it said anything. */
  at(monotonic: number, wall: number): number {
    return this.#offset === undefined ? wall : this.#offset + monotonic;
  }
}
