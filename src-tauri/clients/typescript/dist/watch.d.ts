import type { Client } from './client.js';
import { CardeaError } from './error.js';
import type { StreamEvent } from './event.js';
import { type Page } from './page.js';
import { type Tabs } from './tabs.js';
import type { View } from './view.js';
import type { World } from './world.js';
/** How a page follows the session. */
export interface TabOptions {
    /** `false`: a connection for this tab alone. Otherwise the tabs of an origin share one. */
    readonly share?: boolean;
    /** The page and what its tabs meet by; the browser's own where nothing is said. */
    readonly page?: Page | undefined;
    readonly tabs?: Tabs | undefined;
}
type ViewListener = (view: View) => void;
type EventListener = (event: StreamEvent) => void;
/**
 * Follows the session. Whatever happens to agent, stream or computer, the view is right, or locked:
 * it starts as `checking`, and only what the agent says now makes it `signedIn`.
 */
export declare class Watch implements AsyncIterable<View> {
    #private;
    constructor(client: Client, world: World, options?: TabOptions);
    /** What a program may show now. */
    get view(): View;
    /** Why the stream was lost last; none while it is there. */
    get error(): CardeaError | undefined;
    /**
     * Calls `listener` with each view, the one of now at once; or with each event that the agent
     * tells of, after the views that follow from it. Gives what takes it back.
     */
    on(what: 'view', listener: ViewListener): () => void;
    on(what: 'event', listener: EventListener): () => void;
    /** The views from now on, the one of now first. */
    [Symbol.asyncIterator](): AsyncIterator<View>;
    /** Locks, asks the agent, and decides. For programs that know of a wake that nothing else tells. */
    wake(): void;
    /** Follows no more; the view stays locked. */
    close(): void;
}
export {};
