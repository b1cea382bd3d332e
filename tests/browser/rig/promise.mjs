// A test named as a promise, on a server of its own.

import { test } from 'node:test';

import { Site } from './site.mjs';

// What a proof that hangs, or a browser that does, may cost: the name of the proof is told then, and those behind it go on.
const LIMIT_MS = 180_000;

// promise NAME, OPTIONS, PROOF: the options are those of a server; the proof gets a site.
export function promise(name, options, proof) {
    test(name, { timeout: LIMIT_MS }, async t => {
        const site = await Site.start(options);
        let failure;
        try {
            await proof(site, t);
        } catch (error) {
            failure = error;
            // The runner shows the stack, which begins with the message.
            failure.stack += await evidence(site);
        }
        // What went wrong first is told first.
        await site.end().catch(error => (failure ??= error));
        if (failure) throw failure;
    });
}

// What helps to see why: what the server said last, and what its events tell.
async function evidence({ server }) {
    const told = await server.api('/api/v1/events').then(({ body }) => body.events, () => []);
    const events = told.map(({ at, kind, component, sentence }) => `    ${at} ${kind} ${component ?? ''} ${sentence}`);
    return `\n  the server's log ends with:\n${server.log.slice(-2_000)}\n  its events:\n${events.join('\n')}`;
}
