import * as format from '../format.js';
import { smallShare } from '../measure.js';
import { series } from '../quantity.js';
import { highestPressure, pressure as waiting } from './vital.js';

const stalled = (resource) => series(`node_pressure_${resource}_stalled_seconds_total`);

/** @type {import('./types.js').Chart} */
export const pressureSome = {
    id: 'pressure', title: 'Pressure, some wait', collector: 'pressure',
    lines: [
        { label: 'cpu', colour: 's1', of: waiting('cpu') },
        { label: 'memory', colour: 's4', of: waiting('memory') },
        { label: 'io', colour: 's3', of: waiting('io') },
    ],
    measure: smallShare,
};

/** @type {import('./types.js').Section} */
export const pressure = {
    id: 'pressure', title: 'Pressure', group: 'System',
    badge: { of: highestPressure, text: (ratio) => format.percent(ratio, 1) },
    cards: [
        pressureSome,
        {
            id: 'stalled', title: 'Pressure, all wait', collector: 'pressure',
            lines: [
                { label: 'memory', colour: 's4', of: stalled('memory') },
                { label: 'io', colour: 's3', of: stalled('io') },
            ],
            measure: smallShare,
        },
    ],
};
