// The pictures of the README, taken from pages that pass the tests. Not a test of its own: `SQUALL_SCREENSHOTS=1` has
// `.ci/browser.sh` run it.

import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { promise } from './rig/promise.mjs';
import { NARROW } from './rig/site.mjs';
import { until } from './rig/until.mjs';

const folder = fileURLToPath(new URL('screenshots/', import.meta.url));
const MOST_BYTES = 200_000;

async function shoot(page, name, whole = false) {
    mkdirSync(folder, { recursive: true });
    const path = `${folder}${name}.png`;
    await page.screenshot({ path, fullPage: whole });
    assert.ok(statSync(path).size < MOST_BYTES, `${path} has ${statSync(path).size} bytes`);
}

// Long enough that the lines of the charts say something.
const HISTORY_S = 150;

const running = { runs: ['slow', 'mixed'], toml: '[topology.slow.component.publish]\nparallelism = 2\n' };

promise('the pictures of the engine', running, async site => {
    await until('some history', async () => {
        return (await site.server.api('/api/v1/topologies')).body.topologies[0].uptime_seconds > HISTORY_S;
    }, 2 * HISTORY_S * 1_000);
    for (const [name, path, options] of [
        ['overview-light', '/', {}],
        ['overview-dark', '/', { dark: true }],
        ['graph', '/t/slow', {}],
        ['component', '/t/slow/c/publish', {}],
        ['narrow', '/', { width: NARROW }],
    ]) {
        const page = await site.open(path, options);
        await page.locator('main h1').waitFor();
        // With the first message of the stream, all numbers are of one moment.
        await page.locator('#age').filter({ hasText: /up to date/ }).waitFor({ state: 'attached' });
        await shoot(page, name);
    }
});

// Messages as somebody would have them: due in the next hours, for some accounts.
const TEXTS = [
    'The lighthouse is open on Sunday from ten to five.',
    'High water at 06:41. Mind the lower quay.',
    'The ferry at noon is full; there are seats at two.',
    'Fresh haddock at stall 7.',
    'The choir meets in the boat shed tonight.',
];

promise('the picture of the messages', { binary: 'squall', runs: ['scheduled-messages'] }, async site => {
    const now = Date.now();
    for (let index = 0; index < 60; index += 1) {
        const minutes = 1 + ((index * 37) % 59);
        const body = {
            destination: 'inbox',
            account: ['harbour', 'museum', 'ferry', 'market'][index % 4],
            text: TEXTS[index % TEXTS.length],
            due_at: new Date(now + minutes * 60_000).toISOString(),
        };
        const { status, body: answer } = await site.server.api('/api/v1/messages', { method: 'POST', body });
        assert.ok(status < 300, JSON.stringify(answer));
    }
    const page = await site.open('/messages');
    await page.locator('main h1').waitFor();
    await shoot(page, 'messages');
});
