// Listening sockets that a service manager hands over.

import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ask } from '../support/http.mjs';
import { run, start } from '../support/tachod.mjs';

const temporary = (t, name) => {
    const file = path.join(os.tmpdir(), `tachod-activation-${process.pid}-${name}`);
    t.after(() => rmSync(file, { force: true }));
    return file;
};

test('they are served in place of those of the configuration', async (t) => {
    const file = temporary(t, 'socket');
    const config = temporary(t, 'config');
    writeFileSync(config, '{"listen": ["127.0.0.1:1"]}');
    const daemon = await start(['-c', config],
        { sockets: ['tcp:127.0.0.1:0', `unix:${file}`, 'tcp:127.0.0.1:0'] });
    t.after(() => daemon.stop());

    await daemon.logged(/(listening on .*\n[^]*){3}/);
    const lines = daemon.stderr.split('\n').filter((line) => line.includes('listening on'));
    assert.equal(lines.length, 3);
    for (const line of lines)
        assert.match(line, /^tachod: listening on (http:\/\/127\.0\.0\.1:\d+\/|unix:\S+) \(from the service manager\)$/);
    for (const [, port] of daemon.stderr.matchAll(/http:\/\/127\.0\.0\.1:(\d+)\//g))
        assert.equal((await ask({ port: Number(port) }, '/v1/info')).status, 200);
    assert.equal((await ask(daemon, '/v1/info', { socketPath: file })).status, 200);
    await daemon.stop();
    assert.ok(existsSync(file), 'the file is of who made it');
});

for (const [what, sockets, message] of [
    ['a datagram socket', ['udp:127.0.0.1:0'], /descriptor 3,.* not a stream socket that listens/],
    ['one that does not listen', ['tcp:127.0.0.1:0', 'bound:127.0.0.1:0'], /descriptor 4,.* not a/],
    ['a file', ['file:/dev/null'], /descriptor 3,.* not a stream socket that listens/],
    ['one beyond loopback', ['tcp:0.0.0.0:0'], /0\.0\.0\.0:\d+: beyond loopback.*"auth": "none"/],
    ['too many', Array(17).fill('tcp:127.0.0.1:0'), /hands over 17 sockets, at most 16 are taken/],
]) {
    test(`${what}: exit 1 and one line that says so`, async () => {
        const { code, stdout, stderr } = await run(['-c', '/dev/null'], 20000, sockets);
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(stderr, /^tachod: error: cannot listen[^\n]*\n$/);
        assert.match(stderr, message);
    });
}

test('with "auth": "none" it may be beyond loopback', async (t) => {
    const config = temporary(t, 'config');
    writeFileSync(config, '{"auth": "none"}');
    const daemon = await start(['-c', config], { sockets: ['tcp:0.0.0.0:0'] });
    t.after(() => daemon.stop());

    assert.match(daemon.stderr, /everyone who reaches 0\.0\.0\.0:\d+ can read everything/);
    assert.equal((await ask(daemon, '/v1/info')).status, 200);
});
