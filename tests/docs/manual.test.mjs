// The manual pages say what the program does: its options, its keys, its limits, and examples that
// work as they stand.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { bash, read } from '../support/bash.mjs';
import { ask } from '../support/http.mjs';
import { run, start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const manual = read('man/tachod.8');
const keys = read('man/tachod.json.5');
const api = read('man/tachod-api.7');
/** A page without its macros and line breaks, as one reads it. */
const plain = (page) => page.replace(/^\.(\w+) ?/gm, '').replace(/ Ns | , |"/g, ' ').replace(/\s+/g, ' ');
/** The part of a page below a heading. */
const section = (page, name) => page.split(`\n.Sh ${name}\n`)[1].split('\n.Sh ')[0];
/** The literal texts of a section. */
const examples = (page) => [...section(page, 'EXAMPLES').matchAll(/^\.Bd .*\n([^]*?)^\.Ed$/gm)]
    .map(([, text]) => text.replaceAll('\\e', '\\'));

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-manual-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(text) {
    const file = path.join(folder, 'tachod.json');
    writeFileSync(file, text);
    const { code, stderr } = await run(['-c', file, '--check-config']);
    assert.equal(code, 1, text);
    return stderr;
}

/** All keys that the program knows: it lists those that are allowed where one is not. */
async function knownKeys() {
    const listed = async (object) =>
        (await refusal(object)).match(/there is no such \w+; allowed: (.*)\n/)?.[1].split(', ');
    const found = [];

    for (const name of await listed('{"nope": 0}')) {
        const inner = name === 'collectors' ? null : await listed(`{"${name}": {"nope": 0}}`);
        found.push(...inner?.map((each) => `${name}.${each}`) ?? [name]);
    }
    return found;
}

test('each option of --help is in tachod(8), and no other', async () => {
    const { stdout } = await run(['--help']);
    const names = (text, pattern) => [...text.matchAll(pattern)].map(([, ...parts]) =>
        parts.filter(Boolean).join(' ')).sort();
    const helped = names(stdout, /^ {2}(?:-(\w), | {4})--([\w.-]+)/gm);

    assert.ok(helped.length >= 13);
    assert.deepEqual(names(manual, /^\.It (?:Fl (\w)(?: Ar \w+)? , )?Fl -([\w.-]+)/gm), helped);
    for (const name of helped.map((each) => each.split(' ')))
        assert.ok(section(manual, 'SYNOPSIS').includes(name.length > 1 ? name[0] : `Fl -${name[0]}`));
});

test('each key of the configuration is in tachod.json(5), and no other', async () => {
    const described = [...section(keys, 'KEYS').matchAll(/^\.It Cm (\S+)$/gm)].map(([, name]) => name);

    assert.deepEqual(described, [...described].sort());
    assert.deepEqual(described, (await knownKeys()).sort());
});

test('what a reload puts in force is what tachod.json(5) says', () => {
    const rows = read('daemon/config_key.c').split(/\{\.path = "/).slice(1).map((row) =>
        [row.split('"')[0], /^\s*\.live = true,?}?,?$/m.test(row.split('};')[0])]);

    assert.ok(rows.some(([, live]) => live) && rows.some(([, live]) => !live));
    for (const [name, live] of rows) {
        const text = section(keys, 'KEYS').split(`\n.It Cm ${name}\n`)[1].split('\n.It ')[0];
        assert.equal(/^Applies at once/m.test(text), live, name);
        assert.equal(/^Takes a restart/m.test(text), !live, name);
    }
});

test('each collector is in tachod.json(5), and no other', () => {
    const registered = [...read('collectors/registry.c').matchAll(/^ {4}&(\w+)_collector,$/gm)];

    assert.ok(registered.length >= 16);
    assert.deepEqual([...section(keys, 'COLLECTORS').matchAll(/^\.It Cm (\S+)$/gm)].map(([, name]) => name),
        registered.map(([, name]) => name));
});

test('which collectors are off by default is what tachod.json(5) says', async () => {
    const { stdout } = await run(['-c', '/dev/null', '--print-config']);
    const off = Object.entries(JSON.parse(stdout).collectors).filter(([, on]) => !on).map(([name]) => name);

    assert.deepEqual(section(keys, 'COLLECTORS').split('\n.It Cm ').slice(1)
        .filter((item) => /; off by default$/m.test(item)).map((item) => item.split('\n')[0]), off);
});

test('each path that is served is in tachod-api(7)', () => {
    const paths = [...read('daemon/routes.c').matchAll(/\{"(\/[\w/.]+)", api_/g)].map(([, name]) => name);

    assert.ok(paths.length >= 8);
    for (const name of paths)
        assert.match(api, new RegExp(`^\\.It Pa ${name}$`, 'm'));
});

/** A constant of the sources, and what the manual says of it in words. */
const limits = [
    ['collectors/system/cpu_counts.h', 'CPU_COUNTS_MAX', 65536, 'up to 65,536 counts'],
    ['daemon/config.h', 'CONFIG_CONNECTIONS_MAX', 16384, 'at most 16,384'],
    ['daemon/config.h', 'CONFIG_HTTP_THREADS_MAX', 8, 'at most 8 threads'],
    ['daemon/config.h', 'CONFIG_PER_ADDRESS_DEFAULT', 256, '256 connections of one address'],
    ['daemon/config.h', 'CONFIG_HOSTS_MAX', 64, '64 hosts'],
    ['daemon/scrape_config.h', 'SCRAPE_TARGETS_MAX', 64, 'up to 64 objects'],
    ['daemon/scraper.c', 'STARTS_A_TURN', 8, '8 in a turn of the loop'],
    ['daemon/fetch.h', 'FETCH_PIECE_BYTES', 16 << 10, 'at most 64 KiB, packed or unpacked, of a turn'],
    ['daemon/fetcher.c', 'BYTES_A_TURN', '(4 * FETCH_PIECE_BYTES)', 'at most 64 KiB, packed or unpacked, of a turn'],
    ['daemon/fetch.h', 'FETCH_HEADER_BYTES', 16 << 10, '16 KiB and 256 lines of headers'],
    ['daemon/fetch.h', 'FETCH_HEADER_LINES', 256, '16 KiB and 256 lines of headers'],
    ['collectors/application/exposition.h', 'EXPOSITION_LINE_MAX', 65536, 'lines of 64 KiB'],
    ['collectors/application/exposition.h', 'EXPOSITION_NAME_MAX', 256, 'names of 256 bytes'],
    ['collectors/application/exposition.h', 'EXPOSITION_LABELS_MAX', 30, '30 labels of 1,024'],
    ['collectors/application/exposition.h', 'EXPOSITION_VALUE_MAX', 1024, '30 labels of 1,024'],
    ['daemon/scrape_prepare.h', 'SCRAPE_PREPARE_NS', 60e9, 'once a minute, or every 10 s'],
    ['daemon/scrape_prepare.h', 'SCRAPE_RETRY_NS', 10e9, 'once a minute, or every 10 s'],
    ['daemon/scrape_prepare.h', 'SCRAPE_TOKEN_MAX', 4096, 'at most 4096 bytes'],
    ['daemon/scrape_prepare.c', 'BUSY_MAX', '(TASK_WORKERS_MAX / 2)', '16 at a time'],
    ['daemon/scrape_config.h', 'SCRAPE_LABELS_MAX', 16, 'up to 16 labels'],
    ['daemon/scrape_config.h', 'SCRAPE_NAME_MAX', 128, '1 to 128 bytes'],
    ['daemon/scrape_config.h', 'SCRAPE_INTERVAL_MIN_MS', 100, 'from 100ms to 1h'],
    ['daemon/scrape_config.h', 'SCRAPE_INTERVAL_MAX_MS', 3600000, 'from 100ms to 1h'],
    ['daemon/scrape_config.h', 'SCRAPE_TIMEOUT_MIN_MS', 10, 'from 10ms to its interval'],
    ['daemon/scrape_config.h', 'SCRAPE_TIMEOUT_DEFAULT_MS', 10000, 'at most 10 s'],
    ['daemon/scrape_config.h', 'SCRAPE_BYTES_MIN', 1024, 'from 1024 to 1073741824'],
    ['daemon/scrape_config.h', 'SCRAPE_BYTES_MAX', 1 << 30, 'from 1024 to 1073741824'],
    ['daemon/scrape_config.h', 'SCRAPE_BYTES_DEFAULT', 16 << 20, 'By default 16777216'],
    ['daemon/scrape_config.h', 'SCRAPE_SERIES_DEFAULT', 2000, 'By default 2000'],
    ['daemon/scrape_cache.h', 'SCRAPE_SERIES_BYTES', 512, 'have 512 bytes for each of'],
    ['daemon/scrape_cache.h', 'SCRAPE_TEXTS_MIN', 'EXPOSITION_LINE_MAX', 'and 64 KiB at least, together'],
    ['daemon/series_quota.h', 'SERIES_QUOTA_APPLICATIONS', 6000, 'at most 6,000'],
    ['daemon/config.h', 'CONFIG_INTERVAL_MIN_MS', 100, 'from 100ms'],
    ['daemon/config.h', 'CONFIG_INTERVAL_MAX_MS', 60000, 'to 60s'],
    ['daemon/config_file.h', 'CONFIG_FILE_MAX_BYTES', 1 << 20, 'configuration 1 MiB'],
    ['daemon/json_text.h', 'JSON_TEXT_MAX_DEPTH', 16, '16 nested values'],
    ['daemon/reload.h', 'RELOAD_DEADLINE_SECONDS', 5, 'not read within 5 s'],
    ['daemon/listening.h', 'LISTENING_MAX', 16, '16 addresses'],
    ['daemon/listener.c', 'ACCEPTS_A_TURN', 64, '64 connections, which several HTTP loops share'],
    ['daemon/listener.c', 'PAUSE_SECONDS', 0.2, '200 ms'],
    ['daemon/refusal.h', 'REFUSALS_MAX', 8, '8 such sockets'],
    ['daemon/refusal.c', 'LINGER_SECONDS', 1, 'stay open for a second'],
    ['daemon/listener.c', 'SEND_BYTES', 128 << 10, '128 KiB'],
    ['daemon/listener.c', 'USER_TIMEOUT_MS', 120000, '120 s'],
    ['daemon/routes.c', 'TARGET_MAX', 4096, 'request target 4 KiB'],
    ['daemon/http_daemon.c', 'CONNECTION_MEMORY', 8 << 10, '8 KiB'],
    ['daemon/http_daemon.c', 'IDLE_TIMEOUT_SECONDS', 30, '30 s without a byte'],
    ['daemon/stream.c', 'PING_MAX_MS', 15000, 'three intervals or 15 seconds'],
    ['daemon/stream.c', 'PING_INTERVALS', 3, 'three intervals or 15 seconds'],
    ['daemon/query.h', 'QUERY_MAX_PARAMETERS', 64, 'parameters 64 a request'],
    ['daemon/respond.c', 'UNREAD_MAX_BYTES', 32 << 20, '32 MiB together'],
    ['daemon/select.c', 'SELECT_MAX_TERMS', 512, '512 ids and ranges'],
    ['daemon/selector.h', 'SELECTOR_MAX_MATCHERS', 32, '32 matchers'],
    ['daemon/pattern.h', 'PATTERN_MAX_BYTES', 512, '512 bytes'],
    ['daemon/pattern.h', 'PATTERN_MAX_STEPS', 1000, '1,000 steps'],
    ['daemon/pattern.h', 'PATTERN_MAX_MS', 30, '30 ms of CPU time a request'],
    ['daemon/pattern.c', 'MAX_COMPILED_BYTES', 4096, '4 KiB compiled'],
    ['daemon/pattern.c', 'MAX_NESTING', 50, '50 nested groups'],
    ['daemon/pattern.c', 'MAX_HEAP_KIB', 512, '512 KiB a value'],
    ['daemon/history.h', 'HISTORY_BLOCK_TICKS', 256, 'From one interval to 512'],
    ['daemon/history.h', 'HISTORY_BLOCKS', 2, 'ring 512 ticks'],
    ['daemon/api_now.c', 'WAIT_MAX_MS', 60000, 'to 60 s'],
    ['daemon/waiters.h', 'WAITERS_MAX', 1024, '1,024 requests wait'],
    ['daemon/waiters.c', 'RESUMED_AT_ONCE', 8, '8 at a time and for 2 ms'],
    ['daemon/waiters.c', 'TURN_MS', 2, '8 at a time and for 2 ms'],
    ['daemon/history_query.h', 'HISTORY_POINTS_MAX', 10000, '1 to 10,000'],
    ['daemon/history_query.h', 'HISTORY_QUANTILES_MAX', 8, 'At most 8 different ones'],
    ['daemon/history_query.h', 'HISTORY_WAIT_MAX_MS', 60000, 'to 60 s'],
    ['daemon/history_query.c', 'QUANTILE_DIGITS', 12, 'of 12 characters'],
    ['daemon/history_query.c', 'DEFAULT_POINTS', 1000, 'by default 1,000'],
    ['daemon/history_query.c', 'DEFAULT_SPAN_MS', 300000, '5 minutes ago'],
    ['daemon/history_query.c', 'MAX_STEP_MS', 86400000, '1 ms to 24 h'],
    ['daemon/orders.h', 'ORDERS_AT_WORK', 4, '4 at a time for each HTTP loop'],
    ['daemon/orders.h', 'ORDERS_WAITING', 64, 'while 64 wait'],
    ['daemon/orders.h', 'ORDERS_BUSY_MAX', '(TASK_WORKERS_MAX - 2)', 'and answers 30'],
    ['daemon/api_health.c', 'HEALTHY_INTERVALS', 3, 'when none came for three intervals'],
    ['daemon/history_answer.h', 'HISTORY_VALUES_MAX', 100000, '100,000 values a request: of /v1/history'],
    ['daemon/range.h', 'RANGE_MAX_VALUES', 100000, 'series times ticks'],
    ['daemon/walk.h', 'WALK_MAX_MARKS', 10000, 'up to 10,000 of them'],
    ['daemon/points.h', 'MINUTE_MS', 60000, 'So it is to a minute'],
    ['daemon/archive.h', 'ARCHIVE_MAX_UNWRITTEN', 64, 'At most 64 segments of 256 ticks each'],
    ['daemon/archivist.h', 'ARCHIVIST_SYNC_MS', 10000, 'at most the last 10 s when the power goes'],
    ['daemon/archivist.h', 'ARCHIVIST_SYNC_MS', 10000, 'at each tick, or every 10 s'],
    ['daemon/storage.h', 'STORAGE_SECONDS_BYTES', 48e6, 'by default 48 MB'],
    ['daemon/storage.h', 'STORAGE_SECONDS_BYTES', 48e6, 'by default 48000000'],
    ['daemon/storage.h', 'STORAGE_MINUTES_BYTES', 32e6, 'by default 32 MB'],
    ['daemon/storage.h', 'STORAGE_MINUTES_BYTES', 32e6, 'By default 32000000'],
    ['daemon/storage.h', 'STORAGE_PROCESSES_BYTES', 16e6, 'by default 16 MB'],
    ['daemon/storage.h', 'STORAGE_PROCESSES_BYTES', 16e6, 'by default 16000000'],
    ['daemon/process_past.h', 'PROCESS_PAST_TOP', 20, 'among the first 20 by CPU, memory or I/O'],
    ['daemon/process_query.h', 'PROCESS_QUERY_LIMIT_MAX', 1000, '1 to 1,000, by default 20'],
    ['daemon/process_query.c', 'LIMIT_DEFAULT', 20, '1 to 1,000, by default 20'],
    ['daemon/process_query.h', 'PROCESS_QUERY_PIDS_MAX', 64, 'up to 64 process ids'],
    ['daemon/process_answer.h', 'PROCESS_ANSWER_STREAMED_MAX', 100, '1 to 100, adds an event'],
    ['daemon/processes.h', 'PROCESSES_WATCHED_NS', 5e9, '5 s after the last look'],
    ['daemon/processes.c', 'WRITE_PATIENCE_NS', '(500 * NS_PER_MS)', 'a list of processes after half a second'],
    ['collectors/system/textfile.h', 'TEXTFILE_FILES_MAX', 1024, '1,024 of the folder'],
    ['collectors/system/textfile.h', 'TEXTFILE_BYTES_MAX', '((off_t)4 << 20)', 'each of 4 MiB at most'],
    ['collectors/findings.h', 'FINDINGS_MAX', 8192, '8,192 samples of all of them together'],
    ['collectors/findings.h', 'FINDINGS_BYTES_MAX', '((size_t)4 << 20)', '4 MiB of names, labels and help'],
    ['collectors/process_list.h', 'PROCESS_LIST_MAX', 32768, '32,768 in a list'],
    ['collectors/process_list.h', 'PROCESS_COMMAND_MAX', 1024, '1 KiB of each command line'],
    ['daemon/descriptors.c', 'PROCESS_DESCRIPTORS', 1024, '1,024 of their files'],
    ['daemon/storage.h', 'STORAGE_SMALL_DISK_BYTES', 1e9, 'less than 1 GB free'],
    ['daemon/config.h', 'CONFIG_HISTORY_MIN_BYTES', 1e6, 'from 1000000 to 1000000000000'],
    ['daemon/config.h', 'CONFIG_HISTORY_MAX_BYTES', 1e12, 'from 1000000 to 1000000000000'],
    ['daemon/audience.h', 'AUDIENCE_MAX_SUBSCRIPTIONS', 64, '64 different ones'],
    ['daemon/audience.h', 'AUDIENCE_MAX_REPLAYS', 16, '16 at a time'],
    ['daemon/replay.h', 'REPLAY_TICKS', 256, 'among the last 256'],
    ['daemon/stream.h', 'STREAM_RESUMED_AT_ONCE', 250, '250 clients'],
    ['daemon/stream.c', 'REPLAY_STALL_TICKS', 20, 'for 20 ticks'],
    ['daemon/stream.c', 'STALL_SECONDS', 120, '120 s in which a stream'],
    ['daemon/track.h', 'TRACK_FRAMES', 16, 'the last 16 events'],
    ['daemon/core.h', 'CORE_MAX_SERIES', 10000, '10,000 live ones'],
    ['daemon/series.h', 'SERIES_LABELS_MAX', 32, '32 labels'],
    ['daemon/descriptors.c', 'RESERVED_DESCRIPTORS', 256, 'less 256'],
    ['daemon/collector_run.h', 'COLLECTOR_RUN_RETRY_S', 60, 'tried again every 60 s'],
    ['daemon/collector_run.c', 'MESSAGE_EVERY_NS', '(60 * NS_PER_SECOND)', 'once a minute'],
    ['daemon/log.c', 'LINE_BYTES', 1024, '1,024 bytes'],
    ['daemon/datagrams.h', 'DATAGRAM_MAX', 65535, 'Packets of 65,535 bytes'],
    ['collectors/application/statsd.h', 'STATSD_LINE_MAX', 8192, 'lines of 8 KiB'],
    ['collectors/application/statsd.h', 'STATSD_NAME_MAX', 256, 'names of 256 bytes'],
    ['collectors/application/statsd.h', 'STATSD_TAGS_MAX', 30, '30 tags a metric'],
    ['collectors/application/statsd.h', 'STATSD_VALUE_MAX', 1024, "1,024 bytes a tag's value"],
    ['daemon/statsd_buffer.h', 'STATSD_SET_MAX', 16384, '16,384 a set'],
    ['daemon/statsd_buffer.h', 'STATSD_MEMBERS_MAX', 65536, '65,536 in all'],
    ['daemon/statsd_buffer.h', 'STATSD_BUCKETS_MAX', 8192, '8,192 buckets of all histograms'],
    ['daemon/config.h', 'CONFIG_STATSD_SERIES', 2000, 'by default 2,000 series'],
    ['daemon/config.h', 'CONFIG_STATSD_SERIES', 2000, 'By default 2000.'],
    ['daemon/config.h', 'CONFIG_STATSD_SERIES_MAX', 6000, 'from 1 to 6000'],
    ['daemon/config.h', 'CONFIG_STATSD_LISTEN_MAX', 8, 'List of up to 8 addresses'],
    ['daemon/series_quota.h', 'SERIES_QUOTA_APPLICATIONS', 6000, 'are at most 6,000'],
    ['daemon/statsd_table.h', 'STATSD_SENDERS_MAX', 512, '256 processes and 256 UDP sockets that send are known'],
    ['daemon/statsd_table.h', 'STATSD_UNKNOWN_MS', 60000, 'nothing came of the series for 60 s'],
    ['daemon/statsd_table.h', 'STATSD_DISTRIBUTION_SERIES', 6, 'has 6 of them'],
    ['daemon/senders.h', 'SENDERS_SILENT_MS', 600000, 'silent for 10 minutes'],
    ['daemon/datagrams.c', 'RECEIVE_BYTES', '(8 << 20)', 'asked to hold 8 MiB'],
    ['collectors/task.h', 'TASK_DEADLINE_NS', 5e9, 'after 5 s'],
    ['collectors/task.h', 'TASK_WORKERS_MAX', 32, '32 at a time'],
    ['collectors/system/filesystem.c', 'BUSY_MAX_RELIABLE', '(TASK_WORKERS_MAX * 3 / 4)', 'at most 24'],
    ['collectors/procfs.h', 'PROCFS_FILE_MAX', '((size_t)4 << 20)', 'files of the kernel 4 MiB'],
    ['collectors/system/cpu.h', 'CPU_ROWS_MAX', 8192, '8,192 CPUs'],
    ['collectors/system/disk.h', 'DISK_ROWS_MAX', 8192, '8,192 CPUs, disks'],
    ['collectors/system/netdev.h', 'NETDEV_ROWS_MAX', 8192, '8,192 CPUs, disks and network interfaces'],
    ['collectors/system/netclass.h', 'NETCLASS_LINKS_MAX', 8192, '8,192 CPUs, disks and network interfaces'],
    ['collectors/system/mountinfo.h', 'MOUNTINFO_ROWS_MAX', 4096, '4,096 mounts'],
    ['collectors/process_list.h', 'PROCESS_LIST_MAX', 32768, '32,768 of them'],
    ['collectors/process_list.h', 'PROCESS_COMMAND_MAX', 1024, '1,024 bytes of each command line'],
    ['collectors/system/processes.h', 'PROCESSES_WATCHED_MS', 1000, 'every second while somebody watches'],
    ['collectors/system/processes.h', 'PROCESSES_RESTING_MS', 5000, 'Looked at every 5 s'],
    ['collectors/system/processes.h', 'PROCESSES_STUCK_MAX', 4, 'at 4 such workers'],
    ['collectors/system/process_scan.h', 'PROCESS_DESCRIPTORS_MAX', 1024, 'At most 1,024 descriptors'],
    ['collectors/system/users.h', 'USERS_FILE_MAX', '((size_t)1 << 20)', 'up to 1 MiB of it'],
];

/** A constant's value as its source has it: a product of numbers, or else the text. */
function constant(file, name) {
    const found = read(file).replaceAll('\\\n', ' ').match(new RegExp(`#define ${name}\\s+(.*?) *(/\\*.*)?$`, 'm'));
    assert.ok(found, `${file} has no ${name} any more`);
    const [, text] = found;
    const factors = text.replace(/^(?:U?INT64_C)?\((.*)\)$/, '$1').split(' * ').map(Number);

    return factors.some(Number.isNaN) ? text : factors.reduce((product, factor) => product * factor);
}

test('what limits there are is what the manual says', () => {
    const text = plain(manual) + plain(keys) + plain(api);

    for (const [file, name, value, words] of limits) {
        assert.equal(constant(file, name), value, `${name} of ${file}: the manual has to follow`);
        assert.ok(text.includes(words), `no manual says "${words}" (${name})`);
    }
});

describe('the examples of the manuals', () => {
    let daemon;

    before(async () => {
        daemon = await start();
        await until('rates', async () => (await ask(daemon, '/readyz')).status === 200 || null);
    });
    after(() => daemon?.stop());

    for (const text of [...examples(manual), ...examples(api)].filter((each) => each.startsWith('curl'))) {
        test(text.split('\n')[0], async () => {
            assert.ok(text.includes('localhost:8224'));
            const endless = text.includes('/v1/stream');
            const { status, stdout, stderr } = await bash(daemon, text.replace('curl -', 'curl -f'),
                { cwd: folder, lines: endless ? 20 : undefined });
            if (endless)
                assert.match(stdout, /^event: tick$/m);
            else
                assert.equal(status, 0, stderr);
        });
    }

    test('there are some', () => {
        assert.ok(examples(api).filter((each) => each.startsWith('curl')).length >= 8);
    });

    test('the example of a configuration is one', async () => {
        const [text] = examples(keys);
        const file = path.join(folder, 'example.json');
        writeFileSync(file, text);
        const { code, stdout, stderr } = await run(['-c', file, '--print-config']);
        assert.equal(stderr, '');
        assert.equal(code, 0);
        assert.equal(JSON.parse(stdout).http.max_connections, 1000);
    });

    test('the example of an error is one', async () => {
        const wanted = keys.match(/^tachod: error: ([^]*?)\n\.Ed/m)[1].replace(/\s+/g, ' ').replaceAll('\\(dq', '"');
        const stderr = await refusal('{\n    "interval": "5x"\n}\n');
        assert.ok(stderr.includes(wanted.replace(/^tachod\.json/, '')), stderr);
    });
});
