// The keyboard alone is enough.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';

promise('`?` shows the keys, Escape puts them away', { runs: ['mixed'] }, async site => {
    const page = await site.open('/');
    const dialog = page.locator('#keys');

    await page.keyboard.press('?');
    await dialog.waitFor({ state: 'visible' });
    assert.match(await dialog.innerText(), /Filter/);

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
});

promise('every page that has a key is reached by it', { runs: ['mixed'] }, async site => {
    const page = await site.open('/');
    const links = await page.locator('nav a[data-key]').evaluateAll(all =>
        all.map(link => ({ key: link.dataset.key, path: link.getAttribute('href') })).filter(({ key }) => key),
    );
    assert.ok(['o', 'g', 'c', 'f', 'e'].every(key => links.some(link => link.key === key)), JSON.stringify(links));

    for (const { key, path } of links) {
        await page.keyboard.press(key);
        await page.waitForURL(url => url.pathname === path);
        assert.equal(await page.locator('nav a[aria-current=page]').first().getAttribute('href'), path);
    }
});

promise('j and k move through the rows, Enter opens one', { runs: ['slow', 'mixed'] }, async site => {
    const page = await site.open('/components');
    const rows = page.locator('main tr[data-href]');
    const cursor = page.locator('main tr.cursor');

    await page.keyboard.press('j');
    assert.equal(await cursor.getAttribute('data-href'), await rows.nth(0).getAttribute('data-href'));
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const path = await rows.nth(1).getAttribute('data-href');
    assert.equal(await cursor.getAttribute('data-href'), path);

    await page.keyboard.press('Enter');
    await page.waitForURL(url => url.pathname === path);
});

promise('`/` leads to the filter, in which letters are letters', { runs: ['slow', 'mixed'] }, async site => {
    const page = await site.open('/components');
    const input = page.locator('main input[type=search]');
    const rows = page.locator('main tr[data-href]');
    const all = await rows.count();

    await page.keyboard.press('/');
    await page.keyboard.type('publish');

    assert.equal(await input.inputValue(), 'publish');
    assert.equal(new URL(page.url()).pathname, '/components');
    const shown = await rows.filter({ visible: true }).count();
    assert.ok(shown > 0 && shown < all, `${shown} of ${all} rows`);
});

promise('`t` goes through the colours, and the next page has them at once', { runs: ['mixed'] }, async site => {
    const page = await site.open('/');
    const theme = () => page.locator('html').getAttribute('data-theme');

    await page.keyboard.press('t');
    await page.keyboard.press('t');
    assert.equal(await theme(), 'dark');
    await page.goto('/components');
    assert.equal(await theme(), 'dark');
    // It is the server that knows: no flash of the other colours.
    assert.match(await (await page.request.get('/')).text(), /<html[^>]* data-theme="dark"/);
    await page.keyboard.press('t');
    assert.notEqual(await theme(), 'dark');
    await page.goto('/');
    assert.doesNotMatch((await theme()) ?? '', /dark|light/);
});
