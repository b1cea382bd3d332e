// The card of the enrichment, while more arrives than may be taken in.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { faults, NARROW, WIDE } from './rig/site.mjs';
import { until } from './rig/until.mjs';

const overloaded = {
    binary: 'squall',
    runs: ['enrichment'],
    toml: '[enrichment]\ncapacity = 50\n[enrichment.source]\ntype = "generator"\nrate = 2000\n',
};

async function backlog(site) {
    await until('a backlog', async () => {
        const { body } = await site.server.api('/api/v1/enrichment/overload');
        return body.backlog_records > 1_000 && body.curve.length > 2 && body.out_per_s > 0;
    });
}

promise('without JavaScript, the overview tells the backlog, its curve and when it is drained', overloaded, async site => {
    await backlog(site);
    const page = await site.open('/', { script: false });
    const card = page.locator('#enrichment-card');

    const words = await card.textContent();
    assert.match(words, /Drained in about|Grows by/);
    assert.match(words, /50\/s could be done \(limit\)/);
    assert.match(words, /language/);
    const points = await card.locator('polyline').getAttribute('points');
    assert.ok(points.split(' ').length > 2, points);
});

for (const width of [WIDE, NARROW]) {
    promise(`${width} px, light and dark: axe finds nothing in an overload, and nothing scrolls sideways`, overloaded, async site => {
        await backlog(site);
        assert.deepEqual(await faults(site, '/', width), []);
    });
}
