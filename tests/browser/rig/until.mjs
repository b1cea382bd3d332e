// Waiting for something to become so. That it takes long is no failure; that it never does is one.

import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

// until WHAT, LOOK: the first answer of `look` that is truthy. What it throws counts as `not yet`, and is told at the end.
export async function until(what, look, patience = PATIENCE_MS) {
    const end = Date.now() + patience;
    let last;
    while (Date.now() < end) {
        try {
            last = await look();
            if (last) return last;
        } catch (error) {
            last = error;
        }
        await sleep(100);
    }
    const seen = last instanceof Error ? last.message : JSON.stringify(last);
    throw new Error(`in vain waited for: ${what}; seen last: ${seen}`);
}
