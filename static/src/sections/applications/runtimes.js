// What the runtime of an application does, by the names that its libraries give it.

import * as format from '../../format.js';
import { bytes, count, cpuShare, perSecond, smallShare } from '../../measure.js';
import { chosen, sum } from '../../quantity.js';
import { delayChart } from '../delay.js';
import { look } from '../types.js';
import { valuesOf } from './lines.js';
import { inBase, partsOf, percentileLines } from './percentiles.js';

/**
 * @typedef {import('../../application.js').Application} Application
 * @typedef {import('../../application.js').Series} Series
 *
 * @typedef {{label: string, name: string, colour: string, by?: string,
 *     where?: Object<string, string>, area?: boolean, dash?: number[], optional?: boolean}} Known
 *     a line where there is this metric, with or without a prefix; or one for each value of the
 *     label `by`
 * @typedef {{id: string, title: string, lines: Known[], stack?: boolean,
 *     measure: function(number): import('../../measure.js').Measure}} KnownChart
 */

/** @type {KnownChart[]} */
const CHARTS = [
    {
        id: 'gc', title: 'Garbage collection, part of the time', stack: true, measure: smallShare,
        lines: [
            { label: 'all', name: 'nodejs_gc_duration_seconds_sum', by: 'kind' },
            { label: 'pauses', name: 'go_gc_duration_seconds_sum', colour: 's1' },
            { label: 'all', name: 'jvm_gc_collection_seconds_sum', by: 'gc' },
            { label: 'all', name: 'jvm_gc_pause_seconds_sum', by: 'action' },
        ],
    },
    {
        id: 'heap', title: 'Heap', measure: bytes,
        lines: [
            { label: 'used', name: 'nodejs_heap_size_used_bytes', colour: 's1', area: true },
            { label: 'total', name: 'nodejs_heap_size_total_bytes', colour: 's5', dash: [4, 3] },
            { label: 'external', name: 'nodejs_external_memory_bytes', colour: 's6' },
            { label: 'in use', name: 'go_memstats_heap_inuse_bytes', colour: 's1', area: true },
            { label: 'allocated', name: 'go_memstats_heap_alloc_bytes', colour: 's2' },
            { label: 'total', name: 'go_memstats_heap_sys_bytes', colour: 's5', dash: [4, 3] },
            { label: 'used', name: 'jvm_memory_used_bytes', colour: 's1', area: true,
              where: { area: 'heap' } },
            { label: 'total', name: 'jvm_memory_committed_bytes', colour: 's5', dash: [4, 3],
              where: { area: 'heap' } },
            { label: 'used', name: 'jvm_memory_bytes_used', colour: 's1', area: true,
              where: { area: 'heap' } },
            { label: 'total', name: 'jvm_memory_bytes_committed', colour: 's5', dash: [4, 3],
              where: { area: 'heap' } },
            { label: 'used', name: 'heap_used_bytes', colour: 's1', area: true },
            { label: 'total', name: 'heap_total_bytes', colour: 's5', dash: [4, 3] },
        ],
    },
    {
        id: 'cpu', title: 'CPU, part of one', stack: true, measure: cpuShare,
        lines: [
            { label: 'user', name: 'process_cpu_user_seconds_total', colour: 's1' },
            { label: 'system', name: 'process_cpu_system_seconds_total', colour: 's2' },
        ],
    },
    {
        id: 'cpu', title: 'CPU, part of one', measure: cpuShare,
        lines: [{ label: 'cpu', name: 'process_cpu_seconds_total', colour: 's1', area: true }],
    },
    {
        id: 'memory', title: 'Memory', measure: bytes,
        lines: [
            { label: 'resident', name: 'process_resident_memory_bytes', colour: 's1', area: true },
            { label: 'resident', name: 'resident_bytes', colour: 's1', area: true },
        ],
    },
    {
        id: 'spaces', title: 'What holds the heap', stack: true, measure: bytes,
        lines: [{ label: 'all', name: 'nodejs_heap_space_size_used_bytes', by: 'space' }],
    },
    {
        id: 'collections', title: 'Garbage collections', measure: perSecond,
        lines: [{ label: 'all', name: 'python_gc_collections_total', by: 'generation' }],
    },
    {
        id: 'handles', title: 'Handles and requests in flight', measure: count,
        lines: [
            { label: 'handles', name: 'nodejs_active_handles_total', colour: 's1', area: true },
            { label: 'requests', name: 'nodejs_active_requests_total', colour: 's2' },
        ],
    },
    {
        id: 'threads', title: 'Goroutines and threads', measure: count,
        lines: [
            { label: 'goroutines', name: 'go_goroutines', colour: 's1', area: true },
            { label: 'threads', name: 'go_threads', colour: 's3' },
        ],
    },
    {
        id: 'threads', title: 'Threads', measure: count,
        lines: [
            { label: 'live', name: 'jvm_threads_live_threads', colour: 's1', area: true },
            { label: 'live', name: 'jvm_threads_current', colour: 's1', area: true },
            { label: 'daemon', name: 'jvm_threads_daemon_threads', colour: 's3' },
            { label: 'daemon', name: 'jvm_threads_daemon', colour: 's3' },
        ],
    },
    {
        id: 'files', title: 'Open files', measure: count,
        lines: [{ label: 'open', name: 'process_open_fds', colour: 's1', area: true }],
    },
];
const KNOWN = new Set(CHARTS.flatMap(({ lines }) => lines.map(({ name }) => name)));
const DELAY = /(^|_)event_?loop_?(.*_)?(lag|delay)(_|$)/;
const DELAYS = [
    ['max', { label: 'highest', colour: 's4' }], ['p99', { label: 'p99', colour: 's3' }],
    ['p95', { label: 'p95', colour: 's2' }], ['p50', { label: 'p50', colour: 's1' }],
];
/** Metrics that name a runtime by their labels. */
const VERSIONS = [
    ['nodejs_version_info', ({ version }) => ['Node.js', version]],
    ['go_info', ({ version }) => ['Go', version?.replace(/^go/, '')]],
    ['python_info', ({ implementation, version }) => [implementation ?? 'Python', version]],
    ['jvm_info', ({ runtime, version }) => [runtime ?? 'Java', version]],
    ['jvm_runtime_info', ({ runtime, version }) => [runtime ?? 'Java', version]],
];

