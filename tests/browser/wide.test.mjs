// Two hundred components: what a tick costs a page.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

const TICKS = 10;

// Measures what a page does with each message of the stream, its layout included.
function measureTicks() {
    globalThis.ticks = [];
    const { addEventListener } = EventSource.prototype;
    EventSource.prototype.addEventListener = function (kind, listener, ...rest) {
        const measured = event => {
            const start = performance.now();
            listener.call(this, event);
            document.body.getBoundingClientRect();
            if (kind === 'stats') globalThis.ticks.push({ took: performance.now() - start });
        };
        addEventListener.call(this, kind, measured, ...rest);
    };
}

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

// Milliseconds of processor time that the page's main thread has used: what else the machine does is not in it.
async function used(devtools) {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1_000;
}

for (const path of ['/', '/t/wide', '/components']) {
    promise(`with 200 components, a tick takes ${path} less than 50 ms`, { runs: ['wide'] }, async (site, t) => {
        const page = await site.open(path, { init: measureTicks });
        const devtools = await page.context().newCDPSession(page);
        await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
        const ticks = count =>
            until(`${count} ticks`, async () => {
                const ticks = await page.evaluate(() => globalThis.ticks);
                return ticks.length >= count && ticks;
            });

        // What the page does at its start is no tick.
        const before = await ticks(2);
        const start = await used(devtools);
        const all = await ticks(before.length + TICKS);
        // All of it, also what is refreshed between the ticks.
        const each = ((await used(devtools)) - start) / (all.length - before.length);

        const took = all.slice(before.length).map(tick => tick.took);
        const nodes = await page.locator('*').count();
        t.diagnostic(
            `${path}, ${nodes} elements: ${each.toFixed(1)} ms of the processor a tick; by the clock, under whatever load, ` +
                `${median(took).toFixed(1)} ms (median of ${took.length}, ${Math.max(...took).toFixed(1)} at most)`,
        );
        assert.ok(each < 50, `${each} ms`);
    });
}
