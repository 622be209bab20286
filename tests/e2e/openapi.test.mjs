// /v1/openapi.json against the program: what it answers is what the document says, and it takes the
// parameters that are in it and no others.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';

import Ajv from 'ajv/dist/2020.js';

import { sender } from '../support/datagrams.mjs';
import { ask, json } from '../support/http.mjs';
import { read } from '../support/bash.mjs';
import { stream } from '../support/sse.mjs';
import { start, startFor } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

/** Nothing but what is described: readers may ignore what is new, the document may not. */
function strict(value) {
    if (Array.isArray(value))
        return value.map(strict);
    if (value === null || typeof value !== 'object')
        return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strict(inner)]));
    return copy.type === 'object' && copy.properties ? { additionalProperties: false, ...copy } : copy;
}

describe('the description of the interface', () => {
    const checks = new Map();
    let daemon, document, ajv, epoch;

    before(async () => {
        daemon = await start(['-i', '100ms']);
        document = await json(daemon, '/v1/openapi.json');
        ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
        ajv.addKeyword('components');
        ajv.addSchema({ $id: 'tacho', components: strict(document.components) });
        ({ epoch } = await until('rates', async () =>
            (await ask(daemon, '/readyz')).status === 200 ? json(daemon, '/v1/info') : null));
    });
    after(() => daemon?.stop());

    /** Asserts that a value is what the schema says, whose references are the document's. */
    function validate(schema, value, what) {
        const text = JSON.stringify(strict(schema)).replaceAll('"#/components', '"tacho#/components');
        const check = checks.get(text) ?? ajv.compile(JSON.parse(text));
        checks.set(text, check);
        assert.ok(check(value), `${what}: ${ajv.errorsText(check.errors)}: ${JSON.stringify(value)?.slice(0, 400)}`);
    }
    const named = (name) => ({ $ref: `#/components/schemas/${name}` });
    const operation = (path) => document.paths[path].get;
    const parametersOf = (path) => operation(path).parameters
        .map(({ $ref }) => document.components.parameters[$ref.split('/').at(-1)]);
    /** Asserts that an answer is one of those of its path. */
    function validateAnswer(path, { status, headers, text }, what) {
        const described = operation(path).responses[status] ?? document.components.responses.Problem;
        const type = headers['content-type']?.split(';')[0];
        if (!described.content) {
            assert.equal(text, '', what);
            return;
        }
        const schema = described.content[type]?.schema;
        assert.ok(schema, `${what}: ${status} ${type}`);
        if (type.endsWith('json') && type !== 'application/x-ndjson')
            validate(schema, JSON.parse(text), what);
        else if (type === 'application/x-ndjson')
            text.trim().split('\n').filter(Boolean).forEach((line) => validate(schema, JSON.parse(line), what));
        else
            validate(schema, text, what);
    }
    /** Without what one has to have, an answer is another one. */
    const basic = { '/v1/history': [['name', 'node_load*,node_intr_total']], '/v1/stream': [['name', 'node_load*']] };
    const paths = () => Object.keys(document.paths);
    const query = (pairs) => `?${new URLSearchParams(pairs)}`;

    test('it is an OpenAPI 3.1 document of this program', async () => {
        const meta = document.openapi;
        assert.match(meta, /^3\.1\./);
        assert.equal(document.info.version, (await json(daemon, '/v1/info')).version);
        const text = JSON.stringify(document);
        for (const [, name, key] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g))
            assert.ok(document.components[name][key], `${name} ${key}`);
        for (const kind of ['schemas', 'parameters', 'responses']) {
            for (const key of Object.keys(document.components[kind]))
                assert.ok(text.includes(`"#/components/${kind}/${key}"`) || /^Stream/.test(key), `${key} is unused`);
        }
        /* Every schema is one. */
        for (const name of Object.keys(document.components.schemas))
            ajv.compile({ $ref: `tacho#/components/schemas/${name}` });
    });

    test('it has each path that is served, and no other', () => {
        const served = [...read('daemon/routes.c').matchAll(/\{"(\/[\w/.]+)",\s*api_/g)].map(([, name]) => name);
        assert.ok(served.length >= 8);
        assert.deepEqual(paths().sort(), served.sort());
    });

    test('it is what --static-dir has no say in, and is not asked for twice', async (t) => {
        const { headers, text } = await ask(daemon, '/v1/openapi.json');
        assert.equal(headers['content-type'], 'application/json');
        const again = await ask(daemon, '/v1/openapi.json', { headers: { 'If-None-Match': headers.etag } });
        assert.equal(again.status, 304);
        const other = await startFor(t, ['--static-dir', '/nonexistent']);
        assert.equal((await ask(other, '/v1/openapi.json')).text, text);
    });

    test('answers are what it says', async () => {
        const asked = {
            '/healthz': [''], '/metrics': ['', '?scope=applications', '?name=nothing', '?scope=x'], '/readyz': [''], '/v1/info': ['', '?x=1'], '/v1/openapi.json': ['', '?x=1'],
            '/v1/catalog': ['', '?name=node_load1', '?name=nothing', '?match={', `?id=1&epoch=0123456789abcdef`],
            '/v1/now': ['', ...['json', 'ndjson', 'csv', 'value'].map((format) => `?format=${format}`), '?over=1s',
                '?wait=1s', '?over=1', '?name=nothing&format=value'],
            '/v1/history': [...['json', 'ndjson', 'csv', 'value'].flatMap((format) =>
                ['', '&agg=avg,min,max,last', '&since=0', `&since=${epoch}-1&points=2`].map((rest) =>
                    `?name=node_load*,node_intr_total&format=${format}${rest}`)), '', '?name=x&agg=x',
            '?name=node_load1&quantile=0.5', '?name=nothing', '?name=node_load1&since=0123456789abcdef-1'],
            '/v1/processes': ['', '?sort=memory', '?limit=1000', '?by=command', '?at=now', '?at=-1d', '?sort=x'],
        };
        for (const path of paths().filter((each) => each !== '/v1/stream')) {
            for (const rest of asked[path])
                validateAnswer(path, await ask(daemon, path + rest), path + rest);
        }
        validate(named('HistoryTicks'), await json(daemon, '/v1/history?name=node_load1&since=0'), 'since');
        validate(named('HistorySpan'), await json(daemon, '/v1/history?name=node_load1'), 'no since');
        validateAnswer('/v1/now', await ask(daemon, '/v1/now', { headers: { Host: 'evil.example' } }), '421');
    });

    test('who sends StatsD is told as it says', async (t) => {
        const folder = mkdtempSync(`${tmpdir()}/tachod-openapi-`);
        t.after(() => rmSync(folder, { recursive: true, force: true }));
        const socket = `unix:${folder}/statsd.sock`, file = `${folder}/tachod.json`;
        writeFileSync(file, JSON.stringify({ listen: ['127.0.0.1:0'],
            statsd: { listen: ['udp:127.0.0.1:0', socket] } }));
        const other = await startFor(t, ['-i', '500ms', '-c', file]);
        const udp = (await json(other, '/v1/info')).statsd.listen[0];
        await sender(t, socket).send('c:1|c\nt:2|ms');
        await sender(t, udp).send('c:1|c');
        const info = await until('both', async () => {
            const answer = await json(other, '/v1/info');
            return answer.statsd.senders.length === 2 ? answer : null;
        });
        validate(named('Info'), info, 'info');
        const client = await stream(other, '?name=t,c');
        await client.count(1);
        client.close();
        const { series } = await json(other, '/v1/catalog?name=t,c');
        for (const each of [series, client.events[0].data.series])
            assert.deepEqual([...new Set(each.map(({ kind, sparse }) => `${kind} ${sparse}`))].sort(),
                ['counter undefined', 'histogram true', 'summary undefined']);
        validate(named('Catalog'), { epoch: info.epoch, series }, 'a timer');
        validate(named('StreamHello'), client.events[0].data, 'a timer');
        const [one] = info.statsd.senders;
        for (const wrong of [{ ...one, port: 1 }, { ...one, pid: undefined }, { ...one, key: 'x' }])
            assert.throws(() => validate(named('Info'), { ...info, statsd: { listen: [], senders: [wrong] } }, 'wrong'));
    });

    test('the stream is what it says', async () => {
        const schemas = { hello: 'StreamHello', tick: 'StreamTick', series: 'StreamChange', gap: 'StreamGap',
            ping: 'StreamPing', processes: 'Processes' };
        const client = await stream(daemon, '?name=node_load*,node_intr_total&processes=3');
        const lines = await ask(daemon, '/v1/now?format=ndjson');
        assert.equal(lines.status, 200);
        await client.count(5);
        client.close();
        assert.ok(client.events.length > 5);
        for (const { event, data } of client.events)
            validate(named(schemas[event]), data, event);
        assert.throws(() => validate(named('StreamTick'), { seq: 1, time_ms: 1, flags: [], v: [[1]] }, 'no pair'));
        const late = await stream(daemon, '?name=node_load1', { headers: { 'Last-Event-ID': `${epoch}-1` } });
        await late.count(1);
        late.close();
        for (const { event, data } of late.events)
            validate(named(schemas[event]), data, event);
        const response = await fetch(`${daemon.url}v1/stream?name=node_load*&format=ndjson&processes=3`);
        let text = '';
        for await (const part of response.body) {
            text += Buffer.from(part).toString();
            if (text.split('\n').length > 5)
                break;
        }
        text.split('\n').slice(0, -1).forEach((line) => validate(named('StreamLine'), JSON.parse(line), line));
    });

    test('each parameter in it is taken, and each that is taken is in it', async () => {
        for (const path of paths()) {
            const parameters = parametersOf(path);
            const { status, json: problem } = await ask(daemon, path + query([...basic[path] ?? [], ['nonsense', '1']]));
            assert.equal(status, 400, path);
            const [, list] = problem.detail.match(/allowed here: (.*)$/);
            assert.deepEqual(parameters.map(({ name }) => name).sort(),
                list === 'none' ? [] : list.split(', ').sort(), path);
            for (const { name, example, explode, schema } of parameters) {
                const values = (Array.isArray(example) && explode !== false ? example : [String(example)])
                    .map((value) => String(value).replace('EPOCH', epoch));
                const companions = { epoch: [['id', '1']], id: [['epoch', epoch]],
                    since: path === '/v1/now' ? [['wait', '1s']] : [], wait: [['since', '0']],
                    over: [['name', 'node_load*']] /* of all it is too much at this interval */ }[name] ?? [];
                const pairs = [...basic[path] ?? [], ...companions, ...values.map((value) => [name, value])];
                if (schema.enum || schema.items?.enum || ['boolean', 'integer'].includes(schema.type))
                    validate(schema, example, name);
                if (path === '/v1/stream') {
                    const controller = new AbortController();
                    const response = await fetch(`${daemon.url.slice(0, -1)}${path}${query(pairs)}`, { signal: controller.signal });
                    assert.equal(response.status, 200, `${path}${query(pairs)}`);
                    controller.abort();
                    continue;
                }
                if (path === '/v1/processes')
                    await until('a list', async () => (await ask(daemon, path)).status === 200 || null);
                const answer = await ask(daemon, path + query(pairs));
                validateAnswer(path, answer, `${path}${query(pairs)}`);
                /* No series of this machine is a histogram. */
                if (name === 'quantile')
                    assert.match(answer.json.detail, /is a histogram/);
                else
                    assert.equal(answer.status, 200, `${path}${query(pairs)} ${answer.text.slice(0, 300)}`);
            }
        }
    });

    test('values that it lists are all there are', async () => {
        for (const path of paths()) {
            for (const { name, schema } of parametersOf(path)) {
                const list = schema.enum ?? schema.items?.enum;
                if (!list)
                    continue;
                const { status, json: problem } = await ask(daemon, path + query([...basic[path] ?? [], [name, 'x']]));
                assert.equal(status, 400);
                const [, allowed] = problem.detail.match(/(?:allowed: |a list of )(.*)$/);
                assert.deepEqual(allowed.split(', ').map(String).sort(), list.map(String).sort(), `${path} ${name}`);
            }
        }
    });
});
