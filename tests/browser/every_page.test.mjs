// What holds for every page that a link leads to.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kinds, pages } from './rig/pages.mjs';
import { promise } from './rig/promise.mjs';
import { faults, NARROW, WIDE } from './rig/site.mjs';
import { until } from './rig/until.mjs';

const options = { runs: ['mixed', 'slow'] };

promise('every link leads to a page', options, async (site, t) => {
    const found = await pages(site.server);

    t.diagnostic(`${found.size} pages`);
    assert.deepEqual([...found].filter(([, status]) => status !== 200), []);
    const wanted = ['/', '/t/slow', '/t/slow/c/publish', '/components', '/config', '/events'];
    assert.deepEqual(wanted.filter(path => !found.has(path)), []);
});

for (const width of [WIDE, NARROW]) {
    promise(`${width} px, light and dark: axe finds nothing, and no page scrolls sideways`, options, async (site, t) => {
        // A finding has colours of its own.
        await until('a failure', async () => {
            const { topologies } = (await site.server.api('/api/v1/topologies')).body;
            return topologies.every(({ roots }) => roots.failed > 0);
        });
        const all = [];
        const paths = kinds((await pages(site.server)).keys());
        for (const path of paths) all.push(...(await faults(site, path, width)));
        t.diagnostic(paths.join(' '));
        assert.deepEqual(all, []);
    });
}

test('the kinds of pages are told apart', () => {
    const paths = ['/', '/t/mixed/c/orders', '/t/mixed/c/ship', '/t/mixed/c/stock', '/t/slow', '/t/mixed', '/config'];
    assert.equal(kinds(paths).length, 5);
});
