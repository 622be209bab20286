// The Host check: names that others can point here are not answered (DNS rebinding).

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';

import { ask } from '../support/http.mjs';
import { exchange } from '../support/raw.mjs';
import { start } from '../support/tachod.mjs';

const PATHS = ['/', '/app.js', '/healthz', '/readyz', '/v1/info', '/v1/catalog', '/v1/now',
    '/v1/history?name=node_load1', '/v1/stream', '/nothing', '/v1/now?x=1', '/v1/now%00',
    `/v1/now?name=${'x'.repeat(4200)}`];
const name = os.hostname();

describe('host', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-host-'));
    const socketPath = path.join(folder, 'socket');
    let daemon;

    before(async () => {
        const file = path.join(folder, 'tachod.json');
        writeFileSync(file, '{"http": {"hosts": ["tacho.example", "Other.Example."]}}');
        daemon = await start(['-c', file, '-l', '127.0.0.1:0', '-l', `unix:${socketPath}`]);
    });
    after(async () => {
        await daemon?.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    /** With header lines as they are. */
    const send = (lines, target = '/v1/info', { method = 'GET', version = '1.1' } = {}) =>
        exchange(daemon, Buffer.from(`${method} ${target} HTTP/${version}\r\n` +
            `${lines.map((line) => `${line}\r\n`).join('')}Connection: close\r\n\r\n`, 'latin1'));

    function assertMisdirected({ status, head, body }, what, method = 'GET') {
        assert.equal(status, 421, what);
        assert.match(head, /^HTTP\/1\.[01] 421 Misdirected Request\r$/m, what);
        assert.match(head, /^Content-Type: application\/problem\+json\r?$/m, what);
        if (method === 'HEAD')
            return assert.equal(body, '');
        const problem = JSON.parse(body);
        assert.deepEqual(Object.keys(problem), ['title', 'status', 'detail']);
        assert.deepEqual([problem.title, problem.status], ['Misdirected Request', 421]);
        assert.match(problem.detail, /http\.hosts/);
        return problem.detail;
    }

    test('addresses, localhost, this machine\'s names and those listed are answered', async () => {
        const label = name.split('.')[0];
        for (const host of ['127.0.0.1', `127.0.0.1:${daemon.port}`, '10.1.2.3', '[::1]', '[::1]:8224',
            '[2001:db8::1]:80', 'localhost', 'LOCALHOST:8224', 'localhost.', 'a.localhost', name, `${name}:1`,
            name.toUpperCase(), `${name}.`, label, `${label}.local`, `${label}.local.:99`, 'tacho.example',
            'TACHO.EXAMPLE.:443', 'other.example'])
            assert.equal((await send([`Host: ${host}`])).status, 200, host);
    });

    test('others are not, on every path', async () => {
        for (const target of PATHS)
            assertMisdirected(await send(['Host: evil.example'], target), target);
        for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS', 'NONSENSE'])
            assertMisdirected(await send(['Host: evil.example'], '/v1/now', { method }), method, method);
        for (const version of ['1.0', '1.1'])
            assertMisdirected(await send(['Host: evil.example'], '/', { version }), version);
    });

    test('what is wrong is shown', async () => {
        for (const [host, shown = host] of [['evil.example'], ['evil.example:8224'], ['127.0.0.1.nip.io'],
            [`${name}.evil.example`], ['xlocalhost'], ['localhost.evil'], ['tacho.example.evil'],
            ['www.tacho.example'], ['2130706433'], ['0x7f000001'], ['127.1'], [''], [':8224'], ['localhost:'],
            ['localhost:99999'], ['localhost:x'], ['local host'], ['localhost,evil'], ['a@localhost'],
            ['http://localhost'], ['[::1'], ['::1'], ['[::1]x'], ['[]'], ['..'], ['localhost..'], ['"', '"'],
            ['\\'], ['\xff\xfe', '\ufffd\ufffd'], ['x'.repeat(3000), 'x'.repeat(100)]]) {
            const detail = assertMisdirected(await send([`Host: ${host}`]), host);
            assert.ok(detail.startsWith(`the host "${shown}" is not known`), detail);
        }
    });

    test('of several all have to pass', async () => {
        for (const lines of [['Host: localhost', 'Host: evil.example'], ['Host: evil.example', 'host: localhost'],
            ['HOST: localhost', 'X: y', 'hOsT: evil.example'], ['Host: localhost', 'Host:']])
            assertMisdirected(await send(lines), lines.join());
        assert.equal((await send(['Host: localhost', 'Host: 127.0.0.1'])).status, 200);
    });

    test('a connection is not trusted for its first request', async () => {
        const request = (host, last) => `GET /v1/info HTTP/1.1\r\nHost: ${host}\r\n` +
            `${last ? 'Connection: close\r\n' : ''}\r\n`;
        const { bytes } = await exchange(daemon, request('localhost') + request('evil.example') +
            request('localhost', true));
        assert.deepEqual(bytes.toString().match(/^HTTP\/1\.1 \d+/gm).map((line) => line.slice(9)),
            ['200', '421', '200']);
    });

    test('only HTTP/1.0 may leave it out', async () => {
        for (const lines of [[], ['Host : evil.example'], ['Host\t: localhost'], ['X-Host: localhost']]) {
            for (const target of PATHS) {
                const { status, head, body } = await send(lines, target);
                assert.equal(status, 400, `${lines} ${target}`);
                assert.match(head, /^Content-Type: application\/problem\+json\r?$/m, head);
                assert.match(JSON.parse(body).detail, /needs a Host header/);
            }
            assert.equal((await send(lines, '/', { method: 'HEAD' })).status, 400);
        }
        assert.equal((await send([], '/v1/info', { version: '1.0' })).status, 200);
    });

    test('over a unix socket every one passes, but there has to be one', async () => {
        const request = (line) => `GET /v1/info HTTP/1.1\r\n${line}Connection: close\r\n\r\n`;
        const status = async (line) => {
            const socket = net.connect(socketPath);
            socket.write(request(line));
            return (await text(socket)).slice(9, 12);
        };
        assert.equal(await status(''), '400');
        assert.equal(await status('Host : a\r\n'), '400');
        assert.equal(await status('Host: evil.example\r\n'), '200');
        for (const host of ['evil.example', '', 'a b'])
            assert.equal((await ask(daemon, '/v1/info', { socketPath, headers: { host } })).status, 200);
    });

    test('all that is said without a word in the log', () => {
        assert.doesNotMatch(daemon.stderr, /error|warning/);
    });
});
