// The pages of scheduled messages, in the binary that has them.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';

import { kinds, pages } from './rig/pages.mjs';
import { promise } from './rig/promise.mjs';
import { faults, NARROW, WIDE } from './rig/site.mjs';
import { until } from './rig/until.mjs';

const options = { binary: 'squall', runs: ['scheduled-messages'] };

const stored = async (server, id) => (await server.api(`/api/v1/messages/${id}`)).body;

// Schedules a message for later, beside the pages; the answer is its id.
async function schedule(server, text, draft = {}) {
    const body = { account: 'harbour', destination: 'inbox', text, in: '2h', ...draft };
    const answer = await server.api('/api/v1/messages', { method: 'POST', body });
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body.id;
}

async function state(server, id, wanted) {
    await until(`the state ${wanted}`, async () => (await stored(server, id)).state === wanted);
}

for (const script of [true, false]) {
    const how = script ? '' : ' without JavaScript';

    promise(`a message is composed, previewed and scheduled${how}`, options, async site => {
        const page = await site.open('/messages/new', { script });
        await page.locator('[name=account]').fill('museum');
        await page.locator('[name=text]').fill('The new hall opens <b>soon</b> & quietly.');
        await page.locator('[name=when][value=in]').check();
        await page.locator('[name=in]').fill('90m');

        await page.locator('button[value=preview]').click();
        await page.getByText('It will be sent').waitFor();
        await page.locator('button[value=schedule]').click();
        await page.waitForURL(url => !url.pathname.endsWith('/new'));

        const { messages } = (await site.server.api('/api/v1/messages')).body;
        assert.deepEqual(messages.map(({ account, text }) => [account, text]), [
            ['museum', 'The new hall opens <b>soon</b> & quietly.'],
        ]);
        await page.goto('/messages');
        assert.match(await page.locator('main').innerText(), /<b>soon<\/b>/);
    });

    promise(`a draft that is wrong comes back as it was, with its faults${how}`, options, async site => {
        const page = await site.open('/messages/new', { script, allows: [/422/] });
        await page.locator('[name=account]').fill('museum');
        await page.locator('[name=text]').fill('Too late.');
        await page.locator('[name=when][value=at]').check();
        await page.locator('[name=wall]').fill('2031-03-30T02:30');
        await page.locator('[name=zone]').fill('Europe/Atlantis');

        await page.locator('button[value=schedule]').click();

        await page.getByText(/zone/i).filter({ visible: true }).first().waitFor();
        await page.locator('[aria-invalid=true][name=zone]').waitFor();
        assert.equal(await page.locator('[name=text]').inputValue(), 'Too late.');
        assert.deepEqual((await site.server.api('/api/v1/messages')).body.messages, []);
    });

    promise(`a message is edited, and sent before its time${how}`, options, async site => {
        const id = await schedule(site.server, 'High water at noon.');
        const page = await site.open(`/messages/${id}`, { script });

        await page.locator('#edit [name=text]').fill('High water at one.');
        await page.locator('#edit button.primary').click();
        await page.locator('.words').filter({ hasText: 'at one' }).waitFor();
        await page.locator('a[data-action][href*="send_now"]').click();
        await page.locator('form#action button.primary').click();

        await state(site.server, id, 'sent');
        assert.equal((await stored(site.server, id)).text, 'High water at one.');
        await page.goto('/inbox');
        await page.getByText('High water at one.').waitFor();
    });

    promise(`of many messages, those that are chosen are cancelled${how}`, options, async site => {
        const ids = [];
        for (const text of ['one', 'two', 'three']) ids.push(await schedule(site.server, text));
        const page = await site.open('/messages', { script });

        for (const id of ids.slice(0, 2)) await page.locator(`input[name=id][value="${id}"]`).check();
        await page.locator('#many button[value=cancel]').click();
        const form = page.locator('form#action');
        await form.waitFor();
        assert.match(await form.innerText(), /2 messages/);
        await form.locator('button.danger').click();

        await state(site.server, ids[0], 'cancelled');
        await state(site.server, ids[1], 'cancelled');
        assert.equal((await stored(site.server, ids[2])).state, 'scheduled');
    });
}

promise('all messages that match a filter are sent at once', options, async site => {
    const theirs = [];
    for (const text of ['one', 'two', 'three']) theirs.push(await schedule(site.server, text, { account: 'ferry' }));
    const other = await schedule(site.server, 'not this one');
    const page = await site.open('/messages?state=scheduled&account=ferry');

    assert.equal(await page.locator('input[name=id]').count(), 3);
    await page.locator('#many input[name=all]').check();
    await page.locator('#many button[value=send_now]').click();
    await page.locator('form#action button.primary').click();

    for (const id of theirs) await state(site.server, id, 'sent');
    assert.equal((await stored(site.server, other)).state, 'scheduled');
});

promise('a message that was given up is tried again', options, async site => {
    const { server } = site;
    // Not one of 5xx, after which nobody knows whether it arrived.
    let answers = 400;
    const receiver = createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(answers).end());
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    try {
        const url = `http://127.0.0.1:${receiver.address().port}/`;
        server.write(`[messages]\nattempts = 1\n[destinations.hook]\ntype = "webhook"\nurl = "${url}"\n`);
        await until('the destination', () => /Configuration reloaded/.test(server.log));
        const id = await schedule(server, 'Knock, knock.', { destination: 'hook', in: '10ms' });
        await state(server, id, 'dead');
        const page = await site.open('/messages?state=dead');

        answers = 204;
        await page.locator(`input[name=id][value="${id}"]`).check();
        await page.locator('#many button[value=retry]').click();
        await page.locator('form#action button.primary').click();

        await state(server, id, 'sent');
        await page.locator('main', { hasText: 'Knock, knock.' }).waitFor();
    } finally {
        receiver.closeAllConnections();
        receiver.close();
    }
});

for (const width of [WIDE, NARROW]) {
    promise(`messages, ${width} px, light and dark: axe finds nothing, and no page scrolls sideways`, options, async (site, t) => {
        const id = await schedule(site.server, 'A long text without an end. '.repeat(40));
        await schedule(site.server, 'Another.');
        const found = await pages(site.server);
        const lost = [...found].filter(([, status]) => status !== 200);
        assert.deepEqual(lost, [], 'a link that leads nowhere');
        // Ids grow with the time: of the messages, the first one is looked at.
        const paths = kinds(found.keys());
        assert.ok(paths.includes(`/messages/${id}`), paths.join(' '));
        // What all binaries have is looked at where more happens.
        const own = paths.filter(path => /^\/($|messages|inbox|series|t\/\*\/c)/.test(path));
        t.diagnostic(own.join(' '));
        const all = [];
        for (const path of own) all.push(...(await faults(site, path, width)));
        assert.deepEqual(all, []);
    });
}
