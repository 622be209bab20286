// What the stream costs with 100, 1,000, 10,000 and as many clients as there are descriptors for, or
// as many as the arguments say, beside the floor, which is one send of one shared buffer to each
// client, and beside Debian's nginx with nchan (TACHO_NCHAN: its unpacked package). All are read by
// the same load, in turns, so that the ratios hold on a noisy machine. A turn is TACHO_STREAM ticks.
// "everything" among the arguments streams all series instead of some; "gzip" asks for gzip.
import { readFileSync } from 'node:fs';

import { json } from '../support/http.mjs';
import { start } from '../support/tachod.mjs';
import { sleep } from '../support/wait.mjs';
import { startNchan } from './nchan.mjs';
import { askEverySecond, costOf, countCalls, load, startFloor } from './stream_load.mjs';
import { delays, describe, describeMemory, judge, lostOf, median, quantiles }
    from './stream_report.mjs';

const TICKS = Number(process.env.TACHO_STREAM ?? 10);
const ROUNDS = 3;
/** A server notices at the second tick from then that a client has left. */
const GONE_MS = 3000;
/** System calls are counted for so many seconds of a shorter turn. */
const COUNTED_S = 3;
/** A server keeps some descriptors for other things than clients. */
const OTHER_DESCRIPTORS = 300;
/** http.max_connections at its most, but for those that the bench asks other things by. */
const MOST_CLIENTS = 16384 - 16;
/** The most values that one /v1/history may ask for, less what a moved edge of its span adds. */
const HISTORY_VALUES = 100000 * 0.98;

/** DESIGN.md, section 8. */
const RATIO_MAX = 1.35;
const CLIENT_BYTES_MAX = 10000;
const DELAY_MS_MAX = 5;

const isGzip = process.argv.includes('gzip');
const everything = process.argv.includes('everything');
const target = everything ? '/v1/stream' : '/v1/stream?name=node_load*&name=tacho_cpu_*';

/** The longest delay of each loop at each tick of a turn. */
async function loopDelays(daemon, { begin_ms, end_ms }) {
    const { series } = await json(daemon, '/v1/history?name=tacho_loop_delay_seconds' +
        `&from=${begin_ms}&to=${end_ms}&step=1s&agg=max`);
    return Object.fromEntries(series.map(({ labels, max }) =>
        [labels.loop, max.filter((value) => value !== null).map((value) => 1e3 * value)]));
}

/** What others waited for meanwhile, of all turns together. */
class Waits {
    #probes = { health_ms: [], now_ms: [], at_tick_ms: [] };
    #loops = {};

