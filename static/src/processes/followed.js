// The process that is followed, with all that is known of it, above the table.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { clockOf, stamp } from '../format.js';
import { store } from '../state.js';
import { answer } from './asking.js';
import { follow, followed } from './choice.js';
import { lineOf } from './following.js';
import { bytes, commandOf, cpu, rate, stateName, visible } from './words.js';

const WIDTH = 300;
const HEIGHT = 34;

function Line({ samples }) {
    if (samples.length < 2)
        return <p>its CPU is drawn from now on</p>;
    const most = Math.max(...samples.map(([, cores]) => cores ?? 0));
    const words = `CPU since ${clockOf(samples[0][0])}, at most ${cpu(most)}`;
    return (
        <figure>
            <svg viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} preserveAspectRatio="none" role="img"
                aria-label={words}>
                <path d={lineOf(samples, store.interval_ms, WIDTH, HEIGHT)} />
            </svg>
            <figcaption aria-hidden="true">{words}</figcaption>
        </figure>
    );
}

function Parents({ of }) {
    return of.map((row, i) => (
        <>
            {i > 0 && ' ‹ '}
            <button key={row.pid} type="button" onClick={() => follow(row)}>
                <bdi>{visible(row.name)}</bdi> {row.pid}
            </button>
        </>
    ));
}

/** Where it is, if not here now. */
function absent({ there, ended_ms }) {
    const { past, list } = answer.value ?? {};
    if (past)
        return there ? '' : list.complete ? 'was not there then'
            : 'not among those kept of that moment';
    return ended_ms === null ? '' : `ended by ${clockOf(ended_ms)}`;
}

function close() {
    followed.value = null;
}

function onKeyDown(event) {
    if (event.key !== 'Escape')
        return;
    event.preventDefault();
    close();
}

export function FollowedCard() {
    const who = followed.value;
    const card = useRef(null);
    useLayoutEffect(() => {
        card.current.scrollIntoView({ block: 'nearest' });
    }, [who.pid, who.start_time_ms]);
    const { last, parents } = who;
    const facts = {
        User: last.user, State: stateName(last.state), Started: stamp(last.start_time_ms),
        CPU: cpu(last.cpu_cores), Memory: bytes(last.rss_bytes),
        Shared: bytes(last.shared_bytes),
        Read: rate(last.read_bytes_per_second), Write: rate(last.write_bytes_per_second),
        Threads: last.threads,
    };
    const missing = absent(who);
    return (
        <section class={missing ? 'card who gone' : 'card who'} ref={card} onKeyDown={onKeyDown}
            aria-label="Followed process" data-testid="followed">
            <h2>
                <span><bdi>{visible(last.name)}</bdi>{` · ${last.pid}`}</span>
                <small role="status">{missing}</small>
                <button type="button" aria-label="Stop following" title="Stop following"
                    onClick={close}>×</button>
            </h2>
            <p class="full"><bdi>{commandOf(last)}</bdi></p>
            <dl>
                {Object.entries(facts).map(([name, value]) =>
                    <div key={name}><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>)}
                {parents.length > 0 &&
                    <div><dt>Parents</dt><dd><Parents of={parents} /></dd></div>}
            </dl>
            <Line samples={who.cpu} />
        </section>
    );
}
