// What a page shows before, and without, any script.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

promise('without JavaScript, the first page has numbers', { runs: ['slow'] }, async site => {
    const roots = async () => (await site.server.api('/api/v1/topologies')).body.topologies[0].roots;
    const { acked } = await until('lines that were acked', async () => {
        const now = await roots();
        return now.acked > 100 && now;
    });

    const page = await site.open('/', { script: false });
    const text = await page.locator('main').innerText();

    assert.match(text, /publish/);
    const numbers = text.match(/\d[\d ,.\u202f]*/g).map(number => Number(number.replaceAll(/[ ,.\u202f]/g, '')));
    assert.ok(numbers.some(number => number >= acked), `${acked} lines were acked, and the page says: ${text}`);
});
