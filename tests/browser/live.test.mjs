// The stream: what moves on a page, and what becomes of it when the server is lost or nobody looks.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

const REFUSED = /net::ERR_|EventSource|stream/;

// The streams that a page has opened, as it sees them.
function watchStreams() {
    const Real = globalThis.EventSource;
    globalThis.streams = [];
    globalThis.EventSource = class extends Real {
        constructor(...args) {
            super(...args);
            globalThis.streams.push(this);
        }
    };
}

const open = page => page.evaluate(() => globalThis.streams.filter(stream => stream.readyState === 1).length);

// What a browser tells a tab that comes to the front or leaves it. A headless one tells every tab that it is seen, so it
// is said here in its place.
const look = (page, isSeen) =>
    page.evaluate(isSeen => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => !isSeen });
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (isSeen ? 'visible' : 'hidden') });
        document.dispatchEvent(new Event('visibilitychange'));
    }, isSeen);

const acked = page =>
    page.locator('[data-bind^="topologies/slow/"][data-bind*="acked"]').first().innerText();

promise('a number changes while one looks at it', { runs: ['slow'] }, async site => {
    const page = await site.open('/');
    const before = await acked(page);

    await until('another number', async () => (await acked(page)) !== before);
});

promise('a page that is paused stands still, and goes on when it is told', { runs: ['slow'] }, async site => {
    const page = await site.open('/');
    const before = await acked(page);
    await until('another number', async () => (await acked(page)) !== before);

    await page.keyboard.press('p');
    assert.equal(await page.locator('#live').getAttribute('aria-pressed'), 'true');
    const paused = await acked(page);
    const seen = (await site.server.api('/api/v1/topologies')).body.topologies[0].roots.acked;
    await until('the topology to go on', async () => {
        return (await site.server.api('/api/v1/topologies')).body.topologies[0].roots.acked > seen + 300;
    });
    assert.equal(await acked(page), paused);

    await page.keyboard.press('p');
    await until('another number', async () => (await acked(page)) !== paused);
});

promise('a page says that it lost the server, and recovers when that is back', { runs: ['slow'] }, async site => {
    const page = await site.open('/', { allows: [REFUSED] });
    const lost = page.locator('#lost');
    const before = await acked(page);
    await until('another number', async () => (await acked(page)) !== before);
    assert.equal(await lost.isVisible(), false);

    await site.server.crash();
    await lost.waitFor({ state: 'visible' });
    assert.match(await lost.innerText(), /reconnecting/i);

    await site.server.again();
    await lost.waitFor({ state: 'hidden' });
    const then = await acked(page);
    await until('another number', async () => (await acked(page)) !== then);
});

promise('a page that nobody sees has no stream', { runs: ['mixed'] }, async site => {
    const page = await site.open('/', { init: watchStreams });
    await until('a stream', async () => (await open(page)) === 1);

    await look(page, false);
    await until('no stream', async () => (await open(page)) === 0);

    await look(page, true);
    await until('a stream', async () => (await open(page)) === 1);
});

promise('of seven tabs of one browser the last one shows numbers, too', { runs: ['slow'] }, async site => {
    const first = await site.open('/');
    let page = first;
    for (let count = 2; count <= 7; count += 1) {
        await look(page, false);
        page = await site.tab(first.context(), '/');
    }

    for (const tab of [page, first]) {
        await look(tab, true);
        const before = await acked(tab);
        await until('another number', async () => (await acked(tab)) !== before);
    }
});
