// The configuration file: what is taken, what is refused and where, and listening beyond loopback.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { ask, json } from '../support/http.mjs';
import { connect } from '../support/raw.mjs';
import { run, start, stateHome } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const file = path.join(folder, 'tachod.json');
const write = (text) => writeFileSync(file, text);
/** Starts the daemon with a file of this text, for one test. */
async function startWith(t, text, args = []) {
    write(text);
    const daemon = await start(['-c', file, ...args]);
    t.after(() => daemon.stop());
    return daemon;
}

test('the file says what runs', async (t) => {
    const socket = path.join(folder, 'socket');
    const daemon = await startWith(t, `// a comment
{
    "listen": ["127.0.0.1:0", "unix:${socket}"], /* and
    another */
    "interval": "200ms",
    "log_level": "debug"
}
`);
    assert.equal((await json(daemon, '/v1/info')).interval_ms, 200);
    assert.equal((await ask(daemon, '/v1/info', { socketPath: socket })).status, 200);
    assert.doesNotMatch(daemon.stderr, /warning|error/);
});

test('the command line wins over it', async (t) => {
    const daemon = await startWith(t, '{"listen": ["127.0.0.1:1"], "interval": "200ms"}',
        ['-l', '127.0.0.1:0', '-i', '500ms']);
    assert.equal((await json(daemon, '/v1/info')).interval_ms, 500);
    assert.equal(daemon.stderr.match(/listening on/g).length, 1);
});

test('max_connections is the limit', async (t) => {
    const daemon = await startWith(t, '{"listen": ["127.0.0.1:0"], "http": {"max_connections": 3}}');
    const sockets = await Promise.all([1, 2, 3].map(() => connect(daemon)));
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    const refused = await until('the limit', async () => {
        const answer = await ask(daemon, '/v1/info');
        return answer.status === 503 ? answer : null;
    });
    assert.match(refused.json.detail, /http\.max_connections allows/);
    sockets.pop().destroy();
    await until('room', async () => (await ask(daemon, '/v1/info')).status === 200 || null);
});

test('a limit on connections beyond the descriptors is said and kept', async (t) => {
    write('{"http": {"max_connections": 16384}}');
    const result = spawnSync('sh', ['-c', 'ulimit -n 1024; exec timeout -s TERM 2 "$TACHOD" -l 127.0.0.1:0 ' +
        `-c ${file}`], { encoding: 'utf8', timeout: 20000 });
    assert.match(result.stderr, /^tachod: warning: http\.max_connections is 16384, but [^\n]* 512 /m);
    assert.match(result.stderr, /listening on/);
});

