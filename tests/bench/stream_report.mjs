// How the figures of a stream are said, and the budgets beside them.

/** Rounded up: of few values, 99 of 100 is the greatest. */
export function quantiles(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (share) => sorted[Math.ceil(share * (sorted.length - 1))] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

export const median = (values) => quantiles(values).p50;

export const delays = ({ p50, p99, max }) =>
    `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms`;

/** A figure beside its budget; one that is over it fails the run. */
export function judge(what, value, most, unit, digits = 1) {
    const isOk = value <= most;

    console.log(`  ${isOk ? 'ok  ' : 'OVER'} ${what}: ${value.toFixed(digits)} ${unit}, at most ${most} ${unit}`);
    if (!isOk)
        process.exitCode = 1;
}

/** How many events more or fewer than one of each tick the clients got. */
export function lostOf({ ticks, missed, repeated, events_a_client: { min, max } }) {
    return missed + repeated + (ticks - min) + (max - ticks);
}

/** A turn of a server in one line. */
export function describe(name, seen, cost) {
    const { events, events_a_client: each, missed, repeated, ticks } = seen;
    const counts = lostOf(seen) ?
        `min ${each.min}, median ${each.median}, max ${each.max} of ${ticks} ticks: ${missed} missed, ${repeated} twice` :
        `every client got each of ${ticks} ticks once`;
    const packed = seen.packed ? `, ${(seen.packed / events).toFixed(0)} packed` : '';

    console.log(`  ${name} ${cost.toFixed(2)} us an event (${(seen.cpu_us / events).toFixed(2)} with all else), ` +
        `${(seen.bytes / events).toFixed(0)} bytes${packed}, tick to receipt ${delays(seen.delay_ms)} ` +
        `(the load's longest turn ${seen.turn_ms.max.toFixed(1)} ms); ${counts}`);
}

/**
 * What a server keeps for a client; the kernel's part, of both ends, only of the first server: it
 * gives the sockets of one load back while the next begins.
 */
export function describeMemory(name, { own, buffers, slabs }, clients, isFirst) {
    const each = (bytes) => Math.round(bytes / clients);
    const kernel = isFirst ? `; the kernel, for both ends: ${each(slabs)} in slabs, ` +
        `${each(buffers)} in TCP's buffers` : '';

    console.log(`  ${name} ${each(own)} bytes of its own a client${kernel}`);
}