/** What a name is when prefixes are taken from it, itself first. */
const endingsOf = (name) => name.split('_').map((_, i, words) => words.slice(i).join('_'));

/** The application's own names of what is known here: by the known name, the name and series. */
function knownOf({ metrics, families }) {
    const found = new Map();
    const note = (name, series) => {
        for (const known of endingsOf(name)) {
            if (KNOWN.has(known) && !(found.get(known)?.name.length <= name.length))
                found.set(known, { name, series });
        }
    };
    for (const { name, series } of metrics.values())
        note(name, series);
    for (const { name, sum: series } of families.values())
        series.length > 0 && note(`${name}_sum`, series);
    return found;
}

function linesOf({ by, where, name: wanted, ...line }, known, has) {
    const { name, series } = known.get(wanted) ?? {};
    const isMeant = ({ labels }) => !where ||
        Object.entries(where).every(([key, value]) => labels[key] === value);
    if (!series?.some(isMeant))
        return [];
    if (!by)
        return [{ ...line, of: chosen(name, (one) => has(one) && isMeant(one)) }];
    return valuesOf(series, by).map((value, n) => ({ label: value || line.label, ...look(n),
        optional: true,
        of: chosen(name, (one) => has(one) && (one.labels[by] ?? '') === value) }));
}

/** The charts that there is something for; of two of a kind the first. */
function chartsOf({ id: of, has }, known) {
    const cards = new Map();
    for (const { id, title, lines, stack, measure } of CHARTS) {
        const all = lines.flatMap((line) => linesOf(line, known, has));
        // Two generations of a library name the same thing.
        const drawn = all.filter(({ label }, i) =>
            all.findIndex((other) => other.label === label) === i);
        if (drawn.length > 0 && !cards.has(id))
            cards.set(id, { id: `${id}-${of}`, title, collector: '', stack, measure,
                            lines: drawn });
    }
    return cards;
}

