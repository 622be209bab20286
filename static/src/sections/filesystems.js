import * as format from '../format.js';
import { share } from '../measure.js';
import { labelValues, series } from '../quantity.js';
import { remembered } from '../remembered.js';
import { linesOf } from './types.js';
import { filesystemRatio } from './vital.js';

const USED = 'tacho_filesystem_used_ratio';
const INODES = 'tacho_filesystem_inodes_used_ratio';
const STUCK = 'tacho_filesystem_stuck_since_timestamp_seconds';
const SIZE = 'node_filesystem_size_bytes';

const withRatio = labelValues(USED, 'mountpoint');
const stuck = labelValues(STUCK, 'mountpoint');

/** Those that are stuck stay listed, first, though they have no numbers. */
function mountpoints(store) {
    const bad = stuck(store);
    return [...bad, ...withRatio(store).filter((mountpoint) => !bad.includes(mountpoint))];
}

const meter = remembered((mountpoint) => {
    const of = (name) => series(name, { mountpoint });
    return { label: mountpoint, of: of(USED), whole: of(SIZE), stuckSince: of(STUCK) };
});

/** @type {import('./types.js').Meters} */
export const filesystemUse = {
    id: 'filesystems', title: 'Filesystems', collector: 'filesystem',
    meters: (store) => mountpoints(store).map(meter),
    limits: [0.9, 0.97],
};

/** @type {import('./types.js').Section} */
export const filesystems = {
    id: 'filesystems', title: 'Filesystems', group: 'System',
    badge: { of: filesystemRatio, text: (ratio) => `${format.percent(ratio)}%` },
    limits: filesystemUse.limits,
    selectors: [USED, INODES, STUCK, SIZE],
    cards: [
        filesystemUse,
        {
            id: 'filesystem-used', title: 'Space used', collector: 'filesystem',
            ...linesOf({ members: withRatio,
                             of: (mountpoint) => series(USED, { mountpoint }) }),
            measure: share,
        },
        {
            id: 'filesystem-inodes', title: 'Inodes used', collector: 'filesystem',
            ...linesOf({ members: labelValues(INODES, 'mountpoint'),
                             of: (mountpoint) => series(INODES, { mountpoint }) }),
            measure: share,
        },
    ],
};
