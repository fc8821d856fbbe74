/** A program's token, and what is made of it. It shows itself nowhere but in its header. */
export declare class Token {
    #private;
    constructor(text: string);
    /** The value of the `Authorization` header. */
    authorization(): string;
    /**
     * Whether `proof` is HMAC-SHA256 over `nonce|boot|port`, keyed with the token's SHA-256, in
     * base64url. Compares in constant time.
     */
    isProvenBy(proof: string, nonce: string, boot: string, port: number): Promise<boolean>;
    /** A name that only programs with this token can give: what tabs of one program meet under. */
    name(purpose: string): Promise<string>;
}
/** A number used once: what the agent has to put its proof on. */
export declare function drawNonce(): string;
