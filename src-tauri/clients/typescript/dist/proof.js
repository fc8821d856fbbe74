// The proof that the program on a port is this user's agent (contract, section 4.1).
import { CardeaError } from './error.js';
/** A program's token, and what is made of it. It shows itself nowhere but in its header. */
export class Token {
    #text;
    #key;
    constructor(text) {
        if (!/^[\x21-\x7e]{1,128}$/.test(text))
            throw new CardeaError('token');
        this.#text = text;
    }
    /** The value of the `Authorization` header. */
    authorization() {
        return `Bearer ${this.#text}`;
    }
    /**
     * Whether `proof` is HMAC-SHA256 over `nonce|boot|port`, keyed with the token's SHA-256, in
     * base64url. Compares in constant time.
     */
    async isProvenBy(proof, nonce, boot, port) {
        const signature = fromBase64Url(proof);
        if (!signature)
            return false;
        const message = utf8(`${nonce}|${boot}|${port}`);
        return subtle().verify('HMAC', await this.#macKey(), signature, message);
    }
    /** A name that only programs with this token can give: what tabs of one program meet under. */
    async name(purpose) {
        const tag = await subtle().sign('HMAC', await this.#macKey(), utf8(`name|${purpose}`));
        return toBase64Url(new Uint8Array(tag));
    }
    #macKey() {
        this.#key ??= subtle().digest('SHA-256', utf8(this.#text)).then((hash) => subtle().importKey('raw', hash, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']));
        return this.#key;
    }
}
/** A number used once: what the agent has to put its proof on. */
export function drawNonce() {
    return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}
function subtle() {
    // Browsers leave it out where others on the network could have changed the page.
    const found = globalThis.crypto?.subtle;
    if (!found)
        throw new CardeaError('insecure_page');
    return found;
}
function utf8(text) {
    return new TextEncoder().encode(text);
}
function toBase64Url(bytes) {
    const text = btoa(String.fromCharCode(...bytes));
    return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
function fromBase64Url(text) {
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(text))
        return undefined;
    try {
        const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
        return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
    }
    catch {
        return undefined;
    }
}
