// Server-Sent Events, read (HTML Living Standard, section 9.2.6).
//
// Own, because `EventSource` sends no token, and because silence is counted in bytes.
import { CardeaError } from './error.js';
/** No message of the agent is longer, in characters. */
export const LONGEST = 1 << 20;
export class Parser {
    #decoder = new TextDecoder();
    #line = '';
    #afterReturn = false;
    #id;
    #data;
    /** Takes bytes as they come, and gives the messages that are complete with them. */
    read(bytes) {
        const blocks = [];
        let text = this.#decoder.decode(bytes, { stream: true });
        if (text === '')
            return blocks;
        const secondHalf = this.#afterReturn && text.startsWith('\n');
        this.#afterReturn = text.endsWith('\r');
        if (secondHalf)
            text = text.slice(1);
        const lines = text.split(/\r\n|\n|\r/);
        const rest = lines.pop() ?? '';
        for (const line of lines) {
            this.#keep(line);
            const block = this.#endLine();
            if (block)
                blocks.push(block);
        }
        this.#keep(rest);
        return blocks;
    }
    #keep(part) {
        this.#line += part;
        if (this.#line.length + (this.#data?.length ?? 0) > LONGEST)
            throw new CardeaError('answer');
    }
    #endLine() {
        const line = this.#line;
        this.#line = '';
        if (line === '') {
            const data = this.#data;
            this.#data = undefined;
            return data === undefined ? undefined : { id: this.#id, data };
        }
        const colon = line.indexOf(':');
        const name = colon < 0 ? line : line.slice(0, colon);
        let value = colon < 0 ? '' : line.slice(colon + 1);
        if (value.startsWith(' '))
            value = value.slice(1);
        // The JSON says which event it is; comments and `retry` are nothing to us.
        if (name === 'data')
            this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
        if (name === 'id' && !value.includes('\0'))
            this.#id = value;
        return undefined;
    }
}
