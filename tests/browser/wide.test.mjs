// Two hundred components: what a tick costs a page.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

const TICKS = 10;

// Measures what a page does with each message of the stream, its layout included, and notes what holds the page up.
function measureTicks() {
    globalThis.ticks = [];
    globalThis.longTasks = [];
    new PerformanceObserver(list => {
        globalThis.longTasks.push(...list.getEntries().map(entry => ({ at: entry.startTime, took: entry.duration })));
    }).observe({ entryTypes: ['longtask'] });
    const { addEventListener } = EventSource.prototype;
    EventSource.prototype.addEventListener = function (kind, listener, ...rest) {
        const measured = event => {
            const start = performance.now();
            listener.call(this, event);
            document.body.getBoundingClientRect();
            if (kind === 'stats') globalThis.ticks.push({ at: start, took: performance.now() - start });
        };
        addEventListener.call(this, kind, measured, ...rest);
    };
}

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

for (const path of ['/', '/t/wide', '/components']) {
    promise(`with 200 components, a tick takes ${path} less than 50 ms`, { runs: ['wide'] }, async (site, t) => {
        const page = await site.open(path, { init: measureTicks });

        const ticks = await until(`${TICKS} ticks`, async () => {
            const ticks = await page.evaluate(() => globalThis.ticks);
            return ticks.length >= TICKS && ticks;
        });

        const took = ticks.map(tick => tick.took);
        const long = (await page.evaluate(() => globalThis.longTasks)).filter(task => task.at > ticks[0].at);
        const nodes = await page.locator('*').count();
        t.diagnostic(
            `${path}: ${median(took).toFixed(1)} ms a tick (median of ${took.length}; ${Math.max(...took).toFixed(1)} at most), ` +
                `${nodes} elements, ${long.length} long tasks${long.map(task => ` ${Math.round(task.took)} ms`)}`,
        );
        assert.ok(median(took) < 50, `${took}`);
        // A refreshed fragment is work, too: what the page does between the ticks may not hold it up either.
        assert.ok(long.length <= took.length / 2, `${JSON.stringify(long)}`);
    });
}
