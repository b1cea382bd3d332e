// The configuration: a file that is wrong cannot be overlooked, and one that is right is taken over.

import assert from 'node:assert/strict';

import { promise } from './rig/promise.mjs';
import { until } from './rig/until.mjs';

const publish = tasks => `[topology.slow.component.publish]\nparallelism = ${tasks}\n`;

promise('a file that is wrong stands on every page, with the place of the fault', { runs: ['slow'] }, async site => {
    const page = await site.open('/');
    const alert = page.locator('#banners [role=alert]');
    assert.equal(await alert.count(), 0);

    site.server.write('[topology.slow.component.publish]\nparalelism = 2\n');
    await until('the reload', () => /did you mean/.test(site.server.log));
    for (const path of ['/', '/config', '/t/slow']) {
        await page.goto(path);
        const text = await alert.innerText();
        assert.match(text, /squall\.toml:2:1/, path);
        assert.match(text, /did you mean `parallelism`/, path);
    }

    site.server.write(publish(2));
    await until('the reload', () => /reloaded: 1 number changed/.test(site.server.log));
    await page.goto('/');
    assert.equal(await alert.count(), 0);
});

promise('the page of the configuration says where a value comes from', { runs: ['slow'], toml: publish(3) }, async site => {
    const page = await site.open('/config');

    const text = await page.locator('main').innerText();
    assert.match(text, /squall\.toml/);
    assert.match(text, /parallelism/);
});
