// Each action: what its dialog says, what it does, and what the events tell of it.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

const topology = async server => (await server.api('/api/v1/topologies/mixed')).body;
const component = async (server, name) => (await topology(server)).components.find(one => one.name === name);
const happened = async (server, kind, name) =>
    (await server.api('/api/v1/events')).body.events.some(event => event.kind === kind && event.component === name);

// What can be done to `mixed`: on which page, by which form, what is typed, what its command line says, what then holds, what
// the events tell, and what the page then offers instead.
const ACTIONS = [
    {
        name: 'pause',
        page: '/',
        form: '/t/mixed/pause',
        command: /ctl pause mixed/,
        holds: async server => (await topology(server)).state === 'paused',
        event: /paused/i,
        offers: '/t/mixed/resume',
    },
    {
        name: 'resume',
        before: '/api/v1/topologies/mixed/pause',
        page: '/',
        form: '/t/mixed/resume',
        command: /ctl resume mixed/,
        holds: async server => (await topology(server)).state === 'running',
        event: /resumed/i,
        offers: '/t/mixed/pause',
    },
    {
        name: 'rebalance',
        page: '/t/mixed/c/stock',
        form: '/t/mixed/c/stock/rebalance',
        fields: { parallelism: '4' },
        command: /ctl rebalance mixed.*stock.*4/,
        holds: async server => (await component(server, 'stock')).tasks === 4,
        event: /stock.*2.*4|2.*4.*stock/,
    },
    {
        name: 'pause a spout',
        page: '/t/mixed/c/imports',
        form: '/t/mixed/c/imports/pause',
        command: /ctl .*pause.*mixed.*imports/,
        holds: async server => happened(server, 'spout_paused', 'imports'),
        event: /imports.*paused|paused.*imports/i,
        offers: '/t/mixed/c/imports/resume',
    },
    {
        name: 'resume a spout',
        before: '/api/v1/topologies/mixed/components/imports/pause',
        page: '/t/mixed/c/imports',
        form: '/t/mixed/c/imports/resume',
        command: /ctl .*resume.*mixed.*imports/,
        holds: async server => happened(server, 'spout_resumed', 'imports'),
        event: /imports.*resumed|resumed.*imports/i,
        offers: '/t/mixed/c/imports/pause',
    },
    {
        name: 'restart a task',
        page: '/t/mixed/c/stock',
        form: '/t/mixed/c/stock/tasks/0/restart',
        command: /ctl .*restart.*mixed.*stock.*0/,
        holds: async server => happened(server, 'restarted_as_asked', 'stock'),
        event: /stock.*(restart|rebuilt)|(restart|rebuilt).*stock/i,
    },
    {
        name: 'drain',
        page: '/',
        form: '/t/mixed/drain',
        command: /ctl drain mixed/,
        holds: async server => (await topology(server)).state !== 'running',
        event: /drain/i,
        ends: true,
    },
    {
        name: 'kill',
        page: '/',
        form: '/t/mixed/kill',
        fields: { confirm: 'mixed' },
        command: /ctl kill mixed/,
        holds: async server => (await topology(server)).state !== 'running',
        event: /kill/i,
        ends: true,
    },
];

// The process may end with its only topology: then `slow` keeps it alive.
const options = { runs: ['mixed', 'slow'] };

for (const script of [true, false]) {
    for (const action of ACTIONS) {
        const how = script ? 'in a dialog' : 'without JavaScript';
        promise(`${how}: ${action.name}`, options, async site => {
            const { server } = site;
            if (action.before) assert.ok((await server.api(action.before, { method: 'POST' })).status < 300, action.before);
            const page = await site.open(action.page, { script });

            const link = page.locator(`a[data-action][href^="${action.form}"]`).first();
            // A page shows what was measured last: what was done before is seen a second later.
            await until('the action', async () => (await link.count()) > 0 || (await page.reload(), false));
            await link.click();
            const form = page.locator(script ? 'dialog[open] form' : 'main form#action');
            await form.waitFor();
            for (const [name, value] of Object.entries(action.fields ?? {})) {
                await form.locator(`[name=${name}]`).fill(value);
            }
            if (script) {
                assert.equal(new URL(page.url()).pathname, action.page);
                await form.locator('code').filter({ hasText: action.command }).waitFor();
            } else {
                assert.equal(new URL(page.url()).pathname, action.form);
                // What depends on a field is shown when it is asked for.
                const shows = form.locator('button[formmethod=get]');
                if ((await shows.count()) > 0) await shows.click();
                assert.match(await form.innerText(), action.command);
            }
            const sent = page.waitForRequest(request => request.method() === 'POST');
            await form.locator('button.primary, button.danger').last().click();
            assert.equal(new URL((await sent).url()).pathname, action.form);
            // Back to where it was begun, and so away from the form: a reload does not do it again.
            await page.waitForURL(url => url.pathname === action.page);
            // Nothing but the page itself: it is not loaded again.
            if (action.offers) await page.locator(`a[data-action][href^="${action.offers}"]`).first().waitFor();

            await until(`the effect of: ${action.name}`, () => action.holds(server));
            await page.goto('/events');
            await page.locator('main').filter({ hasText: action.event }).waitFor();
        });
    }
}

promise('a form that is wrong comes back with its fault, and nothing is done', options, async site => {
    const page = await site.open('/t/mixed/c/stock/rebalance', { script: false, allows: [/422|400/] });
    const field = page.locator('[name=parallelism]');

    await field.evaluate(input => input.setAttribute('type', 'text'));
    await field.fill('many');
    await page.locator('form#action button.primary').click();

    await page.locator('form#action [role=alert]').waitFor();
    assert.equal(await field.inputValue(), 'many');
    assert.equal((await component(site.server, 'stock')).tasks, 2);
});

promise('a dialog is left by Escape and by Cancel, and nothing is done', options, async site => {
    const page = await site.open('/');
    const dialog = page.locator('dialog[open]');
    const pause = page.locator('a[data-action][href^="/t/mixed/pause"]').first();

    await pause.click();
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await pause.click();
    await dialog.locator('[data-cancel]').click();
    await dialog.waitFor({ state: 'detached' });

    assert.equal((await topology(site.server)).state, 'running');
});
