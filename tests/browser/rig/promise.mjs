// A test named as a promise, on a server of its own.

import { test } from 'node:test';

import { Site } from './site.mjs';

// promise NAME, OPTIONS, PROOF: the options are those of a server; the proof gets a site.
export function promise(name, options, proof) {
    test(name, async t => {
        const site = await Site.start(options);
        let failure;
        try {
            await proof(site, t);
        } catch (error) {
            failure = error;
            failure.message += `\n  the server's log ends with:\n${site.server.log.slice(-2_000)}`;
        }
        // What went wrong first is told first.
        await site.end().catch(error => (failure ??= error));
        if (failure) throw failure;
    });
}
