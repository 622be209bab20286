// All sections, in the order of the navigation.

import { cpu } from './cpu.js';
import { daemon } from './daemon.js';
import { disks } from './disks.js';
import { filesystems } from './filesystems.js';
import { memory } from './memory.js';
import { network } from './network.js';
import { overview } from './overview.js';
import { pressure } from './pressure.js';
import { sockets } from './sockets.js';
import { dropped, linkRatio, loopDelay, tension } from './vital.js';

/** @type {import('./types.js').Section[]} */
export const sections = [overview, cpu, memory, pressure, disks, filesystems, network, sockets,
    daemon];

function quantitiesOf({ badge, tiles = [], cards }) {
    return [
        ...badge ? [badge.of] : [],
        ...tiles.flatMap(({ value, scale, parts }) =>
            [value, ...scale ? [scale] : [], ...Object.values(parts)]),
        ...cards.flatMap(({ lines, whole }) =>
            [...Array.isArray(lines) ? lines.map((line) => line.of) : [],
             ...whole ? [whole] : []]),
    ];
}

/**
 * All cards of a section, those of its members among them.
 * @param {import('./types.js').Section} section
 * @param {import('../store.js').Store} store
 * @returns {(import('./types.js').Chart | import('./types.js').Meters)[]}
 */
export function cardsOf({ cards, each }, store) {
    return [...cards, ...each ? each.members(store).flatMap(each.cards) : []];
}

/**
 * The series that the page needs.
 * @returns {string[]} selectors, sorted, each once
 */
export function allSelectors() {
    const quantities = [dropped, linkRatio, loopDelay, tension, ...sections.flatMap(quantitiesOf)];
    return [...new Set([
        ...quantities.flatMap((quantity) => quantity.selectors),
        ...sections.flatMap((section) => section.selectors ?? []),
    ])].sort();
}
