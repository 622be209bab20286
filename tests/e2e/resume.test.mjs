// Clients that are cut off every few ticks, and whose daemon is killed, go on where they were:
// curl and npm's eventsource, plain and with gzip.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { EventSource } from 'eventsource';

import { startCutter } from '../support/cutter.mjs';
import { assertEncoded, assertReplayed, assertWhole, RAGED_S, startFire } from
    '../support/fire.mjs';
import { Ledger } from '../support/ledger.mjs';
import { parseEvent } from '../support/sse.mjs';
import { sleep } from '../support/wait.mjs';

/** Of an EventSource all that the daemon sends has to be asked for by name. */
const KINDS = ['hello', 'tick', 'series', 'gap', 'ping'];
/** How long curl stays away; now and then for longer than the daemon keeps ticks. */
const AWAY_MS = 1500, LONG_AWAY_MS = 40000, LONG_AWAY_EVERY = 50;

/** A process of curl per connection, which is told of the last tick by hand. */
class Curl {
    constructor(ledger, url, options) {
        this.ledger = ledger;
        this.args = ['-sSN', '--max-time', '60', ...options, `${url}v1/stream`];
        this.done = this.#go();
    }

    async #go() {
        for (let turn = 1; !this.isOver; turn++) {
            await this.#connect();
            if (!this.isOver)
                await sleep(turn % LONG_AWAY_EVERY === 0 ? LONG_AWAY_MS : AWAY_MS * Math.random());
        }
    }

    async #connect() {
        const { last_id } = this.ledger;
        let rest = '';

        this.ledger.open(Date.now());
        this.child = spawn('curl', [...last_id ? ['-H', `Last-Event-ID: ${last_id}`] : [],
            ...this.args], { stdio: ['ignore', 'pipe', 'ignore'] });
        this.child.stdout.setEncoding('utf8').on('data', (text) => {
            const parts = (rest + text).split('\n\n');
            rest = parts.pop();
            parts.forEach((part) => this.ledger.take(parseEvent(part)));
        });
        await once(this.child, 'close');
    }

    async close() {
        this.isOver = true;
        this.child.kill();
        await this.done;
    }
}

/** npm's client, over node's fetch, which is told what encoding to ask for. */
class Source {
    constructor(ledger, url, encoding) {
        this.source = new EventSource(`${url}v1/stream`, { fetch: (address, init) => {
            ledger.open(Date.now());
            return fetch(address, { ...init,
                headers: { ...init.headers, 'Accept-Encoding': encoding } });
        } });
        for (const kind of KINDS)
            this.source.addEventListener(kind, ({ lastEventId, data }) =>
                ledger.take({ event: kind, id: lastEventId, data: JSON.parse(data) }));
    }

    close() {
        this.source.close();
    }
}

const CLIENTS = {
    'curl': ['identity', (ledger, url) => new Curl(ledger, url, [])],
    'curl --compressed': ['gzip', (ledger, url) => new Curl(ledger, url, ['--compressed'])],
    'eventsource': ['identity', (ledger, url) => new Source(ledger, url, 'identity')],
    'eventsource with gzip': ['gzip', (ledger, url) => new Source(ledger, url, 'gzip')],
};

describe(`${RAGED_S} s under fire`, () => {
    const clients = [];
    let fire;

    before(async () => {
        fire = await startFire();
        for (const [name, [encoding, open]] of Object.entries(CLIENTS)) {
            const cutter = await startCutter(fire.port);
            const ledger = new Ledger(name, fire.reference);
            clients.push({ encoding, cutter, ledger, client: open(ledger, cutter.url) });
        }
        await fire.rage(RAGED_S);
        clients.forEach(({ cutter }) => { cutter.isCalm = true; });
        await fire.settled(clients.map(({ ledger }) => ledger));
    });
    after(async () => {
        await Promise.all(clients.map(({ client }) => client.close()));
        await Promise.all(clients.map(({ cutter }) => cutter.close()));
        await fire?.close();
    });

    const found = (name) => clients.find(({ ledger }) => ledger.name === name);
    for (const [name, [encoding]] of Object.entries(CLIENTS)) {
        test(`${name} has every tick once, and what one knows who was never cut off`, (t) => {
            const { ledger, cutter } = found(name);
            const { ticks, compared, resumes, replayed, gaps } = ledger;
            t.diagnostic(JSON.stringify({ ticks, compared, resumes, replayed, gaps: gaps.length,
                encodings: cutter.encodings }));
            assertWhole(fire, ledger, cutter);
        });

        test(`${name} is given the ticks it has missed`, () => {
            assertReplayed(found(name).ledger);
        });

        test(`${name} is answered with ${encoding}`, () => {
            assertEncoded(found(name).cutter, encoding);
        });
    }
});
