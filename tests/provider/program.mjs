// A clinical program in Node, by the TypeScript client.
//
// In:  first its options, as the client takes them; or {"pair": …}, as `pair` takes them: answered
//      with {"code"} to be typed, then with {"paired": ID of the program}, or {"error": CODE}. Then {"watch": true}: from then on each view is
//      told; {"call": METHOD, "with": [ARGUMENTS]}: answered with {"value"} or {"error": CODE}.
// Out: {"view": KIND, "reason" or "session": …} for each view.

import { Client, pair } from '../../src-tauri/clients/typescript/dist/node.js';
import { listen, say } from './wire.mjs';

let client;

const tell = (view) => say({
  view: view.kind,
  ...view.kind === 'signedOut' && { reason: view.reason },
  ...view.kind === 'signedIn' && { session: view.session.id },
});

const letIn = async (options) => {
  try {
    const paired = await pair({ ...options, showCode: (code) => say({ code }) });
    client = new Client({ ...paired, ...options });
    say({ paired: paired.app });
  } catch (error) {
    say({ error: error.code ?? error.message });
  }
};

const obey = async (command) => {
  if (command.pair) await letIn(command.pair);
  else if (!client) client = new Client(command);
  else if (command.watch) client.watch().on('view', tell);
  else {
    try {
      say({ value: await client[command.call](...command.with) ?? null });
    } catch (error) {
      say({ error: error.code ?? error.message });
    }
  }
};

await listen(obey);
