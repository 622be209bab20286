// The table of processes: of now, or of the moment that is looked at.

import { Component } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { absence, isSilent } from '../absence.js';
import { useBox } from '../box.js';
import { clockOf } from '../format.js';
import { href, open } from '../view.js';
import { answer, failure, table } from './asking.js';
import { filter, follow, followed, look, mode, sort } from './choice.js';
import { FollowedCard } from './followed.js';
import { heat, inPlace, keyOf, matches, sorted, tree } from './order.js';
import { bytes, commandOf, cpu, heading, notes, rate, SORT_NAMES, trouble } from './words.js';

/** More rows than these cost too much to draw each second. */
const DRAWN_MOST = 300;
/** Longer command lines are whole where the process is followed. */
const COMMAND_MOST = 300;
const DEPTH_MOST = 12;
/** While rows keep their places there is room for a few new ones. */
const SPARE = 1.25;
/** Who neither moves nor types for so long does not point at a row any more. */
const REST_MS = 30000;

const MODES = { list: 'List', tree: 'Tree', command: 'By command' };

/** by: what it is sorted by; bar: what its bar is of. */
const VALUES = [
    { id: 'cpu', title: 'CPU', by: 'cpu', bar: 'cpu_cores', text: cpu },
    { id: 'memory', title: 'Memory', by: 'memory', bar: 'rss_bytes', text: bytes },
    { id: 'read', title: 'Read', by: 'io', bar: 'read_bytes_per_second', text: rate },
    { id: 'write', title: 'Write', by: 'io', bar: 'write_bytes_per_second', text: rate },
];
const NAMES = { list: [['pid', 'PID'], ['user', 'User']], command: [['pid', 'Processes']] };

function columnsOf(kind) {
    return [...NAMES[kind].map(([id, title]) => ({ id, title })), ...VALUES,
        { id: 'threads', title: 'Threads' }, { id: 'command', title: 'Command' }];
}
const COLUMNS = { list: columnsOf('list'), command: columnsOf('command') };

function onRow(row) {
    if (row.pid === undefined)
        look(row.name);
    else
        follow(row);
}

/** Drawn anew only when something of it is another. */
class Row extends Component {
    shouldComponentUpdate({ mark }) {
        return mark !== this.props.mark;
    }

    render({ row, cells, bars, command, depth, state }) {
        // A second click is of whom the first one has moved the table away from.
        return (
            <tr class={state} onClick={(event) => event.detail < 2 && onRow(row)}
                data-key={keyOf(row)}>
                {cells.map(([id, text]) => <td key={id} class={id}><bdi>{text}</bdi></td>)}
                {VALUES.map(({ id, bar, text }, i) => (
                    <td key={id} class={`bar ${id}`} style={{ '--w': bars[i] }}>
                        {text(row[bar])}
                    </td>))}
                <td class="threads">{row.threads}</td>
                <td class="command" title={command} style={{ '--depth': depth }}>
                    <button type="button"><bdi>{command}</bdi></button>
                </td>
            </tr>
        );
    }
}

function rowOf({ row, depth, gone }, scale) {
    const cells = row.pid === undefined ? [['pid', row.processes]]
        : [['pid', row.pid], ['user', row.user]];
    const bars = VALUES.map(({ bar }) => Number(scale(row, bar).toFixed(2)));
    const command = commandOf(row).slice(0, COMMAND_MOST);
    const who = followed.value;
    const state = gone ? 'gone' : who && keyOf(who) === keyOf(row) ? 'followed' : '';
    const props = { row, cells, bars, command, state, depth: Math.min(depth, DEPTH_MOST) };
    return <Row key={keyOf(row)} {...props} mark={JSON.stringify(props)} />;
}

function Head({ columns }) {
    return (
        <thead>
            <tr>{columns.map(({ id, title, by }) => (
                // One column says that it sorts, though reading and writing do together.
                <th key={id} scope="col" class={by === sort.value ? `${id} sorts` : id}
                    aria-sort={by === sort.value && id !== 'write' ? 'descending' : undefined}>
                    {by ? <button type="button" title={`Sort by ${SORT_NAMES[by]}`}
                        onClick={() => { sort.value = by; }}>{title}</button> : title}
                </th>))}
            </tr>
        </thead>
    );
}

/** Whether somebody is about to point at a row. */
function useHand() {
    const hand = useRef({ over: false, focus: false, at_ms: 0 }).current;
    const note = (what) => () => Object.assign(hand, what, { at_ms: performance.now() });
    const isHeld = () => (hand.over || hand.focus) && performance.now() - hand.at_ms < REST_MS;
    return [isHeld, {
        onPointerMove: note({ over: true }), onPointerLeave: note({ over: false }),
        onFocusIn: note({ focus: true }), onFocusOut: note({ focus: false }),
        onKeyDown: note({}),
    }];
}

