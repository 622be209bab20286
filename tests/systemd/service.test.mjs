// tachod as a service: the units as they are installed, under a real systemd in a container.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
    from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Brackets } from '../support/brackets.mjs';
import { boot, whyNoContainer } from '../support/container.mjs';
import { sleep, until } from '../support/wait.mjs';

const ROOT = process.env.TACHO_SYSTEMD_ROOT;
const skip = whyNoContainer(ROOT);
const TACHOD = path.resolve(process.env.TACHOD);
const BUILD = path.dirname(path.dirname(TACHOD));

const UNIT = 'tachod.service';
/** The port of the service. */
const INSIDE = 8224;

/**
 * What is compared. The rest is of each daemon itself (process_*, its loops and ticks) or is derived
 * from what is compared, over each daemon's own interval, or what its collectors cost: only that both
 * have it is.
 */
const COMPARED = /^node_(?!scrape_collector_duration_seconds)/;
/** Gauges that are not exact, by how much, and why. */
const LOOSE = [
    [/^node_filefd_allocated$/, () => 1000, 'a sum of counters for each CPU that the kernel keeps roughly'],
    [/^node_filesystem_(free_bytes|avail_bytes|files_free).*mountpoint="\/(run\/host\/.*)?"/,
        (value) => value / 1000, 'the host writes there, and they are looked at every 10 s'],
];
const slackOf = (name, value) => LOOSE.find(([pattern]) => pattern.test(name))?.[1](value) ?? 0;

test('only a build for tests can be made to hang', () => {
    const trace = /TACHO_TEST_HANG|hang_if_asked/;

    assert.match(readFileSync(TACHOD, 'latin1'), trace);
    assert.doesNotMatch(readFileSync(process.env.TACHO_PLAIN, 'latin1'), trace);
});

test('systemd-analyze has nothing to say about the units', (t) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-units-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const verify = () => {
        const { status, stdout, stderr } = spawnSync('systemd-analyze',
            ['verify', '--man=no', path.join(folder, UNIT), path.join(folder, 'tachod.socket')],
            { encoding: 'utf8', timeout: 30000 });
        return { status, text: stdout + stderr };
    };
    const unit = readFileSync(path.join(BUILD, 'systemd', UNIT), 'utf8');

    copyFileSync(new URL('../../systemd/tachod.socket', import.meta.url),
        path.join(folder, 'tachod.socket'));
    writeFileSync(path.join(folder, UNIT), unit.replace(/^ExecStart=\S+/m, `ExecStart=${TACHOD}`));
    assert.deepEqual(verify(), { status: 0, text: '' });
    writeFileSync(path.join(folder, UNIT), unit.replace(/^ProtectSystem=.*/m, 'ProtectSystm=yes'));
    assert.match(verify().text, /ProtectSystm/);
});

