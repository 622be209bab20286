import { useComputed } from '@preact/signals';
import { absence, isKnown } from './absence.js';
import { useBox } from './box.js';
import { clockOf, percent } from './format.js';
import { usePast } from './past.js';
import { peak, unknown } from './quantity.js';
import { Sparkline } from './sparkline.js';
import { frame, live, store } from './state.js';
import { asOf, picture, then } from './view.js';

const share = (ratio) => `${Math.min(1, Math.max(0, ratio)) * 100}%`;

/** The range's highest value, looked for once a tick whatever the pointer does. */
function usePeak(quantity) {
    return useComputed(() => {
        const { of, ...range } = picture.value;
        return peak(quantity, of.high, range);
    }).value;
}

/** The value on its scale, with a mark at the highest of the range. */
function Scale({ tile }) {
    const scale = tile.scale ?? unknown;
    const ratio = then(scale);
    const highest = usePeak(scale);
    const value = then(tile.value);
    const highestValue = usePeak(tile.value);
    // Without a natural end the scale is the range's own: no red line, the mark at its end.
    const plain = !tile.scale || (highest !== highest && highestValue > 0);
    const at = !plain ? ratio : highestValue > 0 ? value / highestValue : value;
    const end = !plain ? highest : highestValue > 0 ? 1 : NaN;
    const spoken = at === at ? plain ? `${percent(at)} % of the highest`
        : `${percent(at)} %, highest ${percent(end)} %` : 'unknown';
    return (
        <div class={plain ? 'scale plain' : 'scale'} role="img" data-value={at} data-peak={end}
            aria-label={`${tile.scaleLabel} ${spoken}`}>
            {at === at && <i style={{ width: share(at) }} />}
            {end === end && <b style={{ left: share(end) }} />}
        </div>
    );
}

function when() {
    if (asOf.value !== null)
        return `at ${clockOf(asOf.value)}`;
    return !live.value && store.time_ms > 0 ? `at ${clockOf(store.time_ms)}` : '';
}

/**
 * One headline number with its scale, its parts and its past.
 * @param {{tile: import('./sections/types.js').Tile}} props
 */
export function Tile({ tile }) {
    const { ref, box } = useBox();
    usePast(() => [tile.value, tile.scale ?? unknown, ...Object.values(tile.parts)],
            box.value !== null);
    frame.value;
    const value = then(tile.value);
    const parts = Object.fromEntries(
        Object.entries(tile.parts).map(([name, quantity]) => [name, then(quantity)]));
    const [text, unit] = tile.show(value, parts);
    const known = value === value;
    const nothing = tile.silent?.() || (isKnown(tile.value) && asOf.value !== null
        ? 'nothing known of this moment' : absence(tile.collector, isKnown(tile.value)));
    const detail = known ? tile.detail(parts) : nothing;
    return (
        <section class={asOf.value === null ? 'card tile' : 'card tile then'}
            data-testid={`tile-${tile.id}`} data-value={value}>
            <h2><span>{tile.title}</span><small>{when()}</small></h2>
            <div class="v">{text}{unit && <small>{unit}</small>}</div>
            <Scale tile={tile} />
            <p class="detail" title={detail}>{detail}</p>
            <Sparkline place={ref} seen={box.value} quantity={tile.value}
                colour={tile.colour} max={tile.sparkMax} />
        </section>
    );
}
