import type { Client } from './client.js';
import { type Listener, type Source } from './line.js';
import type { World } from './world.js';
/** What tabs meet by. */
export interface Tabs {
    /** Opens the channel of this name to the other tabs. */
    channel(name: string): Channel;
    /**
     * Waits for the lock of this name and holds it while `lead` lasts; with `steal` it is taken from
     * its holder, whose promise then fails. The browser frees it when the tab goes.
     */
    lock(name: string, options: {
        signal?: AbortSignal;
        steal?: boolean;
    }, lead: () => Promise<void>): Promise<void>;
}
export interface Channel {
    postMessage(message: unknown): void;
    onmessage: ((event: {
        data: unknown;
    }) => void) | null;
    close(): void;
}
/** The browser's, where it has both. */
export declare function browserTabs(): Tabs | undefined;
export declare class TabLine implements Source {
    #private;
    private readonly client;
    private readonly world;
    private readonly listener;
    private readonly tabs;
    constructor(client: Client, world: World, listener: Listener, tabs: Tabs);
    open(): void;
    /** A leader's stream may be old; a follower's questions to the agent are its watch's to ask. */
    renew(): void;
    close(): void;
}
