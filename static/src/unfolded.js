// Which sections show their whole list; the others show its first few members.

import { signal } from '@preact/signals';

const unfolded = signal(new Set());

/** @param {string} id of a section */
export function isUnfolded(id) {
    return unfolded.value.has(id);
}

/** @param {string} id of a section */
export function unfold(id) {
    unfolded.value = new Set(unfolded.value).add(id);
}
