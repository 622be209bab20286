// What a service does for others: how many requests, how many of them fail, how long they take.

import { isRate } from '../../application.js';
import { percent } from '../../format.js';
import { perSecond, seconds, smallShare } from '../../measure.js';
import { chosen, combine, ofAverages } from '../../quantity.js';
import { look } from '../types.js';
import { membersOf, valuesOf } from './lines.js';
import { partsOf, percentileLines, percentilesOf } from './percentiles.js';

/**
 * @typedef {import('../../application.js').Application} Application
 * @typedef {import('../../application.js').Family} Family
 * @typedef {import('../../quantity.js').Quantity} Quantity
 */

const STATUS = ['code', 'status', 'status_code', 'statusCode', 'http_status', 'http_status_code',
    'http_response_status_code'];
const ROUTE = ['route', 'path', 'handler', 'endpoint', 'uri', 'http_route'];
const OUTCOME = ['outcome', 'result', 'status', 'error'];
const CLASS = /^[1-5](\d\d|xx)$/i;
/** What these tell is of the runtime, of being scraped, or of what the service asks of others. */
const NOT_SERVED = /^(promhttp|scrape|nodejs|go|process|jvm|python|net)_|client|outgoing|upstream/;
const CLASSES = [['2xx', 's1'], ['3xx', 's5'], ['4xx', 's6'], ['5xx', 's4'], ['1xx', 's3']];
const ROUTES_MOST = 8;

/** The best of several, by a score; null if none scores. */
function best(all, score) {
    const scored = all.map((one) => [score(one), one]).filter(([points]) => points > 0);
    return scored.sort(([a, one], [b, other]) => b - a || one.name.length - other.name.length ||
        (one.name < other.name ? -1 : 1))[0]?.[1] ?? null;
}

const isTime = ({ unit }) => unit === 'seconds' || unit === 'milliseconds';

function scoreOfName(name) {
    if (NOT_SERVED.test(name))
        return 0;
    return 2 * /(^|_)https?(_|$)/.test(name) + /(^|_)(requests?|responses?)(_|$)/.test(name);
}

/** The label of a metric's series that says how requests ended; undefined if there is none. */
function statusKey(series) {
    return STATUS.find((key) => series.some(({ labels }) => CLASS.test(labels[key] ?? '')));
}

const classOf = (status = '') => CLASS.test(status) ? `${status[0]}xx` : '';

/** Whether labels say that what is counted failed. */
function isFailure(labels) {
    return OUTCOME.some((key) => (key === 'error' ? /^(true|yes|1)$/i : /err|fail|exception/i)
        .test(labels[key] ?? ''));
}

/** What counts the requests: a counter, or the count of a histogram; rather what has the status. */
function requestsOf({ metrics, families }) {
    const counters = [...metrics.values()]
        .filter((metric) => isRate(metric) && /(^|_)requests?(_total|_count)?$/.test(metric.name));
    const counts = [...families.values()].filter((family) => isTime(family) && family.count.length)
        .map(({ name, count }) => ({ name: `${name}_count`, of: name, series: count }));
    return best([...counters, ...counts], ({ name, of = name, series }) => {
        const points = scoreOfName(of);
        return points && points + (statusKey(series) ? 4 : 0);
    });
}

/** How long requests take. */
function latencyOf({ families }) {
    return best([...families.values()].filter(isTime), (family) =>
        partsOf(family).length > 0 ? scoreOfName(family.name) : 0);
}

/** A counter of what failed, where the requests themselves do not say it. */
function failuresOf({ metrics }) {
    return best([...metrics.values()].filter(isRate), ({ name }) =>
        /(^|_)(errors?|failures?|failed)(_total)?$/.test(name) ? 1 + scoreOfName(name) : 0);
}

const known = (value) => value === value ? value : 0;
const share = (part, whole) => ofAverages(combine(
    (some, all) => all > 0 ? Math.min(1, known(some) / all) : NaN, part, whole));

/**
 * How many requests failed, and their share; null where nothing tells. name: of the counter that
 * tells, where it is another; client: the share that the clients are to blame for.
 */
function errorsOf(application, requests, key) {
    const { has } = application;
    const all = chosen(requests.name, has);
    const of = (choose) => chosen(requests.name, (one) => has(one) && choose(one.labels));
    if (key) {
        const inClass = (name) => of((labels) => classOf(labels[key]) === name);
        return { rate: inClass('5xx'), share: share(inClass('5xx'), all),
                 client: share(inClass('4xx'), all) };
    }
    if (requests.series.some(({ labels }) => isFailure(labels))) {
        const rate = of(isFailure);
        return { rate, share: share(rate, all), client: null };
    }
    const failures = failuresOf(application);
    const rate = failures && chosen(failures.name, has);
    return rate && { rate, share: share(rate, all), client: null, name: failures.name };
}

