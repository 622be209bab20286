// Which applications there are, told from the series that they send: nobody configures them.

import { compare } from './quantity.js';

/**
 * @typedef {import('./api.js').Series} Series
 *
 * @typedef {{name: string, kind: string, unit: string, series: Series[]}} Metric
 *
 * @typedef {{name: string, unit: string, buckets: Series[], quantiles: Series[], count: Series[],
 *     sum: Series[], sparse: Series[]}} Family the parts of a histogram or summary
 *
 * @typedef {{id: string, title: string, job?: string, instance?: string, isScraped: boolean,
 *     has: function(Series): boolean, all: Series[], series: number, metrics: Map<string, Metric>,
 *     families: Map<string, Family>}} Application
 *     job, instance: of the page that is scraped; has: whether a series is its; all: its series;
 *     series: how many of them it sent itself; metrics: those that are neither histogram nor
 *     summary
 */

const PREFIX = 'app/';
/** What says how a page was scraped, and is nothing of the application. */
const SCRAPE = /^(up|scrape_(duration_seconds|samples_scraped))$/;
const UNITS = [
    ['milliseconds', /_(ms|milliseconds|millis)$/], ['seconds', /_seconds$/],
    ['bytes', /_bytes$/], ['ratio', /_ratio$/], ['percent', /_percent(age)?$/],
];

const encoder = new TextEncoder();
const hex = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/** A text as a part of an address; "/" and ":" only where they are meant. */
const encoded = (text, kept = '') => text.replace(new RegExp(`[^\\w.${kept}-]`, 'gu'),
    (sign) => Array.from(encoder.encode(sign), hex).join(''));

/** Who sends a series: what is scraped has job and instance, what is pushed a unit or command. */
function senderOf({ name, labels: { job, instance, unit, command } }) {
    if (job !== undefined && instance !== undefined)
        return { id: `${PREFIX}${encoded(job)}/${encoded(instance, '/:')}`, title: job, job,
                 instance };
    const title = unit?.replace(/\.service$/, '') || command || name.split(/[_:]/, 1)[0] || name;
    return { id: PREFIX + encoded(title), title };
}

const senders = new WeakMap();

/** As senderOf(), once for each series. */
function senderOnce(series) {
    let sender = senders.get(series);
    if (!sender)
        senders.set(series, sender = senderOf(series));
    return sender;
}

/**
 * What a metric counts in; its name says it where nothing else does.
 * @param {string} name
 * @param {string} [unit]
 * @returns {string} '' is a plain number
 */
export function unitOf(name, unit = '') {
    const base = name.replace(/_total$/, '');
    return unit || (UNITS.find(([, pattern]) => pattern.test(base))?.[0] ?? '');
}

/**
 * Whether what the page gets of a metric are rates: of what only grows.
 * @param {Metric} metric
 */
export function isRate({ kind, name }) {
    return kind === 'counter' || (kind === 'untyped' && name.endsWith('_total'));
}

/** The name that the parts of a histogram or summary have in common, and which part this is. */
function partOf(series) {
    const { name, kind, labels, sparse } = series;
    if (kind !== 'histogram' && kind !== 'summary')
        return null;
    if (sparse || labels.quantile !== undefined)
        return { base: name, part: sparse ? 'sparse' : 'quantiles' };
    // Those of a gauge histogram are no rates: they stand for themselves.
    if (/_g(sum|count)$/.test(name))
        return null;
    const [, base, part] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? [];
    if (part && (part !== 'bucket' || labels.le !== undefined))
        return { base, part: part === 'bucket' ? 'buckets' : part };
    return { base: name, part: 'quantiles' };
}

function addTo(application, series) {
    const { metrics, families } = application;
    const { name, kind } = series;
    const part = partOf(series);
    application.series++;
    if (part) {
        let family = families.get(part.base);
        if (!family) {
            family = { name: part.base, unit: unitOf(part.base, series.unit), buckets: [],
                       quantiles: [], count: [], sum: [], sparse: [] };
            families.set(part.base, family);
        }
        family[part.part].push(series);
        return;
    }
    const metric = metrics.get(name);
    if (metric)
        metric.series.push(series);
    else
        metrics.set(name, { name, kind, unit: unitOf(name, series.unit), series: [series] });
}

function makeOf(series) {
    const sender = senderOnce(series);
    return { ...sender, has: (other) => senderOnce(other).id === sender.id, all: [], series: 0,
             isScraped: false,
             metrics: new Map(), families: new Map() };
}

/** Who share a name are told apart by their addresses. */
function nameApart(applications) {
    const count = new Map();
    for (const { title } of applications)
        count.set(title, (count.get(title) ?? 0) + 1);
    return applications.map((one) => count.get(one.title) > 1 && one.instance
        ? { ...one, title: `${one.title} ${one.instance}` } : one);
}

/**
 * Those whose series are known: for some time after it has ended too.
 * @param {import('./store.js').Store} store
 * @returns {Application[]} by their titles
 */
export function applicationsOf(store) {
    const found = new Map();
    for (const series of store.all) {
        if (series.scope !== 'application')
            continue;
        const { id } = senderOnce(series);
        if (!found.has(id))
            found.set(id, makeOf(series));
        const application = found.get(id);
        application.all.push(series);
        application.isScraped ||= series.name === 'up' && Boolean(application.instance);
        if (!SCRAPE.test(series.name) || !application.instance)
            addTo(application, series);
    }
    return nameApart([...found.values()]).sort((a, b) =>
        compare(a.title, b.title) || compare(a.id, b.id));
}

/**
 * Whether there is anything of it now.
 * @param {Application} application
 * @param {import('./store.js').Store} store
 */
export function isThere({ all }, store) {
    return all.some(({ id }) => !Number.isNaN(store.now(id)));
}

/**
 * Whether a section's id is of an application, be it there or not.
 * @param {string} id
 */
export function isApplication(id) {
    return id.startsWith(PREFIX);
}

/**
 * The title of an application of which there is nothing but an id.
 * @param {string} id
 * @returns {string}
 */
export function titleOf(id) {
    const text = id.slice(PREFIX.length).replace(/\/.*/, '');
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
