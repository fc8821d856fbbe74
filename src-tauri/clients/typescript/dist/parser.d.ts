/** No message of the agent is longer, in characters. */
export declare const LONGEST: number;
/** One message with data. */
export interface Block {
    /** The id given last in this stream, in this message or before it. */
    readonly id: string | undefined;
    /** The lines of data, joined by line feeds. */
    readonly data: string;
}
export declare class Parser {
    #private;
    /** Takes bytes as they come, and gives the messages that are complete with them. */
    read(bytes: Uint8Array): Block[];
}
