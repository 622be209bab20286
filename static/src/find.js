// Find a chart by its name, or by that of a line or metric in it; or processes by theirs.

import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { look } from './processes/choice.js';
import { cardsOf, sections } from './sections/index.js';
import { store } from './state.js';
import { isUnfolded, unfold } from './unfolded.js';
import { open } from './view.js';

const SHOWN_MOST = 12;

const isOpen = signal(false);
const wanted = signal('');

export function openFind() {
    wanted.value = '';
    isOpen.value = true;
}

/** The names in a card, and the series that it is made of. */
function wordsIn({ lines = [], meters, heat }) {
    const drawn = typeof lines === 'function' ? lines(store) : lines;
    const bars = meters ? meters(store) : [];
    const strips = heat ? heat.members(store).map(heat.of) : [];
    const quantities = [...drawn.map(({ of }) => of), ...strips,
        ...bars.flatMap(({ of, whole, stuckSince }) => [of, whole, stuckSince])];
    return [...[...drawn, ...bars].map(({ label }) => label),
        ...new Set(quantities.flatMap(({ selectors }) => selectors))];
}

/** Everything there is to find, with the words that find it. */
function places() {
    return sections.value.flatMap((section) => [
        { key: section.id, section: section.id, title: section.title, words: section.title },
        ...cardsOf(section).map((card) => ({
            key: `${section.id} ${card.id}`, section: section.id, card: card.id,
            title: `${section.title} · ${card.title}`,
            words: [section.title, card.title, ...wordsIn(card)].join(' '),
        })),
    ]);
}

function matches(words) {
    const text = words.toLowerCase();
    return wanted.value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** Scrolls to a card, once its section is drawn; unfolds the list that it is hidden in. */
function reveal(section, card) {
    requestAnimationFrame(() => {
        const drawn = document.querySelector(`[data-testid="chart-${CSS.escape(card)}"]`);
        drawn?.scrollIntoView({ block: 'center' });
        if (!drawn && !isUnfolded(section)) {
            unfold(section);
            reveal(section, card);
        }
    });
}

function go({ section, card, filter }) {
    isOpen.value = false;
    if (filter)
        look(filter);
    open(section);
    if (card)
        reveal(section, card);
}

function Results({ found }) {
    return (
        <ul>
            {found.map((place) => (
                <li key={place.key}>
                    <button type="button" onClick={() => go(place)}>{place.title}</button>
                </li>))}
        </ul>
    );
}

/** What to offer: which processes there are is asked for when they are wanted. */
function offers() {
    const filter = wanted.value.trim();
    const found = places().filter(({ words }) => matches(words)).slice(0, SHOWN_MOST);
    return filter ? [...found, { key: '', section: 'processes', filter,
                                 title: `Processes matching “${filter}”` }] : found;
}

export function Find() {
    const dialog = useRef(null);
    useLayoutEffect(() => {
        if (isOpen.value)
            dialog.current.showModal();
        else
            dialog.current.close();
    }, [isOpen.value]);
    const found = isOpen.value ? offers() : [];
    const onSubmit = (event) => {
        event.preventDefault();
        if (found.length > 0)
            go(found[0]);
    };
    return (
        <dialog class="find" ref={dialog} aria-label="Find" onClose={() => { isOpen.value = false; }}
            onClick={(event) => event.target === dialog.current && dialog.current.close()}>
            <form onSubmit={onSubmit}>
                <input type="search" aria-label="Find a metric or process"
                    placeholder="Find a metric or process"
                    value={wanted.value} autocomplete="off" spellcheck={false}
                    onInput={(event) => { wanted.value = event.currentTarget.value; }} />
            </form>
            {isOpen.value && <Results found={found} />}
        </dialog>
    );
}

addEventListener('keydown', (event) => {
    const typing = event.target instanceof Element && event.target.matches('input, textarea');
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey)
        return;
    event.preventDefault();
    openFind();
});
