import { type View } from './view.js';
export declare class Views implements AsyncIterator<View> {
    #private;
    private readonly stop;
    constructor(stop: () => void);
    push(view: View): void;
    next(): Promise<IteratorResult<View>>;
    return(): Promise<IteratorResult<View>>;
}