/** How long the event loop was held up, where it is told; the worst first. */
function delayLines(application) {
    const { metrics, families, has } = application;
    const timer = [...families.values()].find((family) => DELAY.test(family.name) &&
        /seconds$/.test(family.unit) && partsOf(family).length > 0);
    if (timer)
        return { lines: percentileLines(application, timer).reverse(), drawn: [timer.name] };
    const told = [...metrics.values()].filter(({ name, unit }) =>
        DELAY.test(name) && (unit === '' || /seconds$/.test(unit)));
    const line = ({ name, unit }, shape) => ({ name, line: { ...shape,
        of: inBase(chosen(name, has, Math.max), unit) } });
    const parts = DELAYS.flatMap(([part, shape]) => {
        const metric = told.find(({ name }) => new RegExp(`_${part}(_|$)`).test(name));
        return metric ? [line(metric, shape)] : [];
    });
    const found = parts.length > 0 || told.length === 0 ? parts
        : [line(told[0], { label: 'delay', colour: 's3' })];
    return { lines: found.map(({ line: one }) => one), drawn: found.map(({ name }) => name) };
}

/** Which runtime it is, in words. */
function versionOf({ metrics }) {
    for (const [wanted, words] of VERSIONS) {
        const metric = [...metrics.values()].find(({ name }) => endingsOf(name).includes(wanted));
        if (metric)
            return words(metric.series[0].labels).filter(Boolean).join(' ');
    }
    return '';
}

function delayTile({ id }, lines) {
    const [worst, ...others] = lines;
    return {
        id: `loop-${id}`, title: 'Event-loop delay', collector: '', colour: 's3',
        value: worst.of, show: (delay) => format.delay(delay).split(' '),
        scale: null, scaleLabel: 'delay', sparkMax: null,
        parts: Object.fromEntries(others.map(({ label, of }) => [label, of])),
        detail: (parts) => Object.entries(parts).map(([label, value]) =>
            `${label} ${format.delay(value)}`).join(' · ') || worst.label,
    };
}

function cpuTile({ id }, { lines }) {
    const all = sum(...lines.map(({ of }) => of));
    const parts = lines.length > 1 ? lines : [];
    return {
        id: `cpu-${id}`, title: 'CPU', collector: '', colour: 's1',
        value: all, show: (ratio) => [format.percent(ratio, 1), '%'],
        scale: all, scaleLabel: 'of one CPU', sparkMax: null,
        parts: Object.fromEntries(parts.map(({ label, of }) => [label, of])),
        detail: (values) => Object.entries(values).map(([label, ratio]) =>
            `${label} ${format.percent(ratio, 1)}`).join(' · ') || 'of one CPU',
    };
}

/** What the application has in memory; of its heap where no more is known. */
function memoryTile({ id }, memory, heap) {
    const [used] = heap?.lines ?? [];
    const total = heap?.lines.find(({ label }) => label === 'total');
    const [all] = memory?.lines ?? [used];
    return {
        id: `memory-${id}`, title: memory ? 'Memory' : 'Heap', collector: '', colour: 's1',
        value: all.of, show: (size) => format.size(size).split(' '),
        scale: null, scaleLabel: 'memory', sparkMax: null,
        parts: { ...used && { used: used.of }, ...total && { total: total.of } },
        detail(parts) {
            const unit = format.unitOf(parts.total ?? parts.used, 'bytes');
            const inUnit = (size) => format.fixed(size / unit.size, 1);
            const of = total ? `of ${inUnit(parts.total)} ${unit.name}` : '';
            return used && memory ? `heap ${inUnit(parts.used)} ${of || unit.name}`
                : of || all.label;
        },
    };
}

/**
 * What the runtime of an application shows.
 * @param {Application} application
 * @returns {{tiles: import('../types.js').Tile[], delay: ?import('../types.js').Chart,
 *     cards: import('../types.js').Chart[], drawn: string[], version: string}} delay: that of its
 *     event loop; drawn: the names of the metrics and families that are in it
 */
export function running(application) {
    const known = knownOf(application);
    const cards = chartsOf(application, known);
    const loop = delayLines(application);
    const [cpu, memory, heap] = ['cpu', 'memory', 'heap'].map((id) => cards.get(id));
    const drawn = new Set([...cards.values()].flatMap(({ lines }) =>
        lines.flatMap(({ of }) => of.selectors)));
    return {
        tiles: [
            ...loop.lines.length > 0 ? [delayTile(application, loop.lines)] : [],
            ...cpu ? [cpuTile(application, cpu)] : [],
            ...memory || heap ? [memoryTile(application, memory, heap)] : [],
        ],
        delay: loop.lines.length > 0
            ? delayChart(`loop-delay-${application.id}`, application.title, { lines: loop.lines })
            : null,
        cards: [...cards.values()],
        drawn: [...loop.drawn, ...drawn],
        version: versionOf(application),
    };
}
