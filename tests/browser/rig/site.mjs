// A server with pages that are open on it. Whatever a page complains about fails the test.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { axe, chromium } from './modules.mjs';
import { Server } from './server.mjs';

const FLAGS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

export const WIDE = 1280;
export const NARROW = 390;

// How long a browser may take to let go of its pages.
const FAREWELL_MS = 20_000;

// One browser a file, as it takes a second to start: the promise of one.
let browser;

function shared() {
    browser ??= chromium.launch({
        executablePath: process.env.SQUALL_CHROMIUM ?? '/usr/bin/chromium',
        args: FLAGS,
    });
    return browser;
}

after(() => ended(async () => (await browser)?.close()));

// Chromium at times never says that a page is closed. That is no fault of the page, so whoever comes next gets another
// browser; this one ends with the file.
async function ended(end) {
    const farewell = new AbortController();
    const never = sleep(FAREWELL_MS, true, { signal: farewell.signal }).catch(() => false);
    const hangs = await Promise.race([end().then(() => false), never]);
    farewell.abort();
    if (hangs) {
        console.error(`the browser did not close within ${FAREWELL_MS} ms; another one goes on`);
        browser = undefined;
    }
}

export class Site {
    static async start(options) {
        return new Site(await Server.start(options));
    }

    constructor(server) {
        this.server = server;
        this.contexts = [];
        this.complaints = [];
    }

    // Opens a page in a browser of its own: options are dark, width, script (false: JavaScript is off), headers, init
    // (runs in the page before its own script), and allows (what a page may complain about, as it is provoked).
    async open(path, { dark = false, width = WIDE, script = true, headers, init, allows = [], ...more } = {}) {
        const context = await (await shared()).newContext({
            baseURL: this.server.url,
            colorScheme: dark ? 'dark' : 'light',
            extraHTTPHeaders: headers,
            javaScriptEnabled: script,
            reducedMotion: 'reduce',
            viewport: { width, height: width === NARROW ? 844 : 900 },
            ...(width === NARROW ? { isMobile: true, hasTouch: true } : {}),
            ...more,
        });
        if (init) await context.addInitScript(init);
        this.contexts.push(context);
        return this.tab(context, path, allows);
    }

    // A further tab of the same browser.
    async tab(context, path, allows = []) {
        const page = await context.newPage();
        const complain = what => {
            if (!allows.some(allowed => allowed.test(what))) this.complaints.push(`${page.url()}: ${what}`);
        };
        await page.addInitScript(() => {
            document.addEventListener('securitypolicyviolation', violation => {
                console.error(`CSP: ${violation.violatedDirective} forbids ${violation.blockedURI}`);
            });
        });
        page.on('console', message => {
            if (message.type() === 'error' || message.type() === 'warning') complain(`${message.text()} (${message.location().url})`);
        });
        page.on('pageerror', error => complain(`${error}`));
        const response = await page.goto(path);
        assert.ok(response.ok(), `${path}: ${response.status()}`);
        return page;
    }

    // Closes all pages, and tells what they complained about.
    async leave() {
        await ended(() => Promise.all(this.contexts.splice(0).map(context => context.close())));
        assert.deepEqual(this.complaints.splice(0), [], 'a page complained');
    }

    async end() {
        try {
            await this.leave();
        } finally {
            await this.server.remove();
        }
    }
}

// What is wrong with a page for those who read it otherwise, or on a telephone: what axe finds, in light and in dark colours,
// and whether it scrolls sideways.
export async function faults(site, path, width) {
    const page = await site.open(path, { width });
    const faults = [];
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        faults.push(...(await violations(page)).map(fault => `${path}, ${colorScheme}: ${fault}`));
    }
    const over = await overhang(page);
    if (over > 0) faults.push(`${path}: is ${over} px wider than the window`);
    await page.context().close();
    return faults;
}

// What axe finds, a line each.
async function violations(page) {
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
    return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(node => `${id}: ${help}: ${node.target} ${node.any[0]?.message ?? ''}`),
    );
}

// How far a page can be scrolled sideways.
function overhang(page) {
    return page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth - clientWidth;
    });
}
