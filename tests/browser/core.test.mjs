// What all of it is for: the first page names the component that is too slow, it gets more tasks there and in the file,
// the cause disappears, nothing is lost, and the events tell every step.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

const seen = async server => (await server.api('/api/v1/topologies')).body.topologies[0];

const tasks = async server => (await seen(server)).components.find(({ name }) => name === 'publish').tasks;

// Every number once in the archive, but for those that were refused or had no time; and all roots have an outcome.
function nothingIsLost({ book, times }, t) {
    const { numbered, acked, refused, unfinished, roots } = book;
    t.diagnostic(`${numbered} lines: ${acked} acked, ${refused.length} refused, ${unfinished.length} unfinished`);
    const excused = new Set([...refused, ...unfinished]);
    const lost = [];
    for (let number = 0; number < numbered; number += 1) {
        if (!times.has(number) && !excused.has(number)) lost.push(number);
    }
    assert.deepEqual(lost, [], 'lost');
    assert.deepEqual([...times].filter(([, count]) => count > 1), [], 'doubled');
    assert.ok([...times.keys()].every(number => number < numbered), 'made up');
    assert.equal(numbered, acked + excused.size);
    assert.equal(roots.emitted, roots.acked + roots.failed + roots.pending);
    assert.equal(roots.pending, 0);
    assert.equal(roots.acked, acked);
}

promise('the bottleneck is named, widened on the page and in the file, and nothing is lost', {}, async (site, t) => {
    const { server } = site;
    const page = await site.open('/');
    const finding = page.locator('#findings .finding').filter({ hasText: /publish.? is the bottleneck/ });

    // The page names the cause, and who waits for it, by itself.
    await finding.waitFor();
    assert.match(await finding.innerText(), /parse/);
    const before = (await seen(server)).acked_per_s;
    t.diagnostic(`named: ${(await finding.innerText()).replaceAll('\n', ' ')}`);

    // It gets another task, there and then.
    await finding.locator('a[data-action]').click();
    const dialog = page.locator('dialog[open]');
    await dialog.locator('[name=parallelism]').fill('2');
    await dialog.locator('code').filter({ hasText: /ctl .*publish.*2/ }).waitFor();
    await dialog.locator('button.primary').click();
    await until('two tasks', async () => (await tasks(server)) === 2);
    const better = await until('more lines a second', async () => {
        const now = (await seen(server)).acked_per_s;
        return now > before * 1.4 && now;
    });
    assert.equal(new URL(page.url()).pathname, '/');

    // It is still the cause, and gets more in the file, which is picked up by itself.
    await finding.waitFor();
    server.write('[topology.slow.component.publish]\nparallelism = 8\n');
    await until('eight tasks', async () => (await tasks(server)) === 8);
    await finding.waitFor({ state: 'detached' });
    const best = await until('all lines', async () => {
        const now = (await seen(server)).acked_per_s;
        return now > before * 2 && now;
    });
    // It does not come back either.
    assert.deepEqual((await server.api('/api/v1/findings')).body.findings.map(finding => finding.id), []);
    assert.equal(await finding.count(), 0);
    t.diagnostic(`${Math.round(before)} lines a second, ${Math.round(better)} with two tasks, ${Math.round(best)} at the end`);

    // The events tell it all, in its order.
    await page.goto('/events');
    const { events } = (await server.api('/api/v1/events')).body;
    const about = kind => events.filter(event => event.kind === kind && event.component === 'publish');
    const steps = ['finding_raised', 'rebalance', 'finding_cleared'].map(kind => about(kind).map(event => event.seq));
    assert.ok(steps.every(seqs => seqs.length > 0), JSON.stringify(events));
    assert.ok(Math.min(...steps[0]) < Math.min(...steps[1]) && Math.max(...steps[1]) < Math.max(...steps[2]), `${steps}`);
    const text = await page.locator('main').innerText();
    for (const step of [/publish.*bottleneck/, /publish.*1.*2|1.*2.*publish/, /publish.*2.*8|2.*8.*publish/, /reload/i]) {
        assert.match(text, step);
    }

    await site.leave();
    assert.equal(await server.end(), 0);
    nothingIsLost(server.books(), t);
});
