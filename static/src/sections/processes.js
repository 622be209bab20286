import { count, perSecond } from '../measure.js';
import { stateName } from '../processes/words.js';
import { labelValues, series, total } from '../quantity.js';
import { linesOf } from './types.js';

const byState = linesOf({
    members: labelValues('tacho_processes', 'state'),
    of: (state) => series('tacho_processes', { state }),
});

/** @type {import('./types.js').Section} */
export const processes = {
    id: 'processes', title: 'Processes', group: 'Workloads',
    badge: { of: total('tacho_processes'), text: String },
    cards: [],
    processes: { most: 40 },
    after: [
        {
            id: 'process-states', title: 'Processes by state', collector: 'processes',
            lines: (store) => byState.lines(store).map((line) =>
                ({ ...line, label: stateName(line.label), optional: true })),
            measure: count,
        },
        {
            id: 'forks', title: 'Processes started', collector: 'stat',
            lines: [{ label: 'forks', colour: 's1', of: series('node_forks_total'), area: true }],
            measure: perSecond,
        },
    ],
};
