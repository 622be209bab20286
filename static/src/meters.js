// A card of bars: how full each of several things is.

import { absence, stuckSince } from './absence.js';
import { useBox } from './box.js';
import { percent, size } from './format.js';
import { usePast } from './past.js';
import { frame, store } from './state.js';
import { asOf, then } from './view.js';

/** Further ones are in the section's charts. */
const SHOWN_MOST = 8;

function stateOf(ratio, [warn, bad]) {
    return ratio >= bad ? 'bad' : ratio >= warn ? 'warn' : '';
}

function Meter({ meter, limits }) {
    const ratio = then(meter.of);
    const since = then(meter.stuckSince);
    const whole = then(meter.whole);
    const isStuck = since > 0;
    const known = ratio === ratio;
    const text = isStuck ? stuckSince(since) : known
        ? `${percent(ratio, 1)} % of ${size(whole)}` : 'no value';
    const state = isStuck ? 'bad' : stateOf(ratio, limits);
    return (
        <li data-meter={meter.label} data-value={ratio} data-stuck={isStuck} class={state}>
            <span class="name" title={meter.label}>{meter.label}</span>
            <span class="text">{text}</span>
            <span class="bar" aria-hidden="true">
                {known && <i style={{ width: `${Math.min(1, ratio) * 100}%` }} />}
            </span>
        </li>
    );
}

/** @param {{card: import('./sections/types.js').Meters, most?: number}} props */
export function MetersCard({ card, most = SHOWN_MOST }) {
    const { ref, box } = useBox();
    frame.value;
    const all = card.meters(store);
    const shown = all.slice(0, most);
    usePast(() => shown.flatMap(({ of, whole, stuckSince: since }) => [of, whole, since]),
            box.value !== null);
    return (
        <section class="card meters" ref={ref} data-testid={`chart-${card.id}`}>
            <h2>
                <span>{card.title}</span>
                <small>{all.length > most ? `${most} of ${all.length}` : 'used'}</small>
            </h2>
            {all.length === 0 && <p class="absent">{absence(card.collector)}</p>}
            <ul class={asOf.value === null ? '' : 'then'}>
                {shown.map((meter) =>
                    <Meter key={meter.label} meter={meter} limits={card.limits} />)}
            </ul>
        </section>
    );
}