/** What there is to show of a list, in the order of the choice. */
function entriesOf(list, { brief, words }) {
    const rows = list.commands ?? list.processes;
    const isWanted = (row) => !words || matches(row, words);
    if (list.processes && !brief && mode.value === 'tree')
        return tree(rows, sort.value, isWanted);
    return sorted(rows.filter(isWanted), sort.value).map((row) => ({ row, depth: 0 }));
}

function Rows({ shown, brief, most }) {
    const before = useRef({ key: '', entries: [] });
    const [isHeld, hand] = useHand();
    const { list, past } = shown;
    const words = brief ? '' : filter.value.trim();
    const isTree = !brief && mode.value === 'tree';
    const isSearch = words || isTree;
    const all = entriesOf(list, { brief, words });
    const drawn = all.slice(0, isSearch ? DRAWN_MOST : most);
    const kind = list.commands ? 'command' : 'list';
    const key = [kind, isTree, sort.value, words, past && list.time_ms].join();
    const entries = isHeld() && before.current.key === key
        ? inPlace(before.current.entries, drawn, drawn.length * SPARE) : drawn;
    useLayoutEffect(() => {
        before.current = { key, entries };
    });
    const scale = heat(entries);
    const hidden = isSearch ? all.length - drawn.length : 0;
    return (
        <div class="card">
            <table class={kind} aria-label="Processes">
                <Head columns={COLUMNS[kind]} />
                <tbody {...hand}>{entries.map((entry) => rowOf(entry, scale))}</tbody>
            </table>
            {all.length === 0 && <p>{words ? 'nothing of that name' : 'none'}</p>}
            {notes(list, hidden, isSearch && sort.value).map((text) => <p key={text}>{text}</p>)}
        </div>
    );
}

function Controls() {
    return (
        <div class="controls">
            <input type="search" aria-label="Filter processes" value={filter.value}
                placeholder="Filter by command, user or pid" autocomplete="off"
                spellcheck={false} onInput={(event) => { filter.value = event.currentTarget.value; }} />
            <div class="seg" role="group" aria-label="Arrangement">
                {Object.entries(MODES).map(([id, title]) => (
                    <button key={id} type="button" aria-pressed={mode.value === id}
                        onClick={() => { mode.value = id; }}>{title}</button>))}
            </div>
        </div>
    );
}

/** What the table is of, and when that was. */
function Title({ shown, brief }) {
    const { list, past } = shown ?? {};
    const words = brief ? '' : filter.value.trim();
    const how = list && { sort: sort.value, filter: words, mode: brief ? 'list' : mode.value,
        found: words && (list.commands ?? list.processes).filter((row) => matches(row, words)).length };
    return (
        <header>
            <h2>Processes</h2>
            <p>{past && <><b>{`at ${clockOf(list.time_ms)}`}</b> · </>}
                {list && heading(list, how)}</p>
            {brief && <a href={href('processes')} onClick={onAll}>all processes</a>}
        </header>
    );
}

function onAll(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey)
        return;
    event.preventDefault();
    open('processes');
}

/** Why there is nothing to show, if so; words of one moment never stand beside rows of another. */
function reason() {
    if (isSilent('processes'))
        return absence('processes');
    const { status } = failure.value ?? {};
    if (status || (failure.value && !answer.value))
        return trouble(failure.value);
    return answer.value ? '' : 'waiting for the daemon';
}

/**
 * @param {{most: number, brief?: boolean}} props most: rows, where neither filter nor tree need
 *     more; brief: without these
 */
export function Processes({ most, brief = false }) {
    const { ref, box } = useBox();
    const isSeen = box.value !== null;
    useLayoutEffect(() => {
        if (!isSeen)
            return undefined;
        table.value = { most, brief };
        return () => { table.value = null; };
    }, [isSeen, most, brief]);
    const missing = reason();
    const shown = missing ? null : answer.value;
    return (
        <div class={shown?.past ? 'listing processes then' : 'listing processes'} ref={ref}
            data-testid="processes" data-time={shown?.list.time_ms}>
            <Title shown={shown} brief={brief} />
            {!brief && <Controls />}
            {followed.value && <FollowedCard />}
            {shown ? <Rows shown={shown} brief={brief} most={most} />
                : <p class="card absent">{missing}</p>}
        </div>
    );
}