/** Text of the file, the error's line and column, its key, and a part of what follows. */
const wrong = [
    ['{\n    "interval": "5x"\n}', '2:5', 'interval', /"5x": allowed: a duration from 100ms to 60s/],
    ['{"interval": 1}', '1:2', 'interval', /1: allowed: a duration/],
    ['{"interval": "61s"}', '1:2', 'interval', /"61s": allowed: a duration/],
    ['{"interval": "1s", // a\n/* b */ "interval": "2s"}', '2:9', 'interval', /stands here twice/],
    ['{"interva": "1s"}', '1:2', 'interva', /no such key; allowed: auth, collectors, history, http, interval, listen, log_level, processes, scrape, select, statsd, textfile$/],
    ['{"history": {"x": 0}}', '1:14', 'history.x', /no such key; allowed: directory, minutes_bytes, processes_bytes, seconds_bytes$/],
    ['{"history": {"directory": ""}}', '1:14', 'history.directory', /"": allowed: the path of a directory, or "none"/],
    ['{"history": {"seconds_bytes": 999999}}', '1:14', 'history.seconds_bytes', /allowed: a whole number from 1000000 /],
    ['{"history": {"minutes_bytes": 1000000.5}}', '1:14', 'history.minutes_bytes', /allowed: a whole number /],
    ['{"history": {"processes_bytes": 1}}', '1:14', 'history.processes_bytes', /allowed: a whole number from 1000000 /],
    ['{"processes": {"argument": true}}', '1:16', 'processes.argument', /no such key; allowed: arguments$/],
    ['{"processes": {"arguments": "no"}}', '1:16', 'processes.arguments', /"no": allowed: true or false$/],
    ['{"processes": false}', '1:2', 'processes', /allowed: an object with arguments$/],
    ['{"http": {\n\t"host": []}}', '2:2', 'http.host', /no such key; allowed: hosts, max_connections, max_connections_per_address, threads$/],
    ['{"http": {"hosts": "a"}}', '1:11', 'http.hosts', /"a": allowed: a list of up to 64 host names/],
    ['{"http": {"hosts": ["a",\n  "a b"]}}', '2:3', 'http.hosts[1]', /"a b": allowed: a list/],
    ['{"http": {"hosts": ["*.example"]}}', '1:21', 'http.hosts[0]', /allowed: a list/],
    ['{"http": {"max_connections": 0}}', '1:11', 'http.max_connections', /0: allowed: .* 1 to 16384/],
    ['{"http": {"max_connections": 16385}}', '1:11', 'http.max_connections', /16385: allowed: /],
    ['{"http": {"threads": 9}}', '1:11', 'http.threads', /9: allowed: a whole number from 1 to 8$/],
    ['{"http": {"max_connections_per_address": 0}}', '1:11', 'http.max_connections_per_address', /0: allowed: .* 1 to 16384$/],
    ['{"http": null}', '1:2', 'http', /allowed: an object with hosts, max_connections, max_connections_per_address, threads$/],
    ['{"listen": []}', '1:2', 'listen', /\[\]: allowed: a list of 1 to 16/],
    ['{"listen": ["127.0.0.1:0", "localhost:80"]}', '1:28', 'listen[1]', /"localhost:80": allowed: .*numeric/],
    ['{"listen": "127.0.0.1:0"}', '1:2', 'listen', /allowed: a list/],
    ['{"log_level": "loud"}', '1:2', 'log_level', /"loud": allowed: "error", "warning", "info" or "debug"/],
    ['{"auth": "password"}', '1:2', 'auth', /"password": allowed: "none"/],
    ['{"collectors": {"cpu": true,\n "netclas": false}}', '2:2', 'collectors.netclas',
        /there is no such key; allowed: .*cpu, .*netclass, .*zram$/],
    ['{"collectors": {"netclass": 0}}', '1:17', 'collectors.netclass', /0: allowed: .*true or false/],
    ['{"collectors": ["netclass"]}', '1:2', 'collectors', /allowed: an object with true or false/],
    ['{"select": {"mounts": {"exclude": "^/("}}}', '1:24', 'select.mounts.exclude',
        /"\^\/\(": allowed: an object with include, exclude or both, .*; at byte 3 of it: missing closing parenthesis$/],
    ['{"nope": {}}', '1:2', 'nope', /no such key/],
    ['{"scrape": [{"url": "http://127.0.0.1:9"},\n {"url": "http://127.0.0.1:8", "timeout": "5x"}]}', '2:32',
        'scrape[1].timeout', /"5x": allowed: a duration from 10ms to the interval$/],
    ['{"scrape": [{"url": "http://127.0.0.1:9", "timeout": "5s"}]}', '1:43', 'scrape[0].timeout',
        /"5s": allowed: a duration from 10ms to the interval, which is 1s by default: say a longer interval too$/],
    ['{"interval": "1s",}', '1:19', 'expected a key in double quotes', /$/],
    ['{"interval": "1s"\n "auth": "none"}', '2:2', 'expected a comma or }', /$/],
    ['{"interval": \'1s\'}', '1:14', 'expected a value', /$/],
    ['{"interval": "1s}\n', '1:14', 'this text has no closing quote', /$/],
    ['{}\n/* and so on', '2:1', 'this comment does not end', /$/],
    ['[]', '1:1', 'allowed', /an object/],
    ['{} {}', '1:4', 'expected nothing more', /$/],
    ['[[[[[[[[[[[[[[[[[[[[[', '1:17', 'nested too deeply', /$/],
    ['{"interval": "1s\\u0000"}', '1:17', 'this is no escape of JSON', /$/],
    ['{"a\nb": 1}', '1:2', 'this text has no closing quote', /$/],
    ['{"a\\nb": 1}', '1:2', 'a?b', /no such key/],
];

