// Two hundred components: what a tick costs a page.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';

const TICKS = 15;

// Measures what a page does with each message of the stream, its layout included.
function measureTicks() {
    globalThis.ticks = [];
    globalThis.waiting = [];
    const { addEventListener } = EventSource.prototype;
    EventSource.prototype.addEventListener = function (kind, listener, ...rest) {
        const measured = event => {
            const start = performance.now();
            listener.call(this, event);
            document.body.getBoundingClientRect();
            if (kind !== 'stats') return;
            globalThis.ticks.push(performance.now() - start);
            globalThis.waiting.splice(0).forEach(done => done());
        };
        addEventListener.call(this, kind, measured, ...rest);
    };
}

const quantile = (numbers, part) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * part)];
const median = numbers => quantile(numbers, 1 / 2);

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
        // Without asking again and again, which would cost the page more than some ticks.
        const tick = () => page.evaluate(() => new Promise(done => globalThis.waiting.push(done)));

        // What the page does at its start is no tick.
        for (let at = 0; at < 2; at += 1) await tick();
        // From one tick to the next: all that the page does, also what it refreshes in between.
        const marks = [await used(devtools)];
        while (marks.length <= TICKS) {
            await tick();
            marks.push(await used(devtools));
        }
        const costs = marks.slice(1).map((mark, at) => mark - marks[at]);
        const [each, mean] = [median(costs), (marks.at(-1) - marks[0]) / TICKS];

        const took = (await page.evaluate(() => globalThis.ticks)).slice(-TICKS);
        const nodes = await page.locator('*').count();
        t.diagnostic(
            `${path}, ${nodes} elements: ${each.toFixed(1)} ms of the processor a tick (median of ${TICKS}, mean ${mean.toFixed(1)}); by the clock, under whatever load, ` +
                `${median(took).toFixed(1)} ms (${Math.max(...took).toFixed(1)} at most)`,
        );
        // The quiet ticks tell what the page costs; in the others the neighbours of the processor had its caches.
        const quiet = quantile(costs, 1 / 4);
        assert.ok(quiet < 50, `${quiet} ms, the median ${each} ms`);
    });
}
