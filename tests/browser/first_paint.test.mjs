// What a page shows before, and without, any script.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

// Numbers as pages write them: 12,345 or 0.5.
const numbers = text => (text.match(/\d[\d,]*(\.\d+)?/g) ?? []).map(number => Number(number.replaceAll(',', '')));

const slow = async server => (await server.api('/api/v1/topologies')).body.topologies[0];

promise('without JavaScript, the first page has rates and latencies', { runs: ['slow'] }, async site => {
    await until('a rate', async () => (await slow(site.server)).acked_per_s > 10);

    const page = await site.open('/', { script: false });

    for (const label of ['Emitted', 'Acked', 'Complete latency', 'In flight']) {
        const tile = page.locator('.tile').filter({ hasText: label });
        assert.ok(numbers(await tile.locator('.value').innerText())[0] > 0, label);
        // The line is there, too.
        assert.match(await tile.locator('polyline').getAttribute('points'), /\d/, label);
    }
    const row = page.locator('#topologies tbody tr').filter({ hasText: 'slow' });
    assert.ok(numbers(await row.innerText()).filter(number => number > 10).length >= 2, await row.innerText());
});

promise('without JavaScript, a component tells what it did', { runs: ['slow'] }, async site => {
    // The count of the same process that programs are told.
    const executed = async () => {
        const { body } = await site.server.api('/metrics');
        return Number(/^squall_component_executed_total\{topology="slow",component="publish"\} (\d+)$/m.exec(body)[1]);
    };
    const before = await until('some executes', async () => {
        const count = await executed();
        return count > 1_000 && count;
    });

    // A page shows what was measured last, a second ago at most: soon it shows a count of now.
    const page = await site.open('/t/slow/c/publish', { script: false });
    const tasks = page.locator('main table').filter({ hasText: 'Executed' }).first();
    await until('a count that is true', async () => {
        await page.reload();
        const after = await executed();
        const shown = numbers(await tasks.locator('tbody tr').first().innerText());
        return shown.some(number => number >= before && number <= after);
    });
});