    async add(daemon, seen) {
        for (const [name, values] of Object.entries(this.#probes))
            values.push(...seen[name]);
        for (const [name, values] of Object.entries(await loopDelays(daemon, seen)))
            this.#loops[name] = [...this.#loops[name] ?? [], ...values];
    }

    print() {
        const { health_ms, now_ms, at_tick_ms } = this.#probes;
        console.log(`  GET /healthz ${delays(quantiles(health_ms))}; GET /v1/now of one series ` +
            `${delays(quantiles(now_ms))}; GET /healthz as a tick begins to arrive ` +
            `${delays(quantiles(at_tick_ms))}`);
        for (const [name, values] of Object.entries(this.#loops))
            console.log(`  loop ${name}, its longest delay of each tick: ${delays(quantiles(values))}`);
    }

    judge(when) {
        const { health_ms, now_ms } = this.#probes;
        judge(`p99 of another request ${when}`, quantiles([...health_ms, ...now_ms]).p99,
            DELAY_MS_MAX, 'ms');
        judge(`p99 of the main loop's longest delay of a tick ${when}`,
            quantiles(this.#loops.main ?? []).p99, DELAY_MS_MAX, 'ms');
    }
}

/** nchan, or null where it cannot be had; it does not compress. */
async function startPeer(bytes) {
    if (!process.env.TACHO_NCHAN || isGzip)
        return null;
    try {
        return await startNchan(process.env.TACHO_NCHAN, bytes);
    } catch (error) {
        console.log(`  nchan is skipped: ${error.message}`);
        return null;
    }
}

/** The servers with what one client costs each; the floor's events have the daemon's bytes. */
async function startAll(daemon) {
    const own = { name: 'tachod', server: daemon, target,
        words: isGzip ? ['probe', 'gzip'] : ['probe'] };
    own.first = await load(daemon, { clients: 1, ticks: TICKS, ...own });
    if (isGzip && !own.first.packed)
        return null;
    const bytes = Math.round((own.first.packed || own.first.bytes) / own.first.events);
    const others = [{ name: 'floor ', server: await startFloor(bytes), target, words: [] }];
    const nchan = await startPeer(bytes);
    if (nchan)
        others.push({ name: 'nchan ', server: nchan, target: '/subscribe', words: [] });
    await Promise.all(others.map(async (each) => {
        each.first = await load(each.server, { clients: 1, ticks: TICKS, ...each });
    }));
    return [own, ...others];
}

/** In turns; the costs of each, and what was waited for beside the daemon. */
async function measureRounds(all, clients) {
    const waits = new Waits();
    let memory = 0, lost = 0;

    all.forEach((each) => { each.costs = []; });
    for (let round = 1; round <= ROUNDS; round++) {
        for (const each of all) {
            const seen = await load(each.server, { clients, ticks: TICKS, ...each });
            each.costs.push(costOf(seen, each.first));
            describe(each.name, seen, each.costs.at(-1));
            /* Later rounds use what the first one's clients have given back. */
            if (round === 1)
                describeMemory(each.name, seen.memory, clients, each === all[0]);
            if (each === all[0]) {
                await waits.add(each.server, seen);
                lost += lostOf(seen);
                memory ||= seen.memory.own;
            }
        }
    }
    return { waits, lost, memory };
}

/** All series for as long as may be asked for. */
async function largestHistory(daemon) {
    const { series } = await json(daemon, '/v1/info');
    return '/v1/history?name=*&step=1s&agg=avg,min,max,last' +
        `&from=-${Math.floor(HISTORY_VALUES / 4 / series)}s`;
}

async function measureHistory({ server, target, words }, clients) {
    const waits = new Waits();
    const history = await largestHistory(server);
    let stop;
    const seen = await load(server, { clients, ticks: TICKS, target, words,
        onReady: () => { stop = askEverySecond(server, history); } });
    const { ms, bytes } = stop();
    await waits.add(server, seen);
    console.log(`  while the largest history is asked for every second (${(bytes / 1e6).toFixed(1)} MB, ` +
        `there after ${delays(quantiles(ms))}; ${lostOf(seen) ? 'events were LOST' : 'no event lost'}):`);
    waits.print();
    return waits;
}

/** Counting costs, so it has a turn of its own. */
async function measureCalls(all, clients) {
    await sleep(GONE_MS);
    for (const { name, server, target, words } of all) {
        let counted;
        await load(server, { clients, ticks: COUNTED_S + 2, target,
            words: words.filter((word) => word !== 'probe'),
            onReady: () => { counted = countCalls(server.pid, COUNTED_S); } });
        const calls = await counted;
        console.log(`  ${name} ${calls === null ? 'perf cannot count its system calls' :
            `${(calls / COUNTED_S / clients).toFixed(2)} system calls an event`}`);
    }
}

/** What many clients cost is only seen where it is more than what one does. */
function judgeCost({ costs, first }, clients, ratio) {
    const what = `CPU an event, median of ${ROUNDS} turns`;
    if (median(costs) * clients * first.ticks < first.cpu_us)
        console.log(`  ${what}: ${ratio.toFixed(2)} x the floor, of too few clients to judge`);
    else
        judge(what, ratio, RATIO_MAX, 'x the floor', 2);
}

async function measure(daemon, clients) {
    const all = await startAll(daemon);
    if (!all) {
        console.log('  tachod answers without gzip: skipped');
        return;
    }
    const { waits, lost, memory } = await measureRounds(all, clients);
    waits.print();
    const beside = await measureHistory(all[0], clients);
    await measureCalls(all, clients);
    const [own, floor, nchan] = all.map(({ costs }) => median(costs));
    if (nchan)
        console.log(`  nchan takes ${(nchan / floor).toFixed(2)} x the floor, tachod ` +
            `${(own / nchan).toFixed(2)} of nchan's`);
    judgeCost(all[0], clients, own / floor);
    judge('events lost or twice', lost, 0, 'events', 0);
    judge('memory a client', memory / clients, CLIENT_BYTES_MAX, 'bytes', 0);
    waits.judge('meanwhile');
    beside.judge('with the history');
    await Promise.all(all.slice(1).map(({ server }) => server.stop()));
}

/** As many as a server, and the load, have descriptors for. */
function mostClients() {
    const [, limit] = readFileSync('/proc/self/limits', 'utf8').match(/^Max open files +\d+ +(\d+)/m);
    return Math.min(MOST_CLIENTS, Number(limit) - OTHER_DESCRIPTORS);
}

const counts = process.argv.slice(2).filter((word) => !['everything', 'gzip'].includes(word))
    .map((word) => word === 'all' ? mostClients() : Number(word));
if (!counts.every((count) => Number.isInteger(count) && count > 1)) {
    console.error('usage: stream.mjs [CLIENTS… | all] [everything] [gzip], at least 2 clients');
    process.exit(2);
}
if (!counts.length)
    counts.push(...new Set([100, 1000, 10000, mostClients()].filter((n) => n <= mostClients())));
for (const clients of counts) {
    const daemon = await start();
    console.log(`${clients} clients of ${target}${isGzip ? ' with gzip' : ''}, ${TICKS} ticks a turn`);
    await measure(daemon, clients);
    await daemon.stop();
}
