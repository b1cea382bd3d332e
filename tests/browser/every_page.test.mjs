// What holds for every page that a link leads to.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kinds, pages } from './rig/pages.mjs';
import { promise } from './rig/promise.mjs';
import { NARROW, overhang, violations, WIDE } from './rig/site.mjs';
import { until } from './rig/until.mjs';

const options = { runs: ['mixed', 'slow'] };

promise('every link leads to a page', options, async (site, t) => {
    const found = await pages(site.server);

    t.diagnostic(`${found.size} pages`);
    assert.deepEqual([...found].filter(([, status]) => status !== 200), []);
    const wanted = ['/', '/t/slow', '/t/slow/c/publish', '/components', '/config', '/events'];
    assert.deepEqual(wanted.filter(path => !found.has(path)), []);
});

for (const dark of [false, true]) {
    for (const width of [WIDE, NARROW]) {
        const name = `${dark ? 'dark' : 'light'}, ${width} px: axe finds nothing, and no page scrolls sideways`;
        promise(name, options, async (site, t) => {
            // A finding has colours of its own.
            await until('a failure', async () => {
                const { topologies } = (await site.server.api('/api/v1/topologies')).body;
                return topologies.every(({ roots }) => roots.failed > 0);
            });
            const faults = [];
            for (const path of kinds((await pages(site.server)).keys())) {
                const page = await site.open(path, { dark, width });
                faults.push(...(await violations(page)).map(fault => `${path}: ${fault}`));
                const over = await overhang(page);
                if (over > 0) faults.push(`${path}: is ${over} px wider than the window`);
                await page.context().close();
            }
            assert.deepEqual(faults, []);
        });
    }
}

test('the kinds of pages are told apart', () => {
    const paths = ['/', '/t/mixed/c/orders', '/t/mixed/c/ship', '/t/mixed/c/stock', '/t/slow', '/t/mixed', '/config'];
    assert.equal(kinds(paths).length, 5);
});
