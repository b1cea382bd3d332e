// All pages of a site: those that links lead to, beginning with the first one.

const NOT_FOR_PEOPLE = /^\/(api|metrics|health|livez|readyz|assets)(\/|$)/;

// The paths of all pages, with the status that each answered. An action's form is asked for as its link does: what it is about
// stands in the query.
export async function pages(server) {
    const [found, seen] = [new Map(), new Set()];
    const todo = ['/'];
    while (todo.length > 0) {
        const path = todo.pop();
        const page = path.split('?')[0];
        if (seen.has(page)) continue;
        seen.add(page);
        const { status, body } = await server.api(path);
        found.set(path, status);
        for (const [link, href] of String(body).matchAll(/<a\b[^>]*\bhref="([^"]*)"[^>]*>/g)) {
            const url = new URL(decoded(href), server.url + path);
            if (url.origin !== server.url || NOT_FOR_PEOPLE.test(url.pathname)) continue;
            todo.push(/\sdata-action\b/.test(link) ? url.pathname + url.search : url.pathname);
        }
    }
    return found;
}

// An address, as a template writes it.
function decoded(href) {
    return href.replace(/&(amp|#38|#x26);/g, '&');
}

// One page of each kind: those of two components look alike, unless one is a spout, and so do those of two messages.
export function kinds(paths) {
    const kinds = new Map();
    for (const path of [...paths].sort()) {
        const kind = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|tasks\/\d+/, '*').replace(/^\/t\/[^/]+(\/c\/)?([^/]+)?/, (_, component, name) => {
            return component ? `/t/*/c/${/orders|imports|returns/.test(name) ? 'spout' : 'bolt'}` : `/t/*/${name ?? ''}`;
        });
        if (!kinds.has(kind)) kinds.set(kind, path);
    }
    return [...kinds.values()];
}
