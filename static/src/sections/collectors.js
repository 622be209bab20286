import { info } from '../state.js';

/** @type {import('./types.js').Section} */
export const collectors = {
    id: 'collectors', title: 'Collectors', group: 'tacho',
    say() {
        const all = info.value?.collectors ?? [];
        const count = (wanted) => all.filter(({ state }) => state === wanted).length;
        const failing = count('failing');
        return { text: String(count('running') || ''), state: failing ? 'warn' : '',
                 spoken: `${failing} failing` };
    },
    cards: [],
    collectors: true,
};