test('a wrong file is refused with file, line, column, key and what is allowed', async () => {
    for (const [text, place, key, rest] of wrong) {
        write(text);
        for (const options of [['--check-config'], ['--print-config'], ['--once'], []]) {
            const { code, stdout, stderr } = await run(['-c', file, ...options]);
            const start = `tachod: error: ${file}:${place}: ${key}`;
            assert.equal(stderr.slice(0, start.length), start, text);
            assert.match(stderr.slice(start.length), /^(: |\n)/, text);
            assert.match(stderr.trimEnd(), rest);
            assert.match(stderr, /^[^\n]+\n$/, 'one line');
            assert.deepEqual([code, stdout], [1, ''], text);
        }
    }
});

test('a file that cannot be read is an error, and one that is too large', async () => {
    for (const [name, message] of [['/nonexistent/x', /\/nonexistent\/x: No such file/],
        [folder, /Is a directory/], ['', /No such file/], ['/dev/zero', /larger than 1 MiB/]]) {
        const { code, stderr } = await run(['-c', name, '--check-config']);
        assert.equal(code, 1, name);
        assert.match(stderr, /^tachod: error: cannot read [^\n]+\n$/);
        assert.match(stderr, message);
    }
    assert.equal((await run(['-c', '/nonexistent/x', '--nonsense'])).code, 2, 'usage comes first');
    assert.equal((await run(['-c'])).code, 2);
});

test('--check-config says nothing where nothing is wrong', async () => {
    write('{"listen": ["127.0.0.1:80", "unix:/nonexistent/socket"], "interval": "2s"}');
    for (const args of [['-c', file], ['-c', '/dev/null'], ['-c', file, '-l', '127.0.0.1:0']])
        assert.deepEqual(await run([...args, '--check-config']), { code: 0, stdout: '', stderr: '' });
    const { code, stderr } = await run(['-c', file, '--check-config', '-l', '0.0.0.0:0']);
    assert.equal(code, 1);
    assert.match(stderr, /0\.0\.0\.0:0: beyond loopback there has to be "auth": "none"/);
    write('{"statsd": {"listen": ["udp:0.0.0.0:0"]}}');
    const statsd = await run(['-c', file, '--check-config']);
    assert.equal(statsd.code, 1);
    assert.match(statsd.stderr, /StatsD on udp:0\.0\.0\.0:0: beyond loopback there has to be "auth": "none"/);
});