/** The requests by how they ended, on each other; or all of them. */
function requestLines({ has }, { name, series }, key) {
    if (!key)
        return [{ label: 'requests', colour: 's1', of: chosen(name, has), area: true }];
    const classes = new Set(series.map(({ labels }) => classOf(labels[key])));
    return [...CLASSES, ['', 's2']].filter(([one]) => classes.has(one)).map(([one, colour]) => ({
        label: one || 'other', colour,
        of: chosen(name, (other) => has(other) && classOf(other.labels[key]) === one) }));
}

/** A chart of the routes, where there is more than one. */
function routesCard({ id, has }, { name, series }) {
    const key = ROUTE.find((one) => valuesOf(series, one).length > 1);
    if (!key)
        return [];
    const routes = valuesOf(series, key);
    return [{
        id: `routes-${id}`, title: `Requests by ${key.replace(/^http_/, '')}`, collector: '',
        lines: routes.slice(0, ROUTES_MOST).map((route, n) => ({
            label: route || '–', ...look(n),
            of: chosen(name, (one) => has(one) && (one.labels[key] ?? '') === route) })),
        all: () => routes,
        measure: perSecond,
    }];
}

function errorLines({ share: server, client }) {
    return [{ label: client ? '5xx' : 'failed', colour: 's4', of: server },
        ...client ? [{ label: '4xx', colour: 's6', of: client, optional: true }] : []];
}

const inUnit = (measure) => (value) => {
    const { unit, legend } = measure(value);
    return [legend(value), unit];
};

function requestTile({ id }, all, errors) {
    return {
        id: `requests-${id}`, title: 'Requests', collector: '', colour: 's1',
        value: all, show: inUnit(perSecond),
        scale: null, scaleLabel: 'requests', sparkMax: null,
        parts: errors ? { failed: errors.rate } : {},
        detail: ({ failed }) => failed === undefined ? 'errors are not told'
            : `${perSecond(known(failed)).legend(known(failed))}/s failed`,
    };
}

function errorTile({ id }, { share: server, client }) {
    return {
        id: `errors-${id}`, title: 'Errors', collector: '', colour: 's4',
        value: server, show: (ratio) => [percent(ratio, 1), '%'], silent: () => 'no requests',
        scale: server, scaleLabel: 'failed', sparkMax: null,
        parts: client ? { client } : {},
        detail: (parts) => client ? `of requests · 4xx ${percent(parts.client, 1)} %`
            : 'of the requests',
    };
}

function latencyTile(application, family) {
    const of = percentilesOf(application, family);
    const parts = partsOf(family);
    const main = [0.95, 0.9, 0.99].find((q) => parts.includes(q)) ?? parts.at(-1);
    const others = parts.filter((q) => q !== main).slice(-2);
    return {
        id: `latency-${application.id}`, title: `Latency p${100 * main}`, collector: '',
        colour: 's2', value: of(main), show: inUnit(seconds), silent: () => 'no requests',
        scale: null, scaleLabel: 'latency', sparkMax: null,
        parts: Object.fromEntries(others.map((q) => [`p${100 * q}`, of(q)])),
        detail(values) {
            const { legend, unit } = seconds(Math.max(...Object.values(values)));
            return `${Object.entries(values).map(([name, value]) =>
                `${name} ${legend(value)}`).join(' · ')} ${unit}`;
        },
    };
}

/** Of several series no percentile of all can be told where they come as percentiles. */
function latencyTitle({ buckets, quantiles }) {
    const count = buckets.length > 0 ? 1 : membersOf(quantiles).length;
    return count > 1 ? `Latency, slowest of ${count}` : 'Latency';
}

/**
 * What a service that answers requests shows.
 * @param {Application} application
 * @returns {{tiles: import('../types.js').Tile[], cards: import('../types.js').Chart[],
 *     drawn: string[], rate: ?Quantity, errors: ?Quantity}} drawn: the names of the metrics and
 *     families that are in it
 */
export function serving(application) {
    const { id, has } = application;
    const requests = requestsOf(application);
    const latency = latencyOf(application);
    const key = requests && statusKey(requests.series);
    const errors = requests && errorsOf(application, requests, key);
    const all = requests && chosen(requests.name, has);
    const tiles = [], cards = [];

    if (requests) {
        tiles.push(requestTile(application, all, errors));
        cards.push({ id: `requests-${id}`, title: 'Requests', collector: '', stack: Boolean(key),
                     lines: requestLines(application, requests, key), measure: perSecond });
    }
    if (errors)
        tiles.push(errorTile(application, errors));
    if (latency) {
        tiles.push(latencyTile(application, latency));
        cards.push({ id: `latency-${id}`, title: latencyTitle(latency), collector: '',
                     lines: percentileLines(application, latency), measure: seconds });
    }
    if (errors)
        cards.push({ id: `errors-${id}`, title: 'Requests that failed', collector: '',
                     lines: errorLines(errors), measure: smallShare });
    if (requests)
        cards.push(...routesCard(application, requests));
    const drawn = [requests?.name, latency?.name, errors?.name];
    return { tiles, cards, drawn: drawn.filter(Boolean), rate: all, errors: errors?.share ?? null };
}