describe('under systemd', { skip }, () => {
    let machine;

    before(async () => {
        machine = await boot(ROOT, {
            prepare: (root) => execFileSync('meson', ['install', '-C', BUILD, '--no-rebuild',
                '--destdir', root], { stdio: 'pipe' }),
            /* What a sandbox may hide, and what it may falsify. */
            options: ['--tmpfs=/home:size=8m', '--tmpfs=/srv:size=4m,ro',
                '--system-call-filter=adjtimex clock_adjtime'],
        });
    });
    after(() => machine?.stop());

    const systemctl = (...args) => machine.run('systemctl', ...args);
    const show = async (...names) => Object.fromEntries(
        (await systemctl('show', UNIT, ...names.map((name) => `--property=${name}`)))
            .trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const journal = (since) => machine.run('journalctl', '--unit', UNIT, `--since=${since}`,
        '--output=cat', '--no-pager');
    const now = async (port, query = '') =>
        JSON.parse(await machine.curl(`localhost:${port}/v1/now${query}`));

    /** Settings over the unit's own, for one test. */
    async function override(t, unit, ...lines) {
        const folder = path.join(machine.root, 'etc/systemd/system', `${unit}.d`);

        mkdirSync(folder, { recursive: true });
        writeFileSync(path.join(folder, 'test.conf'), lines.map((line) => `${line}\n`).join(''));
        await systemctl('daemon-reload');
        t.after(async () => {
            await systemctl('stop', 'tachod.socket', UNIT);
            await machine.ask(['systemctl', 'reset-failed', UNIT, 'tachod.socket']);
            rmSync(folder, { recursive: true });
            await systemctl('daemon-reload');
        });
    }

    test('it starts, tells that it is ready, and is active', async () => {
        await systemctl('start', UNIT);
        const unit = await show('Type', 'ActiveState', 'SubState', 'StatusText', 'MainPID',
            'WatchdogUSec', 'NRestarts');
        assert.equal(unit.Type, 'notify');
        assert.deepEqual([unit.ActiveState, unit.SubState], ['active', 'running']);
        assert.equal(unit.StatusText, 'serving http://127.0.0.1:8224/ http://[::1]:8224/');
        assert.deepEqual([unit.WatchdogUSec, unit.NRestarts], ['30s', '0']);
        assert.equal(await machine.curl('-o', '/dev/null', '-w', '%{http_code}',
            'http://[::1]:8224/v1/info'), '200');
        const status = await machine.run('cat', `/proc/${unit.MainPID}/status`);
        assert.doesNotMatch(status, /^Uid:\s+0\s/m);
        assert.match(status, /^NoNewPrivs:\s+1$/m);
        assert.match(status, /^CapBnd:\s+0+$/m);
        assert.match(status, /^Seccomp:\s+2$/m);
    });

    test('what it logs has a priority in the journal', async () => {
        const lines = (await machine.run('journalctl', '--unit', UNIT, '--output=json',
            '--no-pager')).trim().split('\n').map((line) => JSON.parse(line));
        const [line] = lines.filter(({ MESSAGE }) => /^listening on http/.test(MESSAGE));
        assert.equal(line.PRIORITY, '6');
    });

    test('its history is in its state directory, and goes on after a restart', async () => {
        const { epoch, seq } = await now(INSIDE);

        assert.equal(await machine.run('cat', '/var/lib/tacho/format'), 'tacho 1\n');
        assert.equal(await machine.run('stat', '-L', '-c', '%a', '/var/lib/tacho'), '700\n');
        await systemctl('restart', UNIT);
        const later = await now(INSIDE);
        assert.equal(later.epoch, epoch);
        assert.ok(later.seq >= seq);
        assert.doesNotMatch(await journal('-1h'), /the history is in memory/);
    });

    test('it reloads, and goes on as the same process', async () => {
        const { MainPID, NRestarts } = await show('MainPID', 'NRestarts');
        const { seq } = await now(INSIDE);

        await systemctl('reload', UNIT);
        await until('a tick after it', async () =>
            (await now(INSIDE, '?name=node_load1&wait=5s')).seq > seq + 1 || null);
        const unit = await show('ActiveState', 'MainPID', 'NRestarts', 'StatusText');
        assert.deepEqual(unit, { ActiveState: 'active', MainPID, NRestarts,
            StatusText: 'serving http://127.0.0.1:8224/ http://[::1]:8224/' });
    });

    describe('its sandbox changes no value', () => {
        const OUTSIDE = 8225;

        before(async () => {
            await systemctl('start', UNIT);
            /* Mounts that come after the service's namespace was made. */
            await machine.run('sh', '-c', 'mkdir -p /mnt/late /tmp/below && ' +
                'mount -t tmpfs -o size=2m late /mnt/late && ' +
                'mount -t tmpfs -o size=3m below /tmp/below');
            /* As root and without any sandbox. */
            machine.start('sh', '-c', 'echo $$ >/run/outside.pid; ' +
                `exec /usr/bin/tachod -c /dev/null -l 127.0.0.1:${OUTSIDE} -i 100ms`);
            await until('the daemon outside', () => now(OUTSIDE).then(() => true, () => null));
        });
        after(() => machine?.run('sh', '-c',
            'kill $(cat /run/outside.pid); umount /mnt/late /tmp/below'));

        /** Waits until the file systems, which are looked at every 10 s, are known to it. */
        const knowsMounts = () => until('the new mounts', async () =>
            (await now(INSIDE, '?name=node_filesystem_size_bytes&label=mountpoint:/mnt/late'))
                .series.length > 0 || null);

        async function compare(rounds) {
            const brackets = new Brackets(slackOf);

            for (let i = 0; i < rounds; i++) {
                const outside = [await now(OUTSIDE)];
                let inside = null;
                const asked = now(INSIDE, '?wait=5s').then((answer) => { inside = answer; });
                while (inside === null)
                    outside.push(await now(OUTSIDE, '?wait=5s'));
                await asked;
                outside.push(await now(OUTSIDE, '?wait=5s'), await now(OUTSIDE, '?wait=5s'));
                brackets.add(inside, outside);
            }
            return brackets;
        }

        test('all that it shows is as without it', async () => {
            await knowsMounts();
            const brackets = await compare(5);
            const isBelow = (text) => text.includes('mountpoint="/tmp/below"');

            assert.deepEqual(brackets.unpaired.filter((name) => !isBelow(name)), []);
            assert.deepEqual(brackets.differing(COMPARED).filter((text) => !isBelow(text)), []);
            assert.ok(brackets.count(COMPARED) > 200, String(brackets.count(COMPARED)));
            /* DynamicUser= has its own /tmp, as the unit's comment says. */
            assert.deepEqual(brackets.differing(COMPARED).filter(isBelow), [
                'node_filesystem_device_error{device="below",fstype="tmpfs",' +
                    'mountpoint="/tmp/below"}: 1 inside, 0 outside']);
            assert.ok(brackets.unpaired.filter(isBelow).every((name) => name.startsWith('-')));
        });

        /* What the unit's comment says of options that are not in it; and this can fail. */
        for (const [option, what] of [
            ['ProtectProc=invisible', /^-node_filesystem_readonly.*mountpoint="\/"/],
            ['ProcSubset=pid', /^-node_load1$/],
            ['ProtectClock=yes', /^-node_timex_status$/],
            ['ProtectHome=tmpfs', /node_filesystem_device_error.*mountpoint="\/home".*: 1 in/],
        ]) {
            test(`${option} would change some`, async (t) => {
                /* Without what was there before, of which some would still be shown. */
                await override(t, UNIT, '[Service]', option, 'ExecStart=',
                    'ExecStart=/usr/bin/tachod -d none');
                await systemctl('restart', UNIT);
                await until('a tick', async () => (await now(INSIDE)).seq > 2 || null);
                const brackets = await compare(1);
                const found = [...brackets.unpaired, ...brackets.differing(COMPARED)];
                assert.ok(found.some((text) => what.test(text)), found.join('\n'));
            });
        }
    });

    /* The watchdog waits for a second, and a tick comes every 200 ms. */
    const SHORT = ['[Service]', 'WatchdogSec=1s', 'LimitCORE=0'];
    const command = (interval) => ['ExecStart=', `ExecStart=/usr/bin/tachod -i ${interval}`];

    for (const [name, told] of [['http', /an HTTP loop does not turn any more/],
        ['sampler', /TACHO_TEST_HANG: the sampler hangs/]]) {
        test(`it is restarted when the ${name} hangs`, async (t) => {
            await override(t, UNIT, ...SHORT, ...command('200ms'),
                `Environment=TACHO_TEST_HANG=${name}`);
            const since = (await machine.run('date', '+@%s.%N')).trim();
            await systemctl('restart', UNIT);
            const { MainPID } = await show('MainPID');
            assert.ok(Number(MainPID) > 0);
            await until('a restart', async () => {
                const unit = await show('NRestarts', 'ActiveState', 'MainPID');
                return (Number(unit.NRestarts) > 0 && unit.ActiveState === 'active' &&
                    Number(unit.MainPID) > 0 && unit.MainPID !== MainPID) || null;
            }, { every_ms: 50 });
            const log = await journal(since);
            assert.match(log, told);
            assert.match(log, /Watchdog timeout/);
            assert.match(log, /Failed with result 'watchdog'/);
        });
    }

    test('at rest it is not: a loop without requests proves itself too', async (t) => {
        await override(t, UNIT, ...SHORT, ...command('10s'));
        await systemctl('restart', UNIT);
        await sleep(4000);
        assert.deepEqual(await show('WatchdogUSec', 'ActiveState', 'NRestarts'),
            { WatchdogUSec: '1s', ActiveState: 'active', NRestarts: '0' });
    });

    describe('with tachod.socket', () => {
        const SOCKET = 'tachod.socket';
        const FILE = '/run/tachod-test.sock';
        const state = async () => (await show('ActiveState')).ActiveState;
        const status = (...args) =>
            machine.curl('-o', '/dev/null', '-w', '%{http_code}', ...args).catch(() => 'none');

        async function configure(t, text) {
            const file = path.join(machine.root, 'etc/tacho/tachod.json');
            mkdirSync(path.dirname(file), { recursive: true });
            writeFileSync(file, text);
            t.after(() => rmSync(file));
        }

        test('the first connection starts it, and its own addresses are not used', async (t) => {
            await configure(t, '{"listen": ["127.0.0.1:9999"]}');
            await override(t, SOCKET, '[Socket]', `ListenStream=${FILE}`);
            const unix = ['--unix-socket', `/proc/${machine.pid}/root${FILE}`, 'http://localhost/'];
            await systemctl('stop', UNIT);
            await systemctl('start', SOCKET);
            assert.equal(await state(), 'inactive');
            const since = (await machine.run('date', '+@%s.%N')).trim();

            assert.equal(await status('http://127.0.0.1:8224/v1/info'), '200');
            assert.equal(await state(), 'active');
            assert.equal(await status('http://[::1]:8224/v1/now'), '200');
            assert.equal(await status(...unix), '200');
            assert.equal(await status('http://127.0.0.1:9999/'), 'none');
            const log = await journal(since);
            for (const address of ['http://127.0.0.1:8224/', 'http://[::1]:8224/', `unix:${FILE}`])
                assert.ok(log.includes(`listening on ${address} (from the service manager)\n`), log);

            /* The socket's file is not its own; the next connection starts it again. */
            await systemctl('stop', UNIT);
            assert.equal(await status(...unix), '200');
            assert.equal(await state(), 'active');
        });

        test('beyond loopback it takes "auth": "none" here too', async (t) => {
            await override(t, SOCKET, '[Socket]', 'ListenStream=0.0.0.0:8226');
            await systemctl('stop', UNIT);
            await systemctl('start', SOCKET);
            const since = (await machine.run('date', '+@%s.%N')).trim();
            const { code } = await machine.ask(['systemctl', 'start', UNIT]);
            assert.notEqual(code, 0);
            assert.match(await journal(since), /cannot listen on 0\.0\.0\.0:8226: beyond loopback/);
            await systemctl('stop', SOCKET, UNIT);
            await machine.ask(['systemctl', 'reset-failed', UNIT, SOCKET]);
            await configure(t, '{"auth": "none"}');
            await systemctl('start', SOCKET, UNIT);
            assert.equal(await status('http://127.0.0.1:8226/v1/info'), '200');
        });

        test('where IPv6 is switched off the other address is served', async (t) => {
            const write = (value) => machine.run('sh', '-c',
                `echo ${value} >/proc/sys/net/ipv6/conf/all/disable_ipv6`);
            await override(t, SOCKET, '[Socket]');
            await systemctl('stop', UNIT);
            await write(1);
            t.after(() => write(0));
            await systemctl('start', SOCKET);
            assert.equal(await status('http://127.0.0.1:8224/v1/info'), '200');
        });
    });
});
