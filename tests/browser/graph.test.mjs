// The graph: a picture that is walked by keyboard, and a table that says the same.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';

const focused = page => page.evaluate(() => document.activeElement.getAttribute('href'));

promise('the arrows walk along the edges, and Enter opens a component', { runs: ['slow'] }, async site => {
    const page = await site.open('/t/slow');
    const node = name => page.locator(`main svg a[href*="${name}"]`).first();
    assert.equal(await page.locator('main svg a').count(), 4);

    await node('lines').focus();
    for (const name of ['parse', 'publish', 'archive']) {
        await page.keyboard.press('ArrowRight');
        assert.match(await focused(page), new RegExp(name));
    }
    await page.keyboard.press('ArrowLeft');
    assert.match(await focused(page), /publish/);
});

promise('every component is reached by Tab, in the order of the work', { runs: ['slow'] }, async site => {
    const page = await site.open('/t/slow', { script: false });
    const links = await page.locator('main svg a').evaluateAll(all => all.map(link => link.getAttribute('href')));

    assert.deepEqual(
        links.map(href => /lines|parse|publish|archive/.exec(href)[0]),
        ['lines', 'parse', 'publish', 'archive'],
    );
});

promise('the table says what the picture says', { runs: ['mixed'] }, async site => {
    const page = await site.open('/t/mixed', { script: false });

    const text = await page.locator('main table').first().innerText();
    for (const name of ['orders', 'imports', 'returns', 'price', 'stock', 'ship', 'refund']) {
        assert.match(text, new RegExp(name));
    }
});
