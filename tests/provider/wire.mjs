// The line to the test that started us: one JSON object per line in each direction.

import { createInterface } from 'node:readline';

export const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/**
 * Calls `hear` with each message, one after the other. The end of the input ends this program at
 * once, whatever `hear` is still doing.
 */
export const listen = async (hear, farewell = async () => {}) => {
  process.stdin.once('end', () => farewell().finally(() => process.exit(0)));
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') await hear(JSON.parse(line));
  }
};
