// Answers that the test wants to come late: a route named here is answered only when it is let go.

import { say } from './wire.mjs';

const gates = new Map();

/** From now on the answers of this path wait. */
export const hold = (path) => {
  if (gates.has(path)) return;
  let open;
  const opened = new Promise((resolve) => { open = resolve; });
  gates.set(path, { open, opened });
};

/** Lets the waiting answers of this path go, and later ones pass. */
export const release = (path) => {
  gates.get(path)?.open();
  gates.delete(path);
};

/** Koa middleware: the work is done first, so that what was given out is given out; then the answer waits. */
export const holdAnswers = async (ctx, next) => {
  await next();
  const gate = gates.get(ctx.path);
  if (gate === undefined) return;
  say({ saw: 'held', path: ctx.path });
  await gate.opened;
};
