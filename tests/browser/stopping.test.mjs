// A process that is told to end does not wait for those who look at it.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';

promise('with three pages open, SIGTERM ends the process and nobody is waited for', { runs: ['mixed'] }, async (site, t) => {
    const gone = [/ERR_/];
    await Promise.all([1, 2, 3].map(() => site.open('/', { allows: gone })));

    const told = performance.now();
    const code = await site.server.end();
    const took = performance.now() - told;

    t.diagnostic(`it took ${Math.round(took)} ms`);
    assert.equal(code, 0);
    // By itself the server would wait for their streams for half a minute.
    assert.ok(took < 15_000, `it took ${Math.round(took)} ms`);
});
