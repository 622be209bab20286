import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { openFind } from './find.js';
import { sections } from './sections/index.js';
import { now } from './state.js';
import { href, open, section } from './view.js';

/** On a phone the navigation is a sheet that the bottom bar opens. */
const sheet = signal(false);

function stateOf(value, limits) {
    if (!limits || !(value >= limits[0]))
        return '';
    return value >= limits[1] ? 'bad' : 'warn';
}

/** What the badge of a section says, if it has none of its own words. */
function said({ badge, limits }) {
    const value = badge ? now(badge.of) : NaN;
    const state = stateOf(value, limits);
    return { text: value === value ? badge.text(value) : '', state,
             spoken: state === 'bad' ? 'critical' : 'high' };
}

/** The present value beside a section's name, with its state. */
function Badge({ entry }) {
    const { text, state, spoken } = entry.say?.() ?? said(entry);
    return (
        <>
            <i class={state} aria-hidden="true" />
            <small>{text}</small>
            {state && <span class="spoken">{spoken}</span>}
        </>
    );
}

function go(event, id) {
    if (event.ctrlKey || event.metaKey || event.shiftKey)
        return;
    event.preventDefault();
    sheet.value = false;
    open(id);
}

function Link({ entry }) {
    const { id, title } = entry;
    return (
        <a href={href(id)} aria-current={section.value === id ? 'page' : undefined}
            data-section={id} onClick={(event) => go(event, id)}>
            <span title={entry.say && title}>{title}</span>
            <Badge entry={entry} />
        </a>
    );
}

/** Sections in their groups; always of the present. */
export function Nav() {
    const groups = [...new Set(sections.value.map(({ group }) => group))];
    return (
        <nav class={sheet.value ? 'nav sheet' : 'nav'} aria-label="Sections">
            {groups.map((group) => (
                <div key={group} role="group" aria-label={group ?? 'Start'}>
                    {group && <p aria-hidden="true">{group}</p>}
                    {sections.value.filter((entry) => entry.group === group)
                        .map((entry) => <Link key={entry.id} entry={entry} />)}
                </div>))}
        </nav>
    );
}

/** Escape closes the sheet before it does anything else. */
function useEscape(button) {
    useEffect(() => {
        const onKeyDown = (event) => {
            if (event.key !== 'Escape' || !sheet.peek())
                return;
            event.preventDefault();
            sheet.value = false;
            button.current.focus();
        };
        addEventListener('keydown', onKeyDown, true);
        return () => removeEventListener('keydown', onKeyDown, true);
    }, []);
}

/** The bar of a phone. */
export function BottomBar() {
    const button = useRef(null);
    useEscape(button);
    const isAt = (id) => section.value === id && !sheet.value ? 'page' : undefined;
    return (
        <div class="bottom" role="navigation" aria-label="Bar">
            <button type="button" aria-current={isAt('overview')}
                onClick={(event) => go(event, 'overview')}>Overview</button>
            <button type="button" aria-expanded={sheet.value} ref={button}
                onClick={() => { sheet.value = !sheet.value; }}>Sections</button>
            <button type="button" onClick={(event) => go(event, 'processes')}
                aria-current={isAt('processes')}>Processes</button>
            <button type="button" onClick={() => { sheet.value = false; openFind(); }}>Find</button>
        </div>
    );
}
