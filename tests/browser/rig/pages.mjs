// All pages of a site: those that links lead to, beginning with the first one.

const NOT_FOR_PEOPLE = /^\/(api|metrics|health|livez|readyz|assets)(\/|$)/;

// The paths of all pages, with the status that each answered.
export async function pages(server) {
    const found = new Map();
    const todo = ['/'];
    while (todo.length > 0) {
        const path = todo.pop();
        if (found.has(path)) continue;
        const { status, body } = await server.api(path);
        found.set(path, status);
        for (const [, href] of String(body).matchAll(/<a\b[^>]*\bhref="([^"#]*)/g)) {
            const url = new URL(href.replaceAll('&amp;', '&'), server.url + path);
            if (url.origin === server.url && !NOT_FOR_PEOPLE.test(url.pathname)) todo.push(url.pathname);
        }
    }
    return found;
}

// One page of each kind: those of two components look alike, unless one is a spout.
export function kinds(paths) {
    const kinds = new Map();
    for (const path of [...paths].sort()) {
        const kind = path.replace(/^\/t\/[^/]+(\/c\/)?([^/]+)?/, (_, component, name) => {
            return component ? `/t/*/c/${/orders|imports|returns/.test(name) ? 'spout' : 'bolt'}` : `/t/*/${name ?? ''}`;
        });
        if (!kinds.has(kind)) kinds.set(kind, path);
    }
    return [...kinds.values()];
}
