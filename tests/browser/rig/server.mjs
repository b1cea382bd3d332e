// The binary under test, in a temporary folder and on a free port of the loopback interface.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from './modules.mjs';
import { until } from './until.mjs';

const binaries = process.env.SQUALL_BINARIES ?? join(root, 'target/debug');

export class Server {
    // options: runs (names of topologies), toml (the file), args (further ones), env, binary.
    static async start(options) {
        const server = new Server(options);
        server.write(options.toml ?? '');
        await server.run('127.0.0.1:0');
        return server;
    }

    constructor({ runs = ['slow'], args = [], env = {}, binary = 'operators' }) {
        Object.assign(this, { runs, args, env, binary: join(binaries, binary) });
        this.folder = mkdtempSync(join(tmpdir(), 'squall-browser-'));
        this.file = join(this.folder, 'squall.toml');
        this.data = join(this.folder, 'data');
        this.log = '';
    }

    // Writes the configuration; the process sees that by itself.
    write(toml) {
        writeFileSync(this.file, toml);
    }

    async run(listen) {
        const args = ['run', ...this.runs, '--config', this.file, '--data-dir', this.data, '--listen', listen];
        const child = spawn(this.binary, [...args, ...this.args], {
            cwd: this.folder,
            env: { ...process.env, ...this.env },
            stdio: ['ignore', 'ignore', 'pipe'],
        });
        this.child = child;
        this.exit = once(child, 'exit').then(([code, signal]) => (this.ended = code ?? signal));
        this.ended = undefined;
        const from = this.log.length;
        child.stderr.setEncoding('utf8').on('data', text => (this.log += text));
        const banner = await until('the banner', () => {
            if (this.ended !== undefined) throw new Error(`it ended with ${this.ended}: ${this.log}`);
            return /listens on (http:\/\/\S+?)\/?\s/.exec(this.log.slice(from));
        });
        this.url = banner[1];
    }

    // Ends it as an operator does; the answer is the exit code.
    async end() {
        this.child.kill('SIGTERM');
        return this.exit;
    }

    // Ends it as a crash does.
    async crash() {
        this.child.kill('SIGKILL');
        return this.exit;
    }

    // Starts it again where it was.
    async again() {
        await this.run(new URL(this.url).host);
    }

    async remove() {
        if (this.ended === undefined) await this.crash();
        rmSync(this.folder, { recursive: true });
    }

    // What `slow` wrote down at its end: its book, and how often each number stands in the archive.
    books() {
        const book = JSON.parse(readFileSync(join(this.data, 'slow-book.json'), 'utf8'));
        const times = new Map();
        for (const line of readFileSync(join(this.data, 'slow-archive.txt'), 'utf8').trimEnd().split('\n')) {
            times.set(Number(line), (times.get(Number(line)) ?? 0) + 1);
        }
        return { book, times };
    }

    // A call of the API: its status, and its JSON.
    async api(path, { method = 'GET', body, headers = {} } = {}) {
        const json = body === undefined ? {} : { 'content-type': 'application/json' };
        const response = await fetch(this.url + path, {
            method,
            headers: { ...json, ...headers },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await response.text();
        const isJson = /json/.test(response.headers.get('content-type') ?? '');
        return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    }
}
