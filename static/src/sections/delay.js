// How long what is due on an event loop waits: of tachod's loops and of applications' alike.

import { seconds } from '../measure.js';

/**
 * @param {string} id
 * @param {string} who
 * @param {{lines: import('./types.js').Line[] | function(import('../store.js').Store):
 *     import('./types.js').Line[]}} lines
 * @returns {import('./types.js').Chart}
 */
export function delayChart(id, who, lines) {
    return { id, title: `${who} · event-loop delay`, collector: '', ...lines, measure: seconds };
}
