// A process whose operators may only look.

import assert from 'node:assert/strict';

import { pages } from './rig/pages.mjs';
import { promise } from './rig/promise.mjs';

const options = { runs: ['mixed'], toml: '[admin]\nactions = false\n' };

promise('read-only: no page offers an action, and every page says so', options, async site => {
    for (const path of (await pages(site.server)).keys()) {
        const page = await site.open(path);
        assert.equal(await page.locator('a[data-action], form[method=post]').count(), 0, path);
        assert.match(await page.locator('body').innerText(), /read.only/i, path);
        await page.context().close();
    }
});

promise('read-only: interface and forms refuse, and nothing changes', options, async ({ server }) => {
    for (const path of [
        '/api/v1/topologies/mixed/pause',
        '/api/v1/topologies/mixed/drain',
        '/api/v1/topologies/mixed/rebalance',
        '/api/v1/config/reload',
        '/t/mixed/pause',
        '/t/mixed/c/stock/rebalance',
    ]) {
        const { status, body } = await server.api(path, { method: 'POST', body: {} });
        assert.equal(status, 403, `${path}: ${JSON.stringify(body)}`);
        assert.match(body.type, /read-only/, path);
    }

    const { topologies } = (await server.api('/api/v1/topologies')).body;
    assert.equal(topologies[0].state, 'running');
});
