import { clock, percent } from './format.js';
import { peak } from './quantity.js';
import { Sparkline } from './sparkline.js';
import { connection, live, now, store } from './state.js';

const part = (ratio) => `${Math.min(1, Math.max(0, ratio)) * 100}%`;

function Scale({ quantity, label }) {
    const value = now(quantity);
    const highest = peak(quantity, store);
    const known = value === value;
    const spoken = known ? `${percent(value)} %, highest ${percent(highest)} %` : 'unknown';
    return (
        <div class="scale" role="img" data-value={value} data-peak={highest}
            aria-label={`${label} ${spoken}`}>
            {known && <i style={{ width: part(value) }} />}
            {highest === highest && <b style={{ left: part(highest) }} />}
        </div>
    );
}

/** Why a tile has no value, in words. */
function absence(tile) {
    if (connection.value.phase === 'connecting' && !store.epoch)
        return 'waiting for the daemon';
    const present = tile.value.names.every((name) => store.find(name, {}).length > 0);
    return present ? 'no value yet' : 'not on this machine';
}

/**
 * One headline number with its scale, its parts and its past.
 * @param {{tile: import('./overview.js').Tile}} props
 */
export function Tile({ tile }) {
    const value = now(tile.value);
    const known = value === value;
    const [text, unit] = tile.show(value);
    const parts = Object.fromEntries(
        Object.entries(tile.parts).map(([name, quantity]) => [name, now(quantity)]));
    const detail = known ? tile.detail(parts) : absence(tile);
    return (
        <section class="card tile" data-testid={`tile-${tile.id}`} data-value={value}>
            <h2>
                {tile.title}
                {!live.value && store.time_ms > 0 && <small>{`at ${clock(store.time_ms)}`}</small>}
            </h2>
            <div class="v">{text}{unit && <small>{unit}</small>}</div>
            <Scale quantity={tile.scale} label={tile.scaleLabel} />
            <p class="detail" title={detail}>{detail}</p>
            <Sparkline quantity={tile.spark} colour={tile.colour} max={tile.sparkMax} />
        </section>
    );
}