test('--print-config prints what is in force, as a file', async () => {
    const document = { auth: 'none', collectors: { netclass: false },
        history: { directory: '/nonexistent/tacho', minutes_bytes: 1000000, processes_bytes: 3000000, seconds_bytes: 2000000 },
        http: { hosts: ['tacho.example'], max_connections: 77, max_connections_per_address: 7, threads: 2 },
        interval: '500ms', listen: ['127.0.0.1:80', 'unix:/run/"x"'], log_level: 'warning',
        processes: { arguments: false },
        scrape: [{ interval: '15s', job: 'app', labels: { env: 'test' }, max_bytes: 1048576, max_series: 100,
            timeout: '500ms', token_file: '/nonexistent/token', url: 'http://[::1]:9100/metrics' }],
        select: { disk_devices: { exclude: '.', include: '^"' }, mounts: { include: '^/$' } },
        statsd: { listen: ['udp:127.0.0.1:81', 'unix:/run/"y"'], max_series: 77 },
        textfile: { directory: '/nonexistent/textfiles' } };
    write(JSON.stringify(document));
    const first = await run(['-c', file, '--print-config']);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const printed = JSON.parse(first.stdout);
    assert.equal(printed.collectors.netclass, false);
    assert.ok(Object.keys(printed.collectors).length > 10, 'all are there');
    assert.deepEqual({ ...printed, collectors: document.collectors }, document);
    write(first.stdout);
    assert.deepEqual(await run(['-c', file, '--print-config']), first);
    const { stdout } = await run(['-c', file, '--print-config', '-i', '60s', '-l', '[::1]:7']);
    assert.deepEqual(JSON.parse(stdout), { ...printed, interval: '60s', listen: ['[::1]:7'] });
    const memory = await run(['-c', file, '--print-config', '-d', 'none']);
    assert.deepEqual(JSON.parse(memory.stdout).history, { ...document.history, directory: 'none' });
    const defaults = await run(['-c', '/dev/null', '--print-config']);
    const { collectors, ...others } = JSON.parse(defaults.stdout);
    assert.equal(collectors.netclass, true);
    assert.deepEqual({ ...collectors, netclass: false }, printed.collectors);
    assert.deepEqual(others, { history: { directory: `${stateHome}/tacho` }, http: { hosts: [], max_connections_per_address: 256, threads: 1 },
        interval: '1s', listen: ['127.0.0.1:8224', '[::1]:8224'], log_level: 'info', processes: { arguments: true }, scrape: [],
        statsd: { listen: [], max_series: 2000 } });
    const full = spawnSync('sh', ['-c', 'exec "$TACHOD" -c /dev/null --print-config >/dev/full']);
    assert.equal(full.status, 1);
    assert.match(full.stderr.toString(), /No space left/);
});

test('/etc/tacho/tachod.json is read where there is one', async (t) => {
    const apart = (script) => spawnSync('unshare', ['--mount', ...process.getuid() ? ['--map-root-user'] : [],
        'sh', '-ec', `mount -t tmpfs none /etc; ${script}`], { encoding: 'utf8', timeout: 20000 });
    if (apart('true').status !== 0)
        return t.skip('no mount namespaces here');
    const print = (text, args = '') => apart('mkdir /etc/tacho; ' +
        `echo '${text}' >/etc/tacho/tachod.json; exec "$TACHOD" --print-config ${args}`);
    assert.equal(JSON.parse(apart('exec "$TACHOD" --print-config').stdout).interval, '1s');
    assert.equal(JSON.parse(print('{"interval": "2s"}').stdout).interval, '2s');
    assert.equal(JSON.parse(print('{"interval": "2s"}', '-c /dev/null').stdout).interval, '1s');
    const refused = print('{"interval": 2}');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /^tachod: error: \/etc\/tacho\/tachod\.json:1:2: interval: 2: allowed/);
});

test('beyond loopback only with "auth": "none", and with a warning', async (t) => {
    for (const text of ['{}', '{"listen": ["0.0.0.0:0"]}']) {
        write(text);
        const { code, stderr } = await run(['-c', file, ...text === '{}' ? ['-l', '0.0.0.0:0'] : []]);
        assert.equal(code, 1);
        assert.equal(stderr, 'tachod: error: cannot listen on 0.0.0.0:0: beyond loopback there has to be ' +
            '"auth": "none" in the configuration, as there is no password yet\n');
    }
    const daemon = await startWith(t, '{"listen": ["0.0.0.0:0"], "auth": "none"}');
    assert.match(daemon.stderr, new RegExp('^tachod: warning: everyone who reaches ' +
        `0\\.0\\.0\\.0:${daemon.port} can read everything`, 'm'));
    assert.equal((await ask(daemon, '/v1/info')).status, 200);
});

test('on loopback "auth": "none" changes nothing', async (t) => {
    const daemon = await startWith(t, '{"listen": ["127.0.0.1:0"], "auth": "none"}');
    assert.doesNotMatch(daemon.stderr, /warning/);
});
