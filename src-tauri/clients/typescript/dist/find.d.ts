import type { Address } from './address.js';
import type { World } from './world.js';
/** The first place that `prove` holds for; they are tried in order. */
export declare function firstProven(world: World, places: readonly Address[], prove: (place: Address) => Promise<void>): Promise<Address>;
