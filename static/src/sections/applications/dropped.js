// What applications sent and tachod did not take, in words and as a chart.

import { span } from '../../format.js';
import { perSecond } from '../../measure.js';
import { series } from '../../quantity.js';
import { store } from '../../state.js';
import { look } from '../types.js';

export const DROPPED = 'tacho_ingest_dropped_total';

const REASONS = { malformed: 'not understood', too_long: 'too long', value: 'impossible values',
    series_limit: 'beyond the limit on series', kernel: 'came faster than they were read' };
const SOURCES = { statsd: 'over StatsD', scrape: 'by applications that are scraped' };

const { format: grouped } = new Intl.NumberFormat('en');

/** How many things a rate was of, in all that the page keeps. */
function counted(id) {
    const { ring } = store;
    const read = store.reader(id);
    let sum = 0;
    for (let row = ring.start + 1; row < ring.end; row++) {
        if (!ring.breaks(row))
            sum += (read(row) || 0) * (ring.time(row) - ring.time(row - 1)) / 1000;
    }
    return Math.round(sum);
}

/**
 * @param {string} source 'statsd' or 'scrape'
 * @returns {string} '' if all was taken
 */
function lost(source) {
    const parts = store.find(DROPPED, { source })
        .map(({ id, labels: { reason } }) => [counted(id), REASONS[reason] ?? reason])
        .filter(([count]) => count > 0);
    if (parts.length === 0)
        return '';
    const what = parts.map(([count, reason]) => `${grouped(count)} ${reason}`).join(', ');
    return `Of what was sent ${SOURCES[source] ?? source}, tachod dropped in the last ` +
        `${span(store.window_ms)}: ${what}.`;
}

/**
 * @param {string} source
 * @returns {import('../types.js').Notice}
 */
export function droppedNotice(source) {
    return { id: `dropped-${source}`, title: 'Not all was taken', tone: 'warn',
             notice: () => lost(source) };
}

/** @type {import('../types.js').Chart} */
export const droppedChart = {
    id: 'dropped', title: 'Not taken from applications', collector: '',
    lines: (known) => known.find(DROPPED).map(({ labels: { source, reason } }, n) => ({
        label: `${source} · ${REASONS[reason] ?? reason}`, ...look(n), optional: true,
        of: series(DROPPED, { source, reason }) })),
    measure: perSecond,
    when: (known) => known.find(DROPPED).length > 0,
};
