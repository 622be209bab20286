// SIGHUP: the configuration is read again while ticks, streams and requests go on.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { Fuse, noFuse } from '../support/fuse.mjs';
import { ask, json, now } from '../support/http.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { start } from '../support/tachod.mjs';
import { sleep, until } from '../support/wait.mjs';

const SOAK = Number(process.env.TACHO_SOAK ?? 10);
const RELOADED = 'configuration reloaded';
const REFUSED = 'configuration not reloaded';

/** A daemon with a file that the test writes anew; it is ready. */
class Subject {
    #folder;

    /** In a folder of its own, unless one is given, that the test removes. */
    constructor(folder = null) {
        this.#folder = folder ? null : mkdtempSync(path.join(os.tmpdir(), 'tachod-reload-'));
        this.file = path.join(folder ?? this.#folder, 'tachod.json');
    }

    write(document) {
        writeFileSync(this.file, typeof document === 'string' ? document
            : JSON.stringify({ listen: ['127.0.0.1:0'], ...document }));
    }

    async start(t, document = {}, args = ['-i', '500ms']) {
        this.write(document);
        this.daemon = await start(['-c', this.file, ...args]);
        t.after(async () => {
            await this.daemon.stop();
            if (this.#folder)
                rmSync(this.#folder, { recursive: true, force: true });
        });
        await until('ready', async () =>
            (await ask(this.daemon, '/readyz')).status === 200 || null);
        return this.daemon;
    }

    /** The lines of the log that tell of reloads. */
    get told() {
        return this.daemon.stderr.split('\n').filter((line) => /configuration (not )?reloaded/.test(line));
    }

    /** Sends SIGHUP and gives the line that tells how it ended. */
    async reload(document) {
        const before = this.told.length;

        if (document !== undefined)
            this.write(document);
        this.daemon.child.kill('SIGHUP');
        return until('the end of the reload', () => this.told[before]);
    }

    async collector(name) {
        const { collectors } = await json(this.daemon, '/v1/info');

        return collectors.find((collector) => collector.name === name);
    }
}

async function subject(t, document, args) {
    const it = new Subject();

    await it.start(t, document, args);
    return it;
}

const idOf = (client, name) =>
    [...client.state.series].find(([, series]) => series.name === name)?.[0];

test('no tick and no client is lost', async (t) => {
    const it = await subject(t);
    const { daemon } = it;
    const client = await stream(daemon);
    await client.count(2);
    const missed = async () => (await now(daemon, '?name=tacho_ticks_missed_total')).series[0].value;
    const missed_before = await missed();
    const from_ms = client.ticks[1].data.time_ms;

    for (let i = 0; i < 6; i++) {
        const line = await it.reload({ http: { hosts: [`host${i}.example`] },
            ...i % 2 ? { nonsense: 1 } : { collectors: { netclass: i % 4 === 0 } } });
        assert.ok(line.includes(i % 2 ? REFUSED : RELOADED), line);
        const wait = ask(daemon, '/v1/now?name=node_load1&wait=30s');
        daemon.child.kill('SIGHUP');
        assert.equal((await wait).status, 200);
    }
    /* And a storm of them, after which the last file is what counts. */
    it.write({ http: { hosts: ['early.example'] } });
    for (let i = 0; i < 100; i++)
        daemon.child.kill('SIGHUP');
    it.write({ http: { hosts: ['last.example'] } });
    daemon.child.kill('SIGHUP');
    await until('the last file', async () =>
        (await ask(daemon, '/healthz', { headers: { Host: 'last.example' } })).status === 200 || null);
    await client.count(client.ticks.length + 3);

    assert.equal(client.ended, null);
    assert.equal(client.events.filter(({ event }) => event === 'hello').length, 1);
    assert.equal(client.events.filter(({ event }) => event === 'gap').length, 0);
    assertContiguous(client.ticks);
    assert.equal(await missed(), missed_before);
    /* What was recorded is the same. */
    const ticks = client.ticks.slice(1);
    const to_ms = ticks.at(-1).data.time_ms + 1;
    const { time_ms, marks } = await json(daemon,
        `/v1/history?name=node_load1&from=${from_ms}&to=${to_ms}&step=500ms`);
    assert.equal(time_ms.length, ticks.length);
    assert.deepEqual(marks.filter(({ flags }) => flags.includes('gap_before')), []);
});

test('a collector is switched off and on', async (t) => {
    const it = await subject(t, { collectors: { uname: false } });
    const { daemon } = it;
    const client = await stream(daemon);
    await client.count(2);
    const id = idOf(client, 'node_load1');
    assert.ok(client.state.values.get(id) >= 0);
    assert.equal(idOf(client, 'node_uname_info'), undefined);
    assert.equal((await it.collector('uname')).state, 'off');
    const running = await it.collector('loadavg');
    assert.equal(running.state, 'running');
    assert.ok(Math.abs(running.since_ms - Date.now()) < 60000);

    const began_ms = Date.now();
    let at = client.events.length;
    assert.match(await it.reload({ collectors: { loadavg: false } }), new RegExp(`${RELOADED}$`));
    const off = await it.collector('loadavg');
    assert.deepEqual([off.state, off.error], ['off', undefined]);
    assert.ok(off.since_ms >= began_ms && off.since_ms <= Date.now());
    const gone = await client.when('null', ({ events }) => events.slice(at)
        .find(({ event, data }) => event === 'tick' && data.v.some(([i]) => i === id)));
    assert.deepEqual(gone.data.v.find(([i]) => i === id), [id, null]);
    const { series } = await json(daemon, '/v1/now?name=node_load1');
    assert.deepEqual(series.map(({ value }) => value), [null]);
    /* The other came with the same reload, as it is not spoken of any more. */
    await client.when('uname', () => idOf(client, 'node_uname_info'));
    assert.equal((await it.collector('uname')).state, 'running');

    at = client.events.length;
    await it.reload({});
    const back = await client.when('a value', ({ events }) => events.slice(at)
        .find(({ event, data }) => event === 'tick' && data.v.some(([i, v]) => i === id && v !== null)));
    const on = await it.collector('loadavg');
    assert.equal(on.state, 'running');
    assert.ok(on.since_ms >= off.since_ms && on.since_ms <= back.data.time_ms);
    assertContiguous(client.ticks);
});

test('series of a collector that is off end when the head has passed',
    { skip: SOAK < 60 && 'TACHO_SOAK is below 60' }, async (t) => {
        const it = await subject(t, {}, ['-i', '100ms']);
        const client = await stream(it.daemon, '?name=node_load*');
        await client.count(1);
        const ids = [...client.state.series.keys()].sort();
        assert.equal(ids.length, 3);
        await it.reload({ collectors: { loadavg: false } });
        const event = await client.next('series', 0, 120000);
        assert.deepEqual([event.data.add, event.data.gone.sort()], [[], ids]);
        assertContiguous(client.ticks);
    });

test('names of http.hosts are known and unknown at once', async (t) => {
    const it = await subject(t);
    const status = async (host) => (await ask(it.daemon, '/healthz', { headers: { Host: host } })).status;

    assert.equal(await status('tacho.example'), 421);
    await it.reload({ http: { hosts: ['tacho.example', 'b.example'] } });
    assert.deepEqual([await status('tacho.example'), await status('b.example:80')], [200, 200]);
    await it.reload({ http: { hosts: ['b.example'] } });
    assert.deepEqual([await status('tacho.example'), await status('b.example')], [421, 200]);
    await it.reload({});
    assert.deepEqual([await status('b.example'), await status('localhost')], [421, 200]);
});

test('log_level is that of the file at once, or the command line\'s', async (t) => {
    const it = await subject(t);

    await it.reload({});
    it.write({ log_level: 'error', http: { hosts: ['quiet.example'] } });
    it.daemon.child.kill('SIGHUP');
    await until('the hosts', async () => (await ask(it.daemon, '/healthz',
        { headers: { Host: 'quiet.example' } })).status === 200 || null);
    assert.equal(it.told.length, 1, 'nothing was told of the second');
    assert.match(await it.reload({ nonsense: 1 }), /error/);
    assert.match(await it.reload({ log_level: 'info' }), /reloaded$/);
    assert.equal(it.told.length, 3);

    const other = await subject(t, {}, ['-i', '500ms', '--log-level', 'info']);
    await other.reload({ log_level: 'error' });
    await other.reload({});
    assert.equal(other.told.length, 2);
});

test('a bad file is refused whole, and the configuration stays', async (t) => {
    const it = await subject(t, { http: { hosts: ['old.example'] }, collectors: { vmstat: false } });
    const bad = [
        ['{\n  "collectors": {"loadavg": false},\n  "log_level": "loud"}',
            '3:3: log_level: "loud": allowed: "error", "warning", "info" or "debug"'],
        ['{"http": {"hosts": []}, "interval": "7s"}', /:1:25: interval: "7s": allowed: /],
        ['{"collectors": {"loadavg": false, "loadavgs": true}}',
            /:1:35: collectors\.loadavgs: there is no such key; allowed: .*loadavg, /],
        ['{"collectors": {"loadavg": 0}}', /:1:17: collectors\.loadavg: 0: allowed: /],
        ['{"http": {"hosts": []}', /:1:23: expected a comma or }/],
        ['{"http": {"hosts": []}, "listen": ["0.0.0.0:0"]}',
            'cannot listen on 0.0.0.0:0: beyond loopback there has to be "auth": "none"'],
    ];

    for (const [text, wanted] of bad) {
        const line = await it.reload(text);

        assert.ok(line.startsWith(`tachod: error: ${REFUSED}: `), line);
        assert.ok(wanted instanceof RegExp ? wanted.test(line) : line.includes(wanted), line);
        assert.equal((await it.collector('loadavg')).state, 'running');
        assert.equal((await it.collector('vmstat')).state, 'off');
        assert.equal((await ask(it.daemon, '/healthz', { headers: { Host: 'old.example' } })).status, 200);
    }
    rmSync(it.file);
    assert.equal(await it.reload(),
        `tachod: error: ${REFUSED}: cannot read ${it.file}: No such file or directory`);
    assert.equal((await it.collector('vmstat')).state, 'off');
    assert.equal(await it.reload({}), `tachod: ${RELOADED}`);
    await until('vmstat', async () => (await it.collector('vmstat')).state === 'running' || null);
});

test('keys that take a restart are listed in one line, and stay', async (t) => {
    const it = await subject(t, {}, []);
    const { daemon } = it;

    assert.equal(await it.reload({ listen: ['0.0.0.0:0'], auth: 'none', interval: '2s',
        http: { max_connections: 9, threads: 2, hosts: ['new.example'] }, log_level: 'debug' }),
    `tachod: warning: ${RELOADED}; what changed of these takes a restart: ` +
        'auth, http.max_connections, http.threads, interval, listen');
    assert.equal((await json(daemon, '/v1/info')).interval_ms, 1000);
    assert.equal((await ask(daemon, '/healthz', { headers: { Host: 'new.example' } })).status, 200);
    assert.equal(daemon.stderr.match(/listening on/g).length, 1);
    assert.equal(await it.reload({}), `tachod: ${RELOADED}`);

    const told = await subject(t, {}, ['-i', '500ms', '-l', '127.0.0.1:0']);
    assert.equal(await told.reload({ listen: ['127.0.0.1:1'], interval: '2s' }), `tachod: ${RELOADED}`,
        'the command line wins: nothing has changed');
});

test('the default file may be absent, come and be wrong', async (t) => {
    const it = new Subject();
    t.after(() => rmSync(path.dirname(it.file), { recursive: true, force: true }));
    const log = path.join(path.dirname(it.file), 'log');
    const script = `mount -t tmpfs none /etc
        "$TACHOD" -l 127.0.0.1:0 2>'${log}' & pid=$!
        await() { for i in $(seq 1000); do grep -q "$1" '${log}' && return; sleep 0.02; done; false; }
        await listening
        kill -HUP $pid; await 'reloaded$'
        mkdir /etc/tacho; echo '{"interval": "2s"}' >/etc/tacho/tachod.json
        kill -HUP $pid; await 'restart: interval$'
        echo '{"interval": 2}' >/etc/tacho/tachod.json
        kill -HUP $pid; await 'not reloaded: /etc/tacho/tachod.json:1:2: interval: 2: allowed'
        kill $pid; wait $pid`;
    const apart = (text) => spawnSync('unshare', ['--mount', ...process.getuid() ? ['--map-root-user'] : [],
        'sh', '-ec', text], { encoding: 'utf8', timeout: 60000 });

    if (apart('mount -t tmpfs none /etc').status !== 0)
        return t.skip('no mount namespaces here');
    const { status, stderr } = apart(script);
    assert.equal(status, 0, stderr + spawnSync('cat', [log], { encoding: 'utf8' }).stdout);
});

const whyNot = await noFuse();

test('a file that does not answer holds nothing up', { skip: whyNot }, async (t) => {
    const fuse = new Fuse();
    t.after(() => fuse.remove());
    await fuse.mount();
    const it = new Subject(fuse.place);
    const daemon = await it.start(t, {}, ['-l', '127.0.0.1:0', '-i', '500ms']);
    const client = await stream(daemon);
    await client.count(1);

    fuse.freeze();
    const began_ms = Date.now();
    assert.equal(await it.reload(), `tachod: error: ${REFUSED}: the file was not read within 5 s`);
    const took_ms = Date.now() - began_ms;
    assert.ok(took_ms > 4500 && took_ms < 15000, `${took_ms} ms`);
    assert.ok(client.ticks.length > 8, `${client.ticks.length} ticks`);
    assert.match(await it.reload(), /is still not read$/);
    assertContiguous(client.ticks);
    for (const { data } of client.ticks.slice(1))
        assert.ok(!data.flags.includes('gap_before'), `tick ${data.seq}`);

    fuse.thaw();
    await until('the file to be read', async () => {
        await sleep(200);
        return (await it.reload({ http: { hosts: ['a.example'] } })).endsWith(RELOADED) || null;
    });
    assert.equal((await ask(daemon, '/healthz', { headers: { Host: 'a.example' } })).status, 200);

    /* And the end does not wait for it either. */
    fuse.freeze();
    daemon.child.kill('SIGHUP');
    await sleep(500);
    await daemon.stop();
});

test('a SIGHUP before the first tick is no end', async (t) => {
    const it = new Subject();
    it.write({});
    const daemon = await start(['-c', it.file, '-i', '60s']);
    t.after(() => rmSync(path.dirname(it.file), { recursive: true, force: true }));
    daemon.child.kill('SIGHUP');
    await daemon.logged(/configuration reloaded\n/);
    assert.equal((await ask(daemon, '/v1/info')).status, 200);
    await daemon.stop();
});
